"""The mains meter fails in every way it can, in the middle of a charge at full power (SITE-5)."""

import asyncio
from functools import partial
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import (
    FULL_A,
    JudgedHouse,
    Scenario,
    side_by_side,
    single_phase,
)
from tests.balancing.judge import MINIMUM_A
from tests.integration.house import until

SAFE_WITHIN_S = 15.0
"""Silence is noticed after 8 s; one request that is still waiting and the car come on top."""
FAULTS = ("silent", "garbage", "invalid", "unauthorized", "hang")


async def loses_the_meter(home: JudgedHouse, fault: str) -> None:
    """Go to the safe current in time, say why, and come back without being asked."""
    await home.charges_fully()
    loop = asyncio.get_running_loop()
    broken_s = loop.time()
    home.em.inject({fault: True})
    await until(lambda: home.car.current_a <= MINIMUM_A, f"safe without {fault}", SAFE_WITHIN_S)
    assert loop.time() - broken_s > 4, "one lost reply is no silence"
    await blind(home, "meter_silent")

    home.em.inject({fault: False})
    await heals(home, "meter_silent")
    # Down to the safe current, and up again: nothing in between.
    assert home.judge.orders[0].current_a == MINIMUM_A
    assert home.judge.orders[0].time_s == max(
        order.time_s for order in home.judge.orders if not order.raises
    )


async def meets_a_frozen_meter(home: JudgedHouse) -> None:
    """Find out that the meter stands still while the car does not."""
    await home.charges_fully()
    home.em.inject({"frozen": True})
    await asyncio.sleep(4)
    home.charger.settings.set("user_current", 20)
    await until(lambda: home.car.current_a <= MINIMUM_A, "safe", 30)
    await blind(home, "meter_implausible")

    home.em.inject({"frozen": False})
    home.charger.settings.set("user_current", 32)
    await heals(home, "meter_implausible")


async def blind(home: JudgedHouse, issue: str) -> None:
    """See that the safe state holds and is told: reason, sentence, problem and repair."""
    await home.becomes("sensor", "reason", "meter_silent", "garage")
    await home.becomes("binary_sensor", "meter_problem", "on")
    told = "is silent" if issue == "meter_silent" else "cannot be believed"
    assert f"the mains meter {told}" in home.state("sensor", "explanation", "garage").state
    await until(lambda: home.issue(issue), f"{issue} is told", 40)
    assert home.offered_a == home.car.current_a == MINIMUM_A


async def heals(home: JudgedHouse, issue: str) -> None:
    """See that everything is as before by itself."""
    await until(lambda: home.car.current_a >= FULL_A, "full power again", 90)
    await until(lambda: not home.issue(issue), f"{issue} is over", 60)
    await home.becomes("binary_sensor", "meter_problem", "off")
    assert home.car.starts == 1
    home.judge.orders_are_lawful()


async def test_the_plug_of_the_meter_is_pulled(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5, promise 2: silent, garbage, bad values, a refused login, hanging, frozen."""
    scenarios: dict[str, tuple[dict[str, Any], Scenario]] = {
        fault: (single_phase(number), partial(loses_the_meter, fault=fault))
        for number, fault in enumerate(FAULTS)
    }
    scenarios["frozen"] = single_phase(len(FAULTS)), meets_a_frozen_meter
    await side_by_side(hass, monkeypatch, scenarios)


async def comes_and_goes(home: JudgedHouse, away_s: float, there_s: float, most: int) -> None:
    """Have the meter away again and again; ``most`` orders are enough."""
    await home.charges_fully()
    for _ in range(round(60 / (away_s + there_s))):
        home.em.inject({"silent": True})
        await asyncio.sleep(away_s)
        home.em.inject({"silent": False})
        await asyncio.sleep(there_s)
    assert len(home.judge.orders) <= most, home.judge.orders
    assert home.car.starts == 1
    home.judge.fuse_held()


async def test_a_meter_that_comes_and_goes(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-6: short gaps change nothing, long ones mean the safe current until it is stable."""
    short = partial(comes_and_goes, away_s=3.0, there_s=3.0, most=0)
    long = partial(comes_and_goes, away_s=12.0, there_s=4.0, most=1)
    scenarios: dict[str, tuple[dict[str, Any], Scenario]] = {
        "short gaps": (single_phase(0), short),
        "long gaps": (single_phase(1), long),
    }
    await side_by_side(hass, monkeypatch, scenarios)
