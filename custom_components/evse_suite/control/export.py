"""What must not flow to the grid: the chargers take it first, a generator yields the rest (IND-10).

Above the export limit Green starts without waiting for the energy that it would miss, and whole
amperes are rounded up instead of down. Restarts stay as rare as ever, and no cap is touched.

A generator that yields hides its surplus: what the grid carries is the limit, whatever the sun
could give. Where the export stays at the limit and goes beyond it again and again, Green starts
once in a while to see: the generator gives back what is taken, or Green stops as it always does.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from .estimate import Estimate
from .green import BETWEEN_S
from .held import Held
from .layout import Layout
from .memory import Green, Reading
from .model import SiteMode, SiteSpec
from .modes import SURPLUS_MODES, Wants
from .view import View

RELIEF_MARGIN_W = 50.0
"""Less than this beyond the limit raises nobody."""
TRIAL_S = 900.0
"""Between the end of a charge and a trial, and longer with every start of late."""


def curtail_w(spec: SiteSpec, reading: Reading | None) -> float | None:
    """Return what flows to the grid beyond the limit; the newest believed reading counts."""
    if spec.export_limit_w is None or reading is None:
        return None
    return max(0.0, -reading.power_w - spec.export_limit_w)


def relieved(
    layout: Layout,
    views: tuple[View, ...],
    wants: Wants,
    house: Estimate | None,
    rank: Sequence[int],
    *,
    past: Held,
    now_s: float,
) -> Wants:
    """Return the wants with all that the chargers have to take so that the limit holds."""
    limit_w = layout.spec.export_limit_w
    if limit_w is None or house is None:
        return wants
    voltage_v = layout.spec.voltage_v
    drawn_w = voltage_v * sum([sum(view.draws[-1].drawn_a) for view in views if view.draws])
    held = past.noted(house.newest_w - drawn_w - limit_w, now_s)
    wants = replace(wants, held=held)
    if held.hides(now_s):
        wants = _tried(views, wants, rank, now_s=now_s)
    if house.surplus_high_w <= limit_w:
        return wants
    others_w = voltage_v * sum(
        [sum(view.draws[-1].drawn_a) for view in views if view.draws and not _follows(view)]
    )
    started = _started(views, wants, rank, house.surplus_w - others_w, layout.spec, now_s=now_s)
    lines = [len(view.seat.used) for view, on in zip(views, started.followers, strict=True) if on]
    if not lines:
        return started
    beyond_w = others_w + limit_w
    least_a = _whole_a((house.surplus_low_w - beyond_w - RELIEF_MARGIN_W) / voltage_v, min(lines))
    most_a = _whole_a((house.surplus_high_w - beyond_w) / voltage_v, min(lines))
    held_a = sum(
        [
            len(view.seat.used) * view.held_a
            for view, on in zip(views, started.followers, strict=True)
            if on
        ]
    )
    needed_a = float(min(max(held_a, least_a), most_a))
    # What follows the surplus is rounded to the nearest ampere and may be there already.
    if needed_a < started.surplus_a - min(lines) / 2:
        return started
    return replace(started, surplus_a=max(needed_a, started.surplus_a), exporting=True)


def _tried(views: tuple[View, ...], wants: Wants, rank: Sequence[int], *, now_s: float) -> Wants:
    """Start the first Green charger that has waited for long, to see what is hidden."""
    for index in rank:
        view, green = views[index], wants.greens[index]
        waits = view.mode is SiteMode.GREEN and view.connected and view.ceiling_a > 0
        rested = now_s - green.since_s >= TRIAL_S * (1 + green.starts)
        if waits and rested and not green.running:
            ceilings_a, followers = wants.ceilings_a.copy(), wants.followers.copy()
            greens = wants.greens.copy()
            greens[index] = Green(running=True, since_s=now_s, starts=green.starts + 1)
            ceilings_a[index] = view.ceiling_a
            followers[index] = True
            minimum_a = float(len(view.seat.used) * view.seat.spec.minimum_a)
            return replace(
                wants,
                ceilings_a=ceilings_a,
                followers=followers,
                greens=greens,
                surplus_a=wants.surplus_a + minimum_a,
            )
    return wants


def _follows(view: View) -> bool:
    """Whether a charger takes surplus."""
    return view.mode in SURPLUS_MODES


def _whole_a(line_a: float, lines: int) -> int:
    """Round line amperes up to whole amperes of a charger."""
    return ceil(line_a / lines) * lines


def _started(
    views: tuple[View, ...],
    wants: Wants,
    rank: Sequence[int],
    spare_w: float,
    spec: SiteSpec,
    *,
    now_s: float,
) -> Wants:
    """Start Green chargers, as many as have to take what is beyond the limit."""
    beyond_w = spare_w - (spec.export_limit_w or 0.0)
    ceilings_a, followers = wants.ceilings_a.copy(), wants.followers.copy()
    greens = wants.greens.copy()
    for index in rank:
        view = views[index]
        line_w = len(view.seat.used) * spec.voltage_v
        green = greens[index]
        waits = view.mode is SiteMode.GREEN and view.connected and view.ceiling_a > 0
        rested = not green.running and now_s - green.since_s >= BETWEEN_S
        covered = spare_w >= view.seat.spec.minimum_a * line_w
        if waits and rested and covered and beyond_w > RELIEF_MARGIN_W:
            greens[index] = Green(running=True, since_s=now_s, starts=green.starts + 1)
            ceilings_a[index] = view.ceiling_a
            followers[index] = True
        if followers[index]:
            spare_w -= view.seat.spec.minimum_a * line_w
            beyond_w -= ceilings_a[index] * line_w
    return replace(wants, ceilings_a=ceilings_a, followers=followers, greens=greens)
