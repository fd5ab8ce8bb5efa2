"""Who a Shelly is."""

import re
from typing import Final

from ..guard import Proof
from ..model import DeviceProtocolError
from ..parse import Fields

USERNAME: Final = "admin"
"""The only user that a Shelly of the second generation and later knows (protocol B.4)."""


def serial_of(info: Fields) -> str:
    """Return the hardware address that ``/shelly`` tells, as twelve upper-case digits."""
    mac = info.need_str("mac")
    digits = re.sub(r"[:-]", "", mac).upper()
    if not re.fullmatch(r"[0-9A-F]{12}", digits):
        raise DeviceProtocolError(f"{mac!r} is not a hardware address")
    return digits


PROOF: Final = Proof(path="/shelly", serial_of=serial_of)
"""Every generation answers this without a login."""
