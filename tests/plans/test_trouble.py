"""What goes otherwise than planned: restarts, late prices, other cars, other clocks (PLAN-2, 3)."""

from datetime import time
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
from tests.integration.house import House, until
from tests.plans.scene import PRICE, SOC, Clock, charger_plan, tell_prices

pytestmark = pytest.mark.usefixtures("prompt")


async def ready_at_seven(home: House, **more: Any) -> None:
    more = {"target_value": 80} | more
    await home.call(
        DOMAIN, "set_ready_by", device_id=home.device_id("garage"), time="07:00", **more
    )


def start(home: House) -> str:
    return home.state("sensor", "next_charge_start", "garage").state


async def test_a_restart_in_the_night_leaves_plan_and_settings(
    hass: HomeAssistant, planned: House, clock: Clock
) -> None:
    """PLAN-2: the plan goes on although the prices are not there yet when the site starts."""
    home = planned
    await ready_at_seven(home)
    clock.move_to("2026-01-15 02:00")
    await until(lambda: home.shows("sensor", "reason", "planned", "garage"), "the charge", 200)

    assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass.states.async_remove(PRICE)
    hass.states.async_remove(SOC)
    hass.set_state(CoreState.starting)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await home.becomes("sensor", "reason", "planned", "garage")
    assert start(home) <= "2026-01-15T01:00:00+00:00"
    assert home.site.plans.settings(home.site.spec.chargers[0].key).departures

    hass.states.async_set(SOC, "40", {"unit_of_measurement": "%"})
    tell_prices(hass, clock.now())
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await until(lambda: home.shows("sensor", "plan_status", "on_time", "garage"), "a new plan")
    assert home.shows("sensor", "reason", "planned", "garage")


async def test_a_car_that_sleeps_after_a_restart_is_as_full_as_it_was(
    hass: HomeAssistant, hass_storage: dict[str, Any], planned: House
) -> None:
    """PLAN-2, IND-3: what it told last still counts, and what it was given meanwhile."""
    home = planned
    await ready_at_seven(home)
    cost = home.value("plan_cost", "garage")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass.states.async_set(SOC, "unavailable")
    home.charger.point.session.energy_wh += 10_000
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await until(
        lambda: home.value("plan_cost", "garage") == pytest.approx(cost - 1.0, abs=0.05),
        "a plan for what is missing now",
    )
    assert home.shows("sensor", "plan_status", "on_time", "garage")

    key = f"{DOMAIN}.{home.entry.entry_id}.vehicles"
    for wrong in ({"percent": 140, "at": "2026-01-14T17:00:00+00:00", "delivered_wh": {}}, "40"):
        assert await hass.config_entries.async_unload(home.entry.entry_id)
        hass_storage[key]["data"]["Estate"]["told"] = wrong
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        await home.becomes("sensor", "plan_status", "unknown_need", "garage")


async def test_a_file_that_is_half_written_costs_no_start(
    hass: HomeAssistant, hass_storage: dict[str, Any], planned: House
) -> None:
    """Nothing but the bad part is lost, and the charger goes on by the site's mode."""
    home = planned
    await ready_at_seven(home, weekdays=["mon"])
    key = f"{DOMAIN}.{home.entry.entry_id}.plans"
    charger = home.site.spec.chargers[0].key
    assert hass_storage[key]["data"]["chargers"][charger]["weekly"] == {"0": "07:00:00"}
    assert await hass.config_entries.async_unload(home.entry.entry_id)

    hass_storage[key]["data"]["chargers"][charger]["goals"] = {"percent": "much"}
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    settings = home.site.plans.settings(charger)
    assert (settings.weekly, settings.goals) == ({0: time(7)}, {})

    assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass_storage[key] = {"version": 1, "key": key, "data": ["half"]}
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await home.becomes("sensor", "plan_status", "no_target", "garage")
    await home.becomes("sensor", "reason", "full_power", "garage")


@pytest.mark.parametrize("hours_told", [0])
async def test_prices_that_come_late(hass: HomeAssistant, planned: House) -> None:
    """PLAN-3: without prices it charges late and in time, and plans anew when they come."""
    home = planned
    await ready_at_seven(home)
    await home.becomes("sensor", "plan_status", "no_prices", "garage")
    assert home.shows("binary_sensor", "plan_can_be_met", "on", "garage")
    without = start(home)
    assert home.shows("sensor", "plan_cost", "unknown", "garage")
    answer: Any = await hass.services.async_call(
        DOMAIN, "get_plan", {}, blocking=True, return_response=True
    )
    assert {it["cost"] for it in charger_plan(answer)["plan"]["slots"]} == {None}

    tell_prices(hass, dt_util.utcnow())
    await home.becomes("sensor", "plan_status", "on_time", "garage")
    assert start(home) != without


async def test_a_car_that_is_unplugged_and_another_one_back(
    hass: HomeAssistant, planned: House
) -> None:
    """PLAN-2: no car, no plan; with the car, its new state of charge counts."""
    home = planned
    await ready_at_seven(home)
    needed = home.value("plan_cost", "garage")
    home.car.unplug()
    await home.becomes("sensor", "plan_status", "no_car", "garage")
    assert home.shows("sensor", "next_charge_start", "unknown", "garage")

    hass.states.async_set(SOC, "60", {"unit_of_measurement": "%"})
    home.car.plug()
    await home.becomes("sensor", "plan_status", "on_time", "garage")
    assert home.value("plan_cost", "garage") == pytest.approx(needed / 2, rel=0.05)
    hass.states.async_set(SOC, "82", {"unit_of_measurement": "%"})
    await home.becomes("sensor", "plan_status", "reached", "garage")
    await home.becomes("sensor", "reason", "target_reached", "garage")


async def test_what_cannot_be_met_is_said_and_charged_all_the_same(
    planned: House, clock: Clock
) -> None:
    """PLAN-2, PLAN-5: 'cannot be ready: … % at 20:00', and it charges at once."""
    home = planned
    await home.call(
        DOMAIN,
        "set_ready_by",
        device_id=home.device_id("garage"),
        time="20:00",
        target_value=100,
    )
    assert home.shows("sensor", "plan_status", "too_late", "garage")
    assert home.shows("binary_sensor", "plan_can_be_met", "off", "garage")
    said = home.state("sensor", "plan", "garage").state
    assert said.startswith("Cannot be ready: 62 % at 20:00")
    await home.becomes("sensor", "reason", "planned", "garage")

    clock.move_to("2026-01-14 17:30")
    await until(
        lambda: start(home) == "2026-01-14T16:30:00+00:00", "a plan by the clock that was set back"
    )


async def test_below_the_minimum_it_charges_at_once(hass: HomeAssistant, planned: House) -> None:
    """PLAN-2: the minimum state of charge first, at any price."""
    home = planned
    await home.call(
        "number", "set_value", home.entity("number", "minimum_charge", "garage"), value=50
    )
    assert home.shows("sensor", "plan_status", "minimum", "garage")
    await home.becomes("sensor", "reason", "planned", "garage")
    await ready_at_seven(home)
    await home.becomes("sensor", "reason", "planned", "garage")
    hass.states.async_set(SOC, "55", {"unit_of_measurement": "%"})
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
