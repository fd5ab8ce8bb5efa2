"""What newer Shelly meters send by themselves, over a real WebSocket on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
import json

import aiohttp
from aiohttp import web
import pytest

from custom_components.evse_suite.devices.model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceProtocolError,
    MeterFlaw,
    MeterReading,
)
from custom_components.evse_suite.devices.shelly import socket as socket_module
from custom_components.evse_suite.devices.shelly.rpc_meter import RpcMeter
from simulator.devices.bench import BenchClamp
from simulator.devices.shelly.models import Profile
from tests.devices.servers import ManualClock
from tests.devices.shellies import MAC, POWERS_W, opened_rpc, rpc, run

type Inbox = asyncio.Queue[MeterReading]

STATUS: dict[str, object] = {
    "em1:0": {"id": 0, "act_power": -230.0, "current": 1.0, "voltage": 230.0, "freq": 50},
    "em1data:0": {"id": 0, "total_act_energy": 10.0, "total_act_ret_energy": 20.0},
    "sys": {"mac": MAC, "uptime": 1000},
}


@asynccontextmanager
async def listening(device: RpcMeter) -> AsyncIterator[tuple[Inbox, asyncio.Task[None]]]:
    inbox: Inbox = asyncio.Queue()
    task = asyncio.create_task(device.listen(inbox.put_nowait))
    try:
        yield inbox, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def following(inbox: Inbox) -> MeterReading:
    return await asyncio.wait_for(inbox.get(), 5)


@pytest.mark.parametrize("profile", Profile)
async def test_readings_come_by_themselves(
    session: aiohttp.ClientSession, clock: ManualClock, profile: Profile
) -> None:
    async with rpc(profile=profile) as meter:
        device = opened_rpc(session, meter.host_port, clock)
        async with listening(device) as (inbox, _task):
            first = await following(inbox)
            assert [channel.power_w for channel in first.channels] == list(POWERS_W)
            clamp = meter.channels[1].clamp
            assert isinstance(clamp, BenchClamp)
            clamp.power_w = 460.0
            clock.advance(5)
            run(meter, 2)
            second = await following(inbox)
            assert second.channels[1].power_w == 460
            assert second.channels[0].power_w == POWERS_W[0]
            assert second.time_s == first.time_s + 5


async def test_login_on_the_socket(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with rpc(password="secret") as meter:
        device = opened_rpc(session, meter.host_port, clock, password="secret")
        async with listening(device) as (inbox, _task):
            await following(inbox)
        for password in (None, "wrong"):
            stranger = opened_rpc(session, meter.host_port, clock, password=password)
            with pytest.raises(DeviceAuthError):
                await asyncio.wait_for(stranger.listen(lambda _reading: None), 5)


async def test_a_lost_connection_is_reported(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with rpc() as meter:  # SITE-5
        device = opened_rpc(session, meter.host_port, clock)
        async with listening(device) as (inbox, task):
            await following(inbox)
            meter.faults.silent = True
            run(meter, 2)
            with pytest.raises(DeviceConnectionError):
                await asyncio.wait_for(task, 5)
        # From now on it has to prove again who it is.
        assert device._door.outages == 1


async def test_closing_ends_the_listening(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with rpc() as meter:
        device = opened_rpc(session, meter.host_port, clock)
        async with listening(device) as (inbox, task):
            await following(inbox)
            await device.close()
            with pytest.raises(DeviceConnectionError):
                await asyncio.wait_for(task, 5)


async def test_errors_come_and_go(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with rpc() as meter:
        device = opened_rpc(session, meter.host_port, clock)
        async with listening(device) as (inbox, _task):
            await following(inbox)
            meter.faults.meter_errors = ("power_meter_failure",)
            run(meter, 2)
            bad = await following(inbox)
            assert bad.channels[0].flaws == {MeterFlaw.METER_FAILURE}
            meter.faults.meter_errors = ()
            run(meter, 3)
            # The errors stand in a notice only while there are some.
            assert (await following(inbox)).channels[0].flaws == frozenset()


async def test_a_reading_may_be_taken_while_it_listens(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with rpc() as meter:
        device = opened_rpc(session, meter.host_port, clock)
        async with listening(device) as (inbox, _task):
            await following(inbox)
            polled = await asyncio.wait_for(device.read(), 5)
            assert polled.clamp_range_a == 120
            run(meter, 2)
            assert (await following(inbox)).clamp_range_a == 120


type Script = Callable[[web.WebSocketResponse, dict[str, object]], Awaitable[None]]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[str]:
    """Serve a WebSocket that does what a test says after the first request."""

    async def shelly(_request: web.Request) -> web.Response:
        return web.json_response({"mac": MAC, "gen": 3, "model": "x"})

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        frame = json.loads((await socket.receive()).data)
        await script(socket, frame)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/shelly", shelly)
    app.router.add_get("/rpc", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def notify(method: str, params: dict[str, object]) -> dict[str, object]:
    return {"src": "x", "dst": "evse-suite", "method": method, "params": params}


async def heard(
    session: aiohttp.ClientSession, script: Script, password: str | None = None
) -> tuple[list[MeterReading], DeviceError]:
    """Return what a listener gets until the socket ends, and how it ends."""
    readings: list[MeterReading] = []
    async with scripted(script) as host:
        device = opened_rpc(session, host, ManualClock(), "x", 1, password=password)
        with pytest.raises(DeviceError) as caught:
            await asyncio.wait_for(device.listen(readings.append), 5)
    return readings, caught.value


async def test_partial_and_full_notices(session: aiohttp.ClientSession) -> None:
    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        # A notice may come before the reply; it is not the whole yet.
        await socket.send_json(notify("NotifyStatus", {"em1:0": {"act_power": 1.0}}))
        await socket.send_json({"id": 99, "result": {}})
        await socket.send_json({"id": frame["id"], "src": "x", "result": STATUS})
        await socket.send_json(notify("NotifyStatus", {"ts": 1.0, "em1:0": {"act_power": 460.0}}))
        await socket.send_json(notify("NotifyEvent", {"events": []}))
        # Without a measurement there is no reading, but what it brings is kept.
        await socket.send_json(notify("NotifyStatus", {"em1data:0": {"total_act_energy": 11.0}}))
        await socket.send_json(notify("NotifyStatus", {"em1:0": {"current": 2.0}}))
        full = {**STATUS, "em1data:0": {"id": 0}}
        await socket.send_json(notify("NotifyFullStatus", full))

    readings, end = await heard(session, script)
    assert isinstance(end, DeviceConnectionError)
    channels = [reading.channels[0] for reading in readings]
    assert [channel.power_w for channel in channels] == [-230, 460, 460, -230]
    assert [channel.current_a for channel in channels] == [-1, 1, 2, -1]
    assert [channel.energy_import_wh for channel in channels] == [10, 10, 11, None]
    assert [channel.energy_export_wh for channel in channels] == [20, 20, 20, None]


async def test_partial_notices_are_no_restart(session: aiohttp.ClientSession) -> None:
    clock = ManualClock()

    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_json({"id": frame["id"], "result": STATUS})
        for _ in range(3):
            await socket.send_json(notify("NotifyStatus", {"em1:0": {"act_power": 5.0}}))
        rebooted = {**STATUS, "sys": {"mac": MAC, "uptime": 3}}
        await socket.send_json(notify("NotifyFullStatus", rebooted))

    restarts: list[int] = []

    def take(reading: MeterReading) -> None:
        restarts.append(reading.restarts)
        # A minute between notices, in which the uptime is not told.
        clock.advance(60)

    async with scripted(script) as host:
        device = opened_rpc(session, host, clock, "x", 1)
        with pytest.raises(DeviceConnectionError):
            await asyncio.wait_for(device.listen(take), 5)
    assert restarts == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("{]", DeviceProtocolError),
        ("[1]", DeviceProtocolError),
        ('{"method":5}', DeviceProtocolError),
        ('{"method":"NotifyStatus"}', DeviceProtocolError),
        ('{"method":"NotifyStatus","params":{"em1:0":7}}', DeviceProtocolError),
        ('{"method":"NotifyFullStatus","params":{}}', DeviceProtocolError),
        ('{"method":"NotifyStatus","params":{"em1:0":{"voltage":1e9}}}', DeviceProtocolError),
        (b"\x00\x01", DeviceProtocolError),
        pytest.param("9" * 70_000, DeviceConnectionError, id="too long"),
    ],
)
async def test_bad_frames_end_it(
    session: aiohttp.ClientSession, message: str | bytes, error: type[DeviceError]
) -> None:
    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_json({"id": frame["id"], "result": STATUS})
        if isinstance(message, str):
            await socket.send_str(message)
        else:
            await socket.send_bytes(message)
        await socket.receive()

    readings, end = await heard(session, script)
    assert len(readings) == 1
    assert isinstance(end, error)


async def test_an_error_instead_of_the_status(session: aiohttp.ClientSession) -> None:
    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_json({"id": frame["id"], "error": {"code": -114, "message": "busy"}})

    _readings, end = await heard(session, script)
    assert isinstance(end, DeviceCommandError)
    assert end.code == -114


async def test_a_silent_device_is_pinged(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "SILENCE_S", 0.05)

    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_json({"id": frame["id"], "result": STATUS})
        # Pings are answered both ways for a while, without a word of the protocol.
        await socket.ping(b"1")
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await socket.receive()
        await socket.send_json(notify("NotifyStatus", {"em1:0": {"act_power": 5.0}}))

    readings, end = await heard(session, script)
    assert isinstance(end, DeviceConnectionError)
    assert [reading.channels[0].power_w for reading in readings] == [-230, 5]


async def test_a_dead_connection_is_noticed(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SITE-5: the peer is gone without closing, so nothing answers the ping.
    monkeypatch.setattr(socket_module, "SILENCE_S", 0.05)

    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        await socket.send_json({"id": frame["id"], "result": STATUS})
        await asyncio.sleep(1)

    readings, end = await heard(session, script)
    assert len(readings) == 1
    assert isinstance(end, DeviceConnectionError)
    assert "silent" in str(end)


@pytest.mark.parametrize("expirations", [0, 1, 2])
async def test_a_nonce_that_runs_out(session: aiohttp.ClientSession, expirations: int) -> None:
    nonces: list[object] = []

    async def script(socket: web.WebSocketResponse, frame: dict[str, object]) -> None:
        for attempt in range(expirations + 1):
            challenge = {"realm": "x", "nonce": 100 + attempt, "nc": 1, "algorithm": "SHA-256"}
            text = json.dumps(challenge | ({"stale": True} if attempt else {}))
            error = {"code": 401, "message": text}
            await socket.send_json({"id": frame["id"], "error": error})
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            frame = json.loads(message.data)
            auth = frame["auth"]
            assert isinstance(auth, dict)
            nonces.append(auth["nonce"])
        await socket.send_json({"id": frame["id"], "result": STATUS})

    readings, end = await heard(session, script, "secret")
    if expirations < 2:
        assert nonces == [100, 101][: expirations + 1]
        assert len(readings) == 1
    else:
        # One fresh nonce is taken, a second one is not waited for.
        assert isinstance(end, DeviceAuthError)
        assert nonces == [100, 101]


async def test_no_websocket_at_all(session: aiohttp.ClientSession) -> None:
    async def shelly(_request: web.Request) -> web.Response:
        return web.json_response({"mac": MAC, "gen": 3, "model": "x"})

    app = web.Application()
    app.router.add_get("/shelly", shelly)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        with pytest.raises(DeviceProtocolError):
            await opened_rpc(session, host, ManualClock()).listen(lambda _reading: None)
    finally:
        await runner.cleanup()
