"""Does the mains follow the chargers? A clamp that lies is found at the first start of a car.

Every change of what the chargers draw has to show at the grid connection as the same change. The
two are compared between two times at which neither of them moved; on the way from one to the other
the mains must have moved with the chargers, or something else was switched meanwhile and the
comparison is dropped. One comparison proves little, two that agree prove a clamp that is reversed,
off by a half or blind, three prove one that is off by a tenth (IND-9). One of them has to be of a
change that was made for the purpose: chargers follow sun and house, so that other changes may have
their cause there. A home battery or a diverter
that holds the net power at zero hides the chargers: what happens around zero proves nothing.

While a clamp is not believed the chargers are at their safe current. Now and then one of them is
raised for a moment, as far as that is safe whether the clamp was mended or not: that is how the end
of the fault is seen.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from .answer import AlarmKind
from .evidence import ClampMemory, Fault, Point, Step
from .memory import Reading
from .model import SiteSpec

STILL_A = 0.5
"""Chargers whose draw moves by less than this stand still."""
STEADY_A = 1.0
"""The mains may wobble by this much while it counts as steady."""
RESTLESS_A = 2.0
CHARGER_LAG_S = 1.0
LEVEL_READINGS = 3
LEVEL_S = 2.0
LEVEL_OLD_S = 15.0
COURSE_S = 90.0
"""A change that takes longer is not compared: too much else may happen."""
THIN_S = 1.5
"""Chargers are asked every 2 s while a car is connected."""
LEAST_STEP_A = 2.5
STEPS = 4
GROSS = 0.3
"""Off by more than this share, two comparisons are enough."""
LEAST_PROOF_A = 8.0
"""The changes compared add up to this at least."""
MILD, MILD_NOISE_A = 0.06, 0.6
"""Off by a part of 6 % and what noise makes of the changes compared, three are enough."""
MILD_PROOF_A = 30.0
"""Only great changes tell a tenth from a cloud."""
AGREE, AGREE_NOISE_A = 0.08, 0.6
DELAYS = 7
"""Mains readings by which the chargers may be ahead or behind: while no car is connected they are
asked every 5 s only."""
LATE_SETTLES = 1.5
"""Some chargers report what they drew a minute ago; their settle time tells which."""
WANDERINGS = 8
ASKED_S = 60.0
CALM_S = 180.0
"""A house that moved by itself so shortly before may have done it again."""
ON_THE_WAY_A, ON_THE_WAY = 0.5, 0.12
ALONE_SHARE, ALONE_A = -0.8, 10.0
"""No house switches off twice such a current at the very moment and pace of a car's start."""
BALANCED_W = 300.0
"""A net power within this, before and after, may be somebody else's doing."""
TRANSIENT_W = 80.0
"""Who holds the net power at zero does it a moment late, so that this much at least is seen."""
REVERSED_SHARE, BLIND_SHARE = -0.25, 0.15


def compare(
    past: ClampMemory,
    ring: Sequence[Reading],
    spec: SiteSpec,
    *,
    draws_a: tuple[float, ...],
    draws_s: float,
) -> ClampMemory:
    """Take in what the chargers draw per phase; ``draws_s`` is -inf while one does not answer.

    ``ring`` holds the newest mains readings, oldest first, in the order of the phases.
    """
    if draws_s < past.seen_s + THIN_S and draws_s > -inf:
        return past
    if draws_s == -inf or not ring:
        unknown = past.level is None and not past.course
        return past if unknown else replace(past, reference_a=(), level=None, course=())
    still = bool(past.reference_a) and _distance_a(draws_a, past.reference_a) <= STILL_A
    still_s = past.still_s if still else draws_s
    readings = _between(
        ring, still_s + spec.meter.lag_s + spec.meter.period_s, draws_s - CHARGER_LAG_S
    )
    moved_a = _spread_a(readings)
    now = ClampMemory(
        seen_s=draws_s,
        reference_a=past.reference_a if still else draws_a,
        still_s=still_s,
        level=past.level,
        course=past.course,
        since_s=past.since_s,
        restless_s=draws_s if moved_a > RESTLESS_A else past.restless_s,
        wanderings=past.wanderings,
        steps=past.steps,
        faults=past.faults,
        judged_s=past.judged_s,
        tried_s=past.tried_s,
        tries=past.tries,
        leap=past.leap,
    )
    if not readings or moved_a > STEADY_A:
        return _under_way(now, ring, draws_a, spec)
    return _arrived(now, _mean(readings, draws_a), spec)


def _distance_a(one_a: Sequence[float], other_a: Sequence[float]) -> float:
    return max([abs(a - b) for a, b in zip(one_a, other_a, strict=True)])


def _between(ring: Sequence[Reading], first_s: float, last_s: float) -> list[Reading]:
    """Return the newest readings between two times, newest first; none if they are too few."""
    found: list[Reading] = []
    for reading in reversed(ring):
        if reading.time_s < first_s or len(found) == LEVEL_READINGS + 2:
            break
        if reading.time_s <= last_s:
            found.append(reading)
    if len(found) < LEVEL_READINGS or found[0].time_s - found[-1].time_s < LEVEL_S:
        return []
    return found


def _spread_a(readings: Sequence[Reading]) -> float:
    """Return by how much the phase that moved most did so."""
    actives = zip(*[reading.active_a for reading in readings], strict=True)
    return max([max(values) - min(values) for values in actives], default=0.0)


def _mean(readings: Sequence[Reading], drawn_a: tuple[float, ...]) -> Point:
    """Return the mains while nothing changes; newest reading first."""
    count = len(readings)
    currents = zip(*[reading.current_a for reading in readings], strict=True)
    actives = zip(*[reading.active_a for reading in readings], strict=True)
    return Point(
        time_s=readings[0].time_s,
        drawn_a=drawn_a,
        current_a=tuple([sum(values) / count for values in currents]),
        active_a=tuple([sum(values) / count for values in actives]),
        power_w=sum([reading.power_w for reading in readings]) / count,
    )


def _point(reading: Reading, drawn_a: tuple[float, ...]) -> Point:
    return Point(
        time_s=reading.time_s,
        drawn_a=drawn_a,
        current_a=reading.current_a,
        active_a=reading.active_a,
        power_w=reading.power_w,
    )


def _under_way(
    now: ClampMemory, ring: Sequence[Reading], draws_a: tuple[float, ...], spec: SiteSpec
) -> ClampMemory:
    """Note the way from one level to the next; too long a way leads nowhere."""
    level = now.level
    if level is None:
        return now
    since_s = now.course[-1].time_s if now.course else level.time_s
    course = (*now.course, *[_point(it, draws_a) for it in ring if it.time_s > since_s])
    if now.seen_s - level.time_s > COURSE_S:
        return replace(now, level=None, course=(), wanderings=())
    now = replace(now, course=course)
    if not course or now.faulty or _distance_a(draws_a, level.drawn_a) < ALONE_A:
        return now
    return _reversed(now, level, course[-1], spec)


def _reversed(now: ClampMemory, level: Point, here: Point, spec: SiteSpec) -> ClampMemory:
    """Do not wait for the end of a long rise while the mains falls with it all the way."""
    found: list[Step | None] = []
    for phase, drawn_a in enumerate(here.drawn_a):
        rises = drawn_a - level.drawn_a[phase] >= ALONE_A and _fresh(now, level)
        step = _step(now, here, phase, spec) if rises else None
        found.append(step if step is not None and step.share <= ALONE_SHARE else None)
    return _judged(now, here, found)


def _arrived(now: ClampMemory, here: Point, spec: SiteSpec) -> ClampMemory:
    """Compare the new level with the one before, if the chargers have changed."""
    before = now.level
    if before is None:
        return replace(now, level=here, course=(), since_s=here.time_s)
    if _distance_a(here.drawn_a, before.drawn_a) < LEAST_STEP_A:
        return _wandered(now, before, here)
    phases = range(len(here.drawn_a))
    found = [_step(now, here, phase, spec) for phase in phases] if _fresh(now, before) else []
    return _judged(_levelled(now, here), here, found)


def _judged(now: ClampMemory, here: Point, found: Sequence[Step | None]) -> ClampMemory:
    """Weigh what was found on every phase."""
    if not any(found):
        return now
    phases = found
    steps = []
    faults = []
    for old, step, fault in zip(
        now.steps or ((),) * len(phases), found, now.faults or (None,) * len(phases), strict=True
    ):
        new = old if step is None else (*old[1 - STEPS :], step)
        steps.append(new)
        faults.append(fault if step is None else _verdict(new, fault))
    return replace(
        now,
        steps=tuple(steps),
        faults=tuple(faults) if any(faults) else (),
        judged_s=here.time_s,
        tries=now.tries if any(faults) else 0,
    )


def _wandered(now: ClampMemory, before: Point, here: Point) -> ClampMemory:
    """Take the new level, and keep in mind by how much the mains moved by itself.

    It may have been a charger that reports late.
    """
    distance_a = _distance_a(here.active_a, before.active_a)
    if distance_a > RESTLESS_A:
        now = replace(now, restless_s=here.time_s)
    if distance_a < LEAST_STEP_A:
        return _levelled(now, here)
    moved_a = tuple([a - b for a, b in zip(here.active_a, before.active_a, strict=True)])
    wanderings = (*now.wanderings[1 - WANDERINGS :], (here.time_s, moved_a))
    return replace(_levelled(now, here), wanderings=wanderings)


def _levelled(now: ClampMemory, here: Point) -> ClampMemory:
    """Take the new level."""
    return ClampMemory(
        seen_s=now.seen_s,
        reference_a=now.reference_a,
        still_s=now.still_s,
        level=here,
        since_s=now.since_s,
        restless_s=now.restless_s,
        wanderings=now.wanderings,
        steps=now.steps,
        faults=now.faults,
        judged_s=now.judged_s,
        tried_s=now.tried_s,
        tries=now.tries,
        leap=now.leap,
    )


def _fresh(now: ClampMemory, before: Point) -> bool:
    """Whether the level was taken shortly before the chargers left it."""
    left_s = [it.time_s for it in now.course if _distance_a(it.drawn_a, before.drawn_a) > STILL_A]
    return not left_s or left_s[0] - before.time_s <= LEVEL_OLD_S


def _step(now: ClampMemory, here: Point, phase: int, spec: SiteSpec) -> Step | None:
    """Return how the mains followed on one phase, None if that proves nothing."""
    before = now.level
    if before is None:
        return None
    drawn_a = here.drawn_a[phase] - before.drawn_a[phase]
    if abs(drawn_a) < LEAST_STEP_A:
        return None
    by_current = (here.current_a[phase] - before.current_a[phase]) / drawn_a
    by_power = (here.active_a[phase] - before.active_a[phase]) / drawn_a
    active = abs(by_power - 1) < abs(by_current - 1)
    share = by_power if active else by_current
    if not _on_the_way((before, *now.course, here), phase, share=share, active=active):
        return None
    if abs(share - 1) > MILD and (
        before.time_s - now.restless_s < CALM_S
        or _hidden(before, here, now.course)
        or _seen_before(now, before.time_s, phase, drawn_a, spec)
    ):
        return None
    return Step(
        drawn_a=drawn_a,
        share=share,
        asked=now.tried_s > now.judged_s and here.time_s - now.tried_s < ASKED_S,
        elsewhere=_elsewhere(before, here, phase, drawn_a),
    )


def _on_the_way(points: tuple[Point, ...], phase: int, *, share: float, active: bool) -> bool:
    """Whether the mains was with the chargers all the way, give or take their delays."""
    start = points[0]
    drawn_a = [share * (point.drawn_a[phase] - start.drawn_a[phase]) for point in points]
    tolerance_a = ON_THE_WAY_A + ON_THE_WAY * abs(drawn_a[-1])
    for index, point in enumerate(points):
        seen_a = (
            point.active_a[phase] - start.active_a[phase]
            if active
            else point.current_a[phase] - start.current_a[phase]
        )
        near_a = drawn_a[max(0, index - DELAYS) : index + DELAYS + 1]
        if not min(near_a) - tolerance_a <= seen_a <= max(near_a) + tolerance_a:
            return False
    return True


def _seen_before(
    now: ClampMemory, before_s: float, phase: int, drawn_a: float, spec: SiteSpec
) -> bool:
    """Whether the mains may have changed like this some time ago: the charger reports late."""
    late_s = LATE_SETTLES * max([charger.settle_s for charger in spec.chargers], default=0.0)
    if before_s - now.since_s < late_s:
        return True
    moved_a = [move_a[phase] for time_s, move_a in now.wanderings if before_s - time_s <= late_s]
    near_a = STEADY_A + GROSS * abs(drawn_a)
    return any(
        abs(sum(moved_a[first:last]) - drawn_a) <= near_a
        for first in range(len(moved_a))
        for last in range(first + 1, len(moved_a) + 1)
    )


def _hidden(before: Point, here: Point, course: tuple[Point, ...]) -> bool:
    """Whether somebody who holds the net power at zero may have hidden the change."""
    if abs(before.power_w) > BALANCED_W or abs(here.power_w) > BALANCED_W:
        return False
    return any(abs(point.power_w - before.power_w) > TRANSIENT_W for point in course)


def _elsewhere(before: Point, here: Point, phase: int, drawn_a: float) -> int | None:
    """Return the phase that changed in the place of this one."""
    for other in range(len(here.drawn_a)):
        stayed = abs(here.drawn_a[other] - before.drawn_a[other]) <= STILL_A
        moved_a = here.active_a[other] - before.active_a[other]
        if other != phase and stayed and abs(moved_a - drawn_a) <= 0.25 * abs(drawn_a):
            return other
    return None


def _verdict(steps: tuple[Step, ...], fault: Fault | None) -> Fault | None:
    """Weigh the newest comparisons of one phase."""
    if fault is not None and not _mended(steps, fault):
        return fault
    newest = steps[-1]
    if newest.share <= ALONE_SHARE and abs(newest.drawn_a) >= ALONE_A:
        return _fault(steps[-1:])
    if proves(steps[-2:], 2, GROSS) and any(step.asked for step in steps[-2:]):
        return _fault(steps[-2:])
    mild = proves(steps[-3:], 3, MILD, weight_a=MILD_PROOF_A)
    return _fault(steps[-3:]) if mild and any(step.asked for step in steps[-3:]) else None


def _mended(steps: tuple[Step, ...], fault: Fault) -> bool:
    """Whether the newest comparisons are all nearer to right than to what was wrong."""
    needed = 2 if abs(fault.share - 1) >= GROSS else 3
    newest = steps[-needed:]
    return len(newest) == needed and all(
        abs(step.share - 1) < abs(step.share - fault.share) for step in newest
    )


def _share(steps: Sequence[Step]) -> float:
    """Return the mean of comparisons, the greater change counting more."""
    weight_a = sum([abs(step.drawn_a) for step in steps])
    return sum([step.share * abs(step.drawn_a) for step in steps]) / weight_a


def _agree(steps: Sequence[Step]) -> bool:
    share = _share(steps)
    return all(
        abs(step.share - share) <= AGREE + AGREE_NOISE_A / abs(step.drawn_a) for step in steps
    )


def proves(
    steps: Sequence[Step], needed: int, least: float, *, weight_a: float = LEAST_PROOF_A
) -> bool:
    """Whether so many comparisons agree that the clamp is off by ``least`` and more."""
    if len(steps) < needed or not _agree(steps):
        return False
    changed_a = sum([abs(step.drawn_a) for step in steps])
    off = abs(_share(steps) - 1)
    return changed_a >= weight_a and off >= least + MILD_NOISE_A / changed_a


def _fault(steps: Sequence[Step]) -> Fault:
    """Name what a share means."""
    share = _share(steps)
    kind = AlarmKind.METER_SCALED
    if share <= REVERSED_SHARE:
        kind = AlarmKind.METER_REVERSED
    elif abs(share) <= BLIND_SHARE:
        moved = {step.elsewhere for step in steps}
        kind = AlarmKind.METER_BLIND if None in moved else AlarmKind.WRONG_PHASE
    return Fault(kind=kind, share=share)
