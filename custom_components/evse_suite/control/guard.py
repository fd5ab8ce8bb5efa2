"""From shares to offers: cut at once, raise with patience, never raise on what is not certain.

A reduction needs nothing but a reason. A raise needs a healthy meter, a filled window, a charger
that answers and has arrived where it was sent, its spacing, and room under every cap with all that
is in flight at its full value (promises 1, 2 and 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, inf

from .caps import Room
from .estimate import Estimate
from .layout import Layout
from .memory import Patience
from .model import ChargerActivity, MeterHealth, Reason, SiteMode
from .modes import Wants
from .sharing import EPSILON_A, Claim, Share, share
from .view import View

RESUME_S = 30.0
"""Room for the minimum must last this long before a paused charge resumes, and longer with every
start of the last hour."""
STARTS_PER_HOUR = 12
HOUR_S = 3600.0
TURN_S = 900.0
"""Where there is not enough for all, nobody charges longer than this while an equal waits."""
IDLE_S = 60.0
IDLE_BELOW_A = 2.0
IDLE_HYSTERESIS_A = 1.0
"""A car that draws less than it is offered by this much for this long can do with less."""
LOST = frozenset({MeterHealth.SILENT, MeterHealth.IMPLAUSIBLE})
IDLE_REASONS = {
    ChargerActivity.DISCONNECTED: Reason.NO_CAR,
    ChargerActivity.BLOCKED: Reason.BLOCKED,
    ChargerActivity.FAULT: Reason.FAULT,
}


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
    room: Room
    house: Estimate | None
    health: MeterHealth
    now_s: float


def ranks(views: tuple[View, ...], now_s: float) -> list[int]:
    """Return the indices in the order in which minima are given: priority, then turns."""
    if len(views) == 1:
        return [0]
    return sorted(range(len(views)), key=lambda index: _rank(views[index], now_s))


def _rank(view: View, now_s: float) -> tuple[int, int, float]:
    """Who charges goes on for a turn, then who waits longest, then who had its turn or is full."""
    patience = view.memory.patience
    priority = -view.seat.spec.priority
    if not view.held_a:
        return priority, 1, patience.turn_s
    if now_s - patience.idle_since_s > IDLE_S:
        return priority, 3, patience.turn_s
    if now_s - patience.turn_s > TURN_S:
        return priority, 2, -patience.turn_s
    return priority, 0, patience.turn_s


def rule(scene: Scene, rank: Sequence[int]) -> list[Ruling]:
    """Return the rulings of all chargers, in the order of the site's chargers."""
    if scene.health in LOST:
        return _rule_blind(scene)
    shares = _shares(scene, rank)
    free_a = _free(scene)
    rulings: dict[int, Ruling] = {}
    spent_a = [0.0] * len(free_a)
    for index in rank:
        view = scene.views[index]
        if view.connected and view.mode is not SiteMode.DISABLED:
            ruling = _rule_one(scene, view, shares[index], free_a)
            rulings[index] = ruling
            for row, lines in view.seat.rows:
                spent_a[row] += lines * (ruling.target_a or 0)
    for index in rank:
        if index not in rulings:
            rulings[index] = _rule_idle(scene, scene.views[index], free_a, spent_a)
    return [rulings[index] for index in range(len(scene.views))]


def _shares(scene: Scene, rank: Sequence[int]) -> list[Share]:
    """Share the room among all that want current."""
    surplus_row = len(scene.layout.rows)
    claims = []
    for view, ceiling_a, follows in zip(
        scene.views, scene.wants.ceilings_a, scene.wants.followers, strict=True
    ):
        seat = view.seat
        rows = (*seat.rows, (surplus_row, len(seat.lines))) if follows else seat.rows
        exhausted = (
            not view.held_a
            and len(view.memory.patience.starts_s) >= STARTS_PER_HOUR
            and scene.now_s - view.memory.patience.starts_s[0] < HOUR_S
        )
        idle = scene.now_s - view.memory.patience.idle_since_s > IDLE_S
        controlled = view.mode is not SiteMode.DISABLED and not exhausted
        claims.append(
            Claim(
                rows=rows,
                ceiling_a=ceiling_a if controlled else 0,
                phases=len(set(seat.lines)),
                minimum_a=seat.spec.minimum_a,
                demand_a=floor(view.drawn_a + IDLE_BELOW_A) if idle else None,
            )
        )
    return share(claims, [*scene.room.share_a, scene.wants.surplus_a], rank)


def _free(scene: Scene) -> list[float]:
    """Return per row what a raise may add, everybody counted at the most it may draw."""
    free_a = list(scene.room.raise_a)
    for view in scene.views:
        for row, lines in view.seat.rows:
            free_a[row] -= lines * view.counted_a
    return free_a


def _rule_one(scene: Scene, view: View, given: Share, free_a: list[float]) -> Ruling:
    """Rule on a charger with a car; books a raise in ``free_a``."""
    now_s = scene.now_s
    wanted_a = scene.wants.ceilings_a[view.seat.index]
    target_a = min(given.current_a, view.offered_a)
    fits_a = min(given.current_a, _allowed(view, free_a))
    fits = given.current_a > view.offered_a and fits_a >= view.seat.spec.minimum_a
    patience = _patience(view, now_s, fits=fits)
    wait: tuple[Reason, float | None] | None = None
    if given.current_a > view.offered_a:
        wait = _obstacle(scene, view, patience)
        if wait is None and fits and fits_a > view.offered_a:
            target_a = fits_a
            for row, lines in view.seat.rows:
                free_a[row] -= lines * max(0.0, target_a - view.counted_a)
        elif wait is None:
            wait = (Reason.WAITING_TO_RAISE if view.offered_a else Reason.WAITING_FOR_ROOM), None
    row = given.row
    reason, wait_s = wait or (_reason(scene, view, target_a, row), None)
    cut = target_a < view.offered_a
    capped = cut and row is not None and row < len(scene.layout.rows)
    return Ruling(
        target_a=target_a,
        reason=reason,
        row=row,
        wait_s=wait_s,
        urgent=capped,
        patience=_turned(patience, view, target_a, now_s, wanted=wanted_a > 0),
    )


def _allowed(view: View, free_a: list[float]) -> int:
    """Return the offer that fits on every row, the charger's own part included."""
    room_a = min([free_a[row] / lines for row, lines in view.seat.rows], default=inf)
    return floor(min(room_a + view.counted_a, view.seat.spec.maximum_a) + EPSILON_A)


def _obstacle(scene: Scene, view: View, patience: Patience) -> tuple[Reason, float | None] | None:
    """Return what forbids any raise of this charger now, with the seconds that it may last."""
    now_s = scene.now_s
    if view.silent:
        return Reason.CHARGER_SILENT, None
    waiting = Reason.WAITING_TO_RAISE if view.offered_a else Reason.WAITING_TO_RESTART
    if scene.health is not MeterHealth.OK or scene.house is None or view.failed:
        return waiting, None
    if not scene.house.settled:
        return waiting, scene.house.wait_s
    if view.flying:
        return waiting, view.offer.until_s - now_s
    spacing_s = view.offer.changed_s + view.seat.spec.raise_spacing_s - now_s
    if spacing_s > 0 and view.offered_a:
        return waiting, spacing_s
    if view.offered_a == 0 and patience.paused:
        if patience.fits_since_s == inf:
            return Reason.WAITING_FOR_ROOM, None
        left_s = patience.fits_since_s + RESUME_S * max(1, len(patience.starts_s)) - now_s
        if left_s > 0:
            return Reason.WAITING_TO_RESTART, left_s
    return None


def _patience(view: View, now_s: float, *, fits: bool) -> Patience:
    """Advance the timers that do not depend on the ruling."""
    past = view.memory.patience
    starts_s = past.starts_s
    if starts_s and now_s - starts_s[0] >= HOUR_S:
        starts_s = tuple([start_s for start_s in starts_s if now_s - start_s < HOUR_S])
    fits_since_s = (past.fits_since_s if past.fits_since_s < inf else now_s) if fits else inf
    was_idle = past.idle_since_s < inf
    below_a = IDLE_HYSTERESIS_A if was_idle else IDLE_BELOW_A
    idles = view.held_a > 0 and view.drawn_a < view.held_a - below_a
    idle_since_s = (past.idle_since_s if was_idle else now_s) if idles else inf
    turn_s = past.turn_s if past.turn_s > -inf else now_s
    new = (starts_s, fits_since_s, idle_since_s, turn_s)
    if new == (past.starts_s, past.fits_since_s, past.idle_since_s, past.turn_s):
        return past
    return Patience(
        paused=past.paused,
        fits_since_s=fits_since_s,
        starts_s=starts_s,
        turn_s=turn_s,
        idle_since_s=idle_since_s,
    )


def _turned(
    patience: Patience, view: View, target_a: int, now_s: float, *, wanted: bool
) -> Patience:
    """Note the beginning of a pause or of a charge."""
    if target_a == 0 and view.offered_a > 0:
        return replace(patience, paused=wanted, turn_s=now_s, fits_since_s=inf, idle_since_s=inf)
    if target_a > 0 and view.offered_a == 0:
        starts_s = (*patience.starts_s[1 - STARTS_PER_HOUR :], now_s)
        return replace(patience, paused=False, turn_s=now_s, starts_s=starts_s)
    if patience.paused and not wanted:
        return replace(patience, paused=False)
    return patience


def _reason(scene: Scene, view: View, target_a: int, row: int | None) -> Reason:
    """Say why a charger with a car is offered what it is offered, when nothing is waited for."""
    index = view.seat.index
    wanted_a = scene.wants.ceilings_a[index]
    if view.offer.refused_s is not None:
        return Reason.NOT_FOLLOWING
    if view.silent:
        return Reason.CHARGER_SILENT
    if wanted_a == 0:
        off = view.ceiling_a == 0
        return Reason.NOT_WANTED if off else Reason.WAITING_FOR_SURPLUS
    if target_a == 0:
        return Reason.WAITING_FOR_ROOM
    if target_a >= wanted_a or row is None:
        return Reason.SURPLUS if scene.wants.followers[index] else Reason.FULL_POWER
    if row == len(scene.layout.rows):
        lowest = target_a <= view.seat.spec.minimum_a
        return Reason.SURPLUS_MINIMUM if lowest else Reason.SURPLUS
    if _shared(scene, view, row):
        return Reason.SHARED
    return Reason.FUSE_LIMIT if row in scene.layout.grid_rows else Reason.CIRCUIT_LIMIT


def _shared(scene: Scene, view: View, row: int) -> bool:
    """Whether somebody else has a part of a row, too."""
    return any(
        other is not view and other.held_a > 0 and row in dict(other.seat.rows)
        for other in scene.views
    )


def _rule_idle(scene: Scene, view: View, free_a: list[float], spent_a: list[float]) -> Ruling:
    """Rule on a charger without a car: the minimum stands ready while it would fit.

    So a car that is plugged in can never start above what fits, and starts without waiting.
    """
    offered_a = view.offered_a
    if view.mode is SiteMode.DISABLED:
        return Ruling(target_a=None, reason=Reason.DISABLED, patience=Patience())
    if view.sample is None:
        blind = any(scene.room.over[phase] for phase in view.seat.lines)
        touched = blind or view.offer.current_a is not None
        return Ruling(
            target_a=0 if touched else None, reason=Reason.CHARGER_SILENT, urgent=blind, patience=Patience()
        )
    minimum_a = view.seat.spec.minimum_a
    past = view.memory.patience
    wanted = view.mode is not SiteMode.GREEN and view.ceiling_a > 0
    stays = all(scene.room.most_a[r] - spent_a[r] >= n * minimum_a for r, n in view.seat.rows)
    fits = all(free_a[r] >= n * minimum_a for r, n in view.seat.rows)
    patience = Patience(starts_s=past.starts_s)
    target_a = 0
    if wanted and offered_a > 0:
        target_a = minimum_a if stays else 0
    elif wanted and fits:
        since_s = min(past.fits_since_s, scene.now_s)
        patience = Patience(starts_s=past.starts_s, fits_since_s=since_s)
        rested = since_s + RESUME_S <= scene.now_s
        if rested and _obstacle(scene, view, patience) is None:
            target_a = minimum_a
    if target_a:
        for row, lines in view.seat.rows:
            free_a[row] -= lines * minimum_a
            spent_a[row] += lines * minimum_a
    reason = Reason.NOT_FOLLOWING if view.offer.refused_s else IDLE_REASONS[view.sample.activity]
    return Ruling(target_a=target_a, reason=reason, patience=patience)


def _rule_blind(scene: Scene) -> list[Ruling]:
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
    safe_a = min(safe_a, view.ceiling_a, view.offered_a)
    target_a = safe_a if safe_a >= view.seat.spec.minimum_a else 0
    patience = _patience(view, scene.now_s, fits=False)
    return Ruling(
        target_a=target_a,
        reason=Reason.METER_SILENT,
        urgent=target_a < view.offered_a,
        patience=_turned(patience, view, target_a, scene.now_s, wanted=view.connected),
    )
