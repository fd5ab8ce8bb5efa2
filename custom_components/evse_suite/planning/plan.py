"""When each charger charges: the door of the planner (PLAN-1 to PLAN-3, IND-20)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from .charging import Choice, at_once, draw, whole_a
from .horizon import Step, end_of, steps
from .model import Job, Outlook, Plan, PlannedSlot, PlanVerdict, Span
from .slots import SOME_WH, pieces, taken

DEAR: Final = 1000.0
"""A penalty that no price reaches: such energy is bought only where the target needs it."""
LATE: Final = timedelta(hours=36)
"""So far beyond its time to be ready a target that is missed is planned."""


def plan(jobs: Sequence[Job], outlook: Outlook, previous: Mapping[str, Plan]) -> dict[str, Plan]:
    """Return a plan for every job, by key: the least cost at which all targets are met in time."""
    until = end_of(jobs, outlook)
    grid = steps(outlook, until + LATE if jobs else until, _edges(jobs, outlook.now))
    room_w = [step.room_w for step in grid]
    sun_w = [step.surplus_w for step in grid]
    result: dict[str, Plan] = {}
    for job in sorted(jobs, key=lambda each: (-each.priority, each.key)):
        choices = _choices(job, grid, room_w, sun_w)
        energies_wh = _energies(choices, job)
        parts = pieces(choices, energies_wh, job)
        slots = taken(parts, choices, job)
        for part in parts:
            power_w = part.current_a * job.lines * job.voltage_v
            room_w[part.index] = max(0.0, room_w[part.index] - power_w)
            sun_w[part.index] = max(0.0, sun_w[part.index] - power_w)
        result[job.key] = _plan(job, outlook, slots)
    return {job.key: result[job.key] for job in jobs}


def _edges(jobs: Sequence[Job], now: datetime) -> list[datetime]:
    """Return where the steps have to be cut for the jobs' sake."""
    found = [job.ready_by for job in jobs if job.ready_by]
    for job in jobs:
        found += [edge for span in job.allowed or () for edge in (span.start, span.end)]
        if job.urgent_wh:
            full_w = job.maximum_a * job.lines * job.voltage_v
            found.append(now + timedelta(hours=job.urgent_wh / full_w))
    return found


def _choices(
    job: Job, grid: Sequence[Step], room_w: Sequence[float], sun_w: Sequence[float]
) -> list[Choice]:
    """Return what the charger may do in each step beside the others."""
    spans = None
    if job.allowed is not None:
        spans = [
            Span(start=span.start.astimezone(UTC), end=span.end.astimezone(UTC))
            for span in job.allowed
        ]
    per_ampere_w = job.lines * job.voltage_v
    urgent_wh = min(job.urgent_wh, job.needed_wh)
    found: list[Choice] = []
    for step, room, sun in zip(grid, room_w, sun_w, strict=True):
        most_a = min(job.maximum_a, whole_a(room, job))
        penalty = 0.0
        if spans is not None and not any(it.start <= step.start < it.end for it in spans):
            most_a = 0
        if urgent_wh >= SOME_WH:
            penalty = -DEAR
            urgent_wh -= most_a * per_ampere_w * step.hours
        elif (
            job.maximum_price_per_kwh is not None and step.price_per_kwh > job.maximum_price_per_kwh
        ):
            penalty = DEAR
            if job.price_is_hard or job.ready_by is None:
                most_a = min(most_a, whole_a(sun, job))
        least_a = job.minimum_a if most_a >= job.minimum_a else 0
        most_a = most_a if least_a else 0
        found.append(
            Choice(
                step=step,
                surplus_w=sun,
                least_wh=least_a * per_ampere_w * step.hours,
                most_wh=most_a * per_ampere_w * step.hours,
                penalty_per_kwh=penalty,
            )
        )
    return found


def _energies(choices: Sequence[Choice], job: Job) -> list[float]:
    """Return the energy of each step: in time at the least cost, or else as fast as possible."""
    if job.needed_wh < SOME_WH:
        return [0.0] * len(choices)
    ready_by = job.ready_by.astimezone(UTC) if job.ready_by else None
    in_time = [each for each in choices if ready_by is None or each.step.end <= ready_by]
    possible_wh = sum(each.most_wh for each in in_time)
    if possible_wh < job.needed_wh - SOME_WH and ready_by is not None:
        return at_once(choices, job.needed_wh)
    drawn = draw(in_time, job, min(job.needed_wh, possible_wh))
    return drawn + [0.0] * (len(choices) - len(in_time))


def _plan(job: Job, outlook: Outlook, slots: Sequence[PlannedSlot]) -> Plan:
    planned_wh = sum(slot.energy_wh for slot in slots)
    by_then_wh = sum(
        slot.energy_wh for slot in slots if job.ready_by is None or slot.end <= job.ready_by
    )
    done = planned_wh >= job.needed_wh - SOME_WH
    if job.needed_wh < SOME_WH:
        verdict = PlanVerdict.NOTHING_TO_DO
    elif job.ready_by is not None and by_then_wh < job.needed_wh - SOME_WH:
        verdict = PlanVerdict.TOO_LATE
    elif not outlook.prices:
        verdict = PlanVerdict.NO_PRICES
    else:
        verdict = PlanVerdict.ON_TIME
    return Plan(
        key=job.key,
        made_at=outlook.now,
        slots=tuple(slots),
        verdict=verdict,
        needed_wh=job.needed_wh,
        planned_wh=planned_wh,
        ready_by=job.ready_by,
        ready_at=slots[-1].end if slots and done else None,
        reached_wh_at_ready_by=by_then_wh if job.ready_by else None,
        cost=sum(slot.cost for slot in slots),
        green_share=sum(slot.green_wh for slot in slots) / planned_wh if planned_wh else 0.0,
    )
