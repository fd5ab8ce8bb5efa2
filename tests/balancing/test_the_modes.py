"""What each mode makes of sun and house, figures included (LEK-7 to LEK-11)."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import FULL_A, JudgedHouse, inhabited, single_phase, stays
from tests.balancing.judge import MINIMUM_A, REACTION_S
from tests.integration.house import numbers, until

LIVELY = ("kettle", "oven", "shower")
VOLTAGE_V = 230.0
BASE_W = 400.0
MINIMUM_W = MINIMUM_A * VOLTAGE_V
CONTACTOR_SPARED_S = 120.0
"""Least time between a start and a stop by the sun."""
SLACK_W = 120.0
"""The base load wanders by 60 W, and voltage and power factor of the car are not nominal."""


async def test_disabled_sends_nothing_whatever_happens(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-7: no command of any kind, and the figures go on."""
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        await home.choose("disabled")
        home.judge.restart()

        home.switch(*LIVELY)
        await stays(lambda: home.car.current_a >= FULL_A, "the charger does as it likes", 5)
        home.em.inject({"silent": True})
        await asyncio.sleep(15)
        home.em.inject({"silent": False})
        home.charger.reboot()
        await asyncio.sleep(5)
        home.car.unplug()
        await asyncio.sleep(5)
        await until(lambda: home.value("mains_current_l1") > 60, "the house is shown")
        home.switch(*LIVELY, on=False)
        home.car.plug()
        await until(lambda: home.value("current_1", "garage") >= FULL_A, "the car is shown")
        mains_a = sum(home.simulation.home.mains_a().values())
        await until(
            lambda: home.value("mains_current_l1") == pytest.approx(mains_a, abs=1), "the mains"
        )
        hass.bus.async_fire("homeassistant_stop")
        await asyncio.sleep(5)

        assert home.judge.commands == []


@pytest.mark.parametrize("speed", [7.0], ids=[""])
async def test_power_takes_all_that_the_fuse_leaves(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-8, LEK-11: full use of the fuse; a pause when it is too little, and its end by itself."""
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        home.switch("load", power_w=4_600)
        await until(lambda: home.car.current_a < 19, "the car yields")
        await stays(lambda: 15 <= home.car.current_a <= 19, "20 A less 2 A of the house", 10)
        home.switch("load", on=False)
        await until(lambda: home.car.current_a >= FULL_A, "full power again", 60)

        home.switch("oven", "shower")
        await until(lambda: home.car.current_a == 0, "paused", 15)
        await home.becomes("sensor", "status", "paused_by_load_balancing", "garage")
        assert home.shows("sensor", "reason", "waiting_for_room", "garage")
        assert 40 in numbers(home.state("sensor", "explanation", "garage").state)
        starts = home.car.starts
        home.switch("oven", "shower", on=False)
        await until(lambda: home.car.current_a >= FULL_A, "resumed by itself", 120)

        assert home.car.starts == starts + 1
        home.judge.fuse_held()
        home.judge.orders_are_lawful()


@pytest.mark.parametrize("speed", [7.0], ids=[""])
async def test_hybrid_gives_the_whole_surplus_and_imports_the_minimum_at_most(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-9: at any sun the car has the whole amperes of the surplus, or the minimum."""
    async with inhabited(hass, monkeypatch, single_phase(), mode="hybrid") as home:
        await until(lambda: home.car.current_a == MINIMUM_A, "the minimum", 60)
        home.judge.restart()
        for surplus_a, given_a in ((-1.7, 6), (3.5, 6), (11.5, 11), (24.5, 24), (4.5, 6), (37, 32)):
            home.shine(sun_for(surplus_a))
            given = partial(draws, home, given_a)
            await until(given, f"{surplus_a} A", 60)
            await stays(given, f"{surplus_a} A", 8)
            assert home.judge.import_w() <= max(0, (MINIMUM_A - surplus_a) * VOLTAGE_V + SLACK_W)
            # What is left over is less than one ampere.
            assert given_a == 32 or home.judge.import_w() >= -VOLTAGE_V - SLACK_W

        assert home.car.starts == 1
        too_much_s = home.judge.longest_s(
            lambda it: it.import_w > max(0, it.import_without_cars_w) + MINIMUM_W + SLACK_W
        )
        assert too_much_s <= REACTION_S + home.judge.scribe.latest_s
        home.judge.orders_are_lawful()


def draws(home: JudgedHouse, current_a: float) -> bool:
    return home.car.current_a == current_a


def sun_for(surplus_a: float) -> float:
    """Return the sun that leaves this surplus beyond the base load."""
    return surplus_a * VOLTAGE_V + BASE_W


@pytest.mark.parametrize("speed", [10.0], ids=[""])
async def test_green_starts_follows_stops_and_starts_again(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-10: nothing below the minimum; what is missed starts it, what staying costs stops it."""
    loop = asyncio.get_running_loop()
    async with inhabited(hass, monkeypatch, single_phase(plugged=False), mode="green") as home:
        home.shine(sun_for(5.5))
        await until(lambda: home.offered_a == 0, "nothing stands ready", 30)
        home.car.plug()
        await stays(lambda: home.offered_a == 0, "less than the minimum", 40)
        assert home.shows("sensor", "reason", "waiting_for_surplus", "garage")

        home.shine(sun_for(17.5))
        started_s = await lasts(lambda: home.car.current_a > 0, "started")
        # Enough was missed before; the few seconds are those of meter and car.
        assert started_s <= 10
        began_s = loop.time()
        await until(lambda: home.car.current_a == 17, "all of it", 60)
        home.shine(sun_for(26.5))
        await until(lambda: home.car.current_a == 26, "followed", 60)
        assert home.shows("sensor", "reason", "surplus", "garage")

        home.shine(0)
        await until(lambda: home.car.current_a == MINIMUM_A, "a cloud", 15)
        await stays(lambda: home.car.current_a == MINIMUM_A, "the cloud is bridged", 15)
        home.shine(sun_for(26.5))
        await until(lambda: home.car.current_a == 26, "the cloud is gone", 60)
        await asyncio.sleep(max(0.0, began_s + CONTACTOR_SPARED_S - loop.time()))

        home.shine(0)
        stopped_s = await lasts(lambda: home.car.current_a == 0, "stopped")
        # Up to 16 Wh of 0.8 kW, less the longer the sun is away.
        assert 35 <= stopped_s <= 80
        home.shine(sun_for(17.5))
        again_s = await lasts(lambda: home.car.current_a == 17, "the sun is back")
        assert CONTACTOR_SPARED_S - 8 <= again_s <= CONTACTOR_SPARED_S + 30

        assert home.car.starts == 2
        home.judge.orders_are_lawful()


async def lasts(condition: Callable[[], object], what: str) -> float:
    """Return the seconds until ``condition`` holds."""
    loop = asyncio.get_running_loop()
    before_s = loop.time()
    await until(condition, what, 240)
    return loop.time() - before_s
