"""Another charger yields for one that hangs, soon and by no more than it must (promise 3).

SITE-3, SITE-5.
"""

from dataclasses import dataclass
import random
from typing import override

import pytest

from custom_components.evse_suite.control.model import ChargerSpec, MainsMeterSpec, SiteSpec
from tests.control.plant import (
    IEC5,
    L1,
    THREE_SECONDS,
    TYPICAL,
    VOLTAGE_V,
    Car,
    Charger,
    Plant,
    fuse,
    stepped,
)

QUICK = Car(dead_s=0.8, up_a_per_s=16, down_a_per_s=16, start_s=0.8)
ACKNOWLEDGED_S = 2.0
"""A command counts as undelivered when it has waited so long."""
STEP_S = 1060.0
HOUSE_A = 1.75


@dataclass
class Hanging(Charger):
    """A charger that is read once more after each command, and may cease to answer."""

    hangs: bool = False
    asked_s: float | None = None
    told: bool = False

    @override
    def tell(self, now_s: float, current_a: int, lines: int | None = None) -> None:
        if self.hangs:
            self.asked_s = now_s if self.asked_s is None else self.asked_s
            return
        self.told = True
        super().tell(now_s, current_a, lines)

    @override
    def step(self, now_s: float, dt_s: float) -> None:
        self.silent = self.hangs
        if self.asked_s is not None and now_s - self.asked_s > ACKNOWLEDGED_S:
            self.failed = True
        super().step(now_s, dt_s)
        if self.told and not self._queue:
            self._next_poll_s, self.told = now_s + 0.2, False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Chargers at 18 A on one fuse; some of them hang when the house steps up."""

    load_a: float
    chargers: str = "ab"
    hang: str = "a"
    fuse_a: float = 40.0
    car: Car = QUICK


def home(case: Case, seed: int) -> Plant:
    """Return the home of a case; the seed shifts all rhythms against each other."""
    rng = random.Random(seed)
    chargers: list[Charger] = [
        Hanging(
            spec=ChargerSpec(key=key, name=key, phases=(L1,)),
            car=case.car,
            poll_phase_s=2 * rng.random(),
            latency_s=0.1 + 0.2 * rng.random(),
            device_a=18,
        )
        for key in case.chargers
    ]
    return Plant(
        spec=SiteSpec(
            phases=(L1,),
            voltage_v=VOLTAGE_V,
            meter=MainsMeterSpec(key="m", silent_after_s=8.0),
            caps=(fuse(case.fuse_a, L1),),
            chargers=tuple(charger.spec for charger in chargers),
        ),
        house=stepped((0, HOUSE_A), (STEP_S, HOUSE_A + case.load_a)),
        chargers=chargers,
        meter_phase_s=rng.random(),
        meter_refresh_s=0.1,
        noise_a=0.05,
        seed=seed,
    )


@pytest.mark.parametrize(
    "case",
    [
        Case(load_a=10.0),
        Case(load_a=4.0),
        Case(load_a=10.0, car=TYPICAL),
        Case(load_a=20.0, chargers="abc", fuse_a=63.0),
        Case(load_a=12.0, chargers="abc", hang="ab", fuse_a=63.0),
    ],
    ids=["a step", "a small step", "typical cars", "two for one", "one for two"],
)
def test_the_others_yield_for_one_that_hangs(case: Case) -> None:
    for seed in range(6):
        plant = home(case, seed)
        plant.run(STEP_S - 0.3 - plant.now_s)
        for charger in plant.chargers:
            assert isinstance(charger, Hanging)
            charger.hangs = charger.spec.key in case.hang
        plant.run(22)
        # As soon as for a step of the house, once the command has failed.
        assert plant.over_s(STEP_S) <= 1.5 + ACKNOWLEDGED_S + 1.0 + settled_s(case.car)
        hangs_a = sum(it.drawn_a for it in plant.chargers if it.silent)
        left_a = case.fuse_a - HOUSE_A - case.load_a - hangs_a
        others = [it for it in plant.chargers if not it.silent]
        # Whole amperes each, and the margin that is left by a raise.
        got_a = sum(it.drawn_a for it in others)
        assert left_a - len(others) - 0.3 <= got_a <= left_a
        assert all(it.drawn_a >= 6 for it in others)


def settled_s(car: Car) -> float:
    """Return what a car needs to follow a reduction of a few amperes."""
    return car.dead_s + 10 / car.down_a_per_s


def test_one_that_hangs_is_not_told_less_and_less() -> None:
    """What it was told when it last listened fits; the rest is the others' (promise 3)."""
    plant = home(Case(load_a=10.0), 1)
    plant.run(STEP_S - 0.3 - plant.now_s)
    hanging = plant.chargers[0]
    assert isinstance(hanging, Hanging)
    hanging.hangs = True
    plant.run(30)
    assert [a for _, a in plant.changes(STEP_S, "a")] == [14]


@pytest.mark.parametrize("hangs_s", [0.7, 1.2, 1.8, 2.5])
@pytest.mark.parametrize("car", [THREE_SECONDS, IEC5, TYPICAL], ids=["3 s", "5 s", "typical"])
@pytest.mark.parametrize("second_s", [1.1, 3.0])
def test_nobody_is_paused_for_one_that_hangs_while_it_comes_down(
    car: Car, hangs_s: float, second_s: float
) -> None:
    """The house steps twice: one charger has heard the first cut, but not the second.

    What it heard shows a moment later, and what is left then is enough for the other one.
    """
    for seed in range(5):
        plant = home(Case(load_a=0.0, car=car), seed)
        plant.house = stepped((0, HOUSE_A), (STEP_S, 9.75), (STEP_S + second_s, 15.75))
        plant.run(STEP_S - plant.now_s + hangs_s)
        hanging = plant.chargers[0]
        assert isinstance(hanging, Hanging)
        if not plant.changes(STEP_S, "a") or hanging.told or hanging._queue:
            continue
        hanging.hangs = True
        plant.run(25)
        assert 0 not in [a for _, a in plant.changes(STEP_S, "b")]
        assert plant.over_s(STEP_S + 15) == 0
