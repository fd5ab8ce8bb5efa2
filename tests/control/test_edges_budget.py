"""What the window of a capacity tariff counts and bears, to the second and the watt (CAPACITY)."""

from math import inf

import pytest

from custom_components.evse_suite.control.budget import allowed_w, bears, count
from custom_components.evse_suite.control.layout import Layout, compile_layout
from custom_components.evse_suite.control.memory import Budget, Reading
from custom_components.evse_suite.control.model import Cap, CapKind, MainsMeterSpec, SiteSpec
from tests.control.plant import L1, L2, fuse

WORST_W = 2 * 20 * 230.0
"""Both phases at their fuses."""


def layout(*caps: Cap) -> Layout:
    return compile_layout(
        SiteSpec(
            phases=(L1, L2),
            voltage_v=230.0,
            meter=MainsMeterSpec(key="m", silent_after_s=10.0),
            caps=(fuse(20, L1, L2), *caps),
            chargers=(),
        )
    )


def reading(time_s: float, power_w: float) -> Reading:
    return Reading(
        time_s=time_s,
        current_a=(1.0, 1.0),
        power_w=power_w,
        active_a=(1.0, 1.0),
        voltage_v=(230, 230),
    )


def counted(
    past: Budget | None,
    time_s: float,
    power_w: float | None,
    *,
    end_s: float | None = 1800.0,
    home: Layout | None = None,
) -> Budget:
    seen = None if power_w is None else reading(time_s, power_w)
    return count(past, seen, home or layout(), end_s=end_s, now_s=time_s)


BEGUN = Budget(since_s=900.0, end_s=1800.0, counted_s=1000.0, power_w=2000.0, used_ws=5000.0)


def test_what_was_before_the_first_reading_counts_at_the_worst() -> None:
    first = counted(None, 1000.0, 1500.0)
    assert first == Budget(
        since_s=900.0, end_s=1800.0, counted_s=1000.0, power_w=1500.0, used_ws=100 * WORST_W
    )
    # Without a reading the power now is the worst as well.
    assert counted(None, 1000.0, None).power_w == WORST_W
    # By its own clock a window begins now, and nothing of it is over.
    own = counted(None, 1000.0, 1500.0, end_s=None)
    assert (own.since_s, own.end_s, own.used_ws) == (1000.0, 1900.0, 0.0)
    # A clock that says the window has not begun takes nothing back.
    assert counted(None, 1000.0, 1500.0, end_s=2000.0).used_ws == 0.0


def test_between_two_readings_their_mean_counts() -> None:
    now = counted(BEGUN, 1004.0, 1000.0)
    assert (now.counted_s, now.power_w, now.used_ws) == (1004.0, 1000.0, 5000.0 + 4 * 1500.0)
    # What flows out earns nothing.
    assert counted(BEGUN, 1004.0, -3000.0).used_ws == 5000.0 + 4 * 1000.0
    outward = Budget(since_s=900.0, end_s=1800.0, counted_s=1000.0, power_w=-500.0, used_ws=0.0)
    assert counted(outward, 1004.0, 1000.0).used_ws == 4 * 500.0


@pytest.mark.parametrize(("gap_s", "mean_w"), [(10.0, 1500.0), (10.5, WORST_W)])
def test_a_silence_counts_at_the_worst(gap_s: float, mean_w: float) -> None:
    assert counted(BEGUN, 1000.0 + gap_s, 1000.0).used_ws == 5000.0 + gap_s * mean_w


def test_no_reading_and_an_old_one_change_nothing() -> None:
    assert counted(BEGUN, 1004.0, None) == BEGUN
    same = count(BEGUN, reading(1000.0, 9000.0), layout(), end_s=1800.0, now_s=1004.0)
    assert same == BEGUN


def test_the_load_limit_of_a_meter_bounds_the_worst() -> None:
    limits = [
        Cap(key="opens", kind=CapKind.LOAD_LIMIT, limit_w=3000.0),
        Cap(key="only said", kind=CapKind.CONTRACT, limit_w=1000.0),
        Cap(key="in amperes", kind=CapKind.LOAD_LIMIT, limit_a={L1: 15.0}),
    ]
    home = layout(limits[0], limits[1])
    assert counted(None, 1000.0, None, home=home).power_w == 3000.0
    # One in amperes is a fuse's equal.
    assert counted(None, 1000.0, None, home=layout(limits[2])).power_w == 35 * 230.0


def test_a_new_window_begins_with_nothing_used() -> None:
    last = Budget(since_s=900.0, end_s=1800.0, counted_s=1798.0, power_w=1000.0, used_ws=9e5)
    now = counted(last, 1802.0, 1000.0, end_s=2700.0)
    # Two of the four seconds since the last reading belong to it.
    assert now == Budget(
        since_s=1800.0, end_s=2700.0, counted_s=1802.0, power_w=1000.0, used_ws=2000.0
    )
    exact = Budget(since_s=900.0, end_s=1800.0, counted_s=1800.0, power_w=1000.0, used_ws=9e5)
    assert counted(exact, 1801.0, 1000.0, end_s=2700.0).used_ws == 1000.0


def test_a_window_that_turns_out_to_be_older_has_used_the_worst_so_far() -> None:
    # The tariff's clock is heard for the first time.
    now = counted(BEGUN, 1000.0, None, end_s=1750.0)
    assert (now.since_s, now.end_s) == (850.0, 1750.0)
    assert now.used_ws == 5000.0 + 50 * WORST_W


def test_windows_follow_each_other() -> None:
    assert counted(BEGUN, 1799.0, None, end_s=None).end_s == 1800.0
    assert counted(BEGUN, 1800.0, None, end_s=None).end_s == 2700.0
    # A clock that stands still is not believed beyond the window's end, however late it is.
    assert counted(BEGUN, 1801.0, None, end_s=1800.0).end_s == 2700.0
    assert counted(BEGUN, 2700.0, None, end_s=1800.0).end_s == 3600.0
    assert counted(BEGUN, 2699.0, None, end_s=1800.0).end_s == 2700.0


def test_the_rest_of_the_budget_is_spread_over_the_rest_of_the_window() -> None:
    half = Budget(since_s=0.0, end_s=900.0, counted_s=450.0, power_w=0.0, used_ws=900_000.0)
    assert allowed_w(half, 4000.0) == (4000 * 900 - 900_000) / 450
    broken = Budget(since_s=0.0, end_s=900.0, counted_s=450.0, power_w=0.0, used_ws=4_050_000.0)
    assert allowed_w(broken, 4000.0) == -1000.0
    # Its last second is not divided by.
    last = Budget(since_s=0.0, end_s=900.0, counted_s=899.75, power_w=0.0, used_ws=3_599_000.0)
    assert allowed_w(last, 4000.0) == 1000.0
    assert allowed_w(half, inf) == inf


@pytest.mark.parametrize(("used_ws", "bearable"), [(1_920_000.0, True), (1_920_001.0, False)])
def test_two_minutes_of_what_flows_and_the_minima_after_that(
    used_ws: float, *, bearable: bool
) -> None:
    # 120 s at 5 kW and 180 s at 1 kW are 780 kWs; 3 kW for a quarter of an hour are 2,700 kWs.
    now = Budget(since_s=0.0, end_s=900.0, counted_s=600.0, power_w=0.0, used_ws=used_ws)
    assert bears(now, 3000.0, steady_w=5000.0, floor_w=1000.0) is bearable


@pytest.mark.parametrize(("used_ws", "bearable"), [(2_400_000.0, True), (2_400_001.0, False)])
def test_at_the_end_of_a_window_only_what_is_left_of_it_counts(
    used_ws: float, *, bearable: bool
) -> None:
    now = Budget(since_s=0.0, end_s=900.0, counted_s=840.0, power_w=0.0, used_ws=used_ws)
    assert bears(now, 3000.0, steady_w=5000.0, floor_w=1000.0) is bearable


def test_export_and_a_house_below_zero_win_nothing_back() -> None:
    full = Budget(since_s=0.0, end_s=900.0, counted_s=600.0, power_w=0.0, used_ws=2_700_000.0)
    assert bears(full, 3000.0, steady_w=-5000.0, floor_w=-9000.0)
    assert not bears(full, 3000.0, steady_w=1.0, floor_w=-9000.0)
    assert not bears(full, 3000.0, steady_w=-5000.0, floor_w=1.0)
    assert bears(full, inf, steady_w=5000.0, floor_w=5000.0)
    over = Budget(since_s=0.0, end_s=900.0, counted_s=901.0, power_w=0.0, used_ws=2_700_000.0)
    assert bears(over, 3000.0, steady_w=5000.0, floor_w=5000.0)
