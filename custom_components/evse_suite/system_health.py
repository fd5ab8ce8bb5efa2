"""System health: how many sites and devices there are, and how many of them answer."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .site import Site
from .views import all_links


@callback
def async_register(_hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the information page."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    sites: list[Site] = [
        entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    ]
    links = [link for site in sites for link in all_links(site)]
    return {
        "sites": len(sites),
        "devices": len(links),
        "silent_devices": sum(not link.available for link in links),
        "silent_meters": sum(
            site.mains is None or not site.mains.available for site in sites if site.chargers
        ),
    }
