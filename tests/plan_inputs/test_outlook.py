"""The sun, and the limits that house and chargers have together (PLAN-3, SITE-1)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry, mock_platform

from custom_components.evse_suite.planning.model import PowerSlot
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from tests.plan_inputs.gathering import (
    HOUR,
    NOON,
    Calls,
    dashboard,
    later,
    site,
    started,
    subentry,
)


def roof(hass: HomeAssistant, name: str, told: list[Any]) -> str:
    """Add an integration that forecasts what is in ``told``; return its config entry's id."""
    other = MockConfigEntry(domain=name, title=name)
    other.add_to_hass(hass)
    hass.config.components.add(name)

    async def forecast(_hass: HomeAssistant, entry_id: str) -> Any:
        assert entry_id == other.entry_id
        if isinstance(told[0], Exception):
            raise told[0]
        return told[0]

    platform = SimpleNamespace(async_get_solar_forecast=forecast)
    mock_platform(hass, f"{name}.energy", cast("Any", platform))
    return str(other.entry_id)


async def test_the_sun(hass: HomeAssistant, changes: Calls, freezer: FrozenDateTimeFactory) -> None:
    """PLAN-3: all roofs of the Energy dashboard together, asked every hour; one may fail."""
    noon = NOON.isoformat()
    half = (NOON + HOUR / 2).isoformat()
    south: list[Any] = [{"wh_hours": {noon: 500, half: 1000, "soon": 3, half[:-6]: "many"}}]
    west: list[Any] = [{"wh_hours": {noon: 600}}]
    forecasts = [roof(hass, "south", south), roof(hass, "west", west), "gone"]
    await dashboard(
        hass,
        {"type": "solar", "stat_energy_from": "a", "config_entry_solar_forecast": forecasts},
        {"type": "solar", "stat_energy_from": "b", "config_entry_solar_forecast": None},
    )
    inputs = await started(hass, changes, site(hass))
    assert [(it.start - NOON, it.power_w) for it in inputs.outlook(NOON).sun] == [
        (timedelta(), 1600),
        (HOUR / 2, 1600),
        (HOUR, 1000),
    ]
    assert changes.taken() == 1
    # Who does not answer is believed as before.
    west[0] = ServiceValidationError("no answer")
    south[0] = None
    await later(hass, freezer, timedelta(minutes=15), times=4)
    assert [it.power_w for it in inputs.outlook(NOON).sun] == [1600, 1600, 1000]
    assert changes.taken() == 0
    west[0] = {"wh_hours": {noon: 100}}
    south[0] = {"wh_hours": {}}
    await later(hass, freezer, timedelta(minutes=15), times=4)
    sun = inputs.outlook(NOON).sun
    assert sun == (PowerSlot(start=NOON, end=NOON + HOUR, power_w=100),)
    assert inputs.outlook(NOON + HOUR).sun == ()
    assert changes.taken() == 1


async def test_others_start_after_the_site(hass: HomeAssistant, changes: Calls) -> None:
    """They are asked once all have started, and not an hour later."""
    hass.set_state(CoreState.starting)
    forecast = roof(hass, "south", [{"wh_hours": {NOON.isoformat(): 700}}])
    entry = site(hass, subentry("prices", fixed_price=0.3, forecast=[forecast]))
    inputs = await started(hass, changes, entry)
    assert inputs.outlook(NOON).sun == ()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [it.power_w for it in inputs.outlook(NOON).sun] == [700]


async def test_limits_of_the_house(hass: HomeAssistant, changes: Calls) -> None:
    """SITE-1: the tightest of fuse and contract; a quarter of an hour is a peak of its own."""
    assert (await started(hass, changes, site(hass))).outlook(NOON).cap_w == 3 * 25 * 230
    entry = site(
        hass,
        subentry("limit", kind="contract", limit_w=9200.0),
        subentry("limit", kind="load_limit", limit_w=12_000.0),
        subentry("limit", kind="capacity", limit_w=4000.0),
        subentry("limit", kind="capacity", limit_w=2500.0),
        subentry("limit", kind="capacity", source="sensor.w", dimmed=100.0),
        subentry("limit", kind="circuit", limit_a=10.0, chargers=[]),
    )
    contract = site(hass, subentry("limit", kind="contract", limit_w=2000.0))
    assert (await started(hass, changes, contract)).outlook(NOON).peak_w is None
    outlook = (await started(hass, changes, entry)).outlook(NOON)
    assert outlook.cap_w == 9200
    assert outlook.peak_w == 2500


async def test_nothing_at_all(hass: HomeAssistant, changes: Calls) -> None:
    """Without prices, sun, recorder and cars there is still an outlook."""
    inputs = await started(hass, changes, site(hass))
    outlook = inputs.outlook(dt_util.utcnow())
    assert (outlook.prices, outlook.feed_in, outlook.sun, outlook.house) == ((), (), (), ())
    assert outlook.peak_w is None
    assert inputs.currency == "EUR"
    assert inputs.vehicles("charger") == {}
    assert inputs.vehicle("charger").soc_percent is None
