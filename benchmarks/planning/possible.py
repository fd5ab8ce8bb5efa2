"""What could still have been charged in time when cars share a cap: a linear program."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .home import HOURS, Car, Home
from .solver import program

WHOLE: Final = 1e-6
LEAST_WH: Final = 1.0


def most_wh(
    home: Home, quarter: int, missing_wh: Mapping[int, float], cars: Sequence[Car], chosen: int
) -> float:
    """Return what one car could have got from a quarter on, with all others as ready as they were.

    ``missing_wh`` is what each car wanted then, by its place in ``cars``. Only whole amperes of the
    cap count, and none where not even one car gets its minimum.
    """
    model = program()
    own: dict[int, list[Any]] = {index: [] for index in missing_wh}
    shares: dict[int, list[Any]] = {}
    for index in missing_wh:
        for at in range(quarter, cars[index].session.stop):
            each = model.addVariable(0, cars[index].charger.most_w * HOURS)
            own[index].append(each)
            shares.setdefault(at, []).append(each)
    for index, wanted_wh in missing_wh.items():
        model.addConstr(sum(own[index]) <= wanted_wh)
        if index != chosen:
            got_wh = wanted_wh - cars[index].missing_wh
            model.addConstr(sum(own[index]) >= max(0.0, got_wh - LEAST_WH))
    if home.cap_w is not None:
        charger = cars[chosen].charger
        for at, each in shares.items():
            amperes = int((home.cap_w - home.house_w[at]) / charger.ampere_w + WHOLE)
            whole_a = amperes if amperes >= charger.minimum_a else 0
            model.addConstr(sum(each) <= whole_a * charger.ampere_w * HOURS)
    model.maximize(sum(own[chosen]))
    found: float = model.getObjectiveValue()
    return found
