"""Weekly windows and prices that allow a charge, without a target; on the days when clocks change.

PLAN-1, PLAN-3, LEK-17.
"""

from datetime import datetime
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from tests.integration.house import House, until
from tests.plans.scene import PRICE, Clock, at

pytestmark = pytest.mark.usefixtures("prompt")

SUMMER_BEGINS = at("2026-03-28 21:00")
WINTER_BEGINS = at("2026-10-24 21:00")
NIGHT = [{"weekdays": ["sat"], "start": "23:00", "end": "02:30"}]
SUNDAY = [{"weekdays": ["sun"], "start": "02:30", "end": "05:00"}]


async def set_windows(home: House, windows: list[dict[str, Any]]) -> None:
    device = home.device_id("garage")
    await home.call(DOMAIN, "set_schedule", device_id=device, windows=windows)


async def test_a_charger_waits_for_its_window_and_stops_at_its_end(
    planned: House, clock: Clock
) -> None:
    """PLAN-1, LEK-17: over midnight, as the weekday of its start says."""
    home = planned
    await set_windows(home, [{"weekdays": ["wed"], "start": "22:00", "end": "00:30"}])
    assert home.shows("sensor", "plan_status", "windows", "garage")
    assert home.state("sensor", "plan", "garage").state == (
        "Charging is allowed from 22:00 to 00:30."
    )
    assert home.shows("calendar", "plan", "off", "garage")
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    await until(lambda: home.car.current_a == 0, "the pause")

    clock.move_to("2026-01-14 23:59")
    await until(lambda: home.shows("sensor", "reason", "full_power", "garage"), "the charge", 200)
    clock.move_to("2026-01-15 00:31")
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    assert home.state("sensor", "explanation", "garage").state.startswith(
        "Waits for its plan until Wed 22:00"
    )


async def test_a_price_that_is_low_enough(planned: House, clock: Clock) -> None:
    """PLAN-3: without a target it charges by the site's mode, but not above the price."""
    home = planned
    price = home.entity("number", "maximum_price", "garage")
    await home.call("number", "set_value", price, value=0.2)
    assert home.state("number", "maximum_price", "garage").attributes["unit_of_measurement"] == (
        "EUR/kWh"
    )
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    assert home.state("sensor", "next_charge_start", "garage").state == "2026-01-15T00:00:00+00:00"
    clock.move_to("2026-01-15 01:00")
    await until(lambda: not home.shows("sensor", "reason", "waiting_for_plan", "garage"), "a start")


@pytest.mark.parametrize("hours_told", [0])
async def test_a_price_that_is_low_enough_where_only_that_of_now_is_told(planned: House) -> None:
    """PLAN-3: many a sensor shows the price of this hour, and nothing of later."""
    home = planned
    price = home.entity("number", "maximum_price", "garage")
    await home.call("number", "set_value", price, value=0.2)
    home.hass.states.async_set(PRICE, "0.3", {"unit_of_measurement": "EUR/kWh"})
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    home.hass.states.async_set(PRICE, "0.1", {"unit_of_measurement": "EUR/kWh"})
    await until(lambda: home.shows("sensor", "reason", "full_power", "garage"), "the charge", 200)


@pytest.mark.parametrize(
    ("evening", "windows", "start", "end"),
    [
        # Clocks go from 2:00 to 3:00: what ends in the hour that is left out ends with it.
        (SUMMER_BEGINS, NIGHT, "2026-03-28T22:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        (SUMMER_BEGINS, SUNDAY, "2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+00:00"),
        # Clocks go from 3:00 back to 2:00: a window is open in both of the hours.
        (WINTER_BEGINS, NIGHT, "2026-10-24T21:00:00+00:00", "2026-10-25T01:30:00+00:00"),
        (WINTER_BEGINS, SUNDAY, "2026-10-25T00:30:00+00:00", "2026-10-25T04:00:00+00:00"),
    ],
)
async def test_windows_on_the_days_when_clocks_change(
    planned: House, evening: datetime, windows: list[dict[str, Any]], start: str, end: str
) -> None:
    """PLAN-1."""
    await set_windows(planned, windows)
    assert planned.state("sensor", "next_charge_start", "garage").state == start
    assert planned.state("sensor", "next_charge_end", "garage").state == end


@pytest.mark.parametrize(
    ("evening", "expected"),
    [
        (SUMMER_BEGINS, "2026-03-29T05:00:00+00:00"),
        (WINTER_BEGINS, "2026-10-25T06:00:00+00:00"),
    ],
)
async def test_seven_o_clock_is_seven_o_clock(
    planned: House, evening: datetime, expected: str
) -> None:
    """PLAN-2: on both days when clocks change, and the need is planned before it."""
    home = planned
    time = home.entity("time", "ready_by_sunday", "garage")
    await home.call("time", "set_value", time, time="07:00:00")
    await home.call("number", "set_value", home.entity("number", "target", "garage"), value=60)
    assert home.state("sensor", "ready_by", "garage").state == expected
    assert home.state("sensor", "ready_at", "garage").state <= expected
    assert home.shows("sensor", "plan_status", "on_time", "garage")
    await home.call("time", "set_value", time, time="00:00:00")
    assert home.shows("time", "ready_by_sunday", "unknown", "garage")
    assert home.shows("sensor", "ready_by", "unknown", "garage")


async def test_a_time_zone_that_changes(planned: House) -> None:
    """PLAN-1: the same clock time in another zone is another instant."""
    home = planned
    await set_windows(home, [{"start": "22:00", "end": "23:00"}])
    assert home.state("sensor", "next_charge_start", "garage").state == "2026-01-14T21:00:00+00:00"
    await home.hass.config.async_update(time_zone="Europe/Lisbon")
    await until(
        lambda: (
            home.state("sensor", "next_charge_start", "garage").state == "2026-01-14T22:00:00+00:00"
        ),
        "the plan by the new clock",
    )
