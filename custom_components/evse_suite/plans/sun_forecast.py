"""The sun as Home Assistant's energy platforms forecast it (PLAN-3)."""

from collections.abc import Iterable
from typing import Final

from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..planning.model import PowerSlot
from ..planning.sun import added_up, read_forecast

FAULTS: Final = (HomeAssistantError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What goes wrong in somebody else's integration, above all before its forecast has come."""


async def async_sun(hass: HomeAssistant, entry_ids: Iterable[str]) -> tuple[PowerSlot, ...]:
    """Return what all these config entries forecast together; who tells nothing is left out."""
    platforms = await async_get_energy_platforms(hass)
    roofs = []
    for entry_id in entry_ids:
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or (ask := platforms.get(entry.domain)) is None:
            continue
        try:
            forecast = await ask(hass, entry_id)
        except FAULTS as err:
            LOGGER.debug("%s forecasts nothing: %r", entry.title, err)
            continue
        if forecast is not None:
            roofs.append(read_forecast(forecast["wh_hours"], dt_util.get_default_time_zone()))
    return added_up(roofs)


async def async_forecasters(hass: HomeAssistant) -> dict[str, str]:
    """Return the titles of all config entries that can forecast the sun, by their ids."""
    platforms = await async_get_energy_platforms(hass)
    return {
        entry.entry_id: entry.title
        for domain in platforms
        for entry in hass.config_entries.async_entries(domain, include_ignore=False)
    }
