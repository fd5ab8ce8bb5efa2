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
from homeassistant.helpers import config_validation as cv

from .account_actions import async_setup_account_actions
from .const import DOMAIN
from .devices.model import ScheduleOverride, StartStop
from .ocpp_actions import async_setup_ocpp_actions
from .plan_actions import async_setup_plan_actions
from .report import past, report
from .session_actions import async_setup_session_actions
from .targets import WHOM, asked, target_schema, targets
from .views import ChargerView

type Action = Callable[[ChargerView], Awaitable[None]]

GET_DECISION: Final = "get_decision"
CONF_HISTORY: Final = "history"
QUESTION: Final = vol.Schema(
    {
        **WHOM,
        vol.Optional(CONF_HISTORY, default=False): cv.boolean,
    }
)


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
    async_setup_account_actions(hass)
    async_setup_ocpp_actions(hass)
    async_setup_plan_actions(hass)
    async_setup_session_actions(hass)


async def _get_decision(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Return the arithmetic of the newest decision, and of the last hour where it is wanted."""
    site, key = asked(hass, call)
    told = report(site, key)
    if told is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_decision_yet",
            translation_placeholders={"name": site.entry.title},
        )
    return {**told, CONF_HISTORY: past(site, key)} if call.data[CONF_HISTORY] else told


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
