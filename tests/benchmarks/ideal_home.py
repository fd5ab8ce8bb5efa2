"""The home in which figures of other systems were taken: only the cycles and the car take time.

The meter and the charger tell the present, and the car follows 3 s after a command.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.control.contract import ChargerPlace, Controller, HomeSpec, Mode
from benchmarks.control.world import Amperes, ChargerKind, MeterKind, Record, run
from simulator.plant.car import CarType

type Make = Callable[[HomeSpec], Controller]
"""Makes a law whose cycle begins at second 0."""

LAGGING = CarType(dead_s=3.0, up_a_per_s=100.0, down_a_per_s=100.0, offset_a=0.0, start_s=0.0)
"""Nothing for 3 s, then all at once."""
PRESENT = MeterKind(latency_s=0, noise_a=0.0)
SUNNY = HomeSpec(fuse_a=60.0, mode=Mode.GREEN, charger_period_s=1)


def single_phase(*, fuse_a: float = 25.0, chargers: int = 1, mode: Mode = Mode.POWER) -> HomeSpec:
    """Return a home whose cars take 16 A at most."""
    places = tuple(ChargerPlace(maximum_a=16) for _ in range(chargers))
    return HomeSpec(fuse_a=fuse_a, chargers=places, mode=mode, charger_period_s=1)


def load(*parts: tuple[float, int]) -> Amperes:
    """Return the load of a phase: amperes for so many seconds, one part after the other."""
    return np.concatenate([np.full(seconds, current_a) for current_a, seconds in parts])


def ideal(
    make: Make,
    home: HomeSpec,
    *house_a: Amperes,
    meter: MeterKind = PRESENT,
    cars: Sequence[CarType | None] = (),
) -> Record:
    """Run a law; every charger has a lagging car unless other cars, or None, are given."""
    types = cars or [replace(LAGGING, lines=len(place.lines)) for place in home.chargers]
    return run(
        home,
        house_a,
        lambda home, _: make(home),
        kinds=[ChargerKind(car=car or LAGGING, command_s=0) for car in types],
        meter=meter,
        connected=lambda _, index: types[index] is not None,
    )


def offers(record: Record, charger: int = 0) -> list[tuple[int, float]]:
    """Return (second, amperes) of what a charger was told."""
    return [(int(time_s), a) for time_s, index, a in record.commands if index == charger]
