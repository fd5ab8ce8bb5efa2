"""Chargers that are only switched on and off, and how long they stay so (SITE-8, IND-21)."""

from itertools import pairwise

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import ChargerSpec, Phase, SiteMode
from tests.control.plant import L1, Charger, HouseLoad, Plant, constant, one_charger, stepped

LEAST_S = 300.0


def switched(house: HouseLoad, mode: SiteMode, fuse_a: float = 60, most_a: int = 16) -> Plant:
    """Return a home with a charger that draws 16 A or nothing."""
    spec = ChargerSpec(
        key="a",
        name="a",
        phases=(L1,),
        minimum_a=most_a,
        maximum_a=most_a,
        minimum_on_s=LEAST_S,
        minimum_off_s=LEAST_S,
    )
    charger = Charger(spec=spec, plugged=True)
    return one_charger(fuse_a, house, charger=charger, mode=mode, noise_a=0.05, dt_s=0.2)


def clouds(now_s: float) -> dict[Phase, float]:
    """Return a sun of 20 A that a cloud takes every other minute."""
    return {L1: -20.0 if now_s % 120 < 60 else 1.0}


def test_the_sun_switches_it_seldom() -> None:
    """SITE-8: on and off for five minutes at least, whatever the clouds do."""
    plant = switched(clouds, SiteMode.GREEN)
    plant.run(2400)
    changes = plant.changes()
    assert {current_a for _, current_a in changes} <= {0, 16}
    assert changes
    for (before_s, _), (after_s, _) in pairwise(changes):
        assert after_s - before_s >= LEAST_S - 2


@pytest.mark.parametrize("mode", [SiteMode.POWER, SiteMode.GREEN])
def test_the_fuse_is_waited_for_by_nobody(mode: SiteMode) -> None:
    """SITE-8, SITE-4: off at once for the fuse, and not on again at once."""
    base = 0.0 if mode is SiteMode.POWER else -30.0
    plant = switched(stepped((0, base), (1400, 30.0), (1430, base)), mode, fuse_a=40)
    # What it did before is not known, so it rests first.
    plant.run(390)
    assert plant.chargers[0].drawn_a == pytest.approx(16, abs=0.5)
    plant.run(20)
    assert plant.changes()[-1][1] == 0
    assert plant.over_s() < 8
    off_s = plant.changes()[-1][0]
    plant.run(off_s + LEAST_S - plant.now_s - 5)
    assert plant.changes()[-1][1] == 0
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason in (
        Reason.WAITING_TO_RESTART,
        Reason.WAITING_FOR_SURPLUS,
    )
    plant.run(200)
    assert plant.changes()[-1][1] == 16


def test_it_starts_only_where_all_of_it_fits() -> None:
    """SITE-8."""
    plant = switched(constant(l1=30.0), SiteMode.POWER, fuse_a=45)
    plant.run(900)
    assert all(current_a == 0 for _, current_a in plant.changes())
