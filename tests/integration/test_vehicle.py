"""A vehicle of a site in Home Assistant (IND-3)."""

from types import MappingProxyType

import pytest

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from tests.integration.house import House, until


async def test_a_vehicle_is_a_device_of_the_site(hass: HomeAssistant, home: House) -> None:
    """IND-3: with its make and model, from when it is added until it is removed."""
    garage = next(it for it in home.entry.subentries.values() if it.title == "garage")
    car = ConfigSubentry(
        data=MappingProxyType(
            {"chargers": [garage.subentry_id], "make": "Škoda", "model": "Enyaq 80"}
        ),
        subentry_type="vehicle",
        title="Blue one",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(home.entry, car)
    await hass.async_block_till_done()
    device = home.registered("Blue one")
    assert (device.manufacturer, device.model) == ("Škoda", "Enyaq 80")
    assert device.via_device_id == home.device_id(None)
    assert device.config_subentry_id == car.subentry_id
    hass.config_entries.async_remove_subentry(home.entry, car.subentry_id)
    await hass.async_block_till_done()
    assert car.subentry_id not in home.entry.subentries
    assert home.shows("sensor", "status", home.state("sensor", "status", "garage").state, "garage")


async def test_a_car_that_tells_its_charge_at_a_charger(hass: HomeAssistant, home: House) -> None:
    """PLAN-2: what the charger delivers is added; one that was removed harms nobody."""
    hass.states.async_set("sensor.soc", "40", {"unit_of_measurement": "%"})
    garage = next(it for it in home.entry.subentries.values() if it.title == "garage")
    data = {
        "chargers": ["gone", garage.subentry_id],
        "capacity_kwh": 50.0,
        "soc": "sensor.soc",
        "efficiency_percent": 90.0,
    }
    car = ConfigSubentry(
        data=MappingProxyType(data), subentry_type="vehicle", title="Blue one", unique_id=None
    )
    hass.config_entries.async_add_subentry(home.entry, car)
    await hass.async_block_till_done()

    def percent() -> float:
        return home.site.plans.inputs.vehicle(garage.subentry_id).soc_percent or 0.0

    assert 40 <= percent() < 41
    hass.states.async_set("sensor.soc", "60", {"unit_of_measurement": "%"})
    await hass.async_block_till_done()
    assert 60 <= percent() < 61
    delivered = home.site.plans.delivered(garage.subentry_id)
    assert delivered is not None
    before_wh, before_percent = delivered.energy_wh, percent()

    def has_charged() -> bool:
        now = home.site.plans.delivered(garage.subentry_id)
        return now is not None and now.energy_wh > before_wh + 20

    await until(has_charged, "20 Wh")
    after = home.site.plans.delivered(garage.subentry_id)
    assert after is not None
    gained_percent = (after.energy_wh - before_wh) * 0.9 / 50_000 * 100
    assert percent() - before_percent == pytest.approx(gained_percent, abs=0.01)
