"""The supply as it is in this cycle: the limits in force, what flows at the grid, the budget.

A site without limits from outside, a generator's meter or a capacity tariff has none of it, and
spends no time on it.
"""

from dataclasses import dataclass

from .budget import count
from .layout import Gauge, Layout
from .limits import in_force
from .memory import Budget, LimitsMemory, Memory, MeterMemory, Reading
from .model import SiteState
from .net import readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What a cycle takes for the supply."""

    layout: Layout
    """The site with the limits that are in force."""
    ring: tuple[Reading, ...]
    """The newest readings at the grid connection, oldest first."""
    limits: LimitsMemory | None = None
    budget: Budget | None = None

    @property
    def lowered(self) -> frozenset[int]:
        """The rows whose limit was lowered from outside in this cycle."""
        return self.limits.lowered if self.limits else frozenset()

    @property
    def reading(self) -> Reading | None:
        """The newest reading at the grid connection."""
        return self.ring[-1] if self.ring else None


def supply(
    layout: Layout,
    past: Memory,
    state: SiteState,
    meter: MeterMemory,
    *,
    lost: bool,
    now_s: float,
) -> Supply:
    """Put the supply of this cycle together; ``lost`` says that the meter cannot be believed."""
    if not (layout.sources or layout.measured or layout.spec.generator):
        return Supply(layout=layout, ring=meter.ring)
    ring = readings(past.ring, meter, state.generator, layout, now_s)
    limits = in_force(layout, state.limits, past.limits, now_s) if layout.sources else None
    budget = None
    if any(layout.rows[index].gauge is Gauge.BUDGET for index in layout.measured):
        believed = ring[-1] if ring and not lost else None
        budget = count(past.budget, believed, layout, end_s=state.window_ends_s, now_s=now_s)
    return Supply(
        layout=limits.layout if limits else layout, ring=ring, limits=limits, budget=budget
    )
