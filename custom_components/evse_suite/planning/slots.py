"""From energies per step to slots with a current, as a calendar shows them (PLAN-5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import floor
from typing import Final

from .charging import KILO, Choice
from .horizon import Step
from .model import Job, PlannedSlot

SOME_WH: Final = 1.0
"""Less is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a step with one current."""

    index: int
    """Of the step."""
    start: datetime
    end: datetime
    current_a: int


def pieces(choices: Sequence[Choice], energies_wh: Sequence[float], job: Job) -> list[Piece]:
    """Return when to charge at which current to get these energies."""
    found: list[Piece] = []
    for index, energy_wh in enumerate(energies_wh):
        if energy_wh >= SOME_WH:
            before = index > 0 and energies_wh[index - 1] >= SOME_WH
            after = index + 1 < len(energies_wh) and energies_wh[index + 1] >= SOME_WH
            found += _in_step(index, choices[index], energy_wh, job, early=before and not after)
    return found


def _in_step(
    index: int, choice: Choice, energy_wh: float, job: Job, *, early: bool
) -> Iterator[Piece]:
    """Return the pieces of one step: whole amperes all through it, or a part of it."""
    step = choice.step
    per_ampere_wh = job.lines * job.voltage_v * step.hours
    low_a = floor(energy_wh / per_ampere_wh + 1e-6)
    rest = energy_wh / per_ampere_wh - low_a
    if energy_wh < choice.least_wh:
        current_a = best_a(choice, job)
        share = min(1.0, energy_wh / (current_a * per_ampere_wh))
        length = (step.end - step.start) * share
        start = step.start if early else max(step.start, _minute(step.end - length))
        end = min(step.end, _minute_up(step.start + length)) if early else step.end
        yield Piece(index=index, start=start, end=end, current_a=current_a)
    elif rest < 1e-3 or low_a >= job.maximum_a:  # noqa: PLR2004 (a thousandth of an ampere)
        yield Piece(index=index, start=step.start, end=step.end, current_a=low_a)
    else:
        change = max(step.start, _minute(step.end - (step.end - step.start) * rest))
        if change > step.start:
            yield Piece(index=index, start=step.start, end=change, current_a=low_a)
        yield Piece(index=index, start=change, end=step.end, current_a=low_a + 1)


def best_a(choice: Choice, job: Job) -> int:
    """Return the current at which a kWh is cheapest in a step; the higher of equals."""
    hours, step = choice.step.hours, choice.step
    per_ampere_w = job.lines * job.voltage_v
    most_a = floor(choice.most_wh / hours / per_ampere_w + 1e-6)
    dear = step.price_per_kwh + choice.penalty_per_kwh > step.feed_in_per_kwh
    if choice.surplus_w <= 0 or not dear:
        return most_a
    green_a = floor(choice.surplus_w / per_ampere_w + 1e-6)
    return max(job.minimum_a, min(most_a, green_a))


def taken(piece_list: Sequence[Piece], choices: Sequence[Choice], job: Job) -> list[PlannedSlot]:
    """Return what flows in the pieces: until the need is met, and no more than the car takes."""
    found: list[PlannedSlot] = []
    charged_wh = 0.0
    for piece in piece_list:
        left_wh = job.needed_wh - charged_wh
        if left_wh < SOME_WH:
            break
        choice = choices[piece.index]
        power_w = piece.current_a * job.lines * job.voltage_v
        hours = (piece.end - piece.start).total_seconds() / 3600
        energy_wh, used = through(job.power_curve, charged_wh, power_w, hours, left_wh)
        end = min(piece.end, _minute_up(piece.start + timedelta(hours=used)))
        charged_wh += energy_wh
        found.append(_slot(piece, end, energy_wh, used, choice))
    return _joined(found)


def through(
    curve: Sequence[tuple[float, float]],
    charged_wh: float,
    power_w: float,
    hours: float,
    left_wh: float,
) -> tuple[float, float]:
    """Return the energy that a car takes in so many hours and the hours until it has all of it.

    ``curve`` is that of a job, ``charged_wh`` what it has got already.
    """
    got_wh = used = 0.0
    while used < hours and got_wh < left_wh - 1e-6:
        at_wh = charged_wh + got_wh + 1e-6
        most_w = next((most for since, most in reversed(curve) if since <= at_wh), power_w)
        flows_w = min(power_w, most_w)
        if flows_w <= 0:
            return got_wh, hours
        until_wh = next((since for since, _ in curve if since > at_wh), at_wh + left_wh)
        part_wh = min(until_wh - charged_wh - got_wh, left_wh - got_wh, flows_w * (hours - used))
        got_wh += part_wh
        used += part_wh / flows_w
    return got_wh, min(used, hours)


def _slot(
    piece: Piece, end: datetime, energy_wh: float, hours: float, choice: Choice
) -> PlannedSlot:
    step: Step = choice.step
    green_wh = min(energy_wh, choice.surplus_w * hours)
    cost = green_wh * step.feed_in_per_kwh + (energy_wh - green_wh) * step.price_per_kwh
    return PlannedSlot(
        start=piece.start,
        end=end,
        current_a=piece.current_a,
        energy_wh=energy_wh,
        green_wh=green_wh,
        cost=cost / KILO,
        price_per_kwh=step.price_per_kwh,
        guessed=step.guessed,
    )


def _joined(slots: Sequence[PlannedSlot]) -> list[PlannedSlot]:
    """Return the same with neighbours joined that differ in nothing."""
    result: list[PlannedSlot] = []
    for slot in slots:
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
    return result


def _kind(slot: PlannedSlot) -> tuple[int, float, bool, bool]:
    return slot.current_a, slot.price_per_kwh, slot.guessed, slot.green_wh > 0


def _minute(at: datetime) -> datetime:
    """Return the whole minute before."""
    return at.replace(second=0, microsecond=0)


def _minute_up(at: datetime) -> datetime:
    """Return the whole minute after."""
    down = _minute(at)
    return down if down == at else down + timedelta(minutes=1)
