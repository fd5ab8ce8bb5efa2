"""The WebSocket channel of the newer Shelly devices: requests in, replies and news out."""

import asyncio
from collections.abc import Mapping
import contextlib
import json
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from ..faults import NOT_JSON
from ..rpc import Params, RpcError
from .auth import Verdict

if TYPE_CHECKING:
    from .gen2 import ShellyGen2

UNAUTHORIZED = 401


class _Client:
    """One connection; it hears news after its first request with a ``src`` (and a good login)."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.name: object = None
        self.outbox = asyncio.Queue[Mapping[str, object]]()


class Hub:
    """All WebSocket connections of one device."""

    def __init__(self, device: ShellyGen2) -> None:
        """Create it without connections."""
        self._device = device
        self._clients: set[_Client] = set()

    def push(self, method: str, params: Mapping[str, object]) -> None:
        """Send a notification to everybody who listens."""
        for client in self._clients:
            if client.name is not None:
                frame = {"src": self._device.device_id, "dst": client.name, "method": method}
                client.outbox.put_nowait(frame | {"params": params})

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        client = _Client(web.WebSocketResponse())
        await client.socket.prepare(request)
        self._clients.add(client)
        sender = asyncio.create_task(self._send(client, request))
        try:
            async for message in client.socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(client, message.data)
        finally:
            self._clients.discard(client)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender
        return client.socket

    def _receive(self, client: _Client, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if not isinstance(frame, dict) or "id" not in frame:
            return
        reply = self._refusal(frame)
        if reply is None:
            client.name = frame.get("src", client.name)
            reply = self._device.reply(frame)
        client.outbox.put_nowait(reply)

    def _refusal(self, frame: Params) -> dict[str, object] | None:
        """Return the error frame for a request without a good login."""
        device = self._device
        if device.open_to_all(str(frame.get("method"))):
            return None
        verdict = device.login.check_frame(frame.get("auth"))
        if verdict is Verdict.GOOD and not device.faults.unauthorized:
            return None
        challenge = device.login.frame_challenge(stale=verdict is Verdict.STALE)
        error = RpcError(UNAUTHORIZED, challenge)
        return {
            "id": frame["id"],
            "src": device.device_id,
            "dst": frame.get("src"),
            "error": error.as_json(),
        }

    async def _send(self, client: _Client, request: web.Request) -> None:
        """Send what is in the outbox, suffering from the faults of the device."""
        faults = self._device.faults
        while True:
            frame = await client.outbox.get()
            if faults.delay_s:
                await asyncio.sleep(faults.delay_s)
            if faults.drop and request.transport is not None:
                request.transport.abort()
            if faults.hang:
                continue
            with contextlib.suppress(ConnectionError):
                await client.socket.send_str(NOT_JSON if faults.garbage else json.dumps(frame))
