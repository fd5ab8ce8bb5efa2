"""Several chargers that share a cap and the sun."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .choice import EPSILON, ampere_w
from .horizon import Step
from .model import Job, Plan, PlannedSlot
from .single import Outcome, Room, alone

ORDERS: Final = 4
"""So many orders are tried when someone is late who need not be."""

type Outcomes = dict[str, Outcome]


def together(
    jobs: Sequence[Job], grid: Sequence[Step], start_cost: float, previous: Mapping[str, Plan]
) -> Outcomes:
    """Return what every charger does, by key.

    Each plans for itself first. Where that is more than the cap or the sun gives, they take turns,
    the one with the least time to spare first, and each then looks once more at what the others
    leave. If one is late who alone would not be, other orders are tried: lateness of the higher
    priority counts first, then cost.
    """
    own = {job.key: previous[job.key].slots for job in jobs if job.key in previous}
    everything = _left(grid, ())
    first = {job.key: alone(job, everything, start_cost, own.get(job.key, ())) for job in jobs}
    if len(jobs) == 1 or _fits(jobs, grid, first):
        return first
    order = sorted(jobs, key=lambda job: _turn(job, first[job.key]))
    best: Outcomes | None = None
    for _ in range(ORDERS):
        found = _in_turn(order, first[order[0].key], grid, start_cost, own)
        if best is None or _badness(jobs, found) < _badness(jobs, best):
            best = found
        late = [job for job in order[1:] if _late(job, found) and not _late(job, first)]
        if not late:
            break
        order = [late[0], *(job for job in order if job is not late[0])]
    return _once_more(order, grid, start_cost, best or first)


def _turn(job: Job, outcome: Outcome) -> tuple[bool, float, int, str]:
    """Return when it is a charger's turn: who is late anyway comes after all who need not be."""
    late = outcome.missing_wh(job) > 0
    share = job.needed_wh / outcome.possible_wh if outcome.possible_wh and job.ready_by else 0.0
    return late, -share, -job.priority, job.key


def _in_turn(
    order: Sequence[Job],
    first: Outcome,
    grid: Sequence[Step],
    start_cost: float,
    own: Mapping[str, Sequence[PlannedSlot]],
) -> Outcomes:
    """Return what each does in what those before it leave; the first can do what it would alone."""
    found: Outcomes = {order[0].key: first}
    taken = [(order[0], first)]
    for job in order[1:]:
        outcome = alone(job, _left(grid, taken), start_cost, own.get(job.key, ()))
        found[job.key] = outcome
        taken.append((job, outcome))
    return found


def _once_more(
    jobs: Sequence[Job], grid: Sequence[Step], start_cost: float, found: Outcomes
) -> Outcomes:
    """Return the same with every charger planned again in what the others leave."""
    result = dict(found)
    for job in jobs:
        others = [(other, result[other.key]) for other in jobs if other is not job]
        now = result[job.key]
        outcome = alone(job, _left(grid, others), start_cost, now.slots)
        if (outcome.missing_wh(job), outcome.counts) < (now.missing_wh(job), now.counts - EPSILON):
            result[job.key] = outcome
    return result


def _left(grid: Sequence[Step], taken: Iterable[tuple[Job, Outcome]]) -> Room:
    """Return what others leave of the cap and of the sun."""
    room_w = [step.room_w for step in grid]
    sun_w = [step.surplus_w for step in grid]
    for job, outcome in taken:
        for index, (current_a, energy_wh) in outcome.by_step().items():
            room_w[index] = max(0.0, room_w[index] - current_a * ampere_w(job))
            sun_w[index] = max(0.0, sun_w[index] - energy_wh / grid[index].hours)
    return Room(grid=grid, room_w=room_w, sun_w=sun_w)


def _fits(jobs: Sequence[Job], grid: Sequence[Step], found: Outcomes) -> bool:
    """Return whether all can do what each would do alone."""
    users = [0] * len(grid)
    power_w = [0.0] * len(grid)
    for job in jobs:
        for index, (current_a, _) in found[job.key].by_step().items():
            users[index] += 1
            power_w[index] += current_a * ampere_w(job)
    return all(
        count < 2  # noqa: PLR2004 (one alone has been planned with all of it)
        or (power <= step.room_w + EPSILON and (not step.surplus_w or power <= step.surplus_w))
        for step, count, power in zip(grid, users, power_w, strict=True)
    )


def _late(job: Job, found: Outcomes) -> bool:
    return found[job.key].missing_wh(job) > 0


def _badness(jobs: Sequence[Job], found: Outcomes) -> tuple[list[float], float]:
    """Return what is missing in time, of the highest priority first, and the cost."""
    ranks = sorted({job.priority for job in jobs}, reverse=True)
    missing_wh = [
        sum(found[job.key].missing_wh(job) for job in jobs if job.priority == rank)
        for rank in ranks
    ]
    return missing_wh, sum(outcome.counts for outcome in found.values())
