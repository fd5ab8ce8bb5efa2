"""What sessions add up to: by day, month, vehicle and charger (PLAN-6)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .record import UNPRICED_SHARE, ZERO, DayPart, Session


@dataclass(slots=True, kw_only=True)
class Total:
    """A sum that grows; energies in watt-hours."""

    sessions: int = 0
    energy_wh: float = 0.0
    green_wh: float = 0.0
    unpriced_wh: float = 0.0
    money: Decimal = ZERO

    def add(self, part: DayPart) -> None:
        """Add what belongs to a day."""
        self.energy_wh += part.energy_wh
        self.green_wh += part.green_wh
        self.unpriced_wh += part.unpriced_wh
        self.money += part.cost

    @property
    def cost(self) -> Decimal | None:
        """Cost of what has a price; None when too much of the energy has none."""
        return None if self.unpriced_wh > UNPRICED_SHARE * self.energy_wh else self.money

    @property
    def green_share(self) -> float | None:
        """0 to 1, None for nothing."""
        return self.green_wh / self.energy_wh if self.energy_wh > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A period of the home's days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Return whether a day is in the period."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the sessions of a period add up to; a session over midnight counts in both days."""

    overall: Total = field(default_factory=Total)
    by_day: dict[str, Total] = field(default_factory=dict)
    by_month: dict[str, Total] = field(default_factory=dict)
    by_vehicle: dict[str, Total] = field(default_factory=dict)
    by_charger: dict[str, Total] = field(default_factory=dict)
    """By the identifier, which stays when the charger is given another name."""


NO_VEHICLE = ""
"""Key of the sessions of which nobody knows the vehicle."""


def add_up(sessions: Iterable[Session], days: Days) -> Totals:
    """Add up what of the sessions belongs to the days."""
    totals = Totals()
    for session in sessions:
        for total, parts in _shares(totals, session, days):
            total.sessions += 1
            for part in parts:
                total.add(part)
    return totals


def _shares(
    totals: Totals, session: Session, days: Days
) -> Iterator[tuple[Total, tuple[DayPart, ...]]]:
    """Yield each total that a session counts in, once, with what counts of it."""
    parts = tuple(part for part in session.parts if part.day in days)
    if not parts:
        return
    yield totals.overall, parts
    yield _in(totals.by_vehicle, session.vehicle or NO_VEHICLE), parts
    yield _in(totals.by_charger, session.charger), parts
    yield from _grouped(totals.by_day, parts, lambda day: day.isoformat())
    yield from _grouped(totals.by_month, parts, lambda day: f"{day:%Y-%m}")


def _grouped(
    group: dict[str, Total], parts: tuple[DayPart, ...], name: Callable[[date], str]
) -> Iterator[tuple[Total, tuple[DayPart, ...]]]:
    for wanted in dict.fromkeys(name(part.day) for part in parts):
        yield _in(group, wanted), tuple(part for part in parts if name(part.day) == wanted)


def _in(group: dict[str, Total], name: str) -> Total:
    return group.setdefault(name, Total())
