"""The life of a boost: it begins, counts down and ends by itself (PLAN-4)."""

from dataclasses import replace
from datetime import datetime, timedelta

from .settings import LONGEST_BOOST, Boost


def begin(
    now: datetime,
    *,
    duration: timedelta | None = None,
    energy_wh: float | None = None,
    counter_wh: float | None = None,
) -> Boost:
    """Return a boost for a time, for an amount, or until the first of both.

    ``counter_wh`` is what the charger's energy counter shows now, None if nobody knows.
    """
    return Boost(until=now + (duration or LONGEST_BOOST), left_wh=energy_wh, counter_wh=counter_wh)


def count(boost: Boost, counter_wh: float | None) -> Boost:
    """Return the boost after the charger's counter has been read.

    A counter that has gone back began anew: what it shows was charged since.
    """
    if boost.left_wh is None or counter_wh is None or counter_wh == boost.counter_wh:
        return boost
    if boost.counter_wh is None:
        return replace(boost, counter_wh=counter_wh)
    rise_wh = counter_wh - boost.counter_wh
    charged_wh = rise_wh if rise_wh >= 0 else counter_wh
    return replace(boost, left_wh=max(0.0, boost.left_wh - charged_wh), counter_wh=counter_wh)


def is_over(boost: Boost, now: datetime) -> bool:
    """Tell whether its time or its amount is used up."""
    return now >= boost.until or (boost.left_wh is not None and boost.left_wh <= 0)
