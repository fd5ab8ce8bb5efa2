"""What a supplier sets in the meter: tariff, switching table and the rules of the account.

Money is in pounds, times of day in minutes since midnight of the customer's clock, weekdays as
Monday 0 to Sunday 6. Sections are those of the manual.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

RATES: Final = 4
BLOCKS: Final = 4
MOST_SWITCHES: Final = 15
MOST_SPECIAL_DAYS: Final = 15
EVERY_DAY: Final = frozenset(range(7))
NOTHING: Final = Decimal(0)


class Season(StrEnum):
    """When a switch applies, section 7.1."""

    SUMMER = "S"
    WINTER = "W"
    ALL_YEAR = "A"


class Mode(StrEnum):
    """How the account decides on the supply, section 4.6."""

    CREDIT = "credit"
    PREPAYMENT = "prepayment"
    PAYG = "payg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One row of the switching table, section 7.1.1."""

    minute: int
    rate: int
    days: frozenset[int] = EVERY_DAY
    season: Season = Season.ALL_YEAR
    relay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A holiday, section 7.1.3; without ``rate`` the day switches as usual."""

    day: date
    rate: int | None = None
    relay: bool = False
    friendly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Prices in pounds per kWh by rate and block, sections 7.2 to 7.5.

    ``thresholds_kwh`` end blocks 1 to 3; None leaves the block before in operation.
    ``usage_of`` is the rate whose register fills the blocks, None for the total.
    """

    prices: tuple[tuple[Decimal, ...], ...]
    thresholds_kwh: tuple[int | None, int | None, int | None] = (None, None, None)
    usage_of: int | None = None
    standing_charge_per_week: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Billing periods roll on from ``start``; ``months`` or else ``days`` long, section 7.2.1."""

    start: date
    months: int | None = None
    days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When the clock is put forward or back: ``week`` 1 to 4, or 5 for the last of the month.

    ``minute`` is of the day in GMT.
    """

    month: int
    week: int = 5
    weekday: int = 6
    minute: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SummerTime:
    """Daylight saving, section 3.4; as it stands the European rule."""

    start: Turn = Turn(month=3)
    end: Turn = Turn(month=10)
    hours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """How instalments are taken when there is no credit, sections 8.9 and 8.10."""

    always: bool = True
    """Option A; else B: halted when out of prepaid credit."""
    spares_emergency: bool = False
    """Option i: adds to the debt to clear and leaves the emergency credit alone; else ii."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything but prices and payments."""

    mode: Mode = Mode.PREPAYMENT
    switches: tuple[Switch, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()
    period: Period | None = None
    summer_time: SummerTime | None = SummerTime()
    emergency_enabled: bool = True
    emergency_point: Decimal = Decimal(1)
    emergency_value: Decimal = Decimal(5)
    payg_disconnects_below: Decimal = NOTHING
    friendly: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """By weekday: from and to, in minutes."""
    standing_charge: Collection = Collection()
    debt: Collection = Collection()
    debt_per_week: Decimal = NOTHING
    load_limit_w: float | None = None
    """None where the meter does not limit; at most 24 000, section 4.7."""
    load_limit_patience_s: float = 0.0
    """How long the load may be over the limit; the manual does not speak of any such time."""
