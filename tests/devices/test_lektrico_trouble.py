"""Restarts, forgotten phases, wrong neighbours and refusals: a charger's driver in trouble."""

import asyncio

import aiohttp
import pytest

from custom_components.evse_suite.devices import open_device, probe
from custom_components.evse_suite.devices.lektrico.charger import Charger, ThreePhaseCharger
from custom_components.evse_suite.devices.model import (
    ChargerStatus,
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceMismatchError,
    DeviceProtocolError,
)
from tests.devices.lektricos import bench, identity, opened
from tests.devices.servers import JsonServer, ManualClock


async def test_phases_are_switched_with_the_current(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        home.plug_in()
        assert (await device.read()).current_a == pytest.approx((32, 32, 32))
        await device.set_current(10)
        await device.set_force_single_phase(forced=True)
        home.run(20)
        reading = await device.read()
        assert reading.force_single_phase is True
        assert reading.current_a == pytest.approx((10, 0, 0))
        await device.set_force_single_phase(forced=False)
        home.run(20)
        reading = await device.read()
        assert reading.force_single_phase is False
        assert reading.current_a == pytest.approx((10, 10, 10))


async def test_a_forgotten_phase_switch_goes_with_the_next_current(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.set_force_single_phase(forced=True)
        assert (await device.read()).force_single_phase is True
        home.charger.reboot()
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        back = await device.read()
        assert (back.force_single_phase, back.restarts) == (False, 1)
        await device.set_current(8)
        assert (await device.read()).force_single_phase is True
        assert home.charger.point.dynamic_current_a == 8


async def test_a_cut_is_not_undone_by_a_phase_switch(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.read()
        home.charger.faults.delay_s = 0.1
        switch = asyncio.create_task(device.set_force_single_phase(forced=True))
        await asyncio.sleep(0.05)
        # The present current is being asked for; now the cut overtakes the switch.
        await device.set_current(0, urgent=True)
        await switch
        assert home.charger.point.dynamic_current_a == 0
        assert (await device.read()).force_single_phase is True


async def test_a_refused_relay_mode_does_not_block_the_next_cut(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    server = JsonServer(
        {
            "/rpc/charger_config.get": {"serial_number": 500006},
            "/rpc/dynamic_current.get": {"dynamic_current": 16, "relay_mode": 3},
        }
    )
    async with server.running():
        device = opened(session, server.host, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.set_force_single_phase(forced=True)
        server.result = lambda frame: {
            "id": frame["id"],
            "error": {"code": -7, "message": "1p charging disabled"},
        }
        with pytest.raises(DeviceCommandError):
            await device.set_current(0)
        server.result = lambda frame: {"id": frame["id"], "result": True}
        await device.set_current(0)
        server.replies["/rpc/dynamic_current.get"] = {"dynamic_current": 3}
        with pytest.raises(DeviceProtocolError, match="3 A"):
            await device.set_force_single_phase(forced=True)
    assert [frame["params"] for frame in server.frames] == [
        {"dynamic_current": 16, "relay_mode": 1},
        {"dynamic_current": 0, "relay_mode": 1},
        {"dynamic_current": 0},
    ]


async def test_a_restart_is_counted(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with bench() as home:  # SITE-5
        device = opened(session, home.charger.host_port, clock)
        home.plug_in()
        await device.set_current(10)
        assert (await device.read()).restarts == 0
        home.charger.reboot()
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        reading = await device.read()
        assert (reading.offered_current_a, reading.restarts) == (32, 1)
        assert (await device.read()).restarts == 1


async def test_an_ordered_restart_waits_and_is_counted(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:  # LEK-13
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        await device.restart()
        home.run(1)
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        assert (await device.read()).restarts == 1


async def test_an_outage_alone_is_no_restart(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        await device.set_current(10)
        await device.read()
        home.charger.faults.drop = True
        with pytest.raises(DeviceConnectionError):
            await device.read()
        home.charger.faults.clear()
        assert (await device.read()).restarts == 0


async def test_basic_login(session: aiohttp.ClientSession) -> None:
    async with bench(credentials=("user", "secret")) as home:
        host = home.charger.host_port
        with pytest.raises(DeviceAuthError):
            await probe(session, host)
        with pytest.raises(DeviceAuthError):
            await probe(session, host, username="user", password="wrong")
        device = await probe(session, host, username="user", password="secret")
        assert device.identity.serial == "500006"
        await device.read()


async def test_another_charger_at_the_address(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        stranger = open_device(identity(serial="500007"), session, home.charger.host_port)
        assert isinstance(stranger, Charger)
        with pytest.raises(DeviceMismatchError, match="500006"):
            await stranger.read()
        # Neither is it told anything.
        with pytest.raises(DeviceMismatchError):
            await stranger.set_current(0, urgent=True)
        assert home.charger.point.dynamic_current_a == 32


async def test_the_address_moves_to_another_charger_during_an_outage(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    config: dict[str, object] = {"serial_number": 500006}
    server = JsonServer({"/rpc/charger_config.get": config})
    async with server.running():
        device = opened(session, server.host, clock)
        await device.set_current(10)
        device._rpc._door.lose()
        config["serial_number"] = 500007
        with pytest.raises(DeviceMismatchError):
            await device.set_current(16)
    assert len(server.frames) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("garbage", DeviceProtocolError),
        ("unauthorized", DeviceAuthError),
        ("drop", DeviceConnectionError),
        ("invalid", DeviceProtocolError),
    ],
)
async def test_faults(
    session: aiohttp.ClientSession,
    clock: ManualClock,
    fault: str,
    error: type[DeviceError],
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        home.charger.faults.set(fault, True)
        home.run(2)
        with pytest.raises(error):
            await device.read()
        home.charger.faults.clear()
        home.run(2)
        assert (await device.read()).status is ChargerStatus.AVAILABLE


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ({"result": True}, DeviceProtocolError),
        ({"id": -1, "result": True}, DeviceProtocolError),
        ({"id": 1, "result": False}, DeviceCommandError),
        ({"id": 1}, DeviceCommandError),
        ({"id": 1, "result": {}}, DeviceProtocolError),
        ({"id": 1, "error": "no"}, DeviceProtocolError),
        ({"id": 1, "error": {"code": -4}}, DeviceCommandError),
    ],
)
async def test_only_a_confirmed_command_counts(
    session: aiohttp.ClientSession,
    clock: ManualClock,
    result: dict[str, object],
    error: type[DeviceError],
) -> None:
    server = JsonServer({"/rpc/charger_config.get": {"serial_number": 500006}})
    server.result = lambda _frame: result
    async with server.running():
        with pytest.raises(error):
            await opened(session, server.host, clock).set_current(6)
