"""What each mode wants for a charger before the caps: Power, Hybrid, Green (LEK-8 to LEK-10).

Power wants the ceiling. Hybrid and Green share the surplus as if it were one more row of amperes;
Hybrid keeps the minimum without any. Green starts and stops by energy, not by time: it starts once
a certain energy would have been missed, and stops once a certain energy was imported, so that a
strong sun starts quickly and a deep cloud stops quickly while a passing one does neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .estimate import Estimate
from .layout import Layout
from .memory import Green
from .model import ChargerActivity, SiteMode
from .view import View

START_WH = 20.0
"""Missed before a charge by surplus starts: 52 s at 1.4 kW, 18 s at 4 kW."""
STOP_WH = 25.0
"""Imported before it stops: 65 s without any sun at 6 A."""
BETWEEN_S = 120.0
"""Least time between start and stop; only a cap may break it."""
LONGEST_STEP_S = 15.0
"""The energy of a longer gap between two cycles is not known."""
NO_GREEN = Green()
SURPLUS_MODES = frozenset({SiteMode.HYBRID, SiteMode.GREEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the modes want in this cycle."""

    ceilings_a: list[int]
    """Per charger; 0 where nothing is wanted."""
    followers: list[bool]
    """Per charger: it is given surplus only (and its minimum)."""
    surplus_a: float
    """Room for the followers together, in amperes times lines."""
    greens: list[Green]
    exporting: bool = False
    """The surplus is more than may flow to the grid (``export``)."""


def want(
    layout: Layout,
    views: tuple[View, ...],
    house: Estimate | None,
    rank: Sequence[int],
    *,
    elapsed_s: float,
    now_s: float,
) -> Wants:
    """Return the wants of all chargers; ``house`` is None while surplus is unknown."""
    if all(view.mode is SiteMode.POWER for view in views):
        return _all_power(views)
    greens = [view.memory.green for view in views]
    voltage_v = layout.spec.voltage_v
    others_w = sum([_drawn_w(view, voltage_v) for view in views if view.mode not in SURPLUS_MODES])
    known = house is not None
    spare_w = house.surplus_w - others_w if house else 0.0
    least_w = house.surplus_low_w - others_w if house else 0.0
    most_w = house.surplus_high_w - others_w if house else 0.0
    ceilings_a = [view.ceiling_a if view.connected else 0 for view in views]
    followers = [False] * len(views)
    for index in rank:
        view = views[index]
        minimum_w = view.minimum_w(spare_w, voltage_v)
        if view.mode is SiteMode.GREEN:
            greens[index] = _green(view, spare_w if known else None, minimum_w, elapsed_s, now_s)
            if not greens[index].running:
                ceilings_a[index] = 0
        elif greens[index].running:
            greens[index] = Green()
        if ceilings_a[index] and view.mode in SURPLUS_MODES:
            followers[index] = True
            spare_w -= minimum_w
    return Wants(
        ceilings_a=ceilings_a,
        followers=followers,
        surplus_a=_surplus_a(
            views, followers, least_w / voltage_v, most_w / voltage_v, now_s, known=known
        ),
        greens=greens,
    )


def _all_power(views: tuple[View, ...]) -> Wants:
    """Return the ceilings: nobody follows the surplus, nobody's buckets fill."""
    return Wants(
        ceilings_a=[view.ceiling_a if view.connected else 0 for view in views],
        followers=[False] * len(views),
        surplus_a=0.0,
        greens=[NO_GREEN] * len(views),
    )


def _drawn_w(view: View, voltage_v: float) -> float:
    """Return the active power that a charger draws, about."""
    return sum(view.draws[-1].drawn_a) * voltage_v if view.draws else 0.0


def _surplus_a(
    views: tuple[View, ...],
    followers: list[bool],
    least_a: float,
    most_a: float,
    now_s: float,
    *,
    known: bool,
) -> float:
    """Return the line amperes for all followers together, never less than their minima.

    They keep what they have while it lies between the least certain surplus of the window and the
    most that there can be now, and for the spacing after a change.
    """
    held_a = 0
    minima_a = 0
    young = not known
    for view, follows in zip(views, followers, strict=True):
        if follows:
            lines = len(view.seat.used)
            held_a += lines * view.held_a
            minima_a += lines * view.seat.spec.minimum_a
            spacing_s = view.seat.spec.raise_spacing_s
            young = young or (view.offered_a > 0 and now_s - view.offer.changed_s < spacing_s)
    room_a = held_a if young else min(max(held_a, least_a), most_a)
    return float(max(room_a, minima_a))


def _green(
    view: View, spare_w: float | None, minimum_w: float, elapsed_s: float, now_s: float
) -> Green:
    """Advance the start and stop of one charger; ``spare_w`` None means that it is unknown."""
    green = view.memory.green
    if not view.connected or view.ceiling_a == 0:
        return Green()
    if green == Green() and view.sample and view.sample.activity is ChargerActivity.CHARGING:
        # It was charging before this mode: it goes on until the surplus says otherwise.
        return Green(running=True)
    return green if spare_w is None else _counted(green, spare_w, minimum_w, elapsed_s, now_s)


def _counted(
    green: Green, spare_w: float, minimum_w: float, elapsed_s: float, now_s: float
) -> Green:
    """Add the energy of this cycle, and start or stop where enough was missed or imported."""
    hours = min(elapsed_s, LONGEST_STEP_S) / 3600
    beyond_w = spare_w - minimum_w
    if green.running:
        imported_wh = min(STOP_WH, max(0.0, green.imported_wh - beyond_w * hours))
        if imported_wh >= STOP_WH and now_s - green.since_s >= BETWEEN_S:
            return Green(since_s=now_s)
        return replace(green, imported_wh=imported_wh)
    gained_w = spare_w if beyond_w >= 0 else beyond_w
    missed_wh = min(START_WH, max(0.0, green.missed_wh + gained_w * hours))
    if missed_wh >= START_WH and now_s - green.since_s >= BETWEEN_S:
        return Green(running=True, since_s=now_s)
    return replace(green, missed_wh=missed_wh)
