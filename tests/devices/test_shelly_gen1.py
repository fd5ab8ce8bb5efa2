"""The driver of the first Shelly meters against simulated ones, over loopback."""

from math import hypot
from typing import Any, Literal

import aiohttp
import pytest

from custom_components.evse_suite.devices import probe
from custom_components.evse_suite.devices.model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    FirmwareUpdate,
    MeterFlaw,
    Push,
    Relay,
    Restart,
)
from custom_components.evse_suite.devices.shelly.gen1 import Gen1Meter
from tests.devices.servers import JsonServer, ManualClock
from tests.devices.shellies import BOOT_S, MAC, POWERS_W, gen1, opened_gen1, run, until_open


@pytest.mark.parametrize(
    ("model_id", "model", "lines", "range_a"), [("SHEM", "EM", 2, None), ("SHEM-3", "3EM", 3, 120)]
)
async def test_probing_and_reading(
    *,
    session: aiohttp.ClientSession,
    clock: ManualClock,
    model_id: Literal["SHEM", "SHEM-3"],
    model: str,
    lines: int,
    range_a: float | None,
) -> None:
    async with gen1(model_id) as meter:
        device = await probe(session, meter.host_port, clock=clock)
        assert isinstance(device, Gen1Meter)
        identity = device.identity
        assert (identity.kind, identity.driver) == (DeviceKind.METER, "shelly")
        assert (identity.serial, identity.mac) == (MAC, MAC)
        assert (identity.model, identity.model_id, identity.lines) == (model, model_id, lines)
        assert identity.default_name == f"Shelly {model} D3E4F5"
        assert identity.firmware == meter.firmware
        reading = await device.read()
        assert [channel.power_w for channel in reading.channels] == list(POWERS_W[:lines])
        for number, channel in enumerate(reading.channels):
            # The EM does not tell its current; it follows from P, Q and U, with the sign of P.
            size_a = hypot(POWERS_W[number], 100 * (number + 1)) / 230
            expected_a = size_a if POWERS_W[number] > 0 else -size_a
            assert channel.current_a == pytest.approx(expected_a, abs=0.01)
            assert channel.voltage_v == pytest.approx(230)
        assert reading.clamp_range_a == range_a
        assert reading.relay_on is False
        assert reading.firmware == reading.latest_firmware == meter.firmware
        assert reading.time_s == clock.now_s


async def test_energies_are_watt_hours_by_direction(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with gen1() as meter:
        run(meter, 3600)
        grid, pv = (await opened_gen1(session, meter.host_port, clock).read()).channels
        assert grid.energy_import_wh == pytest.approx(2300, rel=0.01)
        assert grid.energy_export_wh == 0
        assert pv.energy_import_wh == 0
        assert pv.energy_export_wh == pytest.approx(690, rel=0.01)


async def test_firmware_without_power_factor(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with gen1(reports_power_factor=False) as meter:
        reading = await opened_gen1(session, meter.host_port, clock).read()
        assert [channel.power_factor for channel in reading.channels] == [None, None]
        assert all(channel.usable for channel in reading.channels)


async def test_invalid_samples_are_discarded(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with gen1() as meter:  # SITE-5
        device = opened_gen1(session, meter.host_port, clock)
        meter.faults.invalid = True
        run(meter, 5)
        for channel in (await device.read()).channels:
            assert (channel.power_w, channel.current_a, channel.voltage_v) == (None, None, None)
            assert channel.flaws == {MeterFlaw.INVALID}


async def test_the_contactor_relay(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with gen1() as meter:
        device = opened_gen1(session, meter.host_port, clock)
        await device.set_relay(on=True)
        assert (await device.read()).relay_on is True
        await device.set_relay(on=False)
        assert (await device.read()).relay_on is False
        meter.faults.ignore_commands = True
        with pytest.raises(DeviceCommandError):
            await device.set_relay(on=True)


async def test_login(session: aiohttp.ClientSession) -> None:
    async with gen1(password="secret") as meter:
        for password in (None, "wrong"):
            with pytest.raises(DeviceAuthError):
                await probe(session, meter.host_port, password=password)
        device = await probe(session, meter.host_port, password="secret")
        await device.read()


async def test_restart_and_update(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with gen1() as meter:  # LEK-13
        device = opened_gen1(session, meter.host_port, clock)
        run(meter, 100)
        clock.advance(100)
        assert (await device.read()).restarts == 0
        meter.new_firmware = "20260101-000000/v1.15.0-gabc"
        reading = await device.read()
        assert reading.latest_firmware == "20260101-000000/v1.15.0-gabc"
        assert reading.firmware == "20230913-114150/v1.14.0-gcb84623"
        await device.install_firmware()
        run(meter, 100 + BOOT_S + 4)
        clock.advance(BOOT_S + 4)
        await until_open(meter)
        reading = await device.read()
        assert reading.firmware == reading.latest_firmware == "20260101-000000/v1.15.0-gabc"
        assert reading.restarts == 1
        await device.restart()
        run(meter, meter.now_s + 1)
        with pytest.raises(DeviceConnectionError):
            await device.read()


def status(**changes: object) -> dict[str, Any]:
    emeter = {"power": -620.34, "reactive": 714.48, "voltage": 235.68, "is_valid": True, **changes}
    return {
        "/shelly": {"type": "SHEM", "mac": MAC, "auth": False, "fw": "1"},
        "/status": {"mac": MAC, "emeters": [emeter, emeter]},
    }


@pytest.mark.parametrize(
    ("changes", "current_a"),
    [
        ({}, -4.0148),
        ({"power": 620.34}, 4.0148),
        ({"reactive": None, "pf": -0.66}, -3.9881),
        # With neither, the current is unknown and not guessed too small.
        ({"reactive": None}, None),
        ({"reactive": None, "pf": 0}, None),
        ({"voltage": 3.0}, None),
        ({"voltage": None}, None),
        ({"power": None}, None),
        ({"power": None, "current": 5.0}, None),
        ({"current": 5.0}, -5.0),
    ],
)
async def test_the_current_of_an_em(
    session: aiohttp.ClientSession,
    clock: ManualClock,
    changes: dict[str, object],
    current_a: float | None,
) -> None:
    async with JsonServer(status(**changes)).running() as server:
        channel = (await opened_gen1(session, server.host, clock).read()).channels[0]
    assert channel.current_a == (None if current_a is None else pytest.approx(current_a, rel=1e-4))
    assert channel.usable is (current_a is not None)
    assert (MeterFlaw.NULL in channel.flaws) is (current_a is None)


async def test_a_bare_status(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with JsonServer(status()).running() as server:
        device = opened_gen1(session, server.host, clock)
        reading = await device.read()
        assert (reading.relay_on, reading.firmware, reading.restarts) == (None, None, 0)
        relay = {"ison": True, "is_valid": False}
        server.replies["/status"] = {**status()["/status"], "relays": [relay]}
        assert (await device.read()).relay_on is None


@pytest.mark.parametrize(
    "changes", [{"voltage": 1e9}, {"power": "1"}, {"is_valid": 1}, {"total": -1}]
)
async def test_absurd_values(
    session: aiohttp.ClientSession, clock: ManualClock, changes: dict[str, object]
) -> None:
    async with JsonServer(status(**changes)).running() as server:
        with pytest.raises(DeviceProtocolError):
            await opened_gen1(session, server.host, clock).read()


async def test_another_meter_at_the_address(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    replies = {**status(), "/shelly": {"type": "SHEM", "mac": "000000000001", "fw": "1"}}
    async with JsonServer(replies).running() as server:
        device = opened_gen1(session, server.host, clock)
        with pytest.raises(DeviceMismatchError):
            await device.read()
        with pytest.raises(DeviceMismatchError):
            await device.set_relay(on=True)
    assert server.asked == ["/shelly", "/shelly"]


async def test_capabilities(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    device = opened_gen1(session, "em.local", clock)
    for wanted in (Relay, Restart, FirmwareUpdate):
        assert device.capability(wanted) is device
    assert device.capability(Push) is None
    await device.close()
