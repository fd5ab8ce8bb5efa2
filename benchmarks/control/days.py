"""Days of houses and of the sun, second by second, and where they come from.

Powers are watts, currents amperes at the nominal voltage with the sign of the power: import
positive. A source makes a day anew whenever it is asked, so that a scenario is small and travels
to another process easily.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .contract import NOMINAL_V

DAY_S = 86400

type Series = NDArray[np.float64]
"""One value per second."""
type Currents = tuple[Series, ...]
"""Amperes of every phase, all of one length."""


class MissingDaysError(Exception):
    """A source does not have the days that are asked for; the message tells the folder."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HouseDay:
    """What one house draws without its chargers and its sun."""

    name: str
    currents: Currents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SunDay:
    """AC power of 1 kWp."""

    name: str
    power_w: Series


class Source(Protocol):
    """Where days come from, by name; every list is in a fixed order.

    All methods raise MissingDaysError for what the source does not have.
    """

    @property
    def title(self) -> str:
        """What kind of days these are, for the head of a report."""
        ...

    def houses(self) -> Sequence[str]:
        """Return the names of single-phase days."""
        ...

    def homes(self) -> Sequence[str]:
        """Return the names of three-phase recordings; they may be shorter than a day."""
        ...

    def suns(self) -> Sequence[str]:
        """Return the names of sun days."""
        ...

    def house(self, name: str) -> HouseDay:
        """Return one of ``houses`` or of ``homes``."""
        ...

    def sun(self, name: str) -> SunDay:
        """Return one of ``suns``."""
        ...


def peak_a(currents: Currents) -> float:
    """Return the highest current on any phase."""
    return max(float(phase.max()) for phase in currents)


def with_load(currents: Currents, power_w: Series) -> Currents:
    """Add a single-phase load to the first phase."""
    first, *others = currents
    return (first + power_w[: len(first)] / NOMINAL_V, *others)


def with_sun(currents: Currents, day: SunDay, kwp: float) -> Currents:
    """Let a roof of ``kwp`` feed all phases evenly."""
    each_a = kwp * day.power_w[: len(currents[0])] / NOMINAL_V / len(currents)
    return tuple(phase - each_a for phase in currents)


def joined(days: Sequence[Currents]) -> Currents:
    """Return days that follow each other."""
    return tuple(np.concatenate(phases) for phases in zip(*days, strict=True))
