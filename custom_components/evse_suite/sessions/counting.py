"""From a charger's energy counter to the energy of an interval, whatever the counter does."""

from dataclasses import dataclass, replace
from typing import Final

SECONDS_OF_AN_HOUR: Final = 3600.0
ADOPTED_AFTER_S: Final = 20.0
"""A counter that makes no sense for this long was reset, or replaced: it is believed anew."""
LATE_S: Final = 30.0
"""A reading may show this much more than belongs to the time between two looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What is believed of a counter, and what has happened since it makes no sense."""

    counter_wh: float | None = None
    """The last value that made sense; None before the first, or of a charger without a counter."""
    lifetime: bool = False
    """It is the counter of the charger's life, not of a session."""
    doubted_s: float = 0.0
    doubted_wh: float = 0.0
    """What flowed meanwhile, by its power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What is known of the time since the last look."""

    elapsed_s: float
    power_wh: float
    """What flowed by the power that was seen; 0 over a gap."""
    most_w: float
    """No charger of this kind gives more."""
    gap: bool = False
    """Nobody looked in between."""


def advance(count: Count, counter_wh: float | None, interval: Interval) -> tuple[Count, float]:
    """Return the count after an interval and the energy in watt-hours that flowed in it.

    A counter is believed where it rises no faster than the charger can charge. A short dip or
    spike changes nothing. After a gap a lower counter has begun anew meanwhile; what it shows has
    flowed since then.
    """
    if counter_wh is None:
        return count, interval.power_wh if count.counter_wh is None else 0.0
    believed = Count(counter_wh=counter_wh, lifetime=count.lifetime)
    if count.counter_wh is None:
        return believed, interval.power_wh
    time_s = interval.elapsed_s + count.doubted_s + LATE_S
    bound_wh = interval.most_w * time_s / SECONDS_OF_AN_HOUR
    rise_wh = counter_wh - count.counter_wh
    if 0.0 <= rise_wh <= bound_wh:
        return believed, rise_wh
    if interval.gap:
        began_anew = rise_wh < 0.0 and counter_wh <= bound_wh
        return believed, counter_wh if began_anew else 0.0
    doubted_s = count.doubted_s + interval.elapsed_s
    doubted_wh = count.doubted_wh + interval.power_wh
    if doubted_s >= ADOPTED_AFTER_S:
        return believed, doubted_wh
    return replace(count, doubted_s=doubted_s, doubted_wh=doubted_wh), 0.0
