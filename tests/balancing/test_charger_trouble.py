"""The charger or its car does not do what it is told (SITE-5, promise 3)."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.evse_suite.control import follow
from homeassistant.core import HomeAssistant
from tests.balancing.homes import (
    FULL_A,
    JudgedHouse,
    inhabited,
    listen,
    settles,
    side_by_side,
    single_phase,
)
from tests.balancing.judge import REACTION_S
from tests.integration.house import until

LOAD_W = 20 * 230.0
LEFT_A = 19
"""What a load of 20 A leaves of 40 A."""
HELD_FOR_S = 45.0
COMMAND_TIMEOUT_S = 3.0
AFTER_RESTART_S = 10.0
"""A restarted charger is found again by the poll, and the car follows."""


async def refuses_for_a_while(home: JudgedHouse) -> None:
    """Ask again until it gets through, then have it followed at once."""
    await home.charges_fully()
    fired = listen(home)
    home.charger.faults.refuse_commands = True
    home.switch("load", power_w=LOAD_W)
    await asyncio.sleep(12)
    assert home.car.current_a >= FULL_A
    asked = len(home.judge.orders)
    assert 4 <= asked <= 8
    assert home.shows("binary_sensor", "overload", "on")

    await until(lambda: home.issue("charger_not_following"), "told", 30)
    assert home.shows("sensor", "reason", "not_following", "garage")
    assert "not_following" in fired

    home.charger.faults.clear()
    await until(lambda: home.car.current_a <= LEFT_A, "followed", follow.RETRY_LATER_S + 5)
    await until(lambda: not home.issue("charger_not_following"), "over", 60)
    home.switch("load", on=False)
    await until(lambda: home.car.current_a >= FULL_A, "full power again", 90)
    await until(lambda: "charger_restored" in fired, f"restored, not {fired}", 40)
    assert fired.count("not_following") == fired.count("charger_restored") == 1
    home.judge.orders_are_lawful()


async def acknowledges_and_ignores(home: JudgedHouse) -> None:
    """Tell it twice more, then to pause, then tell a person; take it back when it obeys."""
    await home.charges_fully()
    home.charger.faults.ignore_commands = True
    home.switch("load", power_w=LOAD_W)
    await until(lambda: home.issue("charger_not_following"), "told", 60)
    assert home.shows("sensor", "reason", "not_following", "garage")
    assert "does not do what it is told" in home.state("sensor", "explanation", "garage").state
    # The person hears of it in the cycle that pauses it.
    await until(lambda: home.judge.orders[-1].current_a == 0, "told to pause", 3)
    told_a = [order.current_a for order in home.judge.orders]
    assert len(told_a) <= 8, told_a

    home.charger.faults.clear()
    await until(lambda: home.car.current_a == 0, "paused at the next reminder", 25)
    home.switch("load", on=False)
    await until(lambda: home.car.current_a >= FULL_A, "trusted again", HELD_FOR_S + 120)
    await until(lambda: not home.issue("charger_not_following"), "over", 60)


async def has_a_car_that_disobeys(home: JudgedHouse) -> None:
    """Open the contactor on a car that takes what it likes."""
    await home.charges_fully()
    kind = home.car.kind
    home.car.kind = replace(kind, obeys=False)
    home.switch("load", power_w=LOAD_W)
    await until(lambda: home.issue("charger_not_following"), "told", 60)
    await until(lambda: home.car.current_a == 0, "the contactor has opened", 15)
    assert home.shows("sensor", "reason", "not_following", "garage")

    home.car.kind = kind
    home.switch("load", on=False)
    await until(lambda: home.car.current_a >= FULL_A, "trusted again", HELD_FOR_S + 120)
    await until(lambda: not home.issue("charger_not_following"), "over", 60)
    home.judge.orders_are_lawful()


async def restarts(home: JudgedHouse) -> None:
    """Tell it its current again: after its restart it would allow 32 A."""
    home.switch("load", power_w=LOAD_W)
    await settles(lambda: LEFT_A - 4 <= home.car.current_a <= LEFT_A, "its share")
    home.judge.restart()
    home.charger.reboot()
    await until(lambda: home.charger.booting, "gone", 2)
    await until(lambda: 0 < home.car.current_a <= LEFT_A, "charging again", 60)
    await settles(lambda: LEFT_A - 4 <= home.car.current_a <= LEFT_A, "its share again")
    home.judge.fuse_held(AFTER_RESTART_S)
    home.judge.orders_are_lawful()


async def test_the_charger_does_as_it_likes(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, promise 3: refused, ignored, forgotten; and a car that disobeys."""
    monkeypatch.setattr(follow, "REFUSED_FOR_S", HELD_FOR_S)
    layouts = [single_phase(number) for number in range(4)]
    plays = {
        "refuses": (layouts[0], refuses_for_a_while),
        "ignores": (layouts[1], acknowledges_and_ignores),
        "disobedient car": (layouts[2], has_a_car_that_disobeys),
        "restarts": (layouts[3], restarts),
    }
    await side_by_side(hass, monkeypatch, plays)


async def test_another_charger_yields_for_one_that_hangs(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, SITE-3, promise 3: who does not answer counts at what it draws."""
    both = single_phase(chargers=("garage", "drive"))
    async with inhabited(hass, monkeypatch, both) as home:
        await settles(lambda: min(drawn_a(home)) >= 17, "halves")
        home.judge.restart()
        before_a = home.car_of("garage").current_a
        home.charger_named("garage").inject({"hang": True})
        home.switch("load", power_w=10 * 230)
        await asyncio.sleep(20)
        assert home.car_of("garage").current_a == before_a
        home.judge.fuse_held(REACTION_S + COMMAND_TIMEOUT_S)
        await home.becomes("sensor", "reason", "charger_silent", "garage")
        await until(lambda: home.issue("device_unreachable"), "told", 90)

        home.charger_named("garage").inject({"hang": False})
        home.switch("load", on=False)
        # A start after a pause waits for twice as long as the one before.
        await settles(lambda: min(drawn_a(home)) >= 17, "halves again", within_s=120)
        await until(lambda: not home.issue("device_unreachable"), "over", 60)
        home.judge.orders_are_lawful()


def drawn_a(home: JudgedHouse) -> tuple[float, float]:
    return home.car_of("garage").current_a, home.car_of("drive").current_a
