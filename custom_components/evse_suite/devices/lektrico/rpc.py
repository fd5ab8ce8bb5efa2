"""How Lektrico devices are asked and told (protocol A.1).

Reads are ``GET /rpc/<Method>`` and answer with the bare result; commands are ``POST /rpc`` with an
envelope and answer ``result: true``.
"""

from collections.abc import Mapping
from itertools import count
from typing import Final

from ..guard import GuardedDoor, Proof
from ..http import Access, Answer, Body, basic_auth, refusal
from ..model import DeviceCommandError, DeviceProtocolError
from ..parse import Fields

CLIENT: Final = "evse-suite"
_GREATEST_SERIAL: Final = 10**15
_GREATEST_ID: Final = 2**53


class LektricoRpc:
    """The calls to one known device."""

    def __init__(self, access: Access, config_method: str, serial: str) -> None:
        """Open no connection; ``config_method`` is the call that tells the serial number."""
        proof = Proof(path=path_of(config_method), serial_of=serial_of)
        self._door = GuardedDoor(access, proof, serial, headers=basic_auth(access))
        self._ids = count(1)

    @property
    def outages(self) -> int:
        """Failed connections so far."""
        return self._door.outages

    async def get(self, method: str) -> Answer:
        """Return the result of a read method."""
        return await self._door.get(path_of(method))

    async def fields(self, method: str) -> Fields:
        """Return the result of a read method whose instant does not matter."""
        return Fields((await self.get(method)).value, method)

    async def command(
        self, method: str, params: Body | None = None, *, urgent: bool = False
    ) -> None:
        """Send a command; raises DeviceCommandError unless the device confirms it."""
        number = next(self._ids)

        def frame() -> Mapping[str, object]:
            head = {"src": CLIENT, "id": number, "method": method}
            return head if params is None else {**head, "params": params()}

        answer = await self._door.post("/rpc", frame, urgent=urgent)
        _confirm(Fields(answer.value, method), number)


def path_of(method: str) -> str:
    """Return the path of a read method."""
    return f"/rpc/{method}"


def serial_of(config: Fields) -> str:
    """Return the serial number of a hardware configuration."""
    return str(config.need_int("serial_number", 0, _GREATEST_SERIAL))


def _confirm(reply: Fields, number: int) -> None:
    """Accept only ``result: true`` to our own request; everything else is a refusal."""
    if "error" in reply:
        raise refusal(reply.part("error"))
    if reply.need_int("id", -_GREATEST_ID, _GREATEST_ID) != number:
        raise DeviceProtocolError("the reply belongs to another request")
    if reply.maybe_bool("result") is not True:
        raise DeviceCommandError("the device did not confirm the command")
