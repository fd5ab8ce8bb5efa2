"""The planner's vocabulary.

Everything is a frozen value. Times are aware datetimes; a span is half open, ``start`` belongs to
it and ``end`` does not. Energies are watt-hours at the charger's socket, prices are in the home's
currency per kWh. Rows PLAN-1 to PLAN-5, IND-5, IND-20, LEK-17.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum


class ChargeMode(StrEnum):
    """What one charger does within the site's mode (IND-5)."""

    SMART = "smart"
    """Its plan decides."""
    BOOST = "boost"
    """Full power now, for a time or an amount, then back."""
    SOLAR = "solar"
    """Surplus alone."""
    OFF = "off"


class TargetKind(StrEnum):
    """In what a target is given (PLAN-2)."""

    PERCENT = "percent"
    ENERGY = "energy"
    RANGE = "range"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSlot:
    """What a kWh from the grid costs in a span; may be negative."""

    start: datetime
    end: datetime
    price_per_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSlot:
    """Mean power expected in a span: of the sun (positive), or of the house without chargers."""

    start: datetime
    end: datetime
    power_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """What is known of the car at a charger (IND-3)."""

    name: str = ""
    capacity_wh: float | None = None
    soc_percent: float | None = None
    """Measured or estimated; None when nobody knows."""
    efficiency: float = 0.9
    """Energy in the battery by energy from the socket."""
    consumption_wh_per_km: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    """State of charge in percent and the most that the car takes there in watts, ascending."""
    lines: int | None = None
    """Lines on which the car charges, None when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is wanted, and when: percent, watt-hours at the socket, or kilometres."""

    kind: TargetKind
    value: float
    ready_by: datetime | None = None
    """None: no hurry, only the cheapest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekWindow:
    """A weekly window in which charging is allowed (PLAN-1), in the home's wall-clock time.

    ``end`` at or before ``start`` reaches into the next day.
    """

    weekdays: frozenset[int]
    """0 is Monday."""
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One charger with a car, as the planner sees it."""

    key: str
    name: str
    minimum_a: int
    maximum_a: int
    lines: int
    voltage_v: float
    needed_wh: float
    """Still missing at the socket; 0 when the target is reached."""
    urgent_wh: float = 0.0
    """The part of it that is charged at once at any price (minimum state of charge)."""
    ready_by: datetime | None = None
    allowed: tuple[Span, ...] | None = None
    """When charging is allowed at all; None: always."""
    maximum_price_per_kwh: float | None = None
    """Dearer slots are used only where the target would be missed without them."""
    price_is_hard: bool = False
    """Dearer slots are not used at all, but for their sun."""
    charging: bool = False
    """It charges now: going on saves a restart."""
    power_curve: tuple[tuple[float, float], ...] = ()
    """Watt-hours charged from now and the most that the car takes from there on in watts."""
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the site knows of the hours to come, the same for all its chargers."""

    now: datetime
    prices: tuple[PriceSlot, ...] = ()
    """May be empty, late or have holes; a slot without a price is guessed and said to be."""
    feed_in_per_kwh: float = 0.0
    feed_in: tuple[PriceSlot, ...] = ()
    """Where given, instead of the constant."""
    sun: tuple[PowerSlot, ...] = ()
    house: tuple[PowerSlot, ...] = ()
    cap_w: float | None = None
    """What house and chargers may draw together."""
    peak_w: float | None = None
    """Mean of a quarter of an hour that should not be passed (capacity tariff)."""
    restart_cost: float = 0.02
    """What a further start has to save, in the currency (``horizon.restart_cost``)."""


class PlanVerdict(StrEnum):
    """Whether the target will be met."""

    NOTHING_TO_DO = "nothing_to_do"
    ON_TIME = "on_time"
    TOO_LATE = "too_late"
    """The target is met, but after ``ready_by``, or not at all."""
    NO_PRICES = "no_prices"
    """Planned without prices: as late as is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlot:
    """A span in which the charger charges."""

    start: datetime
    end: datetime
    current_a: int
    energy_wh: float
    green_wh: float
    """The part of it that is expected from surplus sun."""
    cost: float
    """What it costs: grid energy at its price, sun at the feed-in price it forgoes."""
    price_per_kwh: float
    guessed: bool = False
    """The price of this span was not known."""
    follows_sun: bool = False
    """All of it is expected from surplus, and there is time to make up for a cloud: the surplus
    decides how much flows, ``current_a`` is what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When one charger charges, and what comes of it (PLAN-5)."""

    key: str
    made_at: datetime
    slots: tuple[PlannedSlot, ...]
    verdict: PlanVerdict
    needed_wh: float
    planned_wh: float
    ready_by: datetime | None = None
    ready_at: datetime | None = None
    """When the target will be reached; None when it will not be."""
    reached_wh_at_ready_by: float | None = None
    cost: float = 0.0
    green_share: float = 0.0
    takes_surplus: bool = True
    """Surplus between the slots is welcome; it is not where all that is bought costs less than
    the surplus would be sold for."""
    reasons: Mapping[str, object] = field(default_factory=dict)
    """What the sentence about the plan is made of."""

    @property
    def is_done(self) -> bool:
        """Whether nothing was missing when it was made."""
        return self.verdict is PlanVerdict.NOTHING_TO_DO

    def slot_at(self, now: datetime) -> PlannedSlot | None:
        """Return the slot that is running at ``now``."""
        return next((it for it in self.slots if it.start <= now < it.end), None)
