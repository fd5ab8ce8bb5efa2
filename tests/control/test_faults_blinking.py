"""Faults that come and go: bounded commands and tellings, no storm of starts (SITE-5, SITE-6)."""

from collections import Counter
import itertools

import pytest

from custom_components.evse_suite.control.model import Phase
from tests.control.faults import EVERY, REACTION_S, Faults, charging, starts, tellings
from tests.control.plant import L1, Plant

LASTS_S = 600.0
HEALS_S = 1500.0
APPLIANCE_A, APPLIANCE_S = 18.0, 45.0
SETTLE_S = 8.0
FAULTS = [it for it in EVERY if it != "charger elsewhere"]
"""That one needs a second phase."""
LOST_S = {
    **dict.fromkeys(("silent", "nan", "absurd", "thousandfold", "backwards"), SETTLE_S),
    **dict.fromkeys(("frozen", "negative", "thousandth", "zero"), APPLIANCE_S),
    "leaps": 0.0,
}
"""Nobody sees an appliance start for so long, at the most as long as the fault lasts."""
DEAF_S = {
    **dict.fromkeys(("silent", "refuses", "ignores"), APPLIANCE_S),
    "takes more": 2 * SETTLE_S,
    "restarts": 0.0,
    "second master": 0.0,
}
"""The only charger cannot be turned down, or does not count at what it draws, for so long: it has
to settle after the last cut that a restless house makes."""


def restless(now_s: float) -> dict[Phase, float]:
    """Have an appliance go on and off that leaves half of what the car would take."""
    return {L1: 5.0 + (APPLIANCE_A if int(now_s // APPLIANCE_S) % 2 else 0.0)}


def blinks(fault: str, half_s: float) -> tuple[Plant, Faults]:
    """Have a fault for some seconds, not for as many, and so on for ten minutes."""
    plant = charging(restless)
    faults = Faults(plant)
    plant.commands.clear()
    for number in range(int(LASTS_S / half_s)):
        faults.switch(fault, on=number % 2 == 0)
        plant.run(half_s)
    faults.switch(fault, on=False)
    return plant, faults


@pytest.mark.parametrize("half_s", [2.0, 5.0, 20.0, 60.0])
@pytest.mark.parametrize("fault", FAULTS)
def test_nobody_follows_the_blinking(fault: str, half_s: float) -> None:
    """SITE-5, SITE-6: the house alone gives cause for 14 changes of the current in this time."""
    plant, _ = blinks(fault, half_s)
    kind, _, name = fault.partition(" ")
    blind_s = LOST_S[name] if kind == "meter" else DEAF_S[name]
    assert plant.over_s(plant.log[0][0] + 60) <= min(blind_s, half_s + SETTLE_S) + REACTION_S + 1
    assert starts(plant) <= 3
    assert len(plant.commands) <= LASTS_S / 4 + 40
    told = Counter((kind, subject) for kind, subject, _ in tellings(plant))
    assert all(times <= 3 for times in told.values()), told


@pytest.mark.parametrize("fault", FAULTS)
def test_what_blinked_heals_by_itself(fault: str) -> None:
    """SITE-5: nothing is left of it a while after it came for the last time."""
    plant, _ = blinks(fault, 20.0)
    plant.house = lambda _: {L1: 5.0}
    plant.run(HEALS_S)
    assert plant.decision is not None
    assert plant.decision.alarms == ()
    assert plant.chargers[0].device_a == 32


def test_what_comes_again_and_again_is_gone_for_longer_until_it_is_over() -> None:
    """SITE-6: 30 s at first, twice as long every time; new again after a quarter of an hour."""
    plant = charging()
    faults = Faults(plant)
    over_s = []
    for _ in range(4):
        faults.meter("silent")
        plant.run(15)
        faults.meter(None)
        ended_s = plant.now_s
        while plant.decision and plant.decision.alarms:
            plant.run(1)
        over_s.append(plant.now_s - ended_s)
    assert over_s[0] == pytest.approx(32, abs=2)
    assert all(after > before + 30 for before, after in itertools.pairwise(over_s))
    plant.run(900)
    faults.meter("silent")
    plant.run(15)
    faults.meter(None)
    plant.run(35)
    assert plant.decision is not None
    assert plant.decision.alarms == ()
