"""At the target, past the time to be ready, and when the planner fails (PLAN-2, PLAN-5, IND-5)."""

import asyncio
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.components.calendar import CalendarEntity
from homeassistant.components.calendar.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from tests.integration.house import House, until
from tests.plans.scene import SOC, Clock

pytestmark = pytest.mark.usefixtures("prompt")


def say_charge(hass: HomeAssistant, percent: float) -> None:
    hass.states.async_set(SOC, str(percent), {"unit_of_measurement": "%"})


async def ready(home: House, time: str, percent: float, **more: Any) -> None:
    more |= {"time": time, "target_value": percent}
    await home.call(DOMAIN, "set_ready_by", device_id=home.device_id("garage"), **more)


async def charges(home: House) -> None:
    """Wait until the charger charges by its plan, a rest before that included."""
    await until(lambda: home.shows("sensor", "reason", "planned", "garage"), "the charge", 200)


async def test_eighty_percent_are_eighty_percent(hass: HomeAssistant, planned: House) -> None:
    """PLAN-2: what the charger counts, or what the car says, ends the charge, sun or not."""
    home = planned
    say_charge(hass, 79)
    await ready(home, "18:06", 80)
    await charges(home)
    await until(lambda: home.car.current_a > 30, "the charge")
    home.charger.point.session.energy_wh += 700
    await home.becomes("sensor", "plan_status", "reached", "garage")
    await home.becomes("sensor", "reason", "target_reached", "garage")
    await until(lambda: home.car.current_a == 0, "the end of the charge")

    home.use_oven(-6000)
    for mode in ("green", "hybrid"):
        await home.call("select", "select_option", home.entity("select", "mode"), option=mode)
        await until(lambda: home.value("surplus") > 5000, "the sun")
        assert home.shows("sensor", "reason", "target_reached", "garage")
    assert home.car.current_a == 0

    say_charge(hass, 89)
    await ready(home, "18:06", 90)
    await home.becomes("sensor", "plan_status", "on_time", "garage")
    say_charge(hass, 90)
    await home.becomes("sensor", "plan_status", "reached", "garage")


async def test_the_minimum_charge_is_bought_at_any_price_and_no_more(
    hass: HomeAssistant, planned: House
) -> None:
    """PLAN-2: from the minimum on the plan decides again, at once."""
    home = planned
    say_charge(hass, 49)
    minimum = home.entity("number", "minimum_charge", "garage")
    await home.call("number", "set_value", minimum, value=50)
    await ready(home, "07:00", 80)
    await charges(home)
    await until(lambda: home.car.current_a > 30, "the charge")
    # Whatever was to be planned anew by now is planned.
    await asyncio.sleep(5)
    assert home.shows("sensor", "reason", "planned", "garage")
    home.charger.point.session.energy_wh += 700
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")


async def test_a_late_car_is_charged_on_past_the_time_to_be_ready(
    hass: HomeAssistant, planned: House, clock: Clock
) -> None:
    """PLAN-2, PLAN-5: it was said when it will be ready instead; the next day comes after that."""
    home = planned
    await ready(home, "07:00", 80, weekdays=["thu"])
    await ready(home, "20:00", 100)
    said = home.state("sensor", "plan", "garage").state
    assert "at 20:00; ready at 23:" in said

    clock.move_to("2026-01-14 20:01")
    await until(
        lambda: home.state("sensor", "plan", "garage").state.startswith("Was not ready at 20:00"),
        "a plan after the time to be ready",
    )
    assert home.shows("sensor", "plan_status", "too_late", "garage")
    await charges(home)

    say_charge(hass, 100)
    await home.becomes("sensor", "plan_status", "reached", "garage")
    assert home.state("sensor", "ready_by", "garage").state == "2026-01-15T06:00:00+00:00"


async def test_a_time_to_be_ready_that_is_taken_back_is_no_longer_overdue(
    hass: HomeAssistant, planned: House, clock: Clock
) -> None:
    """PLAN-2."""
    home = planned
    await ready(home, "07:00", 80, weekdays=["thu"])
    await ready(home, "20:00", 100)
    clock.move_to("2026-01-14 20:01")
    await charges(home)
    calendar = home.entity("calendar", "plan", "garage")
    (departure,) = home.site.plans.settings(home.site.spec.chargers[0].key).departures
    entity = hass.data[DATA_COMPONENT].get_entity(calendar)
    assert isinstance(entity, CalendarEntity)
    await entity.async_delete_event(departure.uid)
    await home.becomes("sensor", "plan_status", "on_time", "garage")
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")


def refuse(*_: object) -> None:
    raise ZeroDivisionError


async def test_a_planner_that_fails_is_told_and_stops_nothing(
    hass: HomeAssistant,
    planned: House,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """PLAN-5: the last plan goes on, the fuse is kept, a repair says so, and it mends itself."""
    home = planned
    await ready(home, "20:00", 100)
    await charges(home)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("custom_components.evse_suite.plans.director.plan", refuse)
        await ready(home, "20:00", 90)
        assert home.shows("sensor", "plan_status", "error", "garage")
        assert home.shows("binary_sensor", "plan_can_be_met", "unknown", "garage")
        assert home.state("sensor", "plan", "garage").state.startswith("The plan could not be made")
        assert home.shows("sensor", "reason", "planned", "garage")
        issues = ir.async_get(hass).issues
        await until(lambda: any("plan_failed" in it for _, it in issues), "the repair")

        assert await hass.config_entries.async_reload(home.entry.entry_id)
        await home.becomes("sensor", "plan_status", "error", "garage")
        await charges(home)
        home.use_oven(5000)
        await until(lambda: home.value("mains_current_l1") <= 40, "the fuse")

    clock.move_to("2026-01-14 18:16")
    await home.becomes("sensor", "plan_status", "too_late", "garage")
    await until(lambda: not any("plan_failed" in it for _, it in issues), "the end of the repair")
    # Once by each of the two starts of the site.
    assert sum("the plans cannot be made" in it.message for it in caplog.records) == 2
