"""What a cycle knows, and what it rules for each charger."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from .answer import MeterHealth, Reason
from .caps import Room
from .estimate import Estimate
from .evidence import ClampMemory
from .follow import unheard
from .layout import Layout
from .memory import Patience, Switching
from .model import CapKind, Intent
from .modes import Wants
from .trials import probing
from .turns import resume_s
from .view import View

LIMITS = {
    CapKind.FUSE: Reason.FUSE_LIMIT,
    CapKind.METER_RANGE: Reason.FUSE_LIMIT,
    CapKind.CHARGER: Reason.FUSE_LIMIT,
    CapKind.CIRCUIT: Reason.CIRCUIT_LIMIT,
    CapKind.COLLAR: Reason.CIRCUIT_LIMIT,
    CapKind.LOAD_LIMIT: Reason.POWER_LIMIT,
    CapKind.CONTRACT: Reason.POWER_LIMIT,
    CapKind.CAPACITY: Reason.CAPACITY_LIMIT,
    CapKind.EXTERNAL: Reason.EXTERNAL_LIMIT,
    CapKind.UNBALANCE: Reason.UNBALANCE_LIMIT,
}
"""What a limit of each kind is told as (promise 7)."""
NOT_NOW = {
    Intent.PLAN: Reason.WAITING_FOR_PLAN,
    Intent.TARGET: Reason.TARGET_REACHED,
    Intent.OFF: Reason.SWITCHED_OFF,
    Intent.BALANCE: Reason.LOW_BALANCE,
    Intent.FEED_IN: Reason.SURPLUS_SOLD,
}
"""What planning wants nothing for."""
AS_WANTED = {Intent.PLAN: Reason.PLANNED, Intent.BOOST: Reason.BOOST}
SHARES = frozenset({Reason.FUSE_LIMIT, Reason.CIRCUIT_LIMIT})
"""Where others draw on it as well, that is the reason; the other kinds are told in any case."""
LOST = frozenset({MeterHealth.SILENT, MeterHealth.IMPLAUSIBLE})
"""Nothing that the meter said counts any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The new offer of one charger; ``target_a`` None means that it is left alone."""

    target_a: int | None
    reason: Reason
    row: int | None = None
    """The row that keeps it from more; the one after the last is the surplus."""
    wait_s: float | None = None
    urgent: bool = False
    patience: Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all rulings of a cycle have in common."""

    layout: Layout
    views: tuple[View, ...]
    wants: Wants
    switchings: list[Switching]
    room: Room
    house: Estimate | None
    health: MeterHealth
    clamps: ClampMemory
    trial_a: Mapping[int, int]
    """Current of a charger that is raised to see whether the meter was mended, by its index."""
    now_s: float


def obstacle(scene: Scene, view: View, patience: Patience) -> tuple[Reason, float | None] | None:
    """Return what forbids any raise of this charger now, with the seconds that it may last."""
    now_s = scene.now_s
    house = scene.house
    offered_a = view.offered_a
    deaf = _deaf(view)
    if deaf is not None:
        return deaf, None
    wait_s: float | None = 0.0
    if scene.health is not MeterHealth.OK or house is None or view.failed:
        wait_s = None
    elif house.wait_s > 0:
        wait_s = house.wait_s
    elif view.flying:
        wait_s = view.offer.until_s - now_s
    elif offered_a:
        wait_s = view.offer.changed_s + view.seat.spec.raise_spacing_s - now_s
    elif now_s < (rested_s := view.offer.changed_s + view.seat.spec.minimum_off_s):
        wait_s = rested_s - now_s
    elif patience.paused and patience.fits_since_s == inf:
        return Reason.WAITING_FOR_ROOM, None
    elif patience.paused:
        wait_s = resume_s(patience) - now_s
    if wait_s is not None and wait_s <= 0 and not view.flying:
        return None
    waiting = Reason.WAITING_TO_RAISE if offered_a else Reason.WAITING_TO_RESTART
    return waiting, wait_s


def _deaf(view: View) -> Reason | None:
    """Return why a charger cannot be told anything, None if it can."""
    if view.silent:
        return Reason.CHARGER_SILENT
    return Reason.NOT_FOLLOWING if unheard(view.offer, failed=view.failed) else None


def undone(scene: Scene, view: View) -> bool:
    """Whether it takes more than it was told, and what it draws on is overloaded or not known."""
    if not view.excess_a:
        return False
    over, broken = scene.room.over, scene.room.broken
    overloaded = any((row < len(over) and over[row]) or row in broken for row, _ in view.seat.rows)
    return overloaded or scene.health in LOST


def reason(scene: Scene, view: View, target_a: int, row: int | None) -> Reason:
    """Say why a charger with a car is offered what it is offered, when nothing is waited for."""
    index = view.seat.index
    wanted_a = scene.wants.ceilings_a[index]
    why = Reason.WAITING_FOR_ROOM
    if view.offer.refused_s is not None:
        why = Reason.NOT_FOLLOWING
    elif scene.switchings[index].aim is not None:
        why = Reason.SWITCHING_LINES
    elif (deaf := _deaf(view)) is not None:
        why = deaf
    elif wanted_a == 0:
        why = Reason.WAITING_FOR_SURPLUS if view.ceiling_a else _unwanted(view)
    elif target_a == wanted_a and probing(scene.clamps, scene.now_s):
        why = Reason.METER_CHECK
    elif target_a >= wanted_a or (target_a and row is None):
        why = Reason.SURPLUS if scene.wants.followers[index] else _full(view)
    elif target_a and row is not None:
        why = _limiting(scene, view, target_a, row)
    return why


def _unwanted(view: View) -> Reason:
    """Say why a charger is not to charge at all."""
    wish = view.wish
    if wish is None or wish.why is None or wish.ceiling_a != 0:
        return Reason.NOT_WANTED
    return NOT_NOW.get(wish.why, Reason.NOT_WANTED)


def _full(view: View) -> Reason:
    """Say why a charger has all that it wants."""
    why = None if view.wish is None else view.wish.why
    return Reason.FULL_POWER if why is None else AS_WANTED.get(why, Reason.FULL_POWER)


def _limiting(scene: Scene, view: View, target_a: int, row: int) -> Reason:
    """Name the kind of limit that a row stands for."""
    if row == len(scene.layout.rows):
        if scene.wants.exporting:
            return Reason.EXPORT_LIMIT
        lowest = target_a <= view.seat.spec.minimum_a
        return Reason.SURPLUS_MINIMUM if lowest else Reason.SURPLUS
    why = LIMITS[scene.layout.rows[row].kind]
    return Reason.SHARED if why in SHARES and _shared(scene, view, row) else why


def _shared(scene: Scene, view: View, row: int) -> bool:
    """Whether somebody else has a part of a row, too."""
    own_a = view.held_a * dict(view.seat.rows)[row]
    return scene.room.held_a[row] > own_a
