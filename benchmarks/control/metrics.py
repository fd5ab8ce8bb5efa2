"""What a run is judged by: the fuse, the energy, the sun, the contactor and the network.

Definitions follow the control benchmark of this project: what the house alone would have caused is
never the cars' fault, and a car's energy is solar as far as there was surplus in that second.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from simulator.plant.referee import COOLING_S, GG_FUSE, LONG_OVERLOAD, MCB, Curve, wear_per_s

from .world import Record

START_COST_WH = 20.0
"""Energy that a start is worth: losses of the ramp and of on-board electronics."""
RAISE_QUIET_S = 60
"""An overload this long after the last step of the house is the controller's own."""
STEP_A = 0.5
OVER_A = 0.3
"""What the meter's noise may hide."""
STARTED_A = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What the fuse had to bear because of the cars; the worst of all phases."""

    over_as: float
    """Ampere-seconds above the rating."""
    longest_s: int
    longest_far_s: int
    """Above 1.25 times the rating."""
    mcb: float
    fuse: float
    own_raise_s: int
    """Seconds above the rating although the house had been quiet, or had fallen, for a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solar:
    """Where the cars' energy came from."""

    surplus_wh: float
    from_sun_wh: float
    imported_wh: float

    def score_wh(self, starts: int, start_cost_wh: float = START_COST_WH) -> float:
        """Return J: sun in the cars less import less what the starts cost."""
        return self.from_sun_wh - self.imported_wh - start_cost_wh * starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What the run asked of contactors, cars and the network."""

    starts: int
    commands: int
    pilot_changes: int


def protection(record: Record) -> Protection:
    """Judge what the service fuse had to bear, phase by phase."""
    fuse_a = record.home.fuse_a
    parts = []
    for house, cars in zip(record.house_a, record.cars_a(), strict=True):
        fault = fault_a(house, cars, fuse_a)
        over = fault > OVER_A
        far = over & (house + cars > LONG_OVERLOAD * fuse_a)
        parts.append(
            (
                float(fault.sum()),
                longest(over),
                longest(far),
                stress(house, cars, fuse_a, MCB),
                stress(house, cars, fuse_a, GG_FUSE),
                int((over & _quiet(house)).sum()),
            )
        )
    return Protection(
        over_as=sum(part[0] for part in parts),
        longest_s=max(part[1] for part in parts),
        longest_far_s=max(part[2] for part in parts),
        mcb=max(part[3] for part in parts),
        fuse=max(part[4] for part in parts),
        own_raise_s=sum(part[5] for part in parts),
    )


def fault_a(
    house: NDArray[np.float64], cars: NDArray[np.float64], fuse_a: float
) -> NDArray[np.float64]:
    """Return the part of an overload that would not be there without the cars.

    A house above the fuse leaves the cars the blame for what they add.
    """
    over = np.maximum(0.0, house + cars - fuse_a)
    return np.asarray(over - np.maximum(0.0, house - fuse_a))


def _quiet(house: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell the seconds at which the house is no higher than at any time of the last minute."""
    risen = np.zeros(len(house), dtype=bool)
    low = house.copy()
    for shift in range(1, RAISE_QUIET_S + 1):
        low[shift:] = np.minimum(low[shift:], house[:-shift])
    risen = house > low + STEP_A
    return ~risen


def stress(
    house: NDArray[np.float64], cars: NDArray[np.float64], fuse_a: float, curve: Curve
) -> float:
    """Return the worst wear on a protective device that is the cars' fault; it cools down."""
    total = house + cars
    worn = worst = 0.0
    last = 0
    for second in np.flatnonzero((total > fuse_a) & (cars > 0)):
        wear = wear_per_s(float(total[second]) / fuse_a, curve)
        wear -= wear_per_s(max(0.0, float(house[second])) / fuse_a, curve)
        worn = worn * exp(-(int(second) - last) / COOLING_S) + max(0.0, wear)
        last = int(second)
        worst = max(worst, worn)
    return worst


def solar(record: Record) -> Solar:
    """Tell sun from grid, second by second."""
    surplus_w = np.maximum(0.0, -record.house_w())
    cars_w = record.cars_w()
    from_sun_w = np.minimum(cars_w, surplus_w)
    return Solar(
        surplus_wh=float(surplus_w.sum()) / 3600,
        from_sun_wh=float(from_sun_w.sum()) / 3600,
        imported_wh=float((cars_w - from_sun_w).sum()) / 3600,
    )


def energy_wh(record: Record) -> list[float]:
    """Return what each car got."""
    return [
        float(drawn.sum()) * lines * record.home.voltage_v / 3600
        for drawn, lines in zip(record.drawn_a, record.car_lines, strict=True)
    ]


def effort(record: Record) -> Effort:
    """Count starts of cars, commands and changes of the pilot."""
    starts = changes = 0
    for drawn, offered in zip(record.drawn_a, record.offered_a, strict=True):
        on = drawn > STARTED_A
        starts += int((on[1:] & ~on[:-1]).sum()) + int(on[0])
        changes += int((np.diff(offered) != 0).sum())
    return Effort(starts=starts, commands=len(record.commands), pilot_changes=changes)


def spacing_s(record: Record) -> float:
    """Return the least time between a command that raises and the one before it, per charger."""
    least = float("inf")
    last: dict[int, tuple[float, float]] = {}
    for time_s, index, current_a in record.commands:
        before = last.get(index)
        if before is not None and current_a > before[1]:
            least = min(least, time_s - before[0])
        last[index] = (time_s, current_a)
    return least


def jain(values: list[float]) -> float:
    """Return Jain's index of fairness, 1 when all have the same."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def starved_min(record: Record) -> float:
    """Return the longest time that a car got nothing while another charged, in minutes."""
    on = [drawn > STARTED_A for drawn in record.drawn_a]
    if len(on) == 1:
        return 0.0
    any_on = np.logical_or.reduce(on)
    return max(longest(any_on & ~own) for own in on) / 60


def longest(flags: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of true values."""
    if not flags.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max())
