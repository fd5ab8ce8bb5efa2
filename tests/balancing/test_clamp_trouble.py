"""Clamps that lie and a second master, through Home Assistant (SITE-5, SITE-6, IND-9)."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from custom_components.evse_suite.control import follow, trials
from homeassistant.core import HomeAssistant
from tests.balancing.homes import (
    FULL_A,
    JudgedHouse,
    Scenario,
    listen,
    side_by_side,
    single_phase,
)
from tests.balancing.judge import MINIMUM_A
from tests.integration.house import until

TOLD_WITHIN_S = 60.0
TRIAL_AFTER_S = 20.0
MASTER_FORGOTTEN_S = 40.0


def mend(home: JudgedHouse) -> None:
    """Have the only clamp of the mains meter fitted as it should be."""
    (clamp,) = home.simulation.home.clamps
    clamp.errors = replace(clamp.errors, gain=1.0, reversed=False)


async def starts_on_a_bad_clamp(home: JudgedHouse, event: str, issue: str) -> None:
    """Find it at the first start of a car, be safe until it is mended, then go on."""
    fired = listen(home)
    await asyncio.sleep(30)
    home.car.plug()
    await until(lambda: home.issue(issue), f"{issue} is told", TOLD_WITHIN_S)
    await until(lambda: home.car.current_a <= MINIMUM_A, "safe", 15)
    assert home.shows("binary_sensor", "meter_problem", "on")
    assert fired == [event]

    mend(home)
    await until(lambda: home.car.current_a >= FULL_A, "full power again", TRIAL_AFTER_S + 150)
    await until(lambda: not home.issue(issue), f"{issue} is over", 60)
    await until(lambda: fired == [event, "meter_restored"], f"restored, not {fired}", 20)


async def has_a_second_master(home: JudgedHouse) -> None:
    """Tell a person, hold the fuse, and do not fight faster than a bound."""
    fired = listen(home)
    await home.charges_fully()
    home.switch("load", power_w=20 * 230.0)
    await until(lambda: home.car.current_a <= 19, "cut", 20)
    await asyncio.sleep(12)
    home.judge.restart()
    for _ in range(5):
        home.charger.point.dynamic_current_a = 8
        await asyncio.sleep(12)
    assert home.issue("charger_overruled")
    assert home.state("event", "alarm").attributes["subject"] == "garage"
    assert len(home.judge.orders) <= 6
    home.judge.fuse_held()
    await until(lambda: not home.issue("charger_overruled"), "over", MASTER_FORGOTTEN_S + 120)
    await until(lambda: home.offered_a > 12, "as it was", 30)
    await until(lambda: fired[-1] == "charger_restored", f"restored, not {fired}", 20)
    assert fired.count("overruled") == 1


async def test_bad_clamps_and_a_second_master(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, IND-9, promises 1 and 3."""
    monkeypatch.setattr(trials, "TRIAL_AFTER_S", TRIAL_AFTER_S)
    monkeypatch.setattr(follow, "OVERRULED_FOR_S", MASTER_FORGOTTEN_S)
    clamps = {
        "reversed": ({"reversed": True}, "meter_reversed", "clamp_reversed"),
        "half": ({"gain": 0.5}, "meter_scaled", "clamp_scaled"),
        "kilo": ({"gain": 0.001}, "meter_blind", "clamp_blind"),
    }
    plays: dict[str, tuple[dict[str, Any], Scenario]] = {}
    for number, (name, (errors, event, issue)) in enumerate(clamps.items()):
        layout = single_phase(number, plugged=False)
        layout["meters"]["mains"]["channels"][0] |= errors
        plays[name] = layout, partial(starts_on_a_bad_clamp, event=event, issue=issue)
    plays["second master"] = single_phase(len(clamps)), has_a_second_master
    await side_by_side(hass, monkeypatch, plays)
