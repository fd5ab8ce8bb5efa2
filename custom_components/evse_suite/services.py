"""Actions on chargers, by device, area or label (LEK-6), and the question why."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.service import async_get_config_entry

from .const import DOMAIN
from .devices.model import ScheduleOverride, StartStop
from .report import past, report
from .site import Site
from .targets import chargers, device_name, target_schema, targets
from .views import ChargerView

type Action = Callable[[ChargerView], Awaitable[None]]

GET_DECISION: Final = "get_decision"
CONF_ENTRY: Final = "config_entry_id"
CONF_DEVICE: Final = "device_id"
CONF_HISTORY: Final = "history"
QUESTION: Final = vol.Schema(
    {
        vol.Exclusive(CONF_ENTRY, "whom"): cv.string,
        vol.Exclusive(CONF_DEVICE, "whom"): cv.string,
        vol.Optional(CONF_HISTORY, default=False): cv.boolean,
    }
)
"""A site or one of its chargers; nothing is needed where there is only one site."""


async def _start(view: ChargerView) -> None:
    await view.carry_out(StartStop, lambda it: it.start())


async def _stop(view: ChargerView) -> None:
    await view.carry_out(StartStop, lambda it: it.stop())


async def _override_schedule(view: ChargerView) -> None:
    await view.carry_out(ScheduleOverride, lambda it: it.override_schedule())


ACTIONS: Final[dict[str, tuple[type, Action]]] = {
    "start_charging": (StartStop, _start),
    "stop_charging": (StartStop, _stop),
    "override_schedule": (ScheduleOverride, _override_schedule),
}
"""For each action what a charger must be capable of, and what to do."""


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    for name, (capability, action) in ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, partial(_handle, hass, capability, action), target_schema()
        )
    hass.services.async_register(
        DOMAIN,
        GET_DECISION,
        partial(_get_decision, hass),
        QUESTION,
        supports_response=SupportsResponse.ONLY,
    )


async def _get_decision(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Return the arithmetic of the newest decision, and of the last hour where it is wanted."""
    site, key = _asked(hass, call)
    told = report(site, key)
    if told is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_decision_yet",
            translation_placeholders={"name": site.entry.title},
        )
    return {**told, CONF_HISTORY: past(site, key)} if call.data[CONF_HISTORY] else told


def _asked(hass: HomeAssistant, call: ServiceCall) -> tuple[Site, str | None]:
    """Return the site that a call is about, and the charger if it is about one.

    Raises ServiceValidationError if it names something else, or nothing while there are several.
    """
    device_id: str | None = call.data.get(CONF_DEVICE)
    if device_id is None:
        entry = async_get_config_entry(hass, DOMAIN, call.data.get(CONF_ENTRY))
        return entry.runtime_data, None
    view = chargers(hass).get(device_id)
    if view is not None:
        return view.site, view.spec.key
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        device = registry.async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
        if device is not None and device.id == device_id:
            return entry.runtime_data, None
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_site_or_charger",
        translation_placeholders={"name": device_name(hass, device_id)},
    )


async def _handle(hass: HomeAssistant, capability: type, action: Action, call: ServiceCall) -> None:
    views = targets(hass, call)
    for view in views:
        # Asked of all before anything is sent to one of them.
        if not view.can(capability):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_supported",
                translation_placeholders={"name": view.link.name},
            )
    for view in views:
        await action(view)
