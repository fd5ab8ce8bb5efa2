"""What one charger may do in one step, and what that costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import Final

from .horizon import Step
from .model import Job

KILO: Final = 1000.0
EPSILON: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Nothing, or any level from the least to the most; less energy takes a part of the step."""

    step: Step
    surplus_w: float
    """The sun that no other charger takes."""
    levels: tuple[tuple[float, float], ...]
    """Energies in watt-hours at whole currents that last the whole step, and what they count for:
    the minimum, both sides of the surplus, the most. Empty where charging is not possible."""

    @property
    def least_wh(self) -> float:
        """The energy at the minimum current, 0 where charging is not possible."""
        return self.levels[0][0] if self.levels else 0.0

    @property
    def most_wh(self) -> float:
        """The energy at the highest current that fits."""
        return self.levels[-1][0] if self.levels else 0.0

    def rates(self) -> Iterator[float]:
        """Return what a watt-hour more counts for, from level to level."""
        below_wh = below = 0.0
        for level_wh, level in self.levels:
            yield (level - below) / (level_wh - below_wh)
            below_wh, below = level_wh, level

    def cost(self, energy_wh: float) -> float:
        """Return what an energy counts for."""
        below_wh = below = 0.0
        for level_wh, level in self.levels:
            if energy_wh <= level_wh:
                share = (energy_wh - below_wh) / (level_wh - below_wh)
                return below + share * (level - below)
            below_wh, below = level_wh, level
        return below


def choice(
    job: Job,
    step: Step,
    *,
    most_a: int,
    surplus_w: float,
    buy_per_kwh: float,
    sun_per_kwh: float,
    awake_per_hour: float = 0.0,
) -> Choice:
    """Return the choice of a step at these prices, with no levels where the minimum does not fit.

    ``awake_per_hour`` counts for every hour of charging at any current.

    Where sun is cheaper than the grid, both sides of the surplus are levels as well. Where it is
    dearer, full current is the cheapest for any energy, and nothing else is offered.
    """
    if most_a < job.minimum_a:
        return Choice(step=step, surplus_w=surplus_w, levels=())
    per_ampere_w = ampere_w(job)
    currents = {job.minimum_a, most_a}
    if surplus_w > 0 and buy_per_kwh < sun_per_kwh:
        currents = {most_a}
    elif surplus_w > 0:
        green_a = whole_a(surplus_w, job)
        currents |= {a for a in (green_a, green_a + 1) if job.minimum_a < a < most_a}
    levels = []
    for current_a in sorted(currents):
        power_w = current_a * per_ampere_w
        green_w = min(power_w, surplus_w)
        per_hour = (green_w * sun_per_kwh + (power_w - green_w) * buy_per_kwh) / KILO
        levels.append((power_w * step.hours, step.hours * (per_hour + awake_per_hour)))
    return Choice(step=step, surplus_w=surplus_w, levels=tuple(levels))


def ampere_w(job: Job) -> float:
    """Return the power of one ampere on all lines of a charger."""
    return job.lines * job.voltage_v


def whole_a(power_w: float, job: Job) -> int:
    """Return the whole amperes that a power allows."""
    return floor(power_w / ampere_w(job) + EPSILON)
