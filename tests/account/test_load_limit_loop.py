"""The meter's load limit in a house whose oven comes and goes: the meter stays closed (MTR-20)."""

import asyncio

import pytest

from custom_components.evse_suite.billing.events import Configure
from custom_components.evse_suite.billing.model import Config, Mode
from tests.account.test_cap import (
    LIMIT_W,
    add_account,
    home,
    layout,
    ledger,
    meter,
    prompt,
    quick_time,
    short_rests,
    simulation,
)
from tests.integration.house import House, until

__all__ = ["home", "layout", "prompt", "quick_time", "short_rests", "simulation"]

PATIENCE_S = 10.0
"""So long the meter of this test bears more than its limit; an oven's step is faster than a car."""
OVEN_W = (2000, None, 4300, 1200, None, 3000)
"""What the oven draws, one after the other; None for nothing."""


@pytest.mark.usefixtures("prompt")
async def test_an_oven_beside_the_car_does_not_open_the_meter(home: House) -> None:
    """MTR-20, SITE-1: the car makes room at each step of the house, and takes it back."""
    await add_account(home, Config(mode=Mode.CREDIT, load_limit_w=LIMIT_W))
    await until(lambda: home.car.current_a > 15, "a car that charges")
    await asyncio.sleep(5)
    meter(home).inject({"load_limit_w": LIMIT_W, "load_limit_patience_s": PATIENCE_S})
    contactor = meter(home).account.contactor
    house = home.simulation.home.house
    for power_w in OVEN_W:
        house.switch("oven", on=power_w is not None, power_w=power_w)
        await asyncio.sleep(20)
        assert contactor.trips == 0, power_w
    house.switch("oven", on=False)
    await until(lambda: home.car.current_a > 15, "a car that charges again", 60)
    await ledger(home).async_do(Configure(config=Config(mode=Mode.CREDIT)))
    house.switch("oven", on=True, power_w=2000)
    await until(lambda: contactor.trips > 0, "an open meter", 60)
