"""Finding a Glow on the broker and listening to it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
import re
from typing import Final

from ..base import BaseDevice
from ..http import Access, Broker
from ..model import (
    DeviceConnectionError,
    DeviceIdentity,
    DeviceKind,
    DeviceProtocolError,
    MeterChannel,
    MeterReading,
)
from .payloads import Meter, meter_message, state_message

NAME: Final = "glow"
MANUFACTURER: Final = "Hildebrand"
ADDRESS: Final = re.compile(r"mqtt:(?P<prefix>[\w/-]+)/(?P<mac>[0-9A-Fa-f]{12})")
ELECTRICITY: Final = "electricitymeter"
GAS: Final = "gasmeter"
PROBE_TIMEOUT_S: Final = 20.0
"""It publishes every six to ten seconds; its state is retained by most brokers."""
SILENT_AFTER_S: Final = 60.0
INTERVAL_S: Final = 10.0


class GlowMeter(BaseDevice):
    """The smart meter behind a Glow; its power is what the meter told the display last.

    Whether the power turns negative during export is not established: while a home has exported
    and no negative value was ever seen, a power of zero says nothing, and is not told.
    """

    def __init__(self, identity: DeviceIdentity, access: Access) -> None:
        """Subscribe to nothing yet."""
        super().__init__(identity)
        match = ADDRESS.fullmatch(access.host)
        if match is None:
            raise DeviceConnectionError(f"{access.host!r} is not the topic of a Glow")
        self._topic = f"{match['prefix']}/{match['mac']}"
        self._broker = access.broker
        self._clock = access.clock
        self._electricity: Meter | None = None
        self._gas: Meter | None = None
        self._taken_s = float("-inf")
        self._signed = False

    def pace_s(self) -> float:
        """Return how often there is something new; too seldom for a fuse, and without amperes."""
        return INTERVAL_S

    async def read(self) -> MeterReading:
        """Return what was heard last; raises DeviceConnectionError when that is long ago."""
        if self._electricity is None or self._clock() - self._taken_s > SILENT_AFTER_S:
            raise DeviceConnectionError("nothing is heard from the display")
        return self._reading(self._electricity)

    async def listen(self, on_reading: Callable[[MeterReading], None]) -> None:
        """Hand over every new measurement until the broker is lost."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def electricity(payload: str | bytes) -> None:
            # A message that cannot be read is left out: the next one comes in some seconds.
            with suppress(DeviceProtocolError):
                if self._is_new(meter_message(payload, ELECTRICITY)) and self._electricity:
                    on_reading(self._reading(self._electricity))

        def gas(payload: str | bytes) -> None:
            with suppress(DeviceProtocolError):
                self._gas = meter_message(payload, GAS)

        broker = _needed(self._broker)
        leave = [
            await broker.subscribe(f"{self._topic}/SENSOR/{ELECTRICITY}", electricity),
            await broker.subscribe(f"{self._topic}/SENSOR/{GAS}", gas),
        ]
        try:
            await ended
        finally:
            for unsubscribe in leave:
                unsubscribe()

    def _is_new(self, message: Meter) -> bool:
        """Take a message; one with the time of the last is a repetition."""
        if self._electricity is not None and message.timestamp == self._electricity.timestamp:
            return False
        self._electricity = message
        self._taken_s = self._clock()
        self._signed = self._signed or (message.power_w or 0.0) < 0
        return True

    def _reading(self, message: Meter) -> MeterReading:
        ambiguous = bool(message.export_wh) and not self._signed and message.power_w == 0
        channel = MeterChannel(
            current_a=None,
            voltage_v=None,
            power_w=None if ambiguous else message.power_w,
            energy_import_wh=message.import_wh,
            energy_export_wh=message.export_wh,
        )
        gas = () if self._gas is None else tuple(self._gas.registers("gas_"))
        return MeterReading(
            time_s=self._taken_s,
            channels=(channel,),
            registers=(*message.registers(""), *gas),
            firmware=self.identity.firmware,
        )


class GlowDriver:
    """Displays and CADs that publish on the broker of Home Assistant."""

    name = NAME
    manufacturer = MANUFACTURER

    async def probe(self, access: Access) -> GlowMeter | None:
        """Return the Glow behind ``mqtt:<prefix>/<MAC>``, None for another kind of address."""
        match = ADDRESS.fullmatch(access.host)
        if match is None:
            return None
        topic = f"{match['prefix']}/{match['mac']}/STATE"
        hardware, software = state_message(await _first(_needed(access.broker).subscribe, topic))
        mac = match["mac"].upper()
        identity = DeviceIdentity(
            kind=DeviceKind.METER,
            driver=NAME,
            serial=mac,
            manufacturer=MANUFACTURER,
            model="Glow",
            model_id=hardware,
            lines=1,
            default_name=f"Glow {mac[-6:]}",
            mac=mac,
        )
        return GlowMeter(replace(identity, firmware=software), access)

    def makes(self, _identity: DeviceIdentity) -> type[GlowMeter]:
        """Return the class of every Glow."""
        return GlowMeter

    def open(self, identity: DeviceIdentity, access: Access) -> GlowMeter:
        """Return the object of a known Glow."""
        return GlowMeter(identity, access)


async def _first(
    subscribe: Callable[[str, Callable[[str | bytes], None]], Awaitable[Callable[[], None]]],
    topic: str,
) -> str | bytes:
    """Return the first message on a topic; raises DeviceConnectionError when none comes."""
    first: asyncio.Future[str | bytes] = asyncio.get_running_loop().create_future()

    def take(payload: str | bytes) -> None:
        if not first.done():
            first.set_result(payload)

    unsubscribe = await subscribe(topic, take)
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await first
    except TimeoutError as error:
        raise DeviceConnectionError(f"nothing is published on {topic}") from error
    finally:
        unsubscribe()


def _needed(broker: Broker | None) -> Broker:
    if broker is None:
        raise DeviceConnectionError("there is no MQTT broker")
    return broker
