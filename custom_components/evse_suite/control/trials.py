"""A current that is changed only to see what the mains makes of it.

Two cases. A comparison gives rise to doubt: the current goes to the minimum for a moment, which is
safe, and going there is the next comparison. Or a clamp is not believed: now and then one charger
is raised for a moment, to see whether the clamp was mended, if there is room for it whether it was
or not.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from .clamps import BLIND_SHARE, GROSS, MILD, proves
from .evidence import ClampMemory
from .layout import Layout
from .memory import Reading
from .modes import Wants
from .view import View

PROBE_S = 40.0
"""A probe ends with the next comparison, at the latest after this time."""
GROSS_DOUBT_A = 3.0
"""A change of this size is enough to doubt what is far off."""
PROBED_A = 9.0
"""From less than this the way down to the minimum shows nothing."""
PROBE_AGAIN_S = 900.0
"""Doubt is looked into this often at most."""
TRIAL_S = 60.0
"""A car may need 40 s to start."""
TRIAL_AFTER_S = 600.0
TRIAL_DOUBLINGS = 3
"""A fault that lasts is tried less and less often, down to every 80 minutes."""
TRIAL_RAISE_A = 4
SMALL_RAISE_A = 4
TRIAL_READING_S = 3.0


def begin(clamps: ClampMemory, now_s: float, *, able: bool) -> ClampMemory:
    """Note the beginning of a probe or a trial when one is due.

    ``able``: there is a car to try it with. Without one, or without a level to compare with, a
    trial would only be lost.
    """
    if clamps.faulty:
        if not able or clamps.level is None:
            return clamps
        wait_s = TRIAL_AFTER_S * 2.0 ** min(clamps.tries, TRIAL_DOUBLINGS)
        if now_s - max(clamps.judged_s, clamps.tried_s) >= wait_s:
            return replace(clamps, tried_s=now_s, tries=clamps.tries + 1)
        return clamps
    doubted = now_s - clamps.judged_s < PROBE_S and now_s - clamps.tried_s >= PROBE_AGAIN_S
    return replace(clamps, tried_s=now_s) if doubted and doubtful(clamps) else clamps


def doubtful(clamps: ClampMemory) -> bool:
    """Whether the newest comparisons would be a fault if one more agreed."""
    if clamps.level is None or max(clamps.level.drawn_a) < PROBED_A:
        return False
    return any(
        bool(steps)
        and (
            proves(steps[-1:], 1, MILD)
            or proves(steps[-2:], 2, MILD)
            or proves(steps[-1:], 1, GROSS, weight_a=GROSS_DOUBT_A)
        )
        for steps in clamps.steps
    )


def probing(clamps: ClampMemory, now_s: float) -> bool:
    """Whether all chargers go to their minimum now, to settle a doubt."""
    lately = now_s - clamps.tried_s < PROBE_S
    return lately and not clamps.faulty and clamps.judged_s <= clamps.tried_s


def probed(wants: Wants, views: Sequence[View], clamps: ClampMemory, now_s: float) -> Wants:
    """Return the wants with nobody above the minimum while a doubt is looked into.

    A raise that had to be taken back at once is repeated in a small step first: if it fits, it also
    shows whether the mains follows as it should.
    """
    probes = probing(clamps, now_s)
    if not probes and not any(view.offer.withdrawn for view in views):
        return wants
    ceilings_a = []
    for view, ceiling_a in zip(views, wants.ceilings_a, strict=True):
        most_a = view.seat.spec.minimum_a
        if not probes:
            small_a = max(most_a, view.offered_a + SMALL_RAISE_A)
            most_a = small_a if view.offer.withdrawn else ceiling_a
        ceilings_a.append(min(ceiling_a, most_a))
    return replace(wants, ceilings_a=ceilings_a)


def trial_a(
    clamps: ClampMemory, views: Sequence[View], layout: Layout, last: Reading | None, now_s: float
) -> dict[int, int]:
    """Return the current of the charger that is on trial, by its index; empty if none is."""
    running = clamps.faulty and now_s - clamps.tried_s < TRIAL_S
    if not running or clamps.judged_s > clamps.tried_s:
        return {}
    if last is None or now_s - last.time_s > TRIAL_READING_S:
        return {}
    worst_a = _worst_a(clamps, last)
    for view in views:
        if not shows(clamps, view) or not view.ceiling_a:
            continue
        spec = view.seat.spec
        current_a = spec.safe_a + TRIAL_RAISE_A if spec.safe_a else spec.minimum_a
        # What is on trial already is a part of what flows.
        more_a = 0 if view.offered_a == current_a else current_a
        if current_a <= view.ceiling_a and all(
            worst_a[phase] + more_a <= layout.rows[phase].limit_a for phase in view.seat.lines
        ):
            return {view.seat.index: current_a}
    return {}


def shows(clamps: ClampMemory, view: View) -> bool:
    """Whether what a car draws more would show whether a clamp was mended.

    That is on the phase of that clamp: another car would be tried in vain for ever.
    """
    if not view.connected or view.silent:
        return False
    return any(clamps.faults[view.seat.lines[line]] is not None for line in view.seat.used)


def _worst_a(clamps: ClampMemory, last: Reading) -> list[float]:
    """Return per phase the most that may flow, whether the clamp is mended by now or not."""
    worst_a = []
    for current_a, fault in zip(last.current_a, clamps.faults, strict=True):
        as_before_a = -inf
        if fault is not None and abs(fault.share) > BLIND_SHARE:
            as_before_a = current_a / fault.share
        worst_a.append(max(current_a, as_before_a))
    return worst_a
