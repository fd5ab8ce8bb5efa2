"""Set-up flows run in Home Assistant against simulated devices on loopback."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass, field
from ipaddress import ip_address
import json
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType, section
from homeassistant.helpers.selector import SelectSelector
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from simulator.devices.base import SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClamp
from simulator.devices.lektrico import LektricoCharger, LektricoMeter
from simulator.devices.shelly import ShellyGen1, ShellyGen2

TEXTS = json.loads(
    (Path(__file__).parents[2] / "custom_components/evse_suite/translations/en.json").read_text()
)
SITE = {"supply": "single", "fuse_a": 60, "voltage_v": 230.0}

type Result = dict[str, Any]
type Start = Callable[[SimulatedDevice], Awaitable[str]]


@dataclass(slots=True)
class Setup:
    """What Home Assistant asked of the integration, whose real set-up is not under test here."""

    started: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)


@pytest.fixture(autouse=True)
def setup() -> Generator[Setup]:
    seen = Setup()

    async def on_update(_hass: HomeAssistant, entry: ConfigEntry) -> None:
        seen.updated.append(entry.entry_id)

    async def start(_hass: HomeAssistant, entry: ConfigEntry) -> bool:
        entry.async_on_unload(entry.add_update_listener(on_update))
        seen.started.append(entry.entry_id)
        return True

    async def stop(_hass: HomeAssistant, _entry: ConfigEntry) -> bool:
        return True

    with (
        patch("custom_components.evse_suite.async_setup_entry", start),
        patch("custom_components.evse_suite.async_unload_entry", stop),
    ):
        yield seen


@pytest.fixture
async def start() -> AsyncGenerator[Start]:
    running: list[SimulatedDevice] = []

    async def start_one(device: SimulatedDevice) -> str:
        running.append(device)
        await device.start()
        return device.host_port

    yield start_one
    for device in running:
        await device.stop()


def charger(
    serial: int = 500006,
    *,
    model: Any = "1p7k",
    credentials: tuple[str, str] | None = None,
) -> LektricoCharger:
    """Return a Lektrico charger that is not started yet."""
    lines = 1 if model == "1p7k" else 3
    return LektricoCharger(
        model=model, serial=serial, car=BenchCar(lines=lines), credentials=credentials
    )


def lektrico_em(serial: int = 810001, clamps: int = 1) -> LektricoMeter:
    """Return an EM, or a 3EM with three clamps."""
    return LektricoMeter(serial=serial, clamps=[BenchClamp() for _ in range(clamps)])


def shelly_em(mac: str = "A4CF12B9F355", password: str | None = None) -> ShellyGen1:
    """Return a Gen1 meter with two clamps."""
    return ShellyGen1(model="SHEM", mac=mac, clamps=[BenchClamp(), BenchClamp()], password=password)


def shelly_pro(mac: str = "AABBCCDDEEFF", password: str | None = None) -> ShellyGen2:
    """Return a Pro 3EM."""
    return ShellyGen2(
        model="SPEM-003CEBEU",
        mac=mac,
        clamps=[BenchClamp(), BenchClamp(), BenchClamp()],
        password=password,
    )


def charger_data(host: str, serial: int = 500006, **more: Any) -> ConfigSubentryData:
    """Return a charger as it is stored."""
    data = {
        "host": host,
        "driver": "lektrico",
        "serial": str(serial),
        "model": "1P7K",
        "model_id": "1p7k",
        "lines": 1,
        "phases": ["l1"],
        "maximum_a": 32,
        "safe_a": 6,
        "priority": 0,
    }
    return ConfigSubentryData(
        data=data | more,
        subentry_type="charger",
        title="Garage",
        unique_id=f"lektrico_{serial}",
    )


def meter_data(host: str, mac: str = "A4CF12B9F355", **more: Any) -> ConfigSubentryData:
    """Return a Gen1 mains meter as it is stored."""
    data = {
        "host": host,
        "driver": "shelly",
        "serial": mac,
        "model": "EM",
        "model_id": "SHEM",
        "lines": 2,
        "role": "mains",
        "phases": ["l1", "none"],
    }
    return ConfigSubentryData(
        data=data | more, subentry_type="meter", title="Mains", unique_id=f"shelly_{mac}"
    )


async def add_site(
    hass: HomeAssistant,
    *devices: ConfigSubentryData,
    title: str = "Home",
    **data: Any,
) -> MockConfigEntry:
    """Add a site with these devices and set it up."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=title,
        data=SITE | data,
        options={"mode": "power"},
        subentries_data=devices,
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def announcement(device: SimulatedDevice, service: int = 0) -> ZeroconfServiceInfo:
    """Return what zeroconf would hand over for a running device."""
    host, port = device.address
    kind = device.announcement.service_types[service]
    return ZeroconfServiceInfo(
        ip_address=ip_address(host),
        ip_addresses=[ip_address(host)],
        port=port,
        hostname=f"{device.announcement.instance}.local.",
        type=kind,
        name=f"{device.announcement.instance}.{kind}",
        properties=dict(device.announcement.properties),
    )


async def discover(hass: HomeAssistant, device: SimulatedDevice, service: int = 0) -> Result:
    """Start the flow of a device that announces itself."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "zeroconf"}, data=announcement(device, service)
    )
    return cast("Result", result)


async def submit(manager: Any, result: Result, **values: Any) -> Result:
    """Fill in a form, whose other fields keep what they suggest, and submit it."""
    fields = result["data_schema"].schema if result.get("data_schema") else {}
    suggested = {
        key.schema: key.description["suggested_value"]
        for key in fields
        if key.description and "suggested_value" in key.description
    }
    step = await manager.async_configure(result["flow_id"], {**suggested, **values})
    return cast("Result", step)


async def add(hass: HomeAssistant, result: Result, **values: Any) -> Result:
    """Fill in a form of a device's own flow."""
    return await submit(hass.config_entries.subentries, result, **values)


def only(entry: MockConfigEntry) -> ConfigSubentry:
    """Return the only device of a site."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry


def suggestions(result: Result) -> dict[str, Any]:
    """Return what a form shows before anybody types; a section by its own fields."""
    found: dict[str, Any] = {}
    for key, value in result["data_schema"].schema.items():
        if isinstance(value, section):
            found[key.schema] = suggestions({"data_schema": value.schema})
        elif key.description and "suggested_value" in key.description:
            found[key.schema] = key.description["suggested_value"]
    return found


@pytest.fixture(autouse=True)
def every_step_has_texts() -> Generator[None]:
    """Fail when a step, a field, an error or a reason that is shown has no sentence."""
    handle = FlowManager._async_handle_step

    async def checked(manager: Any, flow: Any, *args: Any, **kwargs: Any) -> Any:
        result = await handle(manager, flow, *args, **kwargs)
        texts = TEXTS["config"]
        if isinstance(flow.handler, tuple):
            texts = TEXTS["config_subentries"][flow.handler[1]]
        check_texts(texts, result)
        return result

    with patch.object(FlowManager, "_async_handle_step", checked):
        yield


def check_texts(texts: dict[str, Any], result: Result) -> None:
    """Check what is shown against the translations."""
    if result["type"] is FlowResultType.ABORT and not result.get("translation_domain"):
        filled(texts["abort"][result["reason"]], result)
    if result["type"] is FlowResultType.MENU:
        step = texts["step"][result["step_id"]]
        assert step["menu_options"].keys() == set(result["menu_options"])
        filled(step["title"], result)
    if result["type"] is FlowResultType.FORM:
        step = texts["step"][result["step_id"]]
        filled(step["title"], result)
        filled(step["description"], result)
        check_fields(step, result["data_schema"].schema)
        for error in (result["errors"] or {}).values():
            filled(texts["error"][error], result)


def check_fields(step: dict[str, Any], fields: dict[Any, Any]) -> None:
    """Check that every field has a name and a description, and every option a label."""
    for key, field_type in fields.items():
        if isinstance(field_type, section):
            part = step["sections"][key.schema]
            assert part["name"]
            assert part["description"]
            check_fields(part, field_type.schema.schema)
            continue
        assert step["data"][key.schema]
        assert step["data_description"][key.schema]
        check_labels(field_type.config)


def check_labels(config: dict[str, Any]) -> None:
    """Check that every option of a choice, and every field of a row, has a label."""
    for row_field in config.get("fields", {}).values():
        # The window of a row shows no translations: its options bring their labels along.
        if isinstance(row_field["selector"], SelectSelector):
            for option in row_field["selector"].config["options"]:
                assert not isinstance(option, str)
                assert option["label"] != option["value"]
    if group := config.get("translation_key"):
        part = "options" if "options" in config else "fields"
        assert set(config[part]) <= TEXTS["selector"][group][part].keys()


def filled(text: str, result: Result) -> None:
    """Fail for a text whose placeholders are not given."""
    assert text.format_map(result.get("description_placeholders") or {})
