"""Setting up a site in the user interface; the steps of its devices are in ``flows``."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, ConfigSubentryFlow
from homeassistant.const import CONF_NAME, CONF_USERNAME
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, callback

from .const import (
    CONF_SUPPLY,
    DOMAIN,
    SUBENTRY_ACCOUNT,
    SUBENTRY_CHARGER,
    SUBENTRY_LIMIT,
    SUBENTRY_METER,
    SUBENTRY_PRICES,
    SUBENTRY_SERVER,
    SUBENTRY_VEHICLE,
)
from .flows.account_flow import AccountSubentryFlow
from .flows.device import Address, Refusal, async_ask, unique_id, update_address
from .flows.discovery import DiscoverySteps
from .flows.energy import async_known_battery
from .flows.forms import change_site_schema, login_schema, show_form, site_schema
from .flows.limit_flow import LimitSubentryFlow
from .flows.ocpp import ServerSubentryFlow
from .flows.plans_flow import PricesSubentryFlow
from .flows.site import KnownDevice, read_site_form, site_stored
from .flows.subentry import ChargerSubentryFlow, MeterSubentryFlow
from .flows.validate import Errors, Supply
from .flows.vehicle_flow import VehicleSubentryFlow


class EvseSuiteConfigFlow(DiscoverySteps, domain=DOMAIN):
    """One entry is one site: a grid connection with its fuse. Its devices are subentries."""

    VERSION = 1

    _reauth_subentry_id: str
    _reauth_username: str | None = None

    @override
    @classmethod
    @callback
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to a site."""
        return {
            SUBENTRY_CHARGER: ChargerSubentryFlow,
            SUBENTRY_METER: MeterSubentryFlow,
            SUBENTRY_LIMIT: LimitSubentryFlow,
            SUBENTRY_SERVER: ServerSubentryFlow,
            SUBENTRY_VEHICLE: VehicleSubentryFlow,
            SUBENTRY_PRICES: PricesSubentryFlow,
            SUBENTRY_ACCOUNT: AccountSubentryFlow,
        }

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set up a site; chargers and meters are added to it afterwards."""
        errors: Errors = {}
        if user_input is not None:
            site, errors = read_site_form(self.hass, user_input)
            if not errors:
                return self.async_create_entry(
                    title=site.title, data=site.data, options=site.options
                )
        values = user_input or self._new_site()
        return show_form(self, "user", site_schema(), values=values, errors=errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change a site; its update listener decides whether that needs a reload."""
        entry = self._get_reconfigure_entry()
        errors: Errors = {}
        if user_input is not None:
            site, errors = read_site_form(self.hass, user_input, entry)
            if not errors:
                return self.async_update_and_abort(
                    entry,
                    title=site.title,
                    data=site.data,
                    options={**entry.options, **site.options},
                )
        values = user_input or {**await async_known_battery(self.hass), **site_stored(entry)}
        schema = change_site_schema(Supply(entry.data[CONF_SUPPLY]))
        return show_form(self, "reconfigure", schema, values=values, errors=errors)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin to ask for the login of the device that ``subentry_id`` names."""
        self._reauth_subentry_id = entry_data["subentry_id"]
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the login of a device and try it."""
        entry = self._get_reauth_entry()
        subentry = entry.subentries.get(self._reauth_subentry_id)
        if subentry is None:
            return self.async_abort(reason="device_removed")
        known = KnownDevice(entry, subentry)
        stored = Address.stored(subentry.data)
        errors: Errors = {}
        if user_input is not None:
            error = await self._async_try_login(known, stored.with_login(user_input))
            if error is None:
                return self.async_abort(
                    reason="reauth_successful", translation_domain=HOMEASSISTANT_DOMAIN
                )
            errors["base"] = error
        else:
            answer = await async_ask(self.hass, Address(host=stored.host))
            self._reauth_username = answer.username if isinstance(answer, Refusal) else None
        self.context["title_placeholders"] = {CONF_NAME: subentry.title}
        return show_form(
            self,
            "reauth_confirm",
            login_schema(with_username=self._reauth_username is None),
            values=user_input or {CONF_USERNAME: stored.username or ""},
            errors=errors,
            texts={CONF_NAME: subentry.title, "host": stored.host},
        )

    async def _async_try_login(self, known: KnownDevice, address: Address) -> str | None:
        """Store a login that works, or return the key of what is wrong with it."""
        answer = await async_ask(self.hass, address)
        if isinstance(answer, Refusal):
            return answer.error
        if unique_id(answer) != known.subentry.unique_id:
            return "different_device"
        if not update_address(self.hass, known, address):
            # Nothing changed, so no listener runs: the device has to be tried again all the same.
            self.hass.config_entries.async_schedule_reload(known.entry.entry_id)
        return None
