"""Adding prices and forecasts to a site, and changing them (PLAN-3)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, mock_platform

from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .conftest import Result, add, add_site, suggestions


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Result:
    """Open the form of prices."""
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "prices"), context={"source": "user"}
    )
    return cast("Result", form)


def prices(entry: MockConfigEntry) -> ConfigSubentry:
    """Return the prices of a site."""
    found: ConfigSubentry
    (found,) = [it for it in entry.subentries.values() if it.subentry_type == "prices"]
    return found


def tell_prices(
    hass: HomeAssistant, entity_id: str = "sensor.price", unit: str = "EUR/kWh"
) -> None:
    """Have an entity tell a price to come."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    told = [{"start": start, "end": start + timedelta(hours=1), "value": 0.2}]
    attributes = {"raw_today": told, "unit_of_measurement": unit}
    hass.states.async_set(entity_id, "0.2", attributes)


async def test_entities_tell_prices(hass: HomeAssistant) -> None:
    """PLAN-3: any entity with prices to come, or several that tell a part each."""
    hass.config.currency = "EUR"
    tell_prices(hass)
    hass.states.async_set("event.tomorrow", "unavailable")
    entry = await add_site(hass)
    form = await begin(hass, entry)
    assert suggestions(form) == {}
    form = await add(hass, form)
    assert form["errors"] == {"base": "nothing_entered"}
    result = await add(
        hass, form, price=["sensor.price", "event.tomorrow"], tax_percent=19, surcharge=0.12
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    data = {"price": ["sensor.price", "event.tomorrow"], "tax_percent": 19, "surcharge": 0.12}
    assert prices(entry).data == data
    assert (await begin(hass, entry))["reason"] == "prices_known"

    form = cast(
        "Result", await entry.start_subentry_reconfigure_flow(hass, prices(entry).subentry_id)
    )
    assert suggestions(form) == data
    result = await add(hass, form, price=[], tax_percent=0, surcharge=0, fixed_price=0.3)
    assert result["reason"] == "reconfigure_successful"
    assert prices(entry).data == {"tax_percent": 0, "surcharge": 0, "fixed_price": 0.3}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"price": ["sensor.none"]}, {"price": "price_unknown"}),
        ({"price": ["sensor.now"]}, {"price": "price_no_future"}),
        ({"price": ["sensor.crowns"]}, {"price": "price_currency"}),
        ({"price": ["sensor.gas"]}, {"price": "price_unit"}),
        ({"price": ["sensor.price"], "fixed_price": 0.3}, {"fixed_price": "price_twice"}),
        ({"fixed_price": 1e6}, {"fixed_price": "invalid_price"}),
        ({"tax_percent": 119}, {"tax_percent": "invalid_tax"}),
        ({"surcharge": -101}, {"surcharge": "invalid_price"}),
        ({"feed_in": 1e6}, {"feed_in": "invalid_price"}),
        ({"feed_in": 0.08, "feed_in_entity": "sensor.now"}, {"feed_in": "feed_in_twice"}),
        ({"feed_in_entity": "sensor.none"}, {"feed_in_entity": "price_unknown"}),
        ({"feed_in_entity": "sensor.watts"}, {"feed_in_entity": "feed_in_unit"}),
    ],
)
async def test_mistakes_are_told_and_nothing_typed_is_lost(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    hass.config.currency = "EUR"
    tell_prices(hass)
    tell_prices(hass, "sensor.crowns", "SEK/kWh")
    tell_prices(hass, "sensor.gas", "EUR/m³")
    hass.states.async_set("sensor.now", "0.2", {"unit_of_measurement": "EUR/kWh"})
    hass.states.async_set("sensor.watts", "200", {"unit_of_measurement": "W"})
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), **typed)
    assert form["errors"] == errors
    assert suggestions(form) == typed
    flows = hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], {"feed_in_entity": "sensor.now"})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_prices_that_only_an_action_tells(hass: HomeAssistant) -> None:
    """PLAN-3: Nord Pool's entities show the present price; the form asks its action."""
    hass.config.currency = "EUR"
    other = MockConfigEntry(domain="nordpool", title="Nord Pool")
    other.add_to_hass(hass)
    entity = er.async_get(hass).async_get_or_create(
        "sensor", "nordpool", "DE-current_price", config_entry=other
    )
    hass.states.async_set(entity.entity_id, "0.2", {"unit_of_measurement": "EUR/kWh"})
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), price=[entity.entity_id])
    # Nobody answers: the integration is not there.
    assert form["errors"] == {"price": "price_no_future"}

    async def answer(call: ServiceCall) -> dict[str, Any]:
        assert call.data["config_entry"] == other.entry_id
        day = call.data["date"]
        return {"DE": [{"start": f"{day}T12:00:00+00:00", "end": f"{day}T13:00:00Z", "price": 90}]}

    hass.services.async_register(
        "nordpool", "get_prices_for_date", answer, supports_response=SupportsResponse.ONLY
    )
    result = await add(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_what_the_energy_dashboard_knows_is_suggested(
    hass: HomeAssistant,
) -> None:
    """PLAN-3: price, feed-in price and forecast, as far as they can be planned with."""
    hass.config.currency = "EUR"
    for name in ("energy", "roof"):
        hass.config.components.add(name)
    roof = MockConfigEntry(domain="roof", title="South roof")
    roof.add_to_hass(hass)

    async def forecast(*_: object) -> dict[str, Any]:
        return {"wh_hours": {}}

    mock_platform(
        hass, "roof.energy", cast("Any", SimpleNamespace(async_get_solar_forecast=forecast))
    )
    manager = await async_get_manager(hass)
    grid: dict[str, Any] = {
        "type": "grid",
        "stat_energy_from": "sensor.import",
        "entity_energy_price": "sensor.price",
        "number_energy_price_export": 0.08,
    }
    sun = {"type": "solar", "stat_energy_from": "sensor.sun"}
    sun["config_entry_solar_forecast"] = cast("Any", [roof.entry_id, "gone"])
    manager.data = cast("Any", {"energy_sources": [grid, sun], "device_consumption": []})

    entry = await add_site(hass)
    tell_prices(hass)
    known = {"price": ["sensor.price"], "feed_in": 0.08, "forecast": [roof.entry_id]}
    assert suggestions(await begin(hass, entry)) == known

    hass.states.async_set("sensor.price", "0.3", {"unit_of_measurement": "EUR/kWh"})
    grid["entity_energy_price_export"] = "sensor.earned"
    form = await begin(hass, entry)
    assert suggestions(form) == {
        "feed_in_entity": "sensor.earned",
        "forecast": [roof.entry_id],
    }
    grid["entity_energy_price"], grid["number_energy_price"] = None, 0.31
    assert suggestions(await begin(hass, entry))["fixed_price"] == 0.31
    hass.states.async_set("sensor.earned", "7.9", {"unit_of_measurement": "ct/kWh"})
    result = await add(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY

    # An integration that has been removed since is left out.
    await hass.config_entries.async_remove(roof.entry_id)
    form = cast(
        "Result", await entry.start_subentry_reconfigure_flow(hass, prices(entry).subentry_id)
    )
    assert suggestions(form)["forecast"] == []
