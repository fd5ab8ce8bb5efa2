"""The baselines of five systems do what is known of the systems that they stand for.

The figures come from runs of re-implementations that were checked against the systems' own code
(evcc, SmartEVSE) or written from it (openWB, OpenEVSE), in an ideal home: the meter and the charger
tell the present, and the car follows 3 s after a command. A published mean is one of 60 random
moments within a cycle; here every moment of the cycle comes up once, so that the means may differ
by two standard errors of such a sample, and worst cases must be the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np
import pytest

from benchmarks.control.contract import Controller, HomeSpec
from benchmarks.control.metrics import effort, energy_wh, longest
from benchmarks.control.rivals.evcc import FAST_INTERVAL_S, Evcc
from benchmarks.control.rivals.openevse import Openevse
from benchmarks.control.rivals.openwb import Openwb
from benchmarks.control.rivals.poller import Poller
from benchmarks.control.rivals.smartevse import Smartevse
from benchmarks.control.steps import (
    AROUND,
    SETTLED_S,
    Frozen,
    afternoon,
    one_step,
    two_steps,
)
from benchmarks.control.world import Amperes, MeterKind, Record, run
from tests.benchmarks.ideal_home import LAGGING, Make, ideal, single_phase

FUSE_A = 25.0
RUNS = 60
POLL_S = 30
"""The cycle of both evcc and P30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A row of the published table."""

    make: Make
    cycle_s: int
    loadpoints: int = 1

    def record(self, house_a: Amperes) -> Record:
        """Run it with a car on the first of its loadpoints."""
        cars = [LAGGING, *[None] * (self.loadpoints - 1)]
        return ideal(self.make, single_phase(chargers=self.loadpoints), house_a, cars=cars)


def fast_evcc(home: HomeSpec) -> Evcc:
    return Evcc(home, interval_s=FAST_INTERVAL_S)


LAWS = {
    "evcc": Law(make=Evcc, cycle_s=30),
    "evcc, two loadpoints": Law(make=Evcc, cycle_s=60, loadpoints=2),
    "evcc 10 s": Law(make=fast_evcc, cycle_s=10),
    "openWB": Law(make=Openwb, cycle_s=10),
    "OpenEVSE": Law(make=Openevse, cycle_s=5),
    "SmartEVSE": Law(make=Smartevse, cycle_s=2),
}


def over_a(record: Record) -> Amperes:
    """Return the overload of the seconds that count: over by an ampere, and not the house alone."""
    house = record.house_a[0]
    over = house + record.cars_a()[0] - FUSE_A
    return np.where((over > 1) & (house <= FUSE_A), over, 0.0)


def steps(law: Law, rise_a: float) -> tuple[list[int], list[float]]:
    """Return seconds and ampere-squared-seconds over the fuse of a step at 60 moments."""
    seconds, squares = [], []
    for moment in range(RUNS):
        (house,) = one_step("", SETTLED_S + moment, rise_a, seed=0).make()
        over = over_a(law.record(house))
        seconds.append(int((over > 0).sum()))
        squares.append(float((over**2).sum()))
    return seconds, squares


@pytest.mark.parametrize(
    ("name", "mean_s", "worst_s", "mean_a2s"),
    [
        ("evcc", 16, 32, 1322),
        ("evcc, two loadpoints", 34, 62, 2780),
        ("evcc 10 s", 8, 12, 646),
        ("openWB", 8, 12, 646),
        ("OpenEVSE", 5, 7, 410),
        ("SmartEVSE", 4, 4, 285),
    ],
)
def test_step_that_leaves_room_for_less(
    name: str, mean_s: float, worst_s: int, mean_a2s: float
) -> None:
    law = LAWS[name]
    seconds, squares = steps(law, rise_a=13.0)

    # Moments within a cycle are spread evenly: sigma is the cycle over the root of 12.
    chance_s = 2 * law.cycle_s / sqrt(12) / sqrt(RUNS)
    assert max(seconds) == worst_s
    # The published mean is rounded to a whole second.
    assert np.mean(seconds) == pytest.approx(mean_s, abs=chance_s + 0.5)
    # 9 A too much in every one of these seconds.
    assert np.mean(squares) == pytest.approx(mean_a2s, abs=81 * chance_s + 0.5)


@pytest.mark.parametrize(
    ("name", "worst_s"),
    [
        ("evcc", 32),
        ("evcc, two loadpoints", 62),
        ("evcc 10 s", 12),
        ("openWB", 12),
        ("OpenEVSE", 7),
        # It keeps 6 A for three cycles before it stops.
        ("SmartEVSE", 8),
    ],
)
def test_step_that_leaves_less_than_the_minimum(name: str, worst_s: int) -> None:
    seconds, _ = steps(LAWS[name], rise_a=16.0)

    assert max(seconds) == worst_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Afternoons:
    """Sums over some afternoons."""

    over_s: int
    over_a2s: float
    wh: float
    starts: int


@cache
def afternoons(name: str) -> Afternoons:
    records = [LAWS[name].record(afternoon(seed)[0]) for seed in range(4)]
    return Afternoons(
        over_s=sum(int((over_a(record) > 0).sum()) for record in records),
        over_a2s=sum(float((over_a(record) ** 2).sum()) for record in records),
        wh=sum(energy_wh(record)[0] for record in records),
        starts=sum(effort(record).starts for record in records),
    )


@pytest.mark.parametrize(
    ("name", "over_s", "over_a2s", "kwh"),
    [
        ("evcc", 458, 31_128, 15.31),
        ("evcc, two loadpoints", 813, 54_189, 15.30),
        ("openWB", 211, 14_273, 15.58),
        ("OpenEVSE", 119, 8_012, 13.93),
        ("SmartEVSE", 164, 6_620, 14.93),
    ],
)
def test_random_appliances_compare_as_published(
    name: str, over_s: float, over_a2s: float, kwh: float
) -> None:
    """Against evcc at 10 s: 210 s, 13,963 A2s and 15.32 kWh in six hours.

    Their afternoon is not told, ours is another: how often a step leaves less than the minimum
    decides much, so that seconds and squares may differ by 30 %. Energy may by 4 %: openWB gets
    1.7 % more there, probably from fractions of an ampere, which the pilot of this world does not
    know, and OpenEVSE loses more the more often it has to pause.
    """
    base, law = afternoons("evcc 10 s"), afternoons(name)

    assert law.over_s / base.over_s == pytest.approx(over_s / 210, rel=0.3)
    assert law.over_a2s / base.over_a2s == pytest.approx(over_a2s / 13_963, rel=0.3)
    assert law.wh / base.wh == pytest.approx(kwh / 15.32, rel=0.04)


def test_random_appliances_rank_as_published() -> None:
    squares = ["SmartEVSE", "OpenEVSE", "evcc 10 s", "evcc", "evcc, two loadpoints"]
    energy = ["OpenEVSE", "SmartEVSE", "evcc 10 s"]
    starts = {name: afternoons(name).starts for name in LAWS if "two" not in name}

    assert sorted(squares, key=lambda name: afternoons(name).over_a2s) == squares
    assert sorted(energy, key=lambda name: afternoons(name).wh) == energy
    # 12 and 22, with all others but openWB (22 too) between them.
    assert min(starts, key=lambda name: starts[name]) == "OpenEVSE"
    assert max(starts.values()) == starts["evcc 10 s"]


@pytest.mark.parametrize(
    ("make", "period_s", "worst_s"),
    [
        (Evcc, 1, 36),
        (Evcc, 5, 40),
        (Evcc, 10, 45),
        # P30 is published with 64, 68 and 73 s: a second is the order of events within a tick.
        (Poller, 1, 63),
        (Poller, 5, 67),
        (Poller, 10, 72),
    ],
)
def test_two_rises_with_a_typical_car(
    make: Callable[[HomeSpec], Controller], period_s: int, worst_s: int
) -> None:
    assert longest_of_two_rises(make, MeterKind(period_s=period_s, noise_a=0.0)) == worst_s


def test_meter_that_freezes_keeps_evcc_from_acting() -> None:
    """80 s from 20 s before the rise: 60 s more than otherwise, as published (96 s)."""
    worst_s = max(
        longest_over(Evcc, MeterKind(noise_a=0.0, fault=Frozen(AROUND)), moment=0, phase_s=phase_s)
        for phase_s in range(POLL_S)
    )

    assert worst_s == 96


def longest_of_two_rises(make: Callable[[HomeSpec], Controller], meter: MeterKind) -> int:
    return max(longest_over(make, meter, moment=moment) for moment in range(POLL_S))


def longest_over(
    make: Callable[..., Controller], meter: MeterKind, *, moment: int, phase_s: int = 0
) -> int:
    """Return the longest time above 60 A after +40 A and +9 A."""

    def maker(home: HomeSpec, seed: int) -> Controller:
        return make(home, phase_s=phase_s)

    home = HomeSpec(fuse_a=60.0, meter_period_s=meter.period_s)
    house = two_steps("", SETTLED_S + moment, seed=0).make()
    record = run(home, house, maker, meter=meter)
    return longest(record.house_a[0] + record.cars_a()[0] > home.fuse_a)
