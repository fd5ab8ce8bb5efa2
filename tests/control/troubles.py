"""What else can be wrong with a home's devices, and the limits that a home may have beside a fuse.

The faults of chargers and of the mains meter that a random home meets on top of those of
``worlds``; each of them begins and ends at any time.
"""

from dataclasses import dataclass, replace
import math
import random
from typing import override

from custom_components.evse_suite.control.answer import Decision, TimerKind
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    GeneratorSide,
    MainsSample,
    Phase,
    SiteSpec,
)
from tests.control.plant import VOLTAGE_V, Charger

LIES = {"meter negative": -1.0, "meter in thousands": 0.001, "meter in thousandths": 1000.0}
"""What it shows of the truth while it is said to be in order."""
LATE_S = 30.0
"""A meter whose time goes backwards is this much in the past."""


@dataclass
class Troubled(Charger):
    """A charger that can also lose a command, use a wrong phase, and tell nonsense."""

    site_phases: tuple[Phase, ...] = ()
    loses: bool = False
    """It acknowledges what it is told and forgets it."""
    crossed: bool = False
    """Its lines are on the next phases of the mains, and not where they are said to be."""
    garbles: bool = False

    @override
    def tell(self, now_s: float, current_a: int, lines: int | None = None) -> None:
        """Hand a command to the line, where it may be lost after it was acknowledged."""
        queued = list(self._queue)
        super().tell(now_s, current_a, lines)
        if self.loses:
            self._queue = queued

    @override
    def line_a(self) -> dict[Phase, float]:
        """Return the true draw per mains phase."""
        drawn_a = super().line_a()
        if not self.crossed:
            return drawn_a
        following = dict(
            zip(self.site_phases, self.site_phases[1:] + self.site_phases[:1], strict=True)
        )
        return {following[phase]: current_a for phase, current_a in drawn_a.items()}

    @override
    def poll(self, now_s: float) -> bool:
        """Take a sample if one is due; its currents may be no numbers."""
        polled = super().poll(now_s)
        if polled and self.garbles and self.sample is not None:
            self.sample = replace(self.sample, drawn_a=(math.nan,) * len(self.spec.phases))
        return polled


def lie(name: str, sample: MainsSample) -> MainsSample:
    """Return what a meter in trouble tells instead of a sample."""
    if name == "meter in the past":
        return replace(sample, time_s=sample.time_s - LATE_S)
    factor = LIES[name]
    return replace(
        sample,
        current_a={phase: factor * current_a for phase, current_a in sample.current_a.items()},
        power_w={phase: factor * power_w for phase, power_w in sample.power_w.items()},
    )


def with_limits(spec: SiteSpec, rng: random.Random, fuse_a: float) -> SiteSpec:
    """Return a home with some more limits, each of which leaves room for every charger alone."""
    phases = spec.phases
    whole_w = fuse_a * VOLTAGE_V * len(phases)
    limit_a = dict.fromkeys(phases, fuse_a)
    offered = (
        Cap(
            key="outer",
            kind=CapKind.CIRCUIT,
            limit_a=dict.fromkeys(phases, float(rng.choice([20, 32]))),
            chargers=frozenset("abc"),
        ),
        Cap(key="contract", kind=CapKind.CONTRACT, limit_w=whole_w * rng.choice([0.7, 0.9])),
        Cap(key="range", kind=CapKind.METER_RANGE, limit_a={p: a - 1 for p, a in limit_a.items()}),
        Cap(key="capacity", kind=CapKind.CAPACITY, limit_w=whole_w * 0.8),
        Cap(key="collar", kind=CapKind.COLLAR, limit_a={p: a + 5 for p, a in limit_a.items()}),
    )
    caps = tuple(cap for cap in offered if rng.random() < 0.3)
    collared = any(cap.kind is CapKind.COLLAR for cap in caps)
    return replace(
        spec,
        caps=spec.caps + caps,
        generator=GeneratorSide.LOAD if collared else None,
        unbalance_a=rng.choice([None, None, 20.0]) if len(phases) > 1 else None,
        export_limit_w=rng.choice([None, None, 2000.0]),
        car_before_battery=rng.random() < 0.5,
    )


def excesses(
    spec: SiteSpec,
    chargers: list[Charger],
    mains_a: dict[Phase, float],
    house_a: dict[Phase, float],
    delivered_a: float,
) -> set[str]:
    """Return the limits beside the fuse that are exceeded because of what cars draw now."""
    over = set()
    for cap in spec.caps:
        behind = [it for it in chargers if cap.chargers is not None and it.spec.key in cap.chargers]
        for phase, limit_a in cap.limit_a.items():
            if cap.chargers is not None:
                flows_a, alone_a = sum(it.line_a().get(phase, 0.0) for it in behind), 0.0
            else:
                more_a = delivered_a if cap.kind is CapKind.COLLAR else 0.0
                flows_a, alone_a = mains_a[phase] + more_a, house_a[phase] + more_a
            if flows_a > limit_a + 0.35 and alone_a <= limit_a and cap.source is None:
                over.add(cap.key)
        if cap.limit_w is not None and cap.kind is not CapKind.CAPACITY:
            limit_a = cap.limit_w / VOLTAGE_V
            # The meter's noise on three phases.
            if sum(mains_a.values()) > limit_a + 0.6 and sum(house_a.values()) <= limit_a:
                over.add(cap.key)
    return over


def unbalanced(spec: SiteSpec, chargers: list[Charger]) -> bool:
    """Whether what the chargers draw differs by more between two phases than it may."""
    if spec.unbalance_a is None:
        return False
    drawn_a = [sum(it.line_a().get(phase, 0.0) for it in chargers) for phase in spec.phases]
    return max(drawn_a) - min(drawn_a) > spec.unbalance_a + 0.35


def left_out(
    decision: Decision[Memory] | None, chargers: list[Charger], offered: set[str]
) -> list[str]:
    """Return who was offered nothing without being told when it will.

    Who is not first in rank may wait for those who are, and equals wait for their turn.
    """
    most = max(charger.spec.priority for charger in chargers)
    waits = {TimerKind.REST, TimerKind.TURN}
    return [
        charger.spec.key
        for charger, one in zip(chargers, decision.chargers if decision else (), strict=True)
        if charger.spec.key not in offered
        and charger.spec.priority == most
        and not waits & {timer.kind for timer in one.timers}
    ]
