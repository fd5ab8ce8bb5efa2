"""A site comes, changes and goes, and leaves nothing behind but safe chargers."""

from collections.abc import AsyncGenerator
from types import MappingProxyType

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from simulator.build import Simulation
from tests.integration.house import House, site_entry, stored, until

pytestmark = pytest.mark.usefixtures("prompt")


@pytest.fixture
async def dark_home(hass: HomeAssistant, simulation: Simulation) -> AsyncGenerator[House]:
    """Set up the site while all devices are off the network."""
    entry = site_entry(simulation, await stored(hass, simulation))
    for device in simulation.devices.values():
        device.inject({"silent": True})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield House(hass, simulation, entry)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_devices_may_be_absent(hass: HomeAssistant, dark_home: House) -> None:
    """SITE-5: a site starts without its devices and finds them when they come."""
    home = dark_home
    assert home.entry.state is ConfigEntryState.LOADED
    assert home.shows("sensor", "status", "unavailable", "garage")
    assert home.shows("sensor", "mains_current_l1", "unknown")
    unique_ids = {entry.unique_id for entry in er.async_get(hass).entities.values()}
    assert "lektrico_500006_lifetime_energy" not in unique_ids

    for device in home.simulation.devices.values():
        device.inject({"silent": False})

    await home.becomes("sensor", "status", "charging", "garage")
    await until(lambda: home.value("lifetime_energy", "garage") >= 0, "what was told late")
    await until(lambda: home.value("mains_current_l1") > 0, "the meter")


async def test_a_mode_from_the_set_up_form_holds_at_once(hass: HomeAssistant, home: House) -> None:
    """LEK-7: the form of the site stores the mode, and nothing is set up anew for it."""
    site = home.site

    hass.config_entries.async_update_entry(home.entry, options={"mode": "disabled"})

    await home.becomes("sensor", "reason", "disabled", "garage")
    assert home.shows("select", "mode", "disabled")
    assert home.site is site


async def test_a_device_added_while_the_site_starts_is_not_missed(
    hass: HomeAssistant, simulation: Simulation
) -> None:
    """LEK-1: a second discovery card is confirmed while the first one is still at work."""
    charger, *meters = await stored(hass, simulation)
    entry = site_entry(simulation, meters)
    entry.add_to_hass(hass)
    simulation.devices["mains"].inject({"hang": True})
    starting = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    await until(lambda: entry.state is ConfigEntryState.SETUP_IN_PROGRESS, "the start")

    late = ConfigSubentry(
        data=MappingProxyType(charger["data"]),
        subentry_type=charger["subentry_type"],
        title=charger["title"],
        unique_id=charger["unique_id"],
    )
    hass.config_entries.async_add_subentry(entry, late)
    simulation.devices["mains"].inject({"hang": False})

    await starting
    home = House(hass, simulation, entry)
    await until(
        lambda: entry.state is ConfigEntryState.LOADED and home.site.chargers, "the charger"
    )
    await home.becomes("sensor", "status", "charging", "garage")
    await hass.config_entries.async_unload(entry.entry_id)


async def test_unload_and_reload(hass: HomeAssistant, home: House) -> None:
    entities = set(er.async_get(hass).entities)

    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.NOT_LOADED
    assert home.shows("sensor", "status", "unavailable", "garage")

    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await home.becomes("sensor", "status", "charging", "garage")
    assert set(er.async_get(hass).entities) == entities


async def test_removal_leaves_nothing(hass: HomeAssistant, home: House) -> None:
    """Promise 6: nobody watches the fuse from now on."""
    await until(lambda: home.charger.point.dynamic_current_a > 6, "charging")
    entry_id = home.entry.entry_id

    await hass.config_entries.async_remove(entry_id)
    await hass.async_block_till_done()

    assert not er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    assert not [key for key in ir.async_get(hass).issues if key[0] == DOMAIN]
    assert not [state for state in hass.states.async_all() if "garage" in state.entity_id]
    assert home.charger.point.dynamic_current_a == 6


async def test_a_removed_charger_leaves(hass: HomeAssistant, home: House) -> None:
    """Its device and entities go, it is left at its safe current, and the site goes on."""
    await until(lambda: home.charger.point.dynamic_current_a > 6, "charging")
    device_id = home.device_id("garage")
    subentry = next(it for it in home.entry.subentries.values() if it.title == "garage")

    hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()

    assert dr.async_get(hass).async_get(device_id) is None
    assert not er.async_entries_for_device(er.async_get(hass), device_id)
    assert not home.site.chargers
    assert home.charger.point.dynamic_current_a == 6
    await until(lambda: home.value("mains_current_l1") > 0, "the site goes on")


async def test_the_mode_survives_a_restart(hass: HomeAssistant, home: House) -> None:
    """LEK-7 to LEK-10; so does the mode that the switch goes back to."""
    mode = home.entity("select", "mode")
    await home.call("select", "select_option", mode, option="green")
    await home.call("switch", "turn_off", home.entity("switch", "balancer"))

    await hass.config_entries.async_reload(home.entry.entry_id)

    assert home.shows("select", "mode", "disabled")
    await home.call("switch", "turn_on", home.entity("switch", "balancer"))
    assert home.shows("select", "mode", "green")


async def test_a_change_of_mode_does_not_reload(hass: HomeAssistant, home: House) -> None:
    site = home.site
    await home.call("select", "select_option", home.entity("select", "mode"), option="hybrid")
    await hass.async_block_till_done()
    assert home.site is site


async def test_chargers_are_safe_when_home_assistant_stops(
    hass: HomeAssistant, home: House
) -> None:
    """Promise 6."""
    await until(lambda: home.charger.point.dynamic_current_a > 6, "charging")

    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)

    await until(lambda: home.charger.point.dynamic_current_a == 6, "safe", 10)


async def test_chargers_are_safe_when_the_site_is_switched_off(
    hass: HomeAssistant, home: House
) -> None:
    """Promise 6."""
    await until(lambda: home.charger.point.dynamic_current_a > 6, "charging")

    await hass.config_entries.async_set_disabled_by(home.entry.entry_id, ConfigEntryDisabler.USER)

    assert home.charger.point.dynamic_current_a == 6


async def test_a_refused_login_asks_for_a_new_one(hass: HomeAssistant, home: House) -> None:
    home.charger.faults.unauthorized = True

    await until(
        lambda: [
            flow
            for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
            if flow["context"]["source"] == SOURCE_REAUTH
        ],
        "reauth",
    )
    home.charger.faults.clear()
