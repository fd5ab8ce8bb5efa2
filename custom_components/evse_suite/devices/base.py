"""What the drivers' device objects share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from .http import Clock
from .model import DeviceIdentity


class BaseDevice:
    """Identity and capabilities of a device object; a capability is a protocol of ``model``."""

    error_names: tuple[str, ...] = ()

    def __init__(self, identity: DeviceIdentity) -> None:
        """Take what was found out when the device was probed."""
        self._identity = identity

    @property
    def identity(self) -> DeviceIdentity:
        """Who the device is."""
        return self._identity

    def capability[C](self, wanted: type[C]) -> C | None:
        """Return this object where it has the methods of ``wanted``, else None."""
        return self if isinstance(self, wanted) else None

    async def close(self) -> None:
        """Let go of connections; the session belongs to the caller."""

    def _learn_firmware(self, firmware: str | None) -> None:
        """Keep the version that the running device tells."""
        if firmware is not None:
            self._identity = replace(self._identity, firmware=firmware)


class Rhythm:
    """Says when what changes slowly is to be read again."""

    def __init__(self, every_s: float, clock: Clock) -> None:
        """Be due at once and then every ``every_s`` seconds."""
        self._every_s = every_s
        self._clock = clock
        self._due_s: float | None = None

    @contextmanager
    def due(self) -> Iterator[bool]:
        """Tell whether it is time; what is not read to the end is due again at once."""
        now_s = self._clock()
        due = self._due_s is None or now_s >= self._due_s
        if due:
            self._due_s = now_s + self._every_s
        try:
            yield due
        except BaseException:
            self.hurry()
            raise

    def hurry(self) -> None:
        """Be due at the next reading, because something was written."""
        self._due_s = None


def signed_current(current_a: float, power_w: float) -> float:
    """Give an RMS current, which has no sign, the direction of the active power."""
    return -abs(current_a) if power_w < 0 else abs(current_a)
