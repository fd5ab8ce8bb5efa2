"""Measured days instead of seeded ones, read from a folder that the user names.

A trace is a CSV file, gzipped or not, whose first column ``t_s`` counts seconds. Loads have
``house_w``, or ``l1_a``, ``l2_a``, ``l3_a`` and perhaps ``ev_w``, a three-phase car that the
currents include. Roofs have ``pv_w`` or ``ghi`` in W/m².
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
import csv
from dataclasses import dataclass
import gzip
import math
from pathlib import Path
from typing import Final, TextIO

from .habits import DAY_S
from .sun import YIELD
from .wires import Phase

NOMINAL_V: Final = 230.0
"""Voltage that turns the currents of a trace into watts."""
_FEWEST_ROWS: Final = 2
_CURRENTS: Final = ("l1_a", "l2_a", "l3_a")


class TraceError(Exception):
    """A trace is missing or is not what it should be; the message names the file."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The columns of one file over its time axis."""

    name: str
    times_s: array[float]
    columns: Mapping[str, array[float]]

    @property
    def span_s(self) -> float:
        """How long the trace lasts, its last sample included."""
        return self.times_s[-1] * len(self.times_s) / (len(self.times_s) - 1)

    def held(self, column: str, time_s: float) -> float:
        """Return the newest sample; the trace begins again when it is over."""
        index = bisect_right(self.times_s, time_s % self.span_s) - 1
        return self.columns[column][max(0, index)]

    def between(self, column: str, time_s: float) -> float:
        """Return the line between two samples, 0 outside of the trace."""
        index = bisect_right(self.times_s, time_s)
        if index == 0 or index == len(self.times_s):
            return 0.0
        before_s, after_s = self.times_s[index - 1 : index + 1]
        before, after = self.columns[column][index - 1 : index + 1]
        return before + (after - before) * (time_s - before_s) / (after_s - before_s)


def read_trace(folder: Path, name: str) -> Trace:
    """Read one file of ``folder``; raises TraceError."""
    path = folder / name
    try:
        with _open(path) as file:
            rows = csv.reader(file)
            header = next(rows)
            columns = {title: array("d") for title in header}
            for row in rows:
                for column, text in zip(columns.values(), row, strict=True):
                    column.append(float(text))
    except (OSError, EOFError, StopIteration, ValueError) as err:
        raise TraceError(f"{path} cannot be read as a trace: {err}") from err
    times_s = columns.pop("t_s", array("d"))
    if len(times_s) < _FEWEST_ROWS:
        raise TraceError(f"{path} has no column t_s with at least {_FEWEST_ROWS} rows")
    return Trace(name, times_s, columns)


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="ascii")
    return path.open(encoding="ascii")


@dataclass(frozen=True, slots=True)
class TraceLoad:
    """A measured house: for each phase what it draws, in watts."""

    phases: Mapping[Phase, Callable[[float], float]]

    def draw(self, day_s: float) -> Mapping[Phase, complex]:
        """Return volt-amperes per phase at this time of the day clock."""
        return {phase: complex(watts(day_s)) for phase, watts in self.phases.items()}


def measured_house(folder: Path, names: Sequence[str], phases: Sequence[Phase]) -> TraceLoad:
    """Read a house: one file of ``house_w`` for each phase, or one with currents of all.

    Raises TraceError.
    """
    traces = [read_trace(folder, name) for name in names]
    if len(traces) == 1 and _CURRENTS[0] in traces[0].columns:
        columns = [column for column in _CURRENTS if column in traces[0].columns]
        sources = [_current_column(traces[0], column) for column in columns]
    else:
        sources = [_watt_column(trace) for trace in traces]
    if len(sources) != len(phases):
        raise TraceError(
            f"{', '.join(names)}: the number of traced phases is {len(sources)}, not {len(phases)}"
        )
    return TraceLoad(dict(zip(phases, sources, strict=True)))


def _watt_column(trace: Trace) -> Callable[[float], float]:
    if "house_w" not in trace.columns:
        raise TraceError(f"{trace.name} has no column house_w")
    return lambda day_s: trace.held("house_w", day_s)


def _current_column(trace: Trace, column: str) -> Callable[[float], float]:
    def watts(day_s: float) -> float:
        car_w = trace.held("ev_w", day_s) / 3 if "ev_w" in trace.columns else 0.0
        return max(0.0, trace.held(column, day_s) * NOMINAL_V - car_w)

    return watts


@dataclass(frozen=True, slots=True)
class TraceRoof:
    """Measured sun; every day, or every few days, it begins again."""

    trace: Trace
    column: str
    scale: float
    begins_s: float
    """Time of day at which the trace begins."""

    def power_w(self, day_s: float, now_s: float) -> float:
        """Return watts at this time of the day clock; ``now_s`` does not matter."""
        del now_s
        period_s = DAY_S * math.ceil(self.trace.span_s / DAY_S)
        time_s = (day_s - self.begins_s) % period_s
        return max(0.0, self.scale * self.trace.between(self.column, time_s))


def measured_roof(folder: Path, name: str, kwp: float, begins_s: float) -> TraceRoof:
    """Read a roof: ``pv_w`` as it was measured, or ``ghi`` on ``kwp``; raises TraceError."""
    trace = read_trace(folder, name)
    if "pv_w" in trace.columns:
        return TraceRoof(trace, "pv_w", 1.0, begins_s)
    if "ghi" in trace.columns:
        return TraceRoof(trace, "ghi", kwp * YIELD, begins_s)
    raise TraceError(f"{name} has neither a column pv_w nor ghi")
