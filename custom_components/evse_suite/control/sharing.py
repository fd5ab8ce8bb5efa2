"""Who gets how much: whole amperes, fair on every phase and behind every breaker (SITE-3).

Everybody gets the minimum first, in the order of rank; then the least served are raised together
until something stops them. The result is max-min fair: nobody could have more without somebody who
has no more having less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .model import MINIMUM_CURRENT_A

EPSILON_A = 1e-6
"""Sums of floats may miss a whole ampere by this much."""
UNLIMITED_A = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one charger may get; ``rows`` are (index of a row, number of lines on it)."""

    rows: tuple[tuple[int, int], ...]
    ceiling_a: int
    phases: int = 1
    """Number of mains phases that it draws on."""
    minimum_a: int = MINIMUM_CURRENT_A
    demand_a: int | None = None
    """Served first up to here where others want the room as well; None means the ceiling."""
    priority: int = 0
    waits: bool = False
    """It has nothing and waits for its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one charger gets, and the index of the row that kept it from more, if one did."""

    current_a: int
    row: int | None


def share(claims: Sequence[Claim], room_a: Sequence[float], rank: Sequence[int]) -> list[Share]:
    """Share the room per row among the claims, minima in the order of ``rank``.

    A claim whose ceiling is below its minimum gets nothing. Time is proportional to claims by rows
    by the number of different levels, never to the amperes.
    """
    if len(claims) == 1:
        return [_alone(claims[0], room_a)]
    left_a = [min(room, UNLIMITED_A) + EPSILON_A for room in room_a]
    given_a, stopped = _minima(claims, left_a, rank)
    # Where lines compete, one line more for two chargers is fairer than two lines for one.
    narrow_first = sorted(rank, key=lambda index: claims[index].phases)
    limits_a = [claim.ceiling_a for claim in claims]
    if any(claim.demand_a is not None for claim in claims):
        demands_a = [
            limit if claim.demand_a is None else min(limit, max(claim.demand_a, claim.minimum_a))
            for claim, limit in zip(claims, limits_a, strict=True)
        ]
        _fill(claims, left_a, given_a, stopped, limits_a=demands_a, order=narrow_first)
    _fill(claims, left_a, given_a, stopped, limits_a=limits_a, order=narrow_first)
    return [Share(current_a=a, row=row) for a, row in zip(given_a, stopped, strict=True)]


def _minima(
    claims: Sequence[Claim], left_a: list[float], rank: Sequence[int]
) -> tuple[list[int], list[int | None]]:
    """Give the minima in the order of rank; return them, and the rows that kept some from theirs.

    Who waits and would have room without its equals keeps that room from those who wait behind it.
    Else cars on one phase would take turns with each other for ever, and one that needs the room
    of two of them at once would never get it.
    """
    given_a = [0] * len(claims)
    stopped: list[int | None] = [None] * len(claims)
    first: Claim | None = None
    priority: int | None = None
    found_a = left_a
    for index in rank:
        claim = claims[index]
        if claim.ceiling_a < claim.minimum_a:
            continue
        if claim.priority != priority:
            first, priority, found_a = None, claim.priority, left_a.copy()
        row = _tight(claim, left_a, claim.minimum_a)
        if row is None and claim.waits and first is not None:
            row = _tight(claim, _without(first, left_a), claim.minimum_a)
        if row is None:
            given_a[index] = claim.minimum_a
            _take(claim, left_a, claim.minimum_a)
            continue
        stopped[index] = row
        if claim.waits and first is None and _tight(claim, found_a, claim.minimum_a) is None:
            first = claim
    return given_a, stopped


def _without(claim: Claim, left_a: Sequence[float]) -> list[float]:
    """Return the room less the minimum of a claim."""
    room_a = list(left_a)
    _take(claim, room_a, claim.minimum_a)
    return room_a


def _alone(claim: Claim, room_a: Sequence[float]) -> Share:
    """Return the share of who has nobody to share with: all that its tightest row leaves."""
    if claim.ceiling_a < claim.minimum_a:
        return Share(current_a=0, row=None)
    tightest, most_a = None, UNLIMITED_A
    for row, count in claim.rows:
        row_a = (room_a[row] + EPSILON_A) / count
        if row_a < most_a:
            tightest, most_a = row, row_a
    if most_a >= claim.ceiling_a:
        return Share(current_a=claim.ceiling_a, row=None)
    return Share(current_a=int(most_a) if most_a >= claim.minimum_a else 0, row=tightest)


def _fill(
    claims: Sequence[Claim],
    left_a: list[float],
    given_a: list[int],
    stopped: list[int | None],
    *,
    limits_a: list[int],
    order: list[int],
) -> None:
    """Raise the least served together, step by step, up to their limits."""
    rising = [index for index in order if 0 < given_a[index] < limits_a[index]]
    while rising:
        level_a = min([given_a[index] for index in rising])
        lowest = [index for index in rising if given_a[index] == level_a]
        next_a = min([limits_a[index] for index in lowest])
        if len(lowest) < len(rising):
            next_a = min(next_a, *[given_a[index] for index in rising if given_a[index] > level_a])
        lines = _lines(claims, lowest)
        room_a = min([left_a[row] / count for row, count in lines.items()])
        step_a = min(next_a - level_a, int(max(0.0, room_a)))
        if step_a > 0:
            for index in lowest:
                given_a[index] += step_a
            for loaded, count in lines.items():
                left_a[loaded] -= step_a * count
        else:
            for index in lowest:
                stopped[index] = _tight(claims[index], left_a, 1)
                if stopped[index] is None:
                    given_a[index] += 1
                    _take(claims[index], left_a, 1)
        rising = [
            index
            for index in rising
            if given_a[index] < limits_a[index]
            and (given_a[index] > level_a or stopped[index] is None)
        ]


def _lines(claims: Sequence[Claim], together: list[int]) -> dict[int, int]:
    """Return the number of lines that some claims have together on each of their rows."""
    lines: dict[int, int] = {}
    for index in together:
        for row, count in claims[index].rows:
            lines[row] = lines.get(row, 0) + count
    return lines


def _tight(claim: Claim, left_a: list[float], step_a: int) -> int | None:
    """Return the row with the least room that has not enough for a step, None if all have."""
    tight: int | None = None
    least_a = 0.0
    for row, count in claim.rows:
        spare_a = left_a[row] / count - step_a
        if spare_a < least_a:
            tight, least_a = row, spare_a
    return tight


def _take(claim: Claim, left_a: list[float], step_a: int) -> None:
    """Book a step on all rows of a claim."""
    for row, count in claim.rows:
        left_a[row] -= step_a * count
