"""Who waits for room gets it soon, and the others do not go down in vain meanwhile (SITE-3)."""

from itertools import pairwise
import random

import pytest

from custom_components.evse_suite.control.model import ChargerSpec, MainsMeterSpec, SiteSpec
from tests.control import boards
from tests.control.plant import L1, TYPICAL, VOLTAGE_V, Car, Charger, Plant, fuse, stepped

QUICK = Car(dead_s=0.8, up_a_per_s=16, down_a_per_s=16, start_s=0.8)
FULL_S, FREE_S = 1060.0, 1140.0
"""When the house leaves room for one minimum only, and when for both chargers again."""


def home(car: Car, seed: int) -> Plant:
    """Return two chargers behind 32 A; the seed shifts all rhythms against each other."""
    rng = random.Random(seed)
    chargers = [
        Charger(
            spec=ChargerSpec(key=key, name=key, phases=(L1,)),
            car=car,
            poll_phase_s=0.1 + 1.9 * rng.random(),
            latency_s=rng.uniform(0.05, 0.3),
            device_a=14,
        )
        for key in "ab"
    ]
    return Plant(
        spec=SiteSpec(
            phases=(L1,),
            voltage_v=VOLTAGE_V,
            meter=MainsMeterSpec(key="m", silent_after_s=8.0),
            caps=(fuse(32.0, L1),),
            chargers=tuple(charger.spec for charger in chargers),
        ),
        house=stepped((0, 2.0), (FULL_S, 24.0), (FREE_S, 2.0)),
        chargers=chargers,
        meter_phase_s=rng.random(),
        meter_refresh_s=0.1,
        noise_a=0.05,
        seed=seed,
    )


@pytest.mark.parametrize("car", [QUICK, TYPICAL], ids=["quick", "typical"])
def test_both_charge_alike_soon_after_one_was_paused(car: Car) -> None:
    for seed in range(8):
        plant = home(car, seed)
        plant.run(FREE_S - plant.now_s)
        assert sorted(it.drawn_a > 0 for it in plant.chargers) == [False, True]
        plant.run(120)
        assert abs(plant.chargers[0].drawn_a - plant.chargers[1].drawn_a) <= 1.1
        assert sum(it.drawn_a for it in plant.chargers) >= 28
        # There was room all the time: hardly an ampere is taken back.
        for key in "ab":
            told_a = [a for _, a in plant.changes(FREE_S, key)]
            assert sum(max(0, a - b) for a, b in pairwise(told_a)) <= 2
            assert len(told_a) <= 4


def test_a_quick_charger_waits_for_a_slow_one_and_both_charge() -> None:
    # SITE-3: the readings of the mains have to wait until the slow one has answered.
    slow = boards.charger("slow", L1, maximum_a=16)
    quick = boards.charger("quick", L1, maximum_a=16)
    slow.poll_s, quick.poll_s = 10.0, 0.5
    plant = boards.home(slow, quick, fuse_a=40, phases=(L1,))
    plant.meter_period_s = 5.0
    plant.run(180)
    assert (slow.device_a, quick.device_a) == (16, 16)
