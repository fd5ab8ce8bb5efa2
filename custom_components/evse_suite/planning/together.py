"""Several chargers that share a cap and the sun."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from .choice import EPSILON, ampere_w
from .horizon import Step
from .model import Job, Plan, PlannedSlot
from .single import Outcome, Room, alone

ORDERS: Final = 4
"""So many orders are tried when someone is late."""

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
    best = _in_turn(order, grid, start_cost, own, head=first[order[0].key])
    for other in _orders(order):
        if not any(_late(job, best) for job in jobs):
            break
        for polite in (True, False):
            found = _in_turn(other, grid, start_cost, own, polite=polite)
            best = min(best, found, key=lambda each: _badness(jobs, each))
    return _once_more(order, grid, start_cost, best)


def _orders(order: Sequence[Job]) -> Iterator[Sequence[Job]]:
    """Return the order, and with each of the others at its head."""
    yield order
    for job in order[1:ORDERS]:
        yield [job, *(other for other in order if other is not job)]


def _turn(job: Job, outcome: Outcome) -> tuple[bool, float, int, str]:
    """Return when it is a charger's turn: who is late anyway comes after all who need not be."""
    late = outcome.missing_wh(job) > 0
    share = job.needed_wh / outcome.possible_wh if outcome.possible_wh and job.ready_by else 0.0
    return late, -share, -job.priority, job.key


def _in_turn(
    order: Sequence[Job],
    grid: Sequence[Step],
    start_cost: float,
    own: Mapping[str, Sequence[PlannedSlot]],
    *,
    polite: bool = False,
    head: Outcome | None = None,
) -> Outcomes:
    """Return what each does in what those before it leave; ``head`` is what the first one does.

    Who is polite leaves the minimum current to all who come after, so that they need not wait.
    """
    found: Outcomes = {}
    taken: list[tuple[Job, Outcome]] = []
    for turn, job in enumerate(order):
        room = _left(grid, taken)
        previous = own.get(job.key, ())
        outcome = None if turn else head
        if polite and turn + 1 < len(order):
            outcome = alone(job, _without(room, order[turn + 1 :]), start_cost, previous)
        if outcome is None or _is_late(job, outcome):
            outcome = alone(job, room, start_cost, previous)
        found[job.key] = outcome
        taken.append((job, outcome))
    return found


def _once_more(
    jobs: Sequence[Job], grid: Sequence[Step], start_cost: float, found: Outcomes
) -> Outcomes:
    """Return the same with every charger but the last planned again in what the others leave."""
    result = dict(found)
    for job in jobs[:-1]:
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


def _without(room: Room, others: Sequence[Job]) -> Room:
    """Return what remains when others get their minimum until they have to be ready."""
    room_w = list(room.room_w)
    for other in others:
        least_w = other.minimum_a * ampere_w(other)
        for index, step in enumerate(room.grid):
            if other.ready_by is None or step.start < other.ready_by:
                room_w[index] = max(0.0, room_w[index] - least_w)
    return Room(grid=room.grid, room_w=room_w, sun_w=room.sun_w)


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
    return _is_late(job, found[job.key])


def _is_late(job: Job, outcome: Outcome) -> bool:
    return outcome.missing_wh(job) > 0


def _badness(jobs: Sequence[Job], found: Outcomes) -> tuple[list[float], float]:
    """Return what is missing in time, of the highest priority first, and the cost."""
    ranks = sorted({job.priority for job in jobs}, reverse=True)
    missing_wh = [
        sum(found[job.key].missing_wh(job) for job in jobs if job.priority == rank)
        for rank in ranks
    ]
    return missing_wh, sum(outcome.counts for outcome in found.values())
