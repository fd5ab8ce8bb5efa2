"""What a measured overload proves: how far the chargers have to yield before any of them answers.

While a reduction is in flight a charger counts at what it drew before, so that one step of the
house is cut once however slowly the car follows. Who cannot be told stays as it is: its draw is in
the mains now and later, so that only what the others drew has to be known.
"""

from math import inf

from .estimate import bracket
from .layout import Layout
from .memory import Draw, Reading
from .points import Span
from .view import View

DOUBTFUL_A = 2.0
"""Evidence that could be a car's own doing cuts only by more than this, and never to zero."""

STARTS_BELOW_A = 1.0
"""A car that draws less has not begun to charge."""


def evident(
    layout: Layout,
    views: tuple[View, ...],
    ring: tuple[Reading, ...],
    spans: list[Span],
    sums_a: tuple[list[float], list[float], list[float]],
    *,
    doubtful_a: float = DOUBTFUL_A,
) -> list[float]:
    """Return per row what the chargers of ``views`` may have together, infinity without overload.

    ``sums_a`` are per row what they hold, what nobody governs, and their minima; ``ring`` ends with
    the newest mains reading.
    """
    draws = [_draws(layout, views, ring, phase) for phase in layout.grid_rows]
    may_a = [inf] * len(spans)
    for index, ((_, _, over_a), held_a, fixed_a, minima_a) in enumerate(
        zip(spans, *sums_a, strict=True)
    ):
        if over_a > 0:
            least_a, most_a = _on_row(layout, index, draws)
            may_a[index] = most_a - over_a
            if least_a - over_a < held_a - doubtful_a:
                may_a[index] = min(may_a[index], max(least_a - over_a, minima_a + fixed_a))
    return may_a


def _on_row(layout: Layout, index: int, draws: list[tuple[float, float]]) -> tuple[float, float]:
    """Return what was drawn through a row of the grid connection, at least and at most."""
    phase = layout.rows[index].phase
    if phase is not None:
        return draws[layout.spec.phases.index(phase)]
    return sum([least_a for least_a, _ in draws]), sum([most_a for _, most_a in draws])


def _draws(
    layout: Layout, views: tuple[View, ...], ring: tuple[Reading, ...], phase: int
) -> tuple[float, float]:
    """Return what the chargers together drew on a phase in the newest reading.

    At least: every reduction done, as far as the mains current has fallen since; it fell once,
    whoever made it fall. At most: none of them done.
    """
    lag_s = layout.spec.meter.lag_s
    least_a = most_a = done_a = 0.0
    falling = []
    since_s = inf
    for view in views:
        for line, place in enumerate(view.seat.lines):
            if place == phase:
                span = _span(view, ring[-1].time_s - lag_s)
                low_a, high_a = _drawn(view, line, span)
                starts = _may_start(view, line, ring[-1].time_s, high_a)
                most_a += max(high_a, view.counted_a) if starts else high_a
                if low_a < high_a and not view.offer.rising:
                    done_a += low_a
                    falling.append((view, line, high_a))
                    told_s = view.offer.changed_s
                    since_s = min(since_s, max([told_s, *[draw.time_s for draw in span[-1:]]]))
                else:
                    least_a += low_a
    if falling:
        start_s, fall_a = _fall(ring, phase, since_s)
        before_a = sum(
            [_peak_a(_span(view, start_s - lag_s), line, a) for view, line, a in falling]
        )
        least_a += max(done_a, before_a - fall_a)
    return least_a, most_a


def _drawn(view: View, line: int, span: list[Draw]) -> tuple[float, float]:
    """Return what one line drew at least and at most, by the samples about the newest reading."""
    offer = view.offer
    if view.silent:
        # It took its newest command, or it counts in full; whichever, it yields to an overload.
        heard = not (view.flying or view.failed)
        recent_a = min(view.counted_a, view.offered_a) if heard else view.counted_a
    else:
        recent_a = _peak_a(span, line, 0.0)
    if view.flying and offer.rising:
        low_a = min(recent_a, offer.low_a) if view.silent else recent_a
        return low_a, max(recent_a, view.offered_a) if line in view.seat.used else recent_a
    if offer.rising or offer.current_a is None:
        return recent_a, recent_a
    return min(recent_a, view.offered_a), recent_a


def _may_start(view: View, line: int, read_s: float, drawn_a: float) -> bool:
    """Whether its car may have begun to charge since it was last read, as the mains shows already.

    Cars wake up when they like, and some take all that they are offered at once.
    """
    if view.silent or not view.connected or line not in view.seat.used:
        return False
    return drawn_a < STARTS_BELOW_A and view.draws[-1].time_s < read_s


def _span(view: View, seen_s: float) -> list[Draw]:
    """Return the samples from the last one up to a time on, newest first; all if none is as old.

    Those of a charger that is silent say nothing of the present.
    """
    if view.silent:
        return []
    return bracket(view.draws, seen_s, inf) or list(reversed(view.draws))


def _peak_a(span: list[Draw], line: int, least_a: float) -> float:
    """Return the most that a line drew, and no less than ``least_a``."""
    return max([least_a, *[draw.drawn_a[line] for draw in span]])


def _fall(ring: tuple[Reading, ...], phase: int, since_s: float) -> tuple[float, float]:
    """Return when the last reading before a time was, and how far the mains fell since at most."""
    lowest_a = inf
    for reading in reversed(ring):
        if reading.time_s <= since_s:
            break
        lowest_a = min(lowest_a, reading.current_a[phase])
    return reading.time_s, max(0.0, reading.current_a[phase] - lowest_a)
