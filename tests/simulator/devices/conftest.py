"""What the tests of the device servers share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientMiddlewareType, ClientSession, encode_basic_auth, hdrs
import pytest

from simulator.devices import SimulatedDevice


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body of a reply."""

    status: int
    body: Any


class Client:
    """A plain HTTP client for one device."""

    def __init__(self, session: ClientSession, device: SimulatedDevice) -> None:
        """Talk to a device that has been started."""
        self._session = session
        self._device = device

    async def get(
        self,
        path: str,
        *,
        login: tuple[str, str] | None = None,
        middlewares: tuple[ClientMiddlewareType, ...] = (),
    ) -> Reply:
        """Return the reply to a GET, its body from JSON where it is JSON."""
        headers = {} if login is None else {hdrs.AUTHORIZATION: encode_basic_auth(*login)}
        async with self._session.get(
            self._device.url + path, headers=headers, middlewares=middlewares
        ) as response:
            json = response.content_type == "application/json"
            return Reply(response.status, await (response.json() if json else response.text()))

    async def post(self, path: str, body: object) -> Reply:
        """Return the reply to a POST of JSON."""
        async with self._session.post(self._device.url + path, json=body) as response:
            json = response.content_type == "application/json"
            return Reply(response.status, await (response.json() if json else response.text()))

    async def command(self, method: str, **params: object) -> Any:
        """Return the whole reply to a JSON-RPC request."""
        frame = {"id": 7, "src": "test", "method": method, "params": params}
        return (await self.post("/rpc", frame)).body


type Connect = Callable[[SimulatedDevice], Awaitable[Client]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Return a function that starts a device and connects to it; both end with the test."""
    devices: list[SimulatedDevice] = []
    async with ClientSession() as session:

        async def start(device: SimulatedDevice) -> Client:
            devices.append(device)
            await device.start()
            return Client(session, device)

        yield start
    for device in devices:
        await device.stop()
