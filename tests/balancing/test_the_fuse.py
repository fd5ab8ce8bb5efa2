"""The fuse under appliances and changes of mode: held in every mode (SITE-1, SITE-4)."""

import asyncio
from functools import partial
from random import Random

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import JudgedHouse, settles, side_by_side, single_phase
from tests.balancing.judge import MINIMUM_A
from tests.integration.house import until

WALK_S = 120.0
GUARDED = ("power", "hybrid", "green")
CHOICES = ("power", *GUARDED)

pytestmark = pytest.mark.parametrize("speed", [7.0], ids=[""])


async def an_evening(home: JudgedHouse, mode: str) -> None:
    """Have kettle, oven and shower one after the other, all together, and all gone."""
    home.shine(9_000 if mode != "power" else 0)
    await until(lambda: home.car.current_a >= 31, "full power", 60)
    await home.choose(mode)
    await asyncio.sleep(4)
    home.judge.restart()
    home.switch("kettle")
    await asyncio.sleep(1.5)
    home.switch("oven")
    if mode == "power":
        await settles(lambda: 23 <= home.car.current_a <= 26, "50 A less 24 A of the house", 4)
    home.switch("shower")
    await asyncio.sleep(8)
    # 2 A of base, 12 A, 10 A and 40 A less the sun.
    left_a = 50 - home.judge.scribe.moments[-1].without_cars_a[home.phase]
    expected_a = 0 if mode == "power" else MINIMUM_A
    assert (left_a < 0) if mode == "power" else (left_a >= MINIMUM_A)
    await until(lambda: home.car.current_a == expected_a, "as much as is left", 20)
    for appliance in ("shower", "oven", "kettle"):
        home.switch(appliance, on=False)
        await asyncio.sleep(1.5)
    await until(lambda: home.car.current_a > 25, "the car has its share again", 120)
    await asyncio.sleep(5)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def test_kettle_oven_and_shower_in_every_mode(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-1, SITE-4: 62 A of appliances on a fuse of 50 A, with a car at 32 A."""
    await side_by_side(
        hass,
        monkeypatch,
        {
            mode: (single_phase(number, fuse_a=50), partial(an_evening, mode=mode))
            for number, mode in enumerate(GUARDED)
        },
    )


async def test_any_mode_at_any_moment(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """SITE-4, LEK-7 to LEK-10: people who play with the modes while the household lives."""
    await side_by_side(
        hass,
        monkeypatch,
        {
            f"seed {seed}": (single_phase(seed, fuse_a=50), partial(a_walk, dice=Random(seed)))
            for seed in range(3)
        },
    )


async def a_walk(home: JudgedHouse, dice: Random) -> None:
    await home.charges_fully()
    loop = asyncio.get_running_loop()
    end_s = loop.time() + WALK_S
    while loop.time() < end_s:
        await one_step(home, dice)
        await asyncio.sleep(dice.uniform(0.5, 5))
    home.judge.fuse_held()
    home.judge.orders_are_lawful()
    assert home.judge.orders


async def one_step(home: JudgedHouse, dice: Random) -> None:
    """Do something that happens in a home."""
    match dice.randrange(5):
        case 0 | 1:
            appliance = dice.choice(("kettle", "oven", "shower"))
            home.switch(appliance, on=dice.random() < 0.5)
        case 2:
            home.shine(dice.choice((0, 2_000, 5_000, 9_000)))
        case 3:
            await home.choose(dice.choice(CHOICES))
        case 4 if dice.random() < 0.5:
            await left_alone(home, dice)


async def left_alone(home: JudgedHouse, dice: Random) -> None:
    """Disable the balancer for a moment: nothing is sent, and what happens is nobody's promise."""
    home.judge.fuse_held()
    await home.choose("disabled")
    heard = len(home.judge.commands)
    home.switch("oven", on=dice.random() < 0.5)
    await asyncio.sleep(3)
    assert len(home.judge.commands) == heard
    await home.choose(dice.choice(CHOICES))
    await asyncio.sleep(6)
    home.judge.scribe.reset()
