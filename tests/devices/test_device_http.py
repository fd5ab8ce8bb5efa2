"""A device that hangs, lies or floods: every failure is one of the typed errors (SITE-5)."""

import asyncio
import gzip
import json
import os

import aiohttp
import pytest

from custom_components.evse_suite.devices import http
from custom_components.evse_suite.devices.http import (
    MAX_REPLY_BYTES,
    Access,
    JsonDoor,
    base_url,
    basic_auth,
)
from custom_components.evse_suite.devices.model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceProtocolError,
)
from tests.devices.servers import JsonServer, ManualClock, Talk, raw_server, reply

SHORT_S = 0.2


def door(session: aiohttp.ClientSession, host: str) -> JsonDoor:
    return JsonDoor(Access(session=session, host=host))


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Close without a word."""


async def half_a_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[1,"
    )
    await writer.drain()


async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a chunk now and then, so that something always comes."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        writer.write(b"1\r\n1\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def no_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff\x13 what?\r\n\r\n")
    await writer.drain()


async def bad_chunks(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"zz\r\n1\r\n"
    )
    await writer.drain()


async def bad_gzip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 4\r\n\r\n[12]"
    )
    await writer.drain()


GZIP_BOMB = gzip.compress(b" " * 50_000_000)


async def gzip_bomb(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        + f"Content-Length: {len(GZIP_BOMB)}\r\n\r\n".encode()
        + GZIP_BOMB
    )
    await writer.drain()


@pytest.mark.parametrize("talk", [hang, hang_up, half_a_body, drip])
async def test_no_complete_reply(session: aiohttp.ClientSession, talk: Talk) -> None:
    async with raw_server(talk) as host:
        with pytest.raises(DeviceConnectionError):
            await door(session, host).get("/status", timeout_s=SHORT_S)


@pytest.mark.parametrize(
    "talk",
    [
        no_http,
        gzip_bomb,
        reply(b""),
        reply(b"{]"),
        reply(b'{"a":1'),
        reply(b"\xff\xfe\x00"),
        reply(b'{"a":NaN}'),
        reply(b"[-Infinity]"),
        reply(b"[" * 60_000),
        reply(b"1" * 5000),
        reply(b"[1]", kind="text/html"),
        reply(b"", status="204 No Content"),
        reply(b"no such page", status="404 Not Found", kind="text/plain"),
        reply(b'{"sorry":1}', status="500 Internal Server Error"),
        reply(b"", status="302 Found\r\nLocation: http://127.0.0.1:9/"),
    ],
)
async def test_a_reply_that_no_protocol_allows(session: aiohttp.ClientSession, talk: Talk) -> None:
    async with raw_server(talk) as host:
        with pytest.raises(DeviceProtocolError):
            await door(session, host).get("/status", timeout_s=2)


@pytest.mark.parametrize("talk", [bad_chunks, bad_gzip])
async def test_a_broken_transfer_is_a_device_error(
    session: aiohttp.ClientSession, talk: Talk
) -> None:
    async with raw_server(talk) as host:
        with pytest.raises((DeviceConnectionError, DeviceProtocolError)):
            await door(session, host).get("/status", timeout_s=SHORT_S)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_a_wanted_login(session: aiohttp.ClientSession, status: str) -> None:
    async with raw_server(reply(b"", status=status)) as host:
        with pytest.raises(DeviceAuthError):
            await door(session, host).get("/status", timeout_s=SHORT_S)


async def test_an_error_with_its_code(session: aiohttp.ClientSession) -> None:
    body = b'{"code":-105,"message":"Argument \'id\', value 5 not found!"}'
    async with raw_server(reply(body, status="500 Internal Server Error")) as host:
        with pytest.raises(DeviceCommandError, match="not found") as caught:
            await door(session, host).get("/rpc/EM1.GetStatus")
    assert caught.value.code == -105


async def test_nobody_listens(session: aiohttp.ClientSession) -> None:
    async with raw_server(hang_up) as host:
        pass
    with pytest.raises(DeviceConnectionError):
        await door(session, host).get("/status", timeout_s=SHORT_S)


async def test_a_closed_session() -> None:
    async with aiohttp.ClientSession() as session:
        pass
    with pytest.raises(DeviceConnectionError):
        await door(session, "127.0.0.1:9").get("/status")


async def test_a_flood_is_cut_off(session: aiohttp.ClientSession) -> None:
    sent = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
        )
        for _ in range(1000):
            writer.write(b"9" * 10_000)
            await writer.drain()
            sent += 10_000

    async with raw_server(flood) as host:
        with pytest.raises(DeviceProtocolError, match="longer"):
            await door(session, host).get("/status")
    # What the kernel and the stream hold in between, and nothing near the whole.
    assert sent < 9_000_000


async def test_the_greatest_reply_is_read(session: aiohttp.ClientSession) -> None:
    body = json.dumps("x" * (MAX_REPLY_BYTES - 2)).encode()
    async with raw_server(reply(body)) as host:
        answer = await door(session, host).get("/status")
    assert answer.value == "x" * (MAX_REPLY_BYTES - 2)


async def test_a_redirect_is_not_followed(session: aiohttp.ClientSession) -> None:
    async with JsonServer({"/secret": 1}).running() as other:
        target = f"302 Found\r\nLocation: http://{other.host}/secret"
        async with raw_server(reply(b"", status=target)) as host:
            with pytest.raises(DeviceProtocolError):
                await door(session, host).get("/status")
    assert other.asked == []


async def test_a_hanging_device_does_not_delay_another(session: aiohttp.ClientSession) -> None:
    async with raw_server(hang) as dead, raw_server(reply(b"[1]")) as alive:
        stuck = asyncio.create_task(door(session, dead).get("/status", timeout_s=30))
        await asyncio.sleep(0)
        answer = await asyncio.wait_for(door(session, alive).get("/status"), 2)
        assert answer.value == [1]
        assert not stuck.done()
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck


async def test_a_cancelled_request_frees_the_device(session: aiohttp.ClientSession) -> None:
    calls, called = 0, asyncio.Event()

    async def hang_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        called.set()
        await (hang if calls == 1 else reply(b"[2]"))(reader, writer)

    async with raw_server(hang_once) as host:
        device = door(session, host)
        stuck = asyncio.create_task(device.get("/status", timeout_s=30))
        await called.wait()
        stuck.cancel()
        assert (await asyncio.wait_for(device.get("/status"), 2)).value == [2]


async def test_a_cut_does_not_wait_for_a_reading_that_hangs(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 5: one lost reply must not cost the fuse five seconds."""
    monkeypatch.setattr(http, "GIVES_WAY_S", 0.1)
    first = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not first.is_set():
            first.set()
            await asyncio.sleep(60)
        await reply(b"{}")(reader, writer)

    async with raw_server(talk) as host:
        device = door(session, host)
        reading = asyncio.create_task(device.get("/status"))
        await first.wait()
        async with asyncio.timeout(2):
            await device.post("/rpc", lambda: {"amps": 0}, urgent=True)
        with pytest.raises(DeviceConnectionError, match="gave way"):
            await reading


async def test_urgent_goes_first_and_carries_the_newest_wish(
    session: aiohttp.ClientSession,
) -> None:
    server = JsonServer({"/slow": 0, "/read": 1})
    async with server.running():
        device = door(session, server.host)
        wish = 16
        async with asyncio.TaskGroup() as group, device.turn.take():
            group.create_task(device.get("/read"))
            group.create_task(device.post("/rpc", lambda: {"id": 1, "amps": wish}))
            await asyncio.sleep(0)
            group.create_task(device.post("/rpc", lambda: {"id": 2, "amps": 0}, urgent=True))
            await asyncio.sleep(0)
            wish = 0
    assert [frame["id"] for frame in server.frames] == [2, 1]
    # What was overtaken does not undo the cut.
    assert [frame["amps"] for frame in server.frames] == [0, 0]


async def test_the_time_of_an_answer_is_the_middle(session: aiohttp.ClientSession) -> None:
    clock = ManualClock()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock.advance(4)
        await reply(b"[1]")(reader, writer)

    async with raw_server(slow) as host:
        device = JsonDoor(Access(session=session, host=host, clock=clock))
        assert (await device.get("/status")).time_s == pytest.approx(1002)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("evse.local", "http://evse.local"),
        (" 10.0.0.7 ", "http://10.0.0.7"),
        ("10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("::1", "http://[::1]"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("2001:db8::7", "http://[2001:db8::7]"),
        ("fe80::1%eth0", "http://[fe80::1%eth0]"),
    ],
)
def test_addresses(host: str, url: str) -> None:
    assert str(base_url(host)) == url


@pytest.mark.parametrize(
    "host",
    [
        "",
        "http://10.0.0.7",
        "10.0.0.7/admin",
        "user@10.0.0.7",
        "a b",
        "10.0.0.7:0",
        "10.0.0.7:99999",
        "10.0.0.7:x",
        "[::1",
        "[:::]:80",
    ],
)
def test_what_is_no_address(host: str) -> None:
    with pytest.raises(DeviceConnectionError):
        base_url(host)


async def test_ipv6_over_the_wire(session: aiohttp.ClientSession) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reply(b"[6]")(reader, writer)
        writer.close()

    try:
        server = await asyncio.start_server(talk, "::1", 0)
    except OSError:
        if "CI" in os.environ:
            raise
        pytest.skip("this machine has no IPv6 loopback")
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert (await door(session, f"[::1]:{port}").get("/")).value == [6]


async def test_basic_login(session: aiohttp.ClientSession) -> None:
    assert basic_auth(Access(session=session, host="a")) == {}
    known = Access(session=session, host="a", username="Aladdin", password="open sesame")
    # The example of RFC 7617, section 2.
    assert basic_auth(known) == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}
    with pytest.raises(DeviceAuthError):
        basic_auth(Access(session=session, host="a", username="a:b", password="c"))


async def test_a_challenge_that_cannot_be_met(session: aiohttp.ClientSession) -> None:
    header = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="x", nonce="1", algorithm=ROT13'
    login = aiohttp.DigestAuthMiddleware("admin", "secret")
    async with raw_server(reply(b"", status=header)) as host:
        device = JsonDoor(Access(session=session, host=host), middlewares=[login])
        with pytest.raises(DeviceError):
            await device.get("/status")
