"""Adding a vehicle to a site, and changing it."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME

from ..const import CONF_CHARGERS, CONF_SOC, SUBENTRY_CHARGER
from ..plans.cars import vehicle_subentries
from .forms import show_form
from .validate import Errors
from .vehicle import (
    CONF_CAR,
    VehicleFacts,
    catalogue_schema,
    check_vehicle,
    vehicle_schema,
    vehicle_suggestions,
)


class VehicleSubentryFlow(ConfigSubentryFlow):
    """A car that is charged at the site (IND-3)."""

    _choice: str | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Let the user choose a car from the catalogue, or none of it."""
        if not self._facts().chargers:
            return self.async_abort(reason="no_chargers")
        if user_input is None:
            return show_form(self, "user", catalogue_schema())
        self._choice = user_input.get(CONF_CAR)
        return await self.async_step_settings()

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go to the form of the vehicle."""
        return await self.async_step_settings()

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what is known of the vehicle."""
        facts = self._facts()
        values = self._values(facts)
        errors: Errors = {}
        if user_input is not None:
            state = self.hass.states.get(user_input.get(CONF_SOC, ""))
            data, errors = check_vehicle(user_input, facts, state)
            if not errors:
                return self._finish(user_input[CONF_NAME].strip(), data)
            values = user_input
        return show_form(self, "settings", vehicle_schema(facts), values=values, errors=errors)

    def _facts(self) -> VehicleFacts:
        """Return what the form needs to know of the site."""
        entry = self._get_entry()
        mine = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        return VehicleFacts(
            chargers={
                key: it.title
                for key, it in entry.subentries.items()
                if it.subentry_type == SUBENTRY_CHARGER
            },
            taken={it.title for it in vehicle_subentries(entry).values() if it is not mine},
        )

    def _values(self, facts: VehicleFacts) -> dict[str, Any]:
        """Return what stands in the form at first; chargers that have gone are left out."""
        if self.source != SOURCE_RECONFIGURE:
            return vehicle_suggestions(self._choice, facts)
        subentry = self._get_reconfigure_subentry()
        known = [key for key in subentry.data[CONF_CHARGERS] if key in facts.chargers]
        return {**subentry.data, CONF_NAME: subentry.title, CONF_CHARGERS: known}

    def _finish(self, title: str, data: dict[str, Any]) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data
            )
        return self.async_create_entry(title=title, data=data)
