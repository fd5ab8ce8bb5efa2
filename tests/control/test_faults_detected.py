"""Every fault in the middle of a charge: noticed in the stated time, safe, healed (SITE-5).

The times are those of docs/troubleshooting.md. The house is calm; 10 s after the fault an
appliance starts that leaves half of what the car would take, where that shows the fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, Reason
from custom_components.evse_suite.control.memory import Memory
from tests.control.faults import (
    BASE_A,
    EVERY,
    REACTION_S,
    Faults,
    away,
    charging,
    first_told_s,
    tellings,
)
from tests.control.plant import Plant, constant, stepped

APPLIANCE_A, APPLIANCE_AFTER_S = 18.0, 10.0
LASTS_S = 180.0
HEALS_S = 1500.0
SAFE_A = 6
SETTLE_S = 8.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is promised of one fault."""

    told: AlarmKind | None
    within_s: float
    over_s: float
    """The longest overload of the whole time."""
    left_a: int = SAFE_A
    """What the charger is left at while the fault lasts."""
    reason: Reason = Reason.METER_SILENT
    appliance: bool = True


STUCK = LASTS_S
"""The only charger cannot be told: the fuse has to wait until it falls back by itself."""
TOLD_A = 16
"""What the appliance leaves."""
SILENT = Case(told=AlarmKind.METER_SILENT, within_s=10, over_s=REACTION_S)
NONSENSE = Case(told=AlarmKind.METER_IMPLAUSIBLE, within_s=11, over_s=REACTION_S)
BLIND = Case(told=AlarmKind.METER_BLIND, within_s=30, over_s=10)
DEAF = Case(
    told=AlarmKind.NOT_FOLLOWING,
    within_s=APPLIANCE_AFTER_S + 15,
    over_s=STUCK,
    left_a=32,
    reason=Reason.NOT_FOLLOWING,
)
HARMLESS = Case(told=None, within_s=0, over_s=REACTION_S, left_a=TOLD_A, reason=Reason.FUSE_LIMIT)
CASES: Mapping[str, Case] = {
    "meter silent": SILENT,
    "meter backwards": SILENT,
    "meter nan": NONSENSE,
    "meter absurd": NONSENSE,
    "meter thousandfold": NONSENSE,
    "meter thousandth": BLIND,
    "meter zero": BLIND,
    "meter negative": replace(BLIND, told=AlarmKind.METER_REVERSED, appliance=False),
    "meter frozen": replace(NONSENSE, within_s=125, over_s=120),
    "meter leaps": Case(
        told=AlarmKind.HOUSE_OVERLOAD,
        within_s=21,
        over_s=0,
        left_a=0,
        reason=Reason.WAITING_FOR_ROOM,
    ),
    "charger silent": replace(
        DEAF, told=AlarmKind.CHARGER_SILENT, within_s=20, reason=Reason.CHARGER_SILENT
    ),
    "charger refuses": DEAF,
    "charger ignores": DEAF,
    "charger takes more": replace(
        DEAF, within_s=30, over_s=SETTLE_S + REACTION_S, left_a=0, appliance=False
    ),
    "charger restarts": HARMLESS,
    "charger second master": HARMLESS,
}
"""A charger on another phase than was entered shows when a car starts: test_faults_clamps.py."""


def test_no_fault_is_left_out() -> None:
    assert {*CASES, "charger elsewhere"} == set(EVERY)


def suffers(fault: str) -> tuple[Plant, Faults, float]:
    """Have a fault begin in the middle of a charge; return when."""
    plant = charging()
    faults = Faults(plant)
    # A meter is known to be lively after some minutes only.
    plant.run(240 if fault == "meter frozen" else 5)
    began_s = plant.now_s
    if CASES[fault].appliance:
        plant.house = stepped((0, BASE_A), (began_s + APPLIANCE_AFTER_S, BASE_A + APPLIANCE_A))
    faults.switch(fault, on=True)
    plant.run(LASTS_S)
    return plant, faults, began_s


@pytest.mark.parametrize("fault", CASES)
def test_in_the_middle_of_a_charge(fault: str) -> None:
    """SITE-5, promises 1 to 3: told in time and once, safe meanwhile, as before when it is over."""
    case = CASES[fault]
    plant, faults, began_s = suffers(fault)
    assert plant.decision is not None
    told = first_told_s(plant, began_s)
    expected = set() if case.told is None else {case.told}
    assert told.keys() - {AlarmKind.OVERLOAD} == expected
    assert all(told[kind] <= case.within_s for kind in expected)
    assert plant.over_s(began_s) <= case.over_s
    assert plant.chargers[0].device_a == case.left_a
    assert plant.decision.chargers[0].reason is case.reason

    faults.switch(fault, on=False)
    plant.house = constant(l1=BASE_A)
    ended_s = plant.now_s
    plant.run(HEALS_S)
    assert plant.decision.alarms == ()
    assert plant.chargers[0].device_a == 32
    assert len(plant.changes(ended_s)) <= 12
    assert len([it for it in tellings(plant) if it[0] is case.told]) <= 1


@pytest.mark.parametrize("fault", ["meter negative", "meter thousandth"])
def test_a_meter_that_changes_while_home_assistant_is_away(fault: str) -> None:
    """SITE-5: killed at full current, and the meter lies when it is back: one check tells."""
    plant = charging()
    faults = Faults(plant)
    faults.switch(fault, on=True)
    away(plant, 30)
    plant.memory = Memory.initial()
    began_s = plant.now_s
    plant.run(60)
    told = first_told_s(plant, began_s)
    assert told.keys() == {CASES[fault].told}
    assert min(told.values()) <= 35
    assert plant.chargers[0].device_a == SAFE_A


def test_a_house_that_does_the_same_by_chance_costs_one_check() -> None:
    """IND-9: the sun takes over at once all that the mains delivered; nobody is accused."""
    plant = charging()
    began_s = plant.now_s
    plant.house = stepped((0, BASE_A), (began_s + 5, -69.0))
    plant.run(300)
    assert first_told_s(plant, 0) == {}
    reasons = [it.chargers[0].reason for it in plant.decisions if it.time_s > began_s]
    assert Reason.METER_CHECK in reasons
    assert [a for _, a in plant.changes(began_s)] == [6, 32]


def test_nothing_is_raised_while_a_leap_is_not_explained() -> None:
    """Promise 1: what would be room for 16 A more is none until the meter has proved it."""
    plant = charging(stepped((0, 19.0)))
    assert 20 <= plant.chargers[0].device_a <= 21
    faults = Faults(plant)
    plant.run(5)
    faults.meter("thousandth")
    plant.run(120)
    assert max(plant.chargers[0].device_a, *[a for _, a in plant.changes()]) <= 21
    assert plant.over_s() <= REACTION_S
