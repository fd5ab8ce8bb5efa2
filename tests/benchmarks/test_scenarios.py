"""The scenarios of the control benchmark: complete, consistent, within the budget and movable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
import pickle

import numpy as np
import pytest

from benchmarks.control.contract import ChargerPlace, Commands, HomeSpec, MeterSample, Mode, Sight
from benchmarks.control.days import DAY_S, HouseDay, MissingDaysError, SunDay
from benchmarks.control.generator import Generator
from benchmarks.control.scenarios import Day, scenarios
from benchmarks.control.steps import (
    AROUND,
    FROM_THEN,
    ClockJump,
    During,
    Frozen,
    NoNumbers,
    Silent,
    afternoon,
    two_steps,
)
from benchmarks.control.trial import Depth, Scenario
from benchmarks.control.world import ChargerKind, MeterKind, run

FAMILIES = ["F", "G", "G1", "G2", "G3", "H1", "LONG", "P1", "P2", "P3", "P4", "P5", "P6", "S", "T"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A source whose houses are named after their peak, in amperes."""

    title: str = "a shelf"
    peaks: tuple[int, ...] = tuple(range(10, 50))

    def houses(self) -> Sequence[str]:
        return [str(peak) for peak in self.peaks]

    def homes(self) -> Sequence[str]:
        return ["three"]

    def suns(self) -> Sequence[str]:
        return ["a", "b", "c", "d", "e", "f", "g"]

    def house(self, name: str) -> HouseDay:
        if name == "three":
            return HouseDay(name=name, currents=(np.ones(5), np.ones(5), np.ones(5)))
        return HouseDay(name=name, currents=(np.full(DAY_S, float(name)),))

    def sun(self, name: str) -> SunDay:
        return SunDay(name=name, power_w=np.full(DAY_S, 230.0))


ALL = {depth: scenarios(Shelf(), depth) for depth in Depth}
NORMAL = {scenario.key: scenario for scenario in ALL[Depth.NORMAL]}


def houses(key: str, depth: Depth = Depth.FULL) -> list[list[int]]:
    """Return the peaks of the houses in the runs of a scenario."""
    (scenario,) = (scenario for scenario in ALL[depth] if scenario.key == key)
    parts = [run.name.split(" + ") for run in scenario.runs]
    return [[int(part) for part in names if part.isdigit()] for names in parts]


def test_every_experiment_is_there_once() -> None:
    assert len(NORMAL) == len(ALL[Depth.NORMAL])
    assert sorted({scenario.family for scenario in ALL[Depth.NORMAL]}) == FAMILIES
    quick = {scenario.family for scenario in ALL[Depth.QUICK]}
    assert set(FAMILIES) - quick == {"G", "G3", "LONG"}


def test_the_budget_is_kept() -> None:
    days = {depth: sum(s.charger_days for s in all_of) for depth, all_of in ALL.items()}
    assert days[Depth.QUICK] < 12
    assert 60 < days[Depth.NORMAL] < 80
    assert days[Depth.FULL] > 100


@pytest.mark.parametrize("scenario", ALL[Depth.FULL], ids=lambda scenario: scenario.key)
def test_homes_devices_and_runs_agree(scenario: Scenario) -> None:
    assert scenario.meter.period_s == scenario.home.meter_period_s
    assert scenario.runs
    for kind, place in zip(scenario.chargers, scenario.home.chargers, strict=True):
        assert kind.car.lines == len(place.lines)
        assert max(place.lines) < scenario.home.phases
    moved: Scenario = pickle.loads(pickle.dumps(scenario))  # noqa: S301 (made one line ago)
    assert moved.runs[0].name == scenario.runs[0].name
    if scenario.key != "LONG":
        currents = moved.runs[0].make()
        assert len(currents) == scenario.home.phases
        assert {len(phase) for phase in currents} == {scenario.runs[0].seconds}


def test_houses_fit_alone_where_they_should() -> None:
    assert min(peak for (peak,) in houses("P1")) >= 28.5
    assert max(peak for (peak,) in houses("P2")) <= 40
    assert max(peak for names in houses("P4") for peak in names) <= 25
    for names in houses("P4"):
        assert len(set(names)) == 3


def test_too_few_houses_make_fewer_runs_not_incomplete_ones() -> None:
    made = {s.key: s for s in scenarios(Shelf(peaks=(11, 12, 13, 14, 30)), Depth.NORMAL)}
    assert len(made["P4"].runs) == 1
    assert len(made["P4"].runs[0].make()) == 3


def test_injected_loads_are_named_and_on_top() -> None:
    shower, both = NORMAL["P3"].runs[:2]
    assert shower.name.endswith("+ shower")
    assert both.name.endswith("+ shower + heat_pump")
    (current_a,) = shower.make()
    (house_a,) = houses("P3")[0]
    assert current_a.max() - house_a == pytest.approx(40)
    assert current_a.min() == house_a


def test_the_sun_is_subtracted_and_pairs_are_fixed() -> None:
    assert NORMAL["G1"].home.mode is Mode.GREEN
    (run,) = NORMAL["G1"].runs[:1]
    (house_a,) = houses("G1")[0]
    assert set(run.make()[0].tolist()) == {house_a - 6.0}
    assert [r.name for r in NORMAL["G2"].runs] == [r.name for r in NORMAL["G1"].runs[:4]]
    assert len({r.name.split(" + ")[0] for r in NORMAL["G1"].runs}) == 7


def test_the_long_run_is_two_weeks_in_one_go() -> None:
    (run,) = NORMAL["LONG"].runs
    (current_a,) = run.make()
    assert len(current_a) == run.seconds == 14 * DAY_S
    assert len(set(current_a[::DAY_S].tolist())) == 14


def test_three_independent_days_make_a_home() -> None:
    day = Day(source=Shelf(), houses=("10", "20", "30"), sun="a", kwp=3.0)
    assert [phase[0] for phase in day.currents()] == [9, 19, 29]
    assert day.name == "10 + 20 + 30 + a"


def test_a_source_without_days_says_so() -> None:
    with pytest.raises(MissingDaysError, match="seeded days named 'house 99'"):
        Day(source=Generator(), houses=("house 99",)).currents()


def test_the_sweep_overloads_by_15_and_9_amperes_at_random_seconds() -> None:
    (house,) = two_steps("", 310, 0).make()
    assert house[[309, 310, 549, 550, 789, 790]].tolist() == [4, 44, 44, 53, 53, 4]
    sweep = [s for s in ALL[Depth.NORMAL] if s.family == "S"]
    assert {s.meter.period_s for s in sweep} == {1, 5, 10, 15}
    assert len({s.chargers[0].car for s in sweep}) == 4
    runs = NORMAL["S typical 1 s"].runs
    assert len(runs) == 40
    phases = {int(np.flatnonzero(np.diff(run.make()[0]) > 30)[0]) % 30 for run in runs}
    assert len(phases) > 15


def test_an_afternoon_of_loads_fits_alone_and_always_is_the_same() -> None:
    for seed in range(12):
        (current_a,) = afternoon(seed)
        assert current_a.max() <= 25
        assert np.array_equal(current_a, afternoon(seed)[0])
        assert (np.diff(current_a) > 0).sum() > 25


SAMPLE = MeterSample(100.0, (5.0,), 1150.0)


def test_a_frozen_meter_repeats_itself_and_recovers() -> None:
    meter = Frozen(During(10, 20))
    for _ in range(2):  # a second run begins with the state of the first
        samples = [replace(SAMPLE, time_s=float(t)) for t in (0, 9, 10, 19, 20)]
        told = [meter(sample.time_s, sample) for sample in samples]
        assert [sample and sample.time_s for sample in told] == [0, 9, 9, 9, 20]


def test_other_faults_of_a_meter() -> None:
    now = During(0, 200)
    assert Silent(now)(100.0, SAMPLE) is None
    numbers = NoNumbers(now)(100.0, SAMPLE)
    assert numbers is not None
    assert isnan(numbers.power_w)
    assert isnan(numbers.current_a[0])
    jumped = ClockJump(now, -3600.0)(100.0, SAMPLE)
    assert jumped == replace(SAMPLE, time_s=-3500.0)
    for fault in (Silent(now), NoNumbers(now), ClockJump(now, 1.0)):
        assert fault(200.0, SAMPLE) is SAMPLE


def test_faults_lie_around_the_first_step_of_all_runs() -> None:
    for scenario in (s for s in ALL[Depth.FULL] if s.family == "F"):
        for one in scenario.runs:
            step_s = int(np.flatnonzero(np.diff(one.make()[0]) > 30)[0]) + 1
            assert AROUND.begin_s < step_s < AROUND.end_s
            assert FROM_THEN(float(step_s))


class Watching:
    """A controller that offers 10 A, then 20 A, and keeps what it sees."""

    def __init__(self) -> None:
        self.seen: list[Sight] = []

    def step(self, sight: Sight) -> Commands:
        self.seen.append(sight)
        return {0: [(0, 10.0)], 60: [(0, 20.0)]}.get(int(sight.now_s), [])


def test_a_stuck_charger_repeats_its_values_as_if_they_were_new() -> None:
    watching = Watching()
    kind = ChargerKind(stuck=During(50, 1e9))
    home = HomeSpec(fuse_a=60, chargers=(ChargerPlace(),))
    run(home, [np.zeros(100)], lambda *_: watching, kinds=(kind,), meter=MeterKind())
    last = watching.seen[-1].chargers[0]
    assert last is not None
    assert (last.time_s, last.drawn_a, last.offered_a) == (98.0, (9.5,), 10)
