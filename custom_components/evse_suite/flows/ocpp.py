"""The OCPP server of the sites, and charge points that have dialled in to it (LEK-14)."""

from collections.abc import Mapping
from dataclasses import replace
import secrets
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..central import certificate_paths, exchange, tls_context
from ..const import (
    CONF_CERTIFICATE,
    CONF_PHASES,
    CONF_PRIVATE_KEY,
    CONF_SECURITY,
    OCPP_DRIVER,
    SECURITY_BASIC,
    SECURITY_NONE,
    SECURITY_TLS,
    SUBENTRY_SERVER,
)
from ..devices import known_as
from ..devices.model import DeviceIdentity
from .forms import show_form
from .site import sites
from .validate import Errors, SiteFacts, Supply

SERVER_ID: Final = "ocpp_server"
DEFAULT_PORT: Final = 9016
"""Neither that of the other OCPP servers for Home Assistant nor of evcc: both may run as well."""
PORTS: Final = (1024, 65535)
PASSWORD_BYTES: Final = 12
SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 40
"""What a charge point's key may have at most."""
MOST_LINES: Final = 3


def as_asked(hass: HomeAssistant, identity: DeviceIdentity, site: SiteFacts) -> DeviceIdentity:
    """Return a charge point with as many lines as the form is to ask for.

    Other devices tell their lines themselves; a charge point does not. Whether it can switch
    between one phase and three it tells once it has been accepted.
    """
    if identity.driver != OCPP_DRIVER:
        return identity
    known = known_as(exchange(hass).station(identity.serial))
    return replace(
        identity,
        lines=MOST_LINES if site.supply is Supply.THREE else 1,
        model_id=known or identity.model_id,
    )


def as_wired(identity: DeviceIdentity, settings: Mapping[str, Any]) -> DeviceIdentity:
    """Return a charge point with the lines that were chosen for it."""
    if identity.driver != OCPP_DRIVER or identity.lines == 1:
        return identity
    return replace(identity, lines=len(settings[CONF_PHASES]))


def server_schema() -> vol.Schema:
    """Return the form of the server."""
    port = NumberSelectorConfig(min=PORTS[0], max=PORTS[1], step=1, mode=NumberSelectorMode.BOX)
    security = SelectSelectorConfig(
        options=[SECURITY_TLS, SECURITY_BASIC, SECURITY_NONE],
        translation_key=CONF_SECURITY,
        mode=SelectSelectorMode.LIST,
    )
    text = TextSelector(TextSelectorConfig(type=TextSelectorType.TEXT))
    return vol.Schema(
        {
            vol.Required(CONF_PORT): NumberSelector(port),
            vol.Required(CONF_SECURITY): SelectSelector(security),
            # Shown, because it has to be typed into the charger.
            vol.Optional(CONF_PASSWORD): text,
            vol.Optional(CONF_CERTIFICATE): text,
            vol.Optional(CONF_PRIVATE_KEY): text,
        }
    )


def read_server_form(user_input: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """Return what is stored of the server, and what is wrong with it."""
    errors: Errors = {}
    data = {CONF_PORT: int(user_input[CONF_PORT]), CONF_SECURITY: user_input[CONF_SECURITY]}
    texts = {
        key: user_input.get(key, "").strip()
        for key in (CONF_PASSWORD, CONF_CERTIFICATE, CONF_PRIVATE_KEY)
    }
    data |= {key: text for key, text in texts.items() if text}
    length = len(texts[CONF_PASSWORD])
    if data[CONF_SECURITY] != SECURITY_NONE and not length:
        errors[CONF_PASSWORD] = "password_missing"
    elif length and not SHORTEST_PASSWORD <= length <= LONGEST_PASSWORD:
        errors[CONF_PASSWORD] = "password_length"
    elif not texts[CONF_PASSWORD].isascii() or not texts[CONF_PASSWORD].isprintable():
        errors[CONF_PASSWORD] = "password_characters"
    return data, errors


async def _async_check_certificate(hass: HomeAssistant, data: Mapping[str, Any]) -> Errors:
    if data[CONF_SECURITY] != SECURITY_TLS:
        return {}
    try:
        paths = certificate_paths(hass, data)
        await hass.async_add_executor_job(tls_context, *paths)
    except OSError:
        # ssl.SSLError is one, too.
        return {CONF_CERTIFICATE: "certificate_unusable"}
    return {}


class ServerSubentryFlow(ConfigSubentryFlow):
    """The server that charge points dial in to: one for all sites."""

    _data: dict[str, Any]

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask how charge points are to dial in."""
        if any(
            subentry.subentry_type == SUBENTRY_SERVER
            for entry in sites(self.hass)
            for subentry in entry.subentries.values()
        ):
            return self.async_abort(reason="already_configured")
        suggested = {
            CONF_PORT: DEFAULT_PORT,
            CONF_SECURITY: SECURITY_BASIC,
            CONF_PASSWORD: secrets.token_urlsafe(PASSWORD_BYTES),
        }
        return await self._async_form("user", user_input, suggested)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the server; charge points have to dial in anew."""
        return await self._async_form(
            "reconfigure", user_input, self._get_reconfigure_subentry().data
        )

    async def _async_form(
        self, step: str, user_input: dict[str, Any] | None, stored: Mapping[str, Any]
    ) -> SubentryFlowResult:
        errors: Errors = {}
        if user_input is not None:
            self._data, errors = read_server_form(user_input)
            errors = errors or await _async_check_certificate(self.hass, self._data)
            if not errors and self._data[CONF_SECURITY] == SECURITY_NONE:
                return await self.async_step_unprotected()
            if not errors:
                return self._finish()
        return show_form(self, step, server_schema(), values=user_input or stored, errors=errors)

    async def async_step_unprotected(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Have it confirmed that everybody in the network may pose as a charger."""
        if user_input is None:
            return show_form(self, "unprotected", vol.Schema({}))
        return self._finish()

    def _finish(self) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), data=self._data
            )
        return self.async_create_entry(title="OCPP", data=self._data, unique_id=SERVER_ID)
