"""Conditions that a person has to hear about, and since when they hold."""

from collections.abc import Iterator

from .follow import disobeys, unheard
from .memory import Memory
from .model import Alarm, AlarmKind, MeterHealth, SiteMode
from .ruling import LOST, Scene

OVERLOAD_AFTER_S = 15.0
"""An overload that the chargers' reduction ends is no alarm."""


def alarms(
    past: Memory, scene: Scene
) -> tuple[tuple[Alarm, ...], tuple[tuple[AlarmKind, str, float], ...]]:
    """Return the alarms to be told and the conditions to be remembered."""
    since_s = {(kind, subject): time_s for kind, subject, time_s in past.alarms}
    holding = tuple(
        [
            (kind, subject, since_s.get((kind, subject), scene.now_s))
            for kind, subject in _conditions(scene)
        ]
    )
    overloads = (AlarmKind.OVERLOAD, AlarmKind.HOUSE_OVERLOAD)
    told = tuple(
        [
            Alarm(kind=kind, subject=subject, since_s=time_s)
            for kind, subject, time_s in holding
            if kind not in overloads or scene.now_s - time_s >= OVERLOAD_AFTER_S
        ]
    )
    return told, holding


def _conditions(scene: Scene) -> Iterator[tuple[AlarmKind, str]]:
    """Yield every condition that holds now."""
    spec = scene.layout.spec
    if scene.health is MeterHealth.SILENT:
        yield AlarmKind.METER_SILENT, spec.meter.key
    elif scene.health is MeterHealth.IMPLAUSIBLE:
        yield AlarmKind.METER_IMPLAUSIBLE, spec.meter.key
    for view in scene.views:
        if view.mode is SiteMode.DISABLED:
            continue
        if view.silent:
            yield AlarmKind.CHARGER_SILENT, view.seat.spec.key
        refuses = not view.silent and unheard(view.offer, failed=view.failed)
        if refuses or disobeys(view.offer):
            yield AlarmKind.NOT_FOLLOWING, view.seat.spec.key
        if scene.switchings[view.seat.index].refused_s is not None:
            yield AlarmKind.NOT_SWITCHING, view.seat.spec.key
    if any(scene.room.over) and scene.health not in LOST:
        yield from _overloads(scene)


def _overloads(scene: Scene) -> Iterator[tuple[AlarmKind, str]]:
    """Tell an overload that chargers have a part in from one of the house alone."""
    for index, over in enumerate(scene.room.over):
        if over:
            charging = any(view.drawn_a > 1 and index in view.seat.lines for view in scene.views)
            kind = AlarmKind.OVERLOAD if charging else AlarmKind.HOUSE_OVERLOAD
            yield kind, scene.layout.rows[index].phase
