"""What Lektrico chargers and meters have in common."""

from typing import Final

from ..base import BaseDevice, Rhythm
from ..http import Access
from ..model import DeviceIdentity
from .restarts import RestartWatch
from .rpc import LektricoRpc

SETTINGS_EVERY_S: Final = 30.0


class LektricoDevice(BaseDevice):
    """A device with persistent settings that can be restarted."""

    def __init__(self, identity: DeviceIdentity, access: Access, config_method: str) -> None:
        """Make the object; the device is first talked to when it is first asked."""
        super().__init__(identity)
        self._rpc = LektricoRpc(access, config_method, identity.serial)
        self._rhythm = Rhythm(SETTINGS_EVERY_S, access.clock)
        self._watch = RestartWatch()

    async def restart(self) -> None:
        """Restart; a charger waits for the end of a running session."""
        await self._rpc.command("device.reset")
        self._watch.order()

    async def _set(self, key: str, value: int) -> None:
        """Write one persistent setting (protocol A.6); ``value`` may be true or false."""
        try:
            await self._rpc.command(
                "app_config.set", lambda: {"config_key": key, "config_value": value}
            )
        finally:
            self._rhythm.hurry()
