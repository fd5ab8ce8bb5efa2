"""Repairs: what is wrong for long enough that a person should hear of it, and mends itself."""

from typing import Final

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, LOGGER
from .devices.model import LoadBalancing, LoadBalancingMode
from .site import Site, SiteConfigEntry
from .troubles import Trouble, troubles
from .views import meter_part

CHECK_EVERY_S: Final = 2.0
OPEN_AFTER_S: Final = {
    "account_unreadable": 0.0,
    "charger_not_following": 0.0,
    "charger_not_switching": 0.0,
    "charger_overruled": 0.0,
    "clamp_blind": 0.0,
    "clamp_range": 5.0,
    "clamp_reversed": 0.0,
    "clamp_scaled": 0.0,
    "device_unreachable": 60.0,
    "full_when_alone": 0.0,
    "house_overload": 3.0,
    "limit_silent": 0.0,
    "meter_implausible": 0.0,
    "meter_silent": 20.0,
    "meter_unfit": 0.0,
    "no_mains_meter": 5.0,
    "ocpp_server": 0.0,
    "plan_failed": 0.0,
    "prices_silent": 3600.0,
    "two_controllers": 10.0,
    "wrong_device": 5.0,
    "wrong_phase": 0.0,
}
"""Seconds for which a trouble must last before it is told; control has waited already for some."""
CLOSE_AFTER_S: Final = {"clamp_range": 600.0, "house_overload": 60.0, "meter_unfit": 600.0}
"""Seconds after which it is over; what comes with every kettle stays open for longer."""
CLOSE_AFTER_DEFAULT_S: Final = 5.0


class IssueWatch:
    """Opens and closes the issues of one site."""

    def __init__(self, hass: HomeAssistant, site: Site) -> None:
        """Look after ``site`` until ``close``."""
        self._hass = hass
        self._site = site
        self._checked_s = float("-inf")
        self._since_s: dict[str, float] = {}
        self._seen_s: dict[str, float] = {}
        self._open: dict[str, Trouble] = {}

    @callback
    def check(self) -> None:
        """Look whether anything has changed; called with every cycle of the site."""
        now_s = self._hass.loop.time()
        if now_s - self._checked_s < CHECK_EVERY_S:
            return
        self._checked_s = now_s
        present = {self._issue_id(trouble): trouble for trouble in troubles(self._site)}
        for issue_id, trouble in present.items():
            self._seen_s[issue_id] = now_s
            since_s = self._since_s.setdefault(issue_id, now_s)
            if now_s - since_s >= OPEN_AFTER_S[trouble.key]:
                self._tell(issue_id, trouble)
        for issue_id in self._since_s.keys() - present.keys():
            self._maybe_over(issue_id, now_s)

    @callback
    def close(self) -> None:
        """Take back every issue: nobody looks after them any more."""
        for issue_id in self._open:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._open.clear()

    def _issue_id(self, trouble: Trouble) -> str:
        return f"{trouble.key}_{self._site.entry.entry_id}_{trouble.subject}"

    def _tell(self, issue_id: str, trouble: Trouble) -> None:
        if self._open.get(issue_id) == trouble:
            return
        self._open[issue_id] = trouble
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"entry_id": self._site.entry.entry_id, "subject": trouble.subject},
            is_fixable=trouble.fixable,
            severity=trouble.severity,
            translation_key=trouble.key,
            translation_placeholders=trouble.placeholders,
        )

    def _maybe_over(self, issue_id: str, now_s: float) -> None:
        trouble = self._open.get(issue_id)
        if trouble is not None:
            wait_s = CLOSE_AFTER_S.get(trouble.key, CLOSE_AFTER_DEFAULT_S)
            if now_s - self._seen_s[issue_id] < wait_s:
                return
            del self._open[issue_id]
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        del self._since_s[issue_id]
        del self._seen_s[issue_id]


@callback
def async_watch_issues(hass: HomeAssistant, entry: SiteConfigEntry) -> None:
    """Look after the issues of a site until it is unloaded."""
    watch = IssueWatch(hass, entry.runtime_data)
    entry.async_on_unload(entry.runtime_data.add_listener(watch.check))
    entry.async_on_unload(watch.close)


class LeaveToSuiteFlow(RepairsFlow):
    """Brings a meter that steers chargers by itself back to protecting the fuse only (LEK-19)."""

    def __init__(self, entry: SiteConfigEntry, subentry_id: str) -> None:
        """Take the site and the meter's subentry."""
        self._entry = entry
        self._subentry_id = subentry_id

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin with the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then set the meter's mode; the question stays open when the meter refuses."""
        site = self._entry.runtime_data
        link = site.meters[self._subentry_id]
        errors: dict[str, str] = {}
        if user_input is not None:
            (view,) = meter_part(site, link).meters
            try:
                await view.carry_out(
                    LoadBalancing, lambda it: it.set_load_balancing_mode(LoadBalancingMode.POWER)
                )
            except HomeAssistantError as err:
                LOGGER.debug("%s keeps its own mode: %s", link.name, err)
                errors["base"] = "cannot_set"
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm", description_placeholders={"name": link.name}, errors=errors
        )


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that mends an issue."""
    told = data or {}
    subject = str(told.get("subject"))
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        fixable = issue_id.startswith("two_controllers") and subject in entry.runtime_data.meters
        if fixable and entry.entry_id == told.get("entry_id"):
            return LeaveToSuiteFlow(entry, subject)
    # The meter or its site has gone in the meantime: there is nothing left to mend.
    return ConfirmRepairFlow()
