"""The library of Home Assistant's Shelly integration against the simulated newer meters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import ClientSession
from aioshelly.common import ConnectionOptions, get_info
from aioshelly.exceptions import DeviceConnectionError, InvalidAuthError, RpcCallError
from aioshelly.rpc_device import RpcDevice, RpcUpdateType
import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchClamp, BenchClock
from simulator.devices.shelly import MODELS, Profile, ShellyGen1, ShellyGen2

type Start = Callable[[SimulatedDevice], Awaitable[None]]

MAC = "AABBCCDDEEFF"
PASSWORD = "correct horse"


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return a client session."""
    async with ClientSession() as session:
        yield session


def _clamps(model: str) -> list[BenchClamp]:
    powers_w = (1150.0, -460.0, 230.0)
    return [BenchClamp(power_w=power_w) for power_w in powers_w[: MODELS[model].clamps]]


async def _connected(
    session: ClientSession, device: ShellyGen2, password: str | None = None
) -> RpcDevice:
    host, port = device.address
    user = None if password is None else "admin"
    options = ConnectionOptions(host, user, password, device_mac=device.mac, port=port)
    client = await RpcDevice.create(session, None, options)
    await client.initialize()
    return client


@pytest.mark.parametrize("model", MODELS)
async def test_every_model_initialises(started: Start, session: ClientSession, model: str) -> None:
    """Identity, configuration and status of each model are what the library needs."""
    device = ShellyGen2(model=model, mac=MAC, clamps=_clamps(model), name="Grid")
    await started(device)
    client = await _connected(session, device)
    assert (client.model, client.gen, client.name) == (model, MODELS[model].generation, "Grid")
    assert client.firmware_supported
    assert not client.requires_auth
    meters = [key for key in client.status if key.split(":")[0] in {"em", "em1"}]
    triphase = bool(MODELS[model].profiles)
    assert meters == (["em:0"] if triphase else [f"em1:{n}" for n in range(MODELS[model].clamps)])
    assert ("switch:0" in client.status) is MODELS[model].relay
    methods = await client.methods_list()
    assert ("EM.GetStatus" in methods) is triphase
    await client.shutdown()


async def test_news_arrive_every_second(started: Start, session: ClientSession) -> None:
    """NotifyStatus is merged into the library's status; direction is the sign of the power."""
    clamps = _clamps("SPEM-003CEBEU")
    device = ShellyGen2(model="SPEM-003CEBEU", mac=MAC, clamps=clamps)
    clock = BenchClock(device)
    await started(device)
    client = await _connected(session, device)
    heard: asyncio.Queue[RpcUpdateType] = asyncio.Queue()
    client.subscribe_updates(lambda _device, kind: heard.put_nowait(kind))
    clamps[1].power_w = -2300.0
    clock.run(3)
    assert [await heard.get() for _ in range(3)] == [RpcUpdateType.STATUS] * 3
    phases = client.status["em:0"]
    assert (phases["b_act_power"], phases["b_current"]) == (-2300.0, 10.0)
    assert phases["total_act_power"] == 1150.0 - 2300.0 + 230.0
    assert phases["n_current"] is None
    device.reboot()
    assert await heard.get() is RpcUpdateType.DISCONNECTED
    await client.shutdown()


async def test_full_status_replaces(started: Start, session: ClientSession) -> None:
    """Once a minute the whole status comes, with the counters of the last minute."""
    clamps = _clamps("S3EM-002CXCEU")
    device = ShellyGen2(model="S3EM-002CXCEU", mac=MAC, clamps=clamps)
    clock = BenchClock(*clamps, device)
    await started(device)
    client = await _connected(session, device)
    client.subscribe_updates(lambda _device, _kind: None)
    clock.run(121)
    await client.call_rpc("Shelly.ListMethods")  # answered after the news that are on their way
    assert "ts" in client.status
    assert client.status["em1data:0"]["total_act_energy"] == pytest.approx(1150 / 60 * 2, rel=0.05)
    assert client.status["em1data:1"]["total_act_ret_energy"] == pytest.approx(460 / 30, rel=0.05)
    await client.shutdown()


async def test_relay_and_errors(started: Start, session: ClientSession) -> None:
    """The contactor is switched with a timer; a bad call gets the protocol's code."""
    device = ShellyGen2(model="SPEM-002CEBEU50", mac=MAC, clamps=_clamps("SPEM-002CEBEU50"))
    clock = BenchClock(device)
    await started(device)
    client = await _connected(session, device)
    on: dict[str, Any] = {"id": 0, "on": True, "toggle_after": 30}
    clock.run(1)
    assert await client.call_rpc("Switch.Set", on) == {"was_on": False}
    seen = []
    for seconds in (29, 2):
        clock.run(seconds)
        seen.append(device.relay.on)
    assert seen == [True, False]
    with pytest.raises(RpcCallError) as missing:
        await client.call_rpc("EM1.GetStatus", {"id": 5})
    assert missing.value.code == -105
    with pytest.raises(RpcCallError) as unknown:
        await client.call_rpc("Light.Set", {"id": 0})
    assert unknown.value.code == 404
    await client.shutdown()


async def test_login(started: Start, session: ClientSession) -> None:
    """The SHA-256 challenge in the error frame, a wrong password, and a stale nonce."""
    device = ShellyGen2(
        model="SPEM-003CEBEU",
        mac=MAC,
        clamps=_clamps("SPEM-003CEBEU"),
        profile=Profile.MONOPHASE,
        password=PASSWORD,
    )
    await started(device)
    host, port = device.address
    assert (await get_info(session, host, port=port))["auth_en"] is True
    with pytest.raises(InvalidAuthError):
        await _connected(session, device, "wrong")
    client = await _connected(session, device, PASSWORD)
    assert client.status["em1:1"]["act_power"] == -460.0
    device.login.expire()
    assert (await client.call_rpc("EM1.GetStatus", {"id": 1}))["act_power"] == -460.0
    await client.shutdown()


async def test_restart_and_update(started: Start, session: ClientSession) -> None:
    """Shelly.Reboot loses the relay and the uptime; Shelly.Update brings the new version."""
    device = ShellyGen2(model="S4EM-002CXCEU", mac=MAC, clamps=_clamps("S4EM-002CXCEU"))
    clock = BenchClock(device)
    device.new_firmware = "1.7.0"
    await started(device)
    clock.run(500)
    client = await _connected(session, device)
    assert client.status["sys"]["uptime"] == 500
    assert client.status["sys"]["available_updates"] == {"stable": {"version": "1.7.0"}}
    await client.call_rpc("Switch.Set", {"id": 0, "on": True})
    await client.trigger_ota_update()
    clock.run(1)
    with pytest.raises(DeviceConnectionError):
        await _connected(session, device)
    clock.run(device.boot_s + 1)
    client = await _connected(session, device)
    assert (client.version, client.status["switch:0"]["output"]) == ("1.7.0", False)
    assert client.status["sys"]["uptime"] < 5
    await client.shutdown()


async def test_first_generation_identity(started: Start, session: ClientSession) -> None:
    """The library recognises the older meters; see test_block_device for the rest of them."""
    device = ShellyGen1(model="SHEM", mac="A4CF12B9F355", clamps=[BenchClamp(), BenchClamp()])
    await started(device)
    host, port = device.address
    info = await get_info(session, host, device_mac=device.mac, port=port)
    assert (info["type"], info["auth"]) == ("SHEM", False)
