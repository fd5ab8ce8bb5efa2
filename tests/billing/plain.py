"""The account worked out a second time, slowly and plainly, straight from the manual's words.

Time goes minute by minute and energy watt-hour by watt-hour; the registers are those the manual
names (present balance, debt to clear). Nothing of the engine's rules is used, only its vocabulary,
and local time is that of Europe/London.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from custom_components.evse_suite.billing.events import (
    Adjust,
    Command,
    ConvertCurrency,
    Payment,
    Power,
    Press,
    Reading,
    SetDebt,
    SetTariff,
)
from custom_components.evse_suite.billing.model import (
    Collection,
    Config,
    Mode,
    Opening,
    Tariff,
    TariffKind,
)
from tests.billing.plain_calendar import Calendar

MINUTE = timedelta(minutes=1)
INSTALMENT = timedelta(hours=1.68)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stretch of an account's life."""

    config: Config
    tariff: Tariff
    opening: Opening
    readings: list[Reading]
    commands: list[tuple[datetime, Command]]
    end: datetime


@dataclass
class Plain:
    """The registers of the meter, and the case that is played."""

    case: Case
    balance: Decimal = Decimal(0)
    debt_to_clear: Decimal = Decimal(0)
    emergency: bool = False
    emergency_spent: bool = False
    debt: Decimal = Decimal(0)
    debt_per_week: Decimal = Decimal(0)
    total_credit: Decimal = Decimal(0)
    payments: int = 0
    cost_today: Decimal = Decimal(0)
    period_charges: Decimal = Decimal(0)
    supply_on: bool = True
    offered: bool = False
    powered: bool = True
    now_friendly: bool = False
    wh: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0, 3: 0, 4: 0})
    period_wh: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0, 3: 0, 4: 0})
    cells: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    day_kwh: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    average: Decimal = Decimal(0)
    factor: tuple[date, Decimal] | None = None
    scale: Decimal = Decimal(1)
    future: tuple[date, Tariff] | None = None

    # the case, minute by minute

    def play(self) -> Plain:
        case = self.case
        self.tariff, self.config = case.tariff, case.config
        self.calendar = Calendar(self.tariff, self.config)
        self.balance = case.opening.balance
        self.debt, self.debt_per_week = case.opening.debt, case.opening.debt_per_week
        self.begin = case.opening.at
        self.today = self.calendar.wall(self.begin).date()
        self.first_day = self.today
        self.period = self.calendar.period_around(self.today)
        self.now_friendly = self.calendar.friendly(self.calendar.wall(self.begin))
        self.check()
        marks = self.marks()
        energy = self.energies(marks)
        shown = self.calendar.wall(self.begin)
        commands = defaultdict(list)
        for at, command in case.commands:
            commands[at].append(command)
        for mark in marks:
            if mark in energy:
                self.burn(energy[mark], self.calendar.rate(shown))
            shown = self.calendar.wall(mark)
            self.clock(mark, shown)
            for command in commands.get(mark, ()):
                self.obey(command)
        return self

    def marks(self) -> list[datetime]:
        marks = {reading.at for reading in self.case.readings}
        marks |= {at for at, _ in self.case.commands}
        at = self.begin
        while at < self.case.end:
            at += MINUTE
            marks.add(at)
        at, number = self.begin, 0
        while (at := self.begin + (number + 1) * INSTALMENT) <= self.case.end:
            number += 1
            marks.add(at)
        return sorted(mark for mark in marks if mark > self.begin)

    def energies(self, marks: list[datetime]) -> dict[datetime, int]:
        """Spread what each reading added evenly over the time since the one before."""
        energies: dict[datetime, int] = {}
        readings = iter(self.case.readings)
        start, end, used, given, shows = self.begin, self.begin, 0, 0, self.case.opening.total_wh
        for mark in marks:
            while mark > end:
                reading = next(readings, None)
                if reading is None:
                    return energies
                start, end, used, given = end, reading.at, reading.total_wh - shows, 0
                shows = reading.total_wh
            upto = used * (mark - start) // (end - start)
            energies[mark] = upto - given
            given = upto
        return energies

    def clock(self, now: datetime, shown: datetime) -> None:
        if shown.date() > self.today:
            self.midnight(shown.date())
        was_friendly, self.now_friendly = self.now_friendly, self.calendar.friendly(shown)
        if was_friendly and not self.now_friendly:
            self.check()
        if (now - self.begin) % INSTALMENT == timedelta():
            self.instalment()

    # energy

    def burn(self, wh: int, rate: int) -> None:
        for _ in range(wh):
            self.wh[rate] += 1
            self.period_wh[rate] += 1
            if self.wh[rate] % 1000 == 0:
                self.charge(rate)

    def charge(self, rate: int) -> None:
        block = self.block_of_this_kwh(rate)
        self.cells[rate, block] += 1
        self.day_kwh[rate] += 1
        cost = self.tariff.prices[rate - 1][block - 1]
        levy = self.tariff.levy
        extra = Decimal(0)
        if self.average > levy.charge_above_wh_per_day:
            extra += levy.charge_per_kwh
        if self.average > levy.vat_2_above_wh_per_day:
            bare = cost / (1 + levy.vat_1)
            extra += (bare * (levy.vat_2 - levy.vat_1)).quantize(Decimal("0.000001"))
        self.cost_today += cost + extra
        self.period_charges += cost + extra
        self.take(cost + extra)

    def block_of_this_kwh(self, rate: int) -> int:
        tariff = self.tariff
        if tariff.kind is TariffKind.TIME_OF_USE:
            return 1
        if tariff.daily:
            return self.block_of_kwh(self.day_kwh[rate] + 1, 1)
        register = tariff.usage_from
        used = self.period_wh[register] if register else sum(self.period_wh.values())
        if register and register != rate:
            used += 1
        block = 1
        for threshold in tariff.thresholds_wh:
            if threshold is None or used <= threshold:
                break
            block += 1
        return block

    def block_of_kwh(self, number: int, days: int) -> int:
        period_days = (self.period[1] - self.period[0]).days
        block = 1
        for threshold in self.tariff.thresholds_wh:
            if threshold is None or number * 1000 * period_days <= threshold * days:
                break
            block += 1
        return block

    # money, in the manual's registers

    def take(self, amount: Decimal, *, spare: bool = False) -> None:
        if not self.emergency:
            self.balance -= amount
        else:
            own = Decimal(0)
            if self.debt_to_clear == 0:
                own = max(self.balance - self.lent, Decimal(0))
            from_own = min(own, amount)
            self.balance -= from_own
            borrowed = amount - from_own
            self.debt_to_clear += borrowed
            if not spare:
                self.balance -= borrowed
        self.check()

    def give(self, amount: Decimal) -> None:
        if not self.emergency:
            self.balance += amount
        elif self.debt_to_clear == 0:
            self.balance += amount - self.lent
            self.emergency = False
        elif amount < self.debt_to_clear:
            self.debt_to_clear -= amount
        else:
            self.balance = amount - self.debt_to_clear
            self.debt_to_clear, self.emergency = Decimal(0), False
        if not self.emergency and self.balance >= 0:
            self.emergency_spent = False
        self.check()

    def empty(self) -> bool:
        mode = self.config.mode
        if mode is Mode.PREPAYMENT:
            return self.balance < 0
        if mode is Mode.SINGLE_WALLET:
            return self.balance <= 0
        if mode is Mode.PAY_AS_YOU_GO:
            return self.balance < self.disconnection_value()
        return False

    def disconnection_value(self) -> Decimal:
        return self.config.disconnection_value * self.scale

    def check(self) -> None:
        if self.emergency and self.empty():
            self.balance = -self.debt_to_clear
            self.debt_to_clear = Decimal(0)
            self.emergency, self.emergency_spent = False, True
        if self.empty() and not self.now_friendly:
            self.supply_on, self.offered = False, False
        elif not self.supply_on and not self.empty():
            above = self.balance > 0 or self.config.mode is Mode.PAY_AS_YOU_GO
            self.offered = self.offered or above

    def emergency_offered(self) -> bool:
        terms = self.config.emergency
        return (
            terms.enabled
            and terms.value > 0
            and self.config.mode in (Mode.PREPAYMENT, Mode.SINGLE_WALLET)
            and not self.emergency
            and not self.emergency_spent
            and self.balance < terms.point * self.scale
        )

    def press(self) -> None:
        if self.offered and (not self.empty() or self.now_friendly):
            self.supply_on, self.offered = True, False
        elif self.emergency_offered():
            self.lent = self.config.emergency.value * self.scale
            if self.balance < 0:
                self.debt_to_clear = -self.balance
                self.balance = self.lent
            else:
                self.balance += self.lent
            self.emergency = True
            self.supply_on, self.offered = True, False

    def instalment(self) -> None:
        if not self.powered:
            return
        if not self.halted(self.config.standing):
            part = self.tariff.standing_per_week / 100
            self.cost_today += part
            self.period_charges += part
            self.take(part, spare=self.config.standing.spares_emergency_credit)
        if not self.halted(self.config.debt):
            part = min(self.debt, self.debt_per_week / 100)
            self.debt -= part
            self.take(part, spare=self.config.debt.spares_emergency_credit)

    def halted(self, collection: Collection) -> bool:
        prepaid = self.config.mode is not Mode.CREDIT
        out = not self.emergency and self.balance <= 0
        return collection.halts_without_credit and prepaid and out

    # midnight

    def midnight(self, day: date) -> None:
        self.reconcile(day)
        self.average = Decimal(sum(self.period_wh.values())) / max(self.days_gone(day), 1)
        self.today = day
        self.cost_today = Decimal(0)
        self.day_kwh.clear()
        if day >= self.period[1]:
            self.new_period((day, self.calendar.period_end(day)))
        if self.factor and self.factor[0] == day:
            self.convert(self.factor[1])
        if self.future and self.future[0] == day:
            self.change_tariff(self.future[1])

    def days_gone(self, day: date) -> int:
        return (day - max(self.period[0], self.first_day)).days

    def reconcile(self, day: date) -> None:
        tariff = self.tariff
        if not tariff.daily:
            return
        correction = Decimal(0)
        for rate in (1, 2, 3, 4):
            prices = tariff.prices[rate - 1]
            kwh = sum(self.cells[rate, block] for block in (1, 2, 3, 4))
            for block in (1, 2, 3, 4):
                correction -= self.cells[rate, block] * prices[block - 1]
                self.cells[rate, block] = 0
            for number in range(1, kwh + 1):
                block = self.block_of_kwh(number, self.days_gone(day))
                self.cells[rate, block] += 1
                correction += prices[block - 1]
        self.period_charges += correction
        if correction > 0:
            self.take(correction)
        elif correction < 0:
            self.give(-correction)

    def new_period(self, period: tuple[date, date]) -> None:
        self.period = period
        self.period_wh = {1: 0, 2: 0, 3: 0, 4: 0}
        self.cells.clear()
        self.day_kwh.clear()
        self.period_charges = Decimal(0)

    def change_tariff(self, tariff: Tariff) -> None:
        new = tariff.period != self.tariff.period
        self.tariff = tariff
        self.calendar = Calendar(tariff, self.config)
        if new:
            self.new_period((self.today, self.calendar.period_around(self.today)[1]))

    def convert(self, factor: Decimal) -> None:
        self.scale, self.factor = factor, None
        self.balance *= factor
        self.debt_to_clear *= factor
        self.debt *= factor
        self.debt_per_week *= factor
        self.cost_today *= factor
        self.period_charges *= factor
        if self.emergency:
            self.lent *= factor
        self.total_credit, self.payments = Decimal(0), 0
        tariff = self.tariff
        prices = tuple(tuple(each * factor for each in row) for row in tariff.prices)
        standing = tariff.standing_per_week * factor
        levy = replace(tariff.levy, charge_per_kwh=tariff.levy.charge_per_kwh * factor)
        self.tariff = replace(tariff, prices=prices, standing_per_week=standing, levy=levy)
        self.check()

    # commands

    def obey(self, command: Command) -> None:
        match command:
            case Payment():
                self.total_credit += command.amount
                self.payments += 1
                self.give(command.amount)
            case Adjust():
                self.total_credit += command.amount
                if command.amount > 0:
                    self.give(command.amount)
                else:
                    self.take(-command.amount)
            case Press():
                self.press()
            case Power():
                self.powered = command.on
            case SetDebt():
                self.debt, self.debt_per_week = command.total, command.per_week
            case SetTariff() if command.on:
                self.future = command.on, command.tariff
            case SetTariff():
                self.change_tariff(command.tariff)
            case ConvertCurrency():
                self.factor = command.on, command.factor

    def net(self) -> Decimal:
        if not self.emergency:
            return self.balance
        return -self.debt_to_clear if self.debt_to_clear else self.balance - self.lent
