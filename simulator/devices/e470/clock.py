"""The customer's clock of the meter: GMT with daylight saving by any rule, section 3.4."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from .settings import SummerTime, Turn

LAST_WEEK: Final = 5
WEEK_DAYS: Final = 7
MINUTES_PER_HOUR: Final = 60


def turn_at(turn: Turn, year: int) -> datetime:
    """Return the instant of a change of the clock."""
    if turn.week == LAST_WEEK:
        after = date(year + turn.month // 12, turn.month % 12 + 1, 1)
        last = after - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - turn.weekday) % WEEK_DAYS)
    else:
        first = date(year, turn.month, 1)
        ahead = (turn.weekday - first.weekday()) % WEEK_DAYS + WEEK_DAYS * (turn.week - 1)
        day = first + timedelta(days=ahead)
    return datetime.combine(day, time(), UTC) + timedelta(minutes=turn.minute)


@lru_cache(maxsize=64)
def _turns(rule: SummerTime, year: int) -> tuple[datetime, datetime]:
    return turn_at(rule.start, year), turn_at(rule.end, year)


def offset(rule: SummerTime | None, at: datetime) -> timedelta:
    """Return how far the customer's clock is ahead of GMT."""
    if rule is None:
        return timedelta()
    start, end = _turns(rule, at.year)
    # South of the equator summer lies across the end of the year.
    summer = start <= at < end if start < end else not end <= at < start
    return timedelta(hours=rule.hours) if summer else timedelta()


def wall(rule: SummerTime | None, at: datetime) -> datetime:
    """Return what the customer's clock shows, without a zone."""
    return at.replace(tzinfo=None) + offset(rule, at)


def midnight_after(rule: SummerTime | None, at: datetime) -> datetime:
    """Return the first instant of the customer's next day."""
    day = wall(rule, at).date() + timedelta(days=1)
    standard = datetime.combine(day, time(), UTC)
    if rule is not None:
        early = standard - timedelta(hours=rule.hours)
        if offset(rule, early):
            return early
    return standard
