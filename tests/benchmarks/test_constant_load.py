"""Lags alone do not make the balancer swing, and the bench that says so notices those that do."""

from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest

from benchmarks.control import engine
from benchmarks.control.constant_load import (
    DATA_AGES_S,
    HOMES,
    LAGS_S,
    METER_PERIODS_S,
    ROOM_COMES,
    ROOM_GOES,
    SINGLE_PHASE,
    SUN_COMES,
    SUN_GOES,
    Load,
    constant_load_run,
    reversals_per_window,
)
from benchmarks.control.contract import ChargerPlace, Commands, HomeSpec, Mode, Sight
from benchmarks.control.rivals.cryptotomte import cryptotomte
from benchmarks.control.rivals.sem import night_charging
from benchmarks.control.rivals.watt_o_balancer import watt_o_balancer
from simulator.plant.car import CAR_TYPES

SHORT = Load(step_s=120, constant_s=300)
LOADS = [replace(load, step_s=120, constant_s=400) for load in (ROOM_GOES, ROOM_COMES)]


class Told:
    """A controller that knows the future."""

    def __init__(self, plan: dict[int, int]) -> None:
        self.plan = plan

    def step(self, sight: Sight) -> Commands:
        told_a = self.plan.get(int(sight.now_s))
        return () if told_a is None else ((0, told_a),)


def told(plan: dict[int, int], _home: HomeSpec, _seed: int) -> Told:
    return Told(plan)


def test_a_controller_that_answers_at_once_has_no_fault() -> None:
    seen = constant_load_run(partial(told, {0: 28, 120: 16}), lag_s=5, load=SHORT)

    assert seen.faults == []
    assert (seen.fits_a, seen.final_a, seen.stops, seen.reversals_per_60_s) == (16, 16, 0, 0)
    assert seen.over_s == 5 <= seen.unavoidable_s


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ({0: 28, 127: 16}, "overloads"),
        ({0: 29, 20: 28, 120: 16}, "overloads"),
        ({0: 28, 120: 14}, "ends far off"),
        ({0: 28, 120: 0, 200: 16}, "stops"),
        ({0: 28, 120: 16, 140: 10, 150: 16, 160: 10, 170: 16}, "swings"),
    ],
)
def test_each_fault_is_noticed(plan: dict[int, int], fault: str) -> None:
    assert constant_load_run(partial(told, plan), lag_s=5, load=SHORT).faults == [fault]


def test_the_lag_of_the_car_counts_as_that_of_the_way() -> None:
    seen = constant_load_run(partial(told, {0: 28, 120: 16}), car_lag_s=5, load=SHORT)

    assert seen.over_s == 6
    assert seen.faults == []


@pytest.mark.parametrize(
    ("offered_a", "turns"),
    [
        ([16] * 100, 0),
        ([16, 12, 8, 6], 0),
        ([16, 6, 6, 16], 1),
        ([6, 16, 6, 16], 2),
        ([6, 16] + [16] * 60 + [6] + [6] * 60 + [16], 1),
        ([6, 16, 6, 16, 6] + [6] * 60 + [16, 6, 16], 3),
    ],
)
def test_turns_of_the_pilot_are_counted_per_minute(offered_a: list[int], turns: int) -> None:
    assert reversals_per_window(np.array(offered_a, dtype=np.float64)) == turns


def test_balancers_with_a_wrong_model_are_caught() -> None:
    """One assumes no lag, one fresh data, one takes headroom for the current itself."""
    home = HomeSpec(fuse_a=32.0, chargers=(ChargerPlace(maximum_a=28),))
    assumes_no_lag = constant_load_run(watt_o_balancer, lag_s=20, load=Load(home=home))
    assumes_fresh_data = constant_load_run(cryptotomte, data_age_s=5, lag_s=5)
    forgets_its_draw = constant_load_run(night_charging)

    assert {"overloads", "stops"} <= set(assumes_no_lag.faults)
    assert {"swings", "overloads"} <= set(assumes_fresh_data.faults)
    assert "ends far off" in forgets_its_draw.faults


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("period_s", [1, 5])
def test_ours_has_no_fault_within_what_its_devices_do(
    load: Load, home: HomeSpec, period_s: int
) -> None:
    for age_s, lag_s in product((0, 5), (1, 2)):
        seen = constant_load_run(
            engine.make,
            meter_period_s=period_s,
            data_age_s=age_s,
            lag_s=lag_s,
            load=replace(load, home=home),
        )
        assert seen.faults == []


@pytest.mark.parametrize("load", [ROOM_GOES, ROOM_COMES])
@pytest.mark.parametrize("lag_s", [LAGS_S[0], LAGS_S[-1]])
@pytest.mark.parametrize("age_s", [DATA_AGES_S[0], 10, DATA_AGES_S[-1]])
def test_ours_has_no_fault_up_to_the_corners_of_the_grid(
    load: Load, age_s: int, lag_s: int
) -> None:
    """Far beyond what its devices do: readings a minute old that look fresh, a minute of lag."""
    for period_s in (METER_PERIODS_S[0], METER_PERIODS_S[-1]):
        seen = constant_load_run(
            engine.make, meter_period_s=period_s, data_age_s=age_s, lag_s=lag_s, load=load
        )
        assert seen.faults == []


@pytest.mark.parametrize("load", [ROOM_GOES, ROOM_COMES])
@pytest.mark.parametrize("every_s", [30, 60])
def test_ours_has_no_fault_with_rare_readings(load: Load, every_s: int) -> None:
    for lag_s in (LAGS_S[0], LAGS_S[-1]):
        seen = constant_load_run(engine.make, charger_period_s=every_s, lag_s=lag_s, load=load)
        assert seen.faults == []


@pytest.mark.parametrize("load", [ROOM_GOES, ROOM_COMES])
@pytest.mark.parametrize("age_s", [0, 10])
def test_a_car_that_is_slower_than_the_standard_is_stopped_once_at_most(
    load: Load, age_s: int
) -> None:
    """Who does not follow a cut is paused at first; then it is known to be slow (promise 3)."""
    for car_lag_s in (5, 60):
        seen = constant_load_run(engine.make, data_age_s=age_s, car_lag_s=car_lag_s, load=load)
        assert seen.stops <= (1 if car_lag_s > 5 else 0)
        assert set(seen.faults) <= {"stops"}


@pytest.mark.parametrize("load", [SUN_GOES, SUN_COMES])
@pytest.mark.parametrize("mode", [Mode.GREEN, Mode.HYBRID])
@pytest.mark.parametrize("cell", [(1, 0, 1), (1, 60, 60), (5, 10, 1), (15, 0, 1), (15, 60, 1)])
def test_a_steady_sun_is_followed_without_swinging(
    load: Load, mode: Mode, cell: tuple[int, int, int]
) -> None:
    """LEK-9, LEK-10: a rare reading of the mains is compared with the draw of its moment."""
    period_s, age_s, lag_s = cell
    seen = constant_load_run(
        engine.make,
        meter_period_s=period_s,
        data_age_s=age_s,
        lag_s=lag_s,
        load=replace(load, home=replace(SINGLE_PHASE, mode=mode), step_s=600),
    )
    assert seen.faults == []


@pytest.mark.parametrize("kind", ["typical", "slow"])
@pytest.mark.parametrize("load", [ROOM_GOES, ROOM_COMES])
def test_ours_has_no_fault_with_cars_that_take_their_time(load: Load, kind: str) -> None:
    for period_s, age_s, lag_s in ((1, 60, 60), (15, 0, 1), (15, 60, 60)):
        seen = constant_load_run(
            engine.make,
            meter_period_s=period_s,
            data_age_s=age_s,
            lag_s=lag_s,
            load=replace(load, step_s=600),
            car=CAR_TYPES[kind],
        )
        assert seen.faults == []


@pytest.mark.parametrize("load", [ROOM_GOES, ROOM_COMES])
def test_two_that_share_have_no_fault(load: Load) -> None:
    home = HomeSpec(fuse_a=32.0, chargers=(ChargerPlace(), ChargerPlace()))
    for period_s, age_s, lag_s in ((1, 0, 1), (5, 10, 10), (15, 10, 60)):
        seen = constant_load_run(
            engine.make,
            meter_period_s=period_s,
            data_age_s=age_s,
            lag_s=lag_s,
            load=replace(load, home=home, step_s=600),
        )
        assert seen.faults == []


def test_a_car_as_late_as_the_standard_allows_is_not_stopped_for_old_readings() -> None:
    """5 s for the car on top of readings that are 5 and 10 s older than they say."""
    for period_s, age_s in ((5, 5), (15, 10)):
        seen = constant_load_run(
            engine.make, meter_period_s=period_s, data_age_s=age_s, car_lag_s=5
        )
        assert seen.faults == []


def test_readings_two_minutes_late_do_not_make_a_cycle_for_ever() -> None:
    """A minute of age and three quarters of one in the car: found once, then known."""
    load = replace(ROOM_GOES, constant_s=1500)
    seen = constant_load_run(engine.make, meter_period_s=15, data_age_s=60, car_lag_s=45, load=load)
    assert seen.final_a == pytest.approx(16)
