"""Forecasts of the sun: energies by time, of one roof or several, as powers in spans (PLAN-3)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from math import isfinite
from typing import Final

from .model import PowerSlot

HOUR: Final = timedelta(hours=1)
MOST_W: Final = 1_000_000.0
"""No roof here delivers more."""


def read_forecast(wh_by_time: object, zone: tzinfo) -> tuple[PowerSlot, ...]:
    """Return the powers in a table of watt-hours by the beginning of their time (ISO 8601).

    A time lasts until the next one, at most an hour; ``zone`` is that of times without one. What
    makes no sense is left out.
    """
    if not isinstance(wh_by_time, Mapping):
        return ()
    known: dict[datetime, float] = {}
    for key, value in wh_by_time.items():
        start = _instant(key, zone)
        if start is not None and isinstance(value, int | float) and isfinite(value):
            known[start] = max(0.0, float(value))
    starts = sorted(known)
    ends = [min(start + HOUR, later) for start, later in pairwise(starts)]
    if starts:
        ends.append(starts[-1] + HOUR)
    return tuple(
        PowerSlot(start=start, end=end, power_w=min(MOST_W, known[start] / ((end - start) / HOUR)))
        for start, end in zip(starts, ends, strict=True)
    )


def _instant(text: object, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return zoned.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def added_up(roofs: Iterable[tuple[PowerSlot, ...]]) -> tuple[PowerSlot, ...]:
    """Return the power of all roofs together, each of which has no overlaps of its own."""
    told = [roof for roof in roofs if roof]
    if len(told) <= 1:
        return told[0] if told else ()
    changes: dict[datetime, float] = {}
    covered: dict[datetime, int] = {}
    for slot in (slot for roof in told for slot in roof):
        for edge, sign in ((slot.start, 1), (slot.end, -1)):
            changes[edge] = changes.get(edge, 0.0) + sign * slot.power_w
            covered[edge] = covered.get(edge, 0) + sign
    slots = []
    power_w, roofs_here = 0.0, 0
    for start, end in pairwise(sorted(changes)):
        power_w += changes[start]
        roofs_here += covered[start]
        if roofs_here:
            slots.append(PowerSlot(start=start, end=end, power_w=max(0.0, power_w)))
    return tuple(slots)
