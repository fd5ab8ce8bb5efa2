"""Adding prices and forecasts to a site, and changing them."""

from typing import Any, Final

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult

from ..const import SUBENTRY_PRICES
from ..plans.dashboard import async_dashboard
from ..plans.sun_forecast import async_forecasters
from .forms import show_form
from .plans import async_check_prices, async_suggestions, present, prices_schema
from .validate import Errors

TITLE: Final = "Prices and sun"


class PricesSubentryFlow(ConfigSubentryFlow):
    """What energy costs at a site, what it earns, and who forecasts the sun (PLAN-3)."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for prices and forecasts, of which a site has one set."""
        subentries = self._get_entry().subentries.values()
        if any(it.subentry_type == SUBENTRY_PRICES for it in subentries):
            return self.async_abort(reason="prices_known")
        return await self._async_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change prices and forecasts."""
        return await self._async_step("reconfigure", user_input)

    async def _async_step(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        errors: Errors = {}
        forecasters = await async_forecasters(self.hass)
        if user_input is not None:
            data, errors = await async_check_prices(self.hass, user_input)
            if not errors:
                return self._finish(data)
            values = user_input
        elif self.source == SOURCE_RECONFIGURE:
            values = present(self._get_reconfigure_subentry().data, forecasters)
        else:
            dashboard = await async_dashboard(self.hass)
            values = await async_suggestions(self.hass, dashboard, forecasters)
        schema = prices_schema(self.hass.config.currency, forecasters)
        return show_form(self, step_id, schema, values=values, errors=errors)

    def _finish(self, data: dict[str, Any]) -> SubentryFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), data=data
            )
        return self.async_create_entry(title=TITLE, data=data)
