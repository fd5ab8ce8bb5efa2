"""The hours to come, cut into steps in which price, sun, house and cap do not change (PLAN-3)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from .model import Job, Outlook, PowerSlot, PriceSlot

DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=7)
"""No plan looks further ahead."""
LONGEST_STEP: Final = timedelta(hours=1)
DAYS_BACK: Final = 7
"""A price that is missing is guessed from the same hour of so many days before."""
UNPRICED: Final = 1.0
"""What a kWh counts for where no price at all is known: more than any sun, and the same always."""
UNLIMITED_W: Final = 1e9
RESTART_KWH: Final = 0.08
"""A further start has to save what so much energy usually costs: two cents where a kWh is at 25.
A sum of money would be nothing in one currency and a fortune in another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of time in which nothing changes, as all chargers see it."""

    start: datetime
    end: datetime
    hours: float
    price_per_kwh: float
    feed_in_per_kwh: float
    surplus_w: float
    """What the sun gives beyond the house."""
    room_w: float
    """What all chargers together may draw."""
    guessed: bool


class _Series:
    """Values in spans: in order, and of spans that overlap the one that started last."""

    def __init__(self, slots: Iterable[tuple[datetime, datetime, float]]) -> None:
        utc = ((start.astimezone(UTC), end.astimezone(UTC), value) for start, end, value in slots)
        self._slots = sorted((each for each in utc if each[0] < each[1]), key=lambda it: it[0])
        self._starts = [start for start, _, _ in self._slots]

    def __bool__(self) -> bool:
        return bool(self._slots)

    def at(self, when: datetime) -> float | None:
        """Return the value at an instant, None in a hole."""
        index = bisect_right(self._starts, when) - 1
        if index < 0 or when >= self._slots[index][1]:
            return None
        return self._slots[index][2]

    def near(self, when: datetime) -> float | None:
        """Return the value at the same time of the days before, the last day first."""
        for days in range(1, DAYS_BACK + 1):
            value = self.at(when - days * DAY)
            if value is not None:
                return value
        return None

    def middle(self) -> float:
        """Return the median."""
        return median(value for _, _, value in self._slots)

    def edges(self) -> list[datetime]:
        """Return where values begin or end."""
        return [edge for start, end, _ in self._slots for edge in (start, end)]

    def last(self) -> datetime | None:
        """Return up to when there are values."""
        return max((end for _, end, _ in self._slots), default=None)


def restart_cost(prices: Sequence[PriceSlot]) -> float:
    """Return what a further start has to save, in the currency: contactors and cars are spared."""
    usual = median(abs(slot.price_per_kwh) for slot in prices) if prices else UNPRICED
    return RESTART_KWH * usual


def end_of(jobs: Sequence[Job], outlook: Outlook, more: timedelta = timedelta()) -> datetime:
    """Return how far to look: ``more`` than the last time to be ready.

    For who is in no hurry all known prices, and at least a day.
    """
    now = outlook.now.astimezone(UTC)
    until = [job.ready_by.astimezone(UTC) for job in jobs if job.ready_by]
    if any(job.ready_by is None for job in jobs):
        until += [now + DAY, *(slot.end.astimezone(UTC) for slot in outlook.prices)]
    return min(max([now, *until]) + more, now + LONGEST)


def steps(outlook: Outlook, until: datetime, edges: Iterable[datetime] = ()) -> tuple[Step, ...]:
    """Return the steps from now on, cut at ``edges`` as well, all in UTC."""
    prices = _Series(_priced(outlook.prices))
    feed_in = _Series(_priced(outlook.feed_in))
    sun, house = _Series(_powered(outlook.sun)), _Series(_powered(outlook.house))
    found: list[Step] = []
    now = outlook.now.astimezone(UTC)
    cuts = _cuts(now, until, edges, (prices, feed_in, sun, house))
    middle = prices.middle() if prices else UNPRICED
    for start, end in pairwise(cuts):
        known = prices.at(start)
        guess = prices.near(start) if known is None else None
        house_w = _first(house.at(start), house.near(start), 0.0)
        net_w = _first(sun.at(start), 0.0) - house_w
        found.append(
            Step(
                start=start,
                end=end,
                hours=(end - start).total_seconds() / 3600,
                price_per_kwh=_first(known, guess, middle),
                feed_in_per_kwh=_first(feed_in.at(start), outlook.feed_in_per_kwh),
                surplus_w=max(0.0, net_w),
                room_w=_room_w(outlook, house_w, net_w),
                guessed=known is None,
            )
        )
    return tuple(found)


def _room_w(outlook: Outlook, house_w: float, net_w: float) -> float:
    """Return what is left for chargers; the sun may fail, so only the peak's mean counts it."""
    room_w = UNLIMITED_W
    if outlook.cap_w is not None:
        room_w = outlook.cap_w - house_w
    if outlook.peak_w is not None:
        room_w = min(room_w, outlook.peak_w + net_w)
    return max(0.0, room_w)


def _cuts(
    now: datetime, until: datetime, edges: Iterable[datetime], series: Sequence[_Series]
) -> list[datetime]:
    """Return the instants at which anything changes; guesses change where their model does."""
    own = [edge for each in series for edge in each.edges()]
    days = (until - now) // DAY + 2
    again = [edge + day * DAY for edge in own for day in range(1, days) if edge < until]
    given = [edge.astimezone(UTC) for edge in edges]
    inner = {edge for edge in (*own, *again, *given) if now < edge < until}
    if now >= until:
        return [now]
    cuts = [now, *sorted(inner), until]
    return [at for start, end in pairwise(cuts) for at in _pieces(start, end)] + [until]


def _pieces(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the starts of pieces that are short enough to choose between, however long a price is.

    They are whole from the end on, so that of equals the latest can be taken.
    """
    yield start
    count = -((start - end) // LONGEST_STEP)
    for left in range(count - 1, 0, -1):
        yield end - left * LONGEST_STEP


def _priced(slots: Iterable[PriceSlot]) -> Iterable[tuple[datetime, datetime, float]]:
    return ((slot.start, slot.end, slot.price_per_kwh) for slot in slots)


def _powered(slots: Iterable[PowerSlot]) -> Iterable[tuple[datetime, datetime, float]]:
    return ((slot.start, slot.end, slot.power_w) for slot in slots)


def _first(*values: float | None) -> float:
    """Return the first value that is known."""
    return next(value for value in values if value is not None)
