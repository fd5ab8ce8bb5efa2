"""What a target takes, by percent, energy and range (PLAN-2)."""

from dataclasses import replace

import pytest

from custom_components.evse_suite.planning.model import Target, TargetKind, Vehicle
from custom_components.evse_suite.planning.needs import (
    needed_wh,
    power_curve,
    range_after,
    soc_after,
    urgent_wh,
)

CAR = Vehicle(capacity_wh=60_000, soc_percent=50, efficiency=0.9, consumption_wh_per_km=150)
STRANGER = Vehicle()


def target(kind: TargetKind, value: float) -> Target:
    return Target(kind=kind, value=value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (TargetKind.PERCENT, 80, 20_000),
        (TargetKind.PERCENT, 40, 0),
        (TargetKind.PERCENT, 120, 33_333.3),
        (TargetKind.ENERGY, 10_000, 8_000),
        (TargetKind.ENERGY, 90_000, 33_333.3),
        (TargetKind.RANGE, 260, 10_000),
        (TargetKind.RANGE, 100, 0),
    ],
)
def test_what_is_missing(kind: TargetKind, value: float, expected: float) -> None:
    # PLAN-2: 2,000 Wh have been charged already; percent and range have them in the battery.
    assert needed_wh(CAR, target(kind, value), charged_wh=2000) == pytest.approx(expected, abs=0.1)


def test_what_cannot_be_known() -> None:
    # PLAN-2
    assert needed_wh(STRANGER, target(TargetKind.PERCENT, 80)) is None
    assert needed_wh(STRANGER, target(TargetKind.RANGE, 100)) is None
    assert needed_wh(STRANGER, target(TargetKind.ENERGY, 5000), charged_wh=1000) == 4000
    assert soc_after(STRANGER, 1000) is None
    assert range_after(STRANGER, 1000) is None
    assert power_curve(STRANGER) == ()
    assert urgent_wh(STRANGER, 20) == 0


def test_kilometres_are_added_where_nobody_knows_the_charge() -> None:
    # PLAN-2
    car = replace(CAR, soc_percent=None)
    found = needed_wh(car, target(TargetKind.RANGE, 90), charged_wh=5000)
    assert found == pytest.approx(10_000)


def test_state_and_range_after_charging() -> None:
    # PLAN-2
    assert soc_after(CAR, 10_000) == pytest.approx(65)
    assert soc_after(CAR, 90_000) == 100
    assert range_after(CAR, 10_000) == pytest.approx(260)


def test_the_minimum_state_of_charge() -> None:
    # PLAN-2
    assert urgent_wh(replace(CAR, soc_percent=14), 20) == pytest.approx(4000)
    assert urgent_wh(CAR, 20) == 0


def test_the_curve_from_here_on() -> None:
    # PLAN-2: 54,000 Wh in the battery are 80 % and more of a curve of three steps.
    curve = ((0.0, 11_000.0), (80.0, 7000.0), (95.0, 2500.0))
    found = power_curve(replace(CAR, curve=curve))
    assert found[0] == (0.0, 11_000.0)
    assert found[1] == pytest.approx((20_000, 7000))
    assert found[2] == pytest.approx((30_000, 2500))
    assert power_curve(replace(CAR, soc_percent=85, curve=curve))[0] == (0.0, 7000.0)
    assert power_curve(replace(CAR, soc_percent=1, curve=curve[1:]))[0] == (0.0, 7000.0)
