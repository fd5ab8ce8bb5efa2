"""The meter's clock: GMT, or a standard time with daylight saving by any rule (section 3.4).

Instants are aware datetimes in UTC; what the clock shows is a datetime without zone. Days, rates,
friendly hours and billing periods go by what the clock shows (MTR-29).
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from .model import Clock, DaylightSaving, YearlyInstant

MIDNIGHT = time()
DAY = timedelta(days=1)


def utc(instant: datetime) -> datetime:
    """Return the instant in UTC; a datetime without zone is refused."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


def nth_weekday(year: int, month: int, week: int, weekday: int) -> date:
    """Return the n-th such weekday of a month, the last one for week 5."""
    first, days = monthrange(year, month)
    day = 1 + (weekday - first) % 7
    if week >= 5:  # noqa: PLR2004 - the fifth or, where there is none, the fourth
        return date(year, month, day + (days - day) // 7 * 7)
    return date(year, month, day + (week - 1) * 7)


def _yearly(rule: YearlyInstant, year: int) -> datetime:
    return datetime.combine(nth_weekday(year, rule.month, rule.week, rule.weekday), rule.at)


@lru_cache(maxsize=128)
def _changes(rule: DaylightSaving, year: int) -> tuple[datetime, datetime]:
    """Return start and end of daylight saving in a year, on the standard clock."""
    return _yearly(rule.start, year), _yearly(rule.end, year)


def local(clock: Clock, instant: datetime) -> datetime:
    """Return what the clock shows at an instant."""
    standard = instant.replace(tzinfo=None) + timedelta(minutes=clock.standard_offset_min)
    rule = clock.daylight_saving
    if rule is None:
        return standard
    start, end = _changes(rule, standard.year)
    ahead = start <= standard < end if start < end else not end <= standard < start
    return standard + timedelta(minutes=rule.adjustment_min) if ahead else standard


def instants(clock: Clock, shown: datetime) -> list[datetime]:
    """Return when the clock shows this, in order: once, twice in autumn, in spring perhaps never.

    What it never shows is reached when the clock jumps over it.
    """
    standard = (shown - timedelta(minutes=clock.standard_offset_min)).replace(tzinfo=UTC)
    rule = clock.daylight_saving
    if rule is None:
        return [standard]
    ahead = standard - timedelta(minutes=rule.adjustment_min)
    found = sorted({each for each in (ahead, standard) if local(clock, each) == shown})
    return found or [each for each in clock_changes(clock, standard) if ahead < each <= standard]


def clock_changes(clock: Clock, around: datetime) -> list[datetime]:
    """Return the instants at which the clock is changed in the year of an instant."""
    rule = clock.daylight_saving
    if rule is None:
        return []
    offset = timedelta(minutes=clock.standard_offset_min)
    changes = _changes(rule, (around + offset).year)
    return [(each - offset).replace(tzinfo=UTC) for each in changes]


def midnight(clock: Clock, day: date) -> datetime:
    """Return the first instant of a day."""
    return instants(clock, datetime.combine(day, MIDNIGHT))[0]


def next_of(clock: Clock, after: datetime, times: Iterable[time]) -> datetime:
    """Return the next instant after one at which the clock shows one of some times of day.

    Midnights and changes of the clock count as well, so there is always one within two days.
    """
    today = local(clock, after).date()
    candidates = clock_changes(clock, after)
    for shown in {MIDNIGHT, *times}:
        for ahead in range(3):
            candidates += instants(clock, datetime.combine(today + ahead * DAY, shown))
    return min(each for each in candidates if each > after)
