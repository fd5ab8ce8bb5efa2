"""Every limit turned into room per row: what may be shared now, and what a raise may rely on.

On the grid rows the house is known only as an interval. The chargers keep the sum that they have,
as long as it lies between what is certainly free and what is certainly too much: cut on what is
certain, raise on what is certain, hold in between (promises 1 and 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from .estimate import Estimate, bracket
from .layout import Layout
from .memory import Reading
from .points import RAISE_MARGIN_A, Span, grid_span
from .view import View

NONE: Mapping[int, Span] = {}
DOUBTFUL_A = 2.0
"""Evidence that could be a car's own doing cuts only by more than this, and never to zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Amperes per row of the layout for all chargers behind it together."""

    share_a: list[float]
    """To be shared in this cycle."""
    raise_a: list[float]
    """What draws and raises may add up to, everything in flight counted."""
    most_a: list[float]
    """Beyond this the cap is certainly broken once everybody draws its offer."""
    held_a: list[float]
    """What the offers add up to now."""
    others_a: list[float] | None
    """As ``share_a`` for all but the stuck chargers, which count at what they may draw; None if
    nobody is stuck."""
    over: tuple[bool, ...]
    """Per phase: the newest reading is over the limit of the grid connection."""
    broken: tuple[int, ...] = ()
    """The other rows, of power or of a collar, that the newest reading is over."""


def rooms(
    layout: Layout,
    views: tuple[View, ...],
    house: Estimate | None,
    ring: tuple[Reading, ...],
    measured: Mapping[int, Span] = NONE,
) -> Room:
    """Return the room per row; ``ring`` ends with the newest mains reading.

    ``measured`` has the span of every row of ``layout.measured`` and of others that are not usual.
    """
    held_a, fixed_a, minima_a = _sums(layout, views)
    spans = _spans(layout, house, ring, measured)
    free_a, bounds_a, overs_a = map(list, zip(*spans, strict=True))
    phases = len(layout.spec.phases)
    over = tuple([over_a > 0 for over_a in overs_a[:phases]])
    broken = tuple([row for row, span in measured.items() if span[2] > 0 and row >= phases])
    if broken or any(over):
        seen = _overload_draws(layout, views, ring)
        for index, over_a in enumerate(overs_a):
            if over_a > 0:
                floor_a = minima_a[index] + fixed_a[index]
                draws_a = _on_row(layout, index, seen)
                evident_a = _evident_a(draws_a, over_a, held_a[index], floor_a)
                bounds_a[index] = min(bounds_a[index], evident_a)
    least_a, most_a = free_a, bounds_a
    if any(fixed_a):
        least_a = [a - fixed for a, fixed in zip(free_a, fixed_a, strict=True)]
        most_a = [a - fixed for a, fixed in zip(bounds_a, fixed_a, strict=True)]
    return Room(
        share_a=_between(held_a, least_a, most_a),
        raise_a=free_a,
        most_a=most_a,
        held_a=held_a,
        others_a=_others_a(layout, views, held_a, least_a, most_a),
        over=over,
        broken=broken,
    )


def _spans(
    layout: Layout,
    house: Estimate | None,
    ring: tuple[Reading, ...],
    measured: Mapping[int, Span],
) -> list[Span]:
    """Return what every row has for the chargers, whoever holds it now."""
    phases = len(layout.spec.phases)
    spans = [
        measured.get(phase) or grid_span(row, phase, house, ring)
        for phase, row in enumerate(layout.rows[:phases])
    ]
    for index in range(phases, len(layout.rows)):
        limit_a = layout.rows[index].limit_a
        spans.append(measured.get(index) or (limit_a, limit_a, 0.0))
    return spans


def _between(held_a: list[float], least_a: list[float], most_a: list[float]) -> list[float]:
    """Return what is held where it lies between the certain bounds, else the bound."""
    return [
        min(max(held, least), most)
        for held, least, most in zip(held_a, least_a, most_a, strict=True)
    ]


def _others_a(
    layout: Layout,
    views: tuple[View, ...],
    held_a: list[float],
    least_a: list[float],
    most_a: list[float],
) -> list[float] | None:
    """Return what the stuck chargers leave to the others, None if nobody is stuck.

    The margin is left here too: who cannot be told cannot help with the last ampere.
    """
    stuck = _stuck(layout, views)
    if stuck is None:
        return None
    told_a, feared_a = stuck
    return _between(
        [held - told for held, told in zip(held_a, told_a, strict=True)],
        [least - feared for least, feared in zip(least_a, feared_a, strict=True)],
        [most - feared - RAISE_MARGIN_A for most, feared in zip(most_a, feared_a, strict=True)],
    )


def _on_row(layout: Layout, index: int, seen: Draws) -> tuple[float, float]:
    """Return what all chargers drew through a row of the grid connection, at least and at most."""
    phase = layout.rows[index].phase
    if phase is None:
        return sum(seen.least_a), sum(seen.most_a)
    place = layout.spec.phases.index(phase)
    return seen.least_a[place], seen.most_a[place]


def _evident_a(draws_a: tuple[float, float], over_a: float, held_a: float, floor_a: float) -> float:
    """Return what the chargers may have together by the overload that was measured."""
    doubtful_a = draws_a[0] - over_a
    most_a = draws_a[1] - over_a
    if doubtful_a < held_a - DOUBTFUL_A:
        return min(most_a, max(doubtful_a, floor_a))
    return most_a


def _sums(layout: Layout, views: tuple[View, ...]) -> tuple[list[float], list[float], list[float]]:
    """Return per row: the offers that hold it, what nobody governs, the minima of who is on."""
    held_a = [0.0] * len(layout.rows)
    fixed_a = held_a.copy()
    minima_a = held_a.copy()
    for view in views:
        offered_a = view.held_a
        for row, lines in view.seat.rows:
            if offered_a:
                held_a[row] += lines * offered_a
                minima_a[row] += lines * view.seat.spec.minimum_a
            if view.excess_a:
                fixed_a[row] += lines * view.excess_a
    return held_a, fixed_a, minima_a


def _stuck(layout: Layout, views: tuple[View, ...]) -> tuple[list[float], list[float]] | None:
    """Return per row what the stuck chargers were told and what they may draw, None without any."""
    stuck = [view for view in views if view.stuck]
    if not stuck:
        return None
    held_a = [0.0] * len(layout.rows)
    most_a = held_a.copy()
    for view in stuck:
        for row, lines in view.seat.rows:
            held_a[row] += lines * view.held_a
            most_a[row] += lines * view.counted_a
    return held_a, most_a


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What all chargers together may have drawn per phase when an overload was measured."""

    least_a: list[float]
    """Counting a change in flight as done as far as the mains current allows."""
    most_a: list[float]
    """Counting it as not done yet."""


def _overload_draws(layout: Layout, views: tuple[View, ...], ring: tuple[Reading, ...]) -> Draws:
    """Bracket the chargers' draw in the newest reading without waiting for their answers.

    While a reduction is in flight a charger counts at what it drew before, so that one step of the
    house is cut once however slowly the car follows.
    """
    least_a = [0.0 for _ in layout.grid_rows]
    most_a = least_a.copy()
    for view in views:
        for phase, (seen_a, recent_a) in zip(
            view.seat.lines, _recent(view, ring, layout.spec.meter.lag_s), strict=True
        ):
            least_a[phase] += seen_a
            most_a[phase] += recent_a
    return Draws(least_a=least_a, most_a=most_a)


def _recent(view: View, ring: tuple[Reading, ...], lag_s: float) -> list[tuple[float, float]]:
    """Return per line what a charger may have drawn at least and at most in the newest reading."""
    offer = view.offer
    rising = view.flying and offer.rising
    since_s = offer.changed_s
    if view.silent:
        # It took its newest command, or it counts in full; whichever, it yields to an overload.
        heard = not (view.flying or view.failed)
        silent_a = min(view.counted_a, view.offered_a) if heard else view.counted_a
        recent_a = [silent_a for _ in view.seat.lines]
    else:
        span = bracket(view.draws, ring[-1].time_s - lag_s, inf) or list(reversed(view.draws))
        since_s = max(since_s, span[-1].time_s)
        recent_a = [
            max([draw.drawn_a[line] for draw in span]) for line in range(len(view.seat.lines))
        ]
    if not view.flying:
        return [(a, a) for a in recent_a]
    if rising:
        least_a = offer.low_a if view.silent else inf
        return [
            (min(a, least_a), max(a, view.offered_a) if line in view.seat.used else a)
            for line, a in enumerate(recent_a)
        ]
    return [
        (max(min(a, view.offered_a), a - _fall(ring, phase, since_s)), a)
        for a, phase in zip(recent_a, view.seat.lines, strict=True)
    ]


def _fall(ring: tuple[Reading, ...], phase: int, since_s: float) -> float:
    """Return by how much the mains current has fallen since a time, at its lowest."""
    start_a = ring[-1].current_a[phase]
    lowest_a = inf
    for reading in reversed(ring):
        start_a = reading.current_a[phase]
        if reading.time_s <= since_s:
            break
        lowest_a = min(lowest_a, start_a)
    return max(0.0, start_a - lowest_a)
