"""EVSE Suite: the chargers and meters of a home as one system."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .central import async_prepare_central
from .const import DOMAIN
from .registry import async_register_devices
from .repairs import async_watch_issues
from .services import async_setup_services
from .site import Site, SiteConfigEntry, async_read_profiles

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
    Platform.UPDATE,
]


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Read the device profiles and register the actions, once for all sites."""
    await async_read_profiles(hass)
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: SiteConfigEntry) -> bool:
    """Start a site.

    A device that does not answer does not keep the site from starting: its entities are
    unavailable and the others are balanced with the worst assumed of it.
    """
    await async_prepare_central(hass)
    site = Site(hass, entry)
    entry.runtime_data = site
    # Before anything waits: a device that is added meanwhile must not be missed.
    entry.async_on_unload(entry.add_update_listener(_async_reload_if_changed))
    await site.async_start()
    async_register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_watch_issues(hass, entry)
    entry.async_on_unload(
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, site.async_leave_safe)
    )
    return True


async def _async_reload_if_changed(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload after a change of the site or its devices; a change of mode needs no reload."""
    site: Site = entry.runtime_data
    if site.is_outdated():
        await site.async_release_removed()
        await hass.config_entries.async_reload(entry.entry_id)
    else:
        site.follow_options()


async def async_unload_entry(hass: HomeAssistant, entry: SiteConfigEntry) -> bool:
    """Stop a site; the entry's own tasks and listeners end with it."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_close()
    if unloaded and entry.disabled_by is not None:
        # Switched off for good, not reloaded: nobody watches the fuse from now on.
        await entry.runtime_data.async_leave_safe()
        await async_prepare_central(hass)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: SiteConfigEntry) -> None:
    """Leave the chargers of a removed site at their safe current: nobody watches the fuse now."""
    site = Site(hass, entry)
    await site.async_leave_safe()
    await site.async_forget()
    await async_prepare_central(hass)
