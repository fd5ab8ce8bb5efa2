"""What one controller made of one run, in the numbers that the tables are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from simulator.plant.car import CarType

from . import ideal
from .bounds import Reaction, overload, room_a, unavoidable_a
from .contract import HomeSpec, Mode
from .days import DAY_S, Currents
from .metrics import (
    START_COST_WH,
    STARTED_A,
    Protection,
    effort,
    energy_wh,
    jain,
    protection,
    solar,
    spacing_s,
    starved_min,
)
from .trial import Scenario
from .world import Record

START_COSTS_WH: Final = (5.0, START_COST_WH, 50.0)
"""What a start may be worth; the middle one is the benchmark's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """What perfect information makes of a run."""

    energy_wh: float
    usable_wh: float = 0.0
    """Sun that the car could have taken."""
    best: tuple[ideal.Ideal, ...] = ()
    """One for each of ``START_COSTS_WH``; none where several chargers share."""

    @classmethod
    def of(cls, home: HomeSpec, house_a: Currents, cars: Sequence[CarType]) -> Self:
        """Compute it."""
        if len(cars) > 1:
            return cls(energy_wh=ideal.most_energy_wh(home, house_a, cars))
        (car,) = cars
        course = {Mode.POWER: ideal.power, Mode.HYBRID: ideal.hybrid, Mode.GREEN: ideal.green}
        best = tuple(course[home.mode](home, house_a, car, cost) for cost in START_COSTS_WH)
        usable_wh = 0.0
        if home.mode is not Mode.POWER:
            usable_wh = ideal.physical_wh(home, house_a, car)
        return cls(energy_wh=best[1].energy_wh, usable_wh=usable_wh, best=best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """Where the energy came from, beside the best that was possible."""

    usable_wh: float
    from_sun_wh: float
    imported_wh: float
    scores_wh: tuple[float, ...]
    """J at each of ``START_COSTS_WH``; in Hybrid without the import that the minimum forces."""
    best_wh: tuple[float, ...]
    """The same with perfect information."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One controller in one run."""

    scenario: str
    run: str
    controller: str
    days: float
    chargers: int
    protection: Protection
    unavoidable_as: float | None
    """Part of the ampere-seconds that is due to dead times; None where chargers share."""
    energy_wh: float
    best_energy_wh: float
    starts: int
    most_starts: int
    """On the worst day."""
    commands: int | None
    """None for a bound."""
    spacing_s: float
    jain: float
    starved_min: float
    sun: Sun | None
    safe_after_s: float | None = field(default=None)
    """From a fault until no more than the minimum is offered; None if that never came."""
    alarm_after_s: float | None = field(default=None)
    """From a fault until a person is told; None for no alarm, and for who has none."""


def judge(
    scenario: Scenario,
    controller: str,
    record: Record,
    reference: Reference,
    *,
    safe_after_s: float | None = None,
    alarm_after_s: float | None = None,
) -> Outcome:
    """Return the numbers of a record of the only run of ``scenario``."""
    done = effort(record)
    got_wh = energy_wh(record)
    return Outcome(
        scenario=scenario.key,
        run=scenario.runs[0].name,
        controller=controller,
        days=record.seconds / DAY_S,
        chargers=len(record.drawn_a),
        protection=protection(record),
        unavoidable_as=_unavoidable_as(scenario, record),
        energy_wh=sum(got_wh),
        best_energy_wh=reference.energy_wh,
        starts=done.starts,
        most_starts=_most_starts(record),
        commands=done.commands,
        spacing_s=spacing_s(record),
        jain=jain(got_wh),
        starved_min=starved_min(record),
        sun=_sun(record, reference, scenario.chargers[0].car),
        safe_after_s=safe_after_s,
        alarm_after_s=alarm_after_s,
    )


def _unavoidable_as(scenario: Scenario, record: Record) -> float | None:
    if len(record.drawn_a) > 1:
        return None
    (place,), (kind,), (drawn_a,) = record.home.chargers, scenario.chargers, record.drawn_a
    house_a = tuple(record.house_a)
    least_a = unavoidable_a(
        room_a(record.home, house_a, place),
        drawn_a,
        Reaction.of(scenario.meter, kind),
        minimum_a=place.minimum_a,
    )
    return overload(record.home, house_a, place, least_a).charge_as


def _most_starts(record: Record) -> int:
    """Return the starts of the worst day, of all cars together."""
    starts = np.zeros(record.seconds, dtype=int)
    for drawn_a in record.drawn_a:
        on = drawn_a > STARTED_A
        starts += on & ~np.concatenate(([False], on[:-1]))
    return max(int(starts[day : day + DAY_S].sum()) for day in range(0, record.seconds, DAY_S))


def _sun(record: Record, reference: Reference, car: CarType) -> Sun | None:
    """Tell sun from grid; None where the mode does not ask."""
    if record.home.mode is Mode.POWER:
        return None
    found, starts = solar(record), effort(record).starts
    forced_wh = 0.0
    best_wh = tuple(best.score_wh for best in reference.best)
    if record.home.mode is Mode.HYBRID:
        surplus_w = ideal.surplus(tuple(record.house_a))
        least_w = ideal.floor_w(record.home, car)
        forced_w = ideal.forced_w(surplus_w, record.cars_w(), least_w)
        forced_wh = float(forced_w.sum()) / ideal.HOUR_S
        best_wh = tuple(best.avoidable_score_wh for best in reference.best)
    return Sun(
        usable_wh=reference.usable_wh,
        from_sun_wh=found.from_sun_wh,
        imported_wh=found.imported_wh,
        scores_wh=tuple(found.score_wh(starts, cost) + forced_wh for cost in START_COSTS_WH),
        best_wh=best_wh,
    )
