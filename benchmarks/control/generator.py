"""Seeded days that need no files: the simulated household, sky and heavy loads, for a whole day.

They are the models of ``simulator.plant``, evaluated for every second of the day with that number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from simulator.plant.habits import HABITS, HOUSEHOLD, DayPlan, Habit
from simulator.plant.house import BASE_DRIFT, BASE_NOISE_W, BASE_PERIOD_S
from simulator.plant.noise import seed_of, smooth
from simulator.plant.sun import YIELD, SeededSky
from simulator.plant.wires import Phase

from .contract import NOMINAL_V
from .days import DAY_S, HouseDay, MissingDaysError, Series, SunDay

HOUSES: Final = 64
HOMES: Final = 12
BASE_W: Final = (90.0, 150.0, 220.0, 300.0)
"""What is always on, from a flat to a house with a pond."""
_KITCHEN: Final = ("kettle", "microwave", "hob", "hob", "hob", "oven", "dishwasher")
_LARGE: Final = (*HOUSEHOLD, *_KITCHEN, "washing_machine", "fridge", "lights", "television")
_HEATED: Final = (*HOUSEHOLD, "heater")
_LARGE_HEATED: Final = (*_LARGE, "heater")
FURNISHINGS: Final = (
    *(HOUSEHOLD, _LARGE, HOUSEHOLD, _HEATED),
    *(HOUSEHOLD, HOUSEHOLD, HOUSEHOLD, _LARGE_HEATED),
)
"""What stands in a house: peaks of 13 to 37 A, from a dozen to a thousand rises over 1 kW."""
COVERS: Final = (0.4, 0.8, 0.0, 0.9, 0.3, 0.6, 0.1)
"""How cloudy the days of a week are: one is clear, two are dull, the others broken."""
COVER_SWING: Final = 0.8
COVER_S: Final = 9000.0
"""Cover comes and goes by the swing within hours, as fronts do."""
THIN: Final = (0.6, 1.0)
THIN_S: Final = 1800.0
"""Clouds take between these shares of the light that the thickest would take; that changes within
half an hour. Without it a day has three times the starts of a measured one."""
LEAST_COVER: Final = 0.001
RATED_W: Final = 1000.0
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
        return SunDay(name=name, power_w=np.minimum(RATED_W, YIELD * light))

    def _known(self, name: str, names: Sequence[str]) -> tuple[str, int]:
        if name not in names:
            raise MissingDaysError(f"there are no {self.title} named {name!r}")
        kind, number = name.split()
        return kind, int(number)


def irradiance(seed: int, cover: float) -> Series:
    """Return a day of W/m² under clouds that grow, thin out and go; ``cover`` 0 is a clear day."""
    sky = SeededSky(seed=seed, cover=cover)
    clear: Series = np.array([sky.clear(second) for second in range(DAY_S)])
    if not cover:
        return clear
    # At a cover of 0 the sky would be clear at once.
    covers = np.maximum(LEAST_COVER, cover + COVER_SWING * curve(seed_of("cover", seed), COVER_S))
    light = np.ones(DAY_S)
    for second in np.flatnonzero(clear).tolist():
        sky.cover = float(covers[second])
        light[second] = sky.clearness(second)
    low, high = THIN
    taken = low + (high - low) * (1 + curve(seed_of("thin", seed), THIN_S)) / 2
    return np.asarray(clear * np.where(light < 1, 1 - taken * (1 - light), light))


def curve(seed: int, period_s: float) -> Series:
    """Return ``noise.smooth`` at every second, in units of ``period_s``."""
    position = np.arange(DAY_S) / period_s
    knots = np.array([smooth(seed, float(knot)) for knot in range(int(DAY_S / period_s) + 2)])
    left = position.astype(np.intp)
    weight = position - left
    weight *= weight * (3 - 2 * weight)
    return np.asarray(knots[left] + (knots[left + 1] - knots[left]) * weight)


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
        DayPlan(f"{appliance} {index}", HABITS[appliance], number)
        for index, appliance in enumerate(FURNISHINGS[number % len(FURNISHINGS)])
    ]


def _base_w(phase: Phase, phases: int, *, seed: int) -> Series:
    """Return the part of the base load on one of ``phases``, as ``house.BaseLoad`` makes it."""
    number = seed_of("base", seed, phase)
    noise_w = BASE_NOISE_W * np.random.default_rng(number).standard_normal(DAY_S)
    wander = 1 + BASE_DRIFT * curve(number, BASE_PERIOD_S)
    mean_w = BASE_W[seed // len(FURNISHINGS) % len(BASE_W)] / phases
    return np.maximum(0.0, mean_w * wander + noise_w)
