"""Room under the limits that are not simply a phase's: power, a window's mean, a collar, balance.

Each is an interval like the house's on a phase: what is certainly free, for raises, and what is
certainly too much, for cuts. A row of power counts amperes times lines at the measured voltage.
"""

from dataclasses import dataclass
from math import inf

from .budget import STEADY_S, allowed_w, bears
from .estimate import WINDOW_S, Estimate, unbracketed
from .layout import Gauge, Layout, Row
from .memory import Budget, HouseMemory, Reading
from .view import View

type Span = tuple[float, float, float]
"""Amperes certainly free, certainly not too much, and by how much the newest reading is over."""

UNKNOWN: Span = (-inf, inf, 0.0)
RAISE_MARGIN_A = 0.2
"""Left free by a raise, so that the meter's noise does not take it back at once."""
RAISE_MARGIN_W = 50.0
"""The same on a limit of power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """What the mains meter says of all phases together."""

    reading: Reading
    voltage_v: float
    """The highest of the phases'."""
    low_w: float
    """The house takes at least this much net power now."""
    high_w: float
    """It takes at most this much, and did so over the window."""


def spans(
    layout: Layout,
    views: tuple[View, ...],
    house: Estimate | None,
    rings: HouseMemory,
    ring: tuple[Reading, ...],
    *,
    budget: Budget | None = None,
    lowered: frozenset[int] = frozenset(),
) -> dict[int, Span]:
    """Return the span of every row of ``layout.measured``; ``ring`` ends with the newest reading.

    A row counts the chargers themselves nowhere: their offers are held against it. Rows that were
    ``lowered`` from outside in this cycle have one, too: no current on its way up hides them.
    """
    told: dict[int, Span] = {}
    if not (layout.measured or lowered):
        return told
    scales = _weigh(layout, views, rings, ring) if house is not None and ring else None
    for index in layout.measured:
        row = layout.rows[index]
        if row.gauge is Gauge.BALANCE:
            told[index] = _balance(layout, row, views)
        elif row.gauge is Gauge.COLLAR:
            told[index] = _collar(layout, row, house, ring)
        elif row.gauge is Gauge.BRANCH:
            told[index] = _branch(row, views, ring)
        elif row.gauge is Gauge.BUDGET:
            told[index] = _budget(row, scales, views, ring, budget)
        else:
            told[index] = _power(row, scales)
    for index in lowered:
        row = layout.rows[index]
        if row.gauge is Gauge.PHASE:
            told[index] = grid_span(row, index, house, ring)
        if ring and row.gauge in (Gauge.PHASE, Gauge.POWER):
            least_a, most_a, over_a = told[index]
            told[index] = least_a, min(most_a, _likely_a(layout, row, views, ring)), over_a
    return told


def grid_span(row: Row, phase: int, house: Estimate | None, ring: tuple[Reading, ...]) -> Span:
    """Return the span of the grid connection on one phase."""
    over_a = ring[-1].current_a[phase] - row.limit_a if ring else 0.0
    if house is None:
        return -inf, inf, over_a
    return (
        row.limit_a - house.high_a[phase] - RAISE_MARGIN_A,
        row.limit_a - house.low_a[phase],
        over_a,
    )


def _likely_a(
    layout: Layout, row: Row, views: tuple[View, ...], ring: tuple[Reading, ...]
) -> float:
    """Return what a lowered limit probably leaves to the chargers.

    While an offer is on its way up the house is known only within all that the car may draw, so
    that nothing certain would tell the new limit to be broken until it is.
    """
    seen_s = min([view.draws[-1].time_s for view in views if view.draws], default=inf)
    aligned = [reading for reading in ring if reading.time_s <= seen_s + layout.spec.meter.lag_s]
    reading = aligned[-1] if aligned else ring[0]
    drawn_a = [0.0] * len(layout.spec.phases)
    for view in views:
        for line, phase in enumerate(view.seat.lines if view.draws else ()):
            drawn_a[phase] += view.draws[-1].drawn_a[line]
    if row.phase is not None:
        phase = layout.spec.phases.index(row.phase)
        return row.limit_a - reading.current_a[phase] + drawn_a[phase]
    drawn_w = sum([a * v for a, v in zip(drawn_a, reading.voltage_v, strict=True)])
    limit_w = inf if row.limit_w is None else row.limit_w
    return (limit_w - reading.power_w + drawn_w) / max(reading.voltage_v)


def _weigh(
    layout: Layout, views: tuple[View, ...], rings: HouseMemory, ring: tuple[Reading, ...]
) -> Scales | None:
    """Return the interval of the house's net power, as ``estimate`` does for its currents."""
    if not rings.houses:
        return None
    newest, last = ring[-1], rings.houses[-1]
    since_w = [last.grid_w, newest.power_w, *[reading.power_w for reading in rings.pending]]
    house_a = unbracketed(newest, views, layout.spec.meter.lag_s)
    drawn_high_w = drawn_low_w = 0.0
    for grid_a, voltage_v, low_a, high_a in zip(
        newest.current_a, newest.voltage_v, *house_a, strict=True
    ):
        drawn_high_w += (grid_a - low_a) * voltage_v
        drawn_low_w += (grid_a - high_a) * voltage_v
    peak_w = max([-house.surplus_low_w for house in rings.houses])
    return Scales(
        reading=newest,
        voltage_v=max(newest.voltage_v),
        low_w=min(newest.power_w - drawn_high_w, -last.surplus_high_w + min(since_w) - last.grid_w),
        high_w=max(
            newest.power_w - drawn_low_w,
            peak_w,
            -last.surplus_low_w + max(since_w) - last.grid_w,
        ),
    )


def _power(row: Row, scales: Scales | None) -> Span:
    """Return the room under a limit of net power."""
    if scales is None:
        return UNKNOWN
    limit_w = inf if row.limit_w is None else row.limit_w
    return (
        (limit_w - scales.high_w - RAISE_MARGIN_W) / scales.voltage_v,
        (limit_w - scales.low_w) / scales.voltage_v,
        (scales.reading.power_w - limit_w) / scales.voltage_v,
    )


def _branch(row: Row, views: tuple[View, ...], ring: tuple[Reading, ...]) -> Span:
    """Return the room under a limit of power behind a breaker: cars draw more at a higher voltage.

    One charge with the minimum counts at the nominal voltage: a limit that is made for it, as 4.2
    kW are for three times 6 A, is not broken by some volts more than a home should have.
    """
    if row.limit_w is None or not ring:
        return row.limit_a, row.limit_a, 0.0
    behind = [view.seat for view in views if row.chargers and view.spec.key in row.chargers]
    minimum_a = max([len(seat.used) * seat.spec.minimum_a for seat in behind], default=0)
    floor_a = min(float(minimum_a), row.limit_a)
    start_s = ring[-1].time_s - WINDOW_S
    volts = [max(reading.voltage_v) for reading in ring if reading.time_s >= start_s]
    return (
        max(floor_a, (row.limit_w - RAISE_MARGIN_W) / max(volts)),
        max(floor_a, row.limit_w / min(volts)),
        0.0,
    )


def _budget(
    row: Row,
    scales: Scales | None,
    views: tuple[View, ...],
    ring: tuple[Reading, ...],
    budget: Budget | None,
) -> Span:
    """Return the room in the window: raises up to the limit itself, cuts once it does not bear."""
    if scales is None or budget is None or row.limit_w is None:
        return UNKNOWN
    bearable_w = allowed_w(budget, row.limit_w)
    least_a = (min(bearable_w, row.limit_w) - scales.high_w - RAISE_MARGIN_W) / scales.voltage_v
    start_s = ring[-1].time_s - STEADY_S
    steady_w = min([reading.power_w for reading in ring if reading.time_s >= start_s])
    spare_w = scales.voltage_v * sum([_above_minimum_a(view) for view in views])
    if bears(budget, row.limit_w, steady_w=steady_w, floor_w=steady_w - spare_w):
        return least_a, inf, 0.0
    return least_a, (bearable_w - scales.low_w) / scales.voltage_v, 0.0


def _above_minimum_a(view: View) -> float:
    """Return what a charger draws beyond its minimum, in amperes times lines."""
    drawn_a = view.draws[-1].drawn_a if view.draws and view.held_a else ()
    return sum([max(0.0, a - view.seat.spec.minimum_a) for a in drawn_a])


def _collar(layout: Layout, row: Row, house: Estimate | None, ring: tuple[Reading, ...]) -> Span:
    """Return the room in what grid and generator carry together (DER-14)."""
    if house is None or not ring or row.phase is None:
        return UNKNOWN
    phase = layout.spec.phases.index(row.phase)
    start_s = ring[-1].time_s - WINDOW_S
    delivered_a = [one.delivered_a[phase] for one in ring if one.time_s >= start_s]
    return (
        row.limit_a - house.high_a[phase] - max(delivered_a) - RAISE_MARGIN_A,
        row.limit_a - house.low_a[phase] - min(delivered_a),
        ring[-1].current_a[phase] + delivered_a[-1] - row.limit_a,
    )


def _balance(layout: Layout, row: Row, views: tuple[View, ...]) -> Span:
    """Return by how much more may be drawn on a phase than is drawn on the other (unbalance).

    Raises rely on what the chargers of the other phase certainly draw, cuts on what they were seen
    to draw last.
    """
    if row.phase is None or row.against is None:
        return UNKNOWN
    phase, other = (layout.spec.phases.index(one) for one in (row.phase, row.against))
    least_a = most_a = row.limit_a
    for view in views:
        mine = [line for line in view.seat.used if view.seat.lines[line] == phase]
        theirs = [line for line in view.seat.used if view.seat.lines[line] == other]
        if len(theirs) > len(mine) and (view.draws or view.silent):
            low_a, high_a = _recent_a(view, theirs)
            least_a += low_a
            most_a += high_a
    return least_a - RAISE_MARGIN_A, most_a, 0.0


def _recent_a(view: View, lines: list[int]) -> tuple[float, float]:
    """Return what a charger drew on some lines at least over the window, and what it draws now."""
    if view.silent:
        # It may have stopped: what it draws balances nothing any more.
        return 0.0, 0.0
    start_s = view.draws[-1].time_s - WINDOW_S
    recent = [draw.drawn_a for draw in view.draws if draw.time_s >= start_s]
    sums_a = [sum([drawn_a[line] for line in lines]) for drawn_a in recent]
    low_a = min(sums_a)
    if view.flying:
        low_a = min(low_a, view.offer.low_a * len(lines))
    return low_a, sums_a[-1]
