"""One read-out over a line, as a meter expects it: its pace, its baud rate and its second chance.

The port is opened for each read-out and closed after it. Times are those of IEC 62056-21: the
meter reacts within 1.5 s, no gap between two characters is longer, and a master waits 1.5 s
before it signs on again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import serialx

from ..model import DeviceConnectionError, DeviceProtocolError, MeterRegister
from .frames import (
    ETX,
    FIRST_BAUD,
    NAK,
    SEVEN_BITS,
    STX,
    Identification,
    check_character,
    identification,
    read_out_request,
    sign_on,
)
from .obis import read_lines

LONGEST_GAP_S: Final = 1.6
"""1.5 s of reaction, or between two characters, and the time that a character takes itself."""
SLOW_REACTION_S: Final = 0.2
QUICK_REACTION_S: Final = 0.02
OPEN_TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 32 * 1024
LONGEST_S: Final = 120.0
"""A read-out at 300 baud takes up to a minute; a meter that babbles for ever is cut off."""
REPEATS: Final = 2
"""How often a block with a wrong check character is asked for again."""
ECHOES: Final = 3
"""Lines that may come before the identification: an optical probe often hears itself."""


class Port(Protocol):
    """An open line; raises OSError, EOFError or TimeoutError."""

    async def read(self, most: int) -> bytes:
        """Return what has come, at least one byte."""
        ...

    async def write(self, data: bytes) -> None:
        """Send all of it, and return when it is on the line."""
        ...

    async def set_baud(self, baud: int) -> None:
        """Go on at another rate."""
        ...

    async def close(self) -> None:
        """Let go of the line."""
        ...


type Opener = Callable[[str], Awaitable[Port]]
type Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOut:
    """What a meter told: who it is, and its registers by their codes."""

    identification: Identification
    registers: dict[str, MeterRegister]
    repeats: int
    """How often the block had to be sent again."""
    baud: int


class SerialPort:
    """A serial port, or one behind a gateway: ``/dev/ttyUSB0``, ``socket://host:port``."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: serialx.async_serial.SerialStreamWriter[serialx.BaseSerialTransport],
    ) -> None:
        """Take an open connection."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, url: str) -> SerialPort:
        """Open a line at 300 baud, seven bits, even parity."""
        reader, writer = await serialx.open_serial_connection(
            url=url, baudrate=FIRST_BAUD, byte_size=7, parity="E", stopbits=1
        )
        return cls(reader, writer)

    async def read(self, most: int) -> bytes:
        """Return what has come; raises EOFError when the line has ended."""
        data = await self._reader.read(most)
        if not data:
            raise EOFError
        return data

    async def write(self, data: bytes) -> None:
        """Send, and wait until it has left the port."""
        self._writer.write(data)
        await self._writer.drain()
        await self._writer.transport.flush()

    async def set_baud(self, baud: int) -> None:
        """Change the rate; behind a gateway that knows none this does nothing."""
        with suppress(serialx.UnsupportedSetting):
            await self._writer.transport.reconfigure_port(baudrate=baud)

    async def close(self) -> None:
        """Close the port."""
        self._writer.close()
        with suppress(OSError, serialx.SerialException, TimeoutError):
            await self._writer.wait_closed()


async def read_out(
    url: str, *, slow: bool = False, opener: Opener = SerialPort.open, sleep: Sleep
) -> ReadOut:
    """Read a meter once, at the rate that it offers or, if ``slow``, at 300 baud.

    Raises DeviceConnectionError when nobody answers or the answer ends in the middle,
    DeviceProtocolError when what comes is no read-out.
    """
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            port = await opener(url)
    except (OSError, serialx.SerialException, ValueError, TimeoutError) as error:
        raise DeviceConnectionError(f"the line {url} could not be opened: {error}") from error
    try:
        async with asyncio.timeout(LONGEST_S):
            return await _Exchange(port, sleep, slow=slow).run()
    except (OSError, EOFError, TimeoutError, serialx.SerialException) as error:
        raise DeviceConnectionError("the meter fell silent") from error
    finally:
        await port.close()


class _Exchange:
    """One sign-on with its read-out."""

    def __init__(self, port: Port, sleep: Sleep, *, slow: bool) -> None:
        self._port = port
        self._sleep = sleep
        self._slow = slow
        self._baud = FIRST_BAUD
        self._waiting = bytearray()

    async def run(self) -> ReadOut:
        """Sign on, agree on a rate and read the data block."""
        request = sign_on()
        await self._port.write(request)
        who = identification(await self._identification_line(request))
        await self._agree(who)
        repeats = 0
        while (block := await self._block()) is None:
            if repeats == REPEATS:
                raise DeviceProtocolError("the check character was wrong three times")
            repeats += 1
            await self._port.write(NAK)
        return ReadOut(
            identification=who, registers=read_lines(block), repeats=repeats, baud=self._baud
        )

    async def _identification_line(self, request: bytes) -> bytes:
        """Return the first line that is not the echo of what was sent."""
        for _ in range(ECHOES):
            line = await self._line()
            if line.strip() != request.strip():
                return line
        raise DeviceProtocolError("the line gives back only what is sent")

    async def _agree(self, who: Identification) -> None:
        """Ask for the read-out and change to the rate that the meter offers."""
        wanted = who.acknowledged_baud
        if wanted is None:
            await self._change(who.announced_baud)
            return
        await self._sleep(QUICK_REACTION_S if who.is_quick else SLOW_REACTION_S)
        await self._port.write(read_out_request("0" if self._slow else who.baud_mark))
        # Only now: the request itself goes out at the old rate.
        await self._change(FIRST_BAUD if self._slow else wanted)
        try:
            self._waiting += await self._some()
        except TimeoutError:
            # It did not take the offer: many meters then read out at 300 baud.
            await self._change(FIRST_BAUD)

    async def _change(self, baud: int) -> None:
        if baud != self._baud:
            self._baud = baud
            await self._port.set_baud(baud)

    async def _line(self) -> bytes:
        """Return bytes up to the end of a line."""
        line = bytearray()
        while True:
            byte = await self._byte()
            line.append(byte)
            if byte == ord("\n"):
                return bytes(line)

    async def _block(self) -> bytes | None:
        """Return the data between STX and ETX, None if its check character is wrong."""
        while await self._byte() != STX:
            # The echo of the request, or what was left of the rate before.
            pass
        block = bytearray()
        while not block or block[-1] != ETX:
            block.append(await self._byte())
            if len(block) > MOST_BYTES:
                raise DeviceProtocolError("the read-out has no end")
        right = check_character(bytes(block)) == await self._byte()
        return bytes(block[:-1]) if right else None

    async def _byte(self) -> int:
        if not self._waiting:
            self._waiting += await self._some()
        return self._waiting.pop(0) & SEVEN_BITS

    async def _some(self) -> bytes:
        """Return what comes within the longest gap, with the time a character needs on top."""
        async with asyncio.timeout(LONGEST_GAP_S):
            return await self._port.read(1024)
