"""Diagnostics tell what happens and hide who it happens to."""

import json
import math
from typing import Any

import pytest

from custom_components.evse_suite import diagnostics, system_health
from custom_components.evse_suite.helpers import plain
from homeassistant.components import diagnostics as core, system_health as core_health
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.integration.house import THREE_PHASE, House, until


@pytest.fixture
async def told(hass: HomeAssistant, home: House) -> dict[str, Any]:
    await until(lambda: home.site.decision and home.site.decision.phases[0].mains_a, "a cycle")
    return await diagnostics.async_get_config_entry_diagnostics(hass, home.entry)


async def test_what_is_told(home: House, told: dict[str, Any]) -> None:
    assert told["mode"] == "power"
    assert told["decision"]["phases"][0]["phase"] == "l1"
    assert told["decision"]["chargers"][0]["reason"]
    charger, meter = told["devices"].values()
    assert charger["reading"]["raw_status"] in ("B", "B_PAUSE", "C")
    assert charger["identity"]["model"] == "1P7K"
    assert meter["reading"]["channels"][0]["power_w"]
    assert meter["available"] is True
    assert told["entry"]["data"]["fuse_a"] == 40
    assert told["history"][-1]["phases"]["l1"]["limit_a"] == 40
    assert told["history"][-1]["chargers"][0]["reason"]


@pytest.mark.parametrize("layout", [THREE_PHASE], ids=["three_phases"])
async def test_what_is_hidden(home: House, told: dict[str, Any]) -> None:
    text = json.dumps(told)
    serials = [str(device.serial) for device in home.simulation.devices.values()]
    addresses = [device.host_port for device in home.simulation.devices.values()]
    for secret in (*serials, *addresses, "127.0.0.1", "garage", "34987a45e1b0"):
        assert secret not in text, secret
    assert "**REDACTED**" in text


async def test_errors_without_addresses(hass: HomeAssistant, home: House) -> None:
    home.charger.inject({"silent": True})
    link = home.site.chargers[home.site.spec.chargers[0].key]
    await until(lambda: link.health.error, "an error")

    told = await diagnostics.async_get_config_entry_diagnostics(hass, home.entry)

    assert told["devices"][link.key]["health"]["error"] == "DeviceConnectionError"
    assert home.charger.host_port not in json.dumps(told)


@pytest.mark.parametrize("name", ["garage", "mains"])
async def test_one_device(hass: HomeAssistant, home: House, name: str) -> None:
    told = await diagnostics.async_get_device_diagnostics(hass, home.entry, home.registered(name))
    assert told["configuration"]["host"] == core.REDACTED
    assert told["device"]["reading"]["time_s"] > 0


async def test_the_device_of_the_site(hass: HomeAssistant, home: House) -> None:
    await until(lambda: home.site.decision and home.site.decision.phases[0].mains_a, "a cycle")
    told = await diagnostics.async_get_device_diagnostics(hass, home.entry, home.registered(None))
    assert told["decision"]["meter_health"] in ("ok", "starting")


def test_what_json_cannot_carry() -> None:
    assert plain({1: {"b", "a"}}) == {"1": ["a", "b"]}
    assert plain((1.5, None, math.inf, math.nan)) == [1.5, None, None, None]
    assert plain(ValueError("10.0.0.7")) == "ValueError"


async def test_system_health(hass: HomeAssistant, home: House) -> None:
    assert await async_setup_component(hass, core_health.DOMAIN, {})
    registration = core_health.SystemHealthRegistration(hass, "evse_suite")
    system_health.async_register(hass, registration)
    assert registration.info_callback is not None

    info = await registration.info_callback(hass)
    assert info == {"sites": 1, "devices": 2, "silent_devices": 0, "silent_meters": 0}
