"""What no controller can do better, because it learns of a load only when it is there.

A load that exceeds the fuse by D amperes does so for at least the dead time d, from the load to
the first motion of the car, and for D/r more at a slew of r A/s: ``step_bound``. The other
functions apply the same to whole runs, second by second as ``world.run`` counts them.
"""

from dataclasses import dataclass
from math import ceil, inf
from typing import Self

import numpy as np

from simulator.plant.car import SWITCH_OFF_A_PER_S

from .contract import ChargerPlace, HomeSpec
from .days import Currents, Series
from .metrics import OVER_A, fault_a, longest
from .world import ChargerKind, MeterKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """How long and how far a fuse is exceeded."""

    duration_s: float
    """The longest in one go."""
    charge_as: float
    """Ampere-seconds above the rating, of all phases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How fast a meter, a charger and a car can be at best."""

    dead_s: int
    """From a measurement to the first motion of the car."""
    down_a_per_s: float
    up_a_per_s: float = inf
    period_s: int = 1
    phase_s: int = 0
    """Second of the meter's period at which it measures."""

    @classmethod
    def of(cls, meter: MeterKind, charger: ChargerKind) -> Self:
        """Return what these devices allow to a controller that answers at once."""
        return cls(
            dead_s=meter.latency_s + charger.command_s + ceil(charger.car.dead_s),
            down_a_per_s=charger.car.down_a_per_s,
            up_a_per_s=charger.car.up_a_per_s,
            period_s=meter.period_s,
            phase_s=meter.phase_s,
        )

    def known(self, values: Series) -> Series:
        """Return for each second the newest value that can have moved the car."""
        seconds = np.arange(len(values)) - self.dead_s
        measured = seconds - (seconds - self.phase_s) % self.period_s
        return values.take(np.maximum(0, measured))


def step_bound(over_a: float, dead_s: float, down_a_per_s: float) -> Overload:
    """Return the least overload that a step of ``over_a`` above the fuse causes."""
    return Overload(
        duration_s=dead_s + over_a / down_a_per_s,
        charge_as=over_a * dead_s + over_a**2 / (2 * down_a_per_s),
    )


def room_a(home: HomeSpec, house_a: Currents, place: ChargerPlace) -> Series:
    """Return what the fuse leaves on the worst of a charger's lines."""
    highest_a = np.stack([house_a[line] for line in place.lines]).max(axis=0)
    return np.asarray(home.fuse_a - highest_a)


def reactive_a(room: Series, reaction: Reaction, *, minimum_a: float, maximum_a: float) -> Series:
    """Return what a car draws that takes all the room that can be known, without a margin.

    Unlimited in its rise this is the causal controller of the most energy; a controller that rises
    more slowly may cause less overload, but for that it leaves energy.
    """
    known = np.clip(reaction.known(room), 0.0, maximum_a)
    targets = np.where(known < minimum_a, 0.0, known)
    drawn_a = np.empty_like(targets)
    current_a = float(targets[0])
    for second, target_a in enumerate(targets.tolist()):
        if target_a >= current_a:
            current_a = min(target_a, current_a + reaction.up_a_per_s)
        else:
            current_a = _fallen(current_a, target_a, reaction)
        drawn_a[second] = current_a
    return drawn_a


def unavoidable_a(room: Series, drawn_a: Series, reaction: Reaction, *, minimum_a: float) -> Series:
    """Return the part of what a car drew that no controller without a margin could have prevented.

    Up to each overload the car is where it was; from then on it falls as soon and as fast as it
    can, and it never rises before the overload is over.
    """
    known = reaction.known(room)
    targets = np.where(known < minimum_a, 0.0, known).tolist()
    least_a = drawn_a.copy()
    current_a = float(drawn_a[0])
    for second in np.flatnonzero(drawn_a > room).tolist():
        if second and drawn_a[second - 1] <= room[second - 1]:
            current_a = float(drawn_a[second - 1])
        if targets[second] < current_a:
            current_a = _fallen(current_a, targets[second], reaction)
        current_a = min(current_a, float(drawn_a[second]))
        least_a[second] = current_a
    return least_a


def overload(home: HomeSpec, house_a: Currents, place: ChargerPlace, drawn_a: Series) -> Overload:
    """Return the overload that is the fault of one car, as ``metrics.protection`` counts it."""
    faults = [fault_a(house_a[line], drawn_a, home.fuse_a) for line in place.lines]
    return Overload(
        duration_s=float(max(longest(fault > OVER_A) for fault in faults)),
        charge_as=float(sum(fault.sum() for fault in faults)),
    )


def _fallen(current_a: float, target_a: float, reaction: Reaction) -> float:
    """Return the current one second later; a car that is told to stop falls faster."""
    slope = reaction.down_a_per_s if target_a > 0 else SWITCH_OFF_A_PER_S
    return max(target_a, current_a - slope)
