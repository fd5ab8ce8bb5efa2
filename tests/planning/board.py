"""What the planner's tests are made of: prices, sun, jobs, and what must hold for any plan."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from custom_components.evse_suite.planning.model import (
    Job,
    Outlook,
    Plan,
    PowerSlot,
    PriceSlot,
    Span,
)
from custom_components.evse_suite.planning.plan import plan

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOSE_WH = 60.0
"""A target is met to within so much."""


def at(hours: float) -> datetime:
    """Return so many hours after now."""
    return NOW + hours * HOUR


def prices(*values: float | None, hours: float = 1.0, start: float = 0.0) -> tuple[PriceSlot, ...]:
    """Return slots one after another; None is a hole."""
    return tuple(
        PriceSlot(
            start=at(start + index * hours),
            end=at(start + (index + 1) * hours),
            price_per_kwh=value,
        )
        for index, value in enumerate(values)
        if value is not None
    )


def power(*values: float, hours: float = 1.0) -> tuple[PowerSlot, ...]:
    """Return slots of power one after another."""
    return tuple(
        PowerSlot(start=at(index * hours), end=at((index + 1) * hours), power_w=value)
        for index, value in enumerate(values)
    )


def span(start: float, end: float) -> Span:
    """Return from so many hours after now to so many."""
    return Span(start=at(start), end=at(end))


def job(
    needed_wh: float,
    *,
    key: str = "garage",
    ready_by: float | None = None,
    minimum_a: int = 6,
    maximum_a: int = 16,
    lines: int = 1,
    urgent_wh: float = 0.0,
    allowed: tuple[Span, ...] | None = None,
    maximum_price: float | None = None,
    price_is_hard: bool = False,
    charging: bool = False,
    power_curve: tuple[tuple[float, float], ...] = (),
    priority: int = 0,
) -> Job:
    """Return a job on 230 V: 16 A are 3,680 W, 6 A are 1,380 W."""
    return Job(
        key=key,
        name=key,
        minimum_a=minimum_a,
        maximum_a=maximum_a,
        lines=lines,
        voltage_v=230.0,
        needed_wh=needed_wh,
        urgent_wh=urgent_wh,
        ready_by=None if ready_by is None else at(ready_by),
        allowed=allowed,
        maximum_price_per_kwh=maximum_price,
        price_is_hard=price_is_hard,
        charging=charging,
        power_curve=power_curve,
        priority=priority,
    )


def only(own: Job, outlook: Outlook, previous: Plan | None = None) -> Plan:
    """Return the plan of the only job."""
    return plan([own], outlook, {own.key: previous} if previous else {})[own.key]


def times(own: Plan) -> list[tuple[float, float]]:
    """Return from when to when a plan charges without a pause, in hours after now."""
    found: list[list[float]] = []
    for slot in own.slots:
        start, end = (slot.start - NOW) / HOUR, (slot.end - NOW) / HOUR
        if found and abs(found[-1][1] - start) < 1e-6:
            found[-1][1] = end
        else:
            found.append([start, end])
    return [(round(start, 3), round(end, 3)) for start, end in found]


def paid(own: Plan, restart_cost: float, *, charging: bool = False) -> float:
    """Return what a plan costs with its starts."""
    runs = times(own)
    free = charging and bool(runs) and runs[0][0] == 0
    return own.cost + restart_cost * (len(runs) - free)


def check(jobs: Sequence[Job], outlook: Outlook, plans: Mapping[str, Plan]) -> None:
    """Assert what holds for any plan, whatever is asked: promises 1 and 4, windows, sums."""
    for own in jobs:
        found = plans[own.key]
        for slot in found.slots:
            assert own.minimum_a <= slot.current_a <= own.maximum_a
            assert outlook.now <= slot.start < slot.end
            hours = (slot.end - slot.start) / HOUR
            assert slot.energy_wh <= slot.current_a * own.lines * own.voltage_v * hours + 1e-3
            assert 0 <= slot.green_wh <= slot.energy_wh + 1e-6
            if own.allowed is not None:
                assert any(it.start <= slot.start and slot.end <= it.end for it in own.allowed)
        for before, after in pairwise(found.slots):
            assert before.end <= after.start
        assert abs(sum(slot.energy_wh for slot in found.slots) - found.planned_wh) < 1e-3
        assert found.planned_wh <= own.needed_wh + 1e-3
    _under_cap(jobs, outlook, plans)


def _under_cap(jobs: Sequence[Job], outlook: Outlook, plans: Mapping[str, Plan]) -> None:
    edges = sorted(
        {edge for own in plans.values() for slot in own.slots for edge in (slot.start, slot.end)}
        | {edge for slot in (*outlook.house, *outlook.sun) for edge in (slot.start, slot.end)}
    )
    for start, _ in pairwise(edges):
        drawn_w = 0.0
        for own in jobs:
            slot = plans[own.key].slot_at(start)
            drawn_w += slot.current_a * own.lines * own.voltage_v if slot else 0.0
        if not drawn_w:
            continue
        house_w, sun_w = value_at(outlook.house, start), value_at(outlook.sun, start)
        if outlook.cap_w is not None:
            assert drawn_w + house_w <= outlook.cap_w + 1e-3
        if outlook.peak_w is not None:
            assert drawn_w + house_w - sun_w <= outlook.peak_w + 1e-3


def value_at(slots: Iterable[PowerSlot], when: datetime) -> float:
    """Return the power at an instant, 0 where nothing is said."""
    return next((slot.power_w for slot in slots if slot.start <= when < slot.end), 0.0)
