"""Every limit turned into room per row: what may be shared now, and what a raise may rely on.

On the grid rows the house is known only as an interval. The chargers keep the sum that they have,
as long as it lies between what is certainly free and what is certainly too much: cut on what is
certain, raise on what is certain, hold in between (promises 1 and 5).
"""

from dataclasses import dataclass
from math import inf

from .estimate import Estimate, bracket
from .layout import Layout
from .memory import Reading
from .view import View

RAISE_MARGIN_A = 0.2
"""Left free by a raise, so that the meter's noise does not take it back at once."""
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


def rooms(
    layout: Layout,
    views: tuple[View, ...],
    house: Estimate | None,
    ring: tuple[Reading, ...],
) -> Room:
    """Return the room per row; ``ring`` ends with the newest mains reading."""
    held_a, fixed_a, minima_a = _sums(layout, views)
    over = tuple(
        [ring[-1].current_a[p] > layout.rows[p].limit_a for p in layout.grid_rows]
        if ring
        else [False for _ in layout.grid_rows]
    )
    seen = _overload_draws(layout, views, ring) if any(over) else None
    stuck = _stuck(layout, views)
    others_a: list[float] | None = None if stuck is None else []
    room = Room(share_a=[], raise_a=[], most_a=[], held_a=held_a, others_a=others_a, over=over)
    for index, row in enumerate(layout.rows):
        least_a = most_a = row.limit_a
        raise_a = row.limit_a
        if index < len(over):
            least_a, most_a = -inf, inf
            if house is not None:
                least_a = row.limit_a - house.high_a[index] - RAISE_MARGIN_A
                most_a = row.limit_a - house.low_a[index]
            raise_a = least_a
            if seen is not None and over[index]:
                over_a = ring[-1].current_a[index] - row.limit_a
                most_a = min(most_a, seen.most_a[index] - over_a)
                doubtful_a = seen.least_a[index] - over_a
                if doubtful_a < held_a[index] - DOUBTFUL_A:
                    most_a = min(most_a, max(doubtful_a, minima_a[index] + fixed_a[index]))
        most_a -= fixed_a[index]
        room.raise_a.append(raise_a)
        room.most_a.append(most_a)
        least_a -= fixed_a[index]
        room.share_a.append(min(max(held_a[index], least_a), most_a))
        if stuck is not None and others_a is not None:
            their_held_a, their_most_a = stuck[0][index], stuck[1][index]
            others_held_a = held_a[index] - their_held_a
            others_a.append(min(max(others_held_a, least_a - their_most_a), most_a - their_most_a))
    return room


def _sums(layout: Layout, views: tuple[View, ...]) -> tuple[list[float], list[float], list[float]]:
    """Return per row: the offers that hold it, what nobody governs, the minima of who is on."""
    held_a = [0.0] * len(layout.rows)
    fixed_a = held_a.copy()
    minima_a = held_a.copy()
    for view in views:
        offered_a = view.held_a
        for row, lines in view.seat.rows:
            held_a[row] += lines * offered_a
            fixed_a[row] += lines * view.excess_a
            if offered_a:
                minima_a[row] += lines * view.seat.spec.minimum_a
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
        recent_a = [view.counted_a for _ in view.seat.lines]
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
