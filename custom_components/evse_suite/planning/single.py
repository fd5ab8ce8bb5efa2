"""The plan of one charger within the room and the sun that the others leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import median
from typing import Final

from .charging import cheapest
from .choice import EPSILON, Choice, ampere_w, choice, whole_a
from .fitting import valued
from .horizon import Step
from .model import Job, PlannedSlot, Span
from .slots import SOME_WH, Piece, as_slots, flowing, pieces, pieces_of
from .week import merged

DEAR: Final = 1000.0
"""More than any price: what is so dear is bought only where the target needs it."""
LATER: Final = 1e-6
"""What a kWh is cheaper for every hour that it is charged later: of equals, the later."""
AWAKE_KWH: Final = 0.01
"""An hour of charging counts for so much at the usual price: of equals, the shorter. A car that
charges is not held at its minimum for hours only because going on saves a start."""
LAST_MINUTE: Final = 0.1
"""By so much of the usual price the last minutes before the time to be ready are dearer."""
MARGIN_SHARE: Final = 0.1
MARGIN_LEAST: Final = timedelta(minutes=5)
MARGIN_MOST: Final = timedelta(hours=1)
CLOSE_WH: Final = 50.0
"""A target is met to within so much, lest a plan be made anew for the last watt-hour."""
TAPERED: Final = 6
"""So often more is asked for because the car takes less when it is nearly full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The hours to come, and what the other chargers leave in each step."""

    grid: Sequence[Step]
    room_w: Sequence[float]
    sun_w: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one charger does."""

    flows: tuple[Piece, ...]
    slots: tuple[PlannedSlot, ...]
    planned_wh: float
    in_time_wh: float
    """Up to the time to be ready."""
    possible_wh: float
    """What could be charged in time."""
    counts: float
    """Its cost with starts and everything else that was weighed."""

    def by_step(self) -> dict[int, tuple[int, float]]:
        """Return the highest current and the energy of each step in which it charges."""
        found: dict[int, tuple[int, float]] = {}
        for piece in self.flows:
            current_a, energy_wh = found.get(piece.index, (0, 0.0))
            found[piece.index] = (
                max(current_a, piece.current_a),
                energy_wh + piece.energy_wh,
            )
        return found

    def missing_wh(self, job: Job) -> float:
        """Return what will be missing at the time to be ready; 0 when that is next to nothing."""
        missing_wh = job.needed_wh - self.in_time_wh
        return missing_wh if missing_wh > CLOSE_WH and job.ready_by else 0.0


def alone(job: Job, room: Room, start_cost: float, previous: Sequence[PlannedSlot] = ()) -> Outcome:
    """Return the cheapest way to be ready in time, or the fastest way to be ready at all.

    ``previous`` slots are kept where they still serve and little would be saved without them.
    """
    ready_by = job.ready_by.astimezone(UTC) if job.ready_by else None
    choices = _choices(job, room)
    stop = next(
        (index for index, step in enumerate(room.grid) if ready_by and step.start >= ready_by),
        len(room.grid),
    )
    in_time = choices[:stop]
    fastest = _flows(job, choices, [each.most_wh for each in choices])
    if ready_by and _sum(fastest, stop) < job.needed_wh - SOME_WH:
        return _outcome(job, choices, fastest, stop, start_cost)
    best = _outcome(job, choices, _cheapest(job, in_time, fastest, start_cost), stop, start_cost)
    if previous:
        kept = _kept(job, in_time, previous, room.grid)
        if kept is not None:
            old = _outcome(job, choices, kept, stop, start_cost)
            if old.counts <= best.counts + start_cost:
                return old
    return best


def _cheapest(
    job: Job, choices: Sequence[Choice], fastest: list[Piece], start_cost: float
) -> list[Piece]:
    """Return the cheapest pieces that meet the need, or all that there are."""
    possible_wh = sum(each.most_wh for each in choices)
    asked_wh = job.needed_wh
    if not possible_wh:
        return []
    for _ in range(TAPERED):
        draw = cheapest(choices, asked_wh, start_cost=start_cost, charging=job.charging)
        flows = _flows(job, choices, draw.energies_wh)
        missing_wh = job.needed_wh - _sum(flows)
        if missing_wh < SOME_WH or asked_wh >= possible_wh:
            return flows
        asked_wh = min(possible_wh, asked_wh + missing_wh * (1 + MARGIN_SHARE) + SOME_WH)
    return fastest


def _kept(
    job: Job, choices: Sequence[Choice], previous: Sequence[PlannedSlot], grid: Sequence[Step]
) -> list[Piece] | None:
    """Return what is left of the slots if it still fits and still meets the need."""
    found = pieces_of(previous, grid)
    for piece in found:
        if piece.index >= len(choices) or not choices[piece.index].levels:
            return None
        power_w = piece.current_a * ampere_w(job)
        if power_w > choices[piece.index].most_wh / choices[piece.index].step.hours + EPSILON:
            return None
    flows = flowing(found, job)
    wanted_wh = min(job.needed_wh, sum(each.most_wh for each in choices))
    return flows if _sum(flows) >= wanted_wh - CLOSE_WH else None


def _flows(job: Job, choices: Sequence[Choice], energies_wh: Sequence[float]) -> list[Piece]:
    return flowing(pieces(choices, energies_wh, job), job)


def _sum(flows: Sequence[Piece], stop: int | None = None) -> float:
    """Return the energy of pieces, of those in the steps before one if it is given."""
    return sum(piece.energy_wh for piece in flows if stop is None or piece.index < stop)


def _outcome(
    job: Job, choices: Sequence[Choice], flows: list[Piece], stop: int, start_cost: float
) -> Outcome:
    energies_wh = [0.0] * len(choices)
    for piece in flows:
        energies_wh[piece.index] += piece.energy_wh
    draw = valued(choices, energies_wh, start_cost, charging=job.charging)
    calm = _margin_start(job)
    # What could be charged after each step without haste, less what is then still missing.
    most_wh = [each.most_wh if calm is None or each.step.start < calm else 0.0 for each in choices]
    after_wh = [sum(most_wh) - total for total in accumulate(most_wh)]
    charged_wh = list(accumulate(energies_wh))
    spare_wh = {
        piece.index: charged_wh[piece.index] + after_wh[piece.index] - job.needed_wh
        for piece in flows
    }
    return Outcome(
        flows=tuple(flows),
        slots=as_slots(flows, choices, spare_wh=spare_wh),
        planned_wh=_sum(flows),
        in_time_wh=_sum(flows, stop),
        possible_wh=sum(each.most_wh for each in choices[:stop]),
        counts=draw.cost,
    )


def _choices(job: Job, room: Room) -> list[Choice]:
    """Return what the charger may do in each step, and what that counts for."""
    allowed = _allowed(job, room.grid)
    usual = median(abs(step.price_per_kwh) for step in room.grid)
    calm = _margin_start(job)
    urgent_wh = min(job.urgent_wh, job.needed_wh)
    begin = room.grid[0].start
    found: list[Choice] = []
    for step, may, room_w, sun_w in zip(room.grid, allowed, room.room_w, room.sun_w, strict=True):
        most_a = min(job.maximum_a, whole_a(room_w, job)) if may else 0
        more = -LATER * ((step.start - begin).total_seconds() / 3600)
        dear = 0.0
        if urgent_wh >= SOME_WH:
            more -= DEAR
            urgent_wh -= most_a * ampere_w(job) * step.hours if most_a >= job.minimum_a else 0.0
        elif _too_dear(job, step):
            dear = DEAR
            if job.price_is_hard or job.ready_by is None:
                most_a = min(most_a, whole_a(sun_w, job))
        if calm is not None and step.start >= calm:
            more += LAST_MINUTE * usual
        found.append(
            choice(
                job,
                step,
                most_a=most_a,
                surplus_w=sun_w,
                buy_per_kwh=step.price_per_kwh + dear + more,
                sun_per_kwh=step.feed_in_per_kwh + more,
                awake_per_hour=AWAKE_KWH * usual,
            )
        )
    return found


def _too_dear(job: Job, step: Step) -> bool:
    return job.maximum_price_per_kwh is not None and (
        step.price_per_kwh > job.maximum_price_per_kwh + EPSILON
    )


def _allowed(job: Job, grid: Sequence[Step]) -> list[bool]:
    """Return for each step whether the charger may charge in it at all."""
    if job.allowed is None:
        return [True] * len(grid)
    spans = merged(
        replace(span, start=span.start.astimezone(UTC), end=span.end.astimezone(UTC))
        for span in job.allowed
    )
    return [any(span.start <= step.start < span.end for span in spans) for step in grid]


def edges(job: Job, now: datetime) -> list[datetime]:
    """Return where the steps have to be cut for a job's sake."""
    spans: tuple[Span, ...] = job.allowed or ()
    found = [edge for span in spans for edge in (span.start, span.end)]
    if job.ready_by:
        found.append(job.ready_by)
    calm = _margin_start(job)
    if calm:
        found.append(calm)
    if job.urgent_wh:
        found.append(now + timedelta(hours=job.urgent_wh / (job.maximum_a * ampere_w(job))))
    return found


def _margin_start(job: Job) -> datetime | None:
    """Return from when on charging would be last-minute."""
    if job.ready_by is None:
        return None
    shortest = timedelta(hours=job.needed_wh / (job.maximum_a * ampere_w(job)))
    margin = min(MARGIN_MOST, max(MARGIN_LEAST, MARGIN_SHARE * shortest))
    minutes = -(-margin // timedelta(minutes=5))
    return job.ready_by.astimezone(UTC) - minutes * timedelta(minutes=5)
