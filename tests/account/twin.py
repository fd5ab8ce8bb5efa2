"""The suite's account beside the meter's own: what one is set to, said to the other."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from custom_components.evse_suite.billing import views
from custom_components.evse_suite.billing.events import (
    Button,
    Command,
    Payment,
    Press,
    Reading,
    Readings,
    SetTariff,
)
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Clock,
    Collection,
    Config,
    DaylightSaving,
    EmergencyCredit,
    FriendlyWindow,
    Mode,
    Opening,
    PeriodUnit,
    Season,
    SpecialDay,
    Switch,
    Tariff,
    TariffKind,
    YearlyInstant,
)
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import Account, step
from simulator.devices.e470 import settings as meters
from simulator.devices.e470.account import Account as OnBoard
from simulator.devices.e470.contactor import Supply

MIDNIGHT_MINUTE = 24 * 60
MODES = {
    meters.Mode.CREDIT: Mode.CREDIT,
    meters.Mode.PREPAYMENT: Mode.PREPAYMENT,
    meters.Mode.PAYG: Mode.PAY_AS_YOU_GO,
}


@dataclass
class Twins:
    """A meter with its account and the suite's account that only hears of readings."""

    meter: OnBoard
    has_rates: bool = True
    """Whether the reader sees the rate registers, or only the total."""
    account: Account = field(init=False)
    unread: list[Reading] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules, tariff = self.meter.rules, self.meter.tariff
        opening = Opening(
            at=self.meter.now,
            balance=self.meter.purse.balance,
            debt=self.meter.purse.total_debt,
            debt_per_week=rules.debt_per_week,
        )
        self.account = open_account(config_of(rules), tariff_of(tariff, rules), opening)

    def read(self) -> None:
        """Let the reader see the registers; the suite learns of it with the next batch."""
        registers = self.meter.registers
        one, two, three, four = registers.rates_wh
        rates = (one, two, three, four) if self.has_rates else None
        total_wh = registers.total_wh
        self.unread.append(Reading(at=self.meter.now, total_wh=total_wh, rates_wh=rates))

    def deliver(self) -> None:
        """Give the suite what was read since the last batch."""
        given = Readings(readings=tuple(self.unread))
        self.account, _ = step(self.account, given, self.meter.now)
        self.unread.clear()

    def pay(self, amount: Decimal) -> None:
        """Pay into both."""
        assert self.meter.pay(amount)
        self._tell(Payment(amount=amount))

    def press(self) -> None:
        """Press the orange button; the suite has to know what the meter shows."""
        self.deliver()
        self.meter.press()
        self._tell(Press(button=Button.EMERGENCY))

    def plan(self, day: date, tariff: meters.Tariff) -> None:
        """Send a tariff that takes over on a day."""
        self.meter.plan(day, tariff)
        self._tell(SetTariff(tariff=tariff_of(tariff, self.meter.rules), on=day))

    def compare(self) -> None:
        """See that both say the same of everything, to the last digit."""
        different = {name: pair for name, pair in self._pairs().items() if pair[0] != pair[1]}
        assert not different, (self.meter.now, different)

    def _pairs(self) -> dict[str, tuple[Any, Any]]:
        """Return what the suite says and what the meter says."""
        ours, theirs, purse = self.account, self.meter, self.meter.purse
        return {
            "balance": (views.balance(ours), purse.balance),
            "worth": (views.net(ours), purse.worth),
            "debt to clear": (views.debt_to_clear(ours), purse.debt_to_clear),
            "offered": (views.emergency_offered(ours), purse.emergency_available),
            "debt": (ours.book.debt, purse.total_debt),
            "credit": (ours.book.total_credit, purse.total_credit),
            "payments": (ours.book.payment_count, purse.payments),
            "today": (views.cost_today(ours), purse.cost_today),
            "rate": (views.active_rate(ours), theirs.stage.rate),
            "relay": (ours.book.relay_closed, theirs.stage.relay),
            "block": (views.active_block_now(ours), theirs.block),
            "price": (views.price_now(ours), theirs.price),
            "registers": (ours.book.rates_wh, theirs.registers.rates_wh),
            "on": (views.supply_on(ours), theirs.contactor.closed),
            "push": (views.supply_offered(ours), theirs.contactor.supply is Supply.PUSH_BUTTON),
            "limit": (views.power_limit_w(ours), theirs.limiting_w),
        }

    def _tell(self, command: Command) -> None:
        self.account, _ = step(self.account, command, self.meter.now)


def tariff_of(tariff: meters.Tariff, rules: meters.Rules) -> Tariff:
    """Return the meter's tariff and switching table as the suite has them."""
    first, second, third = (kwh and kwh * 1000 for kwh in tariff.thresholds_kwh)
    return Tariff(
        kind=TariffKind.COMBINATION,
        prices=tariff.prices,
        standing_per_week=tariff.standing_charge_per_week,
        switches=tuple(
            Switch(
                season=Season(switch.season.value),
                start=_time(switch.minute),
                rate=switch.rate,
                days=tuple(sorted(switch.days)),
                relay_closed=switch.relay,
            )
            for switch in rules.switches
        ),
        thresholds_wh=(first, second, third),
        usage_from=tariff.usage_of or 0,
        period=BillingPeriod() if rules.period is None else _period(rules.period),
    )


def config_of(rules: meters.Rules) -> Config:
    """Return the meter's rules as the suite's settings."""
    hours = rules.friendly
    return Config(
        mode=MODES[rules.mode],
        clock=Clock(daylight_saving=_daylight_saving(rules.summer_time)),
        special_days=tuple(
            SpecialDay(
                day=each.day, rate=each.rate, relay_closed=each.relay, friendly=each.friendly
            )
            for each in rules.special_days
        ),
        friendly=tuple(_window(*hours[day]) if day in hours else None for day in range(7)),
        emergency=EmergencyCredit(
            enabled=rules.emergency_enabled,
            point=rules.emergency_point,
            value=rules.emergency_value,
        ),
        disconnection_value=rules.payg_disconnects_below,
        load_limit_w=None if rules.load_limit_w is None else round(rules.load_limit_w),
        standing=_collection(rules.standing_charge),
        debt=_collection(rules.debt),
    )


def _time(minute: int) -> time:
    return time(*divmod(minute % MIDNIGHT_MINUTE, 60))


def _window(start: int, end: int) -> FriendlyWindow:
    return FriendlyWindow(start=_time(start), end=_time(end))


def _collection(how: meters.Collection) -> Collection:
    return Collection(
        halts_without_credit=not how.always, spares_emergency_credit=how.spares_emergency
    )


def _period(period: meters.Period) -> BillingPeriod:
    months = period.months
    return BillingPeriod(
        start_day=period.start.day,
        start_month=period.start.month,
        length=period.days if months is None else months,
        unit=PeriodUnit.DAYS if months is None else PeriodUnit.MONTHS,
    )


def _daylight_saving(rule: meters.SummerTime | None) -> DaylightSaving | None:
    if rule is None:
        return None
    return DaylightSaving(
        start=_turn(rule.start), end=_turn(rule.end), adjustment_min=rule.hours * 60
    )


def _turn(turn: meters.Turn) -> YearlyInstant:
    return YearlyInstant(
        month=turn.month, week=turn.week, weekday=turn.weekday, at=_time(turn.minute)
    )
