"""Who may dial in, and what a hostile or broken end of the line can do (LEK-14)."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import ssl
import subprocess

import aiohttp
import pytest

from custom_components.evse_suite.devices import Door
from custom_components.evse_suite.devices.ocpp import connection, server
from custom_components.evse_suite.devices.ocpp.connection import BURST
from tests.ocpp.stand import NAME, PASSWORD, Stand, stand

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
TEXT = aiohttp.WSMsgType.TEXT


def basic(username: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


@asynccontextmanager
async def dialled(
    it: Stand, name: str = "CP-9", headers: dict[str, str] | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Dial in by hand."""
    url = f"ws://127.0.0.1:{it.central.port}/ocpp/{name}"
    login = basic(name, PASSWORD) if headers is None else headers
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, headers=login, protocols=("ocpp1.6",)) as socket,
    ):
        yield socket


async def ask(
    socket: aiohttp.ClientWebSocketResponse, action: str, payload: object
) -> list[object]:
    await socket.send_str(json.dumps([2, "1", action, payload]))
    reply: list[object] = json.loads((await socket.receive()).data)
    return reply


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("CP-9", "wrong"),
        basic("CP-8", PASSWORD),
        {"Authorization": "Basic ???"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
    ],
)
async def test_a_wrong_login_is_refused_and_counted(headers: dict[str, str]) -> None:
    async with stand(opened=False) as it:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with dialled(it, headers=headers):
                pass
        assert refusal.value.status == 401
        assert it.central.counters.wrong_login == 1


async def test_guessing_is_slowed_down() -> None:
    async with stand(opened=False) as it:
        await it.sim.stop()
        statuses = []
        for attempt in range(12):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                async with dialled(it, headers=basic("CP-9", f"guess {attempt}")):
                    pass
            statuses.append(refusal.value.status)
        assert statuses == [401] * 10 + [503] * 2
        it.skip(61)
        async with dialled(it):
            pass


async def test_without_a_name_or_in_another_language_nobody_gets_in() -> None:
    async with stand(opened=False) as it:
        for name, status in (("..%2f..%2fetc", 404), ("%00", 404), ("-", 404)):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                async with dialled(it, name):
                    pass
            assert refusal.value.status == status
        url = f"ws://127.0.0.1:{it.central.port}/ocpp/CP-9"
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await session.ws_connect(
                    url, headers=basic("CP-9", PASSWORD), protocols=("ocpp2.0.1",)
                )
        assert refusal.value.status == 400
        assert it.central.counters.no_identity == 3
        assert it.central.counters.other_protocol == 1


async def test_strangers_do_not_keep_out_who_belongs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """LEK-14: without a password anybody can make names up, but not take the last line."""
    monkeypatch.setattr(server, "MOST_LINES", 1)
    async with stand(opened=False, sim_password="none") as it, dialled(it, "CP-8"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with dialled(it, "CP-9"):
                pass
        assert refusal.value.status == 503
        async with dialled(it, NAME):
            assert it.station.connection is not None


async def test_a_name_may_hold_a_colon() -> None:
    """LEK-14: as a MAC address does; the password counts all the same."""
    name = "AA:BB:CC"
    async with stand(opened=False) as it:
        async with dialled(it, name):
            pass
        for login in (basic("AA", PASSWORD), basic(name, "BB"), basic("AA:BB", PASSWORD)):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                async with dialled(it, name, login):
                    pass


async def test_security_profile_0_asks_for_nothing() -> None:
    async with stand(password=None, sim_password=None) as it:
        assert it.station.ready


async def test_a_stranger_is_told_to_wait_and_nothing_that_it_says_counts() -> None:
    """LEK-14: until its owner accepts it."""
    async with stand(opened=False) as it, dialled(it) as socket:
        refused = await ask(socket, "StartTransaction", {"connectorId": 1})
        assert refused[:3] == [4, "1", "SecurityError"]
        reply = await ask(socket, "BootNotification", BOOT)
        assert isinstance(reply[2], dict)
        assert reply[2]["status"] == "Pending"
        assert [station.identity for station in it.strangers] == ["CP-9"]
        station = it.stations.station("CP-9")
        assert station.ledger.current is None
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await socket.receive()
        assert it.stations.to_json().keys() == {NAME}


async def test_the_second_line_of_a_charge_point_replaces_the_first() -> None:
    async with stand(opened=False, sim_password="none") as it:
        async with dialled(it, NAME) as first:
            await ask(first, "BootNotification", BOOT)
            async with dialled(it, NAME) as second:
                reply = await ask(second, "BootNotification", BOOT)
                assert isinstance(reply[2], dict)
                assert reply[2]["status"] == "Accepted"
                assert (await first.receive()).type is aiohttp.WSMsgType.CLOSE
                assert it.station.connection is not None
        assert it.station.counters.replaced == 1
        await it.until(lambda: it.station.connection is None, "the end of the line")


MALFORMED = [
    "",
    "not JSON",
    "{}",
    "[]",
    "[2]",
    '[2,"1"]',
    '[2,"1","Heartbeat"]',
    '[2,"1","Heartbeat",[]]',
    '[2,1.5,"Heartbeat",{}]',
    '[2,true,"Heartbeat",{}]',
    '[true,"1","Heartbeat",{}]',
    '[9,"1","Heartbeat",{}]',
    '[2,["1"],"Heartbeat",{}]',
    '[2,"1",["Heartbeat"],{}]',
    '[3,"nobody asked",{}]',
    '[4,"nobody asked","GenericError","",{}]',
    '[2,"' + "x" * 300 + '","Heartbeat",{}]',
    "[" * 5000,
    '[2,"1","Heartbeat",{"a":NaN}]',
]


async def test_malformed_frames_are_counted_and_the_line_lives_on() -> None:
    async with stand(opened=False, sim_password="none") as it, dialled(it, NAME) as socket:
        for text in MALFORMED:
            await socket.send_str(text)
        await socket.send_bytes(b"\x00\x01")
        await socket.send_str('[2,"last","Heartbeat",{}]')
        while True:
            reply = json.loads((await socket.receive()).data)
            if reply[1] == "last":
                break
            assert reply[0] == 4
        assert it.station.counters.malformed == len(MALFORMED) + 1


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("StatusNotification", {}, "TypeConstraintViolation"),
        ("StatusNotification", {"connectorId": "one"}, "TypeConstraintViolation"),
        ("MeterValues", {"connectorId": 1, "meterValue": 5}, "TypeConstraintViolation"),
        ("StopTransaction", {"transactionId": "x"}, "TypeConstraintViolation"),
        ("ReserveNow", {}, "NotImplemented"),
        ("../../../etc/passwd", {}, "NotSupported"),
        ("\x00", {}, "NotSupported"),
    ],
)
async def test_what_makes_no_sense_is_answered_with_an_error(
    action: str, payload: object, code: str
) -> None:
    async with stand(opened=False, sim_password="none") as it, dialled(it, NAME) as socket:
        await ask(socket, "BootNotification", BOOT)
        assert (await ask(socket, action, payload))[:3] == [4, "1", code]


async def test_an_over_long_frame_ends_the_line() -> None:
    async with stand(opened=False, sim_password="none") as it, dialled(it, NAME) as socket:
        await socket.send_str('[2,"1","DataTransfer",{"data":"' + "x" * 70_000 + '"}]')
        message = await socket.receive()
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        await it.until(lambda: it.central.counters.oversized == 1, "the count")


async def test_a_flood_slows_down_only_who_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine may be too busy for what is a flood in real time.
    monkeypatch.setattr(connection, "FRAMES_PER_S", 4.0)
    async with stand() as it, dialled(it, "CP-9") as socket:
        for _ in range(BURST + 100):
            await socket.send_str('[2,"1","Heartbeat",{}]')
        it.link.offer(10, urgent=False)
        await it.plug_in()
        await it.draws(10)
        for _ in range(BURST + 100):
            await socket.receive()
        assert it.stations.station("CP-9").counters.throttled > 0
        assert it.station.counters.throttled == 0


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a certificate for this machine and of its key."""
    files = tmp_path / "c.pem", tmp_path / "k.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    place = ["-subj", "/CN=localhost", "-keyout", str(files[1]), "-out", str(files[0])]
    command = ["openssl", "req", "-x509", *kind, *place]
    subprocess.run(command, check=True, capture_output=True)
    return files


async def test_over_tls(certificate: tuple[Path, Path]) -> None:
    """Security profile 2."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    async with stand(opened=False, sim_password="none") as it:
        await it.central.close()
        await it.central.open(Door(port=0, password=PASSWORD, host="127.0.0.1", tls=context))
        trust = ssl.create_default_context(cafile=str(certificate[0]))
        trust.check_hostname = False
        url = f"wss://127.0.0.1:{it.central.port}/{NAME}"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, headers=basic(NAME, PASSWORD), ssl=trust) as socket,
        ):
            reply = await ask(socket, "BootNotification", BOOT)
            assert isinstance(reply[2], dict)
            assert reply[2]["status"] == "Accepted"
