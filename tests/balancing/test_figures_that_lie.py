"""A meter that answers, and not with the truth; a command that does nothing (SITE-5, IND-9)."""

import asyncio
from dataclasses import replace
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
    stays,
)
from tests.balancing.judge import MINIMUM_A, REACTION_S
from tests.balancing.test_the_phases import gets, several_phases
from tests.integration.house import until

VOLTAGE_V = 230.0
FOUND_WITHIN_S = 120.0
TRIAL_AFTER_S = 20.0
COMMAND_TIMEOUT_S = 3.0
COLLAR_A = 60.0
RATING_A = 80.0
"""A generator's, as long as nobody tells (DER-14)."""

pytestmark = pytest.mark.parametrize("speed", [7.0], ids=[""])


def bend(home: JudgedHouse, gain: float) -> None:
    """Have every clamp of the mains show this many times what flows."""
    for clamp in home.simulation.home.clamps:
        clamp.errors = replace(clamp.errors, gain=gain)


def exchange(home: JudgedHouse) -> None:
    """Exchange the first two clamps of the mains, with their voltages."""
    one, two, *_ = home.simulation.home.clamps
    one.current, two.current = two.current, one.current
    one.voltage, two.voltage = two.voltage, one.voltage


async def is_found(home: JudgedHouse, fired: list[str], event: str, issue: str) -> None:
    """See a lie found once, named, told and answered by the safe current."""
    await until(lambda: home.issue(issue), f"{issue} is told", FOUND_WITHIN_S)
    await until(lambda: home.car.current_a <= MINIMUM_A, "safe", 15)
    assert home.shows("binary_sensor", "meter_problem", "on")
    assert home.shows("sensor", "reason", "meter_silent", "garage")
    await until(lambda: fired, f"{event} is fired", 10)
    assert fired == [event]


async def is_mended(home: JudgedHouse, fired: list[str], event: str, issue: str) -> None:
    """See everything as before, by itself, and told once."""
    await until(lambda: home.car.current_a >= 22, "trusted again", TRIAL_AFTER_S + 150)
    await until(lambda: not home.issue(issue), f"{issue} is over", 60)
    await until(lambda: fired == [event, "meter_restored"], f"restored, not {fired}", 20)
    await home.becomes("binary_sensor", "meter_problem", "off")


async def shows_twice(home: JudgedHouse) -> None:
    """Be cautious from the first second on, and find the clamp out at the first start."""
    fired = listen(home)
    bend(home, 2.0)
    await asyncio.sleep(30)
    home.car.plug()
    await is_found(home, fired, "meter_scaled", "clamp_scaled")
    home.judge.fuse_held()
    bend(home, 1.0)
    await is_mended(home, fired, "meter_scaled", "clamp_scaled")


async def shows_nine_tenths(home: JudgedHouse) -> None:
    """Find out a tenth as well, before it makes the fuse carry more for long."""
    fired = listen(home)
    bend(home, 0.9)
    await asyncio.sleep(30)
    home.car.plug()
    await is_found(home, fired, "meter_scaled", "clamp_scaled")
    bend(home, 1.0)
    await is_mended(home, fired, "meter_scaled", "clamp_scaled")


async def flows_on_another_phase(home: JudgedHouse) -> None:
    """Find that what should flow on L1 flows on L2, until somebody exchanges the clamps."""
    fired = listen(home)
    exchange(home)
    await asyncio.sleep(30)
    home.car.plug()
    await is_found(home, fired, "wrong_phase", "wrong_phase")
    exchange(home)
    await is_mended(home, fired, "wrong_phase", "wrong_phase")


async def test_clamps_that_show_too_much_too_little_or_another_phase(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-2, SITE-5, IND-9: found at the first start, told once, believed again when mended."""
    monkeypatch.setattr(trials, "TRIAL_AFTER_S", TRIAL_AFTER_S)
    three = several_phases(32, "three", "lektrico_1p7k", ["L1"])
    three["cars"]["car"] |= {"plugged": False, "lines": 1}
    plays: dict[str, tuple[dict[str, Any], Scenario]] = {
        "twice": (single_phase(30, plugged=False), shows_twice),
        "nine tenths": (single_phase(31, plugged=False), shows_nine_tenths),
        "another phase": (three, flows_on_another_phase),
    }
    await side_by_side(hass, monkeypatch, plays)


async def spike(home: JudgedHouse, gain: float) -> None:
    """Have exactly one reading of the mains show this many times what flows."""
    mains = home.site.mains
    assert mains is not None
    seen_a: list[float] = []

    def mend() -> None:
        assert mains.reading is not None
        current_a = mains.reading.channels[0].current_a or 0.0
        if current_a > 2 * FULL_A:
            seen_a.append(current_a)
            bend(home, 1.0)

    stop = mains.add_listener(mend)
    bend(home, gain)
    await until(lambda: seen_a, "a spike", 5)
    await asyncio.sleep(3)
    stop()
    assert len(seen_a) == 1


async def shows_a_spike(home: JudgedHouse) -> None:
    """Take one reading beyond what a fuse carries for a spike, and one beyond reason for none."""
    await home.charges_fully()
    fired = listen(home)
    for gain in (8.0, 25.0):
        await spike(home, gain)
        await asyncio.sleep(6)
    assert home.judge.orders == []
    assert fired == []


async def loses_a_command(home: JudgedHouse) -> None:
    """Tell it again what it acknowledged and did not do, without a word to a person."""
    await home.charges_fully()
    fired = listen(home)
    home.charger.faults.ignore_commands = True
    home.switch("load", power_w=20 * VOLTAGE_V)
    await until(lambda: home.judge.orders, "told", 10)
    home.charger.faults.ignore_commands = False
    await gets(home, 16, 19)
    home.judge.fuse_held(2 * REACTION_S + COMMAND_TIMEOUT_S)
    home.judge.orders_are_lawful()
    assert fired == []
    assert not home.issue("charger_not_following")


async def freezes_as_the_car_goes(home: JudgedHouse) -> None:
    """Find out a meter that stands still in the second in which the car leaves."""
    await home.charges_fully()
    # What was surely drawn before is known once the rise is over for a while.
    await asyncio.sleep(8)
    fired = listen(home)
    home.em.inject({"frozen": True})
    home.car.unplug()
    await until(lambda: home.issue("meter_implausible"), "told", 60)
    assert home.shows("binary_sensor", "meter_problem", "on")
    home.car.plug()
    await stays(lambda: home.car.current_a <= MINIMUM_A, "not believed", 15)
    assert fired == ["meter_implausible"]

    home.em.inject({"frozen": False})
    await until(lambda: home.car.current_a >= FULL_A, "full power again", 90)
    await until(lambda: not home.issue("meter_implausible"), "over", 60)
    await until(lambda: fired == ["meter_implausible", "meter_restored"], f"told {fired}", 30)
    home.judge.fuse_held()


async def test_spikes_lost_commands_and_a_meter_that_freezes(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, promises 2 and 3: what passes is not told, what lasts is told once."""
    plays: dict[str, tuple[dict[str, Any], Scenario]] = {
        "spike": (single_phase(40), shows_a_spike),
        "lost command": (single_phase(41), loses_a_command),
        "frozen": (single_phase(42), freezes_as_the_car_goes),
    }
    await side_by_side(hass, monkeypatch, plays)


def with_roof(number: int) -> dict[str, Any]:
    """Describe a house whose roof has a meter of its own, behind the clamps of the mains."""
    layout = single_phase(number, fuse_a=100)
    layout["meters"]["roof"] = layout["meters"]["mains"] | {
        "serial": 820100 + number,
        "channels": [{"place": "sun", "phase": "L1"}],
    }
    return layout


async def test_a_generator_behind_the_clamps(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DER-14, DER-15, promise 2: the collar carries grid and sun; a silent one gives its most."""
    async with inhabited(
        hass,
        monkeypatch,
        with_roof(50),
        settings={"roof": {"role": "generator", "phases": ["l1"]}},
        limits={"collar": {"kind": "collar", "limit_a": COLLAR_A}},
        site={"generator": "load"},
    ) as home:
        home.shine(7000)
        await home.charges_fully()
        # 7 kW of sun feed the house; the grid brings the rest to the car through the same collar.
        home.switch("load", power_w=40 * VOLTAGE_V)
        await gets(home, COLLAR_A - 40 - 2 - 3, COLLAR_A - 40 - 1)
        assert home.shows("sensor", "binding_cap", "collar", "garage")
        home.judge.orders_are_lawful()
        home.switch("load", on=False)
        await home.charges_fully()

        home.device("roof").inject({"silent": True})
        await until(lambda: home.car.current_a == 0, f"{RATING_A:g} A fill the collar", 60)
        assert home.shows("sensor", "binding_cap", "collar", "garage")
        home.device("roof").inject({"silent": False})
        await until(lambda: home.car.current_a >= FULL_A, "full power again", 90)
        home.judge.fuse_held()
