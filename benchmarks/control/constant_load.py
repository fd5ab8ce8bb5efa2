"""A controller against lags alone: the load steps once, is constant ever after, the car is ideal.

Whatever the pilot does long after the step is the controller's own doing. ``python -m
benchmarks.control.constant_load`` puts ours through the whole grid of meter periods, ages of the
charger's data and lags, and lists where it swings, overloads or ends far from what fits.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from simulator.plant.car import CarType

from . import engine
from .contract import ChargerPlace, HomeSpec, Maker, Mode
from .world import Amperes, ChargerKind, MeterKind, Record, run

INSTANT: Final = CarType(
    dead_s=0.0, up_a_per_s=100.0, down_a_per_s=100.0, offset_a=0.0, start_s=0.0
)
"""A car without a delay of its own."""
SINGLE_PHASE: Final = HomeSpec(fuse_a=32.0)
THREE_PHASES: Final = HomeSpec(fuse_a=32.0, phases=3, chargers=(ChargerPlace(lines=(0, 1, 2)),))
HOMES: Final = (SINGLE_PHASE, THREE_PHASES)
METER_PERIODS_S: Final = (1, 2, 5, 10, 15)
DATA_AGES_S: Final = (0, 5, 10, 30, 60)
LAGS_S: Final = (1, 2, 5, 10, 20, 60)
WINDOW_S: Final = 60
REVERSALS_ALLOWED: Final = 2
FAR_A: Final = 1.5
"""A controller that rounds down and stays clear of the noise ends nearer than this."""
OVER_A: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the house draws on each of its phases, and for how long.

    Half amperes, so that no rounding wavers with the meter's noise.
    """

    before_a: float = 3.5
    after_a: float = 15.5
    step_s: int = 300
    """The step comes when the controller has settled at the low load."""
    constant_s: int = 900
    home: HomeSpec = SINGLE_PHASE

    @property
    def fits_a(self) -> int:
        """The most that all chargers can offer after the step; 0 when the minimum does not fit.

        Where they follow the sun that is the surplus, down to their minimum in Hybrid.
        """
        places = self.home.chargers
        room_a = min(self.home.fuse_a - self.after_a, sum(place.maximum_a for place in places))
        least_a = sum(place.minimum_a for place in places)
        if self.home.mode is not Mode.POWER:
            room_a = min(
                room_a, max(-self.after_a, least_a if self.home.mode is Mode.HYBRID else 0)
            )
        return int(room_a) if room_a >= least_a else 0


ROOM_GOES: Final = Load()
ROOM_COMES: Final = Load(before_a=21.5, after_a=9.5)
SUN_GOES: Final = Load(before_a=-20.5, after_a=-10.5)
SUN_COMES: Final = Load(before_a=-8.5, after_a=-16.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swings:
    """What came of a step to a constant load."""

    reversals_per_60_s: int
    """Most turns of a pilot, from down to up or back, within a minute after the step."""
    over_s: int
    """Above the fuse, before the step too: the house alone is never above it."""
    unavoidable_s: int
    """How long the lags alone keep an ideal controller above the fuse."""
    final_a: float
    """Mean of what the cars were offered and used in the last two minutes."""
    fits_a: int
    stops: int
    """How often a car was stopped after the step."""

    @property
    def faults(self) -> list[str]:
        """Say what is wrong, if anything."""
        found = []
        if self.reversals_per_60_s > REVERSALS_ALLOWED:
            found.append("swings")
        if self.over_s > self.unavoidable_s:
            found.append("overloads")
        if abs(self.final_a - self.fits_a) > FAR_A:
            found.append("ends far off")
        if self.fits_a and self.stops:
            found.append("stops")
        return found


def constant_load_run(
    maker: Maker,
    *,
    meter_period_s: int = 1,
    data_age_s: int = 0,
    lag_s: int = 1,
    car_lag_s: int = 0,
    charger_period_s: int = 1,
    load: Load = ROOM_GOES,
    car: CarType = INSTANT,
    seed: int = 1,
) -> Swings:
    """Put a controller through one step.

    ``data_age_s`` is how much older the charger's readings are than they say (they are made every
    ``charger_period_s``, which they do not hide), ``lag_s`` the time from a command to the current
    while the charger still shows the old limit, and ``car_lag_s`` what the car needs on top after
    the charger has shown the new one.
    """
    home = replace(load.home, meter_period_s=meter_period_s, charger_period_s=charger_period_s)
    house_a = np.full(load.step_s + load.constant_s, load.before_a)
    house_a[load.step_s :] = load.after_a
    record = ideal_run(
        home,
        [house_a] * home.phases,
        maker,
        lag_s=lag_s,
        data_age_s=data_age_s,
        # The first second is the tick in which the pilot changes.
        car=replace(car, dead_s=1.0 + car.dead_s + car_lag_s),
        seed=seed,
    )
    slew_s = (load.after_a - load.before_a) / car.down_a_per_s
    late_s = meter_period_s + lag_s + car.dead_s + car_lag_s
    return judge(record, load, car, unavoidable_s=late_s + max(0, int(slew_s)))


def ideal_run(
    home: HomeSpec,
    house_a: list[Amperes],
    maker: Maker,
    *,
    lag_s: int = 1,
    data_age_s: int = 0,
    car: CarType = INSTANT,
    noise_a: float = 0.02,
    seed: int = 1,
) -> Record:
    """Run a home whose meter answers at once; the only delays are those given.

    The noise makes each measurement differ from the one before, as a real one does: some balancers
    do nothing for a value that they know already.
    """
    kinds = [
        ChargerKind(car=replace(car, lines=len(place.lines)), command_s=lag_s - 1, age_s=data_age_s)
        for place in home.chargers
    ]
    meter = MeterKind(period_s=home.meter_period_s, latency_s=0, noise_a=noise_a)
    return run(home, house_a, maker, kinds=kinds, meter=meter, seed=seed)


def total_a(record: Record) -> Amperes:
    """Return what flows on the fullest phase."""
    phases = [house + car for house, car in zip(record.house_a, record.cars_a(), strict=True)]
    return np.asarray(np.maximum.reduce(phases))


def over_s(record: Record) -> int:
    """Return the seconds above the fuse."""
    return int((total_a(record) > record.home.fuse_a + OVER_A).sum())


def judge(record: Record, load: Load, car: CarType = INSTANT, *, unavoidable_s: float) -> Swings:
    """Look at what happened after the step."""
    drawn_a = [drawn_a[load.step_s :] for drawn_a in record.drawn_a]
    pilots_a = [offered_a[load.step_s - 1 :] for offered_a in record.offered_a]
    finals_a = [float(each_a[-2 * WINDOW_S :].mean()) for each_a in drawn_a]
    on = [each_a > 0 for each_a in drawn_a]
    return Swings(
        reversals_per_60_s=max(map(reversals_per_window, pilots_a)),
        over_s=over_s(record),
        unavoidable_s=int(unavoidable_s),
        # A car that stays below its limit has all that it wants of it.
        final_a=sum(final_a + car.offset_a * (final_a > 0) for final_a in finals_a),
        fits_a=load.fits_a,
        stops=sum(int((each[:-1] & ~each[1:]).sum()) for each in on),
    )


def reversals_per_window(offered_a: Amperes) -> int:
    """Return the most changes of direction of a pilot within a minute."""
    changes_a = np.diff(offered_a)
    changed = np.flatnonzero(changes_a)
    signs = np.sign(changes_a[changed])
    turns = changed[1:][signs[1:] != signs[:-1]]
    if not len(turns):
        return 0
    ends = np.searchsorted(turns, turns + WINDOW_S, side="left")
    return int((ends - np.arange(len(turns))).max())


def grid() -> Iterator[tuple[int, int, int]]:
    """Return every (meter period, age of the data, lag) in seconds."""
    return product(METER_PERIODS_S, DATA_AGES_S, LAGS_S)


def row(load: Load, cell: tuple[int, int, int], seen: Swings) -> str:
    """Return a line of the table."""
    period_s, age_s, lag_s = cell
    step = f"{load.before_a:g}>{load.after_a:g}"
    return (
        f"{load.home.phases:6}  {step:>8}  {period_s:7}  {age_s:5}  {lag_s:5}"
        f"  {seen.reversals_per_60_s:9}  {seen.over_s:6} ({seen.unavoidable_s:3})"
        f"  {seen.final_a:6.1f}  {seen.fits_a:6}  {seen.stops:5}  {', '.join(seen.faults)}"
    )


def main() -> None:
    """Print the cells in which our controller is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--car", action="store_true", help="the lag is the car's, not the way's")
    parser.add_argument("--honest", action="store_true", help="readings are rare, not old")
    parser.add_argument("--all", action="store_true", help="print the good cells too")
    options = parser.parse_args()
    print(
        "phases   house A  meter s  age s  lag s  turns/min  over s (due)  ends A  fits A  stops"
        "  faults"
    )
    loads = [replace(load, home=home) for load in (ROOM_GOES, ROOM_COMES) for home in HOMES]
    cells = good = 0
    for load, cell in product(loads, grid()):
        period_s, age_s, lag_s = cell
        seen = constant_load_run(
            engine.make,
            meter_period_s=period_s,
            data_age_s=0 if options.honest else age_s,
            charger_period_s=max(1, age_s) if options.honest else 1,
            lag_s=1 if options.car else lag_s,
            car_lag_s=lag_s if options.car else 0,
            load=load,
        )
        cells, good = cells + 1, good + (not seen.faults)
        if seen.faults or options.all:
            print(row(load, cell, seen))
    print(f"{good} of {cells} cells without a fault")


if __name__ == "__main__":
    main()
