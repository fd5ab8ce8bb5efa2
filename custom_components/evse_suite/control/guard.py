"""From shares to offers: cut at once, raise with patience, never raise on what is not certain.

A reduction needs nothing but a reason. A raise needs a healthy meter, a filled window, a charger
that answers and has arrived where it was sent, its spacing, and room under every cap with all that
is in flight at its full value (promises 1, 2 and 5).
"""

from collections.abc import Sequence
from math import floor, inf

from .allot import Allotment, allot
from .answer import Reason
from .idle import rule_blind, rule_idle
from .memory import Patience
from .model import SiteMode
from .ruling import LOST, Ruling, Scene, obstacle, reason, undone
from .sharing import EPSILON_A
from .turns import advance, turned
from .view import View

LARGE_A = 3
"""A raise by so much is made at once."""
SMALL_AS = 30.0
"""Ampere-seconds that have to be missed before a smaller one is made."""


def rule(scene: Scene, rank: Sequence[int]) -> list[Ruling]:
    """Return the rulings of all chargers, in the order of the site's chargers."""
    if scene.health in LOST:
        return rule_blind(scene)
    allotments = allot(scene, rank)
    free_a = free(scene)
    rulings: dict[int, Ruling] = {}
    spent_a = [0.0] * len(free_a)
    for index in rank:
        view = scene.views[index]
        if view.connected and view.mode is not SiteMode.DISABLED:
            ruling = _rule_one(scene, view, allotments[index], free_a)
            rulings[index] = ruling
            for row, lines in view.seat.rows:
                spent_a[row] += lines * (ruling.target_a or 0)
    for index in rank:
        if index not in rulings:
            rulings[index] = rule_idle(scene, scene.views[index], free_a, spent_a)
    return [rulings[index] for index in range(len(scene.views))]


def free(scene: Scene) -> list[float]:
    """Return per row what a raise may add, everybody counted at the most it may draw."""
    free_a = list(scene.room.raise_a)
    for view in scene.views:
        for row, lines in view.seat.rows:
            free_a[row] -= lines * view.feared_a
    return free_a


def _rule_one(scene: Scene, view: View, part: Allotment, free_a: list[float]) -> Ruling:
    """Rule on a charger with a car; books a raise in ``free_a``."""
    now_s = scene.now_s
    wanted_a = scene.wants.ceilings_a[view.seat.index]
    given = part.share
    target_a = min(part.keeps_a, view.offered_a)
    fits_a = min(given.current_a, _allowed(view, free_a))
    fits = given.current_a > view.offered_a and fits_a >= view.seat.spec.minimum_a
    patience = advance(view, now_s, fits=fits, lasts=part.keeps_a > view.offered_a)
    wait: tuple[Reason, float | None] | None = None
    if given.current_a > view.offered_a:
        wait = obstacle(scene, view, patience)
        if wait is None and fits and fits_a > view.offered_a:
            wait = _settling(scene, view, patience, fits_a - view.offered_a)
        if wait is None and fits and fits_a > view.offered_a:
            target_a = fits_a
            for index, lines in view.seat.rows:
                free_a[index] -= lines * max(0.0, target_a - view.counted_a)
        elif wait is None:
            wait = (Reason.WAITING_TO_RAISE if view.offered_a else Reason.WAITING_FOR_ROOM), None
    row = given.row
    why, wait_s = wait or (reason(scene, view, target_a, row), None)
    if why is Reason.WAITING_FOR_ROOM and row is None:
        row, _ = min(view.seat.rows, key=lambda one: free_a[one[0]] / one[1])
    cut = target_a < view.offered_a
    capped = cut and row is not None and row < len(scene.layout.rows)
    return Ruling(
        target_a=target_a,
        reason=why,
        row=row,
        wait_s=wait_s,
        urgent=capped or undone(scene, view),
        patience=turned(patience, view, target_a, now_s, wanted=wanted_a > 0),
    )


def _settling(
    scene: Scene, view: View, patience: Patience, gain_a: int
) -> tuple[Reason, float | None] | None:
    """Return what a small raise waits for: the house that left the room may take it back soon.

    It waits as well for a charger that is paused, whose room it would disturb again and again.
    """
    if not view.offered_a or gain_a >= LARGE_A or scene.wants.followers[view.seat.index]:
        return None
    if any(other.memory.patience.paused and other.connected for other in scene.views):
        return Reason.WAITING_TO_RAISE, None
    left_s = patience.fits_since_s + SMALL_AS / gain_a - scene.now_s
    return (Reason.WAITING_TO_RAISE, left_s) if left_s > 0 else None


def _allowed(view: View, free_a: list[float]) -> int:
    """Return the offer that fits on every row, the charger's own part included."""
    room_a = min([free_a[row] / lines for row, lines in view.seat.rows], default=inf)
    return floor(max(0.0, min(room_a + view.counted_a, view.seat.spec.maximum_a)) + EPSILON_A)
