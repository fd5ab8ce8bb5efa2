"""How many figures the balancer remembers, and how many of them a home accounts for."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from custom_components.evse_suite.control.clamps import COURSE_S
from custom_components.evse_suite.control.estimate import PENDING, THIN_S, WINDOW_S
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.meter import RING
from custom_components.evse_suite.control.model import SiteSpec

FIXED, FIXED_EACH = 250, 250
"""Figures of a memory that are not readings of the mains meter: of the site, of each charger."""


def bound(spec: SiteSpec) -> int:
    """Return how many figures the memory of a home may have at most, by what it is made of.

    Readings wait until the slowest charger has answered, or counts as silent; the clamps keep the
    course of a change for as long as it may take; then there are two rings and the house's window.
    """
    period_s = max(spec.meter.period_s, THIN_S)
    silent_s = max(charger.silent_after_s for charger in spec.chargers)
    waiting = min(PENDING, silent_s / period_s + 1)
    course = COURSE_S / spec.meter.period_s + RING
    window = WINDOW_S / period_s + 2
    each = 2 + 3 * len(spec.phases)
    readings = waiting + course + 2 * RING + 2 * window
    return int(each * readings) + FIXED + FIXED_EACH * len(spec.chargers)


def size(value: object) -> int:
    """Return how many plain figures a memory is made of."""
    if is_dataclass(value) and not isinstance(value, type):
        return sum(size(getattr(value, part.name)) for part in fields(value))
    if isinstance(value, Mapping):
        return sum(size(part) for part in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return sum(size(part) for part in value)
    return 1


def weight(memory: Memory) -> int:
    """Return the size of a memory without the compiled site, which is in it twice."""
    return size(memory) - 2 * size(memory.layout)
