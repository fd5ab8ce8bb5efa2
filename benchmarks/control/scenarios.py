"""The scenarios of the closed-loop benchmark: homes, devices and days, nothing of controllers.

Depth.NORMAL is about 75 charger-days in all, which the shipped balancer does within ten minutes on
two cores; Depth.FULL does every day that a source has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from math import gcd, inf
from typing import Final

from simulator.plant.car import CAR_TYPES

from .contract import ChargerPlace, HomeSpec, Mode
from .days import DAY_S, Currents, Source, joined, peak_a, with_load, with_sun
from .generator import extra_w
from .steps import faults, sweep, table
from .trial import Depth, Run, Scenario
from .world import ChargerKind, MeterKind

THREE: Final = (0, 1, 2)
BUSY_A: Final = 28.5
"""A house that reaches this has moments at which a car of 31.5 A on 60 A must give way."""
LONG_DAYS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happens in a home on one day, by the names of a source."""

    source: Source
    houses: tuple[str, ...]
    """One name, or one for each phase."""
    extras: tuple[str, ...] = ()
    """Injected loads on the first phase: ``generator.EXTRAS``."""
    seed: int = 0
    sun: str | None = None
    kwp: float = 0.0

    @property
    def name(self) -> str:
        """All that was put together."""
        parts = [*self.houses, *self.extras]
        return " + ".join(parts if self.sun is None else [*parts, self.sun])

    def currents(self) -> Currents:
        """Return what flows without the chargers."""
        days = [self.source.house(name).currents for name in self.houses]
        currents = tuple(phase for day in days for phase in day)
        for extra in self.extras:
            currents = with_load(currents, extra_w(extra, self.seed))
        if self.sun is not None:
            currents = with_sun(currents, self.source.sun(self.sun), self.kwp)
        return currents

    def run(self, seconds: int = DAY_S) -> Run:
        """Return a run of this day."""
        return Run(name=self.name, seconds=seconds, make=self.currents, seed=self.seed)


def scenarios(source: Source, depth: Depth = Depth.NORMAL) -> list[Scenario]:
    """Return all scenarios with the days of ``source``; raises MissingDaysError."""
    return [
        *_power(source, depth),
        *_several(source, depth),
        *_three_phase_recordings(source, depth),
        *sweep(depth),
        *table(depth),
        *faults(depth),
        *_solar(source, depth),
        *_long_run(source, depth),
    ]


def _power(source: Source, depth: Depth) -> Iterable[Scenario]:
    """P1 to P4: one charger with all that the fuse leaves."""
    days = [
        Day(source=source, houses=(name,), seed=seed)
        for seed, name in enumerate(_chosen(source, depth.of(1, 5, 18), least_a=BUSY_A, most_a=60))
    ]
    yield _single("P1", "60 A, one charger of 32 A", HomeSpec(fuse_a=60), days)
    days = [
        Day(source=source, houses=(name,), seed=seed)
        for seed, name in enumerate(_chosen(source, depth.of(1, 5, 16), most_a=40))
    ]
    yield _single("P2", "40 A, houses that fit alone", HomeSpec(fuse_a=40), days)
    days = [
        Day(source=source, houses=(name,), seed=seed, extras=_EXTRAS[seed % len(_EXTRAS)])
        for seed, name in enumerate(_chosen(source, depth.of(1, 4, 12), most_a=BUSY_A))
    ]
    yield _single("P3", "60 A, injected shower and heat pump", HomeSpec(fuse_a=60), days)
    days = _together(source, depth.of(1, 4, 9), phases=3, most_a=25)
    home = HomeSpec(fuse_a=25, phases=3, chargers=(_THREE_PHASE_PLACE,))
    yield _single("P4", "3 x 25 A, 16 A on three phases", home, days)


_EXTRAS: Final = (("shower",), ("shower", "heat_pump"))
_THREE_PHASE_PLACE: Final = ChargerPlace(lines=THREE, maximum_a=16)


def _several(source: Source, depth: Depth) -> Iterable[Scenario]:
    """P5: chargers that have to share."""
    pairs: dict[str, tuple[str, HomeSpec, int]] = {
        "P5": (
            "60 A, two chargers of 32 A",
            HomeSpec(fuse_a=60, chargers=(ChargerPlace(), ChargerPlace())),
            depth.of(1, 2, 9),
        ),
        "P5 four": (
            "60 A, four chargers of 32 A, the first preferred",
            HomeSpec(
                fuse_a=60,
                chargers=(ChargerPlace(priority=1), *(ChargerPlace() for _ in range(3))),
            ),
            depth.of(0, 1, 3),
        ),
        "P5 mixed": (
            "3 x 40 A, one charger on three phases and one on L1",
            HomeSpec(fuse_a=40, phases=3, chargers=(_THREE_PHASE_PLACE, ChargerPlace())),
            depth.of(0, 1, 3),
        ),
    }
    for key, (title, home, count) in pairs.items():
        if days := _together(source, count, phases=home.phases, most_a=40):
            yield _single(key, title, home, days)


def _three_phase_recordings(source: Source, depth: Depth) -> Iterable[Scenario]:
    """P6: homes that were measured, or made, as one."""
    runs = []
    for seed, name in enumerate(source.homes()[: depth.of(1, 1, 12)]):
        seconds = len(source.house(name).currents[0])
        runs.append(Day(source=source, houses=(name,), seed=seed).run(seconds))
    home = HomeSpec(fuse_a=25, phases=3, chargers=(_THREE_PHASE_PLACE,))
    yield replace(_single("P6", "3 x 25 A, one home on three phases", home, []), runs=tuple(runs))


def _solar(source: Source, depth: Depth) -> Iterable[Scenario]:
    """G and H: a charger that follows the sun."""
    whole = len(source.suns())
    green = HomeSpec(fuse_a=60, mode=Mode.GREEN)
    six = _solar_days(source, whole, 6.0)
    four = _solar_days(source, whole, 4.0)
    normal = six[: depth.of(1, 7, whole)]
    few = six[: depth.of(0, 3, whole)]
    yield _single("G1", "Green, 6 kWp", green, normal)
    yield _single("G2", "Green, 4 kWp", green, four[: depth.of(1, 4, whole)])
    if few:
        home = replace(green, meter_period_s=5)
        yield _single("G3", "Green, 6 kWp, meter every 5 s", home, few)
        yield _single("G slow", "Green, 6 kWp, slow car", green, few, car="slow")
        yield _single("G iec5", "Green, 6 kWp, pilot every 5 s", green, few, car="iec5")
    hybrid = replace(green, mode=Mode.HYBRID)
    yield _single("H1", "Hybrid, 6 kWp", hybrid, six[: depth.of(1, 4, whole)])


def _long_run(source: Source, depth: Depth) -> Iterable[Scenario]:
    """LONG: two weeks of Green in one go, to count what they cost the contactor."""
    if depth is Depth.QUICK:
        return
    days = _solar_days(source, LONG_DAYS, 6.0)
    run = Run(
        name=f"{LONG_DAYS} days",
        seconds=LONG_DAYS * DAY_S,
        make=partial(_joined_days, tuple(days)),
    )
    home = HomeSpec(fuse_a=60, mode=Mode.GREEN)
    single = _single("LONG", f"Green, 6 kWp, {LONG_DAYS} days in one go", home, [])
    yield replace(single, runs=(run,))


def _joined_days(days: Sequence[Day]) -> Currents:
    return joined([day.currents() for day in days])


def _solar_days(source: Source, count: int, kwp: float) -> list[Day]:
    """Pair houses and suns, always in the same way."""
    suns, houses = source.suns(), _mixed(source.houses())
    return [
        Day(
            source=source,
            houses=(houses[seed % len(houses)],),
            sun=suns[seed % len(suns)],
            kwp=kwp,
            seed=seed,
        )
        for seed in range(count)
    ]


def _single(
    key: str, title: str, home: HomeSpec, days: Sequence[Day], car: str = "typical"
) -> Scenario:
    """Return a scenario in which all cars are of one type and use all lines of their charger."""
    kind = CAR_TYPES[car]
    return Scenario(
        key=key,
        title=title,
        home=home,
        chargers=tuple(
            ChargerKind(car=replace(kind, lines=len(place.lines))) for place in home.chargers
        ),
        meter=MeterKind(period_s=home.meter_period_s),
        runs=tuple(day.run() for day in days),
    )


def _chosen(source: Source, count: int, *, least_a: float = 0.0, most_a: float = inf) -> list[str]:
    """Return houses whose peak lies in a range: at most ``count``."""
    fitting = (
        name
        for name in _mixed(source.houses())
        if least_a <= peak_a(source.house(name).currents) <= most_a
    )
    return list(islice(fitting, count))


def _together(source: Source, count: int, *, phases: int, most_a: float) -> list[Day]:
    """Return at most ``count`` days in each of which every phase has a house of its own."""
    names = _chosen(source, phases * count, most_a=most_a)
    count = len(names) // phases
    return [
        Day(source=source, houses=tuple(names[seed : phases * count : count]), seed=seed)
        for seed in range(count)
    ]


def _mixed(names: Sequence[str]) -> list[str]:
    """Return names in an order in which neighbours of a list are apart, always the same."""
    stride = next(
        (step for step in range(len(names) * 2 // 5, 0, -1) if gcd(step, len(names)) == 1), 1
    )
    return [names[index * stride % len(names)] for index in range(len(names))]
