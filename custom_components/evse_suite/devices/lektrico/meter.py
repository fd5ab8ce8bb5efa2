"""The energy meters EM (one channel) and 3EM (three channels)."""

from dataclasses import replace
from typing import Final

from ..http import Access
from ..model import DeviceIdentity, LoadBalancingMode, MeterReading
from ..parse import Fields
from .device import LektricoDevice
from .payloads import MODES, meter_reading
from .restarts import Trace

CONFIG_METHOD: Final = "M2w_config.Get"
RATINGS_A: Final = range(10, 1001)


class Meter(LektricoDevice):
    """A meter with its clamps; the range of the clamps is not told by the device (LEK-15)."""

    def __init__(self, identity: DeviceIdentity, access: Access) -> None:
        """Make the object; the device is first talked to when it is first asked."""
        super().__init__(identity, access, CONFIG_METHOD)
        self._settings = Fields({}, "App_config.Get")

    async def read(self) -> MeterReading:
        """Read the measurement every time, the settings every 30 s and after a write."""
        answer = await self._rpc.get("Meter_info.Get")
        with self._rhythm.due() as due:
            if due:
                self._settings = await self._rpc.fields("App_config.Get")
                version = await self._rpc.fields("Sw_version.Get")
                self._learn_firmware(version.maybe_str("fw_version"))
        live = Fields(answer.value, "Meter_info.Get")
        reading = meter_reading(answer.time_s, self.identity.lines, live, self._settings)
        firmware = self.identity.firmware
        self._watch.observe(Trace(firmware=firmware), self._rpc.outages)
        return replace(reading, firmware=firmware, restarts=self._watch.count)

    async def set_load_balancing_mode(self, mode: LoadBalancingMode) -> None:
        """Choose the meter's own mode (LEK-19)."""
        await self._set("load_balancing_mode", MODES.index(mode))

    async def set_breaker_rating(self, rating_a: int) -> None:
        """Set the rating of the main breaker; raises ValueError outside 10 to 1000 A."""
        if rating_a not in RATINGS_A:
            raise ValueError("the rating of the breaker is 10 to 1000 A")
        await self._set("breaker_rating", rating_a)
