"""The line of a charge point to its central system, by the public library's client side."""

import asyncio
import contextlib
import logging
from typing import Any, Final, Protocol

import aiohttp
from ocpp.routing import on
from ocpp.v16 import ChargePoint as LibraryChargePoint, call_result

SUBPROTOCOL: Final = "ocpp1.6"
ANSWER_WITHIN_S: Final = 10
_QUIET: Final = logging.getLogger("simulator.ocpp")
_QUIET.setLevel(logging.CRITICAL)


class Lost(Exception):  # noqa: N818 - it is what happened to the line
    """The line is closed."""


class Socket:
    """A WebSocket as the library wants it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take an open socket."""
        self._socket = socket
        self.awake = asyncio.Event()
        """While it is not set nothing is read, not even a ping."""
        self.awake.set()

    async def recv(self) -> str:
        """Return the next text; raises Lost at the end."""
        await self.awake.wait()
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Lost
        text: str = message.data
        return text

    async def send(self, text: str) -> None:
        """Send a text; raises Lost on a closed line."""
        try:
            await self._socket.send_str(text)
        except ConnectionError as error:
            raise Lost from error


class Handlers(Protocol):
    """What the charge point does when it is called; each returns a status or a payload."""

    def get_configuration(self, keys: list[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
        """Return known keys and unknown ones."""
        ...

    def change_configuration(self, key: str, value: str) -> str:
        """Write a key."""
        ...

    def remote_start(self, tag: str) -> str:
        """Begin a transaction."""
        ...

    def remote_stop(self, transaction_id: int) -> str:
        """End a transaction."""
        ...

    def set_profile(self, connector: int, profile: dict[str, Any]) -> str:
        """Install a profile."""
        ...

    def clear_profile(self, profile_id: int | None) -> str:
        """Remove a profile, or all."""
        ...

    def change_availability(self, connector: int, kind: str) -> str:
        """Go out of service or back."""
        ...

    def trigger(self, message: str) -> str:
        """Send a message soon."""
        ...

    def reset(self, kind: str) -> str:
        """Restart."""
        ...

    def unlock(self) -> str:
        """Open the lock of the plug."""
        ...


class Client(LibraryChargePoint):
    """One open line."""

    def __init__(self, name: str, socket: aiohttp.ClientWebSocketResponse, do: Handlers) -> None:
        """Use an open socket until it closes."""
        self.line = Socket(socket)
        super().__init__(name, self.line, ANSWER_WITHIN_S, _QUIET)
        self._do = do

    async def serve(self) -> None:
        """Answer calls until the line is closed."""
        with contextlib.suppress(Lost, ConnectionError, asyncio.CancelledError):
            await self.start()

    @on("GetConfiguration")
    def _get_configuration(self, key: list[str] | None = None) -> object:
        known, unknown = self._do.get_configuration(key)
        return call_result.GetConfiguration(configuration_key=known, unknown_key=unknown)

    @on("ChangeConfiguration")
    def _change_configuration(self, key: str, value: str) -> object:
        return call_result.ChangeConfiguration(status=self._do.change_configuration(key, value))

    @on("RemoteStartTransaction")
    def _remote_start(self, id_tag: str, **_: object) -> object:
        return call_result.RemoteStartTransaction(status=self._do.remote_start(id_tag))

    @on("RemoteStopTransaction")
    def _remote_stop(self, transaction_id: int) -> object:
        return call_result.RemoteStopTransaction(status=self._do.remote_stop(transaction_id))

    @on("SetChargingProfile")
    def _set_profile(self, connector_id: int, cs_charging_profiles: dict[str, Any]) -> object:
        status = self._do.set_profile(connector_id, cs_charging_profiles)
        return call_result.SetChargingProfile(status=status)

    @on("ClearChargingProfile")
    def _clear_profile(self, id: int | None = None, **_: object) -> object:  # noqa: A002 - the protocol's word
        return call_result.ClearChargingProfile(status=self._do.clear_profile(id))

    @on("ChangeAvailability")
    def _availability(self, connector_id: int, type: str) -> object:  # noqa: A002 - the protocol's word
        return call_result.ChangeAvailability(
            status=self._do.change_availability(connector_id, type)
        )

    @on("TriggerMessage")
    def _trigger(self, requested_message: str, **_: object) -> object:
        return call_result.TriggerMessage(status=self._do.trigger(requested_message))

    @on("Reset")
    def _reset(self, type: str) -> object:  # noqa: A002 - the protocol's word
        return call_result.Reset(status=self._do.reset(type))

    @on("UnlockConnector")
    def _unlock(self, connector_id: int) -> object:
        del connector_id
        return call_result.UnlockConnector(status=self._do.unlock())

    @on("GetDiagnostics")
    def _diagnostics(self, **_: object) -> object:
        return call_result.GetDiagnostics(file_name="diagnostics.log")
