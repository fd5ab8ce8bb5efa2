"""Every limit turned into room per row: what may be shared now, and what a raise may rely on.

On the grid rows the house is known only as an interval. The chargers keep the sum that they have,
as long as it lies between what is certainly free and what is certainly too much: cut on what is
certain, raise on what is certain, hold in between (promises 1 and 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import add, sub

from .estimate import Estimate
from .layout import Layout
from .memory import Reading
from .overload import evident
from .points import RAISE_MARGIN_A, Span, grid_span
from .view import View

NONE: Mapping[int, Span] = {}
DOUBTFUL_FOR_STUCK_A = 1.0
"""Who yields for one that cannot be told does so by evidence that is less sure."""


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
    spans = _spans(layout, house, ring, measured)
    phases = len(layout.spec.phases)
    over = tuple([over_a > 0 for _, _, over_a in spans[:phases]])
    broken = tuple([row for row, span in measured.items() if span[2] > 0 and row >= phases])
    seen = ring if broken or any(over) else ()
    sums_a = _sums(layout, views)
    held_a, fixed_a, _ = sums_a
    least_a, most_a, _ = map(list, zip(*spans, strict=True))
    free_a = least_a
    if seen:
        most_a = list(map(min, most_a, evident(layout, views, seen, spans, sums_a), strict=True))
    if any(fixed_a):
        least_a = list(map(sub, free_a, fixed_a, strict=True))
        most_a = list(map(sub, most_a, fixed_a, strict=True))
    return Room(
        share_a=_between(held_a, least_a, most_a),
        raise_a=free_a,
        most_a=most_a,
        held_a=held_a,
        others_a=_others_a(layout, views, spans, seen),
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
    layout: Layout, views: tuple[View, ...], spans: list[Span], seen: tuple[Reading, ...]
) -> list[float] | None:
    """Return what the stuck chargers leave to the others, None if nobody is stuck.

    ``seen`` ends with the reading that is over a limit, and is empty if none is. The margin is left
    here too: who cannot be told cannot help with the last ampere; but it is not worth a pause.
    """
    able = tuple([view for view in views if not view.stuck])
    if len(able) == len(views):
        return None
    taken_a = [0.0] * len(spans)
    for view in views:
        for row, lines in view.seat.rows if view.stuck else ():
            taken_a[row] += lines * view.counted_a
    sums_a = _sums(layout, able)
    held_a, fixed_a, minima_a = sums_a
    taken_a = list(map(add, taken_a, fixed_a, strict=True))
    least_a = [least - taken for (least, _, _), taken in zip(spans, taken_a, strict=True)]
    most_a = [most - taken for (_, most, _), taken in zip(spans, taken_a, strict=True)]
    if seen:
        may_a = evident(layout, able, seen, spans, sums_a, doubtful_a=DOUBTFUL_FOR_STUCK_A)
        may_a = list(map(sub, may_a, fixed_a, strict=True))
        if any(view.stuck and _comes_down(view, seen[-1].time_s) for view in views):
            # What shows in a moment pauses nobody.
            may_a = list(map(max, may_a, minima_a, strict=True))
        most_a = list(map(min, most_a, may_a, strict=True))
    spare_a = [
        max(a - RAISE_MARGIN_A, min(a, least)) for a, least in zip(most_a, minima_a, strict=True)
    ]
    return _between(held_a, least_a, spare_a)


def _comes_down(view: View, now_s: float) -> bool:
    """Whether a charger said, before it fell silent, that it had heard a cut which does not show.

    Its car has to follow that without a further word.
    """
    sample = view.sample
    if sample is None or sample.offered_a is None or now_s >= sample.time_s + view.spec.settle_s:
        return False
    return sample.offered_a < view.drawn_a


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
