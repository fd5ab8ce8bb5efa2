"""Days of the control benchmark: seeded as the simulated home, measured from files written here."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.control import generator
from benchmarks.control.days import DAY_S, MissingDaysError, Series, SunDay, joined, with_sun
from benchmarks.control.generator import BASE_W, Generator, extra_w
from benchmarks.control.measured import Traces
from simulator.plant.house import Appliance, BaseLoad, House
from simulator.plant.wires import Phase

SEEDED = Generator()
L1 = Phase.L1
LARGE_AND_HEATED = 23


def edges(power_w: Series) -> tuple[list[int], list[int]]:
    """Return the seconds at which a load begins and at which it is over."""
    on = np.concatenate(([False], power_w > 0, [False]))
    changes = np.flatnonzero(np.diff(on)).tolist()
    return changes[::2], changes[1::2]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


def test_a_seeded_day_is_what_the_simulated_house_draws() -> None:
    plans = generator._plans(LARGE_AND_HEATED)
    base = BaseLoad(BASE_W[2], [L1], LARGE_AND_HEATED)
    house = House([base], [Appliance(plan.name, plan, (L1,)) for plan in plans])
    (current_a,) = SEEDED.house(f"house {LARGE_AND_HEATED}").currents
    seconds = range(0, DAY_S, 41)
    drawn_w = [house.draw(second, second)[L1].real for second in seconds]
    # Each has noise of its own, 2 W of standard deviation.
    assert current_a[seconds] * 230 == pytest.approx(drawn_w, abs=15)


def test_the_evening_before_goes_on_after_midnight() -> None:
    evening = next(
        plan
        for seed in range(50)
        for plan in generator._plans(seed)
        if plan.pulses(-1) and plan.pulses(-1)[-1].end_s > 60
    )
    end_s = evening.pulses(-1)[-1].end_s
    assert generator.plan_w(evening)[: int(end_s)].max() == evening.habit.power_w


def test_seeded_houses_are_of_many_kinds() -> None:
    days = [SEEDED.house(f"house {number}").currents[0] for number in range(1, 9)]
    energies_kwh = [float(day.sum()) * 230 / 3.6e6 for day in days]
    rises = [int((np.diff(day) * 230 > 1000).sum()) for day in days]
    assert 5 < min(energies_kwh) < 6
    assert 15 < max(energies_kwh) < 25
    assert 10 < min(rises) < 20
    assert sum(count > 500 for count in rises) == 1
    assert max(day.max() for day in days) > 25


def test_a_home_lies_on_three_phases_that_differ() -> None:
    first, second, third = SEEDED.house("home 1").currents
    assert len(first) == len(second) == len(third) == DAY_S
    assert np.abs(np.corrcoef([first, second, third]) - np.eye(3)).max() < 0.5


def test_showers_are_electric_and_taken_twice_or_three_times() -> None:
    for seed in range(5):
        begins, ends = edges(extra_w("shower", seed))
        assert len(begins) in {2, 3}
        assert all(299 <= end - begin <= 541 for begin, end in zip(begins, ends, strict=True))
        assert extra_w("shower", seed).max() == 9200


def test_a_heat_pump_starts_softly() -> None:
    power_w = extra_w("heat_pump", 1)
    begins, _ = edges(power_w)
    assert len(begins) > 15
    first = begins[1]
    assert np.diff(power_w[first : first + 9]) == pytest.approx(300)
    assert power_w[first + 11] == 3000


def test_the_same_name_is_the_same_day_and_another_is_not() -> None:
    names = ("house 1", "house 1", "house 9")
    one, again, other = (SEEDED.house(name).currents[0] for name in names)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", ["house 0", "house 1000", "sun", "home_1"])
def test_a_seeded_day_that_does_not_exist_is_told(name: str) -> None:
    with pytest.raises(MissingDaysError, match=name):
        SEEDED.house(name)


def test_measured_houses_hold_their_samples_and_begin_again(tmp_path: Path) -> None:
    write(tmp_path / "house_a" / "one.csv.gz", "t_s,house_w\n0,230\n3.8,2300\n7.6,460\n")
    traces = Traces(tmp_path)
    assert traces.houses() == ["house_a/one"]
    (current_a,) = traces.house("house_a/one").currents
    assert len(current_a) == DAY_S
    assert current_a[:13].tolist() == [1, 1, 1, 1, 10, 10, 10, 10, 2, 2, 2, 2, 1]


def test_a_measured_car_is_not_part_of_the_house(tmp_path: Path) -> None:
    text = "t_s,l1_a,l2_a,l3_a,ev_w\n0,13,13,14,6900\n1,1,0,1,690\n"
    write(tmp_path / "nl_3p_x.csv.gz", text)
    traces = Traces(tmp_path)
    assert traces.homes() == ["nl_3p_x"]
    currents = traces.house("nl_3p_x").currents
    assert [phase.tolist() for phase in currents] == [[3, 0], [3, 0], [4, 0]]


def test_measured_irradiance_becomes_power(tmp_path: Path) -> None:
    write(tmp_path / "pv_a_1s" / "day.csv.gz", "t_s,ghi\n36000,500\n36002,1000\n36004,-3\n")
    traces = Traces(tmp_path)
    assert traces.suns() == ["pv_a_1s/day"]
    power_w = traces.sun("pv_a_1s/day").power_w
    assert power_w[36000:36003].tolist() == [450, 675, 900]
    assert power_w.sum() == pytest.approx(450 + 675 + 900 + 0.9 * 498.5)


def test_missing_traces_are_told_with_their_folder(tmp_path: Path) -> None:
    traces = Traces(tmp_path / "nowhere")
    for listing in (traces.houses, traces.homes, traces.suns):
        with pytest.raises(MissingDaysError, match="nowhere has no traces"):
            listing()
    with pytest.raises(MissingDaysError, match=r"nowhere/gone\.csv\.gz cannot be read"):
        traces.house("gone")
    write(tmp_path / "odd.csv.gz", "t_s,other\n0,1\n1,1\n")
    with pytest.raises(MissingDaysError, match="neither house_w nor l1_a"):
        Traces(tmp_path).house("odd")
    with pytest.raises(MissingDaysError, match="no column ghi"):
        Traces(tmp_path).sun("odd")


def test_a_roof_feeds_all_phases_evenly_and_days_follow_each_other() -> None:
    sun = SunDay(name="noon", power_w=np.array([690.0, 0.0]))
    currents = with_sun((np.ones(2), np.ones(2), np.ones(2)), sun, 2.0)
    assert [phase.tolist() for phase in currents] == [[-1, 1]] * 3
    assert [phase.tolist() for phase in joined([currents, currents])] == [[-1, 1, -1, 1]] * 3
