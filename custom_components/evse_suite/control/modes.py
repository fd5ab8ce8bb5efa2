"""What each mode wants for a charger before the caps: Power, Hybrid, Green (LEK-8 to LEK-10).

Power wants the ceiling. Hybrid and Green share the surplus as if it were one more row of amperes
(``sun``); Hybrid keeps the minimum without any, Green starts and stops by it (``green``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .estimate import Estimate
from .green import advance
from .held import Held
from .layout import Layout
from .memory import Green, SunMemory
from .model import SiteMode
from .sun import follow, rested, taken
from .view import View

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
    sun: SunMemory
    exporting: bool = False
    """The surplus is more than may flow to the grid (``export``)."""
    held: Held = field(default_factory=Held)


def want(
    layout: Layout,
    views: tuple[View, ...],
    house: Estimate | None,
    rank: Sequence[int],
    sun: SunMemory,
    *,
    elapsed_s: float,
    now_s: float,
) -> Wants:
    """Return the wants of all chargers; ``house`` is None while surplus is unknown."""
    if all(view.mode is SiteMode.POWER for view in views):
        return _all_power(views, rested(sun))
    voltage_v = house.voltage_v if house else layout.spec.voltage_v
    others_w = sum([_drawn_w(view, voltage_v) for view in views if view.mode not in SURPLUS_MODES])
    if house is not None:
        greens_w = sum([_drawn_w(view, voltage_v) for view in views if view.mode is SiteMode.GREEN])
        sun = taken(sun, greens_w - max(0.0, house.newest_w - others_w), elapsed_s)
    spare_w = house.newest_w - others_w if house else None
    ceilings_a, greens = _started(views, rank, spare_w, voltage_v, elapsed_s=elapsed_s, now_s=now_s)
    followers = [
        ceiling_a > 0 and view.mode in SURPLUS_MODES
        for view, ceiling_a in zip(views, ceilings_a, strict=True)
    ]
    members = [view for view, follows in zip(views, followers, strict=True) if follows]
    surplus_a, sun = follow(members, house, sun, others_w, elapsed_s=elapsed_s, now_s=now_s)
    return Wants(
        ceilings_a=ceilings_a,
        followers=followers,
        surplus_a=surplus_a,
        greens=greens,
        sun=sun,
    )


def _started(
    views: tuple[View, ...],
    rank: Sequence[int],
    spare_w: float | None,
    voltage_v: float,
    *,
    elapsed_s: float,
    now_s: float,
) -> tuple[list[int], list[Green]]:
    """Return what each charger may have at the most, and where Green stands, in order of rank.

    ``spare_w`` is the surplus that the chargers of these modes share; None while it is unknown.
    """
    ceilings_a = [view.ceiling_a if view.connected else 0 for view in views]
    greens = [view.memory.green for view in views]
    for index in rank:
        view = views[index]
        minimum_w = view.minimum_w(spare_w or 0.0, voltage_v)
        greens[index] = _green(view, spare_w, minimum_w=minimum_w, elapsed_s=elapsed_s, now_s=now_s)
        if view.mode is SiteMode.GREEN and not greens[index].running:
            ceilings_a[index] = 0
        if spare_w is not None and ceilings_a[index] and view.mode in SURPLUS_MODES:
            spare_w -= minimum_w
    return ceilings_a, greens


def _green(
    view: View,
    spare_w: float | None,
    *,
    minimum_w: float,
    elapsed_s: float,
    now_s: float,
) -> Green:
    """Return whether a charger runs by surplus and how far it is from the next start or stop."""
    green = view.memory.green
    if view.mode is SiteMode.GREEN:
        return advance(view, spare_w=spare_w, minimum_w=minimum_w, elapsed_s=elapsed_s, now_s=now_s)
    return NO_GREEN if green.running else green


def _all_power(views: tuple[View, ...], sun: SunMemory) -> Wants:
    """Return the ceilings: nobody follows the surplus, nobody's buckets fill."""
    return Wants(
        ceilings_a=[view.ceiling_a if view.connected else 0 for view in views],
        followers=[False] * len(views),
        surplus_a=0.0,
        greens=[NO_GREEN] * len(views),
        sun=sun,
    )


def _drawn_w(view: View, voltage_v: float) -> float:
    """Return the active power that a charger draws, about."""
    return sum(view.draws[-1].drawn_a) * voltage_v if view.draws else 0.0
