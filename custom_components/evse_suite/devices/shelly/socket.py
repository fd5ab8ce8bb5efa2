"""The WebSocket on which a device of the second generation or later sends by itself (B.3)."""

from asyncio import timeout
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Final

import aiohttp

from ..http import MAX_REPLY_BYTES, READ_TIMEOUT_S, JsonDoor, device_errors, refusal
from ..model import DeviceAuthError, DeviceConnectionError, DeviceProtocolError
from ..parse import Fields, parse_json
from .digest import Challenge

CLIENT: Final = "evse-suite"
SILENCE_S: Final = 10.0
"""After this long without a frame the device is pinged, and after as long again it is gone."""
_CLOSE_TIMEOUT_S: Final = 1.0
_GREATEST_ID: Final = 2**53
_UNAUTHORIZED: Final = 401
_LOGINS: Final = 2
"""Attempts with the password: one, and one more for a nonce that ran out (B.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A change of the device's status that it sent by itself."""

    status: Fields
    full: bool
    """The whole status and not only what changed."""


class Socket:
    """An open connection; the device sends to whoever has asked it something on it."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse, password: str | None) -> None:
        """Take an open connection."""
        self._connection = connection
        self._password = password
        self._ids = count(1)

    async def status(self) -> Fields:
        """Ask for the whole status, which starts the notices; logs in where that is wanted."""
        auth: Mapping[str, object] | None = None
        for _ in range(_LOGINS + 1):
            reply = await self._call("Shelly.GetStatus", auth)
            if "error" not in reply:
                return reply.part("result")
            challenge = _challenge(reply.part("error"))
            if self._password is None or (auth is not None and not challenge.stale):
                break
            auth = challenge.answer(self._password)
        raise DeviceAuthError("the device wants another login")

    async def notice(self) -> Notice:
        """Wait for the next change of the status; other frames are passed over."""
        while True:
            frame = await self._receive()
            method = frame.maybe_str("method")
            if method in ("NotifyStatus", "NotifyFullStatus"):
                return Notice(status=frame.part("params"), full=method == "NotifyFullStatus")

    async def close(self) -> None:
        """Close the connection; whoever waits for a notice gets a DeviceConnectionError."""
        await self._connection.close()

    async def _call(self, method: str, auth: Mapping[str, object] | None) -> Fields:
        number = next(self._ids)
        frame: dict[str, object] = {"id": number, "src": CLIENT, "method": method}
        await self._connection.send_json(frame if auth is None else {**frame, "auth": auth})
        while True:
            reply = await self._receive()
            if "method" not in reply and reply.maybe_int("id", 0, _GREATEST_ID) == number:
                return reply

    async def _receive(self) -> Fields:
        while True:
            message = await self._next_message()
            if message.type is aiohttp.WSMsgType.TEXT:
                return Fields(parse_json(message.data), "frame")
            if message.type is aiohttp.WSMsgType.PING:
                await self._connection.pong(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                raise DeviceProtocolError("a frame is not text")
            elif message.type is not aiohttp.WSMsgType.PONG:
                raise DeviceConnectionError("the device closed the connection")

    async def _next_message(self) -> aiohttp.WSMessage:
        """Wait for a message; a connection that has died is found out by a ping.

        The heartbeat of the client library is not used: it leaves a timer behind when it is closed.
        """
        try:
            with suppress(TimeoutError):
                async with timeout(SILENCE_S):
                    return await self._connection.receive()
            await self._connection.ping()
            async with timeout(SILENCE_S):
                return await self._connection.receive()
        except OSError as error:
            # TimeoutError and what aiohttp raises for a lost connection are both OSErrors.
            raise DeviceConnectionError("the device is silent") from error


@asynccontextmanager
async def open_socket(door: JsonDoor, password: str | None) -> AsyncIterator[tuple[Socket, Fields]]:
    """Connect and yield the connection with the device's status; closes at the end."""
    async with door.turn.take(), device_errors(READ_TIMEOUT_S):
        connection = await door.session.ws_connect(
            door.url("/rpc"),
            autoping=False,
            max_msg_size=MAX_REPLY_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_TIMEOUT_S),
        )
        socket = Socket(connection, password)
        try:
            status = await socket.status()
        except BaseException:
            await socket.close()
            raise
    try:
        yield socket, status
    finally:
        await socket.close()


def _challenge(error: Fields) -> Challenge:
    """Return the challenge of an error; raises DeviceCommandError if it is another error."""
    if error.need_int("code", -(2**31), 2**31) != _UNAUTHORIZED:
        raise refusal(error)
    return Challenge.parse(error.need_str("message"))
