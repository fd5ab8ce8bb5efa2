"""Conditions that a person has to hear about, and since when they hold."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from .answer import Alarm, AlarmKind, MeterHealth
from .follow import disobeys, overruled, unheard
from .memory import Condition, LimitsMemory, Memory
from .model import SiteMode
from .ruling import LOST, Scene
from .view import View

OVERLOAD_AFTER_S = 15.0
"""An overload that the chargers' reduction ends is no alarm."""
AFTER_S = {
    AlarmKind.OVERLOAD: OVERLOAD_AFTER_S,
    AlarmKind.HOUSE_OVERLOAD: OVERLOAD_AFTER_S,
    AlarmKind.CHARGER_SILENT: 5.0,
    AlarmKind.LIMIT_SILENT: 60.0,
}
"""How long a condition has to last before it is told; a charger may need a moment to be found,
and whoever brings a limit a minute to start."""
OVER_AFTER_S = 30.0
"""What comes again within this time was never over: it is told once, however it blinks."""
DOUBLINGS = 4
"""What was told again has to be gone for twice as long each time, up to 8 minutes, so that
something that blinks more slowly does not tell of itself all day."""
FORGOTTEN_S = 900.0
"""Gone for so long, it is new when it comes again."""


def alarms(
    past: Memory, scene: Scene, limits: LimitsMemory | None
) -> tuple[tuple[Alarm, ...], tuple[Condition, ...]]:
    """Return the alarms to be told and the conditions to be remembered."""
    now_s = scene.now_s
    found = _conditions(scene, limits)
    if not found and not past.alarms:
        return (), ()
    present = {(kind, subject): share for kind, subject, share in found}
    before = {(it.kind, it.subject): it for it in past.alarms}
    holding = [
        _holds(before.get((kind, subject)) or _new(kind, subject), share, now_s)
        for (kind, subject), share in present.items()
    ]
    holding += [
        it if it.told and now_s - it.seen_s < _over_after_s(it) else _over(it)
        for key, it in before.items()
        if key not in present and it.times and now_s - it.seen_s < FORGOTTEN_S
    ]
    remembered = tuple(holding)
    told = tuple(
        [
            Alarm(kind=it.kind, subject=it.subject, since_s=it.since_s, share=it.share)
            for it in remembered
            if it.told
        ]
    )
    return told, remembered


def _new(kind: AlarmKind, subject: str) -> Condition:
    return Condition(kind=kind, subject=subject, share=None, since_s=inf, seen_s=inf, told=False)


def _holds(before: Condition, share: float | None, now_s: float) -> Condition:
    """Return a condition that holds now, told as soon as it has held long enough."""
    since_s = min(before.since_s, now_s)
    tells = not before.told and now_s - since_s >= AFTER_S.get(before.kind, 0.0)
    return replace(
        before,
        share=share,
        since_s=since_s,
        seen_s=now_s,
        told=before.told or tells,
        times=before.times + tells,
    )


def _over(condition: Condition) -> Condition:
    """Return what is remembered of a condition that is over: how often it was told."""
    return replace(condition, told=False, since_s=inf)


def _over_after_s(condition: Condition) -> float:
    """Return for how long a condition that was told has to be gone until it is over."""
    return OVER_AFTER_S * 2.0 ** min(condition.times - 1, DOUBLINGS)


type Told = tuple[AlarmKind, str, float | None]


def _conditions(scene: Scene, limits: LimitsMemory | None) -> list[Told]:
    """Return every condition that holds now: kind, subject and a clamp's share."""
    found = [*_of_the_meter(scene)] if scene.health in LOST or scene.clamps.faulty else []
    if limits is not None:
        silent = [key for key, said in limits.said.items() if said.dimmed]
        found += [(AlarmKind.LIMIT_SILENT, key, None) for key in silent]
    for view in scene.views:
        if view.mode is not SiteMode.DISABLED:
            found += [(kind, view.seat.spec.key, None) for kind in _of_a_charger(scene, view)]
    if (any(scene.room.over) or scene.room.broken) and scene.health not in LOST:
        found += _overloads(scene)
    return found


def _of_a_charger(scene: Scene, view: View) -> list[AlarmKind]:
    """Return what is wrong with a charger that is governed."""
    found = []
    if view.silent:
        found.append(AlarmKind.CHARGER_SILENT)
    refuses = view.failed and not view.silent and unheard(view.offer, failed=view.failed)
    if refuses or disobeys(view.offer):
        found.append(AlarmKind.NOT_FOLLOWING)
    if view.offer.overruled_s and overruled(view.offer, scene.now_s):
        found.append(AlarmKind.OVERRULED)
    if scene.switchings[view.seat.index].refused_s is not None:
        found.append(AlarmKind.NOT_SWITCHING)
    return found


def _of_the_meter(scene: Scene) -> Iterator[Told]:
    """Tell a meter that says nothing, one that says nonsense, and clamps that lie."""
    spec = scene.layout.spec
    if scene.health is MeterHealth.SILENT:
        yield AlarmKind.METER_SILENT, spec.meter.key, None
        return
    for phase, fault in zip(spec.phases, scene.clamps.faults, strict=False):
        if fault is not None:
            yield fault.kind, phase, round(fault.share, 2)
    if scene.health is MeterHealth.IMPLAUSIBLE and not scene.clamps.faulty:
        yield AlarmKind.METER_IMPLAUSIBLE, spec.meter.key, None


def _overloads(scene: Scene) -> Iterator[Told]:
    """Tell an overload that chargers have a part in from one of the house alone."""
    for index, over in enumerate(scene.room.over):
        if over:
            charging = any(view.drawn_a > 1 and index in view.seat.lines for view in scene.views)
            kind = AlarmKind.OVERLOAD if charging else AlarmKind.HOUSE_OVERLOAD
            yield kind, scene.layout.spec.phases[index], None
    for index in scene.room.broken:
        charging = any(view.drawn_a > 1 and index in dict(view.seat.rows) for view in scene.views)
        if charging:
            yield AlarmKind.OVERLOAD, scene.layout.rows[index].cap, None
