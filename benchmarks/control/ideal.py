"""What could have been done with perfect information: the 100 % of energy and of sun.

A car draws ``offset_a`` less than the limit, and limits are whole amperes from the minimum on. The
currents returned are those of the car, per line; energies are of all its lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.plant.car import CarType

from .bounds import room_a
from .contract import NOMINAL_V, ChargerPlace, HomeSpec
from .days import Currents, Series
from .metrics import START_COST_WH

type Flags = NDArray[np.bool_]
HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ideal:
    """The best course of one charger and what it brings."""

    drawn_a: Series
    starts: int
    energy_wh: float
    from_sun_wh: float
    imported_wh: float
    forced_wh: float
    """Part of the import that the minimum current of a car that is on makes inevitable."""
    start_cost_wh: float

    @property
    def score_wh(self) -> float:
        """J: sun less import less the cost of the starts."""
        return self.from_sun_wh - self.imported_wh - self.start_cost_wh * self.starts

    @property
    def avoidable_score_wh(self) -> float:
        """J without the import that the minimum forces."""
        return self.score_wh + self.forced_wh


def slewed(cap_a: Series, up_a_per_s: float, down_a_per_s: float) -> Series:
    """Return the highest current below ``cap_a`` with these slopes.

    At second t that is the least cap_s + slope |t - s| of all s. It is the greatest at every
    second at once, so no other course has more energy.
    """
    time_s = np.arange(len(cap_a))
    after = np.minimum.accumulate(cap_a - up_a_per_s * time_s) + up_a_per_s * time_s
    backwards = cap_a[::-1] - down_a_per_s * time_s
    before = np.minimum.accumulate(backwards) + down_a_per_s * time_s
    return np.asarray(np.minimum(after, before[::-1]))


def most_energy_wh(home: HomeSpec, house_a: Currents, cars: Sequence[CarType]) -> float:
    """Return an upper bound for what all cars together can get from the fuse.

    Cars on the same lines share one room; where they differ each phase is bounded by itself.
    """
    places = [_used(place, car) for place, car in zip(home.chargers, cars, strict=True)]
    groups = {place.lines for place in places}
    if len(groups) > 1:
        groups = {(phase,) for place in places for phase in place.lines}
    energy_wh = 0.0
    for lines in groups:
        there = [
            (place, car)
            for place, car in zip(places, cars, strict=True)
            if set(lines) <= set(place.lines)
        ]
        maximum_a = sum(_drawn_a(place.maximum_a, car) for place, car in there)
        room = room_a(home, house_a, ChargerPlace(lines=lines))
        up_a_per_s = sum(car.up_a_per_s for _, car in there)
        down_a_per_s = sum(car.down_a_per_s for _, car in there)
        current_a = slewed(np.clip(room, 0.0, maximum_a), up_a_per_s, down_a_per_s)
        energy_wh += float(current_a.sum()) * NOMINAL_V * len(lines) / HOUR_S
    return energy_wh


def power(
    home: HomeSpec, house_a: Currents, car: CarType, start_cost_wh: float = START_COST_WH
) -> Ideal:
    """Return the most energy for the only car: whole amperes, slopes, pauses and their cost."""
    place = _only(home, car)
    limit_a = _limit_a(home, house_a, place, car)
    allowed = limit_a >= place.minimum_a
    cap_a = np.where(allowed, limit_a - car.offset_a, 0.0)
    whole = np.floor(slewed(cap_a, car.up_a_per_s, car.down_a_per_s) + car.offset_a)
    # On its way up from 0 a car passes currents that no limit asks for.
    drawn_a = np.maximum(0.0, whole - car.offset_a)
    gain_wh = np.where(allowed, drawn_a * _w_per_a(place) / HOUR_S, -inf)
    on = best_on(gain_wh, start_cost_wh, _start_s(car))
    return _judged(home, house_a, car, on=on, current_a=drawn_a, start_cost_wh=start_cost_wh)


def green(
    home: HomeSpec, house_a: Currents, car: CarType, start_cost_wh: float = START_COST_WH
) -> Ideal:
    """Return the course of the highest J: the best limit every second, the best times to be on."""
    place = _only(home, car)
    drawn_a, allowed = _nearest(home, house_a, place, car)
    surplus_w, power_w = surplus(house_a), drawn_a * _w_per_a(place)
    gain_w = 2 * np.minimum(power_w, surplus_w) - power_w
    on = best_on(np.where(allowed, gain_w / HOUR_S, -inf), start_cost_wh, _start_s(car))
    return _judged(home, house_a, car, on=on, current_a=drawn_a, start_cost_wh=start_cost_wh)


def hybrid(
    home: HomeSpec, house_a: Currents, car: CarType, start_cost_wh: float = START_COST_WH
) -> Ideal:
    """Return the course of a car that is on whenever the fuse allows and follows the sun best."""
    drawn_a, allowed = _nearest(home, house_a, _only(home, car), car)
    return _judged(home, house_a, car, on=allowed, current_a=drawn_a, start_cost_wh=start_cost_wh)


def best_starts(
    home: HomeSpec,
    house_a: Currents,
    car: CarType,
    tracked_a: Series,
    start_cost_wh: float = START_COST_WH,
) -> Ideal:
    """Return the best times to be on for a car that draws ``tracked_a`` whenever it is.

    A start is decided only while the surplus suffices for the minimum, as a controller without
    foresight has to. What ``tracked_a`` follows the sun with keeps all its delays, so that no
    controller with the same tracking and the same rule for starts can have a higher J.
    """
    surplus_w, power_w = surplus(house_a), tracked_a * _w_per_a(_only(home, car))
    gain_w = np.where(tracked_a > 0, 2 * np.minimum(power_w, surplus_w) - power_w, -inf)
    enough = surplus_w >= floor_w(home, car)
    on = best_on(gain_w / HOUR_S, start_cost_wh, _start_s(car), enough)
    return _judged(home, house_a, car, on=on, current_a=tracked_a, start_cost_wh=start_cost_wh)


def physical_wh(home: HomeSpec, house_a: Currents, car: CarType) -> float:
    """Return the sun that the only car could take if it were on for nothing at any current."""
    place = _only(home, car)
    most_w = _drawn_a(place.maximum_a, car) * _w_per_a(place)
    return float(np.minimum(surplus(house_a), most_w).sum()) / HOUR_S


def surplus(house_a: Currents) -> Series:
    """Return the watts that the house would feed into the grid, all phases summed."""
    return np.asarray(np.maximum(0.0, -NOMINAL_V * np.stack(house_a).sum(axis=0)))


def forced_w(surplus_w: Series, car_w: Series, minimum_w: float) -> Series:
    """Return the import of a car at its minimum ``minimum_w``, or below; the rest was avoidable."""
    return np.maximum(0.0, np.minimum(car_w, minimum_w) - surplus_w)


def floor_w(home: HomeSpec, car: CarType) -> float:
    """Return what the only car draws at the minimum of its charger."""
    place = _only(home, car)
    return _drawn_a(place.minimum_a, car) * _w_per_a(place)


def best_on(
    gain_wh: Series, start_cost_wh: float, start_s: int, may_start: Flags | None = None
) -> Flags:
    """Return when to draw so that the sum of gains less the cost of starts is greatest (Viterbi).

    ``gain_wh`` is what a second of drawing brings, -inf where it is forbidden; a start costs
    ``start_cost_wh`` and ``start_s`` seconds in which nothing is drawn yet. ``may_start`` tells at
    which seconds a start may be decided; at all of them unless given.
    """
    allowed = [True] * len(gain_wh) if may_start is None else may_start.tolist()
    # Values of the best courses that end off or on; kept[t] tells that a course which is on at t
    # was on before, stopped[t] that one which is off at t was on before.
    off, on = [0.0], -inf
    kept, stopped = np.zeros(len(gain_wh), dtype=bool), np.zeros(len(gain_wh), dtype=bool)
    for second, gain in enumerate(gain_wh.tolist()):
        decided = second - start_s
        begun = off[decided] - start_cost_wh if decided >= 0 and allowed[decided] else -inf
        kept[second], stopped[second] = on >= begun, on > off[-1]
        off.append(max(off[-1], on))
        on = max(on, begun) + gain
    return _walked_back(kept, stopped, start_s, drawing=on > off[-1])


def _walked_back(kept: Flags, stopped: Flags, start_s: int, *, drawing: bool) -> Flags:
    """Return the course whose decisions these are, found from its end."""
    flags = np.zeros(len(kept), dtype=bool)
    second = len(kept) - 1
    while second >= 0:
        flags[second] = drawing
        if not drawing:
            drawing = bool(stopped[second])
        elif not kept[second]:
            drawing = False
            second -= start_s
        second -= 1
    return flags


def _nearest(
    home: HomeSpec, house_a: Currents, place: ChargerPlace, car: CarType
) -> tuple[Series, Flags]:
    """Return the whole limit whose current is nearest to the surplus, and where the fuse allows it.

    Nearest and not below: the last ampere pays when more than half of it is sun.
    """
    limit_a = _limit_a(home, house_a, place, car)
    wanted_a = surplus(house_a) / _w_per_a(place)
    whole = np.floor(wanted_a + car.offset_a + 0.5)
    whole = np.clip(whole, place.minimum_a, np.maximum(place.minimum_a, limit_a))
    return whole - car.offset_a, limit_a >= place.minimum_a


def _limit_a(home: HomeSpec, house_a: Currents, place: ChargerPlace, car: CarType) -> Series:
    """Return the highest limit in whole amperes with which the car stays within the fuse."""
    room = room_a(home, house_a, place)
    most_a = _drawn_a(place.maximum_a, car)
    return np.floor(np.minimum(most_a, room) + car.offset_a)


def _judged(
    home: HomeSpec,
    house_a: Currents,
    car: CarType,
    *,
    on: Flags,
    current_a: Series,
    start_cost_wh: float,
) -> Ideal:
    """Return what it brings to draw ``current_a`` where ``on`` says so."""
    drawn_a = np.where(on, current_a, 0.0)
    car_w = drawn_a * _w_per_a(_only(home, car))
    surplus_w = surplus(house_a)
    from_sun_w = np.minimum(car_w, surplus_w)
    return Ideal(
        drawn_a=drawn_a,
        starts=int(on[0]) + int((on[1:] & ~on[:-1]).sum()),
        energy_wh=float(car_w.sum()) / HOUR_S,
        from_sun_wh=float(from_sun_w.sum()) / HOUR_S,
        imported_wh=float((car_w - from_sun_w).sum()) / HOUR_S,
        forced_wh=float(forced_w(surplus_w, car_w, floor_w(home, car)).sum()) / HOUR_S,
        start_cost_wh=start_cost_wh,
    )


def _only(home: HomeSpec, car: CarType) -> ChargerPlace:
    """Return the only charger; raises ValueError for more."""
    (place,) = home.chargers
    return _used(place, car)


def _used(place: ChargerPlace, car: CarType) -> ChargerPlace:
    """Return a charger without the lines that the car cannot use."""
    return replace(place, lines=place.lines[: car.lines])


def _w_per_a(place: ChargerPlace) -> float:
    return NOMINAL_V * len(place.lines)


def _drawn_a(limit_a: float, car: CarType) -> float:
    return min(limit_a - car.offset_a, car.maximum_a)


def _start_s(car: CarType) -> int:
    return round(car.start_s)
