"""What people have told a charger: when its car is to be ready, with how much (PLAN-1 to PLAN-4).

Times of the day are the home's wall clock; instants are aware datetimes. Weekdays count from
Monday, 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from ..planning.model import ChargeMode, TargetKind, WeekWindow

LONGEST_BOOST: Final = timedelta(hours=24)
"""An amount that is never reached ends a boost after this time."""
LONGEST_BOOST_MINUTES: Final = LONGEST_BOOST // timedelta(minutes=1)
LONGEST_BOOST_WH: Final = 200_000.0
DEFAULT_BOOST_MINUTES: Final = 60
MOST_OF_A_GOAL: Final[Mapping[TargetKind, float]] = {
    TargetKind.PERCENT: 100.0,
    TargetKind.ENERGY: 200_000.0,
    TargetKind.RANGE: 1500.0,
}
"""Percent, watt-hours and kilometres; the least is 0 and means no target."""
HIGHEST_PRICE: Final = 1000.0
MOST_WINDOWS: Final = 50
MOST_DEPARTURES: Final = 100
DAYS_OF_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """How much is wanted: percent of the battery, watt-hours at the socket, or kilometres."""

    kind: TargetKind
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The car leaves once at this time; ``goal`` where it needs another one than usual."""

    uid: str
    at: datetime
    summary: str = ""
    goal: Goal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """Full power now, until a time or an amount, whichever comes first (PLAN-4)."""

    until: datetime
    left_wh: float | None = None
    """What is still to be charged; None for a boost for a time."""
    counter_wh: float | None = None
    """The charger's energy counter when ``left_wh`` was counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerSettings:
    """All that was told to one charger."""

    mode: ChargeMode = ChargeMode.SMART
    """The mode under a boost, which is no mode to stay in: never BOOST."""
    boost: Boost | None = None
    boost_minutes: int = DEFAULT_BOOST_MINUTES
    """How long the button boosts."""
    plan_on: bool = True
    goal_kind: TargetKind = TargetKind.PERCENT
    goals: Mapping[TargetKind, float] = field(default_factory=dict)
    """The last value of each kind, so that a change of the kind and back loses none."""
    minimum_percent: float = 0.0
    """Up to this state of charge the car charges at once, at any price; 0: none."""
    maximum_price_per_kwh: float | None = None
    weekly: Mapping[int, time] = field(default_factory=dict)
    """By weekday: when the car has to be ready."""
    departures: tuple[Departure, ...] = ()
    """The earliest first."""
    windows: tuple[WeekWindow, ...] = ()
    """When charging is allowed; none: always."""
    vehicle: str | None = None
    """Which of several cars is here, by the id of its subentry; None: the usual one."""

    @property
    def charge_mode(self) -> ChargeMode:
        """The mode that is shown: a boost hides the one below it."""
        return self.mode if self.boost is None else ChargeMode.BOOST

    @property
    def goal(self) -> Goal | None:
        """What is wanted usually; None without a target."""
        value = self.goals.get(self.goal_kind, 0.0)
        return Goal(kind=self.goal_kind, value=value) if value > 0 else None

    def goal_at(self, ready_by: datetime | None) -> Goal | None:
        """Return what is wanted by ``ready_by``: a departure may have a goal of its own."""
        for departure in self.departures:
            if departure.at == ready_by and departure.goal is not None:
                return departure.goal
        return self.goal
