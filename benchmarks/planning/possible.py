"""What could still be charged in time when cars share a cap: a linear program."""

from collections.abc import Sequence
from typing import Any, Final

from .home import HOURS, Car, Home
from .solver import program

WHOLE: Final = 1e-6


def unavoidable_wh(home: Home, quarter: int, cars: Sequence[Car]) -> float:
    """Return what the cars that are plugged in will miss together whatever is done from now on.

    Only whole amperes of the cap count, and none where not even one car gets its minimum.
    """
    model = program()
    totals: list[Any] = []
    shares: dict[int, list[Any]] = {}
    for car in cars:
        own: list[Any] = []
        for at in range(quarter, car.session.stop):
            each = model.addVariable(0, car.charger.most_w * HOURS)
            own.append(each)
            shares.setdefault(at, []).append(each)
        total = sum(own)
        model.addConstr(total <= car.missing_wh)
        totals.append(total)
    if home.cap_w is not None:
        ampere_w = min(car.charger.ampere_w for car in cars)
        for at, each in shares.items():
            room_w = max(0.0, home.cap_w - home.house_w[at])
            amperes = int(room_w / ampere_w + WHOLE)
            least_a = min(car.charger.minimum_a for car in cars)
            whole_w = amperes * ampere_w if amperes >= least_a else 0.0
            model.addConstr(sum(each) <= whole_w * HOURS)
    model.maximize(sum(totals))
    charged_wh: float = model.getObjectiveValue()
    return sum(car.missing_wh for car in cars) - charged_wh
