"""Ways through the forms of a supply account."""

from typing import cast

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .conftest import Result, add, only


def show_registers(hass: HomeAssistant) -> None:
    """Have the entities that a person may choose."""
    energy = {"unit_of_measurement": "kWh"}
    for name in ("total", "rate_1", "rate_2", "export"):
        hass.states.async_set(f"sensor.{name}", "100", energy)
    hass.states.async_set("sensor.sleeping", "unavailable")
    hass.states.async_set("sensor.power", "100", {"unit_of_measurement": "W"})


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Result:
    """Open the first form of a new account."""
    show_registers(hass)
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "account"), context={"source": "user"}
    )
    assert form["step_id"] == "meter"
    return cast("Result", form)


async def choose(hass: HomeAssistant, menu: Result, step: str) -> Result:
    """Choose from the menu."""
    assert menu["type"] is FlowResultType.MENU
    result = await hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": step}
    )
    return cast("Result", result)


async def change(hass: HomeAssistant, entry: MockConfigEntry) -> Result:
    """Open the menu of the only account."""
    result = await entry.start_subentry_reconfigure_flow(hass, only(entry).subentry_id)
    return cast("Result", result)


async def through(hass: HomeAssistant, entry: MockConfigEntry, kind: str = "time_of_use") -> Result:
    """Go through the forms of a new account up to its prices."""
    form = await add(hass, await begin(hass, entry), name="Meter", total="sensor.total")
    form = await add(hass, form)
    form = await add(hass, form, tariff_kind=kind)
    return form if kind == "time_of_use" else await add(hass, form)
