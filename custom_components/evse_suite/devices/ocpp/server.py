"""The central system: the WebSocket server that charge points dial in to (protocol D.1, D.5)."""

import asyncio
from collections.abc import Callable
import contextlib
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
import ssl
from typing import Final

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from ..http import Clock
from ..model import DeviceConnectionError
from ..parse import Fields
from . import incoming
from .connection import Connection
from .security import Patience, identity_of, is_welcome, login_of
from .station import Station
from .stations import Stations

PROTOCOL: Final = "ocpp1.6"
PING_S: Final = 20.0
"""A line whose far end has vanished is noticed within twice this time."""
CLOSE_S: Final = 2.0
LONGEST_FRAME: Final = 64 * 1024
MOST_LINES: Final = 50
OTHERS: Final = ("ocpp1.2", "ocpp1.5", "ocpp2.0", "ocpp2.0.1", "ocpp2.1")


@dataclass(slots=True)
class DoorCounters:
    """Who was not let in since the start, and why."""

    wrong_login: int = 0
    no_identity: int = 0
    other_protocol: int = 0
    too_many: int = 0
    oversized: int = 0
    """Frames that were longer than any that makes sense; they end the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the server listens and whom it lets in; no password is security profile 0."""

    port: int
    password: str | None = field(repr=False)
    host: str | None = None
    tls: ssl.SSLContext | None = None


class _Socket:
    """What a connection needs of aiohttp's WebSocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def ping(self) -> None:
        await self._socket.ping()

    async def close(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code=WSCloseCode.SERVICE_RESTART)


class CentralSystem:
    """One server for the charge points of all sites."""

    def __init__(
        self, stations: Stations, clock: Clock, on_stranger: Callable[[Station], None]
    ) -> None:
        """``on_stranger`` is called when one that nobody accepted has introduced itself."""
        self.stations = stations
        self.counters = DoorCounters()
        self._clock = clock
        self._on_stranger = on_stranger
        self._patience = Patience(clock)
        self._door: Door | None = None
        self._runner: web.AppRunner | None = None
        self._lines = 0

    @property
    def port(self) -> int | None:
        """Where it listens, None while it does not."""
        if self._runner is None or not self._runner.addresses:
            return None
        port: int = self._runner.addresses[0][1]
        return port

    async def open(self, door: Door) -> None:
        """Listen; raises OSError when the port is taken."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_S)
        await runner.setup()
        site = web.TCPSite(runner, door.host, door.port, ssl_context=door.tls)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._door, self._runner = door, runner

    async def close(self) -> None:
        """Hang up and listen no more."""
        runner, self._runner = self._runner, None
        self._door = None
        for station in self.stations:
            if station.connection is not None:
                await station.connection.close()
        if runner is not None:
            await runner.cleanup()

    # One line --------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        refusal, station = self._admit(request)
        if station is None:
            return refusal
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,), heartbeat=PING_S, autoping=False, max_msg_size=LONGEST_FRAME
        )
        await socket.prepare(request)
        answer = partial(self._answer, station)
        connection = Connection(_Socket(socket), answer, station.counters, self._clock)
        self._lines += 1
        try:
            if (old := station.attach(connection)) is not None:
                await old.close()
            await self._listen(socket, connection)
        finally:
            self._lines -= 1
            station.detach(connection)
        return socket

    def _admit(self, request: web.Request) -> tuple[web.Response, Station | None]:
        """Return the charge point that dials in, or the answer for one that is not let in."""
        door, address = self._door, request.remote or ""
        refused = self.counters
        identity = identity_of(request.raw_path.partition("?")[0])
        # Strangers must not keep out who belongs here, who has one line at the most.
        known = identity is not None and self.stations.accepts(identity)
        crowded = self._lines >= MOST_LINES and not known
        if door is None or crowded or self._patience.is_over(address):
            refused.too_many += 1
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE), None
        if identity is None:
            refused.no_identity += 1
            return web.Response(status=HTTPStatus.NOT_FOUND, text="no id in the path"), None
        if not is_welcome(login_of(request.headers.get("Authorization")), identity, door.password):
            refused.wrong_login += 1
            self._patience.failed(address)
            ask = {"WWW-Authenticate": 'Basic realm="OCPP"'}
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=ask), None
        if not _speaks(request):
            refused.other_protocol += 1
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=f"only {PROTOCOL}"), None
        self._patience.succeeded(address)
        return web.Response(), self.stations.station(identity)

    def _answer(self, station: Station, action: str, call: Fields) -> incoming.Reply:
        reply = incoming.answer(station, action, call)
        if station.told_to_wait and action == "BootNotification":
            self._on_stranger(station)
        return reply

    async def _listen(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        with contextlib.suppress(DeviceConnectionError):
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await connection.received(message.data)
                elif message.type is WSMsgType.ERROR:
                    self.counters.oversized += _is_too_big(message.data)
                else:
                    connection.heard()
                    if message.type is WSMsgType.PING:
                        await socket.pong(message.data)
                    elif message.type is WSMsgType.BINARY:
                        connection.malformed()


def _is_too_big(error: object) -> bool:
    return isinstance(error, WebSocketError) and error.code == WSCloseCode.MESSAGE_TOO_BIG


def _speaks(request: web.Request) -> bool:
    """Whether a charge point speaks our protocol; one that does not say so does."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    names = [name.strip() for name in offered.split(",") if name.strip()]
    return not names or PROTOCOL in names
