"""Devices that announce themselves on the network (LEK-1)."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..devices.model import DeviceIdentity
from .device import (
    Address,
    announced_host,
    announced_name,
    async_ask,
    device_data,
    device_placeholders,
    device_title,
    find_announced,
    find_identity,
    read_device_form,
    unique_id,
    update_address,
)
from .forms import (
    CONF_SITE,
    device_schema,
    device_suggestions,
    login_schema,
    pick_site_schema,
    show_form,
    site_schema,
    site_suggestions,
)
from .ocpp import as_asked, as_wired
from .site import SiteForm, entry_facts, read_site_form, site_facts, sites
from .validate import Errors


class DiscoverySteps(ConfigFlow):
    """From an announcement to a device of a site, and to the site itself where there is none."""

    _address: Address
    _name: str
    _username: str | None = None
    _identity: DeviceIdentity
    _entry_id: str | None = None
    _new: SiteForm | None = None

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Find out who announced itself; an address that has changed is put right."""
        self._name = announced_name(discovery_info)
        self._address = Address(host=announced_host(discovery_info))
        if known := find_announced(self.hass, self._name):
            stored = Address.stored(known.subentry.data)
            if stored.host == self._address.host:
                return self.async_abort(reason="already_configured")
            self._address = replace(stored, host=self._address.host)
        answer = await async_ask(self.hass, self._address)
        if isinstance(answer, DeviceIdentity):
            return await self._async_met(answer)
        if not answer.wants_login:
            return self.async_abort(reason=answer.error)
        # Who it is will be known after the login; until then its name keeps it apart.
        await self.async_set_unique_id(f"announced_{self._name.lower()}")
        self._abort_if_unique_id_configured()
        self._username = answer.username
        self.context["title_placeholders"] = {CONF_NAME: self._name}
        return await self.async_step_auth()

    @override
    async def async_step_mqtt(self, discovery_info: MqttServiceInfo) -> ConfigFlowResult:
        """Find out which display publishes; a topic that has changed is put right."""
        topic = discovery_info.topic.removesuffix("/STATE")
        self._address = Address(host=f"mqtt:{topic}")
        answer = await async_ask(self.hass, self._address)
        if isinstance(answer, DeviceIdentity):
            return await self._async_met(answer)
        return self.async_abort(reason=answer.error)

    @override
    async def async_step_integration_discovery(
        self, discovery_info: dict[str, Any]
    ) -> ConfigFlowResult:
        """Offer a charge point that has dialled in (LEK-14)."""
        identity: DeviceIdentity = discovery_info["identity"]
        self._address = Address(host=f"ocpp/{identity.serial}")
        return await self._async_met(identity)

    async def async_step_auth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the login of the device."""
        errors: Errors = {}
        if user_input is not None:
            address = self._address.with_login(user_input)
            answer = await async_ask(self.hass, address)
            if isinstance(answer, DeviceIdentity):
                self._address = address
                return await self._async_met(answer)
            errors["base"] = answer.error
        schema = login_schema(with_username=self._username is None)
        texts = {CONF_NAME: self._name, "host": self._address.host}
        return show_form(self, "auth", schema, values=user_input, errors=errors, texts=texts)

    async def _async_met(self, identity: DeviceIdentity) -> ConfigFlowResult:
        await self.async_set_unique_id(unique_id(identity))
        if known := find_identity(self.hass, identity):
            update_address(self.hass, known, self._address)
            return self.async_abort(reason="already_configured")
        self._abort_if_unique_id_configured()
        self._identity = identity
        self.context["title_placeholders"] = {
            CONF_NAME: f"{identity.model} {identity.serial}",
            **device_placeholders(identity, self._address),
        }
        return await self._async_choose_site()

    async def _async_choose_site(self) -> ConfigFlowResult:
        known_sites = sites(self.hass)
        if not known_sites:
            return await self.async_step_site()
        if len(known_sites) > 1:
            return await self.async_step_pick_site()
        self._entry_id = known_sites[0].entry_id
        return await self._async_step_device()

    async def async_step_pick_site(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which site the device belongs to."""
        if user_input is not None:
            self._entry_id = user_input[CONF_SITE]
            return await self._async_step_device()
        titles = {entry.entry_id: entry.title for entry in sites(self.hass)}
        return show_form(self, "pick_site", pick_site_schema(titles), texts=self._texts())

    async def async_step_site(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the site that the first device belongs to.

        The user interface asks for this step again when the user opens it. By then another device
        may have founded the site.
        """
        if sites(self.hass):
            return await self._async_choose_site()
        errors: Errors = {}
        if user_input is not None:
            site, errors = read_site_form(self.hass, user_input)
            if not errors:
                self._new = site
                return await self._async_step_device()
        values = user_input or self._new_site()
        return show_form(
            self, "site", site_schema(), values=values, errors=errors, texts=self._texts()
        )

    async def async_step_charger(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a charger's place in the site."""
        return await self._async_step_device(user_input)

    async def async_step_meter(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a meter's place in the site."""
        return await self._async_step_device(user_input)

    async def _async_step_device(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        place = self._new or self.hass.config_entries.async_get_entry(self._entry_id or "")
        if place is None:
            return self.async_abort(reason="site_removed")
        site = site_facts(place.data) if isinstance(place, SiteForm) else entry_facts(place)
        self._identity = as_asked(self.hass, self._identity, site)
        errors: Errors = {}
        if user_input is not None:
            settings, errors = read_device_form(user_input, self._identity, site)
            if not errors:
                title = device_title(user_input, self._identity)
                wired = as_wired(self._identity, settings)
                data = device_data(wired, self._address, settings)
                if isinstance(place, SiteForm):
                    return await self._async_create_site(place, title, data)
                return self._add_device(place, title, data)
        return show_form(
            self,
            self._identity.kind.value,
            device_schema(self._identity, site),
            values=user_input or device_suggestions(self._identity, site),
            errors=errors,
            texts=self._texts(),
        )

    async def _async_create_site(
        self, site: SiteForm, title: str, data: dict[str, Any]
    ) -> ConfigFlowResult:
        """Create the site with the device in it."""
        device = ConfigSubentryData(
            data=data,
            subentry_type=self._identity.kind.value,
            title=title,
            unique_id=unique_id(self._identity),
        )
        # The flow's unique id is the device's; a site has none.
        await self.async_set_unique_id(None)
        return self.async_create_entry(
            title=site.title, data=site.data, options=site.options, subentries=[device]
        )

    def _add_device(self, entry: ConfigEntry, title: str, data: dict[str, Any]) -> ConfigFlowResult:
        """Add the device to a site; the flow itself has no entry to create."""
        device = ConfigSubentry(
            data=MappingProxyType(data),
            subentry_type=self._identity.kind.value,
            title=title,
            unique_id=unique_id(self._identity),
        )
        self.hass.config_entries.async_add_subentry(entry, device)
        return self.async_abort(
            reason="device_added",
            description_placeholders={CONF_NAME: title, "site": entry.title},
        )

    def _texts(self) -> dict[str, str]:
        return device_placeholders(self._identity, self._address)

    def _new_site(self) -> dict[str, Any]:
        config = self.hass.config
        return site_suggestions(config.location_name, config.country)
