"""When each charger charges: the door of the planner (PLAN-1 to PLAN-3, IND-20)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from .explain import reasons
from .horizon import end_of, steps
from .model import Job, Outlook, Plan, PlannedSlot, PlanVerdict
from .single import CLOSE_WH, Outcome, edges
from .slots import SOME_WH
from .together import Outcomes, together

OVERTIME: Final = timedelta(hours=36)
"""So far beyond the last time to be ready is planned where someone is late."""


def plan(jobs: Sequence[Job], outlook: Outlook, previous: Mapping[str, Plan]) -> dict[str, Plan]:
    """Return a plan for every job, by key: the least cost at which all targets are met in time.

    Where not all can be met, those with the higher priority are, and the others as soon as
    possible. Plans of ``previous`` are kept where nothing relevant has changed. A job that needs
    nothing, or never may charge, gets a plan without slots.
    """
    wanting = [job for job in jobs if job.needed_wh >= SOME_WH]
    found = _found(wanting, outlook, previous) if wanting else {}
    return {job.key: _plan(job, outlook, found.get(job.key)) for job in jobs}


def _found(jobs: Sequence[Job], outlook: Outlook, previous: Mapping[str, Plan]) -> Outcomes:
    """Return what the jobs do; if someone is late, with the time after it."""
    cuts = [cut for job in jobs for cut in edges(job, outlook.now)]
    found: Outcomes = {}
    for more in (timedelta(), OVERTIME):
        grid = steps(outlook, end_of(jobs, outlook, more), cuts)
        if grid:
            found = together(jobs, grid, outlook.restart_cost, previous)
            if all(found[job.key].missing_wh(job) == 0 for job in jobs):
                break
    return found


def _plan(job: Job, outlook: Outlook, outcome: Outcome | None) -> Plan:
    slots = outcome.slots if outcome else ()
    planned_wh = outcome.planned_wh if outcome else 0.0
    in_time_wh = outcome.in_time_wh if outcome else 0.0
    done = planned_wh >= job.needed_wh - CLOSE_WH
    if job.needed_wh < SOME_WH:
        verdict = PlanVerdict.NOTHING_TO_DO
    elif job.ready_by is not None and in_time_wh < job.needed_wh - CLOSE_WH:
        verdict = PlanVerdict.TOO_LATE
    elif not outlook.prices:
        verdict = PlanVerdict.NO_PRICES
    else:
        verdict = PlanVerdict.ON_TIME
    return Plan(
        key=job.key,
        made_at=outlook.now,
        slots=slots,
        verdict=verdict,
        needed_wh=job.needed_wh,
        planned_wh=planned_wh,
        ready_by=job.ready_by,
        ready_at=slots[-1].end if slots and done else None,
        reached_wh_at_ready_by=in_time_wh if job.ready_by else None,
        cost=sum(slot.cost for slot in slots),
        green_share=sum(slot.green_wh for slot in slots) / planned_wh if planned_wh else 0.0,
        takes_surplus=_takes_surplus(slots, outlook),
        reasons=reasons(job, outlook, slots, verdict),
    )


def _takes_surplus(slots: Sequence[PlannedSlot], outlook: Outlook) -> bool:
    """Return whether surplus now saves more than it would be sold for."""
    bought = [it.price_per_kwh for it in slots if it.energy_wh - it.green_wh > SOME_WH]
    sold = next(
        (it.price_per_kwh for it in outlook.feed_in if it.start <= outlook.now < it.end),
        outlook.feed_in_per_kwh,
    )
    return not bought or not outlook.prices or max(bought) > sold
