"""Talking only to the device that is meant.

Addresses move, and a command must not reach the neighbour's charger. So a device proves who it is
before it is asked or told anything, and again after every failed connection.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import override

import aiohttp
from yarl import URL

from .http import COMMAND_TIMEOUT_S, Access, Answer, Body, JsonDoor
from .model import DeviceConnectionError, DeviceMismatchError
from .parse import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where a device says who it is."""

    path: str
    serial_of: Callable[[Fields], str]
    """Finds the serial number in the reply; raises DeviceProtocolError where there is none."""


class GuardedDoor(JsonDoor):
    """A door that opens only to one serial number; every request may raise DeviceMismatchError."""

    def __init__(
        self,
        access: Access,
        proof: Proof,
        serial: str,
        *,
        headers: Mapping[str, str] | None = None,
        middlewares: Sequence[aiohttp.ClientMiddlewareType] = (),
    ) -> None:
        """Open no connection yet."""
        super().__init__(access, headers=headers, middlewares=middlewares)
        self._proof = proof
        self._serial = serial
        self._known = False
        self.outages = 0
        """Failed connections so far."""

    async def make_sure(
        self, *, timeout_s: float = COMMAND_TIMEOUT_S, urgent: bool = False
    ) -> None:
        """Have the device prove who it is, if it has not since it was last out of reach."""
        if self._known:
            return
        url = self.url(self._proof.path)
        answer = await super()._request("GET", url, None, timeout_s=timeout_s, urgent=urgent)
        found = self._proof.serial_of(Fields(answer.value, self._proof.path))
        if found != self._serial:
            raise DeviceMismatchError(f"device {found} answers instead of {self._serial}")
        self._known = True

    def lose(self) -> None:
        """Note that the connection failed."""
        self._known = False
        self.outages += 1

    @override
    async def _request(
        self, method: str, url: URL, body: Body | None, *, timeout_s: float, urgent: bool
    ) -> Answer:
        try:
            await self.make_sure(timeout_s=timeout_s, urgent=urgent)
            return await super()._request(method, url, body, timeout_s=timeout_s, urgent=urgent)
        except DeviceConnectionError:
            self.lose()
            raise
