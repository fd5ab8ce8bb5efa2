"""The calendar of a charger: it shows the plan and takes departures (PLAN-2, PLAN-5)."""

import json
from typing import Any

import pytest

from custom_components.evse_suite import diagnostics
from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.plans.settings import MOST_DEPARTURES, Departure
from homeassistant.components.calendar.const import DATA_COMPONENT
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from tests.integration.house import House
from tests.plans.scene import HOUR, Clock, at

pytestmark = pytest.mark.usefixtures("prompt")


async def create(home: House, **event: Any) -> None:
    await home.call("calendar", "create_event", home.entity("calendar", "plan", "garage"), **event)


async def listed(home: House) -> list[dict[str, Any]]:
    entity_id = home.entity("calendar", "plan", "garage")
    answer: Any = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": entity_id,
            "start_date_time": "2026-01-14 18:00:00",
            "end_date_time": "2026-01-17 00:00:00",
        },
        blocking=True,
        return_response=True,
    )
    events: list[dict[str, Any]] = answer[entity_id]["events"]
    return events


async def test_a_departure_makes_a_plan_that_is_shown(planned: House, clock: Clock) -> None:
    """PLAN-2, PLAN-5: its words may name the target; slots show energy, cost and sun."""
    home = planned
    await create(
        home,
        summary="Airport, 70 %",
        start_date_time="2026-01-15 06:30:00",
        end_date_time="2026-01-15 09:00:00",
    )
    charge, leave = await listed(home)
    assert leave["summary"] == "Airport, 70 %"
    assert leave["start"] == "2026-01-15T06:30:00+01:00"
    assert charge["summary"] == "Charging, 20.0 kWh"
    assert charge["description"] == "2.00 EUR, 0 % sun"
    assert "2026-01-15T01:00" <= charge["start"] < charge["end"] <= "2026-01-15T05:00:00+01:00"
    assert home.state("calendar", "plan", "garage").attributes["message"] == "Charging, 20.0 kWh"
    assert home.shows("calendar", "plan", "off", "garage")
    report = await diagnostics.async_get_config_entry_diagnostics(home.hass, home.entry)
    (plan,) = report["plans"].values()
    assert plan["status"] == "on_time"
    assert "Airport" not in json.dumps(report)

    clock.move_to("2026-01-15 03:30")
    await home.becomes("calendar", "plan", "on", "garage")


async def test_departures_are_moved_and_deleted_the_plan_itself_is_not(planned: House) -> None:
    """PLAN-2, PLAN-5."""
    home = planned
    await home.call(
        DOMAIN,
        "set_ready_by",
        device_id=home.device_id("garage"),
        time="07:00",
        weekdays=["fri"],
        target_value=60,
    )
    assert [it["summary"] for it in await listed(home)][-1] == "Ready by"
    await create(
        home,
        summary="Early",
        start_date_time="2026-01-15 05:00:00",
        end_date_time="2026-01-15 05:30:00",
    )
    entity = home.hass.data[DATA_COMPONENT].get_entity(home.entity("calendar", "plan", "garage"))
    assert entity is not None
    (departure,) = home.site.plans.settings(home.site.spec.chargers[0].key).departures
    moved = {"summary": "Later", "dtstart": at("2026-01-16 05:00")}
    await entity.async_update_event(departure.uid, moved)
    # A departure takes the place of the weekly time of its day.
    assert [it["summary"] for it in await listed(home)][-1] == "Later"

    (departure,) = home.site.plans.settings(home.site.spec.chargers[0].key).departures
    await entity.async_delete_event(departure.uid)
    assert [it["summary"] for it in await listed(home)][-1] == "Ready by"
    events = await entity.async_get_events(home.hass, dt_util.now(), at("2026-01-17 00:00"))
    for event in events:
        assert event.uid is not None
        with pytest.raises(ServiceValidationError) as error:
            await entity.async_delete_event(event.uid)
        assert error.value.translation_key == "no_such_departure"


async def test_a_departure_is_one_event_and_there_is_an_end_to_them(planned: House) -> None:
    home = planned
    entity = home.hass.data[DATA_COMPONENT].get_entity(home.entity("calendar", "plan", "garage"))
    assert entity is not None
    event = {"summary": "Work", "dtstart": at("2026-01-16 05:00")}
    with pytest.raises(ServiceValidationError) as error:
        await entity.async_create_event(**event, rrule="FREQ=WEEKLY")
    assert error.value.translation_key == "departure_repeats"

    key = home.site.spec.chargers[0].key
    many = tuple(
        Departure(uid=str(n), at=at("2026-02-01 07:00") + n * HOUR) for n in range(MOST_DEPARTURES)
    )
    await home.site.plans.async_tell(key, departures=many)
    with pytest.raises(ServiceValidationError) as error:
        await entity.async_create_event(**event)
    assert error.value.translation_key == "too_many_departures"
    assert home.site.plans.settings(key).departures == many


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (
            {"start_date": "2026-01-15", "end_date": "2026-01-16"},
            "departure_without_time",
        ),
        (
            {
                "start_date_time": "2026-01-14 08:00:00",
                "end_date_time": "2026-01-14 09:00:00",
            },
            "departure_has_passed",
        ),
    ],
)
async def test_what_is_no_departure(planned: House, event: dict[str, Any], key: str) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await create(planned, summary="Work", **event)
    assert error.value.translation_key == key
