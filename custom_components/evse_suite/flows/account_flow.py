"""Adding a supply account to a site, and changing it (MTR-30)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..account.keeper import Accounts
from ..account.setup import Setup
from ..billing.model import TariffKind
from ..billing.step import Account
from ..const import CONF_PAUSE_BELOW, CONF_SERIAL, DOMAIN
from ..limits import account_subentries
from . import account_forms as forms
from .account import (
    Draft,
    WrongFormError,
    read_blocks,
    read_kind,
    read_meter,
    read_prices,
    read_switching,
    read_terms,
    read_yaml,
    wiring_of,
)
from .account_merge import ChangedMeanwhileError, merged
from .forms import show_form
from .validate import Errors

type Typed = dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One form on the way to an account."""

    step_id: str
    schema: vol.Schema
    values: Mapping[str, Any]
    """What stands in it."""
    read: Callable[[Draft, Mapping[str, Any]], Draft]
    """Takes what was typed into the draft, or raises `WrongFormError`."""
    then: Callable[[], Awaitable[SubentryFlowResult]]
    """What follows for a new account."""
    goes_on: bool = False
    """That follows for one that is changed as well, instead of the menu."""


class AccountSubentryFlow(ConfigSubentryFlow):
    """A supply account of a site: form by form when it is new, by a menu afterwards.

    Nothing is stored before the last step.
    """

    _draft: Draft
    _before: Draft
    """The account as it was when its forms were opened."""
    _is_new = True
    """The account does not run yet, so it can still be given an opening."""
    _goes_on = False
    """Each form leads to the next, not back to the menu."""

    async def async_step_user(self, _user_input: Typed = None) -> SubentryFlowResult:
        """Begin a new account."""
        self._draft = Draft.new(self.hass.config.currency, dt_util.get_default_time_zone())
        self._goes_on = True
        return await self.async_step_meter()

    async def async_step_reconfigure(self, _user_input: Typed = None) -> SubentryFlowResult:
        """Begin with the account as it is now: actions may have changed it since the last form."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            # What is stored in the form may be older than what actions have set.
            return self.async_abort(reason="account_not_running")
        subentry = self._get_reconfigure_subentry()
        setup = Setup.of(subentry)
        account = self._running()
        self._is_new = account is None
        self._draft = self._before = Draft(
            title=subentry.title,
            wiring=wiring_of(subentry.data),
            settings=account.book.config if account else setup.settings,
            tariff=account.book.tariff if account else setup.tariff,
            start=setup.start,
            pause_below=setup.pause_below,
        )
        return await self.async_step_overview()

    def _running(self) -> Account | None:
        """Return the account if it runs."""
        # There is no such attribute while the site does not run.
        accounts: Accounts | None = getattr(
            getattr(self._get_entry(), "runtime_data", None), "accounts", None
        )
        found = accounts and accounts.of(self._get_reconfigure_subentry().subentry_id)
        return found.ledger.account if found else None

    async def async_step_overview(self, _user_input: Typed = None) -> SubentryFlowResult:
        """Let the user choose what to change, or finish."""
        self._goes_on = False
        return self.async_show_menu(
            step_id="overview",
            menu_options=["meter", "terms", "tariff", "switching", "yaml", "finish"],
            description_placeholders={CONF_NAME: self._draft.title},
        )

    async def async_step_meter(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask which meter it is and which entities are its registers."""
        draft = self._draft
        values = {
            **draft.wiring,
            CONF_NAME: draft.title,
            forms.CONF_MPAN: draft.settings.mpan,
            forms.CONF_MPAN_AGAIN: draft.settings.mpan,
            CONF_SERIAL: draft.settings.serial,
        }
        mine = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        taken = {it.title for it in account_subentries(self._get_entry()) if it is not mine}
        page = Page(
            step_id="meter",
            schema=forms.meter_schema(),
            values=values,
            read=partial(read_meter, states=self.hass.states, taken=taken),
            then=self.async_step_terms,
        )
        return await self._async_show(page, user_input)

    async def async_step_terms(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask for mode, credit and limits."""
        start, pause_below = self._draft.start, self._draft.pause_below
        values = forms.terms_values(self._draft.settings)
        if pause_below is not None:
            values[CONF_PAUSE_BELOW] = float(pause_below)
        if self._is_new:
            values |= {
                forms.CONF_CURRENCY: start.currency.value,
                forms.CONF_BALANCE: float(start.balance),
                forms.CONF_DEBT: float(start.debt),
                forms.CONF_DEBT_PER_WEEK: float(start.debt_per_week),
            }
        page = Page(
            step_id="terms",
            schema=forms.terms_schema(new=self._is_new),
            values=values,
            read=read_terms,
            then=self.async_step_tariff,
        )
        return await self._async_show(page, user_input)

    async def async_step_tariff(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask for the kind of tariff, then for what belongs to it."""
        page = Page(
            step_id="tariff",
            schema=forms.tariff_schema(),
            values=forms.tariff_values(self._draft.tariff),
            read=read_kind,
            then=self._after_kind,
            goes_on=True,
        )
        return await self._async_show(page, user_input)

    async def _after_kind(self) -> SubentryFlowResult:
        if self._draft.tariff.kind is TariffKind.TIME_OF_USE:
            return await self.async_step_prices()
        return await self.async_step_blocks()

    async def async_step_blocks(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask where blocks begin."""
        page = Page(
            step_id="blocks",
            schema=forms.blocks_schema(),
            values=forms.blocks_values(self._draft.tariff),
            read=read_blocks,
            then=self.async_step_prices,
            goes_on=True,
        )
        return await self._async_show(page, user_input)

    async def async_step_prices(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask for the prices that the kind of tariff uses."""
        page = Page(
            step_id="prices",
            schema=forms.prices_schema(self._draft.tariff.kind),
            values=forms.prices_values(self._draft.tariff),
            read=read_prices,
            then=self.async_step_switching,
        )
        return await self._async_show(page, user_input)

    async def async_step_switching(self, user_input: Typed = None) -> SubentryFlowResult:
        """Ask for the switching table and the special days."""
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "selector", {DOMAIN}
        )
        page = Page(
            step_id="switching",
            schema=forms.switching_schema(texts),
            values=forms.switching_values(self._draft.tariff, self._draft.settings),
            read=read_switching,
            then=self.async_step_overview,
        )
        return await self._async_show(page, user_input)

    async def async_step_yaml(self, user_input: Typed = None) -> SubentryFlowResult:
        """Show everything as YAML, to be taken away or replaced."""
        page = Page(
            step_id="yaml",
            schema=forms.yaml_schema(),
            values=forms.yaml_values(self._draft.tariff, self._draft.settings),
            read=read_yaml,
            then=self.async_step_overview,
        )
        return await self._async_show(page, user_input)

    async def _async_show(self, page: Page, typed: Typed) -> SubentryFlowResult:
        """Show a form until what is typed is right, then go on."""
        errors: Errors = {}
        texts: Mapping[str, str] = {}
        values = page.values
        if typed is not None:
            try:
                self._draft = page.read(self._draft, typed)
            except WrongFormError as err:
                errors, texts, values = err.errors, err.texts, typed
            else:
                if page.goes_on or self._goes_on:
                    return await page.then()
                return await self.async_step_overview()
        return show_form(self, page.step_id, page.schema, values=values, errors=errors, texts=texts)

    async def async_step_finish(self, _user_input: Typed = None) -> SubentryFlowResult:
        """Store the account; what was changed holds from now on."""
        edited = dt_util.utcnow().isoformat()
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=self._draft.title, data=self._draft.stored(edited))
        entry, draft = self._get_entry(), self._draft
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="account_not_running")
        if (account := self._running()) is not None:
            try:
                draft = merged(self._before, draft, account)
            except ChangedMeanwhileError:
                return self.async_abort(reason="account_changed")
        return self.async_update_and_abort(
            entry, self._get_reconfigure_subentry(), title=draft.title, data=draft.stored(edited)
        )
