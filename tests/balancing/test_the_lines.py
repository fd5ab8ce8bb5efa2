"""Cars that use fewer lines than their charger has, and chargers that switch between them."""

import asyncio
from typing import Any

import pytest

from custom_components.evse_suite.control import lines
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from tests.balancing.homes import JudgedHouse, inhabited, settles
from tests.balancing.test_the_phases import gets, several_phases
from tests.integration.house import until

VOLTAGE_V = 230.0
SPACING_S = 60.0

pytestmark = pytest.mark.parametrize("speed", [7.0], ids=[""])


def three_lines(number: int, car_lines: int) -> dict[str, Any]:
    """Describe a house of three phases with a roof, and a car that uses so many lines."""
    layout = several_phases(number, "three", "lektrico_3p22k", ["L1", "L2", "L3"])
    layout["cars"]["car"] |= {"lines": car_lines}
    return layout | {"sun": {"kwp": 12, "phases": ["L1", "L2", "L3"]}}


async def test_a_single_phase_car_is_held_by_its_own_phase_alone(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-2: 17 A of the house on L2 leave a car on L1 all that L1 has."""
    async with inhabited(hass, monkeypatch, three_lines(20, 1)) as home:
        home.switch("load_l2", power_w=17 * VOLTAGE_V)
        await gets(home, 23, 25)
        home.judge.restart()
        home.switch("load_l3", power_w=23 * VOLTAGE_V)
        await asyncio.sleep(10)
        assert home.judge.orders == []
        home.switch("load_l1", power_w=12 * VOLTAGE_V)
        await gets(home, 11, 13)
        home.judge.fuse_held()
        home.judge.orders_are_lawful()


async def test_a_charger_goes_to_one_line_when_the_sun_does_not_carry_three(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-4, LEK-9: paused first, switched without current, then all that one line gets.

    And back to three lines, once, when the sun carries them again.
    """
    monkeypatch.setattr(lines, "SPACING_S", SPACING_S)
    own = {"garage": {"switches_lines": True}}
    layout = three_lines(21, 3)
    async with inhabited(hass, monkeypatch, layout, mode="hybrid", settings=own) as home:
        home.shine(9_000)
        await gets(home, 11, 13)
        assert (home.car.lines_in_use, home.charger.point.relay_mode) == (3, 3)
        home.judge.restart()
        home.shine(2_800)
        await until(lambda: home.charger.point.relay_mode == 1, "one line", 120)
        assert home.car.current_a == 0
        await home.becomes("sensor", "reason", "switching_lines", "garage")
        await gets(home, 9, 12)
        assert home.car.lines_in_use == 1
        told_a = [order.current_a for order in home.judge.orders]
        assert 0 in told_a[told_a.index(0) + 1 :], "the switch itself is sent with the pause"
        home.judge.fuse_held()
        home.judge.orders_are_lawful()
        await refuses_a_person(home)
        await goes_back_to_three(home)


async def goes_back_to_three(home: JudgedHouse) -> None:
    """Have the sun come back: all lines again without current, and no word of trouble."""
    home.judge.restart()
    home.shine(12_000)
    await until(lambda: home.charger.point.relay_mode == 3, "three lines", SPACING_S + 120)
    assert home.car.current_a == 0
    await gets(home, 15, 18)
    assert home.car.lines_in_use == 3
    assert not home.issue("charger_not_switching")
    asked = ["'relay_mode': 3" in told for told in home.judge.commands]
    assert asked == sorted(asked), "asked for three lines, and for one again"
    home.judge.fuse_held()
    home.judge.orders_are_lawful()


async def test_a_charger_that_does_not_switch_is_told_of(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-4, promise 3: a contactor that does not move leaves the charge as it is."""
    own = {"garage": {"switches_lines": True}}
    layout = three_lines(22, 3)
    async with inhabited(hass, monkeypatch, layout, mode="hybrid", settings=own) as home:
        monkeypatch.setattr(home.charger.point, "switch_phases", lambda _mode: None)
        await until(lambda: home.issue("charger_not_switching"), "told", 180)
        await gets(home, 5.5, 6.5)
        assert home.car.lines_in_use == 3
        home.judge.fuse_held()
        home.judge.orders_are_lawful()


async def refuses_a_person(home: JudgedHouse) -> None:
    """Have somebody force what the suite decides."""
    switch = home.entity("switch", "single_phase", "garage")
    assert home.shows("switch", "single_phase", "on", "garage")
    with pytest.raises(ServiceValidationError, match="garage"):
        await home.call("switch", "turn_off", switch)
    assert home.charger.point.relay_mode == 1
    await settles(lambda: home.charger.point.relay_mode == 1, "one line", 3)
