"""Experiments with loads that are switched on at a known second, and with faults."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from math import nan
import random
from typing import Final

import numpy as np

from simulator.plant.car import CAR_TYPES

from .contract import ChargerPlace, HomeSpec, MeterSample
from .days import Currents
from .trial import Depth, Run, Scenario
from .world import ChargerKind, MeterKind

SETTLED_S: Final = 300
"""By then every car charges with all it may."""
SPREAD_S: Final = 60
"""Steps come at another second of every cycle that a controller may have."""
LOAD_S: Final = 240
PERIODS_S: Final = (1, 5, 10, 15)
"""How often real mains meters tell something new."""
SWEEP_CARS: Final = ("fast", "typical", "iec5", "slow")
SWEEP_FUSE_A: Final = 60.0
SWEEP_BASE_A: Final = 4.0
SWEEP_RISES_A: Final = (40.0, 9.0)
"""Beside a car of 31.5 A these are 15.5 and 9 A too much for 60 A."""
TABLE_CAR_A: Final = 16
TABLE_FUSE_A: Final = 25.0
TABLE_BASE_A: Final = 5.0
AFTERNOON_S: Final = 6 * 3600
LOADS_A: Final = (6.5, 8.5, 12.5)
LOAD_ON_S: Final = (60, 900)
LOAD_OFF_S: Final = (120, 1100)


def switched_a(base_a: float, rises: tuple[tuple[int, float], ...], seconds: int) -> Currents:
    """Return one phase with steps: at each second of ``rises`` the current rises by so much."""
    current_a = np.full(seconds, base_a, dtype=np.float64)
    for second, rise_a in rises:
        current_a[second:] += rise_a
    return (current_a,)


def two_steps(name: str, begin_s: int, seed: int) -> Run:
    """Return a run with the two rises of the sweep, each held for ``LOAD_S``."""
    first_a, then_a = SWEEP_RISES_A
    rises = (
        (begin_s, first_a),
        (begin_s + LOAD_S, then_a),
        (begin_s + 2 * LOAD_S, -first_a - then_a),
    )
    seconds = SETTLED_S + SPREAD_S + 2 * LOAD_S + SPREAD_S
    make = partial(switched_a, SWEEP_BASE_A, rises, seconds)
    return Run(name=name, seconds=seconds, make=make, seed=seed)


def one_step(name: str, begin_s: int, rise_a: float, seed: int) -> Run:
    """Return a run of the step table."""
    seconds = SETTLED_S + SPREAD_S + LOAD_S
    make = partial(switched_a, TABLE_BASE_A, ((begin_s, rise_a),), seconds)
    return Run(name=name, seconds=seconds, make=make, seed=seed)


def sweep(depth: Depth) -> list[Scenario]:
    """Return S: the two rises at random seconds for every meter and car."""
    found = [
        _swept(f"S {car} {period_s} s", car, MeterKind(period_s=period_s), depth)
        for car, period_s in product(SWEEP_CARS, PERIODS_S)
    ]
    late = _swept("S late", "typical", MeterKind(latency_s=3), depth)
    kinds = tuple(replace(kind, command_s=2) for kind in late.chargers)
    title = "+40 A, then +9 A; readings 3 s late, commands 2 s"
    return [*found, replace(late, title=title, chargers=kinds)]


def _swept(key: str, car: str, meter: MeterKind, depth: Depth) -> Scenario:
    published = car == "typical" and meter.period_s == 1
    count = depth.of(3, 40 if published else 20, 40)
    return Scenario(
        key=key,
        title=f"+40 A, then +9 A; {car} car, meter every {meter.period_s} s",
        home=HomeSpec(fuse_a=SWEEP_FUSE_A, meter_period_s=meter.period_s),
        chargers=(ChargerKind(car=CAR_TYPES[car]),),
        meter=meter,
        runs=tuple(two_steps(f"step at {t} s", t, seed) for seed, t in _moments(key, count)),
    )


def _moments(key: str, count: int) -> list[tuple[int, int]]:
    """Return seeds, and random seconds at which something happens."""
    dice = random.Random(key)
    return [(seed, SETTLED_S + dice.randrange(SPREAD_S)) for seed in range(count)]


def table(depth: Depth) -> list[Scenario]:
    """Return T: a 25 A supply, a 16 A car that needs 3 s, one load or a whole afternoon of them."""
    count = depth.of(6, 60, 60)
    runs = {
        f"T +{rise_a} A": tuple(
            one_step(f"step at {t} s", t, float(rise_a), seed)
            for seed, t in _moments(f"T {rise_a}", count)
        )
        for rise_a in (13, 16)
    }
    runs["T random"] = tuple(
        Run(name=f"afternoon {seed}", seconds=AFTERNOON_S, make=partial(afternoon, seed), seed=seed)
        for seed in range(depth.of(1, 4, 12))
    )
    place = ChargerPlace(maximum_a=TABLE_CAR_A)
    return [
        Scenario(
            key=key,
            title=f"25 A, car of 16 A that needs 3 s, {key.removeprefix('T ')}",
            home=HomeSpec(fuse_a=TABLE_FUSE_A, chargers=(place,)),
            chargers=(ChargerKind(car=CAR_TYPES["reacts_in_3_s"]),),
            meter=MeterKind(),
            runs=those,
        )
        for key, those in runs.items()
    ]


def afternoon(seed: int) -> Currents:
    """Return six hours of three loads that come and go at random; alone they fit in 25 A."""
    dice = random.Random(seed)
    current_a = np.full(AFTERNOON_S, 2.0)
    for load_a in LOADS_A:
        second = dice.randrange(*LOAD_OFF_S)
        while second < AFTERNOON_S:
            end = second + dice.randrange(*LOAD_ON_S)
            if current_a[second:end].max() + load_a <= TABLE_FUSE_A:
                current_a[second:end] += load_a
            second = end + dice.randrange(*LOAD_OFF_S)
    return (current_a,)


@dataclass(frozen=True, slots=True)
class During:
    """Whether something is so at a time: from ``begin_s`` until before ``end_s``."""

    begin_s: float
    end_s: float
    inside: bool = True

    def __call__(self, now_s: float) -> bool:
        """Tell it for this second."""
        return (self.begin_s <= now_s < self.end_s) is self.inside


@dataclass(slots=True)
class Frozen:
    """The meter repeats its last reading, time and all."""

    when: During
    held: MeterSample | None = field(default=None, init=False)

    def __call__(self, now_s: float, sample: MeterSample) -> MeterSample | None:
        """Return what the meter says."""
        if not self.when(now_s):
            self.held = sample
        return self.held


@dataclass(frozen=True, slots=True)
class Silent:
    """The meter says nothing."""

    when: During

    def __call__(self, now_s: float, sample: MeterSample) -> MeterSample | None:
        """Return what the meter says."""
        return None if self.when(now_s) else sample


@dataclass(frozen=True, slots=True)
class NoNumbers:
    """The meter answers, but it has no values."""

    when: During

    def __call__(self, now_s: float, sample: MeterSample) -> MeterSample | None:
        """Return what the meter says."""
        if not self.when(now_s):
            return sample
        return replace(sample, current_a=tuple(nan for _ in sample.current_a), power_w=nan)


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The meter's clock is set."""

    when: During
    jump_s: float

    def __call__(self, now_s: float, sample: MeterSample) -> MeterSample | None:
        """Return what the meter says."""
        return replace(sample, time_s=sample.time_s + self.jump_s) if self.when(now_s) else sample


AROUND: Final = During(SETTLED_S - 20, SETTLED_S + SPREAD_S)
"""80 s, and a first step within them."""
FROM_THEN: Final = During(SETTLED_S - 20, 1e9)
METER_FAULTS: Final[dict[str, Callable[[], MeterKind]]] = {
    "meter x0.5": lambda: MeterKind(gain=0.5),
    "meter x0.9": lambda: MeterKind(gain=0.9),
    "meter x2": lambda: MeterKind(gain=2.0),
    "meter inverted": lambda: MeterKind(gain=-1.0),
    "meter frozen": lambda: MeterKind(fault=Frozen(AROUND)),
    "meter silent": lambda: MeterKind(fault=Silent(FROM_THEN)),
    "meter without numbers": lambda: MeterKind(fault=NoNumbers(FROM_THEN)),
    "clock forward": lambda: MeterKind(fault=ClockJump(FROM_THEN, 3600.0)),
    "clock back": lambda: MeterKind(fault=ClockJump(FROM_THEN, -3600.0)),
}
_REFUSES: Final = During(FROM_THEN.begin_s, FROM_THEN.end_s, inside=False)
CHARGER_FAULTS: Final = {
    "charger ignores": ChargerKind(obeys=_REFUSES),
    "charger does not answer": ChargerKind(answers=_REFUSES),
    "charger's meter stuck": ChargerKind(stuck=FROM_THEN),
}


def faults(depth: Depth) -> list[Scenario]:
    """Return F: the two rises with something broken, from before the first one on."""
    count = depth.of(1, 5, 20)

    def scenario(name: str, charger: ChargerKind, meter: MeterKind) -> Scenario:
        return Scenario(
            key=f"F {name}",
            title=f"+40 A, then +9 A; {name}",
            home=HomeSpec(fuse_a=SWEEP_FUSE_A),
            chargers=(charger,),
            meter=meter,
            runs=tuple(two_steps(f"step at {t} s", t, seed) for seed, t in _moments("F", count)),
        )

    restart = scenario("restart", ChargerKind(), MeterKind())
    return [
        *(scenario(name, ChargerKind(), make()) for name, make in METER_FAULTS.items()),
        *(scenario(name, kind, MeterKind()) for name, kind in CHARGER_FAULTS.items()),
        replace(restart, restart_s=float(SETTLED_S + SPREAD_S // 2)),
    ]
