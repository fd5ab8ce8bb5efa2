"""Faults that begin in the middle of a charge, with every word about them (SITE-5, SITE-6)."""

import asyncio
from functools import partial
import time
from typing import Any

import pytest

from custom_components.evse_suite.control import trials
from homeassistant.core import HomeAssistant
from tests.balancing.homes import (
    FULL_A,
    JudgedHouse,
    Scenario,
    inhabited,
    listen,
    side_by_side,
    single_phase,
)
from tests.balancing.judge import MINIMUM_A, REACTION_S
from tests.balancing.test_figures_that_lie import bend, is_found, is_mended
from tests.integration.house import until

LOAD_W = 20 * 230.0
LEFT_A = 19
TRIAL_AFTER_S = 20.0
SAFE_WITHIN_S = 15.0
"""Until the car has followed: silence is known after 8 s."""


async def turns_round(home: JudgedHouse, gain: float, event: str, issue: str) -> None:
    """Have the meter show something else from one reading to the next, as a car charges."""
    await home.charges_fully()
    await asyncio.sleep(20)
    fired = listen(home)
    bend(home, gain)
    await is_found(home, fired, event, issue)
    assert home.car.starts == 1
    home.judge.fuse_held()
    bend(home, 1.0)
    await is_mended(home, fired, event, issue)


async def is_lost(home: JudgedHouse, gain: float | None) -> None:
    """Have the meter silent, or show a thousand times what flows, and tell of it once.

    A driver takes no such reading for one.
    """
    event = "meter_silent"
    await home.charges_fully()
    fired = listen(home)
    if gain is None:
        home.em.inject({"silent": True})
    else:
        bend(home, gain)
    await until(lambda: home.car.current_a <= MINIMUM_A, "safe", SAFE_WITHIN_S)
    await until(lambda: home.issue(event), f"{event} is told", 40)
    assert home.state("event", "alarm").attributes["subject"] == "mains"
    home.em.inject({"silent": False})
    bend(home, 1.0)
    await until(lambda: home.car.current_a >= FULL_A, "full power again", 90)
    await until(lambda: not home.issue(event), f"{event} is over", 60)
    await until(lambda: fired == [event, "meter_restored"], f"restored, not {fired}", 20)
    assert home.car.starts == 1


async def blinks(home: JudgedHouse) -> None:
    """Have the meter away for 20 s and there for 20 s: told at the beginning and at the end."""
    await home.charges_fully()
    fired = listen(home)
    for _ in range(4):
        home.em.inject({"silent": True})
        await asyncio.sleep(20)
        home.em.inject({"silent": False})
        await asyncio.sleep(20)
    assert fired == ["meter_silent"]
    assert len(home.judge.orders) <= 3, home.judge.orders
    assert home.car.starts == 1
    await until(lambda: home.car.current_a >= FULL_A, "full power again", 150)
    await until(lambda: fired == ["meter_silent", "meter_restored"], f"told {fired}", 60)
    home.judge.fuse_held()


async def has_a_master_that_wants_too_much(home: JudgedHouse) -> None:
    """Have somebody else set what the fuse does not carry: it is set back without patience."""
    await home.charges_fully()
    home.switch("load", power_w=LOAD_W)
    await until(lambda: home.car.current_a <= LEFT_A, "cut", 20)
    await asyncio.sleep(15)
    home.judge.restart()
    fired = listen(home)
    for _ in range(6):
        home.charger.point.dynamic_current_a = 32
        await asyncio.sleep(16)
    home.judge.fuse_held(REACTION_S + 5)
    # One that goes back to 32 A every 16 s does not do what it is told, either.
    assert fired.count("overruled") == 1
    assert set(fired) <= {"overruled", "not_following"}
    assert home.issue("charger_overruled")
    assert len(home.judge.orders) <= 6 * 3
    home.judge.orders_are_lawful()


async def test_faults_in_the_middle_of_a_charge(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, SITE-6, IND-9: noticed, safe, told once by event and repair, over by itself."""
    monkeypatch.setattr(trials, "TRIAL_AFTER_S", TRIAL_AFTER_S)
    turned = partial(turns_round, gain=-1.0, event="meter_reversed", issue="clamp_reversed")
    lost_unit = partial(turns_round, gain=0.001, event="meter_blind", issue="clamp_blind")
    scenes: dict[str, Scenario] = {
        "negative": turned,
        "thousandth": lost_unit,
        "thousandfold": partial(is_lost, gain=1000.0),
        "silent": partial(is_lost, gain=None),
        "blinks": blinks,
        "second master": has_a_master_that_wants_too_much,
    }
    plays: dict[str, tuple[dict[str, Any], Scenario]] = {
        name: (single_phase(60 + number), scene)
        for number, (name, scene) in enumerate(scenes.items())
    }
    await side_by_side(hass, monkeypatch, plays)


async def test_home_assistant_stands_still_while_the_fuse_is_overloaded(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    """SITE-5: for 30 s nobody can do anything; the first reading afterwards cuts."""
    async with inhabited(hass, monkeypatch, single_phase(70)) as home:
        await home.charges_fully()
        home.switch("load", power_w=LOAD_W)
        time.sleep(30 / speed)  # noqa: ASYNC251 - the fault that is tested
        await asyncio.sleep(0.5)
        home.judge.restart()
        await until(lambda: home.car.current_a <= LEFT_A, "cut", REACTION_S + 3)
        await asyncio.sleep(10)
        home.judge.fuse_held(REACTION_S + 3)
        assert home.car.starts == 1
