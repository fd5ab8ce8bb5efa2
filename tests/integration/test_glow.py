"""A Glow display on the broker of Home Assistant (MTR-2, SITE-8)."""

from collections.abc import Callable
from itertools import count
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.devices.glow.payloads import meter_message
from custom_components.evse_suite.devices.model import DeviceProtocolError
from homeassistant.config_entries import SOURCE_MQTT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from tests.integration.house import until

MAC = "1234567890AB"
STATE = {"software": "v1.8.12", "hardware": "GLOW-IHD-01-1v4-SMETS2", "ethmac": MAC}


def electricity(second: int, power_kw: float, export_kwh: float = 0.0) -> str:
    """Return a message in the shape that displays send."""
    return json.dumps(
        {
            "electricitymeter": {
                "timestamp": f"2026-05-13T21:57:{second}Z",
                "energy": {
                    "export": {"cumulative": export_kwh, "units": "kWh"},
                    "import": {
                        "cumulative": 6252.217,
                        "units": "kWh",
                        "mpan": "not available",
                        "price": {"unitrate": 0.2194, "standingcharge": 0.5559},
                    },
                },
                "power": {"value": power_kw, "units": "kW"},
            }
        }
    )


GAS = json.dumps(
    {
        "gasmeter": {
            "timestamp": "2026-05-13T21:30:00Z",
            "energy": {"import": {"cumulative": 1234.5, "price": {"unitrate": 0.061}}},
        }
    }
)


def announced(topic: str = f"glow/{MAC}/STATE") -> MqttServiceInfo:
    return MqttServiceInfo(
        topic=topic,
        payload=json.dumps(STATE),
        qos=0,
        retain=True,
        subscribed_topic="glow/+/STATE",
        timestamp=0.0,
    )


async def found(hass: HomeAssistant) -> MockConfigEntry:
    """Let a display be discovered and add it to a site of its own."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"supply": "single", "fuse_a": 60, "voltage_v": 230.0},
        options={"mode": "power"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    flow = hass.async_create_task(
        hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_MQTT}, data=announced()
        )
    )
    while not flow.done():
        # The broker keeps the state and hands it to every new subscriber.
        async_fire_mqtt_message(hass, f"glow/{MAC}/STATE", json.dumps(STATE))
        await hass.async_block_till_done(wait_background_tasks=False)
    step: Any = flow.result()
    assert step["step_id"] == "meter"
    # MTR-2: it tells no amperes, so it guards no fuse.
    answer = {"name": "", "role": "mains", "channel_1": "l1"}
    refused = await hass.config_entries.flow.async_configure(step["flow_id"], answer)
    assert refused["errors"] == {"role": "meter_too_slow"}
    answer |= {"role": "other", "channel_1": "none"}
    done = await hass.config_entries.flow.async_configure(step["flow_id"], answer)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "device_added")
    await hass.async_block_till_done(wait_background_tasks=False)
    return entry


def value(hass: HomeAssistant, key: str) -> str:
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"glow_{MAC}_{key}")
    state = None if entity_id is None else hass.states.get(entity_id)
    return "none" if state is None else state.state


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
# The timer is MQTT's own: it waits before it unsubscribes.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_display_on_the_broker(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, socket_enabled: None
) -> None:
    """MTR-2, SITE-8: electricity, gas, export, price and standing charge."""
    assert mqtt_mock is not None
    entry = await found(hass)
    topic = f"glow/{MAC}/SENSOR"

    seconds = count(1)

    def heard(power_kw: float, export_kwh: float, shown: str) -> Callable[[], bool]:
        """Publish again and again, as a display does, until the sensor shows it."""

        def look() -> bool:
            message = electricity(next(seconds), power_kw, export_kwh)
            async_fire_mqtt_message(hass, f"{topic}/gasmeter", GAS)
            async_fire_mqtt_message(hass, f"{topic}/electricitymeter", message)
            return value(hass, "power_1") == shown

        return look

    await until(heard(1.011, 0.0, "1011.0"), "the power")
    assert value(hass, "import_energy_1") == "6252.217"
    assert value(hass, "register_unit_rate") == "0.2194"
    assert value(hass, "register_standing_charge") == "0.5559"
    assert value(hass, "register_gas_import") == "1234.5"
    assert value(hass, "register_gas_unit_rate") == "0.061"

    # Once it has exported, zero may be export: nothing is claimed until a minus is seen.
    async_fire_mqtt_message(hass, f"{topic}/electricitymeter", "no JSON at all {")
    await until(heard(0.0, 2.5, "unknown"), "a power that says nothing")
    await until(heard(-0.4, 2.6, "-400.0"), "export")
    await until(heard(0.0, 2.6, "0.0"), "a true zero")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_without_a_broker(hass: HomeAssistant, socket_enabled: None) -> None:
    """A display that cannot be heard is refused with a reason."""
    step = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=announced()
    )
    assert (step["type"], step["reason"]) == (FlowResultType.ABORT, "cannot_connect")


@pytest.mark.parametrize(
    "payload",
    ["", "[]", "{}", '{"electricitymeter": 7}', '{"electricitymeter": {"timestamp": 1}}'],
)
def test_what_is_no_message(payload: str) -> None:
    with pytest.raises(DeviceProtocolError):
        meter_message(payload, "electricitymeter")
