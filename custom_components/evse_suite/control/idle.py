"""Chargers without a car, chargers that were never seen, and everybody without a meter."""

from math import inf

from .answer import Reason
from .memory import Patience
from .model import ChargerActivity, SiteMode
from .ruling import Ruling, Scene, obstacle, undone
from .turns import RESUME_S, advance, turned
from .view import View

IDLE_REASONS = {
    ChargerActivity.DISCONNECTED: Reason.NO_CAR,
    ChargerActivity.BLOCKED: Reason.BLOCKED,
    ChargerActivity.FAULT: Reason.FAULT,
}


def rule_idle(scene: Scene, view: View, free_a: list[float], spent_a: list[float]) -> Ruling:
    """Rule on a charger without a car: the minimum stands ready while it would fit.

    So a car that is plugged in can never start above what fits, and starts without waiting.
    """
    if view.mode is SiteMode.DISABLED:
        return Ruling(target_a=None, reason=Reason.DISABLED, patience=Patience())
    if view.sample is None:
        return _rule_unseen(scene, view)
    past = view.memory.patience
    minimum_a = view.seat.spec.minimum_a
    switches = scene.switchings[view.seat.index].aim is not None
    wanted = view.mode is not SiteMode.GREEN and view.ceiling_a > 0 and not switches
    stays = all(scene.room.most_a[r] - spent_a[r] >= n * minimum_a for r, n in view.seat.rows)
    fits = wanted and all(free_a[r] >= n * minimum_a for r, n in view.seat.rows)
    since_s = min(past.fits_since_s, scene.now_s) if fits else inf
    patience = Patience(starts_s=past.starts_s, fits_since_s=since_s)
    if view.offered_a > 0:
        ready = wanted and stays
    else:
        rested = since_s + RESUME_S <= scene.now_s
        ready = rested and obstacle(scene, view, patience) is None
    if ready:
        for row, lines in view.seat.rows:
            free_a[row] -= lines * minimum_a
            spent_a[row] += lines * minimum_a
    held = view.offer.refused_s is not None
    return Ruling(
        target_a=minimum_a if ready else 0,
        reason=Reason.NOT_FOLLOWING if held else IDLE_REASONS[view.sample.activity],
        patience=patience,
    )


def _rule_unseen(scene: Scene, view: View) -> Ruling:
    """Leave a charger alone that does not answer, unless what it draws on is overloaded."""
    blind = any(scene.room.over[phase] for phase in view.seat.lines) or any(
        row in scene.room.broken for row, _ in view.seat.rows
    )
    return Ruling(
        target_a=0 if blind else view.offer.current_a,
        reason=Reason.CHARGER_SILENT,
        urgent=blind,
        patience=Patience(),
    )


def rule_blind(scene: Scene) -> list[Ruling]:
    """Without a meter everybody goes to its safe current, never up; zero where that is too much."""
    sums_a = [0] * len(scene.layout.rows)
    for view in scene.views:
        for row, lines in view.seat.rows:
            sums_a[row] += lines * view.seat.spec.safe_a
    fits = [sum_a <= row.limit_a for sum_a, row in zip(sums_a, scene.layout.rows, strict=True)]
    return [_blind_one(scene, view, fits) for view in scene.views]


def _blind_one(scene: Scene, view: View, fits: list[bool]) -> Ruling:
    """Rule on one charger without a meter."""
    if view.mode is SiteMode.DISABLED:
        return Ruling(target_a=None, reason=Reason.DISABLED, patience=Patience())
    safe_a = view.seat.spec.safe_a if all(fits[row] for row, _ in view.seat.rows) else 0
    safe_a = scene.trial_a.get(view.seat.index, min(safe_a, view.ceiling_a, view.offered_a))
    target_a = safe_a if safe_a >= view.seat.spec.minimum_a else 0
    patience = advance(view, scene.now_s, fits=False)
    return Ruling(
        target_a=target_a,
        reason=Reason.METER_SILENT,
        urgent=target_a < view.offered_a or undone(scene, view),
        patience=turned(patience, view, target_a, scene.now_s, wanted=view.connected),
    )
