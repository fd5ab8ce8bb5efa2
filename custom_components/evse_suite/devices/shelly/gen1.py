"""The first generation: Shelly EM and 3EM, over plain HTTP (protocol B.2)."""

from typing import Final

from ..base import BaseDevice
from ..guard import GuardedDoor
from ..http import COMMAND_TIMEOUT_S, Access, basic_auth
from ..model import DeviceCommandError, DeviceIdentity, MeterReading
from ..parse import Fields
from .channels import gen1_channel
from .identity import PROOF, USERNAME
from .models import GEN1_MODELS, Model
from .uptime import UptimeWatch

_GREATEST_UPTIME_S: Final = 10**10


class Gen1Meter(BaseDevice):
    """A meter that is polled; one request at a time, as it accepts few connections."""

    def __init__(self, identity: DeviceIdentity, access: Access) -> None:
        """Make the object; the device is first talked to when it is first asked."""
        super().__init__(identity)
        login = basic_auth(access, USERNAME)
        self._door = GuardedDoor(access, PROOF, identity.serial, headers=login)
        self._model = GEN1_MODELS.get(identity.model_id, Model(name=identity.model))
        self._watch = UptimeWatch()

    async def read(self) -> MeterReading:
        """Read the whole status in one request."""
        answer = await self._door.get("/status")
        status = Fields(answer.value, "/status")
        channels = tuple(map(gen1_channel, status.parts("emeters", self.identity.lines)))
        update = status.maybe_part("update")
        firmware = update.maybe_str("old_version")
        self._learn_firmware(firmware)
        uptime_s = status.maybe_float("uptime", 0, _GREATEST_UPTIME_S)
        self._watch.observe(answer.time_s, uptime_s)
        return MeterReading(
            time_s=answer.time_s,
            channels=channels,
            clamp_range_a=self._model.clamp_range_a,
            relay_on=self._relay_on(status),
            firmware=self.identity.firmware,
            latest_firmware=update.maybe_str("new_version")
            if status.maybe_bool("has_update")
            else self.identity.firmware,
            restarts=self._watch.count,
        )

    async def set_relay(self, *, on: bool) -> None:
        """Switch the contactor's relay; raises DeviceCommandError if it does not follow."""
        reply = await self._command("/relay/0", {"turn": "on" if on else "off"})
        if reply.maybe_bool("ison") is not on:
            raise DeviceCommandError("the relay did not switch")

    async def restart(self) -> None:
        """Restart the device."""
        await self._command("/reboot")

    async def install_firmware(self) -> None:
        """Start the update to the newest firmware."""
        await self._command("/ota", {"update": "true"})

    async def _command(self, path: str, query: dict[str, str] | None = None) -> Fields:
        answer = await self._door.get(path, query, timeout_s=COMMAND_TIMEOUT_S, urgent=True)
        return Fields(answer.value, path)

    def _relay_on(self, status: Fields) -> bool | None:
        """Tell whether the relay is closed; a state that is not valid is not known."""
        if "relays" not in status:
            return None
        (relay,) = status.parts("relays", 1)
        return relay.maybe_bool("ison") if relay.maybe_bool("is_valid") is not False else None
