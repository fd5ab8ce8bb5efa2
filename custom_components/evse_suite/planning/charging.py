"""The cheapest way to charge one car."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from .horizon import Step
from .model import Job

KILO: Final = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one charger may do in one step."""

    step: Step
    surplus_w: float
    """The sun that no other charger takes."""
    least_wh: float
    most_wh: float
    """At the minimum and the highest current that fits; both 0 where it may not charge."""
    penalty_per_kwh: float = 0.0
    """What grid energy counts for beyond its price, so that it is bought last."""


def draw(choices: Sequence[Choice], job: Job, needed_wh: float) -> list[float]:
    """Return the energy to charge in each step: the cheapest first, the later of equals."""
    result = [0.0] * len(choices)
    order = sorted(range(len(choices)), key=lambda index: (_mean_cost(choices[index]), -index))
    for index in order:
        result[index] = min(choices[index].most_wh, needed_wh - sum(result))
    return result


def at_once(choices: Sequence[Choice], needed_wh: float) -> list[float]:
    """Return the energy to charge in each step when it has to be as soon as possible."""
    result: list[float] = []
    for choice in choices:
        result.append(min(choice.most_wh, needed_wh - sum(result)))
    return result


def whole_a(power_w: float, job: Job) -> int:
    """Return the whole amperes that a power allows."""
    return floor(power_w / (job.lines * job.voltage_v) + 1e-6)


def _mean_cost(choice: Choice) -> float:
    """Return what a kWh costs on average at the highest current."""
    if not choice.most_wh:
        return 0.0
    green_wh = min(choice.most_wh, choice.surplus_w * choice.step.hours)
    dear = choice.step.price_per_kwh + choice.penalty_per_kwh
    cost = green_wh * choice.step.feed_in_per_kwh + (choice.most_wh - green_wh) * dear
    return cost / choice.most_wh
