"""The cheapest way to charge one car: which steps, and how much in each.

For a given worth of a kWh it is easy to say what is best, starts included: one pass over the steps
with two states, off and on. The worth at which this is as much as the car needs is found by
bisection. Around it one decision tips and the energy jumps; the solutions on both sides are fitted
to the need, and the cheapest wins.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from .choice import Choice
from .fitting import NEVER, Draw, fitted, runs, valued

SEARCH: Final = 12
"""Bisections between two neighbouring prices: the worth is known to a four-thousandth of them."""
NEAR: Final = 1
"""So many solutions on either side of the need are fitted to it."""
FEWER_STARTS: Final = 4
"""Where it pays to look further, also as if starts cost so many times as much."""
ROUNDS: Final = 2
"""So often the best is searched for a run or a gap less."""
CLOSE: Final = 1e-3
CLOSE_STARTS: Final = 0.25
"""A solution is good when no other can be cheaper by more than these shares of cost and start."""


def cheapest(
    choices: Sequence[Choice], needed_wh: float, *, start_cost: float, charging: bool
) -> Draw:
    """Return the cheapest draw of so much energy, or of all that is possible if that is less."""
    if needed_wh >= sum(each.most_wh for each in choices):
        most_wh = [each.most_wh for each in choices]
        return valued(choices, most_wh, start_cost, charging=charging)

    def best_of(found: Iterable[list[float]]) -> list[Draw]:
        return [
            fitted(choices, energies_wh, needed_wh, start_cost, charging=charging)
            for energies_wh in found
        ]

    found, bound = _around(choices, needed_wh, start_cost, charging=charging)
    best = min(best_of(found), key=_cost)
    enough = bound + CLOSE * abs(best.cost) + CLOSE_STARTS * start_cost
    if best.cost > enough:
        more, _ = _around(choices, needed_wh, FEWER_STARTS * start_cost, charging=charging)
        best = min([best, *best_of(each for each in more if each not in found)], key=_cost)
    for _ in range(ROUNDS):
        if best.cost <= enough:
            break
        before = best
        variants = best_of(_variants(choices, best, charging=charging))
        best = min([best, *variants], key=_cost)
        if best is before:
            break
    return best


def _cost(draw: Draw) -> float:
    return draw.cost


def _variants(choices: Sequence[Choice], draw: Draw, *, charging: bool) -> Iterator[list[float]]:
    """Return the draw with one run left out, or with one gap closed."""
    found = list(runs(draw.energies_wh))
    for first, stop in found:
        yield [*draw.energies_wh[:first], *[0.0] * (stop - first), *draw.energies_wh[stop:]]
    before = [(0, 0)] if charging else []
    for (_, stop), (first, _) in pairwise(before + found):
        if all(each.levels for each in choices[stop:first]):
            closed = list(draw.energies_wh)
            for index in range(max(0, stop - 1), first + 1):
                closed[index] = max(closed[index], choices[index].least_wh)
            yield closed


def _around(
    choices: Sequence[Choice], needed_wh: float, start_cost: float, *, charging: bool
) -> tuple[list[list[float]], float]:
    """Return the best draws at the worths of a watt-hour that give about as much as is needed.

    And what no draw of the need can be cheaper than: the best at any worth, with what is missing
    bought at that worth.
    """
    seen: dict[float, list[float]] = {}
    bound = -NEVER

    def enough(worth: float) -> bool:
        nonlocal bound
        energies_wh, value = _best(choices, worth, start_cost, charging=charging)
        total_wh = sum(energies_wh)
        seen[total_wh] = energies_wh
        bound = max(bound, value + worth * needed_wh)
        return total_wh >= needed_wh

    worths = sorted({rate for each in choices for rate in each.rates()})
    low, high = 0, len(worths)
    while low < high:
        middle = (low + high) // 2
        if enough(worths[middle]):
            high = middle
        else:
            low = middle + 1
    least_wh = min(each.least_wh for each in choices if each.levels)
    above = worths[low] if low < len(worths) else worths[-1] + start_cost / least_wh
    below = worths[low - 1] if low else worths[0] - start_cost / least_wh
    for _ in range(SEARCH):
        worth = (below + above) / 2
        if enough(worth):
            above = worth
        else:
            below = worth
    enough(above)
    totals = sorted(seen)
    over = [seen[total_wh] for total_wh in totals if total_wh >= needed_wh]
    under = [seen[total_wh] for total_wh in totals if total_wh < needed_wh]
    return over[:NEAR] + under[-NEAR:], bound


def _best(
    choices: Sequence[Choice], worth: float, start_cost: float, *, charging: bool
) -> tuple[list[float], float]:
    """Return the energy of every step that is best when a watt-hour is worth so much.

    And its cost less its worth.
    """
    off, on = 0.0, 0.0 if charging else NEVER
    path: list[tuple[bool, bool, float]] = []
    for each in choices:
        level_wh, value = 0.0, NEVER
        for wh, cost in each.levels:
            less = cost - worth * wh
            if less <= value:
                level_wh, value = wh, less
        start = off + start_cost
        stop = on < off
        path.append((stop, goes_on := on <= start, level_wh))
        off, on = (on if stop else off), value + (on if goes_on else start)
    energies_wh = [0.0] * len(choices)
    is_on = on < off
    for index in range(len(choices) - 1, -1, -1):
        stop, goes_on, level_wh = path[index]
        if is_on:
            energies_wh[index] = level_wh
            is_on = goes_on
        else:
            is_on = stop
    return energies_wh, min(on, off)
