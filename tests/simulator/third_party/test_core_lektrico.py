"""Home Assistant's own Lektrico integration against the simulated devices."""

from collections.abc import Awaitable, Callable

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClamp, BenchClock
from simulator.devices.lektrico import LektricoCharger, LektricoMeter

type Start = Callable[[SimulatedDevice], Awaitable[None]]


async def _set_up(hass: HomeAssistant, device: SimulatedDevice) -> ConfigEntry:
    """Go through the config flow as a user does and return the loaded entry."""
    form = await hass.config_entries.flow.async_init("lektrico", context={"source": SOURCE_USER})
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"host": device.host_port}
    )
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry: ConfigEntry = done["result"]
    assert entry.unique_id == device.serial
    return entry


def _entity_id(hass: HomeAssistant, domain: str, unique_id: str) -> str:
    entity_id = er.async_get(hass).async_get_entity_id(domain, "lektrico", unique_id)
    assert entity_id is not None
    return entity_id


def _state(hass: HomeAssistant, domain: str, unique_id: str) -> str:
    state = hass.states.get(_entity_id(hass, domain, unique_id))
    assert state is not None
    return state.state


async def _refresh(hass: HomeAssistant, entry: ConfigEntry) -> None:
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()


async def test_charger_read_and_commanded(hass: HomeAssistant, started: Start) -> None:
    """LEK-2, LEK-3, LEK-6: entities show the charger and their actions reach it."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car, install_current=25)
    clock = BenchClock(charger)
    await started(charger)
    car.is_plugged = True
    clock.run(10)
    entry = await _set_up(hass, charger)
    assert _state(hass, "sensor", "500006_state") == "charging"
    assert _state(hass, "sensor", "500006_current") == "25.0"
    assert _state(hass, "sensor", "500006_limit_reason") == "installation_current"
    assert _state(hass, "sensor", "500006_installation_current") == "25"

    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": _entity_id(hass, "number", "500006_dynamic_limit"), "value": 8},
        blocking=True,
    )
    clock.run(3)
    await _refresh(hass, entry)
    assert _state(hass, "sensor", "500006_current") == "8.0"
    assert _state(hass, "sensor", "500006_limit_reason") == "dynamic_limit"

    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": _entity_id(hass, "button", "500006-charge_stop")},
        blocking=True,
    )
    clock.run(3)
    await _refresh(hass, entry)
    assert _state(hass, "sensor", "500006_state") == "paused"
    assert car.current_a == 0.0
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_charger_lost_and_back(hass: HomeAssistant, started: Start) -> None:
    """A restart of the charger is a time without it, and then it is there again."""
    charger = LektricoCharger(model="3p22k", serial=500007, car=BenchCar(lines=3))
    clock = BenchClock(charger)
    await started(charger)
    entry = await _set_up(hass, charger)
    assert _state(hass, "sensor", "500007_voltage_l3") == "230.0"
    charger.reboot()
    await _refresh(hass, entry)
    assert _state(hass, "sensor", "500007_state") == "unavailable"
    clock.run(charger.boot_s + 1)
    await _refresh(hass, entry)
    assert _state(hass, "sensor", "500007_state") == "available"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_meter_mode_selected(hass: HomeAssistant, started: Start) -> None:
    """LEK-19: the meter's own mode is chosen through the select entity."""
    meter = LektricoMeter(serial=600001, clamps=[BenchClamp(power_w=-1150.0)], breaker_rating=60)
    await started(meter)
    entry = await _set_up(hass, meter)
    assert _state(hass, "sensor", "600001_breaker_current") == "60"
    assert _state(hass, "sensor", "600001_current") == "5.0"
    assert float(_state(hass, "sensor", "600001_power")) == -1.15
    await hass.services.async_call(
        "select",
        "select_option",
        {
            "entity_id": _entity_id(hass, "select", "600001_load_balancing_mode"),
            "option": "hybrid",
        },
        blocking=True,
    )
    assert meter.mode == 2
    assert await hass.config_entries.async_unload(entry.entry_id)
