"""The vocabulary of the supply account: what a tariff and a meter's settings are.

Money is `Decimal` in whole currency units (pounds, euros), prices are per kWh, energies are whole
watt-hours, powers watts. Rates, blocks and rows count from 1, weekdays from 0 (Monday). "Section"
means a section of the E470 manual.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Final

KWH: Final = 1000
"""Watt-hours in the unit that is charged."""
RATES: Final = 4
BLOCKS: Final = 4
ZERO: Final = Decimal(0)
MAX_BALANCE: Final = Decimal("999.99")
"""The largest value of the present balance register (section 8.2)."""


class Season(StrEnum):
    """When in the year a switch counts; seasons change on last Sundays (section 7.1)."""

    SUMMER = "S"
    WINTER = "W"
    ALL_YEAR = "A"


class TariffKind(StrEnum):
    """The uses of the price matrix (section 7.4)."""

    TIME_OF_USE = "time_of_use"
    """Prices 1 to 4: block 1 always."""
    BLOCK = "block"
    """Prices 1, 5, 9 and 13: rate 1 always."""
    COMBINATION = "combination"


class PeriodUnit(StrEnum):
    """In what the length of a billing period is given."""

    DAYS = "days"
    MONTHS = "months"


class Mode(StrEnum):
    """The ways in which the account can be run (section 4.6)."""

    CREDIT = "credit"
    PREPAYMENT = "prepayment"
    PAY_AS_YOU_GO = "pay_as_you_go"
    SINGLE_WALLET = "single_wallet"


class GasMode(StrEnum):
    """The mode of a paired gas meter (section 4.6.5)."""

    CREDIT = "credit"
    PREPAYMENT = "prepayment"


class Currency(StrEnum):
    """The two currencies of the meter (section 8.11)."""

    GBP = "GBP"
    EUR = "EUR"


class ReadSchedule(StrEnum):
    """When registers are read and kept by themselves (section 6.5)."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    BILLING_PERIOD = "billing_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyInstant:
    """An instant that comes once a year: a time on the n-th such weekday of a month."""

    month: int
    week: int
    """1 to 4, or 5 for the last one of the month."""
    weekday: int
    """0 is Monday."""
    at: time
    """On the clock without daylight saving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaylightSaving:
    """When the clock is ahead and by how much (section 3.4)."""

    start: YearlyInstant = YearlyInstant(month=3, week=5, weekday=6, at=time(1))
    end: YearlyInstant = YearlyInstant(month=10, week=5, weekday=6, at=time(1))
    adjustment_min: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The clock by which rates, periods and days run (MTR-29)."""

    standard_offset_min: int = 0
    """Minutes ahead of GMT without daylight saving."""
    daylight_saving: DaylightSaving | None = DaylightSaving()
    """None: the same all year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One row of the switching table (section 7.1.1)."""

    season: Season = Season.ALL_YEAR
    start: time
    rate: int
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    relay_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date with a rule of its own, all day (section 7.1.3)."""

    day: date
    rate: int | None = None
    """None: the switching table counts as on any day."""
    relay_closed: bool = False
    friendly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FriendlyWindow:
    """The hours of one weekday in which nothing is disconnected (section 8.6).

    An end that is not after the start is on the next day.
    """

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriod:
    """How long blocks run; periods follow each other from a day of the year (section 7.2.1)."""

    start_day: int = 1
    start_month: int = 1
    length: int = 3
    unit: PeriodUnit = PeriodUnit.MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Levy:
    """Climate Change Levy and the second VAT rate (section 7.8); rates as fractions, 0.05 is 5 %.

    Each is charged on the day after one at whose end the period's average daily use was above its
    own de-minimis value.
    """

    charge_per_kwh: Decimal = ZERO
    charge_above_wh_per_day: int = 0
    vat_1: Decimal = ZERO
    """Contained in the prices."""
    vat_2: Decimal = ZERO
    vat_2_above_wh_per_day: int = 0


type Prices = tuple[tuple[Decimal, ...], ...]
"""Four rows, one per rate, of four prices, one per block: row 1 is PPU 1, 5, 9 and 13."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Everything that decides what a kWh costs (sections 7.1 to 7.8)."""

    kind: TariffKind = TariffKind.TIME_OF_USE
    prices: Prices
    standing_per_week: Decimal = ZERO
    switches: tuple[Switch, ...] = ()
    thresholds_wh: tuple[int | None, ...] = (None, None, None)
    """Use in the period at which block 2, 3 and 4 begin; None keeps the block before for good."""
    usage_from: int = 0
    """The register whose use decides the block: 1 to 4, or 0 for the total."""
    daily: bool = False
    """Blocks are resolved day by day and corrected at midnight (section 7.7)."""
    period: BillingPeriod = BillingPeriod()
    levy: Levy = Levy()


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureTariff:
    """A tariff that replaces the present one at 00:00 of a date (section 7.6)."""

    tariff: Tariff
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCredit:
    """What may be borrowed when credit is low (section 8.8)."""

    enabled: bool = True
    point: Decimal = ZERO
    """It is offered below this balance."""
    value: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The options under which instalments are collected (sections 8.9 and 8.10)."""

    halts_without_credit: bool = False
    """Option B; otherwise A, at all times."""
    spares_emergency_credit: bool = False
    """Option i: emergency credit in use is not reduced; otherwise ii, it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TamperActions:
    """What an opened SIM flap or a moved carriage leads to (section 4.4.2)."""

    display: bool = True
    report: bool = True
    open_contactor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """How energy registers are shown and where the ones that are read roll over (section 4.1)."""

    digits: int = 5
    decimals: int = 2
    rolls_over: bool = False
    """The registers that are read begin again after all their digits are nines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiling:
    """The days of which half-hour energies are kept (section 6.4); None has no end."""

    start: date | None = None
    stop: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one account other than its tariff."""

    mpan: str = ""
    serial: str = ""
    mode: Mode = Mode.PREPAYMENT
    clock: Clock = Clock()
    special_days: tuple[SpecialDay, ...] = ()
    friendly: tuple[FriendlyWindow | None, ...] = (None,) * 7
    """One for each weekday, Monday first."""
    emergency: EmergencyCredit = EmergencyCredit()
    disconnection_value: Decimal = ZERO
    """Pay-as-you-go disconnects below it; 0 to -500."""
    load_limit_w: int | None = None
    standing: Collection = Collection()
    debt: Collection = Collection()
    low_credit_warning: bool = True
    registers: Registers = Registers()
    max_power_w: int = 70_000
    """A reading is not believed that would need more since the one before (of 72 h at most)."""
    profiling: Profiling | None = Profiling()
    reads: ReadSchedule = ReadSchedule.NEVER
    read_seed: str = ""
    """Makes the offsets of this meter's scheduled reads differ from its neighbour's."""
    reverse_level_a: Decimal | None = None
    """Reverse current that counts as tampering, 1 to 10 A; None: not watched."""
    tamper: TamperActions = TamperActions()
    display: tuple[str, ...] = ()
    """Pages of the display cycle by name; empty for all of the mode."""
    display_interval_s: int = 0
    """Seconds between pages that follow by themselves, 1 to 20; 0: only on the button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a new account begins with (sections 5.1 and 9.10)."""

    at: datetime
    balance: Decimal = ZERO
    debt: Decimal = ZERO
    """Arrears, collected in instalments."""
    debt_per_week: Decimal = ZERO
    currency: Currency = Currency.GBP
    total_wh: int = 0
    """What the total register that will be read shows at that instant."""
    rates_wh: tuple[int, int, int, int] | None = None
    """What its rate registers show; None where it has none."""
    export_wh: int = 0
