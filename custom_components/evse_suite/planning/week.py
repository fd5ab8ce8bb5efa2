"""Weekly windows and ready-by times as instants, also on days when clocks change (PLAN-1)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from .model import Span, WeekWindow

DAYS_AHEAD: Final = 8
"""A weekly time that has just passed comes again within so many days."""


def spans(
    windows: Sequence[WeekWindow], start: datetime, end: datetime, zone: tzinfo
) -> tuple[Span, ...]:
    """Return when the windows are open from ``start`` to ``end``, merged and in order, in UTC.

    A window that touches the hour that clocks repeat is open in both; of one that touches the hour
    that they leave out, the rest remains.
    """
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date()
    found: list[Span] = []
    while day <= last:
        for window in windows:
            if day.weekday() in window.weekdays:
                until = day if window.end > window.start else day + timedelta(days=1)
                first = max(_instant(day, window.start, zone), start.astimezone(UTC))
                stop = min(_instant(until, window.end, zone, last=True), end.astimezone(UTC))
                if first < stop:
                    found.append(Span(start=first, end=stop))
        day += timedelta(days=1)
    return merged(found)


def merged(found: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same time as spans in order that neither touch nor overlap."""
    result: list[Span] = []
    for span in sorted(found, key=lambda each: each.start):
        if result and span.start <= result[-1].end:
            result[-1] = Span(start=result[-1].start, end=max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def next_ready_by(
    weekly: Mapping[int, time], departures: Sequence[datetime], now: datetime, zone: tzinfo
) -> datetime | None:
    """Return the next time to be ready after ``now`` in UTC, None when there is none.

    ``weekly`` maps a weekday, 0 is Monday, to a wall-clock time. A departure replaces the weekly
    time of its day. Of a time that clocks repeat, the first counts.
    """
    days = {departure.astimezone(zone).date() for departure in departures}
    today = now.astimezone(zone).date()
    times = [departure.astimezone(UTC) for departure in departures]
    for ahead in range(DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if day not in days and (at := weekly.get(day.weekday())) is not None:
            times.append(_instant(day, at, zone))
    return min((each for each in times if each > now), default=None)


def _instant(day: date, at: time, zone: tzinfo, *, last: bool = False) -> datetime:
    """Return when the clock shows a time; where clocks skip it, the moment at which they do."""
    first = datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)
    second = datetime.combine(day, at.replace(fold=1), zone).astimezone(UTC)
    if first > second:
        return _change(second, first, zone)
    return second if last else first


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return when the offset of the clock changes between two instants, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
