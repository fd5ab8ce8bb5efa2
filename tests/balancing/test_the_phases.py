"""Supplies of one, two and three phases, and chargers that share them (SITE-2, SITE-3)."""

import asyncio
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.balancing.homes import JudgedHouse, settles, side_by_side, single_phase, stays
from tests.integration.house import CAR, FAST, numbers, until

VOLTAGE_V = 230.0
LEG_V = 120.0

pytestmark = pytest.mark.parametrize("speed", [7.0], ids=[""])


def several_phases(number: int, kind: str, device: str, phases: list[str]) -> dict[str, Any]:
    """Describe a house with a load on every phase and one charger."""
    supply_phases = ["L1", "L2"] if kind == "split" else ["L1", "L2", "L3"]
    loads = {f"load_{p.lower()}": {"kind": "load", "phases": [p]} for p in supply_phases}
    return {
        "supply": {"kind": kind, "fuse_a": 50 if kind == "split" else 25},
        "house": {"base_w": 100, "habits": False, "appliances": loads},
        "cars": {"car": CAR | {"lines": 3}},
        "chargers": {
            "garage": {
                "device": device,
                "serial": 500200 + number,
                "phases": phases,
                "car": "car",
                "options": FAST,
            }
        },
        "meters": {
            "mains": {
                "device": "lektrico_3em",
                "serial": 810200 + number,
                "channels": [{"phase": phase} for phase in supply_phases],
                "options": FAST,
            }
        },
    }


async def gets(home: JudgedHouse, least_a: float, most_a: float) -> None:
    """Wait until the car draws this much and goes on with it."""
    await settles(lambda: least_a <= home.car.current_a <= most_a, f"{least_a} to {most_a} A")


def begin(home: JudgedHouse) -> None:
    """Begin the record anew once the cars that were found at full power have been tamed."""
    home.judge.restart()


async def rotated(home: JudgedHouse) -> None:
    """Load each phase in turn: the tightest one counts for all three lines."""
    await gets(home, 23, 25)
    begin(home)
    for phase, load_a in (("l3", 13), ("l1", 16), ("l2", 10)):
        home.switch(f"load_{phase}", power_w=load_a * VOLTAGE_V)
        await gets(home, 25 - load_a - 2, 25 - load_a)
        assert home.car.lines_in_use == 3
        home.switch(f"load_{phase}", on=False)
    await gets(home, 23, 25)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def on_the_second(home: JudgedHouse) -> None:
    """Load the other phases: nothing happens; load the charger's: it yields."""
    await gets(home, 23, 25)
    begin(home)
    home.switch("load_l1", "load_l3", power_w=20 * VOLTAGE_V)
    await asyncio.sleep(15)
    assert home.judge.orders == []
    home.switch("load_l2", power_w=13 * VOLTAGE_V)
    await gets(home, 10, 12)
    home.switch("load_l2", on=False)
    await gets(home, 23, 25)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def across_the_legs(home: JudgedHouse) -> None:
    """Load one leg, then the other: the charger draws on both, and the tighter one counts."""
    await home.charges_fully()
    for leg, load_a in (("l2", 30), ("l1", 38)):
        home.switch(f"load_{leg}", power_w=load_a * LEG_V)
        await gets(home, 50 - load_a - 3, 50 - load_a)
        home.switch(f"load_{leg}", on=False)
        await until(lambda: home.car.current_a > 31, "full power again", 60)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def test_every_kind_of_supply(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """SITE-2, LEK-4: a rotated three-phase charger, one on L2 of three, one across two legs."""
    rotation, second, legs = ["L2", "L3", "L1"], ["L2"], ["L1", "L2"]
    await side_by_side(
        hass,
        monkeypatch,
        {
            "rotated": (several_phases(0, "three", "lektrico_3p22k", rotation), rotated),
            "on L2": (several_phases(1, "three", "lektrico_1p7k", second), on_the_second),
            "split": (several_phases(2, "split", "lektrico_1p7k", legs), across_the_legs),
        },
    )


AT_FIRST_S = 120
"""Both cars start at full current before the site knows the house, and may have to be paused once
and to wait for their starts one after the other."""


def drawn_a(home: JudgedHouse) -> tuple[float, float]:
    """Return what the cars at the two chargers really draw."""
    return home.car_of("garage").current_a, home.car_of("drive").current_a


def halves(home: JudgedHouse) -> bool:
    """Tell whether 32 A less 2 A of the house are divided in whole amperes.

    Told as well as drawn: cars that are just starting with more pass the halves on their way up.
    """
    one_a, other_a = drawn_a(home)
    told_a = [it.target_a or 0 for it in home.site.decision.chargers] if home.site.decision else []
    return abs(one_a - other_a) <= 1 and 28 <= one_a + other_a <= 30 and 28 <= sum(told_a) <= 30


async def fair(home: JudgedHouse) -> None:
    """Take away more and more: halves, minima, then a pause for one; and all the way back."""
    await until(lambda: halves(home), "halves", AT_FIRST_S)
    begin(home)
    home.switch("load", power_w=16.5 * VOLTAGE_V)
    await until(lambda: set(drawn_a(home)) <= {6, 7}, "minima", 60)
    await asyncio.sleep(8)
    home.switch("load", power_w=22 * VOLTAGE_V)
    await until(lambda: min(drawn_a(home)) == 0 and 6 <= max(drawn_a(home)) <= 8, "one", 60)
    charging = drawn_a(home).index(max(drawn_a(home)))
    await stays(lambda: drawn_a(home)[charging] >= 6, "its turn", 15)
    assert drawn_a(home)[1 - charging] == 0
    waits = ("garage", "drive")[1 - charging]
    assert home.shows("sensor", "reason", "waiting_for_room", waits)
    assert 32 in numbers(home.state("sensor", "explanation", waits).state)
    home.switch("load", on=False)
    await until(lambda: halves(home), "halves again", 120)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def first_the_drive(home: JudgedHouse) -> None:
    """Leave room for one minimum: it is the drive's, whoever charged before."""
    await until(lambda: halves(home), "halves", AT_FIRST_S)
    begin(home)
    home.switch("load", power_w=22 * VOLTAGE_V)
    await until(lambda: drawn_a(home)[0] == 0 and drawn_a(home)[1] >= 6, "the drive", 60)
    home.car_of("drive").unplug()
    await until(lambda: drawn_a(home)[0] >= 6, "the garage, as long as it is alone", 60)
    home.car_of("drive").plug()
    await until(lambda: drawn_a(home)[0] == 0 and drawn_a(home)[1] >= 6, "the drive again", 90)
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def test_two_chargers_share_one_fuse(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-3, LEK-11: fair shares, and one minimum goes to whom it belongs."""
    both = ("garage", "drive")
    equal, first = (single_phase(number, fuse_a=32, chargers=both) for number in range(2))
    await side_by_side(
        hass,
        monkeypatch,
        {"fair": (equal, fair), "priority": (first, first_the_drive)},
        settings={"priority": {"drive": {"priority": 1}}},
    )
