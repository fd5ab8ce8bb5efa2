"""Finding a meter at an optical port and making its object (MTR-1)."""

import asyncio
from dataclasses import replace
import re
from typing import Final

from ..base import BaseDevice
from ..http import Access
from ..model import (
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    MeterChannel,
    MeterReading,
    MeterRegister,
)
from .line import ReadOut, Sleep, read_out

NAME: Final = "iec62056"
MANUFACTURER: Final = "IEC 62056-21"
MAKERS: Final = {"LGZ": "Landis+Gyr", "ISK": "Iskraemeco", "ITR": "Itron", "KAM": "Kamstrup"}
URL: Final = re.compile(r"(?:/dev/|(?:socket|tcp|rfc2217|esphome)://).+")
PHASES: Final = 3
MINIMUM_INTERVAL_S: Final = 30.0
"""From the beginning of one read-out to the next: at 300 baud one lasts that long."""
PAUSE_S: Final = 1.5
"""The meter goes back to 300 baud before it listens again."""


class OpticalMeter(BaseDevice):
    """A meter that is read out; its counters move with every read-out only."""

    def __init__(
        self, identity: DeviceIdentity, access: Access, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        """Open nothing yet."""
        super().__init__(identity)
        self._access = access
        self._sleep = sleep
        self._ended_s = float("-inf")
        self._slow = False

    def pace_s(self) -> float:
        """Return how much time a slow meter needs for a read-out."""
        return MINIMUM_INTERVAL_S

    async def read(self) -> MeterReading:
        """Read the meter out; takes some seconds, at 300 baud up to a minute.

        After a read-out that failed at the rate which the meter offers, the next one stays at 300.
        """
        clock = self._access.clock
        await self._sleep(max(0.0, self._ended_s + PAUSE_S - clock()))
        begun_s = clock()
        try:
            found = await read_out(self._access.host, slow=self._slow, sleep=self._sleep)
        except DeviceError:
            self._slow = not self._slow
            raise
        finally:
            self._ended_s = clock()
        if serial_of(found) != self.identity.serial:
            raise DeviceMismatchError(f"another meter answers: {serial_of(found)}")
        firmware = text(found.registers, "0.2.0")
        self._learn_firmware(firmware)
        return MeterReading(
            # Registers are sent one after the other: the oldest was taken at the beginning.
            time_s=begun_s,
            channels=channels(found.registers, self.identity.lines),
            registers=tuple(found.registers.values()),
            firmware=firmware,
        )


class IecDriver:
    """Meters behind an optical probe, at a serial port or a gateway."""

    name = NAME
    manufacturer = MANUFACTURER

    async def probe(self, access: Access) -> OpticalMeter | None:
        """Return the meter behind a port, None for an address that is no port."""
        if not URL.fullmatch(access.host):
            return None
        found = await _first_read_out(access.host)
        return OpticalMeter(_identity(found), access)

    def makes(self, _identity: DeviceIdentity) -> type[OpticalMeter]:
        """Return the class of every meter of this protocol."""
        return OpticalMeter

    def open(self, identity: DeviceIdentity, access: Access) -> OpticalMeter:
        """Return the object of a known meter."""
        return OpticalMeter(identity, access)


async def _first_read_out(url: str) -> ReadOut:
    """Read a meter that nobody knows yet, at 300 baud if its own rate does not work."""
    try:
        return await read_out(url, sleep=asyncio.sleep)
    except DeviceError:
        await asyncio.sleep(PAUSE_S)
        return await read_out(url, slow=True, sleep=asyncio.sleep)


def serial_of(found: ReadOut) -> str:
    """Return the number of the meter: the maker's, else the owner's; raises without one."""
    for code in ("C.1.0", "96.1.0", "0.0.0", "0.0", "C.1"):
        number = text(found.registers, code)
        if number:
            return number
    raise DeviceProtocolError("the meter does not tell its number")


def text(registers: dict[str, MeterRegister], code: str) -> str | None:
    """Return what a register says, None for one that is absent or empty."""
    register = registers.get(code)
    return None if register is None else register.text or None


def channels(registers: dict[str, MeterRegister], lines: int) -> tuple[MeterChannel, ...]:
    """Return what is told for each phase; the totals stand in the first where there is one."""

    def value(code: str) -> float | None:
        register = registers.get(code)
        return None if register is None else register.value

    def power_w(phase: int) -> float | None:
        taken = value(f"{21 + 20 * phase}.7.0")
        given = value(f"{22 + 20 * phase}.7.0")
        if taken is None and given is None and lines == 1:
            taken, given = value("1.7.0"), value("2.7.0")
            if taken is None:
                taken = value("16.7.0")
        return None if taken is None and given is None else (taken or 0.0) - (given or 0.0)

    def channel(phase: int) -> MeterChannel:
        power = power_w(phase)
        current = value(f"{31 + 20 * phase}.7.0")
        if current is not None and power is not None and power < 0:
            # The amperes have no sign; the power's is theirs.
            current = -abs(current)
        return MeterChannel(
            current_a=current,
            voltage_v=value(f"{32 + 20 * phase}.7.0"),
            power_w=power,
            power_factor=value("13.7.0") if lines == 1 else None,
            frequency_hz=value("14.7.0"),
            energy_import_wh=value("1.8.0") if lines == 1 else None,
            energy_export_wh=value("2.8.0") if lines == 1 else None,
        )

    return tuple(channel(phase) for phase in range(lines))


def _identity(found: ReadOut) -> DeviceIdentity:
    who = found.identification
    maker = MAKERS.get(who.maker.upper(), who.maker)
    serial = serial_of(found)
    lines = PHASES if "72.7.0" in found.registers or "71.7.0" in found.registers else 1
    identity = DeviceIdentity(
        kind=DeviceKind.METER,
        driver=NAME,
        serial=serial,
        manufacturer=MANUFACTURER,
        model=f"{maker} {who.model}".strip(),
        model_id=f"{who.maker}{who.model}",
        lines=lines,
        default_name=f"{maker} {serial}",
    )
    return replace(identity, firmware=text(found.registers, "0.2.0"))
