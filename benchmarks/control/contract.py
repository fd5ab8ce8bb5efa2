"""What every controller of the benchmark is told and what it answers, ours and the others' alike.

The clock ticks once a second. Currents are amperes RMS with the sign of the power (import
positive), powers watts, times seconds since the run began.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

NOMINAL_V = 230.0


class Mode(StrEnum):
    """What the home asks of its chargers."""

    POWER = "power"
    HYBRID = "hybrid"
    GREEN = "green"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerPlace:
    """One charger of the home."""

    lines: tuple[int, ...] = (0,)
    """Index of the mains phase of each line."""
    minimum_a: int = 6
    maximum_a: int = 32
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSpec:
    """What an installer would tell a controller."""

    fuse_a: float
    """Rating of the service fuse, on every phase."""
    phases: int = 1
    chargers: tuple[ChargerPlace, ...] = (ChargerPlace(),)
    mode: Mode = Mode.POWER
    meter_period_s: int = 1
    charger_period_s: int = 2
    """How often the chargers are read."""
    voltage_v: float = NOMINAL_V


@dataclass(frozen=True, slots=True)
class MeterSample:
    """A mains measurement; NaN stands for a value that the meter does not have."""

    time_s: float
    """When it was measured; it may arrive later."""
    current_a: tuple[float, ...]
    power_w: float
    """Net of all phases."""


@dataclass(frozen=True, slots=True)
class ChargerSample:
    """A reading of one charger."""

    time_s: float
    connected: bool
    charging: bool
    """The car takes current."""
    drawn_a: tuple[float, ...]
    """Per line."""
    offered_a: int
    """The limit that is set in the device now."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The newest that has arrived at one tick."""

    now_s: float
    meter: MeterSample | None
    chargers: tuple[ChargerSample | None, ...]


type Commands = Sequence[tuple[int, float]]
"""(index of a charger, amperes that it shall offer); 0 pauses it."""


class Controller(Protocol):
    """A control law; it is asked every second and keeps a rhythm of its own."""

    def step(self, sight: Sight) -> Commands:
        """Return what to send now."""
        ...


type Maker = Callable[[HomeSpec, int], Controller]
"""Makes a controller for a home; the number seeds whatever is random in it (e.g. the phase of its
cycle)."""
