"""Actions on chargers that dial in: keys, locks and tags; authorising any charger (LEK-12)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

from .const import DOMAIN
from .devices import OCPP_MESSAGES, OcppCharger
from .devices.model import StartStop
from .helpers import async_check_admin, plain, readable_errors
from .targets import target_schema, targets
from .views import ChargerView

CONF_TAG: Final = "tag"
CONF_NAME: Final = "name"
CONF_KEY: Final = "key"
CONF_KEYS: Final = "keys"
CONF_VALUE: Final = "value"
CONF_HARD: Final = "hard"
CONF_MESSAGE: Final = "message"
CONF_LOCATION: Final = "location"
LONGEST_TAG: Final = 20

TAG: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=LONGEST_TAG))

type Answer = dict[str, Any] | None
type Action = Callable[[OcppCharger, dict[str, Any]], Awaitable[Answer]]


async def _allow(device: OcppCharger, data: dict[str, Any]) -> Answer:
    device.workshop.allow(data.get(CONF_TAG), data[CONF_NAME])
    return None


async def _forget(device: OcppCharger, data: dict[str, Any]) -> Answer:
    device.workshop.forget(data[CONF_TAG])
    return None


async def _get_configuration(device: OcppCharger, data: dict[str, Any]) -> Answer:
    found = await device.workshop.configuration(data.get(CONF_KEYS, ()))
    return {key: plain(entry) for key, entry in sorted(found.items())}


async def _set_configuration(device: OcppCharger, data: dict[str, Any]) -> Answer:
    restart = await device.workshop.configure(data[CONF_KEY], data[CONF_VALUE])
    return {"needs_restart": restart}


async def _get_state(device: OcppCharger, _data: dict[str, Any]) -> Answer:
    tags = device.station.tags
    return {**device.report(), "tags": dict(tags.names), "unknown_tag": plain(tags.last_unknown)}


async def _reset(device: OcppCharger, data: dict[str, Any]) -> Answer:
    await device.workshop.reset(hard=data[CONF_HARD])
    return None


async def _unlock(device: OcppCharger, _data: dict[str, Any]) -> Answer:
    await device.workshop.unlock()
    return None


async def _trigger(device: OcppCharger, data: dict[str, Any]) -> Answer:
    await device.workshop.trigger(data[CONF_MESSAGE])
    return None


async def _diagnostics(device: OcppCharger, data: dict[str, Any]) -> Answer:
    return {"file_name": await device.workshop.upload_diagnostics(data[CONF_LOCATION])}


AUTHORISE: Final = "authorise"
NONE: Final = SupportsResponse.NONE
ACTIONS: Final[dict[str, tuple[Action, dict[Any, Any], SupportsResponse]]] = {
    "ocpp_allow_tag": (
        _allow,
        {vol.Optional(CONF_TAG): TAG, vol.Optional(CONF_NAME, default=""): cv.string},
        NONE,
    ),
    "ocpp_forget_tag": (_forget, {vol.Required(CONF_TAG): TAG}, NONE),
    "ocpp_get_configuration": (
        _get_configuration,
        {vol.Optional(CONF_KEYS): vol.All(cv.ensure_list, [cv.string])},
        SupportsResponse.ONLY,
    ),
    "ocpp_set_configuration": (
        _set_configuration,
        {vol.Required(CONF_KEY): cv.string, vol.Required(CONF_VALUE): cv.string},
        SupportsResponse.OPTIONAL,
    ),
    "ocpp_get_state": (_get_state, {}, SupportsResponse.ONLY),
    "ocpp_reset": (_reset, {vol.Optional(CONF_HARD, default=False): cv.boolean}, NONE),
    "ocpp_unlock": (_unlock, {}, NONE),
    "ocpp_trigger_message": (_trigger, {vol.Required(CONF_MESSAGE): vol.In(OCPP_MESSAGES)}, NONE),
    "ocpp_upload_diagnostics": (
        _diagnostics,
        {vol.Required(CONF_LOCATION): cv.string},
        SupportsResponse.OPTIONAL,
    ),
}
"""For each action what to do, its fields, and whether it answers."""
FOR_ADMINS: Final = frozenset(
    {
        *("ocpp_allow_tag", "ocpp_forget_tag", "ocpp_get_state"),
        *("ocpp_get_configuration", "ocpp_set_configuration", "ocpp_upload_diagnostics"),
    }
)
"""They tell or change who may charge, whom the charger dials, and where it sends its files."""


@callback
def async_setup_ocpp_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    hass.services.async_register(
        DOMAIN,
        AUTHORISE,
        partial(_authorise, hass),
        target_schema({vol.Optional(CONF_TAG): TAG}),
    )
    for name, (action, fields, response) in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            partial(_handle, hass, action),
            target_schema(fields),
            supports_response=response,
        )


async def _authorise(hass: HomeAssistant, call: ServiceCall) -> None:
    """Let the cars at these chargers charge, in the name of a tag if one is given."""
    views = targets(hass, call)
    tag: str | None = call.data.get(CONF_TAG)
    for view in views:
        if not view.can(StartStop if tag is None else OcppCharger):
            raise _not_supported(view)
    for view in views:
        if tag is None:
            await view.carry_out(StartStop, lambda it: it.start())
        else:
            await view.carry_out(OcppCharger, partial(_authorise_tag, tag=tag))


async def _authorise_tag(device: OcppCharger, *, tag: str) -> None:
    await device.authorise(tag)


async def _handle(hass: HomeAssistant, action: Action, call: ServiceCall) -> dict[str, Any]:
    """Do something with each charger and return the answers by their names.

    Raises Unauthorized for what only an administrator may do.
    """
    if call.service in FOR_ADMINS:
        await async_check_admin(hass, call.context)
    answers: dict[str, Any] = {}
    views = targets(hass, call)
    devices = [(view, _device(view)) for view in views]
    for view, device in devices:
        with readable_errors(view.link.name):
            answers[view.link.name] = await action(device, dict(call.data))
        view.link.poll_soon()
    return answers


def _device(view: ChargerView) -> OcppCharger:
    device = view.link.device.capability(OcppCharger)
    if device is None:
        raise _not_supported(view)
    return device


def _not_supported(view: ChargerView) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_supported",
        translation_placeholders={"name": view.link.name},
    )
