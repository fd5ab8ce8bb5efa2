"""A draw is fitted to the energy that is needed: the dearest goes first, the cheapest comes first.

Only the ends of a run can be a part of a step, for elsewhere it would be a start more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .choice import EPSILON, Choice

NEVER: Final = 1e12
MOVES: Final = 2000
"""More than any draw has parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The energy of every step, and what it counts for with its starts."""

    energies_wh: tuple[float, ...]
    cost: float


type Move = tuple[float, int, int, float]
"""What a watt-hour more costs or a watt-hour less saves; the first of the steps whose energy is set
anew, the one after the last, and the energy of each."""


def fitted(
    choices: Sequence[Choice],
    energies_wh: Sequence[float],
    needed_wh: float,
    start_cost: float,
    *,
    charging: bool,
) -> Draw:
    """Return a draw of exactly the energy that is needed, made from one that has about as much."""
    now_wh = list(energies_wh)
    for _ in range(MOVES):
        missing_wh = needed_wh - sum(now_wh)
        if abs(missing_wh) <= EPSILON * needed_wh:
            break
        if missing_wh > 0:
            _, first, stop, wh = _more(choices, now_wh, missing_wh, start_cost, charging=charging)
        else:
            _, first, stop, wh = max(
                _less(choices, now_wh, -missing_wh, start_cost, charging=charging)
            )
        now_wh[first:stop] = [wh] * (stop - first)
    return valued(choices, now_wh, start_cost, charging=charging)


def valued(
    choices: Sequence[Choice], energies_wh: Sequence[float], start_cost: float, *, charging: bool
) -> Draw:
    """Return a draw with what it counts for."""
    cost = sum([each.cost(wh) for each, wh in zip(choices, energies_wh, strict=True) if wh])
    starts = sum(first > 0 or not charging for first, _ in runs(energies_wh))
    for index, (before, wh, after) in enumerate(
        zip((float(charging), *energies_wh), energies_wh, energies_wh[1:], strict=False)
    ):
        # A part of a step leaves a gap to one of its neighbours.
        starts += bool(before and after and 0 < wh < choices[index].least_wh - EPSILON)
    return Draw(energies_wh=tuple(energies_wh), cost=cost + starts * start_cost)


def runs(energies_wh: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Return the first index of every run of steps with energy, and the one after its last."""
    first: int | None = None
    for index, wh in enumerate(energies_wh):
        if wh and first is None:
            first = index
        elif not wh and first is not None:
            yield first, index
            first = None
    if first is not None:
        yield first, len(energies_wh)


def _less(
    choices: Sequence[Choice],
    now_wh: Sequence[float],
    excess_wh: float,
    start_cost: float,
    *,
    charging: bool,
) -> Iterator[Move]:
    """Return every way to charge less: lower a current, shorten a run, leave one out."""
    for first, stop in runs(now_wh):
        goes_on = charging and first == 0
        total_wh = sum(now_wh[first:stop])
        if total_wh <= excess_wh + EPSILON:
            cost = sum([choices[index].cost(now_wh[index]) for index in range(first, stop)])
            saved = cost if goes_on else cost + start_cost
            yield saved / total_wh, first, stop, 0.0
        for index in range(first, stop):
            each, wh = choices[index], now_wh[index]
            lower = [level_wh for level_wh, _ in each.levels if level_wh < wh - EPSILON]
            to_wh = max(lower[-1] if lower else 0.0, wh - excess_wh)
            saved = each.cost(wh) - each.cost(to_wh)
            if not lower and (first < index or goes_on) and index < stop - 1:
                saved -= start_cost
            yield saved / (wh - to_wh), index, index + 1, to_wh


def _more(
    choices: Sequence[Choice],
    now_wh: Sequence[float],
    missing_wh: float,
    start_cost: float,
    *,
    charging: bool,
) -> Move:
    """Return the cheapest way to charge more: raise a current, lengthen a run, begin one."""
    best: Move = (NEVER, 0, 0, 0.0)
    last = len(choices) - 1
    for index, each in enumerate(choices):
        if not each.levels or (wh := now_wh[index]) >= each.levels[-1][0] - EPSILON:
            continue
        starts = 0
        if not wh:
            left = index > 0 and now_wh[index - 1]
            right = index < last and now_wh[index + 1]
            if (left and left < choices[index - 1].levels[0][0] - EPSILON) or (
                right and right < choices[index + 1].levels[0][0] - EPSILON
            ):
                continue
            starts = 1 - bool(left) - bool(right) - (charging and index == 0)
        paid_wh = each.cost(wh) if wh else 0.0
        for level_wh, level in each.levels:
            if level_wh <= wh + EPSILON:
                continue
            to_wh, cost = level_wh, level
            if to_wh > wh + missing_wh:
                to_wh = wh + missing_wh
                cost = each.cost(to_wh)
            more_wh = to_wh - wh
            if starts < 0 and to_wh < each.levels[0][0] - EPSILON:
                # Less than the whole step leaves the gap open.
                starts = 0
            # A start is paid for by all that may follow it.
            shared = starts * start_cost * (more_wh / missing_wh if starts > 0 else 1.0)
            rate = (cost - paid_wh + shared) / more_wh
            if rate < best[0]:
                best = rate, index, index + 1, to_wh
    return best
