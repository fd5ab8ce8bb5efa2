"""The optical head: the meter's half of IEC 62056-21, byte by byte and at its own pace.

It is written from the standard and shares nothing with the driver that reads it. The rate of the
line is kept: what comes, or goes, at another rate than the other side's is noise.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import Enum
import re
from typing import Any, Final, Protocol

BAUD_OF: Final = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
ACKNOWLEDGEMENT: Final = re.compile(rb"\x06.(?P<baud>[0-6])(?P<mode>.)")
CHARACTER_BITS: Final = 10
CHUNK: Final = 16
PATIENCE_S: Final = 2.0
"""So long it waits for the acknowledgement of its offer."""
LONGEST_REQUEST: Final = 64


class Line(Protocol):
    """Where the bytes go."""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def baud(self) -> int | None:
        """Return the rate of the other side; None where a gateway keeps it."""
        ...


class _State(Enum):
    IDLE = "idle"
    OFFERED = "offered"
    SENDING = "sending"


@dataclass(slots=True, kw_only=True)
class Habits:
    """How this meter behaves, for better or worse; may be changed while it runs."""

    baud_mark: str = "5"
    reaction_s: float = 0.2
    pace: float = 1.0
    """How much of the true time a character takes; 0 for none."""
    stays_slow: bool = False
    """It offers its rate and then goes on at 300 baud whatever is acknowledged."""
    echo: bool = False
    """The probe hears itself."""
    parity_bit: bool = False
    """The gateway leaves the parity in the eighth bit."""
    flip_blocks: int = 0
    """So many of the next blocks have a flipped bit."""
    drop_blocks: int = 0
    """So many of the next blocks lose a byte."""
    stop_halfway: bool = False
    """It falls silent in the middle of the block."""
    mute: bool = False


class OpticalHead:
    """One conversation at a time over one line."""

    def __init__(
        self, identification: str, data: Callable[[], Sequence[str]], habits: Habits
    ) -> None:
        """Take ``data``, which gives the lines of the block, e.g. ``1.8.0(000012.34*kWh)``."""
        self._identification = identification
        self._data = data
        self._habits = habits
        self._state = _State.IDLE
        self._request = bytearray()
        self._baud = BAUD_OF["0"]
        self._block = b""
        self._task: asyncio.Task[None] | None = None
        self.programming_attempts = 0
        """How often somebody asked for more than reading."""

    def received(self, data: bytes, line: Line) -> None:
        """Take what the other side sent."""
        if self._habits.mute:
            return
        if self._habits.echo:
            line.write(data)
        if self._hears(line):
            self._request += bytes(byte & 0x7F for byte in data)
        if b"\x15" in self._request and self._state is _State.SENDING:
            self._request.clear()
            self._begin(self._send_block(line))
            return
        while b"\n" in self._request:
            request, _, rest = bytes(self._request).partition(b"\n")
            self._request = bytearray(rest)
            self._answer(request.strip(b"\r\0"), line)
        del self._request[:-LONGEST_REQUEST]

    def close(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._state = _State.IDLE
        self._baud = BAUD_OF["0"]
        self._request.clear()

    def _hears(self, line: Line) -> bool:
        other = line.baud()
        return other is None or other == self._baud

    def _answer(self, request: bytes, line: Line) -> None:
        if request.startswith(b"/?") and request.endswith(b"!"):
            self.close()
            self._begin(self._offer(line))
        elif self._state is _State.OFFERED:
            match = ACKNOWLEDGEMENT.fullmatch(request)
            if match is not None:
                self._acknowledged(match["baud"].decode("ascii"), match["mode"], line)

    def _acknowledged(self, baud_mark: str, mode: bytes, line: Line) -> None:
        if mode != b"0":
            self.programming_attempts += 1
            return
        if baud_mark == self._habits.baud_mark and not self._habits.stays_slow:
            self._baud = BAUD_OF[baud_mark]
        self._begin(self._read_out(line))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(work)

    async def _offer(self, line: Line) -> None:
        self._state = _State.OFFERED
        await asyncio.sleep(self._habits.reaction_s)
        await self._send(f"/{self._identification}\r\n".encode("ascii"), line)
        await asyncio.sleep(PATIENCE_S)
        # Nobody took the offer: mode A, at the first rate.
        await self._read_out(line)

    async def _read_out(self, line: Line) -> None:
        self._state = _State.SENDING
        text = "".join(f"{row}\r\n" for row in self._data())
        body = f"{text}!\r\n\x03".encode("ascii")
        check = 0
        for byte in body:
            check ^= byte
        self._block = b"\x02" + body + bytes([check])
        await asyncio.sleep(self._habits.reaction_s)
        await self._send_block(line)

    async def _send_block(self, line: Line) -> None:
        block = bytearray(self._block)
        middle = len(block) // 2
        if self._habits.flip_blocks > 0:
            self._habits.flip_blocks -= 1
            block[middle] ^= 0x04
        elif self._habits.drop_blocks > 0:
            self._habits.drop_blocks -= 1
            del block[middle]
        if self._habits.stop_halfway:
            del block[middle:]
        await self._send(bytes(block), line)
        await asyncio.sleep(PATIENCE_S)
        self._state = _State.IDLE
        self._baud = BAUD_OF["0"]

    async def _send(self, data: bytes, line: Line) -> None:
        if self._habits.parity_bit:
            data = bytes(byte | ((byte.bit_count() & 1) << 7) for byte in data)
        for start in range(0, len(data), CHUNK):
            chunk = data[start : start + CHUNK]
            line.write(chunk if self._hears(line) else bytes(len(chunk) // 2))
            await asyncio.sleep(len(chunk) * CHARACTER_BITS / self._baud * self._habits.pace)
