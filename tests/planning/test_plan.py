"""What a homeowner would ask of a plan, one case at a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.evse_suite.planning.horizon import restart_cost
from custom_components.evse_suite.planning.model import Outlook, PlanVerdict, PowerSlot
from custom_components.evse_suite.planning.plan import plan

from .board import HOUR, NOW, at, check, job, only, paid, power, prices, span, times

NIGHT = prices(0.3, 0.3, 0.25, 0.2, 0.1, 0.1, 0.12, 0.2, 0.3, 0.35, 0.4, 0.4)


def outlook(**changes: Any) -> Outlook:
    return replace(Outlook(now=NOW, prices=NIGHT, feed_in_per_kwh=0.08), **changes)


def test_the_cheapest_hours_before_the_time_to_be_ready() -> None:
    # PLAN-3, IND-20
    found = only(job(7360, ready_by=11), outlook())
    assert found.verdict is PlanVerdict.ON_TIME
    assert times(found) == [(4, 6)]
    assert found.cost == pytest.approx(0.736)
    assert found.ready_at == at(6)
    assert found.reached_wh_at_ready_by == pytest.approx(7360)


def test_of_equals_the_later_but_not_the_last_minute() -> None:
    # PLAN-3: 2 h of charging leave 15 min before the time to be ready.
    found = only(job(7360, ready_by=8), outlook(prices=prices(*[0.2] * 12)))
    assert times(found) == [(5.75, 7.75)]


def test_the_last_minutes_are_used_where_the_target_needs_them() -> None:
    # PLAN-2
    found = only(job(8 * 3680, ready_by=8), outlook())
    assert found.verdict is PlanVerdict.ON_TIME
    assert times(found) == [(0, 8)]


@pytest.mark.parametrize("length", [0.25, 0.5, 1, 3])
def test_prices_of_any_length_and_beginning(length: float) -> None:
    # PLAN-3
    slots = prices(*[0.3] * 4, *[0.1] * 2, *[0.3] * 30, hours=length, start=-0.35)
    found = only(job(1840 * length, ready_by=30 * length), outlook(prices=slots))
    start, end = times(found)[0]
    assert 4 * length - 0.351 <= start < end <= 6 * length - 0.349
    assert {slot.price_per_kwh for slot in found.slots} == {0.1}


def test_a_hole_is_guessed_from_the_day_before_and_said_to_be() -> None:
    # PLAN-3: the feed of tomorrow is late; yesterday's night was cheap from 02:00 to 04:00.
    yesterday = prices(*[0.3] * 8, 0.1, 0.1, *[0.3] * 14, start=-24)
    found = only(job(3680, ready_by=12), outlook(prices=yesterday))
    assert times(found) == [(9, 10)]
    assert all(slot.guessed for slot in found.slots)
    assert found.reasons["guessed_share"] == 1


def test_a_late_feed_changes_the_plan_when_it_comes() -> None:
    # PLAN-3
    early = prices(0.3, 0.3, 0.2, 0.3)
    before = only(job(3680, ready_by=12), outlook(prices=early))
    after = only(job(3680, ready_by=12), outlook(), before)
    assert times(after) == [(5, 6)]
    assert not any(slot.guessed for slot in after.slots)


def test_without_prices_as_late_as_is_safe() -> None:
    # PLAN-3
    found = only(job(7360, ready_by=8), outlook(prices=()))
    assert found.verdict is PlanVerdict.NO_PRICES
    assert times(found) == [(5.75, 7.75)]


def test_too_late_is_said_and_then_it_is_as_fast_as_possible() -> None:
    # PLAN-2: 5 h of charging in 2 h.
    found = only(job(5 * 3680, ready_by=2), outlook())
    assert found.verdict is PlanVerdict.TOO_LATE
    assert times(found) == [(0, 5)]
    assert found.reached_wh_at_ready_by == pytest.approx(7360)
    assert found.ready_at == at(5)


def test_sun_costs_what_it_would_have_been_sold_for() -> None:
    # PLAN-3: in the fifth hour 2,070 W remain beside the house: 9 A of pure sun.
    world = outlook(prices=prices(*[0.2] * 8), sun=power(0, 0, 0, 0, 2570), house=power(*[500] * 8))
    found = only(job(2070, ready_by=8), world)
    assert times(found) == [(4, 5)]
    assert [slot.current_a for slot in found.slots] == [9]
    assert found.green_share == 1
    assert found.cost == pytest.approx(2.07 * 0.08)
    assert found.slots[0].follows_sun


def test_sun_is_not_waited_for_where_no_time_remains_to_make_up_for_a_cloud() -> None:
    # PLAN-3: the sun shines in the last hour.
    world = outlook(prices=prices(*[0.2] * 3), sun=power(0, 0, 4000))
    found = only(job(3680, ready_by=3), world)
    assert found.green_share > 0.6
    assert not any(slot.follows_sun for slot in found.slots)


def test_negative_prices_are_better_than_sun() -> None:
    # PLAN-3
    world = outlook(prices=prices(0.1, -0.05, 0.1), sun=power(4000, 0, 0))
    assert times(only(job(3680, ready_by=3), world)) == [(1, 2)]


def test_minimum_charge_first_at_any_price() -> None:
    # PLAN-2
    found = only(job(7360, ready_by=11, urgent_wh=1840), outlook())
    assert times(found) == [(0, 0.5), (4.5, 6)]


def test_a_maximum_price_is_passed_only_for_the_target() -> None:
    # PLAN-2
    found = only(job(9200, ready_by=12, maximum_price=0.11), outlook())
    assert found.verdict is PlanVerdict.ON_TIME
    assert times(found) == [(4, 6.5)]
    assert found.reasons["reason"] == "dearer_than_wished"


def test_a_maximum_price_is_not_passed_to_spare_a_start() -> None:
    # PLAN-2
    world = outlook(prices=prices(0.1, 0.112, 0.1, 0.3, 0.3))
    assert times(only(job(7360, ready_by=5), world)) != [(0, 1), (2, 3)]
    assert times(only(job(7360, ready_by=5, maximum_price=0.11), world)) == [(0, 1), (2, 3)]


def test_a_hard_maximum_price_may_miss_the_target() -> None:
    # PLAN-2
    own = job(9200, ready_by=12, maximum_price=0.11, price_is_hard=True)
    found = only(own, outlook())
    assert found.verdict is PlanVerdict.TOO_LATE
    assert times(found)[0] == (4, 6)
    assert all(slot.price_per_kwh <= 0.11 for slot in found.slots)


def test_without_hurry_a_maximum_price_is_waited_for() -> None:
    # PLAN-2
    known = NIGHT + prices(*[0.5] * 14, start=12)
    found = only(job(36800, maximum_price=0.11), outlook(prices=known))
    assert times(found) == [(4, 6)]
    assert found.verdict is PlanVerdict.ON_TIME
    assert found.ready_at is None
    assert found.reasons["reason"] == "waits_for_price"


def test_only_in_the_weekly_windows() -> None:
    # PLAN-1
    own = job(7360, ready_by=12, allowed=(span(0, 2), span(7, 9)))
    found = only(own, outlook())
    assert times(found) == [(7, 9)]
    assert only(replace(own, allowed=()), outlook()).verdict is PlanVerdict.TOO_LATE


def test_a_running_slot_is_not_abandoned_for_pennies() -> None:
    # PLAN-3: the next hour is half a cent cheaper, a start costs two.
    world = outlook(prices=prices(0.2, 0.196, 0.2, 0.2))
    own = job(3680, ready_by=4)
    assert times(only(own, world)) == [(1, 2)]
    assert times(only(replace(own, charging=True), world))[0][0] == 0


@pytest.mark.parametrize("slots", [prices(*[0.2] * 14), prices(*[0.1] * 4, *[0.3] * 10), ()])
def test_who_charges_goes_on_at_full_power_where_all_costs_the_same(slots: Any) -> None:
    # PLAN-3: a start is spared, and the car is not held at 6 A for hours to spare it.
    own = job(7360, ready_by=12, charging=True)
    found = only(own, outlook(prices=slots))
    assert times(found) == [(0, 2)]
    assert {slot.current_a for slot in found.slots} == {16}
    fresh = only(replace(own, charging=False), outlook(prices=slots))
    assert times(fresh)[0][0] > 1.5


def test_a_start_counts_the_same_in_any_currency() -> None:
    # PLAN-3: in forints a price is 250 times as high; a pause for next to nothing is none there.
    for factor in (1, 250):
        slots = prices(*(factor * each for each in (0.25, 0.256, 0.25, 0.6)))
        world = outlook(prices=slots, feed_in_per_kwh=0, restart_cost=restart_cost(slots))
        assert len(times(only(job(7360, ready_by=3.5), world))) == 1
    assert restart_cost(slots) == pytest.approx(0.02 * 250, rel=0.05)


def test_a_plan_is_kept_unless_a_new_one_saves_something() -> None:
    # PLAN-3
    own = job(3680, ready_by=11)
    before = only(own, outlook())
    pennies = replace(NIGHT[6], price_per_kwh=0.098)
    same = outlook(prices=(*NIGHT[:6], pennies, *NIGHT[7:]))
    assert only(own, same, before).slots == before.slots
    cheap = replace(NIGHT[6], price_per_kwh=0.05)
    better = outlook(prices=(*NIGHT[:6], cheap, *NIGHT[7:]))
    assert times(only(own, better, before)) == [(6, 7)]


def test_a_kept_plan_ends_when_the_car_has_enough() -> None:
    # PLAN-3
    before = only(job(7360, ready_by=11), outlook())
    assert times(only(job(1840, ready_by=11), outlook(), before)) == [(4, 4.5)]


def test_a_stored_plan_goes_on_after_a_restart() -> None:
    # PLAN-3: half an hour into the slot.
    own = job(7360, ready_by=11)
    before = only(own, outlook())
    world = outlook(now=at(4.5))
    after = only(replace(own, needed_wh=5520, charging=True), world, before)
    assert after.slots[-1].end == before.slots[-1].end
    assert times(after) == [(4.5, 6)]


def test_unplugged_and_back() -> None:
    # PLAN-3: the car misses its cheap hours; what is left is done with what it has then.
    own = job(7360, ready_by=11)
    before = only(own, outlook())
    after = only(own, outlook(now=at(5.5)), before)
    assert after.verdict is PlanVerdict.ON_TIME
    assert after.reached_wh_at_ready_by == pytest.approx(7360, abs=1)
    assert times(after)[0][0] == 5.5


def test_a_wrong_forecast_is_made_up_for() -> None:
    # PLAN-3: sun was expected and did not come; two hours remain for two hours of charging.
    own = job(7360, ready_by=4)
    sunny = outlook(prices=prices(*[0.2] * 4), sun=power(5000, 5000, 0, 0))
    before = only(own, sunny)
    assert times(before) == [(0, 2)]
    cloudy = outlook(now=at(2), prices=prices(*[0.2] * 4))
    after = only(own, cloudy, before)
    assert after.verdict is PlanVerdict.ON_TIME
    assert times(after) == [(2, 4)]


def test_the_monthly_peak_bounds_the_current() -> None:
    # PLAN-3: 2,500 W with the house at 500 W leave 8 A; sun gives room, but not beyond the fuse.
    world = outlook(peak_w=2500, house=power(*[500] * 12))
    found = only(job(7360, ready_by=11), world)
    assert {slot.current_a for slot in found.slots} == {8}
    sunny = replace(world, sun=power(*[3000] * 12), cap_w=3500)
    check([job(7360, ready_by=11)], sunny, {"garage": only(job(7360, ready_by=11), sunny)})


def test_a_car_that_is_nearly_full_takes_less_and_gets_the_time() -> None:
    # PLAN-2: from 3,680 Wh on at most 1,840 W: 3 h instead of 2 h.
    own = job(7360, ready_by=8, power_curve=((0.0, 11000.0), (3680.0, 1840.0)))
    found = only(own, outlook())
    assert found.verdict is PlanVerdict.ON_TIME
    assert found.planned_wh == pytest.approx(7360, abs=1)
    assert sum(end - start for start, end in times(found)) == pytest.approx(3, abs=0.05)
    late = only(replace(own, ready_by=at(2.5)), outlook())
    assert late.verdict is PlanVerdict.TOO_LATE
    assert late.reached_wh_at_ready_by == pytest.approx(3680 + 1.5 * 1840)


def test_two_cars_share_a_cap_and_both_are_ready() -> None:
    # PLAN-3: 20 A for both; the one with less time gets the cheap hours that it needs.
    loose = job(7360, key="loose", ready_by=12)
    tight = job(7360, key="tight", ready_by=6.25)
    world = outlook(cap_w=20 * 230)
    found = plan([loose, tight], world, {})
    check([loose, tight], world, found)
    assert {each.verdict for each in found.values()} == {PlanVerdict.ON_TIME}
    assert times(found["tight"]) == [(4, 6)]
    assert times(found["loose"])[0] >= (6, 8)


def test_a_tight_cap_is_shared_down_to_the_minimum() -> None:
    # PLAN-3: 20 A: one car alone would leave 4 A to nobody; 14 A and 6 A together serve both.
    first = job(4 * 3220, key="first", ready_by=4)
    second = job(4 * 1380, key="second", ready_by=4)
    found = plan([first, second], outlook(cap_w=20 * 230), {})
    assert {each.verdict for each in found.values()} == {PlanVerdict.ON_TIME}


def test_who_has_priority_is_ready_when_not_all_can_be() -> None:
    # PLAN-3
    world = outlook(cap_w=16 * 230)
    for first, second in ((0, 1), (1, 0)):
        jobs = [
            job(7360, key="a", ready_by=3, priority=first),
            job(7360, key="b", ready_by=3, priority=second),
        ]
        found = plan(jobs, world, {})
        on_time = [key for key, each in found.items() if each.verdict is PlanVerdict.ON_TIME]
        assert on_time == ["a" if first else "b"]


def test_two_cars_do_not_count_the_same_sun() -> None:
    # PLAN-3
    world = outlook(prices=prices(*[0.3] * 6), sun=power(0, 3680, 3680, 0, 0, 0))
    jobs = [job(3680, key="a", ready_by=6), job(3680, key="b", ready_by=6)]
    found = plan(jobs, world, {})
    assert sum(each.green_share for each in found.values()) == pytest.approx(2)
    assert sorted(time for each in found.values() for time in times(each)) == [(1, 2), (2, 3)]


def test_nothing_to_do() -> None:
    found = only(job(0, ready_by=5), outlook())
    assert found.verdict is PlanVerdict.NOTHING_TO_DO
    assert found.slots == ()


def test_a_time_to_be_ready_that_has_passed_is_too_late() -> None:
    found = only(job(3680, ready_by=-1), outlook())
    assert found.verdict is PlanVerdict.TOO_LATE
    assert found.reached_wh_at_ready_by == 0
    assert times(found) == [(0, 1)]


def test_starts_are_counted() -> None:
    # PLAN-3: two cheap hours with a dear one between: worth a pause of 10 ct, not of half a cent.
    own = job(7360, ready_by=3.5)
    dear = outlook(prices=prices(0.1, 0.2, 0.1, 0.4))
    assert times(only(own, dear)) == [(0, 1), (2, 3)]
    near = outlook(prices=prices(0.1, 0.101, 0.1, 0.4))
    found = only(own, near)
    assert len(times(found)) == 1
    assert paid(found, 0.02) == pytest.approx(0.02 + found.cost)


def test_a_plan_ends_at_whole_minutes() -> None:
    # PLAN-5
    found = only(job(1234, ready_by=11), outlook(now=NOW + timedelta(minutes=3, seconds=17)))
    for slot in found.slots:
        assert slot.start.second == slot.end.second == 0
    assert found.slots[-1].end - found.slots[0].start < HOUR


def test_unordered_and_overlapping_prices_do_no_harm() -> None:
    # PLAN-3
    messy = (*reversed(NIGHT), NIGHT[4])
    assert times(only(job(7360, ready_by=11), outlook(prices=messy))) == [(4, 6)]


def test_a_sunny_week_is_not_looked_at_forever() -> None:
    # PLAN-3: a time to be ready in ten days is planned a week ahead.
    sun = tuple(
        PowerSlot(start=at(24 * day + 18), end=at(24 * day + 20), power_w=4000) for day in range(10)
    )
    found = only(job(3680, ready_by=240), outlook(sun=sun))
    assert found.verdict is PlanVerdict.ON_TIME
    assert found.green_share == pytest.approx(1)


def test_surplus_is_welcome_unless_the_grid_is_cheaper() -> None:
    # PLAN-3: it would be sold for 8 ct.
    assert only(job(3680, ready_by=11), outlook()).takes_surplus
    assert not only(job(3680, ready_by=11), outlook(feed_in_per_kwh=0.11)).takes_surplus
    dear_now = prices(0.2, start=0)
    assert not only(job(3680, ready_by=11), outlook(feed_in=dear_now)).takes_surplus
    assert only(job(3680, ready_by=11), outlook(prices=(), feed_in_per_kwh=2)).takes_surplus
