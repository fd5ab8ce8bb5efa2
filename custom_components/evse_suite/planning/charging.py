"""The cheapest way to charge one car: which steps, and how much in each.

For a given worth of a kWh it is easy to say what is best, starts included: one pass over the steps
with two states, off and on. The worth at which this is as much as the car needs is found by
bisection. Around it one decision tips and the energy jumps; the solutions on both sides are fitted
to the need, and the cheapest wins.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from .choice import EPSILON, Choice
from .fitting import NEVER, Draw, fitted, runs, valued

SEARCH: Final = 12
"""Bisections between two neighbouring prices: the worth is known to a four-thousandth of them."""
NEAR: Final = 2
"""So many solutions on either side of the need are fitted to it."""
FEWER_STARTS: Final = (1, 4)
"""Solutions are also looked for as if starts cost more: there are fewer runs in them."""
ROUNDS: Final = 4
"""So often the best is searched for a run or a gap less."""


def cheapest(
    choices: Sequence[Choice], needed_wh: float, *, start_cost: float, charging: bool
) -> Draw:
    """Return the cheapest draw of so much energy, or of all that is possible if that is less."""
    if needed_wh >= sum(each.most_wh for each in choices):
        most_wh = [each.most_wh for each in choices]
        return valued(choices, most_wh, start_cost, charging=charging)
    found = [
        fitted(choices, energies_wh, needed_wh, start_cost, charging=charging)
        for dear in FEWER_STARTS
        for energies_wh in _around(choices, needed_wh, dear * start_cost, charging=charging)
    ]
    best = min(found, key=lambda each: each.cost)
    for _ in range(ROUNDS):
        found = [
            fitted(choices, energies_wh, needed_wh, start_cost, charging=charging)
            for energies_wh in _variants(choices, best, charging=charging)
        ]
        better = min(found, key=lambda each: each.cost, default=best)
        if better.cost >= best.cost - EPSILON:
            break
        best = better
    return best


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
) -> list[list[float]]:
    """Return the best draws at the worths of a kWh that give about as much as is needed."""
    seen: dict[float, list[float]] = {}

    def enough(worth: float) -> bool:
        energies_wh = _best(choices, worth, start_cost, charging=charging)
        total_wh = sum(energies_wh)
        seen[total_wh] = energies_wh
        return total_wh >= needed_wh

    worths = sorted({cost / wh for each in choices for wh, cost in each.levels})
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
    return over[:NEAR] + under[-NEAR:]


def _best(
    choices: Sequence[Choice], worth: float, start_cost: float, *, charging: bool
) -> list[float]:
    """Return the energy of every step that is best when a watt-hour is worth so much."""
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
    return energies_wh
