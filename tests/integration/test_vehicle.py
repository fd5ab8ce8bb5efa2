"""A vehicle of a site in Home Assistant (IND-3)."""

from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from tests.integration.house import House


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
