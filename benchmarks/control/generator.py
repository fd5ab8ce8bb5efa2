"""Seeded days that need no files: households, skies and heavy loads, for a whole day.

Appliances and base loads are the models of ``simulator.plant``, evaluated for every second of the
day with that number, in more kinds and sizes than the simulated home has; skies are in ``sky``.
How days of this kind compare with measured ones ``character`` tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from simulator.plant.habits import HABITS, Cycle, DayPlan, Habit
from simulator.plant.house import BASE_DRIFT, BASE_NOISE_W, BASE_PERIOD_S
from simulator.plant.noise import seed_of, uniform
from simulator.plant.sun import YIELD
from simulator.plant.wires import Phase

from .contract import NOMINAL_V
from .days import DAY_S, HouseDay, MissingDaysError, Series, SunDay
from .sky import COVERS, curve, irradiance

HOUSES: Final = 64
HOMES: Final = 12
BASE_W: Final = (45.0, 100.0, 125.0, 160.0)
"""What is always on, as in measured houses at night."""
KINDS: Final = HABITS | {
    "blower": Habit(power_w=420, cycle=Cycle(on_s=400, off_s=2700)),
    "pump": Habit(power_w=420, cycle=Cycle(on_s=60, off_s=400)),
    "tool": Habit(
        power_w=900, uses_per_day=14, hours=((8, 1.5), (13, 2), (18, 2)), lasts_s=(3, 20)
    ),
    "iron": Habit(
        power_w=1800,
        uses_per_day=0.25,
        hours=((10, 2), (19, 1.5)),
        lasts_s=(900, 1800),
        cycle=Cycle(on_s=11, off_s=30),
    ),
    "dryer": Habit(
        power_w=5600,
        hours=((14, 5),),
        lasts_s=(2400, 4200),
        cycle=Cycle(on_s=300, off_s=60, warm_up_s=600),
    ),
}
"""With the blowers, pumps and short uses of small things that make most steps below 1 kW."""
_GAS: Final = (
    *("fridge", "lights", "television", "kettle", "toaster", "microwave", "washing_machine"),
    *("dishwasher", "blower", "tool", "iron"),
)
_ELECTRIC: Final = (*_GAS, "hob", "oven")
_LARGE: Final = (
    *(*_ELECTRIC, "kettle", "microwave", "hob", "oven", "dishwasher", "washing_machine"),
    *("fridge", "lights", "television", "tool", "heater", "pump", "dryer"),
)
FURNISHINGS: Final = (
    *((*_ELECTRIC, "hob", "dishwasher"), _GAS, (*_GAS, "dryer"), (*_GAS, "lights", "tool")),
    *((*_GAS, "pump"), _ELECTRIC, (*_GAS, "fridge", "television"), _LARGE),
)
"""What stands in a house: peaks of 12 to 41 A, from dozens to thousands of steps over 500 W."""
LEAST_SIZE: Final = 0.55
"""The smallest model of an appliance draws so much of what the largest does."""
PACES: Final = (0.4, 1.5)
"""Thermostats switch between so many times faster and slower than the usual one."""
WEEKS: Final = 4
SHOWER: Final = replace(HABITS["shower"], uses_per_day=2.5)
"""An electric shower of 9.2 kW for a family: two or three times a day, 5 to 9 minutes."""
HEAT_PUMP: Final = HABITS["heat_pump"]
"""3 kW that rise within 10 s, all day long."""
EXTRAS: Final = {"shower": SHOWER, "heat_pump": HEAT_PUMP}
"""Loads that are added to a day, and to its name, because measured days lack them."""


@dataclass(frozen=True, slots=True)
class Generator:
    """The source that the project ships."""

    title: str = "seeded days"

    def houses(self) -> Sequence[str]:
        """Return the names of single-phase days."""
        return [f"house {number}" for number in range(1, HOUSES + 1)]

    def homes(self) -> Sequence[str]:
        """Return the names of days of houses whose appliances lie on three phases."""
        return [f"home {number}" for number in range(1, HOMES + 1)]

    def suns(self) -> Sequence[str]:
        """Return the names of sun days."""
        return [f"sun {number}" for number in range(1, WEEKS * len(COVERS) + 1)]

    def house(self, name: str) -> HouseDay:
        """Return a day of one household; raises MissingDaysError."""
        kind, number = self._known(name, [*self.houses(), *self.homes()])
        phases = tuple(Phase) if kind == "home" else (Phase.L1,)
        powers = [_base_w(phase, len(phases), seed=number) for phase in phases]
        for index, plan in enumerate(_plans(number)):
            powers[index % len(phases)] += plan_w(plan)
        return HouseDay(name=name, currents=tuple(power / NOMINAL_V for power in powers))

    def sun(self, name: str) -> SunDay:
        """Return a day of one sky; raises MissingDaysError."""
        _, number = self._known(name, self.suns())
        light = irradiance(number, COVERS[(number - 1) % len(COVERS)])
        return SunDay(name=name, power_w=YIELD * light)

    def _known(self, name: str, names: Sequence[str]) -> tuple[str, int]:
        if name not in names:
            raise MissingDaysError(f"there are no {self.title} named {name!r}")
        kind, number = name.split()
        return kind, int(number)


def extra_w(name: str, seed: int) -> Series:
    """Return a day of one of ``EXTRAS`` in watts."""
    habit: Habit = EXTRAS[name]
    return plan_w(DayPlan(name, habit, seed))


def plan_w(plan: DayPlan) -> Series:
    """Return what an appliance draws on day 0, the end of the evening before included."""
    habit = plan.habit
    power_w = np.zeros(DAY_S)
    # Where the evening before overlaps the day it is what counts, so it is written last.
    for pulse in (*plan.pulses(0)[::-1], *plan.pulses(-1)[::-1]):
        first = max(0, ceil(pulse.start_s))
        end = min(DAY_S, ceil(pulse.end_s))
        if first >= end:
            continue
        share = 1.0
        if habit.soft_start_s:
            on_for_s = np.arange(first, end) - pulse.start_s
            share = np.minimum(1.0, on_for_s / habit.soft_start_s)
        power_w[first:end] = habit.power_w * share
    return power_w


def _plans(number: int) -> list[DayPlan]:
    """Return what happens in a house; its number decides what stands in it, too."""
    return [
        DayPlan(f"{appliance} {index}", _model(appliance, number, index), number)
        for index, appliance in enumerate(FURNISHINGS[number % len(FURNISHINGS)])
    ]


def _model(appliance: str, number: int, index: int) -> Habit:
    """Return the model of an appliance that a house has: large or small, quick or slow."""
    habit = KINDS[appliance]
    size = LEAST_SIZE + (1 - LEAST_SIZE) * uniform(seed_of("size", number), index)
    cycle = habit.cycle
    if cycle is not None:
        quick, slow = PACES
        pace = quick * (slow / quick) ** uniform(seed_of("pace", number), index)
        cycle = replace(cycle, on_s=pace * cycle.on_s, off_s=pace * cycle.off_s)
    return replace(habit, power_w=size * habit.power_w, cycle=cycle)


def _base_w(phase: Phase, phases: int, *, seed: int) -> Series:
    """Return the part of the base load on one of ``phases``, as ``house.BaseLoad`` makes it."""
    number = seed_of("base", seed, phase)
    noise_w = BASE_NOISE_W * np.random.default_rng(number).standard_normal(DAY_S)
    wander = 1 + BASE_DRIFT * curve(number, BASE_PERIOD_S)
    mean_w = BASE_W[seed // len(FURNISHINGS) % len(BASE_W)] / phases
    return np.maximum(0.0, mean_w * wander + noise_w)
