"""The least that the sessions could have cost for who had known everything: a mixed program.

A step is charged all through, at any power from the minimum to the most, or at its beginning or end
for a part of it; a start costs what it costs the planner. Amperes need not be whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from .home import HOURS, Home, Session, possible_wh
from .replay import Result, clusters
from .solver import INFINITY, INTEGER, program
from .suite import RESTART_COST

KILO: Final = 1000.0
LITTLE_KWH: Final = 1e-4
PAIR: Final = 2
MISSING_PER_KWH: Final = 10.0
"""What is not charged in time is dearer than anything; it is part of no cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The variables of one car in a stretch of equal quarters of an hour."""

    on: Any
    part: Any
    bought_kwh: Any
    green_kwh: Any
    start: Any


def optimum(home: Home) -> Result:
    """Return the least cost of all sessions, one group of overlapping sessions after another."""
    result = Result()
    for cluster in clusters(home.sessions):
        _solve(home, cluster, result)
    return result


def _solve(home: Home, cluster: Sequence[Session], result: Result) -> None:
    model = program()
    cuts = _cuts(home, cluster)
    missing: list[Any] = []
    cars = [_car(model, home, session, cuts, missing) for session in cluster]
    _share(model, home, cars)
    found = [(at, each) for own in cars for (at, _), each in own.items()]
    model.minimize(
        sum(
            each.bought_kwh * home.price_per_kwh[at]
            + each.green_kwh * home.feed_in_per_kwh
            + each.start * RESTART_COST
            for at, each in found
        )
        + sum(MISSING_PER_KWH * each for each in missing)
    )
    for at, each in found:
        bought, green = model.val(each.bought_kwh), model.val(each.green_kwh)
        result.cost += bought * home.price_per_kwh[at] + green * home.feed_in_per_kwh
        result.energy_wh += KILO * (bought + green)
        result.green_wh += KILO * green
        result.starts += round(model.val(each.start))
    result.sessions += len(cluster)


def _cuts(home: Home, cluster: Sequence[Session]) -> list[int]:
    """Return the quarters at which anything changes."""
    first = min(session.first for session in cluster)
    stop = max(session.stop for session in cluster)
    edges = {edge for session in cluster for edge in (session.first, session.stop)}
    return [
        at
        for at in range(first, stop + 1)
        if at in edges
        or home.price_per_kwh[at] != home.price_per_kwh[at - 1]
        or home.surplus_w(at) != home.surplus_w(at - 1)
        or (home.cap_w is not None and home.house_w[at] != home.house_w[at - 1])
    ]


def _car(
    model: Any, home: Home, session: Session, cuts: Sequence[int], missing: list[Any]
) -> dict[tuple[int, int], _Step]:
    """Add one car: its steps, its starts and its need."""
    found = {
        (first, stop): _step(model, home, session, first, stop)
        for first, stop in pairwise(cuts)
        if session.first <= first < session.stop
    }
    own = list(found.values())
    for index, each in enumerate(own):
        last = own[index - 1] if index else None
        model.addConstr(each.on + each.part <= 1)
        model.addConstr(each.start >= each.on - (last.on + last.part if last else 0))
        model.addConstr(each.start >= each.part - (last.on if last else 0))
        if index > 1:
            # A part ends one run or begins another, not both.
            model.addConstr(each.start >= each.on + own[index - 1].part + own[index - 2].on - 2)
    needed_kwh = min(session.needed_wh, possible_wh(home, session)) / KILO
    missing.append(model.addVariable(0, needed_kwh))
    total = sum(each.bought_kwh + each.green_kwh for each in own)
    model.addConstr(total + missing[-1] == needed_kwh)
    return found


def _step(model: Any, home: Home, session: Session, first: int, stop: int) -> _Step:
    charger = home.chargers[session.charger]
    hours = (stop - first) * HOURS
    most_w = charger.most_w
    if home.cap_w is not None:
        most_w = min(most_w, home.cap_w - home.house_w[first])
    least_kwh = charger.minimum_a * charger.ampere_w * hours / KILO
    most_kwh = max(0.0, most_w) * hours / KILO
    able = int(most_kwh >= least_kwh)
    sun_kwh = home.surplus_w(first) * hours / KILO
    sun_kwh = sun_kwh if sun_kwh > LITTLE_KWH else 0.0
    each = _Step(
        on=model.addVariable(0, able, type=INTEGER),
        part=model.addVariable(0, able, type=INTEGER),
        bought_kwh=model.addVariable(0, INFINITY),
        green_kwh=model.addVariable(0, sun_kwh),
        start=model.addVariable(0, 1),
    )
    total = each.bought_kwh + each.green_kwh
    model.addConstr(total >= each.on * least_kwh)
    model.addConstr(total <= each.on * most_kwh + each.part * most_kwh)
    if sun_kwh and able:
        _sunny(model, each, sun_kwh / least_kwh, sun_kwh)
        if home.price_per_kwh[first] < home.feed_in_per_kwh and sun_kwh < most_kwh:
            # Sun comes first whether it is cheaper or not.
            share = sun_kwh / most_kwh
            model.addConstr(each.bought_kwh * share <= each.green_kwh * (1 - share))
    return each


def _sunny(model: Any, each: _Step, share: float, sun_kwh: float) -> None:
    """In a part of a step only that part of its sun can be used, at the least power."""
    if share < 1:
        rest = 1 - share
        model.addConstr(
            each.green_kwh * rest <= each.bought_kwh * share + each.on * (rest * sun_kwh)
        )


def _share(model: Any, home: Home, cars: Sequence[dict[tuple[int, int], _Step]]) -> None:
    """Let the cars share the cap and the sun."""
    for first, stop in {step for own in cars for step in own}:
        here = [own[first, stop] for own in cars if (first, stop) in own]
        if len(here) < PAIR:
            continue
        hours = (stop - first) * HOURS
        model.addConstr(
            sum(each.green_kwh for each in here) <= home.surplus_w(first) * hours / KILO
        )
        if home.cap_w is not None:
            room_kwh = max(0.0, home.cap_w - home.house_w[first]) * hours / KILO
            model.addConstr(sum(each.bought_kwh + each.green_kwh for each in here) <= room_kwh)
