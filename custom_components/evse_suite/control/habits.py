"""What a car is like at its charger, learnt from every settled reading (LEK-10)."""

from dataclasses import replace

from .learnt import LearntCharger
from .model import ChargerActivity
from .view import View

MOST_A = 1.5
"""A car that leaves more than this has less use for current, which is no habit."""
PART = 0.02
"""Weight of one reading."""
WORTH_A = 0.01
"""A smaller change is not worth a new value."""


def learn(view: View, now_s: float) -> LearntCharger:
    """Return what is known of a charger after its newest sample.

    A car draws a little less than it is offered, at the minimum too; so less surplus covers its
    minimum than that of the standard.
    """
    learnt = view.learnt
    sample = view.sample
    if sample is None or view.draws is view.memory.draws or not view.held_a or view.flying:
        return learnt
    if sample.activity is not ChargerActivity.CHARGING or view.silent:
        return learnt
    gap_a = view.held_a - view.drawn_a
    settled = now_s - view.offer.changed_s > view.spec.settle_s
    if not settled or not -MOST_A < gap_a < MOST_A:
        return learnt
    shortfall_a = learnt.shortfall_a + PART * (max(0.0, gap_a) - learnt.shortfall_a)
    if abs(shortfall_a - learnt.shortfall_a) < WORTH_A * PART:
        return learnt
    return replace(learnt, shortfall_a=shortfall_a)
