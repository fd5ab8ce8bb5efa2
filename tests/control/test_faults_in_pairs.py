"""Two faults at once: the cap still holds for as long as anything can be told (SITE-5).

Two chargers on 40 A, so that there is somebody to yield; 10 s after the faults an appliance starts.
"""

from itertools import product

import pytest

from custom_components.evse_suite.control.memory import Memory
from tests.control.faults import BASE_A, CHARGER, REACTION_S, Faults, away, charging, starts
from tests.control.plant import Plant, constant, stepped

APPLIANCE_A = 12.0
SETTLE_S = 8.0
SILENCE_S = 8.0
LASTS_S = 120.0
HEALS_S = 1800.0
METER = ("silent", "nan", "thousandfold", "backwards")
"""Faults of a meter that are known within 8 s."""
TOGETHER = [it for it in product(METER, CHARGER) if it[1] != "elsewhere"]


def suffers(*faults: str) -> tuple[Plant, Faults, float]:
    """Have two faults begin together, and an appliance soon after."""
    plant = charging(chargers=2)
    switch = Faults(plant)
    began_s = plant.now_s
    plant.house = stepped((0, BASE_A), (began_s + 10, BASE_A + APPLIANCE_A))
    for fault in faults:
        switch.switch(fault, on=True)
    return plant, switch, began_s


@pytest.mark.parametrize(("meter", "charger"), TOGETHER)
def test_a_blind_meter_and_a_charger_that_does_as_it_likes(meter: str, charger: str) -> None:
    """SITE-5: the other goes to its safe current whatever the first one does; all of it heals."""
    plant, switch, began_s = suffers(f"meter {meter}", f"charger {charger}")
    plant.run(LASTS_S)
    assert plant.chargers[1].device_a == 6
    assert plant.over_s(began_s) <= SILENCE_S + REACTION_S
    switch.meter(None)
    switch.charger(charger, on=False)
    plant.house = constant(l1=BASE_A)
    plant.run(HEALS_S)
    assert plant.decision is not None
    assert plant.decision.alarms == ()
    assert sum(it.device_a for it in plant.chargers) >= 33
    assert starts(plant) <= 3


@pytest.mark.parametrize("charger", [it for it in CHARGER if it != "elsewhere"])
def test_the_other_charger_yields_for_one_that_does_as_it_likes(charger: str) -> None:
    """Promise 3: with a meter that sees, the cap holds whatever one of two chargers does."""
    plant, _, began_s = suffers(f"charger {charger}")
    plant.run(LASTS_S)
    assert plant.over_s(began_s) <= REACTION_S + SETTLE_S


@pytest.mark.parametrize("forgets", [False, True], ids=["stall", "SIGKILL"])
@pytest.mark.parametrize("after_s", [0.4, 1.2, 2.4])
def test_away_while_a_cut_is_on_its_way(after_s: float, forgets: bool) -> None:
    """SITE-5: gone for 30 s at full current in the middle of a cut, which is lost at that."""
    plant, _, _ = suffers()
    plant.run(10 + after_s)
    plant.chargers[0]._queue.clear()
    away(plant, 30)
    if forgets:
        plant.memory = Memory.initial()
    back_s = plant.now_s
    plant.run(60)
    assert plant.over_s(back_s) <= REACTION_S + SETTLE_S
    assert plant.true_a()[plant.spec.phases[0]] <= 40.5
    assert plant.decision is not None
    assert plant.decision.alarms == ()


@pytest.mark.parametrize("meter", ["frozen", "negative", "thousandth", "zero"])
def test_a_meter_that_lies_and_a_second_master(meter: str) -> None:
    """SITE-5: somebody sets one charger to 20 A every 20 s while the meter lies."""
    plant, switch, _ = suffers(f"meter {meter}")
    for _ in range(9):
        switch.charger("second master", on=True)
        plant.run(20)
    assert plant.decision is not None
    assert plant.decision.alarms
    assert plant.chargers[1].device_a == 6
