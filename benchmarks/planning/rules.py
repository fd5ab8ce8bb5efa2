"""Other ways to charge, re-implemented from descriptions of their behaviour.

All take surplus between the times that they choose, where that is theirs to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from .home import HOURS, Car, Home, Session
from .replay import Order, whole

ASSUMED_EFFICIENCY: Final = 0.85
"""evcc allows for losses in how long it expects to charge."""


class PlugIn:
    """Full power from the moment that the car is plugged in."""

    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        """Return full power for all."""
        return [whole(home, quarter, car.charger.maximum_a) for car in cars]


@dataclass(slots=True, kw_only=True)
class CheapestQuarters:
    """ev_smart_charging: the cheapest quarters of an hour, or the cheapest stretch of them.

    It waits for the prices up to the time to be ready; a schedule that has begun is not changed;
    it knows no sun and no currents.
    """

    continuous: bool
    _schedules: dict[Session, set[int]] = field(default_factory=dict)

    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        """Return full power in the chosen quarters."""
        return [self._own(home, quarter, car) for car in cars]

    def _own(self, home: Home, quarter: int, car: Car) -> list[Order]:
        chosen = self._schedules.get(car.session)
        if chosen is None or (not car.charging and quarter < min(chosen, default=quarter)):
            chosen = self._schedules[car.session] = self._chosen(home, quarter, car)
        return whole(home, quarter, car.charger.maximum_a if quarter in chosen else 0)

    def _chosen(self, home: Home, quarter: int, car: Car) -> set[int]:
        stop = car.session.stop
        count = ceil(car.missing_wh / (car.charger.most_w * HOURS))
        if stop - quarter <= count:
            return set(range(quarter, stop))
        if home.known_until(quarter) < stop:
            return set(range(stop - count, stop))
        prices = home.price_per_kwh
        if not self.continuous:
            return set(sorted(range(quarter, stop), key=lambda each: (prices[each], each))[:count])
        first = min(
            range(quarter, stop - count + 1),
            key=lambda each: sum(prices[each : each + count]),
        )
        return set(range(first, first + count))


class Evcc:
    """evcc: cheapest slots, of equals the latest, planned anew all the time; surplus besides.

    Sun is no part of the plan. What is expected to be charged after the known prices is left out.
    """

    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        """Return full power in the slots of the plan, surplus outside."""
        return [
            whole(home, quarter, car.charger.maximum_a)
            if quarter in self._chosen(home, quarter, car)
            else whole(home, quarter, 0, follows_sun=True)
            for car in cars
        ]

    def _chosen(self, home: Home, quarter: int, car: Car) -> set[int]:
        stop = car.session.stop
        hours = car.missing_wh / ASSUMED_EFFICIENCY / car.charger.most_w
        count = ceil(hours / HOURS)
        known = min(stop, home.known_until(quarter))
        count -= stop - known
        if count <= 0:
            return set()
        prices = home.price_per_kwh
        order = sorted(range(quarter, known), key=lambda each: (prices[each], -each))
        chosen = set(order[:count])
        if quarter not in chosen and quarter + 1 in chosen and car.charging:
            chosen.add(quarter)
        return chosen
