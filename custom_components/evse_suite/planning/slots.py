"""From energies per step to slots with a current, as a calendar shows them (PLAN-5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from .choice import EPSILON, KILO, Choice, ampere_w, whole_a
from .horizon import Step
from .model import Job, PlannedSlot

SOME_WH: Final = 1.0
"""Less is nothing."""
A_LITTLE: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a step with one current, and what flows in it."""

    index: int
    """Of the step."""
    start: datetime
    end: datetime
    current_a: int
    energy_wh: float = 0.0


def pieces(choices: Sequence[Choice], energies_wh: Sequence[float], job: Job) -> list[Piece]:
    """Return when to charge at which current to get these energies."""
    found: list[Piece] = []
    for index, energy_wh in enumerate(energies_wh):
        if energy_wh >= SOME_WH:
            before = energies_wh[index - 1] >= SOME_WH if index else job.charging
            after = index + 1 < len(energies_wh) and energies_wh[index + 1] >= SOME_WH
            each = choices[index]
            inside = before and after
            if energy_wh < each.least_wh - EPSILON or not (inside or each.surplus_w > 0):
                found.append(_part(index, each, energy_wh, job, early=before and not after))
            else:
                found += _all_through(index, each, energy_wh, job)
    return found


def pieces_of(slots: Sequence[PlannedSlot], grid: Sequence[Step]) -> list[Piece]:
    """Return what is left of slots as parts of the steps."""
    found: list[Piece] = []
    for slot in slots:
        first, last = slot.start.astimezone(UTC), slot.end.astimezone(UTC)
        found += [
            Piece(
                index=index,
                start=max(first, step.start),
                end=min(last, step.end),
                current_a=slot.current_a,
            )
            for index, step in enumerate(grid)
            if step.start < last and first < step.end
        ]
    return found


def flowing(found: Sequence[Piece], job: Job) -> list[Piece]:
    """Return the pieces with what flows: until the need is met, as much as the car takes."""
    result: list[Piece] = []
    charged_wh = 0.0
    for piece in found:
        left_wh = job.needed_wh - charged_wh
        if left_wh < SOME_WH:
            break
        hours = (piece.end - piece.start).total_seconds() / 3600
        power_w = piece.current_a * ampere_w(job)
        energy_wh, used = through(job.power_curve, charged_wh, power_w, hours, left_wh)
        charged_wh += energy_wh
        end = min(piece.end, _minute_up(piece.start + timedelta(hours=used)))
        result.append(replace(piece, end=end, energy_wh=energy_wh))
    return result


def through(
    curve: Sequence[tuple[float, float]],
    charged_wh: float,
    power_w: float,
    hours: float,
    left_wh: float,
) -> tuple[float, float]:
    """Return the energy that a car takes in so many hours, and the hours until it has it.

    ``curve`` is that of a job, ``charged_wh`` what the car has got already, ``left_wh`` what it
    still wants.
    """
    got_wh = used = 0.0
    while used < hours - EPSILON and got_wh < left_wh - EPSILON:
        at_wh = charged_wh + got_wh + EPSILON
        most_w = next((most for since, most in reversed(curve) if since <= at_wh), power_w)
        flows_w = min(power_w, most_w)
        if flows_w <= 0:
            return got_wh, hours
        until_wh = next((since for since, _ in curve if since > at_wh), at_wh + left_wh)
        part_wh = min(until_wh - charged_wh - got_wh, left_wh - got_wh, flows_w * (hours - used))
        got_wh += part_wh
        used += part_wh / flows_w
    return got_wh, min(used, hours)


def as_slots(
    flows: Sequence[Piece],
    choices: Sequence[Choice],
    *,
    spare_wh: Mapping[int, float],
) -> tuple[PlannedSlot, ...]:
    """Return the slots of a plan, neighbours joined that differ in nothing.

    ``spare_wh`` is what could be charged after a step in time beyond what is then still missing.
    """
    result: list[PlannedSlot] = []
    for piece in flows:
        slot = _slot(piece, choices[piece.index], spare_wh[piece.index])
        last = result[-1] if result else None
        if last and last.end == slot.start and _kind(last) == _kind(slot):
            result[-1] = replace(
                last,
                end=slot.end,
                energy_wh=last.energy_wh + slot.energy_wh,
                green_wh=last.green_wh + slot.green_wh,
                cost=last.cost + slot.cost,
            )
        else:
            result.append(slot)
    return tuple(result)


def _slot(piece: Piece, choice: Choice, spare_wh: float) -> PlannedSlot:
    step = choice.step
    hours = (piece.end - piece.start).total_seconds() / 3600
    green_wh = min(piece.energy_wh, choice.surplus_w * hours)
    bought_wh = piece.energy_wh - green_wh
    all_green = bought_wh <= A_LITTLE * piece.energy_wh
    return PlannedSlot(
        start=piece.start,
        end=piece.end,
        current_a=piece.current_a,
        energy_wh=piece.energy_wh,
        green_wh=green_wh,
        cost=(green_wh * step.feed_in_per_kwh + bought_wh * step.price_per_kwh) / KILO,
        price_per_kwh=step.price_per_kwh,
        guessed=step.guessed,
        follows_sun=all_green and spare_wh >= piece.energy_wh,
    )


def _part(index: int, choice: Choice, energy_wh: float, job: Job, *, early: bool) -> Piece:
    """Return a part of a step at the current at which a kWh is cheapest."""
    step = choice.step
    current_a = _best_a(choice, job)
    share = min(1.0, energy_wh / (current_a * ampere_w(job) * step.hours))
    length = (step.end - step.start) * share
    start = step.start if early else max(step.start, _minute(step.end - length))
    end = min(step.end, _minute_up(step.start + length)) if early else step.end
    return Piece(index=index, start=start, end=end, current_a=current_a)


def _all_through(index: int, choice: Choice, energy_wh: float, job: Job) -> Iterator[Piece]:
    """Return a whole step at whole amperes, where needed first at one and then at the next."""
    step = choice.step
    amperes = energy_wh / (ampere_w(job) * step.hours)
    low_a = int(amperes + A_LITTLE)
    change = step.end
    if amperes - low_a >= A_LITTLE:
        length = (step.end - step.start) * (amperes - low_a)
        change = max(step.start, _minute(step.end - length))
    if change > step.start:
        yield Piece(index=index, start=step.start, end=change, current_a=low_a)
    if change < step.end:
        yield Piece(index=index, start=change, end=step.end, current_a=low_a + 1)


def _best_a(choice: Choice, job: Job) -> int:
    """Return the current at which a kWh is cheapest in a step; the highest of equals."""
    rates = [(cost / wh, -wh) for wh, cost in choice.levels]
    least = min(rates)[0]
    best_wh = max(-minus_wh for rate, minus_wh in rates if rate <= least + EPSILON / KILO)
    return whole_a(best_wh / choice.step.hours, job)


def _kind(slot: PlannedSlot) -> tuple[int, float, bool, bool]:
    return slot.current_a, slot.price_per_kwh, slot.guessed, slot.follows_sun


def _minute(at: datetime) -> datetime:
    """Return the whole minute before."""
    return at.replace(second=0, microsecond=0)


def _minute_up(at: datetime) -> datetime:
    """Return the whole minute after."""
    down = _minute(at)
    return down if down == at else down + timedelta(minutes=1)
