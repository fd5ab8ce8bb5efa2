"""The bytes of IEC 62056-21, mode C: sign-on, identification, acknowledgement and check character.

Only reading is known here; programming mode is never asked for.
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor
import re
from typing import Final

from ..model import DeviceProtocolError

STX: Final = 0x02
ETX: Final = 0x03
ACK: Final = b"\x06"
NAK: Final = b"\x15"
LINE_END: Final = b"\r\n"
SEVEN_BITS: Final = 0x7F
FIRST_BAUD: Final = 300
BAUDS: Final = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
MODE_B_BAUDS: Final = {"A": 600, "B": 1200, "C": 2400, "D": 4800, "E": 9600, "F": 19200}

_IDENTIFICATION: Final = re.compile(r"/([A-Za-z]{3})(.)((?:\\\w)*)([ -~]{0,32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """How a meter answers to its name."""

    maker: str
    """Three letters, registered with the FLAG association."""
    baud_mark: str
    model: str

    @property
    def is_quick(self) -> bool:
        """Whether it reacts in 20 ms instead of 200 ms: the third letter is a small one."""
        return self.maker[2].islower()

    @property
    def acknowledged_baud(self) -> int | None:
        """The rate it offers and waits to be told (mode C); None for another mode."""
        return BAUDS.get(self.baud_mark)

    @property
    def announced_baud(self) -> int:
        """The rate it goes on with by itself: mode B its own, mode A the first."""
        return MODE_B_BAUDS.get(self.baud_mark, FIRST_BAUD)


def sign_on(address: str = "") -> bytes:
    """Return the request ``/?<address>!``; an optical port needs no address."""
    return b"/?" + address.encode("ascii") + b"!" + LINE_END


def read_out_request(baud_mark: str) -> bytes:
    """Return the acknowledgement that asks for the read-out at a rate, and for nothing else."""
    return ACK + b"0" + baud_mark.encode("ascii") + b"0" + LINE_END


def identification(line: bytes) -> Identification:
    """Read the line with which a meter answers; raises DeviceProtocolError for anything else."""
    match = _IDENTIFICATION.fullmatch(text_of(line).strip("\0\r\n "))
    if match is None:
        raise DeviceProtocolError("the answer is no identification of a meter")
    return Identification(maker=match[1], baud_mark=match[2], model=match[4].strip())


def check_character(block: bytes) -> int:
    """Return the BCC of everything after STX, up to and with ETX."""
    return reduce(xor, block, 0) & SEVEN_BITS


def text_of(raw: bytes) -> str:
    """Return the characters of seven bits; a gateway may leave the parity in the eighth."""
    return bytes(byte & SEVEN_BITS for byte in raw).decode("ascii")
