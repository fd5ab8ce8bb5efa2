"""What the limits on power, from outside and of balance say in figures and words (promise 7)."""

from collections.abc import Sequence
from math import inf

from .answer import CapDecision
from .budget import allowed_w
from .estimate import Estimate
from .layout import Gauge, Layout, Row
from .memory import Budget
from .model import Cap, CapKind
from .supply import Supply
from .view import View

NAMES = {
    CapKind.FUSE: "the fuse",
    CapKind.METER_RANGE: "the range of the mains meter",
    CapKind.LOAD_LIMIT: "the load limit of the meter",
    CapKind.CONTRACT: "the contract",
    CapKind.CAPACITY: "the capacity tariff",
    CapKind.EXTERNAL: "the limit from outside",
    CapKind.COLLAR: "the meter collar",
}
"""What limits are called that nobody has given a name."""
HALF_TENTH_W = 50.0
"""Kilowatts are told to a tenth."""


def caps(
    layout: Layout, views: tuple[View, ...], grid: Supply, *, lost: bool
) -> tuple[CapDecision, ...]:
    """Return the arithmetic of every cap that is on power or has a source, in the site's order."""
    return tuple([_cap(layout, cap, views, grid, lost=lost) for cap in layout.told])


def _cap(
    layout: Layout, cap: Cap, views: tuple[View, ...], grid: Supply, *, lost: bool
) -> CapDecision:
    """Return the arithmetic of one cap."""
    said = grid.limits.said.get(cap.key) if grid.limits else None
    limit_a = min(cap.limit_a.values(), default=None)
    limit_w = cap.limit_w
    if said is not None and limit_a is not None:
        limit_a = min(limit_a, said.limit)
    elif said is not None and limit_w is not None:
        limit_w = min(limit_w, said.limit)
    rows = [row for row in layout.rows if row.cap == cap.key and row.limit_w is not None]
    budget = grid.budget if rows and rows[0].gauge is Gauge.BUDGET else None
    return CapDecision(
        key=cap.key,
        kind=cap.kind,
        limit_a=limit_a,
        limit_w=_left_w(budget, limit_w) if budget and limit_w else limit_w,
        power_w=_power_w(layout, rows[0], views, grid, lost=lost) if rows else None,
        dimmed=said.dimmed if said else False,
        used_wh=budget.used_ws / 3600 if budget else None,
    )


def _left_w(budget: Budget, limit_w: float) -> float:
    """Return what may flow for the rest of the window; what was saved is not used up in a burst."""
    return min(limit_w, max(0.0, allowed_w(budget, limit_w)))


def _power_w(
    layout: Layout, row: Row, views: tuple[View, ...], grid: Supply, *, lost: bool
) -> float | None:
    """Return what flows through a cap's point; behind a breaker only the chargers are known."""
    if row.chargers is None:
        return None if lost or grid.reading is None else grid.reading.power_w
    measured_v = grid.reading.voltage_v if grid.reading else None
    return sum(
        [
            drawn_a * (measured_v[phase] if measured_v else layout.spec.voltage_v)
            for view in views
            if view.draws and view.seat.spec.key in row.chargers
            for phase, drawn_a in zip(view.seat.lines, view.draws[-1].drawn_a, strict=True)
        ]
    )


def owner_text(layout: Layout, row: Row, told: Sequence[CapDecision]) -> str:
    """Say whose limit of the grid connection it is, where that is not the fuse's."""
    if row.kind is CapKind.METER_RANGE:
        return ", as far as the clamps can measure"
    if row.cap not in layout.names:
        return ""
    return f", the limit of {layout.names[row.cap]}{_doubt(_told(row, told))}"


def _told(row: Row, told: Sequence[CapDecision]) -> CapDecision | None:
    return next((one for one in told if one.key == row.cap), None)


def _doubt(cap: CapDecision | None) -> str:
    return ", as its source cannot be believed" if cap and cap.dimmed else ""


def limit_text(
    layout: Layout, row: Row, house: Estimate | None, told: Sequence[CapDecision]
) -> str:
    """Say what a row of the layout allows, and what of it is not for the chargers."""
    if row.against is not None and row.phase is not None:
        return f"{row.phase.upper()} may carry {row.limit_a:g} A more than {row.against.upper()}"
    cap = _told(row, told)
    name = layout.names.get(row.cap) or NAMES.get(row.kind, row.cap)
    silent = _doubt(cap)
    if row.phase is not None:
        return f"{name} allows {row.limit_a:g} A on {row.phase.upper()}{silent}"
    limit_w = cap.limit_w if cap else row.limit_w
    if limit_w is None or limit_w == inf:
        limit_w = row.limit_w or 0.0
    text = f"{name} allows {limit_w / 1000:.1f} kW{silent}"
    if row.gauge is Gauge.BUDGET:
        text = f"{name} bears {limit_w / 1000:.1f} kW in the rest of the quarter of an hour"
    if row.chargers is None and house is not None:
        gives = house.surplus_w >= HALF_TENTH_W
        used_kw = max(0.0, -house.surplus_w) / 1000
        given = f"gives {house.surplus_w / 1000:.1f}" if gives else f"uses {used_kw:.1f}"
        text += f", the house {given} kW"
    return text
