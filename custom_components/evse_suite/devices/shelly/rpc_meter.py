"""The second generation and later: EM, 3EM and Pro meters, over RPC (protocol B.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
import re
from typing import Final, override

import aiohttp

from ..base import BaseDevice, Rhythm
from ..guard import GuardedDoor
from ..http import Access, refusal
from ..model import (
    DeviceCommandError,
    DeviceConnectionError,
    DeviceIdentity,
    DeviceProtocolError,
    MeterChannel,
    MeterReading,
    Relay,
)
from ..parse import Fields
from .channels import rpc_channel
from .identity import PROOF, USERNAME
from .models import RPC_MODELS, Model
from .socket import CLIENT, Socket, open_socket
from .uptime import UptimeWatch

SETTINGS_EVERY_S: Final = 600.0
_PHASES: Final = ("a_", "b_", "c_")
_MEASURED: Final = ("act_power", "current", "voltage")
_GREATEST_UPTIME_S: Final = 10**10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What hardly ever changes."""

    firmware: str | None = None
    clamp_range_a: float | None = None


class RpcMeter(BaseDevice):
    """A meter that can be polled and that sends by itself."""

    def __init__(
        self, identity: DeviceIdentity, access: Access, *, status: Fields | None = None
    ) -> None:
        """Make the object, with the ``status`` that probing has brought if there is one."""
        super().__init__(identity)
        self._password = access.password
        self._door = GuardedDoor(access, PROOF, identity.serial, middlewares=digest(access))
        self._ids = count(1)
        self._model = RPC_MODELS.get(identity.model_id, Model(name=identity.model))
        self._rhythm = Rhythm(SETTINGS_EVERY_S, access.clock)
        self._settings = _Settings()
        self._watch = UptimeWatch()
        self._status = status or Fields({}, "status")
        self._socket: Socket | None = None

    @override
    def capability[C](self, wanted: type[C]) -> C | None:
        """Return this object where it has the methods of ``wanted``; a relay only if built in."""
        if wanted is Relay and self._switch() is None and not self._model.relay:
            return None
        return super().capability(wanted)

    async def read(self) -> MeterReading:
        """Read the whole status every time, firmware and clamps every ten minutes."""
        answer = await self._door.get("/rpc/Shelly.GetStatus")
        status = Fields(answer.value, "Shelly.GetStatus")
        with self._rhythm.due() as due:
            if due:
                await self._read_settings(status)
        return self._take(status, answer.time_s, news=status)

    async def listen(self, on_reading: Callable[[MeterReading], None]) -> None:
        """Hand over a reading for every measurement that the device sends by itself.

        A notice without a measurement gives no reading: it would make old values look new.
        """
        try:
            await self._door.make_sure()
            async with open_socket(self._door, self._password) as (socket, status):
                self._socket = socket
                on_reading(self._take(status, self._door.clock(), news=status))
                while True:
                    notice = await socket.notice()
                    new = notice.status if notice.full else _updated(self._status, notice.status)
                    if notice.full or _meters(notice.status):
                        on_reading(self._take(new, self._door.clock(), news=notice.status))
                    else:
                        self._status = new
        except DeviceConnectionError:
            self._door.lose()
            raise
        finally:
            self._socket = None

    async def set_relay(self, *, on: bool) -> None:
        """Switch the contactor's relay."""
        await self._command("Switch.Set", {"id": self._switch() or 0, "on": on})

    async def restart(self) -> None:
        """Restart the device."""
        await self._command("Shelly.Reboot")

    async def install_firmware(self) -> None:
        """Start the update to the newest stable firmware."""
        await self._command("Shelly.Update", {"stage": "stable"})

    @override
    async def close(self) -> None:
        """Close the WebSocket if one is open."""
        if self._socket is not None:
            await self._socket.close()

    async def _command(self, method: str, params: Mapping[str, object] | None = None) -> None:
        frame = {"id": next(self._ids), "src": CLIENT, "method": method, "params": params or {}}
        answer = await self._door.post("/rpc", lambda: frame, urgent=True)
        reply = Fields(answer.value, method)
        if "error" in reply:
            raise refusal(reply.part("error"))

    async def _read_settings(self, status: Fields) -> None:
        """Read what is good to know; that a device does not tell it must not cost a measurement."""
        try:
            info = Fields((await self._door.get("/shelly")).value, "/shelly")
            config = Fields((await self._door.get("/rpc/Shelly.GetConfig")).value, "config")
            self._settings = _Settings(
                firmware=info.maybe_str("ver"), clamp_range_a=_clamp_range_a(config, status)
            )
        except DeviceProtocolError, DeviceCommandError:
            return
        self._learn_firmware(self._settings.firmware)

    def _take(self, status: Fields, time_s: float, *, news: Fields) -> MeterReading:
        """Keep a status and return its reading; ``news`` is what came at ``time_s``."""
        channels = rpc_channels(status)
        if len(channels) != self.identity.lines:
            raise DeviceProtocolError(f"the meter shows {len(channels)} channels")
        self._status = status
        system = status.maybe_part("sys")
        restarts = self._watch.count
        # An uptime from an earlier notice would look like a later start.
        uptime_s = news.maybe_part("sys").maybe_float("uptime", 0, _GREATEST_UPTIME_S)
        self._watch.observe(time_s, uptime_s)
        if self._watch.count != restarts:
            self._rhythm.hurry()
        firmware = self.identity.firmware
        stable = system.maybe_part("available_updates").maybe_part("stable")
        return MeterReading(
            time_s=time_s,
            channels=channels,
            clamp_range_a=self._settings.clamp_range_a or self._model.clamp_range_a,
            relay_on=self._relay_on(status),
            firmware=firmware,
            latest_firmware=stable.maybe_str("version") or firmware,
            restarts=self._watch.count,
        )

    def _switch(self) -> int | None:
        """Return the number of the relay that the status shows."""
        return next(iter(self._status.instances("switch")), None)

    def _relay_on(self, status: Fields) -> bool | None:
        number = next(iter(status.instances("switch")), None)
        return None if number is None else status.part(f"switch:{number}").maybe_bool("output")


def digest(access: Access) -> tuple[aiohttp.DigestAuthMiddleware, ...]:
    """Return the middleware of a login, none without a password (protocol B.4)."""
    if access.password is None:
        return ()
    return (aiohttp.DigestAuthMiddleware(USERNAME, access.password),)


def rpc_channels(status: Fields) -> tuple[MeterChannel, ...]:
    """Return the clamps of a status: the phases of each ``em``, then each ``em1``."""
    channels: list[MeterChannel] = []
    for number in status.instances("em"):
        meter = status.part(f"em:{number}")
        data = status.maybe_part(f"emdata:{number}")
        errors = meter.names("errors")
        channels.extend(rpc_channel(meter, data, phase, errors) for phase in _PHASES)
    for number in status.instances("em1"):
        data = status.maybe_part(f"em1data:{number}")
        channels.append(rpc_channel(status.part(f"em1:{number}"), data))
    return tuple(channels)


def _updated(status: Fields, update: Fields) -> Fields:
    """Merge a partial notice; a measurement that comes whole brings its errors, or has none."""
    whole = [name for name in _meters(update) if _is_whole(update.part(name))]
    return status.without(whole).updated_by(update)


def _is_whole(meter: Fields) -> bool:
    return all(f"{phase}{key}" in meter for phase in _PHASES for key in _MEASURED) or all(
        key in meter for key in _MEASURED
    )


def _meters(status: Fields) -> list[str]:
    """Return the names of the components that measure."""
    return [f"{kind}:{number}" for kind in ("em", "em1") for number in status.instances(kind)]


def _clamp_range_a(config: Fields, status: Fields) -> float | None:
    """Return the range of the smallest clamp, from types such as ``50A``."""
    types = (config.maybe_part(name).maybe_str("ct_type") or "" for name in _meters(status))
    ranges = [float(match[1]) for kind in types if (match := re.fullmatch(r"(\d{1,5})A", kind))]
    return min(ranges, default=None)
