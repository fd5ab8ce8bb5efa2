"""What runs down for a charger: the changes that time alone will bring (promise 7).

A timer is a forecast, not a promise: every limit still has its say when it is over. What would
take longer than an hour is none.
"""

from collections.abc import Iterator, Sequence
from math import inf

from .answer import MeterHealth, Reason, Timer, TimerKind
from .estimate import WINDOW_S
from .follow import REFUSED_FOR_S
from .green import BETWEEN_S
from .guard import free
from .memory import House, HouseMemory
from .model import SiteMode
from .ruling import Ruling, Scene
from .turns import HOUR_S, TURN_S, exhausted, full, rest_s
from .view import View

WAITING = {
    Reason.WAITING_TO_RAISE: TimerKind.RAISE,
    Reason.WAITING_TO_RESTART: TimerKind.RESTART,
}


def timers(
    scene: Scene, rulings: Sequence[Ruling], rings: HouseMemory
) -> tuple[tuple[Timer, ...], ...]:
    """Return the running timers of every charger, the next one first."""
    waiting = frozenset([_priority(view) for view in scene.views if _waits_for_turn(view, rulings)])
    free_a: list[float] = []
    told = []
    for view in scene.views:
        ruling = rulings[view.seat.index]
        found = _waits(view, ruling, scene.now_s)
        if _lacks_room(scene, view, ruling):
            free_a = free_a or free(scene)
            found += _room(scene, view, ruling, rings, free_a)
        if view.mode is SiteMode.GREEN:
            found += _surplus(scene, view, ruling)
        if waiting:
            found += _turns(scene, view, rulings, waiting)
        governed = view.mode is not SiteMode.DISABLED
        told.append(_running(found) if found and governed else ())
    return tuple(told)


def _priority(view: View) -> int:
    return view.seat.spec.priority


def _running(found: Sequence[tuple[TimerKind, float]]) -> tuple[Timer, ...]:
    """Return the timers that are not over."""
    running = [
        Timer(kind=kind, remaining_s=left_s) for kind, left_s in found if 0 < left_s <= HOUR_S
    ]
    running.sort(key=lambda timer: timer.remaining_s)
    return tuple(running)


def _waits(view: View, ruling: Ruling, now_s: float) -> list[tuple[TimerKind, float]]:
    """Return what keeps a charger down by its own fault or for the sake of its contactor."""
    found = []
    if ruling.wait_s is not None and ruling.reason in WAITING:
        found.append((WAITING[ruling.reason], ruling.wait_s))
    if view.offer.refused_s is not None:
        found.append((TimerKind.HELD, view.offer.refused_s + REFUSED_FOR_S - now_s))
    if not ruling.target_a and view.connected and exhausted(ruling.patience, now_s):
        found.append((TimerKind.REST, ruling.patience.starts_s[0] + HOUR_S - now_s))
    return found


def _room(
    scene: Scene, view: View, ruling: Ruling, rings: HouseMemory, free_a: list[float]
) -> Iterator[tuple[TimerKind, float]]:
    """Yield when there is sure to be room for more, now that the house draws less than before.

    A raise relies on the highest value of the estimate's window, which forgets it by then.
    """
    offered_a = view.offered_a
    wanted_a = max(offered_a + 1, view.seat.spec.minimum_a)
    if wanted_a > scene.wants.ceilings_a[view.seat.index]:
        return
    clear_s = _clear_s(scene, view, wanted_a, rings.houses, free_a)
    if clear_s is None:
        return
    if offered_a:
        spacing_s = view.offer.changed_s + view.seat.spec.raise_spacing_s - scene.now_s
        yield TimerKind.RAISE, max(clear_s, spacing_s)
    else:
        yield TimerKind.RESTART, clear_s + rest_s(ruling.patience)


def _lacks_room(scene: Scene, view: View, ruling: Ruling) -> bool:
    """Whether nothing but the house keeps a charger that answers where it is."""
    if ruling.row is None or ruling.row >= len(scene.layout.spec.phases):
        return False
    still = ruling.target_a == view.offered_a and ruling.wait_s is None and not view.silent
    still = still and ruling.reason is not Reason.NOT_FOLLOWING
    return still and scene.health is MeterHealth.OK


def _clear_s(
    scene: Scene, view: View, wanted_a: int, houses: Sequence[House], free_a: list[float]
) -> float | None:
    """Return the seconds until nothing in the window stands against an offer of ``wanted_a``.

    None if something does that will not pass with time alone.
    """
    if scene.house is None or not houses:
        return None
    bounds: list[tuple[int, float]] = []
    for row, lines in view.seat.rows:
        spare_a = free_a[row] - lines * (wanted_a - view.counted_a)
        if row in scene.layout.grid_rows:
            bounds.append((row, scene.house.high_a[row] + spare_a))
        elif spare_a < 0:
            return None
    blocked = [any(house.high_a[row] > bound_a for row, bound_a in bounds) for house in houses]
    if blocked[-1] or not any(blocked):
        return None
    last = len(blocked) - 1 - blocked[::-1].index(True)
    return houses[last + 1].time_s + WINDOW_S - houses[-1].time_s


def _surplus(scene: Scene, view: View, ruling: Ruling) -> Iterator[tuple[TimerKind, float]]:
    """Yield when charging by surplus starts or stops if the sun stays as it is (LEK-10).

    What is paused for another reason does not stop.
    """
    past, green = view.memory.green, scene.wants.greens[view.seat.index]
    paused = green.running and not ruling.target_a
    if past.running != green.running or paused or green.left_s == inf:
        return
    kind = TimerKind.STOP_BY_IMPORT if green.running else TimerKind.START_BY_SURPLUS
    yield kind, max(green.left_s, green.since_s + BETWEEN_S - scene.now_s)


def _turns(
    scene: Scene, view: View, rulings: Sequence[Ruling], waiting: frozenset[int]
) -> Iterator[tuple[TimerKind, float]]:
    """Yield when the turn of this charger ends, or of one that it waits for (SITE-3).

    ``waiting`` are the priorities at which a charger waits for its turn.
    """
    if _priority(view) not in waiting:
        return
    if _charges(scene, view, rulings):
        yield TimerKind.TURN, _turn_s(view, rulings) - scene.now_s
    elif _waits_for_turn(view, rulings):
        ends_s = [
            _turn_s(other, rulings)
            for other in scene.views
            if _priority(other) == _priority(view) and _charges(scene, other, rulings)
        ]
        if ends_s:
            yield TimerKind.TURN, min(ends_s) - scene.now_s


def _charges(scene: Scene, view: View, rulings: Sequence[Ruling]) -> bool:
    ruling = rulings[view.seat.index]
    return bool(view.held_a and ruling.target_a) and not full(view, ruling.patience, scene.now_s)


def _waits_for_turn(view: View, rulings: Sequence[Ruling]) -> bool:
    """Whether a charger with a car would charge if there were room for its minimum."""
    ruling = rulings[view.seat.index]
    return view.connected and ruling.reason is Reason.WAITING_FOR_ROOM


def _turn_s(view: View, rulings: Sequence[Ruling]) -> float:
    return rulings[view.seat.index].patience.turn_s + TURN_S
