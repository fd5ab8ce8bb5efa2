"""Every fault of a meter and of a charger, switched on and off while a plant runs (SITE-5)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
import itertools
import math

import pytest

from custom_components.evse_suite.control.answer import AlarmKind
from custom_components.evse_suite.control.model import ChargerSpec, MainsSample
from tests.control.plant import (
    L1,
    L2,
    THREE_SECONDS,
    Charger,
    HouseLoad,
    MeterFault,
    Plant,
    constant,
    fuse,
    one_charger,
)

FUSE_A = 40.0
BASE_A = 5.0
REACTION_S = 4.5
"""What docs/promises.md states for a meter that pushes every second and a car that needs 3 s."""
SILENT_AFTER_S = 8.0
BEGINS_S = 120.0
"""Every plant charges undisturbed for so long."""

type Lie = Callable[[MainsSample, MainsSample], MainsSample | None]
"""What a meter tells in place of a sample; the second one is the last true one before the fault."""


def _bent(gain: float) -> Lie:
    def lie(sample: MainsSample, _: MainsSample) -> MainsSample:
        return replace(
            sample,
            current_a={phase: gain * a for phase, a in sample.current_a.items()},
            power_w={phase: gain * w for phase, w in sample.power_w.items()},
        )

    return lie


def _shows(current_a: float) -> Lie:
    return lambda sample, _: replace(sample, current_a=dict.fromkeys(sample.current_a, current_a))


METER: Mapping[str, Lie] = {
    "silent": lambda _sample, _last: None,
    "frozen": lambda sample, last: replace(last, time_s=sample.time_s),
    "nan": _shows(math.nan),
    "absurd": _shows(-900.0),
    "leaps": _shows(FUSE_A * 3.25),
    "negative": _bent(-1.0),
    "thousandfold": _bent(1000.0),
    "thousandth": _bent(0.001),
    "zero": _bent(0.0),
    "backwards": lambda sample, last: replace(
        sample, time_s=last.time_s - (sample.time_s - last.time_s)
    ),
}


def _obeys(plant: Plant, on: bool) -> None:
    plant.chargers[0].obeys = not on


def _refuses(plant: Plant, on: bool) -> None:
    plant.chargers[0].refuses = on


def _falls_silent(plant: Plant, on: bool) -> None:
    plant.chargers[0].silent = on


def _takes_more(plant: Plant, on: bool) -> None:
    plant.chargers[0].car = replace(THREE_SECONDS, offset_a=-6.0 if on else 0.0)


def _is_elsewhere(plant: Plant, on: bool) -> None:
    """Have what it draws flow on the other phase."""
    told = plant.spec.chargers[0]
    plant.chargers[0].spec = replace(told, phases=(L2,)) if on else told


def _restarts(plant: Plant, on: bool) -> None:
    if on:
        plant.chargers[0].restart(32)


def _is_set(plant: Plant, on: bool) -> None:
    """Have somebody else set it."""
    if on:
        plant.chargers[0].device_a = 14 if plant.chargers[0].device_a == 20 else 20


CHARGER: Mapping[str, Callable[[Plant, bool], None]] = {
    "silent": _falls_silent,
    "refuses": _refuses,
    "ignores": _obeys,
    "takes more": _takes_more,
    "elsewhere": _is_elsewhere,
    "restarts": _restarts,
    "second master": _is_set,
}


class Faults:
    """The faults of a plant, switched by name."""

    def __init__(self, plant: Plant) -> None:
        """Take the meter of ``plant`` over."""
        self.plant = plant
        self._lie: Lie | None = None
        self._last = plant.mains
        fault: MeterFault = self._told
        plant.fault = fault

    def _told(self, _: float, sample: MainsSample) -> MainsSample | None:
        if self._lie is None:
            self._last = sample
            return sample
        return self._lie(sample, self._last or sample)

    def meter(self, name: str | None) -> None:
        """Have the meter lie from now on, or tell the truth again."""
        self._lie = None if name is None else METER[name]

    def charger(self, name: str, *, on: bool) -> None:
        """Begin or end a fault of the first charger."""
        CHARGER[name](self.plant, on)

    def switch(self, name: str, *, on: bool) -> None:
        """Begin or end ``meter NAME`` or ``charger NAME``."""
        part, _, fault = name.partition(" ")
        if part == "meter":
            self.meter(fault if on else None)
        else:
            self.charger(fault, on=on)


EVERY = [*(f"meter {name}" for name in METER), *(f"charger {name}" for name in CHARGER)]


def charging(
    house: HouseLoad | None = None, *, chargers: int = 1, phases: int = 1, seed: int = 0
) -> Plant:
    """Return a home on 40 A that has charged undisturbed, as fast as it can, for two minutes."""
    lines = (L1, L2)[:phases]
    made = [
        Charger(
            spec=ChargerSpec(key=key, name=key, phases=(L1,), safe_a=6),
            car=THREE_SECONDS,
            poll_phase_s=0.4 + 0.3 * index,
        )
        for index, key in enumerate("abcd"[:chargers])
    ]
    plant = one_charger(
        FUSE_A,
        house or constant(**{phase.value: BASE_A for phase in lines}),
        charger=made[0],
        silent_after_s=SILENT_AFTER_S,
        noise_a=0.05,
        keep_decisions=True,
        dt_s=0.2,
        seed=seed,
        chargers=made,
    )
    plant.spec = replace(
        plant.spec,
        phases=lines,
        caps=(fuse(FUSE_A, *lines),),
        chargers=tuple(it.spec for it in made),
    )
    plant.run(BEGINS_S)
    return plant


def first_told_s(plant: Plant, since_s: float) -> dict[AlarmKind, float]:
    """Return how long after ``since_s`` every alarm was told first."""
    told: dict[AlarmKind, float] = {}
    for decision in plant.decisions:
        for alarm in decision.alarms:
            if decision.time_s >= since_s:
                told.setdefault(alarm.kind, decision.time_s - since_s)
    return told


def tellings(plant: Plant) -> list[tuple[AlarmKind, str, float]]:
    """Return every alarm that was told, with the time since which it held."""
    alarms = [alarm for decision in plant.decisions for alarm in decision.alarms]
    return sorted({(alarm.kind, alarm.subject, alarm.since_s) for alarm in alarms})


def starts(plant: Plant) -> int:
    """Count how often a charger that was at zero was told to charge."""
    return sum(
        before == 0 < after
        for charger in plant.chargers
        for before, after in _pairs(plant.changes(key=charger.spec.key))
    )


def _pairs(changes: list[tuple[float, int]]) -> list[tuple[int, int]]:
    told_a = [current_a for _, current_a in changes]
    return list(itertools.pairwise(told_a))


def away(plant: Plant, seconds: float) -> None:
    """Let time pass in which Home Assistant does nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plant, "decide", lambda: None)
        plant.run(seconds)
