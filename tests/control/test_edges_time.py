"""The instants at which timers, windows and patience change their mind, to the second."""

from dataclasses import replace
from math import inf

import pytest

from custom_components.evse_suite.control.budget import allowed_w, bears, count
from custom_components.evse_suite.control.follow import (
    gone,
    held,
    in_flight,
    overruled,
    repeat_due,
    repeated,
    tolerance_a,
    unheard,
)
from custom_components.evse_suite.control.layout import Layout, compile_layout
from custom_components.evse_suite.control.limits import in_force
from custom_components.evse_suite.control.memory import Budget, Offer, Patience, Reading
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    LimitSample,
    LimitSource,
    MainsMeterSpec,
    SiteSpec,
)
from custom_components.evse_suite.control.turns import exhausted, idles, rest_s, resume_s
from tests.control.plant import L1, fuse


def layout(*caps: Cap) -> Layout:
    return compile_layout(
        SiteSpec(
            phases=(L1,),
            voltage_v=230.0,
            meter=MainsMeterSpec(key="m"),
            caps=(fuse(25, L1), *caps),
            chargers=(ChargerSpec(key="a", name="A", phases=(L1,)),),
        )
    )


def reading(time_s: float, power_w: float) -> Reading:
    return Reading(
        time_s=time_s, current_a=(0.0,), power_w=power_w, active_a=(0.0,), voltage_v=(230.0,)
    )


def test_twelve_starts_are_enough_for_an_hour_and_not_longer() -> None:
    # SITE-6
    starts_s = tuple(float(100 * n) for n in range(12))
    assert not exhausted(Patience(starts_s=starts_s[1:]), 1200.0)
    assert exhausted(Patience(starts_s=starts_s), 3599.0)
    assert not exhausted(Patience(starts_s=starts_s), 3600.0)


@pytest.mark.parametrize(("starts", "rests_s"), [(0, 30.0), (1, 30.0), (2, 60.0), (5, 150.0)])
def test_every_start_of_the_hour_makes_the_next_rest_longer(starts: int, rests_s: float) -> None:
    # SITE-6
    patience = Patience(starts_s=(0.0,) * starts, fits_since_s=1000.0)
    assert rest_s(patience) == rests_s
    assert resume_s(patience) == 1000.0 + rests_s
    assert resume_s(replace(patience, fits_since_s=inf)) == inf


def test_a_car_idles_after_a_minute() -> None:
    # SITE-3
    assert not idles(Patience(idle_since_s=100.0), 160.0)
    assert idles(Patience(idle_since_s=100.0), 160.1)
    assert not idles(Patience(), 1e9)


# What a charger was told (promise 3)


def test_a_tenth_or_an_ampere_more_is_within_what_was_told() -> None:
    assert [tolerance_a(a) for a in (0, 6, 10, 16, 32)] == [1.0, 1.0, 1.0, 1.6, 3.2]


def test_a_command_is_sent_again_when_it_is_time() -> None:
    offer = Offer(current_a=10, sent_s=100.0)

    def due(one: Offer, now_s: float, *, failed: bool = False, told: bool = False) -> bool:
        return repeat_due(one, now_s, failed=failed, told=told)

    assert not due(Offer(), 1e9, failed=True)
    assert not due(offer, 399.0)
    assert due(offer, 400.0)
    assert not due(offer, 3699.0, told=True)
    assert due(offer, 3700.0, told=True)
    assert due(replace(offer, unsent=True), 100.0)
    assert not due(offer, 101.9, failed=True)
    assert due(offer, 102.0, failed=True)
    tired = replace(offer, failures=5)
    assert not due(tired, 104.9, failed=True)
    assert due(tired, 105.0, failed=True)
    refused = held(offer, 90.0)
    assert refused.refused_s == 90.0
    assert not due(refused, 114.9)
    assert due(refused, 115.0)


def test_failures_are_counted_in_a_row() -> None:
    offer = Offer(current_a=10, sent_s=100.0, unsent=True)
    for time_s in (102.0, 104.0, 106.0, 108.0):
        offer = repeated(offer, time_s, failed=True)
    assert (offer.failures, offer.sent_s, offer.unsent) == (4, 108.0, False)
    assert not unheard(offer, failed=True)
    offer = repeated(offer, 110.0, failed=True)
    assert unheard(offer, failed=True)
    assert not unheard(offer, failed=False)
    assert repeated(offer, 112.0, failed=False).failures == 0


def test_a_change_is_in_flight_until_it_is_over() -> None:
    offer = Offer(current_a=10, until_s=108.0)
    assert in_flight(offer, 107.9)
    assert not in_flight(offer, 108.0)


def test_a_silent_charger_is_gone_after_five_minutes() -> None:
    assert not gone(Offer(unheard_s=100.0), 400.0)
    assert gone(Offer(unheard_s=100.0), 400.1)
    assert not gone(Offer(), 1e9)


def test_twice_within_ten_minutes_makes_a_second_master() -> None:
    assert not overruled(Offer(overruled_s=(100.0,)), 101.0)
    assert overruled(Offer(overruled_s=(100.0, 200.0)), 699.0)
    assert not overruled(Offer(overruled_s=(100.0, 200.0)), 700.0)
    assert not overruled(Offer(overruled_s=(0.0, 100.0, 800.0)), 801.0)


# The window of a quarter of an hour (SITE-1, CAPACITY)

CAPACITY = Cap(key="capacity", kind=CapKind.CAPACITY, limit_w=4000.0)
WORST_W = 25 * 230.0


def test_what_nobody_counted_of_a_window_counts_at_the_worst() -> None:
    site = layout(CAPACITY)
    budget = count(None, reading(1000.0, 500.0), site, end_s=1600.0, now_s=1000.0)
    assert (budget.since_s, budget.end_s, budget.counted_s) == (700.0, 1600.0, 1000.0)
    assert budget.power_w == 500.0
    assert budget.used_ws == 300.0 * WORST_W
    blind = count(None, None, site, end_s=None, now_s=1000.0)
    assert (blind.since_s, blind.end_s, blind.used_ws) == (1000.0, 1900.0, 0.0)
    assert blind.power_w == WORST_W


def test_a_window_counts_means_and_no_export_and_ends_at_its_end() -> None:
    site = layout(CAPACITY)
    budget = Budget(since_s=0.0, end_s=900.0, counted_s=100.0, power_w=1000.0, used_ws=7.0)
    on = count(budget, reading(110.0, 2000.0), site, end_s=900.0, now_s=110.0)
    assert (on.counted_s, on.power_w, on.used_ws) == (110.0, 2000.0, 7.0 + 15000.0)
    export = count(budget, reading(110.0, -3000.0), site, end_s=900.0, now_s=110.0)
    assert export.used_ws == 7.0 + 5000.0
    old = count(budget, reading(100.0, 9999.0), site, end_s=900.0, now_s=110.0)
    assert (old.counted_s, old.used_ws) == (100.0, 7.0)
    gap = count(budget, reading(111.0, 1000.0), site, end_s=900.0, now_s=111.0)
    assert gap.used_ws == 7.0 + 11.0 * WORST_W
    late = replace(budget, counted_s=895.0)
    new = count(late, reading(905.0, 1000.0), site, end_s=None, now_s=905.0)
    assert (new.since_s, new.end_s, new.used_ws) == (900.0, 1800.0, 5000.0)
    assert count(new, None, site, end_s=None, now_s=906.0) == new
    earlier = count(new, None, site, end_s=1790.0, now_s=906.0)
    assert (earlier.since_s, earlier.used_ws) == (890.0, 5000.0 + 10.0 * WORST_W)


def test_a_load_limit_bounds_the_worst() -> None:
    site = layout(CAPACITY, Cap(key="meter", kind=CapKind.LOAD_LIMIT, limit_w=3000.0))
    budget = count(None, None, site, end_s=1600.0, now_s=1000.0)
    assert budget.used_ws == 300.0 * 3000.0


def test_the_rest_of_a_window_bears_what_is_left() -> None:
    budget = Budget(since_s=0.0, end_s=900.0, counted_s=600.0, power_w=0.0, used_ws=3_000_000.0)
    assert allowed_w(budget, 4000.0) == pytest.approx(2000.0)
    assert allowed_w(budget, inf) == inf
    assert allowed_w(replace(budget, counted_s=900.0), 4000.0) == pytest.approx(600_000.0)
    assert bears(budget, 4000.0, steady_w=5000.0, floor_w=0.0)
    assert not bears(budget, 4000.0, steady_w=5001.0, floor_w=0.0)
    assert bears(budget, 4000.0, steady_w=2000.0, floor_w=2000.0)
    assert not bears(budget, 4000.0, steady_w=2000.0, floor_w=2001.0)
    assert bears(budget, 4000.0, steady_w=5000.0, floor_w=-9000.0)
    assert bears(budget, inf, steady_w=1e9, floor_w=1e9)


# Limits from outside (SITE-1)

OUTSIDE = Cap(
    key="outside",
    kind=CapKind.EXTERNAL,
    limit_a={L1: 25.0},
    source=LimitSource(dimmed=8.0, silent_after_s=20.0),
)


@pytest.mark.parametrize(
    ("time_s", "limit", "believed"),
    [
        (1000.0, 12.0, True),
        (980.0, 12.0, True),
        (979.9, 12.0, False),
        (1001.0, 12.0, True),
        (1001.1, 12.0, False),
        (1000.0, 0.0, True),
        (1000.0, -0.1, False),
        (1000.0, 500.0, True),
        (1000.0, 500.1, False),
        (1000.0, inf, True),
        (1000.0, float("nan"), False),
    ],
)
def test_a_source_is_believed_as_far_as_it_can_be_true(
    time_s: float, limit: float, *, believed: bool
) -> None:
    # SITE-1, promise 2
    site = layout(OUTSIDE)
    told = in_force(site, {"outside": LimitSample(time_s=time_s, limit=limit)}, None, 1000.0)
    assert told.said["outside"].dimmed is not believed
    assert told.layout.rows[0].limit_a == (min(25.0, limit) if believed else 8.0)


def test_a_limit_falls_at_once_and_rises_after_a_minute_to_the_least_that_was_said() -> None:
    # SITE-1
    site = layout(OUTSIDE)
    past = None
    course = [(0, 20), (1, 10), (2, 16), (30, 14), (31, 18), (61.9, 18), (62, 18), (121.9, 18)]
    limits = []
    for time_s, limit in [*course, (122, 18)]:
        sample = LimitSample(time_s=float(time_s), limit=float(limit))
        past = in_force(site, {"outside": sample}, past, float(time_s))
        limits.append(past.layout.rows[0].limit_a)
    assert limits == [20, 10, 10, 10, 10, 10, 14, 14, 18]
