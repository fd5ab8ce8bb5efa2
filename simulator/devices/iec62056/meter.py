"""A household meter with registers, read through its optical port."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
import time
from typing import Final, override

from aiohttp import web

from ...ports import ClampPort, ClampValue
from ..base import Announcement, SimulatedDevice
from .head import Habits, OpticalHead
from .lines import Gateway, PseudoTerminal

IDENTIFICATION: Final = "LGZ{baud_mark}ZMF100AC.M26"
PHASE_CODES: Final = (("32.7", "31.7"), ("52.7", "51.7"), ("72.7", "71.7"))
NIGHT_ENDS: Final = 7
"""Rate 2 holds from midnight to this hour, rate 1 for the rest of the day."""
WH_PER_KWH: Final = 1000.0


class OpticalMeter(SimulatedDevice):
    """A meter with one or three clamps, two rates and an optical port on a TCP gateway.

    ``kwh_at_start`` is what the register of rate 1 shows at first: near 999999.999 it rolls over.
    ``pace`` is how much of the true time a character takes.
    """

    def __init__(
        self,
        *,
        serial: str,
        clamps: Sequence[ClampPort],
        habits: Habits | None = None,
        kwh_at_start: float = 0.0,
        pace: float = 1.0,
        refresh_s: float = 1.0,
        boot_s: float = 8.0,
    ) -> None:
        """Create the meter; raises ValueError for a wrong number of clamps."""
        if len(clamps) not in (1, len(PHASE_CODES)):
            raise ValueError(f"a meter has 1 or 3 clamps, not {len(clamps)}")
        super().__init__(serial=serial, refresh_s=refresh_s, boot_s=boot_s)
        self.habits = habits or Habits(pace=pace, reaction_s=0.2 * pace)
        self._clamps = tuple(clamps)
        self._shown: tuple[ClampValue, ...] = ()
        self._counted = [0.0, 0.0]
        self.import_wh = [kwh_at_start * WH_PER_KWH, 0.0]
        """By rate."""
        self.export_wh = 0.0
        self.power_failures = 0
        name = IDENTIFICATION.format(baud_mark=self.habits.baud_mark)
        self.head = OpticalHead(name, self.rows, self.habits)
        self._terminal: PseudoTerminal | None = None

    @property
    @override
    def announcement(self) -> Announcement:
        """Nothing: a serial line has no name on the network."""
        return Announcement(service_types=(), instance=self.serial, properties={})

    @property
    @override
    def reach(self) -> str:
        """The gateway as the address of a serial port."""
        return f"socket://{self.host_port}"

    def plug_in(self) -> str:
        """Connect an optical probe to this machine and return the path of its port."""
        self._terminal = PseudoTerminal(self.head)
        return self._terminal.path

    @override
    async def stop(self) -> None:
        if self._terminal is not None:
            self._terminal.close()
            self._terminal = None
        self.head.close()
        await super().stop()

    @override
    def _protocol(self) -> asyncio.BaseProtocol:
        self.habits.mute = self.faults.hang
        return Gateway(self.head)

    @override
    def _routes(self) -> web.RouteTableDef:
        return web.RouteTableDef()

    @override
    def _work(self, dt_s: float) -> None:
        """Count what flowed since the step before."""
        self.habits.mute = self.faults.hang
        self.habits.stop_halfway = self.faults.drop
        values = [clamp.value() for clamp in self._clamps]
        taken = sum(value.import_wh for value in values)
        given = sum(value.export_wh for value in values)
        rate = 1 if datetime.fromtimestamp(time.time(), UTC).hour < NIGHT_ENDS else 0
        self.import_wh[rate] += taken - self._counted[0]
        self.export_wh += given - self._counted[1]
        self._counted = [taken, given]

    @override
    def _refresh(self) -> None:
        self._shown = tuple(clamp.value() for clamp in self._clamps)

    @override
    def _forget(self) -> None:
        self.power_failures += 1
        self.head.close()

    @override
    def reset_counters(self) -> None:
        self.import_wh = [0.0, 0.0]
        self.export_wh = 0.0

    def rows(self) -> list[str]:
        """Return the lines of the read-out."""
        total = sum(self.import_wh)
        now = datetime.fromtimestamp(time.time(), UTC)
        rows = [
            "F.F(00)",
            f"0.0({self.serial:>16})",
            f"C.1.0({self.serial})",
            f"0.9.1({now:%H%M%S})",
            f"0.9.2({now:%y%m%d})",
            *(f"1.8.{rate}({_kwh(value)})" for rate, value in enumerate(self.import_wh, start=1)),
            f"2.8.1({_kwh(self.export_wh)})",
            f"1.8.0({_kwh(total)})",
            f"2.8.0({_kwh(self.export_wh)})",
            f"C.7.0({self.power_failures:04d})",
        ]
        for (volts, amperes), value in zip(PHASE_CODES, self._shown, strict=False):
            rows.append(f"{volts}({value.voltage_v:.0f}*V)")
            rows.append(f"{amperes}({value.current_a:06.2f}*A)")
        return [*rows, "0.2.0(M26)", "C.5.0(0401)"]


def _kwh(energy_wh: float) -> str:
    """Return a register of six places and three decimals, which rolls over."""
    return f"{energy_wh / WH_PER_KWH % 1_000_000:010.3f}*kWh"
