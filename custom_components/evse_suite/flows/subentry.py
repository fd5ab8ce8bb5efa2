"""Adding a charger or a meter to a site by its address, and changing it afterwards."""

from dataclasses import replace
from typing import Any, ClassVar

from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_USERNAME

from ..const import CONF_DRIVER, DRIVER_ENTITIES, OCPP_DRIVER
from ..devices.model import DeviceIdentity, DeviceKind
from ..translate import identity_from
from .device import (
    Address,
    Refusal,
    async_ask,
    device_data,
    device_placeholders,
    device_title,
    find_identity,
    forget_discovery,
    read_device_form,
    unique_id,
)
from .entities_flow import EntitySteps
from .forms import (
    CONF_LOGIN,
    connection_schema,
    device_schema,
    device_stored,
    device_suggestions,
    host_schema,
    login_schema,
    show_form,
)
from .mac import host_of
from .ocpp import as_asked, as_wired
from .site import entry_facts
from .validate import Errors, WrongEntryError, parse_host


class DeviceSubentryFlow(EntitySteps):
    """The steps that chargers and meters share."""

    kind: ClassVar[DeviceKind]

    _address: Address
    _identity: DeviceIdentity
    _username: str | None = None

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the address of a new device."""
        errors: Errors = {}
        if user_input is not None:
            try:
                self._address = Address(host=host_of(self.hass, user_input[CONF_HOST]))
            except WrongEntryError as err:
                errors[CONF_HOST] = err.key
            else:
                refusal = await self._async_meet(self._address)
                if refusal is None:
                    return await self.async_step_settings()
                if refusal.wants_login:
                    self._username = refusal.username
                    return await self.async_step_auth()
                errors[CONF_HOST] = refusal.error
        return show_form(self, "address", host_schema(), values=user_input, errors=errors)

    async def async_step_auth(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the login of a new device."""
        errors: Errors = {}
        if user_input is not None:
            refusal = await self._async_meet(self._address.with_login(user_input))
            if refusal is None:
                return await self.async_step_settings()
            errors["base"] = refusal.error
        schema = login_schema(with_username=self._username is None)
        return show_form(
            self,
            "auth",
            schema,
            values=user_input,
            errors=errors,
            texts={"host": self._address.host},
        )

    async def _async_meet(self, address: Address) -> Refusal | None:
        """Take the device that answers, or return why it cannot be added."""
        answer = await async_ask(self.hass, address)
        if isinstance(answer, Refusal):
            return answer
        if answer.kind is not self.kind:
            return Refusal(f"not_a_{self.kind}")
        if find_identity(self.hass, answer) is not None:
            return Refusal("already_configured")
        self._identity = answer
        self._address = address
        return None

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the device's place in the site."""
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            self._address = Address.stored(subentry.data)
            site = entry_facts(self._get_entry(), subentry.subentry_id)
            self._identity = as_asked(self.hass, identity_from(subentry), site)
            values = device_stored(subentry.title, subentry.data, self._identity, site)
        else:
            site = entry_facts(self._get_entry())
            values = device_suggestions(self._identity, site)
        errors: Errors = {}
        if user_input is not None:
            settings, errors = read_device_form(user_input, self._identity, site)
            if not errors:
                return self._finish(device_title(user_input, self._identity), settings)
            values = user_input
        return show_form(
            self,
            "settings",
            device_schema(self._identity, site),
            values=values,
            errors=errors,
            texts=device_placeholders(self._identity, self._address),
        )

    def _finish(self, title: str, settings: dict[str, Any]) -> SubentryFlowResult:
        data = device_data(as_wired(self._identity, settings), self._address, settings)
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data
            )
        if find_identity(self.hass, self._identity) is not None:
            return self.async_abort(reason="already_configured")
        forget_discovery(self.hass, unique_id(self._identity))
        return self.async_create_entry(title=title, data=data, unique_id=unique_id(self._identity))

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user choose what to change; the settings need no answer of the device."""
        driver = self._get_reconfigure_subentry().data[CONF_DRIVER]
        if driver == DRIVER_ENTITIES:
            return await self.async_step_mapping()
        if driver == OCPP_DRIVER:
            # It dials in: there is no address.
            return await self.async_step_settings()
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["settings", "connection"],
            description_placeholders={CONF_NAME: self._get_reconfigure_subentry().title},
        )

    async def async_step_connection(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the address or the login of a device."""
        subentry = self._get_reconfigure_subentry()
        stored = Address.stored(subentry.data)
        errors: Errors = {}
        if user_input is not None:
            answer = await self._async_move(stored, user_input)
            if isinstance(answer, Address):
                return self.async_update_and_abort(
                    self._get_entry(), subentry, data_updates=answer.data()
                )
            errors["base" if answer.wants_login else CONF_HOST] = answer.error
        login = {} if stored.username is None else {CONF_USERNAME: stored.username}
        return show_form(
            self,
            "connection",
            connection_schema(has_login=stored.password is not None or "base" in errors),
            values=user_input or {CONF_HOST: stored.host, CONF_LOGIN: login},
            errors=errors,
            texts={CONF_NAME: subentry.title},
        )

    async def _async_move(self, stored: Address, user_input: dict[str, Any]) -> Address | Refusal:
        """Return the new address if the same device answers there."""
        try:
            host = parse_host(user_input[CONF_HOST])
        except WrongEntryError as err:
            return Refusal(err.key)
        address = replace(stored, host=host).with_login(user_input[CONF_LOGIN])
        answer = await async_ask(self.hass, address)
        if isinstance(answer, Refusal):
            return answer
        if unique_id(answer) != self._get_reconfigure_subentry().unique_id:
            return Refusal("different_device")
        return address


class ChargerSubentryFlow(DeviceSubentryFlow):
    """A charger of a site."""

    kind = DeviceKind.CHARGER


class MeterSubentryFlow(DeviceSubentryFlow):
    """A meter of a site."""

    kind = DeviceKind.METER
