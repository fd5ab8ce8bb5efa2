"""The two ways to an optical head: a TCP gateway and a pseudo-terminal."""

import asyncio
import contextlib
import fcntl
import os
import struct
import tty
from typing import Final, cast, override

from .head import OpticalHead

TCGETS2: Final = 0x802C542A
TERMIOS2: Final = struct.Struct("4IB19s2I")
"""Linux: flags, line discipline, control characters, input and output speed."""


class Gateway(asyncio.Protocol):
    """A serial port behind TCP; it keeps the rate of the line by itself."""

    def __init__(self, head: OpticalHead) -> None:
        """Serve one connection."""
        self._head = head
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._head.received(data, self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._head.close()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._transport is not None:
            self._transport.write(data)

    def baud(self) -> int | None:
        """Return None: the gateway follows."""
        return None


class PseudoTerminal:
    """A serial port of this machine; ``path`` is what the reader opens."""

    def __init__(self, head: OpticalHead) -> None:
        """Make the pair and listen."""
        self._head = head
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._head.received(os.read(self._ours, 1024), self)

    def write(self, data: bytes) -> None:
        """Send bytes; what nobody takes is lost, as on a real line."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)

    def baud(self) -> int | None:
        """Return the rate that the reader has set."""
        settings = fcntl.ioctl(self._ours, TCGETS2, bytes(TERMIOS2.size))
        return int(TERMIOS2.unpack(settings)[-1])

    def close(self) -> None:
        """Unplug."""
        self._head.close()
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self._theirs)
