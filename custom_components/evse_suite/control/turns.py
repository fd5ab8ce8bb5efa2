"""Timers that spare contactors and give everybody a turn (SITE-3, SITE-6)."""

from dataclasses import replace
from math import inf

from .memory import Patience
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
FULL_BELOW_A = 1.0
"""One that draws less than its minimum by this much as well hardly charges: its turn is over."""


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
    if full(view, patience, now_s):
        return priority, 3, patience.turn_s
    if now_s - patience.turn_s > TURN_S:
        return priority, 2, -patience.turn_s
    return priority, 0, patience.turn_s


def idles(patience: Patience, now_s: float) -> bool:
    """Whether the car has drawn clearly less than it is offered for long."""
    return now_s - patience.idle_since_s > IDLE_S


def full(view: View, patience: Patience, now_s: float) -> bool:
    """Whether the car has taken next to nothing for long: others may have its turn."""
    return idles(patience, now_s) and view.drawn_a < view.seat.spec.minimum_a - FULL_BELOW_A


def exhausted(patience: Patience, now_s: float) -> bool:
    """Whether it was started so often that it has to rest."""
    starts_s = patience.starts_s
    return len(starts_s) >= STARTS_PER_HOUR and now_s - starts_s[0] < HOUR_S


def resume_s(patience: Patience) -> float:
    """Return the time at which a paused charge may resume, for ever later while nothing fits."""
    return patience.fits_since_s + rest_s(patience)


def rest_s(patience: Patience) -> float:
    """Return how long there has to be room before a paused charge resumes."""
    return RESUME_S * max(1, len(patience.starts_s))


def advance(view: View, now_s: float, *, fits: bool, lasts: bool = False) -> Patience:
    """Advance the timers that do not depend on the ruling.

    ``fits``: there is certainly room for more; ``lasts``: it is not certain that there is none.
    """
    past = view.memory.patience
    starts_s = past.starts_s
    if starts_s and now_s - starts_s[0] >= HOUR_S:
        starts_s = tuple([start_s for start_s in starts_s if now_s - start_s < HOUR_S])
    fits_since_s = past.fits_since_s if fits or lasts else inf
    if fits and fits_since_s == inf:
        fits_since_s = now_s
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


def turned(
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
