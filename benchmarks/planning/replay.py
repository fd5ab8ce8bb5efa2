"""Carries plans out, a quarter of an hour at a time, in the world as it really was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol

from .home import QUARTER, Car, Home, Session
from .possible import most_wh

MISSED_WH: Final = 100.0
"""A target is missed by more than this."""
LITTLE_WH: Final = 1e-3
WHOLE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a charger is to do in a part of a quarter of an hour."""

    start: datetime
    end: datetime
    current_a: int = 0
    follows_sun: bool = False


class Strategy(Protocol):
    """Decides for the cars that are plugged in."""

    def orders(self, home: Home, quarter: int, cars: Sequence[Car]) -> list[list[Order]]:
        """Return the orders of each car for a quarter, in the order of time."""
        ...


@dataclass(slots=True, kw_only=True)
class Result:
    """What a strategy cost and gave over all sessions."""

    cost: float = 0.0
    energy_wh: float = 0.0
    green_wh: float = 0.0
    starts: int = 0
    missing_wh: float = 0.0
    missed: int = 0
    """Targets that were possible and not met."""
    sessions: int = 0


def replay(home: Home, strategy: Strategy) -> Result:
    """Return what comes of a strategy in a home."""
    result = Result()
    for cluster in clusters(home.sessions):
        first = min(session.first for session in cluster)
        stop = max(session.stop for session in cluster)
        cars = [Car(session=each, charger=home.chargers[each.charger]) for each in cluster]
        known: dict[int, tuple[int, dict[int, float]]] = {}
        for quarter in range(first, stop):
            here = [car for car in cars if car.session.first <= quarter < car.session.stop]
            if any(car.session.first == quarter for car in here):
                wanted = {index: car.missing_wh for index, car in enumerate(cars) if car in here}
                known |= dict.fromkeys(wanted, (quarter, wanted))
            if here:
                _quarter(home, quarter, here, strategy.orders(home, quarter, here), result)
        _settle(home, cars, known, result)
    return result


def _settle(
    home: Home,
    cars: Sequence[Car],
    known: Mapping[int, tuple[int, dict[int, float]]],
    result: Result,
) -> None:
    """Count the targets that were missed and need not have been.

    ``known`` says for each car when the last one came that it met, and what all wanted then.
    """
    result.sessions += len(cars)
    for index, car in enumerate(cars):
        if car.missing_wh <= MISSED_WH:
            continue
        quarter, wanted = known[index]
        possible = most_wh(home, quarter, wanted, cars, index)
        if possible >= wanted[index] - MISSED_WH:
            result.missed += 1
            result.missing_wh += car.missing_wh


def clusters(sessions: Sequence[Session]) -> Iterator[list[Session]]:
    """Return sessions that overlap together, in the order of time."""
    group: list[Session] = []
    stop = -1
    for session in sorted(sessions, key=lambda each: each.first):
        if group and session.first >= stop:
            yield group
            group = []
        group.append(session)
        stop = max(stop, session.stop) if len(group) > 1 else session.stop
    if group:
        yield group


def _quarter(
    home: Home,
    quarter: int,
    cars: Sequence[Car],
    orders: Sequence[Sequence[Order]],
    result: Result,
) -> None:
    """Let flow what is ordered, within the cap as it is, in every part with orders of its own."""
    edges = {edge for own in orders for order in own for edge in (order.start, order.end)}
    for start, end in pairwise(sorted(edges)):
        hours = (end - start).total_seconds() / 3600
        room_w = None if home.cap_w is None else home.cap_w - home.house_w[quarter]
        sun_w = home.surplus_w(quarter)
        own_w = [
            _wanted_w(car, _at(own, start), sun_w) for car, own in zip(cars, orders, strict=True)
        ]
        for car, power_w in zip(cars, _shared(cars, own_w, room_w), strict=True):
            energy_wh = min(power_w * hours, car.missing_wh)
            flows = energy_wh > LITTLE_WH
            result.starts += flows and not car.charging
            car.charging = flows
            if flows:
                car.got_wh += energy_wh
                _pay(result, home, quarter, energy_wh, energy_wh * min(1.0, sun_w / power_w))
                sun_w = max(0.0, sun_w - power_w)


def _at(orders: Sequence[Order], at: datetime) -> Order | None:
    return next((each for each in orders if each.start <= at < each.end), None)


def _wanted_w(car: Car, order: Order | None, sun_w: float) -> float:
    """Return what an order gives a charger, were there no cap."""
    if order is None or car.missing_wh <= LITTLE_WH:
        return 0.0
    charger = car.charger
    current_a = int(sun_w / charger.ampere_w) if order.follows_sun else order.current_a
    current_a = min(current_a, charger.maximum_a)
    return current_a * charger.ampere_w if current_a >= charger.minimum_a else 0.0


def _shared(
    cars: Sequence[Car], wanted_w: Sequence[float], room_w: float | None
) -> Sequence[float]:
    """Return what each gets: the minimum for as many as possible, then whole amperes in order."""
    if room_w is None:
        return wanted_w
    given_w = [0.0] * len(cars)
    for index, (car, wanted) in enumerate(zip(cars, wanted_w, strict=True)):
        least_w = car.charger.minimum_a * car.charger.ampere_w
        if wanted and least_w <= room_w:
            given_w[index] = least_w
            room_w -= least_w
    for index, (car, wanted) in enumerate(zip(cars, wanted_w, strict=True)):
        if given_w[index]:
            ampere_w = car.charger.ampere_w
            more_w = int(min(wanted - given_w[index], room_w) / ampere_w + WHOLE) * ampere_w
            given_w[index] += more_w
            room_w -= more_w
    return given_w


def _pay(result: Result, home: Home, quarter: int, energy_wh: float, green_wh: float) -> None:
    bought_wh = energy_wh - green_wh
    cost = green_wh * home.feed_in_per_kwh + bought_wh * home.price_per_kwh[quarter]
    result.cost += cost / 1000
    result.energy_wh += energy_wh
    result.green_wh += green_wh


def whole(home: Home, quarter: int, current_a: int, *, follows_sun: bool = False) -> list[Order]:
    """Return the order for a whole quarter of an hour."""
    start = home.at(quarter)
    return [Order(start=start, end=start + QUARTER, current_a=current_a, follows_sun=follows_sun)]
