"""The form of prices and forecasts: its fields, its checks and what is stored (PLAN-3)."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import PERCENTAGE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import (
    CONF_FEED_IN,
    CONF_FEED_IN_ENTITY,
    CONF_FIXED_PRICE,
    CONF_FORECAST,
    CONF_PRICE,
    CONF_SURCHARGE,
    CONF_TAX_PERCENT,
)
from ..planning.prices import PriceTrouble
from ..plans.dashboard import Dashboard
from ..plans.price_feed import async_asked, price_now, read_state
from .validate import Checked, Errors

RANGES: Final = {
    CONF_FIXED_PRICE: ((-100.0, 100_000.0), "invalid_price"),
    CONF_TAX_PERCENT: ((0.0, 100.0), "invalid_tax"),
    CONF_SURCHARGE: ((-100.0, 100_000.0), "invalid_price"),
    CONF_FEED_IN: ((-100.0, 100_000.0), "invalid_price"),
}
"""Wide enough for every currency: what a kWh costs in the smallest of them."""
TROUBLES: Final = {
    PriceTrouble.NO_PRICES: "price_no_future",
    PriceTrouble.UNIT: "price_unit",
    PriceTrouble.CURRENCY: "price_currency",
}


def prices_schema(currency: str, forecasters: Mapping[str, str]) -> vol.Schema:
    """Return the form; ``forecasters`` are titles of config entries by their ids."""
    per_kwh = f"{currency}/kWh"
    forecasts = [SelectOptionDict(value=key, label=name) for key, name in forecasters.items()]
    return vol.Schema(
        {
            vol.Optional(CONF_PRICE): EntitySelector(
                EntitySelectorConfig(filter=[{"domain": ["sensor", "event"]}], multiple=True)
            ),
            vol.Optional(CONF_TAX_PERCENT): _number(PERCENTAGE),
            vol.Optional(CONF_SURCHARGE): _number(per_kwh),
            vol.Optional(CONF_FIXED_PRICE): _number(per_kwh),
            vol.Optional(CONF_FEED_IN): _number(per_kwh),
            vol.Optional(CONF_FEED_IN_ENTITY): EntitySelector(
                EntitySelectorConfig(filter=[{"domain": ["sensor", "input_number", "number"]}])
            ),
            vol.Optional(CONF_FORECAST): SelectSelector(
                SelectSelectorConfig(options=forecasts, multiple=True, mode=SelectSelectorMode.LIST)
            ),
        }
    )


def _number(unit: str) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX, unit_of_measurement=unit)
    )


def present(data: Mapping[str, Any], forecasters: Mapping[str, str]) -> dict[str, Any]:
    """Return what is stored for its form; forecasts that have gone are left out."""
    values = dict(data)
    if CONF_FORECAST in values:
        values[CONF_FORECAST] = [key for key in values[CONF_FORECAST] if key in forecasters]
    return values


async def async_suggestions(
    hass: HomeAssistant, dashboard: Dashboard, forecasters: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the Energy dashboard knows already, as far as it can be planned with."""
    values: dict[str, Any] = {}
    entity_id = dashboard.price_entity
    if entity_id is not None and await _async_wrong_price(hass, entity_id) is None:
        values[CONF_PRICE] = [entity_id]
    elif dashboard.fixed_price is not None:
        values[CONF_FIXED_PRICE] = dashboard.fixed_price
    if dashboard.feed_in_entity is not None:
        values[CONF_FEED_IN_ENTITY] = dashboard.feed_in_entity
    elif dashboard.feed_in is not None:
        values[CONF_FEED_IN] = dashboard.feed_in
    if known := [key for key in dashboard.forecasts if key in forecasters]:
        values[CONF_FORECAST] = known
    return values


async def async_check_prices(hass: HomeAssistant, user_input: Mapping[str, Any]) -> Checked:
    """Check the form; entities are asked for what they tell, so that nobody waits in vain."""
    data = {key: value for key, value in user_input.items() if value != []}
    errors: Errors = {}
    for key, ((least, most), sentence) in RANGES.items():
        if key in data and not least <= data[key] <= most:
            errors[key] = sentence
    if CONF_PRICE in data and CONF_FIXED_PRICE in data:
        errors[CONF_FIXED_PRICE] = "price_twice"
    if CONF_FEED_IN in data and CONF_FEED_IN_ENTITY in data:
        errors[CONF_FEED_IN] = "feed_in_twice"
    for entity_id in data.get(CONF_PRICE, ()):
        if wrong := await _async_wrong_price(hass, entity_id):
            errors[CONF_PRICE] = wrong
    if CONF_FEED_IN_ENTITY in data and (wrong := _wrong_feed_in(hass, data[CONF_FEED_IN_ENTITY])):
        errors[CONF_FEED_IN_ENTITY] = wrong
    if not data:
        errors["base"] = "nothing_entered"
    return data, errors


async def _async_wrong_price(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return what is wrong with an entity that is to tell the prices to come, None if nothing."""
    state = hass.states.get(entity_id)
    if state is None:
        return "price_unknown"
    read = read_state(hass, state)
    if read is PriceTrouble.NO_PRICES:
        read = await async_asked(hass, state) or read
    if not isinstance(read, PriceTrouble) or state.state == STATE_UNAVAILABLE:
        return None
    return TROUBLES[read]


def _wrong_feed_in(hass: HomeAssistant, entity_id: str) -> str | None:
    state = hass.states.get(entity_id)
    if state is None:
        return "price_unknown"
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return "feed_in_unit" if price_now(hass, entity_id) is None else None
