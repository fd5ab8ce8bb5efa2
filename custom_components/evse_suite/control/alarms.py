"""Conditions that a person has to hear about, and since when they hold."""

from collections.abc import Iterator
from dataclasses import replace

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
        Condition(
            kind=kind,
            subject=subject,
            share=share,
            since_s=before[kind, subject].since_s if (kind, subject) in before else now_s,
            seen_s=now_s,
            told=(kind, subject) in before and before[kind, subject].told,
        )
        for (kind, subject), share in present.items()
    ]
    holding += [
        it
        for key, it in before.items()
        if key not in present and it.told and now_s - it.seen_s < OVER_AFTER_S
    ]
    remembered = tuple([replace(it, told=it.told or _is_due(it, now_s)) for it in holding])
    told = tuple(
        [
            Alarm(kind=it.kind, subject=it.subject, since_s=it.since_s, share=it.share)
            for it in remembered
            if it.told
        ]
    )
    return told, remembered


def _is_due(condition: Condition, now_s: float) -> bool:
    """Whether a condition has held long enough to be told."""
    wait_s = AFTER_S.get(condition.kind, 0.0)
    return condition.seen_s == now_s and now_s - condition.since_s >= wait_s


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
