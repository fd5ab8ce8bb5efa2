"""Measured days from a folder of traces that the user names; the project ships none.

The folder has ``house_*/`` with single-phase houses (``house_w``), ``pv_*_1s/`` with irradiance
(``ghi``) and ``*_3p_*`` with the currents of three phases, as ``simulator.plant.traces`` reads
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from simulator.plant.sun import YIELD
from simulator.plant.traces import Trace, TraceError, read_trace

from .contract import NOMINAL_V
from .days import DAY_S, HouseDay, MissingDaysError, Series, SunDay

PHASES: Final = ("l1_a", "l2_a", "l3_a")
SUFFIX: Final = ".csv.gz"
HOUSES: Final = f"house_*/*{SUFFIX}"
HOMES: Final = f"*_3p_*{SUFFIX}"
SUNS: Final = f"pv_*_1s/*{SUFFIX}"
"""Only sun that was measured, or validated, at 1 s: held minutes understate the import."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The source that reads a folder; names are paths below it, without the suffix."""

    folder: Path

    @property
    def title(self) -> str:
        """What kind of days these are."""
        return "measured days"

    def houses(self) -> Sequence[str]:
        """Return single-phase days; sampled more slowly than 1 s they hold the newest sample."""
        return self._names(HOUSES)

    def homes(self) -> Sequence[str]:
        """Return three-phase recordings, as long as they were measured."""
        return self._names(HOMES)

    def suns(self) -> Sequence[str]:
        """Return days of irradiance."""
        return self._names(SUNS)

    def house(self, name: str) -> HouseDay:
        """Return a measured house without its car; raises MissingDaysError."""
        trace = self._read(name)
        if PHASES[0] in trace.columns:
            seconds = int(trace.span_s)
            car_a = np.zeros(seconds)
            if "ev_w" in trace.columns:
                car_a = held(trace, "ev_w", seconds) / NOMINAL_V / len(PHASES)
            phases = [held(trace, phase, seconds) - car_a for phase in PHASES]
            return HouseDay(name=name, currents=tuple(np.maximum(0.0, a) for a in phases))
        if "house_w" not in trace.columns:
            raise MissingDaysError(f"{self.folder / name} has neither house_w nor {PHASES[0]}")
        return HouseDay(name=name, currents=(held(trace, "house_w", DAY_S) / NOMINAL_V,))

    def sun(self, name: str) -> SunDay:
        """Return measured irradiance as power of 1 kWp; raises MissingDaysError."""
        trace = self._read(name)
        if "ghi" not in trace.columns:
            raise MissingDaysError(f"{self.folder / name} has no column ghi")
        ghi = np.interp(np.arange(DAY_S), trace.times_s, trace.columns["ghi"], left=0, right=0)
        return SunDay(name=name, power_w=np.maximum(0.0, YIELD * ghi))

    def _names(self, pattern: str) -> list[str]:
        found = sorted(path.relative_to(self.folder) for path in self.folder.glob(pattern))
        if not found:
            raise MissingDaysError(f"{self.folder} has no traces named {pattern}")
        return [path.as_posix().removesuffix(SUFFIX) for path in found]

    def _read(self, name: str) -> Trace:
        try:
            return read_trace(self.folder, f"{name}{SUFFIX}")
        except TraceError as err:
            raise MissingDaysError(str(err)) from err


def held(trace: Trace, column: str, seconds: int) -> Series:
    """Return the newest sample at every second; the trace begins again when it is over."""
    wanted_s = np.arange(seconds) % trace.span_s
    newest = np.searchsorted(np.asarray(trace.times_s), wanted_s, side="right") - 1
    samples = np.asarray(trace.columns[column], dtype=np.float64)
    return samples.take(np.maximum(0, newest))
