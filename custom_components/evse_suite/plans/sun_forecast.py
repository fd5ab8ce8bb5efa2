"""The sun as Home Assistant's energy platforms forecast it (PLAN-3)."""

from collections.abc import Iterable
from typing import Final

from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..planning.model import PowerSlot
from ..planning.sun import read_forecast

FAULTS: Final = (HomeAssistantError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What goes wrong in somebody else's integration, above all before its forecast has come."""


async def async_roofs(
    hass: HomeAssistant, entry_ids: Iterable[str]
) -> dict[str, tuple[PowerSlot, ...]]:
    """Return what each of these config entries forecasts; who does not answer is left out."""
    platforms = await async_get_energy_platforms(hass)
    roofs = {}
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
            zone = dt_util.get_default_time_zone()
            roofs[entry_id] = read_forecast(forecast["wh_hours"], zone)
    return roofs


async def async_forecasters(hass: HomeAssistant) -> dict[str, str]:
    """Return the titles of all config entries that can forecast the sun, by their ids."""
    platforms = await async_get_energy_platforms(hass)
    return {
        entry.entry_id: entry.title
        for domain in platforms
        for entry in hass.config_entries.async_entries(domain, include_ignore=False)
    }
