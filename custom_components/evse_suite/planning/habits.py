"""What a house without its chargers usually draws, for every quarter of an hour of the week.

Learnt from mean powers of the past, whatever their spacing. A quarter of an hour of which little is
known leans on the same time of all days, and one of which nothing is known on the whole week
(PLAN-3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from .model import PowerSlot

QUARTER: Final = timedelta(minutes=15)
QUARTERS_A_DAY: Final = 96
QUARTERS_A_WEEK: Final = 7 * QUARTERS_A_DAY
LEANING: Final = 2.0
"""As many weeks have to be seen until a time of the week counts as much as that of all days."""
LONGEST: Final = timedelta(hours=3)
"""A mean over more than this says nothing of a quarter of an hour."""

LOOK_BACK: Final = timedelta(hours=3)
"""Today is compared with the usual over this time."""
FADES_AFTER: Final = timedelta(hours=6)
"""A day that is unusual now is taken for usual again this much later."""
CORRECTION_RANGE: Final = (0.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Usual powers in watts; the first quarter of an hour of the week begins on Monday at 0:00."""

    zone: tzinfo
    usual_w: tuple[float, ...]
    """Empty while nothing is known."""

    def at(self, moment: datetime) -> float | None:
        """Return what is usual at a time, None while nothing is known."""
        return self.usual_w[_quarter(moment, self.zone)] if self.usual_w else None


def learn(rows: Iterable[PowerSlot], zone: tzinfo) -> Habits:
    """Return the habits in what was measured; a house cannot draw less than nothing."""
    sums_w = [0.0] * QUARTERS_A_WEEK
    counts = [0] * QUARTERS_A_WEEK
    for row in rows:
        if row.end - row.start > LONGEST:
            continue
        moment = row.start.astimezone(UTC)
        while moment < row.end:
            index = _quarter(moment, zone)
            sums_w[index] += max(0.0, row.power_w)
            counts[index] += 1
            moment += QUARTER
    if not any(counts):
        return Habits(zone=zone, usual_w=())
    return Habits(zone=zone, usual_w=_leaned(sums_w, counts))


def _leaned(sums_w: Sequence[float], counts: Sequence[int]) -> tuple[float, ...]:
    """Return the mean of each quarter of the week, where little is known leaned on all days."""
    overall_w = sum(sums_w) / sum(counts)
    usual_w = []
    for index in range(QUARTERS_A_WEEK):
        same_time = range(index % QUARTERS_A_DAY, QUARTERS_A_WEEK, QUARTERS_A_DAY)
        known = sum(counts[it] for it in same_time)
        daily_w = sum(sums_w[it] for it in same_time) / known if known else overall_w
        usual_w.append((sums_w[index] + LEANING * daily_w) / (counts[index] + LEANING))
    return tuple(usual_w)


def correction(habits: Habits, recent: Iterable[PowerSlot], now: datetime) -> float:
    """Return by what factor the last hours differ from the usual, bounded; 1 if nobody knows."""
    measured = usual = 0.0
    for row in recent:
        middle = row.start + (row.end - row.start) / 2
        usual_w = habits.at(middle)
        if usual_w is None or not now - LOOK_BACK <= middle <= now:
            continue
        hours = (row.end - row.start) / timedelta(hours=1)
        measured += max(0.0, row.power_w) * hours
        usual += usual_w * hours
    if not usual:
        return 1.0
    least, most = CORRECTION_RANGE
    return min(max(measured / usual, least), most)


def expected(
    habits: Habits, start: datetime, end: datetime, factor: float = 1.0
) -> tuple[PowerSlot, ...]:
    """Return what the house will draw, in quarters of an hour from that of ``start`` on.

    ``factor`` is the correction at ``start``, which fades. Empty while nothing is known.
    """
    if not habits.usual_w:
        return ()
    slots = []
    # Every zone's offset is whole quarters of an hour.
    moment = start.astimezone(UTC)
    moment -= timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    while moment < end:
        fading = max(0.0, 1 - max(moment - start, timedelta()) / FADES_AFTER)
        power_w = habits.usual_w[_quarter(moment, habits.zone)] * (1 + (factor - 1) * fading)
        slots.append(PowerSlot(start=moment, end=moment + QUARTER, power_w=round(power_w, 1)))
        moment += QUARTER
    return tuple(slots)


def _quarter(moment: datetime, zone: tzinfo) -> int:
    local = moment.astimezone(zone)
    return local.weekday() * QUARTERS_A_DAY + local.hour * 4 + local.minute // 15
