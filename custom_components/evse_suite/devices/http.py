"""JSON over HTTP with a device that may be slow, wrong or hostile.

One request at a time for each device. Every way in which a request can fail becomes one of the
errors of ``model``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
import re
import time
from typing import Any, Final, Protocol

import aiohttp
from yarl import URL

from .entity_door import EntityDoor
from .model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceProtocolError,
)
from .parse import Fields, parse_json
from .turn import GIVES_WAY_S, Turn

type Clock = Callable[[], float]
type Body = Callable[[], Mapping[str, object]]

READ_TIMEOUT_S: Final = 5.0
COMMAND_TIMEOUT_S: Final = 3.0
MAX_REPLY_BYTES: Final = 64 * 1024
_CHUNK_BYTES: Final = 8 * 1024

_HOST: Final = re.compile(
    r"(?:\[(?P<bracketed>[0-9a-fA-F:.%\w]+)\]|(?P<name>[\w.-]+))(?::(?P<port>\d{1,5}))?"
)
_BARE_IPV6: Final = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%\w+)?")
_MAX_PORT: Final = 65535


class Broker(Protocol):
    """Where devices publish that are not asked."""

    async def subscribe(
        self, topic: str, on_message: Callable[[str | bytes], None]
    ) -> Callable[[], None]:
        """Call ``on_message`` with every payload on a topic; return what ends it.

        Raises DeviceConnectionError when there is no broker.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to reach a device: the caller's session, the address, the login and the clock."""

    session: aiohttp.ClientSession
    host: str
    """Name or address, with an optional port: ``evse.local``, ``10.0.0.7:8080``, ``[::1]:80``."""
    username: str | None = None
    password: str | None = None
    clock: Clock = time.monotonic
    broker: Broker | None = None
    exchange: object = None
    """Where devices dial in that are not at an address; its driver knows what it is."""
    entities: EntityDoor | None = None
    """The entities of Home Assistant, for a device that is made of some."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What is stored of a device that is not found by its address alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A parsed reply."""

    value: object
    time_s: float
    """The middle between sending the request and having the whole reply."""


def base_url(host: str) -> URL:
    """Return the root URL of a device.

    Raises DeviceConnectionError for a text that is no address; a scheme or a path is not accepted.
    """
    text = host.strip()
    if _BARE_IPV6.fullmatch(text):
        text = f"[{text}]"
    match = _HOST.fullmatch(text)
    port = int(match["port"] or 80) if match else 0
    if match is None or not 0 < port <= _MAX_PORT:
        raise DeviceConnectionError(f"{host!r} is not the address of a device")
    try:
        return URL.build(scheme="http", host=match["bracketed"] or match["name"], port=port)
    except ValueError as error:
        raise DeviceConnectionError(f"{host!r} is not the address of a device") from error


def basic_auth(access: Access, default_username: str = "") -> dict[str, str]:
    """Return the header of a Basic login, no header without a password.

    Raises DeviceAuthError for a user name that Basic cannot carry.
    """
    if access.password is None:
        return {}
    try:
        login = aiohttp.encode_basic_auth(access.username or default_username, access.password)
    except ValueError as error:
        raise DeviceAuthError("the user name cannot be used") from error
    return {"Authorization": login}


class JsonDoor:
    """The only way to a device over HTTP."""

    def __init__(
        self,
        access: Access,
        *,
        headers: Mapping[str, str] | None = None,
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        """Open no connection yet; ``headers`` and ``middlewares`` carry the login."""
        self.turn = Turn(GIVES_WAY_S)
        self.session = access.session
        self.clock = access.clock
        self._root = base_url(access.host)
        self._headers = {"Accept-Encoding": "identity", **(headers or {})}
        self._middlewares = tuple(middlewares)

    def url(self, path: str, query: Mapping[str, str] | None = None) -> URL:
        """Return the URL of a path on the device."""
        return self._root.with_path(path).with_query(query)

    async def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        timeout_s: float = READ_TIMEOUT_S,
        urgent: bool = False,
    ) -> Answer:
        """Get a JSON value; an ``urgent`` request goes before waiting ordinary ones."""
        return await self._request(
            "GET", self.url(path, query), None, timeout_s=timeout_s, urgent=urgent
        )

    async def post(
        self,
        path: str,
        body: Body,
        *,
        timeout_s: float = COMMAND_TIMEOUT_S,
        urgent: bool = False,
    ) -> Answer:
        """Post a JSON object and return the JSON value of the reply.

        ``body`` is asked when the turn has come, so that a command that was overtaken by an urgent
        one does not undo it with what was wished before.
        """
        return await self._request("POST", self.url(path), body, timeout_s=timeout_s, urgent=urgent)

    async def _request(
        self,
        method: str,
        url: URL,
        body: Body | None,
        *,
        timeout_s: float,
        urgent: bool,
    ) -> Answer:
        async with self.turn.take(urgent=urgent), device_errors(timeout_s):
            started_s = self.clock()
            value = await self._exchange(method, url, body)
            return Answer(value=value, time_s=(started_s + self.clock()) / 2)

    async def _exchange(self, method: str, url: URL, body: Body | None) -> object:
        if self.session.closed:
            raise DeviceConnectionError("the session is closed")
        async with self.session.request(
            method,
            url,
            json=None if body is None else body(),
            headers=self._headers,
            middlewares=self._middlewares,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as response:
            if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise DeviceAuthError("the device wants another login")
            content = await _read_bounded(response)
        if response.status != HTTPStatus.OK:
            raise _refusal(response.status, content)
        if response.content_type != "application/json":
            raise DeviceProtocolError(f"JSON was expected, not {response.content_type}")
        return parse_json(content)


@asynccontextmanager
async def device_errors(timeout_s: float) -> AsyncIterator[None]:
    """Limit the time of an exchange and turn each of its failures into a DeviceError."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except DeviceError:
        raise
    except TimeoutError as error:
        raise DeviceConnectionError(f"no complete reply within {timeout_s:g} s") from error
    except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError) as error:
        raise DeviceConnectionError(f"the connection failed: {error}") from error
    except (aiohttp.ClientError, ValueError) as error:
        # ValueError: headers of the peer that aiohttp stumbles over, e.g. in a challenge.
        name = type(error).__name__
        raise DeviceProtocolError(f"the reply is not proper HTTP: {name}") from error


async def _read_bounded(response: aiohttp.ClientResponse) -> bytearray:
    """Read a body that may never end or never stop growing."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_REPLY_BYTES:
            raise DeviceProtocolError(f"the reply is longer than {MAX_REPLY_BYTES} bytes")
    return content


def _refusal(status: int, content: bytearray) -> DeviceError:
    """Return what a reply with an HTTP error says: the device's own error, or only the status."""
    try:
        fields = Fields(parse_json(content), "reply")
        return refusal(fields.part("error") if "error" in fields else fields)
    except DeviceProtocolError:
        return DeviceProtocolError(f"the device answered with HTTP status {status}")


def refusal(error: Fields) -> DeviceCommandError:
    """Return the error that a device describes by a code and a message."""
    code = error.need_int("code", -(2**31), 2**31)
    return DeviceCommandError(error.maybe_str("message") or f"error {code}", code)
