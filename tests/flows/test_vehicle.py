"""Adding vehicles to a site, and changing them (IND-3, PLAN-2)."""

from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import Result, Setup, add, add_site, charger_data, suggestions


async def begin(hass: HomeAssistant, entry: MockConfigEntry, **choice: str) -> Result:
    """Choose a car from the catalogue, or none, and open its form."""
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "vehicle"), context={"source": "user"}
    )
    assert form["step_id"] == "user"
    return await add(hass, cast("Result", form), **choice)


def vehicles(entry: MockConfigEntry) -> list[ConfigSubentry]:
    """Return the vehicles of a site."""
    return [it for it in entry.subentries.values() if it.subentry_type == "vehicle"]


def vehicle_data(chargers: list[str], title: str = "Zoe", **more: Any) -> ConfigSubentryData:
    """Return a vehicle as it is stored."""
    return ConfigSubentryData(
        data={"chargers": chargers, "capacity_kwh": 52.0} | more,
        subentry_type="vehicle",
        title=title,
        unique_id=None,
    )


async def test_a_car_from_the_catalogue(hass: HomeAssistant, setup: Setup) -> None:
    """IND-3: make and model are enough, and can be changed."""
    hass.states.async_set("sensor.soc", "unavailable")
    entry = await add_site(hass, charger_data("h"))
    (charger,) = entry.subentries
    form = await begin(hass, entry, car="Volkswagen ID.3 Pro")
    known = {
        "name": "Volkswagen ID.3 Pro",
        "make": "Volkswagen",
        "model": "ID.3 Pro",
        "chargers": [charger],
        "capacity_kwh": 58.0,
        "consumption": 16.6,
        "car_power_kw": 11.0,
        "car_lines": "3",
    }
    assert suggestions(form) == known
    result = await add(hass, form, name=" Blue one ", soc="sensor.soc", make="")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Blue one"
    del known["name"], known["make"]
    assert result["data"] == known | {"soc": "sensor.soc"}
    await hass.async_block_till_done()
    # The listener is asked whether that needs a reload.
    assert setup.updated == [entry.entry_id]

    form = await begin(hass, entry, car="Volkswagen ID.3 Pro")
    assert (await add(hass, form))["title"] == "Volkswagen ID.3 Pro"
    form = await begin(hass, entry, car="Volkswagen ID.3 Pro")
    assert suggestions(form)["name"] == "Volkswagen ID.3 Pro (2)"


async def test_a_car_by_its_capacity_alone(hass: HomeAssistant) -> None:
    """IND-3: a capacity of 4.4 to 200 kWh."""
    entry = await add_site(hass, charger_data("h"))
    (charger,) = entry.subentries
    form = await begin(hass, entry)
    assert suggestions(form) == {"chargers": [charger]}
    result = await add(hass, form, name="Bus", capacity_kwh=200)
    assert result["data"] == {"chargers": [charger], "capacity_kwh": 200}
    result = await add(hass, await begin(hass, entry), name="Old Prius", capacity_kwh=4.4)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    # Who charges by energy needs no figures at all.
    result = await add(hass, await begin(hass, entry), name="Guest")
    assert result["data"] == {"chargers": [charger]}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"capacity_kwh": 4.3}, {"capacity_kwh": "invalid_capacity"}),
        ({"capacity_kwh": 201}, {"capacity_kwh": "invalid_capacity"}),
        ({"capacity_kwh": 58_000}, {"capacity_kwh": "invalid_capacity"}),
        ({"consumption": 165}, {"consumption": "invalid_consumption"}),
        ({"car_power_kw": 11_000}, {"car_power_kw": "invalid_car_power"}),
        ({"arrival_percent": 101}, {"arrival_percent": "invalid_arrival"}),
        ({"efficiency_percent": 0.9}, {"efficiency_percent": "invalid_efficiency"}),
        ({"name": "  "}, {"name": "name_missing"}),
        ({"name": "Zoe"}, {"name": "name_taken"}),
        ({"chargers": []}, {"chargers": "chargers_missing"}),
        ({"soc": "sensor.none"}, {"soc": "soc_unknown"}),
        ({"soc": "sensor.km"}, {"soc": "soc_not_percent"}),
        ({"soc": "sensor.text"}, {"soc": "soc_not_percent"}),
        ({"soc": "sensor.much"}, {"soc": "soc_not_percent"}),
    ],
)
async def test_mistakes_are_told_and_nothing_typed_is_lost(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    hass.states.async_set("sensor.km", "80", {"unit_of_measurement": "km"})
    hass.states.async_set("sensor.text", "full", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.much", "640", {"unit_of_measurement": "%"})
    hass.states.async_set("input_number.soc", "64")
    entry = await add_site(hass, charger_data("h"), vehicle_data([]))
    charger = next(iter(entry.subentries))
    form = await begin(hass, entry, car="Renault Zoe ZE50")
    before = suggestions(form)
    form = await add(hass, form, **typed)
    assert form["errors"] == errors
    assert suggestions(form) == before | typed
    right = {
        "name": "Car",
        "chargers": [charger],
        "capacity_kwh": 52,
        "consumption": 16.5,
        "car_power_kw": 22,
        "arrival_percent": 0,
        "efficiency_percent": 90,
        "soc": "input_number.soc",
    }
    result = await add(hass, form, **right)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("more", [{"soc": "input_number.soc"}, {"arrival_percent": 20}])
async def test_a_percentage_needs_a_capacity(hass: HomeAssistant, more: dict[str, Any]) -> None:
    hass.states.async_set("input_number.soc", "64")
    entry = await add_site(hass, charger_data("h"))
    form = await add(hass, await begin(hass, entry), name="Car", **more)
    assert form["errors"] == {"capacity_kwh": "capacity_missing"}
    assert (await add(hass, form, capacity_kwh=40))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_vehicle_needs_a_charger(hass: HomeAssistant) -> None:
    entry = await add_site(hass)
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "vehicle"), context={"source": "user"}
    )
    assert result["reason"] == "no_chargers"


async def test_a_vehicle_is_changed(hass: HomeAssistant) -> None:
    """Its name is kept, and a charger that has gone is left out."""
    entry = await add_site(hass, charger_data("h"))
    (charger,) = entry.subentries
    await add(hass, await begin(hass, entry), name="Zoe", capacity_kwh=41)
    (zoe,) = vehicles(entry)
    hass.config_entries.async_update_subentry(
        entry, zoe, data={**zoe.data, "chargers": [charger, "gone"]}
    )
    form = cast("Result", await entry.start_subentry_reconfigure_flow(hass, zoe.subentry_id))
    assert suggestions(form) == {"name": "Zoe", "chargers": [charger], "capacity_kwh": 41}
    result = await add(hass, form, capacity_kwh=52)
    assert result["reason"] == "reconfigure_successful"
    (zoe,) = vehicles(entry)
    assert zoe.title == "Zoe"
    assert zoe.data == {"chargers": [charger], "capacity_kwh": 52}
