"""Home Assistant's own Shelly integration against a simulated Pro 3EM and EM Gen3."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchClamp, BenchClock
from simulator.devices.shelly import ShellyGen2

type Start = Callable[[SimulatedDevice], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("enable_bluetooth", "mock_async_zeroconf", "meter_platforms")


@pytest.fixture
def meter_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out cameras and players, which no meter has and whose packages are not installed."""
    platforms = [Platform.SENSOR, Platform.SWITCH, Platform.UPDATE, Platform.BUTTON]
    monkeypatch.setattr("homeassistant.components.shelly.PLATFORMS", platforms)


async def _set_up(hass: HomeAssistant, device: ShellyGen2) -> ConfigEntry:
    host, port = device.address
    form = await hass.config_entries.flow.async_init("shelly", context={"source": SOURCE_USER})
    if form["type"] is FlowResultType.MENU:
        form = await hass.config_entries.flow.async_configure(
            form["flow_id"], {"next_step_id": "user_manual"}
        )
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"host": host, "port": port}
    )
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY, done
    entry: ConfigEntry = done["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


def _entity_id(hass: HomeAssistant, domain: str, unique_id: str) -> str:
    entity_id = er.async_get(hass).async_get_entity_id(domain, "shelly", unique_id)
    assert entity_id is not None
    return entity_id


def _value(hass: HomeAssistant, unique_id: str) -> float:
    state = hass.states.get(_entity_id(hass, "sensor", unique_id))
    assert state is not None
    return float(state.state)


async def test_pro_3em(hass: HomeAssistant, started: Start) -> None:
    """Signed power of each phase, and what changes is pushed to the entities."""
    clamps = [BenchClamp(power_w=2300.0), BenchClamp(power_w=-690.0), BenchClamp()]
    device = ShellyGen2(model="SPEM-003CEBEU", mac="AABBCCDDEEFF", clamps=clamps)
    clock = BenchClock(device)
    await started(device)
    entry = await _set_up(hass, device)
    assert _value(hass, "AABBCCDDEEFF-em:0-a_act_power") == 2300.0
    assert _value(hass, "AABBCCDDEEFF-em:0-b_act_power") == -690.0
    assert _value(hass, "AABBCCDDEEFF-em:0-total_act_power") == 1610.0
    clamps[2].power_w = 1150.0
    clock.run(2)
    async with asyncio.timeout(5):
        while _value(hass, "AABBCCDDEEFF-em:0-c_act_power") != 1150.0:  # noqa: ASYNC110 - states have no event
            await asyncio.sleep(0.01)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_em_gen3_with_contactor(hass: HomeAssistant, started: Start) -> None:
    """Both clamps by themselves; the contactor is switched through its entity."""
    clamps = [BenchClamp(power_w=460.0), BenchClamp(power_w=-230.0)]
    device = ShellyGen2(model="S3EM-002CXCEU", mac="AABBCCDDEE01", clamps=clamps)
    await started(device)
    entry = await _set_up(hass, device)
    assert _value(hass, "AABBCCDDEE01-em1:0-power_em1") == 460.0
    assert _value(hass, "AABBCCDDEE01-em1:1-power_em1") == -230.0
    entity_id = _entity_id(hass, "switch", "AABBCCDDEE01-switch:0")
    await hass.services.async_call("switch", "turn_on", {"entity_id": entity_id}, blocking=True)
    assert device.relay.on
    assert await hass.config_entries.async_unload(entry.entry_id)
