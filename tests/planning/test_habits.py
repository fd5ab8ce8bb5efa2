"""What a house will draw is learnt from what it drew (PLAN-3)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.planning.habits import correction, expected, learn
from custom_components.evse_suite.planning.model import PowerSlot

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
MONDAY = datetime(2026, 11, 2, tzinfo=BERLIN).astimezone(UTC)


def hours(start: datetime, *powers_w: float) -> list[PowerSlot]:
    """Return mean powers of hours in a row."""
    return [
        PowerSlot(start=start + HOUR * n, end=start + HOUR * (n + 1), power_w=power_w)
        for n, power_w in enumerate(powers_w)
    ]


def weeks(count: int) -> list[PowerSlot]:
    """Return weeks with 300 W at night, 2 kW at 18:00, and 3 kW at noon on Sundays."""
    rows: list[PowerSlot] = []
    for hour in range(count * 7 * 24):
        start = MONDAY + HOUR * hour
        local = start.astimezone(BERLIN)
        power_w = {18: 2000.0}.get(local.hour, 300.0)
        if local.weekday() == 6 and local.hour == 12:
            power_w = 3000.0
        rows += hours(start, power_w)
    return rows


def test_each_time_of_the_week_has_its_own_habit() -> None:
    habits = learn(weeks(8), BERLIN)
    monday = MONDAY + 10 * WEEK
    assert habits.at(monday + 3 * HOUR) == pytest.approx(300)
    assert habits.at(monday + 18.5 * HOUR) == pytest.approx(2000)
    noon = monday + 12 * HOUR
    assert habits.at(noon) == pytest.approx(300, abs=100)
    assert habits.at(noon + timedelta(days=6)) == pytest.approx(2540, abs=100)


def test_what_was_never_seen_leans_on_the_other_days() -> None:
    habits = learn(hours(MONDAY, *[200.0] * 18, 1000.0), BERLIN)
    tuesday = MONDAY + timedelta(days=1)
    assert habits.at(tuesday + 18 * HOUR) == pytest.approx(1000)
    assert habits.at(tuesday + 23 * HOUR) == pytest.approx((18 * 200 + 1000) / 19)


def test_nothing_known_says_nothing() -> None:
    habits = learn([], BERLIN)
    assert habits.at(MONDAY) is None
    assert expected(habits, MONDAY, MONDAY + HOUR) == ()
    assert correction(habits, hours(MONDAY, 500), MONDAY + HOUR) == 1
    # A mean over a day is no habit of a quarter of an hour.
    day = PowerSlot(start=MONDAY, end=MONDAY + 24 * HOUR, power_w=500)
    assert learn([day], BERLIN).usual_w == ()


def test_a_house_draws_no_less_than_nothing() -> None:
    """With sun that nobody measures, what the meter shows is below zero at noon."""
    assert learn(hours(MONDAY, -500.0), BERLIN).at(MONDAY) == 0


@pytest.mark.parametrize(("month", "day", "quarters"), [(3, 29, 92), (10, 25, 100), (11, 20, 96)])
def test_a_day_has_the_quarters_that_it_has(month: int, day: int, quarters: int) -> None:
    habits = learn(weeks(2), BERLIN)
    start = datetime(2026, month, day, tzinfo=BERLIN)
    end = datetime(2026, month, day + 1, tzinfo=BERLIN)
    slots = expected(habits, start, end)
    assert len(slots) == quarters
    assert slots[0].start == start
    assert slots[-1].end == end
    busy = [slot.start.astimezone(BERLIN).hour for slot in slots if slot.power_w > 1500]
    assert 18 in busy
    assert set(busy) <= {12, 18}


def test_an_unusual_day_counts_for_a_while() -> None:
    habits = learn(weeks(4), BERLIN)
    now = MONDAY + 5 * WEEK + 10 * HOUR
    recent = hours(now - 3 * HOUR, 450.0, 450.0, 450.0)
    factor = correction(habits, recent, now)
    assert factor == pytest.approx(1.5, abs=0.01)
    slots = expected(habits, now + timedelta(minutes=7), now + 8 * HOUR, factor)
    assert slots[0].start == now
    assert slots[0].power_w == pytest.approx(450, abs=5)
    assert slots[12].power_w == pytest.approx(375, abs=6)
    assert slots[26].power_w == pytest.approx(300, abs=5)


@pytest.mark.parametrize(("power_w", "factor"), [(9000.0, 2.0), (0.0, 0.5), (-900.0, 0.5)])
def test_one_hour_does_not_turn_a_day_upside_down(power_w: float, factor: float) -> None:
    habits = learn(weeks(4), BERLIN)
    now = MONDAY + 5 * WEEK + 10 * HOUR
    assert correction(habits, hours(now - HOUR, power_w), now) == factor
    # What was yesterday is no evidence of today.
    assert correction(habits, hours(now - 24 * HOUR, power_w), now) == 1
