"""The account on board: it counts, charges by the kilowatt-hour and switches the supply."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from .calendar import Stage, friendly, period_start, stage_at, stages
from .clock import midnight_after, wall
from .contactor import Contactor
from .purse import Purse
from .registers import WH_PER_KWH, Registers
from .settings import Mode, Rules, Tariff

INSTALMENT_EVERY: Final = timedelta(days=7) / 100
"""1.68 hours."""


class Account:
    """Moved by ``advance`` and the customer; all instants are UTC and never go back."""

    def __init__(
        self, rules: Rules, tariff: Tariff, now: datetime, *, registers: Registers | None = None
    ) -> None:
        """Commission the meter at ``now``: the first instalments fall due 1.68 hours later."""
        self.rules = rules
        self.tariff = tariff
        self.registers = registers or Registers()
        self.purse = Purse(lambda: self.rules)
        self.contactor = Contactor()
        self.now = now
        self._future: tuple[date, Tariff] | None = None
        self._instalment_due = now + INSTALMENT_EVERY
        self._midnight = now
        self._table: Sequence[Stage] = ()
        self._period_from: date | None = None
        self._usage_from_wh = 0
        self._begin_day(now)

    @property
    def stage(self) -> Stage:
        """Rate and relay that hold now."""
        return stage_at(self._table, wall(self.rules.summer_time, self.now))

    @property
    def block(self) -> int:
        """The block that the next Wh falls into, 1 to 4."""
        return self._block(self._usage_wh() + 1)

    @property
    def price(self) -> Decimal:
        """Pounds per kWh at this instant."""
        return self.tariff.prices[self.stage.rate - 1][self.block - 1]

    @property
    def limiting_w(self) -> float | None:
        """The load limit that is in force now, section 4.7."""
        limit_w, mode = self.rules.load_limit_w, self.rules.mode
        if limit_w is None or (mode is not Mode.CREDIT and self._in_credit):
            return None
        return limit_w

    def advance(self, now: datetime, used_wh: int = 0, given_wh: int = 0) -> None:
        """Do what falls due up to ``now`` and count what has flowed since the call before."""
        while (due := min(self._midnight, self._instalment_due)) <= now:
            self.now = due
            if due == self._instalment_due:
                self._instalment_due += INSTALMENT_EVERY
                self.purse.collect_standing_charge(self.tariff.standing_charge_per_week)
                self.purse.collect_debt()
            else:
                self._begin_day(due)
        self.now = now
        self.registers.export_wh += given_wh
        if used_wh:
            self._use(used_wh)
        self._switch_supply()

    def sleep(self, now: datetime) -> None:
        """Let time pass without power: instalments of that time are not collected."""
        while self._instalment_due <= now:
            self._instalment_due += INSTALMENT_EVERY
        self.advance(now)

    def measure(self, power_w: float, dt_s: float) -> None:
        """Hold the load of the last ``dt_s`` seconds against the load limit."""
        self.contactor.wait(dt_s)
        limit_w = self.limiting_w
        if limit_w is not None:
            self.contactor.limit(power_w, limit_w, dt_s, self.rules.load_limit_patience_s)
        self._switch_supply()

    def pay(self, amount: Decimal) -> bool:
        """Take a payment; return False where the meter ignores or refuses it."""
        taken = self.purse.pay(self.now, amount)
        self._switch_supply()
        return taken

    def adjust(self, amount: Decimal) -> None:
        """Carry out a credit adjust command."""
        self.purse.adjust(amount)
        self._switch_supply()

    def press(self) -> None:
        """Press the orange button: for the supply if that is offered, else for emergency credit."""
        if self.contactor.message_off or self.contactor.press():
            return
        if self.purse.emergency_available:
            self.purse.take_emergency_credit()
            self._switch_supply()
            self.contactor.press()

    def command_supply(self, *, on: bool) -> None:
        """Open the contactor, or let the customer close it, sections 6.2 and 6.3."""
        self.contactor.commanded_off = not on
        self._switch_supply()

    def plan(self, day: date, tariff: Tariff) -> None:
        """Hold a tariff that takes over at 00:00 of ``day``, section 7.6."""
        self._future = (day, tariff)

    def set_debt(self, total: Decimal, per_week: Decimal) -> None:
        """Set what is to be recovered and how fast, section 8.10."""
        self.purse.total_debt = total
        self.rules = replace(self.rules, debt_per_week=per_week)

    def set_load_limit(self, limit_w: float | None) -> None:
        """Set the load limit; None ends limiting."""
        self.rules = replace(self.rules, load_limit_w=limit_w)
        self._switch_supply()

    def set_patience(self, patience_s: float) -> None:
        """Set how long the load may be over the limit."""
        self.rules = replace(self.rules, load_limit_patience_s=patience_s)

    @property
    def _in_credit(self) -> bool:
        least = self.rules.payg_disconnects_below if self.rules.mode is Mode.PAYG else 0
        return self.purse.balance >= least

    def _switch_supply(self) -> None:
        """See whether there is a right to power, sections 4.6, 8.2 and 8.6."""
        entitled = self._in_credit
        closed = self.contactor.closed
        if self.rules.mode is Mode.CREDIT or self.rules.load_limit_w is not None:
            entitled = True
        elif not closed and self.rules.mode is Mode.PREPAYMENT:
            # Opened below zero, it is offered again only above it.
            entitled = self.purse.balance > 0
        elif not entitled and closed:
            entitled = friendly(self.rules, wall(self.rules.summer_time, self.now))
        self.contactor.follow(entitled=entitled)

    def _begin_day(self, at: datetime) -> None:
        """Do what belongs to 00:00 of the customer's clock."""
        day = wall(self.rules.summer_time, at).date()
        self._midnight = midnight_after(self.rules.summer_time, at)
        self._table = stages(self.rules, day)
        self.purse.cost_today = Decimal(0)
        if self._future is not None and day >= self._future[0]:
            self.tariff, self._future = self._future[1], None
        if self.rules.period is not None:
            start = period_start(self.rules.period, day)
            if start != self._period_from:
                self._period_from = start
                self._usage_from_wh = self._usage_register_wh()

    def _use(self, used_wh: int) -> None:
        """Count Wh by Wh in effect: every whole kWh of the register is charged when complete."""
        rate = self.stage.rate
        before_wh = self.registers.rates_wh[rate - 1]
        fills_blocks = self.tariff.usage_of in (None, rate)
        usage_wh = self._usage_wh()
        self.registers.rates_wh[rate - 1] = before_wh + used_wh
        complete_wh = (before_wh // WH_PER_KWH + 1) * WH_PER_KWH
        while complete_wh <= before_wh + used_wh:
            # Where another register fills the blocks, the active block is that of its next Wh.
            at_wh = usage_wh + (complete_wh - before_wh if fills_blocks else 1)
            self.purse.charge(self.tariff.prices[rate - 1][self._block(at_wh) - 1])
            complete_wh += WH_PER_KWH

    def _usage_register_wh(self) -> int:
        rate = self.tariff.usage_of
        return self.registers.total_wh if rate is None else self.registers.rates_wh[rate - 1]

    def _usage_wh(self) -> int:
        """Return the billing period usage."""
        return self._usage_register_wh() - self._usage_from_wh

    def _block(self, usage_wh: int) -> int:
        """Return the block that the last of these Wh lies in."""
        thresholds = (t for t in self.tariff.thresholds_kwh if t is not None)
        return 1 + sum(usage_wh > threshold * WH_PER_KWH for threshold in thresholds)
