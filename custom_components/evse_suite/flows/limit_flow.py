"""Adding a limit to a site, and changing it."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult

from ..const import CONF_CHARGERS, CONF_KIND, CONF_SOURCE, SUBENTRY_CHARGER
from ..control.model import CapKind
from ..limits import KINDS, limit_subentries
from .forms import show_form
from .limits import (
    LimitFacts,
    check_limit,
    limit_schema,
    limit_stored,
    limit_suggestions,
    limit_title,
)
from .validate import Errors


class LimitSubentryFlow(ConfigSubentryFlow):
    """A limit of a site beside its main fuse."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Let the user choose what kind of limit it is."""
        return self.async_show_menu(step_id="user", menu_options=[kind.value for kind in KINDS])

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go to the form of the kind, which stays what it is."""
        return await self._async_step(CapKind(self._get_reconfigure_subentry().data[CONF_KIND]))

    async def async_step_circuit(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the breaker of a sub-board or of a branch (SITE-1)."""
        if not self._facts().chargers:
            return self.async_abort(reason="no_chargers")
        return await self._async_step(CapKind.CIRCUIT, user_input)

    async def async_step_contract(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the power of the contract with the supplier."""
        return await self._async_step(CapKind.CONTRACT, user_input)

    async def async_step_load_limit(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the power above which the meter opens the supply (MTR-20)."""
        return await self._async_step(CapKind.LOAD_LIMIT, user_input)

    async def async_step_capacity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the mean power that a quarter of an hour may have."""
        return await self._async_step(CapKind.CAPACITY, user_input)

    async def async_step_external(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask who dims the site, and to what (SITE-1)."""
        return await self._async_step(CapKind.EXTERNAL, user_input)

    async def async_step_collar(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what a meter collar carries (DER-14)."""
        return await self._async_step(CapKind.COLLAR, user_input)

    async def _async_step(
        self, kind: CapKind, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the form of a kind, and store what is right."""
        facts = self._facts()
        values = self._values(kind)
        errors: Errors = {}
        if user_input is not None:
            state = self.hass.states.get(user_input.get(CONF_SOURCE, ""))
            data, errors = check_limit(kind, user_input, facts, state)
            if not errors:
                return self._finish(limit_title(user_input, data, facts), data)
            values = user_input
        return show_form(self, kind.value, limit_schema(kind, facts), values=values, errors=errors)

    def _facts(self) -> LimitFacts:
        """Return what the form needs to know of the site."""
        entry = self._get_entry()
        mine = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        chargers = [it for it in entry.subentries.values() if it.subentry_type == SUBENTRY_CHARGER]
        return LimitFacts(
            chargers={it.subentry_id: it.data for it in chargers},
            names={it.subentry_id: it.title for it in chargers},
            taken={it.title for it in limit_subentries(entry) if it is not mine},
        )

    def _values(self, kind: CapKind) -> dict[str, Any]:
        """Return what stands in the form at first."""
        if self.source != SOURCE_RECONFIGURE:
            return limit_suggestions(kind)
        subentry = self._get_reconfigure_subentry()
        values = limit_stored(subentry.title, subentry.data)
        if CONF_CHARGERS in values:
            present = self._get_entry().subentries
            values[CONF_CHARGERS] = [key for key in values[CONF_CHARGERS] if key in present]
        return values

    def _finish(self, title: str, data: dict[str, Any]) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data
            )
        return self.async_create_entry(title=title, data=data)
