"""What a scenario of the benchmark is made of: a home, its devices and the runs to do in it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from .contract import HomeSpec
from .days import DAY_S, Currents
from .world import ChargerKind, MeterKind


class Depth(IntEnum):
    """How much of a scenario is done."""

    QUICK = 0
    """A sample of everything, for a minute or two."""
    NORMAL = 1
    """What is published; ends within ten minutes on two cores."""
    FULL = 2
    """Every day that the source has."""

    def of(self, quick: int, normal: int, full: int) -> int:
        """Return the number that belongs to this depth."""
        return (quick, normal, full)[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a scenario."""

    name: str
    seconds: int
    make: Callable[[], Currents]
    """Makes what the house takes on each phase, its sun subtracted."""
    seed: int = 0
    """For the noise of the meter and for the phase of a controller's own cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Runs in one kind of home with one set of devices; it can be sent to another process."""

    key: str
    """Short and unique, e.g. ``P1``; the variants of a family share what stands before a space."""
    title: str
    home: HomeSpec
    chargers: tuple[ChargerKind, ...]
    meter: MeterKind
    runs: tuple[Run, ...]
    restart_s: float = inf

    @property
    def family(self) -> str:
        """The part of the key that the variants of one experiment share."""
        return self.key.split()[0]

    @property
    def charger_days(self) -> float:
        """Simulated days times chargers, which is what a scenario costs."""
        return len(self.chargers) * sum(run.seconds for run in self.runs) / DAY_S
