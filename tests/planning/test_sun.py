"""Forecasts of the sun become powers, and roofs are added up (PLAN-3)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.planning.model import PowerSlot
from custom_components.evse_suite.planning.sun import added_up, read_forecast

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def slot(start_min: float, end_min: float, power_w: float) -> PowerSlot:
    """Return a power between two minutes after noon."""
    return PowerSlot(start=NOON + MINUTE * start_min, end=NOON + MINUTE * end_min, power_w=power_w)


def test_energies_become_powers_until_the_next_time_at_most_an_hour() -> None:
    told = {
        "2026-06-20T14:00:00+00:00": 600,
        "2026-06-20T12:00:00+00:00": 500.0,
        "2026-06-20T12:30:00+00:00": 1000,
        "2026-06-20T17:00:00": 0,
    }
    assert read_forecast(told, BERLIN) == (
        slot(0, 30, 1000),
        slot(30, 90, 1000),
        slot(120, 180, 600),
        slot(180, 240, 0),
    )


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "soon",
        {"soon": 1},
        {None: 1},
        {"2026-06-20T12:00:00Z": "many"},
        {"2026-06-20T12:00:00Z": float("nan")},
        {"0001-01-01T00:00:00+12:00": 1},
    ],
)
def test_nonsense_is_left_out(told: object) -> None:
    assert read_forecast(told, BERLIN) == ()


def test_no_roof_takes_or_gives_without_bounds() -> None:
    told = {"2026-06-20T12:00:00Z": -5, "2026-06-20T13:00:00Z": 1e9}
    assert [it.power_w for it in read_forecast(told, BERLIN)] == [0, 1e6]


def test_roofs_are_added_up_where_they_are_told() -> None:
    south = (slot(0, 60, 1000), slot(60, 120, 2000))
    west = (slot(30, 90, 500), slot(180, 240, 100))
    assert added_up([south, (), west]) == (
        slot(0, 30, 1000),
        slot(30, 60, 1500),
        slot(60, 90, 2500),
        slot(90, 120, 2000),
        slot(180, 240, 100),
    )
    assert added_up([(), south]) == south
    assert added_up([]) == ()
