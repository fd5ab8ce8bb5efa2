"""The referee: what the fuse really had to bear, and how much of it was the cars' fault."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
import math
from typing import Final

from .wires import Conductor, Phase

LONG_OVERLOAD: Final = 1.25
COOLING_S: Final = 600.0

type Curve = Sequence[tuple[float, float]]
"""Multiples of the rating and the seconds that a device surely bears them."""

MCB: Final[Curve] = ((1.13, 3600.0), (2.55, 1.0), (3.0, 0.1))
"""Non-tripping envelope of a miniature circuit breaker, IEC 60898."""
GG_FUSE: Final[Curve] = ((1.25, 3600.0), (2.54, 10.0), (7.14, 0.1))
"""Non-operating envelope of a gG fuse, IEC 60269-1."""


def wear_per_s(multiple: float, curve: Curve) -> float:
    """Return the share of its endurance that a device uses up each second at this load."""
    first, first_s = curve[0]
    if multiple <= 1:
        return 0.0
    if multiple < first:
        return float(((multiple - 1) / (first - 1)) ** 2 / first_s)
    right = min(max(bisect_right(curve, (multiple, math.inf)), 1), len(curve) - 1)
    (x0, t0), (x1, t1) = curve[right - 1], curve[right]
    along = math.log(multiple / x0) / math.log(x1 / x0)
    return math.exp(-(math.log(t0) + along * math.log(t1 / t0)))


@dataclass(slots=True)
class Run:
    """Seconds for which something goes on: in all, now and the longest time without a break."""

    total_s: float = 0.0
    current_s: float = 0.0
    longest_s: float = 0.0

    def step(self, dt_s: float, *, on: bool) -> None:
        """Count ``dt_s`` seconds more, or end the run."""
        if not on:
            self.current_s = 0.0
            return
        self.total_s += dt_s
        self.current_s += dt_s
        self.longest_s = max(self.longest_s, self.current_s)


@dataclass(slots=True)
class Stress:
    """Wear on a protective device that cools down; 1 is the end of what it surely bears.

    What the house alone would have caused is taken off, the rest is the cars'.
    """

    curve: Curve
    all_loads: float = 0.0
    cars: float = 0.0
    worst_all_loads: float = 0.0
    worst_cars: float = 0.0

    def step(self, multiple: float, without_cars: float, dt_s: float) -> None:
        """Add the wear of ``dt_s`` seconds at these multiples of the rating."""
        cooling = math.exp(-dt_s / COOLING_S)
        wear = wear_per_s(multiple, self.curve)
        fault = max(0.0, wear - wear_per_s(without_cars, self.curve))
        self.all_loads = self.all_loads * cooling + wear * dt_s
        self.cars = self.cars * cooling + fault * dt_s
        self.worst_all_loads = max(self.worst_all_loads, self.all_loads)
        self.worst_cars = max(self.worst_cars, self.cars)


@dataclass(slots=True)
class PhaseRecord:
    """What one fuse saw; ``cars_*`` is what would not have been without cars."""

    fuse_a: float
    over_a_s: float = 0.0
    cars_over_a_s: float = 0.0
    peak_a: float = 0.0
    over: Run = field(default_factory=Run)
    cars_over: Run = field(default_factory=Run)
    cars_far_over: Run = field(default_factory=Run)
    """Above 1.25 times the rating."""
    mcb: Stress = field(default_factory=lambda: Stress(MCB))
    fuse: Stress = field(default_factory=lambda: Stress(GG_FUSE))

    def step(self, current_a: float, without_cars_a: float, dt_s: float) -> None:
        """Judge ``dt_s`` seconds with these currents."""
        over_a = max(0.0, current_a - self.fuse_a)
        fault_a = max(0.0, over_a - max(0.0, without_cars_a - self.fuse_a))
        far = current_a > LONG_OVERLOAD * self.fuse_a
        self.over_a_s += over_a * dt_s
        self.cars_over_a_s += fault_a * dt_s
        self.peak_a = max(self.peak_a, current_a)
        self.over.step(dt_s, on=over_a > 0)
        self.cars_over.step(dt_s, on=fault_a > 0)
        self.cars_far_over.step(dt_s, on=far and fault_a > 0)
        self.mcb.step(current_a / self.fuse_a, without_cars_a / self.fuse_a, dt_s)
        self.fuse.step(current_a / self.fuse_a, without_cars_a / self.fuse_a, dt_s)

    def as_dict(self) -> dict[str, float]:
        """Return the record for a report, rounded."""
        return {
            "over_s": round(self.over.total_s, 1),
            "over_a_s": round(self.over_a_s, 1),
            "peak_a": round(self.peak_a, 2),
            "cars_over_s": round(self.cars_over.total_s, 1),
            "cars_over_a_s": round(self.cars_over_a_s, 1),
            "cars_longest_s": round(self.cars_over.longest_s, 1),
            "cars_longest_far_s": round(self.cars_far_over.longest_s, 1),
            "cars_mcb_stress": round(self.mcb.worst_cars, 4),
            "cars_fuse_stress": round(self.fuse.worst_cars, 4),
        }


class Referee:
    """Watches the true currents; nothing in the home can see or change what it writes down."""

    def __init__(self, fuse_a: float, phases: Sequence[Phase]) -> None:
        """Begin with a clean record for each phase."""
        self.fuse_a = fuse_a
        self.phases = {phase: PhaseRecord(fuse_a) for phase in phases}

    def reset(self) -> None:
        """Begin anew."""
        self.phases = {phase: PhaseRecord(self.fuse_a) for phase in self.phases}

    def step(self, conductors: Iterable[Conductor], dt_s: float) -> None:
        """Judge ``dt_s`` seconds."""
        for wire in conductors:
            record = self.phases[wire.phase]
            record.step(wire.current_a, wire.current_without_cars_a, dt_s)
