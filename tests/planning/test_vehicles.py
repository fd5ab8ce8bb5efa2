"""The catalogue of cars, and what charging teaches about one (IND-3, PLAN-2)."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.planning.catalogue import CATALOGUE
from custom_components.evse_suite.planning.vehicles import (
    CAPACITY_RANGE_KWH,
    EFFICIENCY_RANGE,
    MOST_POWER_W,
    Delivery,
    Seen,
    curve,
    drawn,
    efficiency,
    from_json,
    gained,
    to_json,
)


def test_the_catalogue_is_sensible() -> None:
    """IND-3: cars by make and model, each with a capacity that can be entered as well."""
    least_kwh, most_kwh = CAPACITY_RANGE_KWH
    assert len(CATALOGUE) >= 100
    assert len({car.make for car in CATALOGUE.values()}) >= 30
    for key, car in CATALOGUE.items():
        assert key == f"{car.make} {car.model}"
        assert least_kwh <= car.capacity_kwh <= most_kwh
        assert 100 <= car.consumption_wh_per_km <= 320
        assert car.lines in (1, 2, 3)
        assert 3 <= car.power_kw <= 22
        # No car is emptied in less than 50 km or drives 800 km.
        assert 30 <= car.capacity_kwh * 1000 / car.consumption_wh_per_km <= 800
        if car.lines == 3:
            assert car.power_kw in (6.6, 7.2, 11, 22)


def charge(seen: Seen, times: int, *, share: float, capacity_wh: float = 50_000) -> Seen:
    """Return what is known after charging 20 % some times with this efficiency."""
    for _ in range(times):
        seen = gained(seen, 0.2 * capacity_wh / share, 20)
    return seen


def test_efficiency_is_learnt_with_patience() -> None:
    assert efficiency(Seen(), 50_000) == 0.9
    once = efficiency(charge(Seen(), 1, share=0.8), 50_000)
    often = efficiency(charge(Seen(), 40, share=0.8), 50_000)
    assert 0.8 < once < 0.9
    assert often == pytest.approx(0.8, abs=0.015)


def test_a_car_that_changes_is_learnt_anew() -> None:
    seen = charge(charge(Seen(), 100, share=0.95), 40, share=0.85)
    assert efficiency(seen, 50_000) == pytest.approx(0.85, abs=0.02)
    assert seen.charged_wh < 500_000


def test_efficiency_stays_within_what_is_possible() -> None:
    least, most = EFFICIENCY_RANGE
    # A capacity that was entered twice too small, and twice too large.
    seen = charge(Seen(), 50, share=0.9)
    assert efficiency(seen, 25_000) == least
    assert efficiency(seen, 100_000) == most
    assert efficiency(seen, None) == 0.9
    assert efficiency(seen, 25_000, told=0.85) == 0.85


@pytest.mark.parametrize(("charged_wh", "percent"), [(5000, 4.9), (0, 20), (-1, 20), (5000, -20)])
def test_small_steps_teach_nothing(charged_wh: float, percent: float) -> None:
    assert gained(Seen(), charged_wh, percent) == Seen()


def look(seen: Seen, soc_percent: float, power_w: float, times: int = 3) -> Seen:
    """Return what is known after some looks at a car that is offered 11 kW."""
    for _ in range(times):
        seen = drawn(seen, soc_percent, Delivery(energy_wh=0, power_w=power_w, offered_w=11_000))
    return seen


def test_the_curve_is_what_the_car_limited_itself() -> None:
    assert curve(Seen()) == ()
    assert curve(Seen(), 7400) == ((0.0, 7400),)
    seen = look(look(Seen(), 96.5, 4000), 100, 2000, times=1)
    seen = look(seen, 92, 6000, times=2)
    assert curve(seen, 11_000)[0] == (0.0, 11_000)
    # Two looks at 90 % are not enough; four at 95 % and more are.
    ((percent, power_w),) = curve(seen, 11_000)[1:]
    assert percent == 95
    assert power_w == pytest.approx(3500)
    assert curve(seen)[0] == (0.0, MOST_POWER_W)
    assert curve(look(seen, 50, 7000))[1:3] == ((50.0, 7000), (55.0, MOST_POWER_W))


@pytest.mark.parametrize("power_w", [10_900, 400, 0])
def test_what_the_charger_limits_says_nothing_of_the_car(power_w: float) -> None:
    assert look(Seen(), 50, power_w) == Seen()
    assert drawn(Seen(), 50, Delivery(energy_wh=0, power_w=5000)) == Seen()


def test_a_curve_never_promises_more_than_the_charger_on_board() -> None:
    assert curve(look(Seen(), 50, 9000), 7200) == ((0.0, 7200),)


def test_what_was_learnt_is_kept() -> None:
    seen = look(charge(Seen(), 3, share=0.88), 97, 3100)
    assert from_json(json.loads(json.dumps(to_json(seen)))) == seen


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "nonsense",
        {},
        {"charged_wh": "many", "gained_percent": 1, "powers_w": []},
        {"charged_wh": float("nan"), "gained_percent": 5},
        {"charged_wh": -5, "gained_percent": 5},
        {"charged_wh": True, "gained_percent": 5, "powers_w": {"20": [1, 2000]}},
        {"powers_w": {"x": [3, 2000.0], "1": [0, 2000.0], "2": [3, 1e9], "3": "?", "4": [3]}},
    ],
)
def test_what_cannot_be_true_is_learnt_anew(stored: object) -> None:
    assert from_json(stored) == Seen()


@given(
    steps=st.lists(
        st.tuples(
            st.floats(-1e6, 1e6), st.floats(-100, 100), st.floats(-10, 110), st.floats(-1e4, 5e4)
        ),
        max_size=30,
    ),
    capacity_wh=st.floats(4400, 200_000),
)
def test_whatever_is_seen_nothing_leaves_its_bounds(
    steps: list[tuple[float, float, float, float]], capacity_wh: float
) -> None:
    seen = Seen()
    for charged_wh, percent, soc_percent, power_w in steps:
        seen = gained(seen, charged_wh, percent)
        delivery: Any = Delivery(energy_wh=0, power_w=power_w, offered_w=22_000)
        seen = drawn(seen, soc_percent, delivery)
    assert EFFICIENCY_RANGE[0] <= efficiency(seen, capacity_wh) <= EFFICIENCY_RANGE[1]
    for percent, limit_w in curve(seen, 11_000):
        assert 0 <= percent < 100
        assert 0 < limit_w <= 11_000
    assert from_json(to_json(seen)) == seen
