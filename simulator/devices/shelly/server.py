"""What all simulated Shelly meters share: clamps, counters and an identity from the MAC."""

from collections.abc import Sequence
import time
from typing import override

from ...ports import ClampPort, ClampValue
from ..base import BOOT_S, REFRESH_S, SimulatedDevice, is_due
from .relay import Relay

MINUTE_S = 60.0


class Channel:
    """One clamp input: what was measured last, and counters that can be reset."""

    def __init__(self, clamp: ClampPort) -> None:
        """Count from the present reading of the clamp on."""
        self.clamp = clamp
        self.reverse = False
        self.last = clamp.value()
        self._zero_import_wh, self._zero_export_wh = 0.0, 0.0
        self.energy_wh: tuple[float, float] = (0.0, 0.0)
        """Import and export as reported."""

    def measure(self) -> None:
        """Take a new measurement."""
        value = self.clamp.value()
        self.last = _turned(value) if self.reverse else value

    def count(self) -> None:
        """Take the counters over into the reported energy."""
        self.energy_wh = (
            self.last.import_wh - self._zero_import_wh,
            self.last.export_wh - self._zero_export_wh,
        )

    def reset(self) -> None:
        """Let both counters begin at zero."""
        self._zero_import_wh = self.last.import_wh
        self._zero_export_wh = self.last.export_wh
        self.count()


def _turned(value: ClampValue) -> ClampValue:
    return ClampValue(
        current_a=value.current_a,
        voltage_v=value.voltage_v,
        power_w=-value.power_w,
        reactive_power_var=-value.reactive_power_var,
        import_wh=value.export_wh,
        export_wh=value.import_wh,
    )


class ShellyDevice(SimulatedDevice):
    """A meter with ``channels`` and, on most models, a ``relay`` for a contactor."""

    def __init__(
        self,
        *,
        mac: str,
        clamps: Sequence[ClampPort],
        password: str | None,
        count_every_s: float,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the device; ``mac`` is 12 hex digits, ``count_every_s`` the counters' rhythm."""
        super().__init__(serial=mac.upper(), refresh_s=refresh_s, boot_s=boot_s)
        self.mac = mac.upper()
        self.password = password
        self.channels = [Channel(clamp) for clamp in clamps]
        self.relay = Relay()
        self.new_firmware: str | None = None
        """A version that the device could install, or None."""
        self._count_every_s = count_every_s
        self._counted_s: float | None = None
        self._started_wall_s = time.time()

    @property
    def wall_s(self) -> float:
        """The device's idea of the time of day: Unix time, moved by the simulation's clock."""
        return self.wall_offset_s + self.now_s

    @property
    def wall_offset_s(self) -> float:
        """Unix time at zero of the simulation's clock."""
        return self._started_wall_s - self.first_step_s

    @property
    def time_of_day(self) -> str:
        """``wall_s`` as hours and minutes of the day."""
        return time.strftime("%H:%M", time.gmtime(self.wall_s))

    @override
    def reset_counters(self) -> None:
        for channel in self.channels:
            channel.reset()

    @override
    def _work(self, dt_s: float) -> None:
        self.relay.step(self.now_s)

    @override
    def _refresh(self) -> None:
        for channel in self.channels:
            channel.measure()
        if is_due(self.now_s, self._counted_s, self._count_every_s):
            self._counted_s = self.now_s
            for channel in self.channels:
                channel.count()

    @override
    def _forget(self) -> None:
        self.relay.reset()
        self._counted_s = None
