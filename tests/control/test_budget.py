"""The mean of a quarter of an hour is kept, without bursts, and a kettle cuts nobody (CAPACITY)."""

from collections.abc import Callable
from dataclasses import replace
import math

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    LimitSource,
    SiteState,
)
from tests.control.plant import FAST, L1, VOLTAGE_V, Charger, HouseLoad, Plant, one_charger

WINDOW_S = 900.0
START_S = 1800.0
"""A window begins here; windows are whole multiples of their length."""


def ends(now_s: float, state: SiteState) -> SiteState:
    """Tell the end of the window that the tariff's clock knows."""
    return replace(state, window_ends_s=(now_s // WINDOW_S + 1) * WINDOW_S)


def tariff_home(
    house: HouseLoad,
    *,
    limit_w: float = 5000.0,
    now_s: float = START_S,
    outside: Callable[[float, SiteState], SiteState] = ends,
) -> Plant:
    plant = one_charger(
        40,
        house,
        charger=Charger(spec=ChargerSpec(key="a", name="A", phases=(L1,)), car=FAST),
        noise_a=0.05,
        dt_s=1.0,
        now_s=now_s,
        keep_decisions=True,
    )
    cap = Cap(key="tariff", kind=CapKind.CAPACITY, limit_w=limit_w)
    plant.spec = replace(plant.spec, caps=(*plant.spec.caps, cap))
    plant.outside = outside
    return plant


def means_w(plant: Plant) -> dict[float, float]:
    """Return the mean import of every window by its start."""
    used_ws: dict[float, float] = {}
    for time_s, mains_a, _ in plant.log:
        start_s = math.ceil(time_s / WINDOW_S - 1) * WINDOW_S
        power_w = max(0.0, sum(mains_a.values()) * VOLTAGE_V)
        used_ws[start_s] = used_ws.get(start_s, 0.0) + power_w * plant.dt_s
    return {start_s: ws / WINDOW_S for start_s, ws in used_ws.items()}


def kettle(*at_s: float, seconds: float = 180.0, power_a: float = 9.0) -> HouseLoad:
    """Return a house of 0.5 kW in which a kettle runs at some times."""
    return lambda now_s: {L1: 2.2 + power_a * any(s <= now_s < s + seconds for s in at_s)}


def test_a_steady_house_leaves_the_rest_of_the_limit_to_the_car() -> None:
    # SITE-1
    plant = tariff_home(kettle())
    plant.run(2 * WINDOW_S)
    assert plant.decision is not None
    own = plant.decision.chargers[0]
    assert (own.target_a, own.reason, own.binding_cap) == (19, Reason.CAPACITY_LIMIT, "tariff")
    assert "kW in the rest of the quarter of an hour, the house uses 0.5 kW" in own.sentence
    assert len(plant.changes()) <= 2
    assert 4500 <= means_w(plant)[START_S + WINDOW_S] <= 5000


@pytest.mark.parametrize("at_s", [0.0, 200.0, 500.0])
def test_a_kettle_of_three_minutes_cuts_nobody_while_the_budget_bears_it(at_s: float) -> None:
    # The window had half a kilowatt to spare; the kettle takes two more for three minutes.
    plant = tariff_home(kettle(START_S + WINDOW_S + at_s), limit_w=5400.0)
    plant.chargers[0].car = replace(FAST, most_a=18)
    plant.run(2 * WINDOW_S)
    assert [a for _, a in plant.changes()] in ([21], [20, 21])
    assert means_w(plant)[START_S + WINDOW_S] <= 5400


@pytest.mark.parametrize("minute", [0, 7, 13])
@pytest.mark.parametrize("load_a", [9.0, 14.0])
def test_the_mean_is_kept_whenever_an_oven_begins(minute: int, load_a: float) -> None:
    # Twenty minutes of oven; what does not fit any more is cut, and no window is over the limit.
    begin_s = START_S + WINDOW_S + 60 * minute
    plant = tariff_home(kettle(begin_s, seconds=1200, power_a=load_a))
    plant.run(3.2 * WINDOW_S)
    for mean_w in means_w(plant).values():
        assert mean_w <= 5000 * 1.002
    changes = [a for t, a in plant.changes() if t > START_S + 120]
    # Beside the larger oven there is no room for a charge's minimum.
    assert (0 in changes) == (load_a == 14)
    assert len(changes) <= 8


def test_nothing_is_used_up_in_a_burst_that_has_to_be_cut_afterwards() -> None:
    # The car comes late in a window of which nothing was used.
    plant = tariff_home(kettle())
    plant.chargers[0].plugged = False
    plant.run(WINDOW_S - 200)
    plant.chargers[0].plugged = True
    plant.run(WINDOW_S)
    assert max(a for _, a in plant.changes()) == 19
    assert [a for t, a in plant.changes() if t > START_S + WINDOW_S] == []


def test_a_restart_in_a_window_counts_what_it_does_not_know_at_the_worst() -> None:
    # 60 s of 40 A are 0.15 kWh; the rest of the window bears 4.7 kW. After 600 s nothing is left.
    plant = tariff_home(kettle(), now_s=START_S + 60)
    plant.run(100)
    assert plant.decision is not None
    assert plant.decision.caps[0].used_wh == pytest.approx(60 * 9200 / 3600 + 60, abs=60)
    assert plant.decision.chargers[0].target_a in {17, 18}
    plant = tariff_home(kettle(), now_s=START_S + 600)
    plant.run(290)
    assert plant.decision is not None
    assert plant.decision.chargers[0].target_a == 0
    assert plant.decision.caps[0].limit_w == 0
    plant.run(150)
    assert plant.decision.chargers[0].target_a == 19


def test_a_silent_meter_counts_at_the_worst() -> None:
    # Promise 2
    plant = tariff_home(kettle())
    plant.run(300)
    before = plant.memory.budget
    plant.fault = lambda now_s, sample: None if now_s < START_S + 360 else sample
    plant.run(70)
    after = plant.memory.budget
    assert before is not None
    assert after is not None
    assert after.used_ws - before.used_ws >= 60 * 40 * VOLTAGE_V


def test_without_a_clock_windows_follow_each_other_from_the_start() -> None:
    plant = tariff_home(kettle(), now_s=2222.0, outside=lambda _, state: state)
    plant.run(1000)
    assert plant.memory.budget is not None
    assert plant.memory.budget.end_s == pytest.approx(2222 + 2 * WINDOW_S, abs=1.0)
    assert plant.chargers[0].device_a == 19


@pytest.mark.parametrize("jump_s", [-400.0, -2.0, 2.0, 300.0, 400.0])
def test_a_clock_that_is_set_never_loses_what_was_used(jump_s: float) -> None:
    # The window's end moves; what was counted still is, unless it is certainly of the past.
    def outside(now_s: float, state: SiteState) -> SiteState:
        wall_s = now_s + (jump_s if now_s > START_S + 500 else 0.0)
        end_s = (wall_s // WINDOW_S + 1) * WINDOW_S
        return replace(state, window_ends_s=end_s - wall_s + now_s)

    plant = tariff_home(kettle(), outside=outside)
    plant.run(499)
    before = plant.memory.budget
    plant.run(10)
    after = plant.memory.budget
    assert before is not None
    assert after is not None
    if jump_s == 400:
        # A new window begins just now.
        assert after.used_ws <= 15 * 9200
    elif jump_s == 300:
        # The window began five minutes before anything was counted.
        assert after.used_ws >= before.used_ws + 298 * 9200
    else:
        assert after.used_ws >= before.used_ws


def test_what_is_generated_beyond_the_use_does_not_count_as_credit() -> None:
    # Import is counted by the register; export has its own. The first second was not seen.
    plant = tariff_home(lambda now_s: {L1: -20.0 if now_s < START_S + 300 else 2.0})
    plant.chargers[0].plugged = False
    plant.run(600)
    assert plant.memory.budget is not None
    assert plant.memory.budget.used_ws == pytest.approx(
        300 * 2.0 * VOLTAGE_V + 40 * VOLTAGE_V, rel=0.03
    )


def test_the_limit_itself_may_come_from_outside() -> None:
    # The highest window of the month so far, from any sensor.
    plant = tariff_home(kettle())
    cap = Cap(
        key="tariff",
        kind=CapKind.CAPACITY,
        limit_w=math.inf,
        source=LimitSource(dimmed=2500.0),
    )
    plant.spec = replace(plant.spec, caps=(plant.spec.caps[0], cap))
    plant.run(120)
    assert plant.chargers[0].device_a == 8


def test_seldom_readings_are_enough() -> None:
    # A meter that is read every 10 s.
    plant = tariff_home(kettle(START_S + WINDOW_S + 200, seconds=900))
    plant.meter_period_s = 10.0
    plant.spec = replace(
        plant.spec, meter=replace(plant.spec.meter, period_s=10.0, silent_after_s=30.0)
    )
    plant.run(3 * WINDOW_S)
    for mean_w in means_w(plant).values():
        assert mean_w <= 5000 * 1.01
