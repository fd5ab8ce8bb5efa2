"""Home Assistant itself goes, comes back, or stands still (SITE-5, promise 6)."""

import asyncio
from datetime import timedelta
import time

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from tests.balancing.homes import FULL_A, JudgedHouse, inhabited, single_phase
from tests.balancing.judge import MINIMUM_A, REACTION_S
from tests.integration.house import until


async def away(home: JudgedHouse, for_s: float) -> None:
    """Have the site gone for some time."""
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    await asyncio.sleep(for_s)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)


async def test_a_restart_in_the_middle_of_a_charge(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5: it takes over what it finds; what the house did meanwhile is cut at once."""
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        await away(home, 5)
        await asyncio.sleep(20)
        assert home.judge.commands == []
        assert home.car.current_a >= FULL_A

        assert await hass.config_entries.async_unload(home.entry.entry_id)
        home.switch("load", power_w=20 * 230)
        await asyncio.sleep(5)
        assert home.judge.commands == []
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        home.judge.restart()
        await until(lambda: home.car.current_a <= 18, "cut", REACTION_S)
        await asyncio.sleep(20)
        home.judge.fuse_held()
        home.judge.orders_are_lawful()
        assert home.car.starts == 1


async def test_home_assistant_stops_in_the_middle_of_a_charge(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5: the charger is left at its safe current, and the next start raises it again."""
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        hass.bus.async_fire("homeassistant_stop")
        await until(lambda: home.car.current_a <= MINIMUM_A, "safe", 10)
        await away(home, 3)
        await until(lambda: home.car.current_a >= FULL_A, "full power again", 60)
        assert [order.current_a for order in home.judge.orders] == [MINIMUM_A, 32]
        assert home.car.starts == 1
        home.judge.orders_are_lawful()


@pytest.mark.parametrize(("stalled_s", "orders"), [(5.0, []), (30.0, [MINIMUM_A, 32])])
async def test_the_event_loop_stands_still(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    speed: float,
    stalled_s: float,
    orders: list[int],
) -> None:
    """SITE-5, SITE-6: a short stall costs nothing, a long one makes the old reading unknown."""
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        time.sleep(stalled_s / speed)  # noqa: ASYNC251 - the fault that is tested
        await asyncio.sleep(2)
        await until(lambda: home.car.current_a >= FULL_A, "full power", 60)
        await asyncio.sleep(10)
        told_a = [order.current_a for order in home.judge.orders]
        # Which of the timers that are due comes first decides whether the old reading is judged.
        assert told_a in ([], orders)
        assert home.car.starts == 1
        home.judge.fuse_held()


@pytest.mark.parametrize("hours", [-2.0, 1.0, 26.0])
async def test_the_clock_on_the_wall_is_changed(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    """SITE-5: summer time, or a clock that was wrong: charging does not notice."""
    true_time, true_now = time.time, dt_util.utcnow
    async with inhabited(hass, monkeypatch, single_phase()) as home:
        await home.charges_fully()
        monkeypatch.setattr(time, "time", lambda: true_time() + 3600 * hours)
        monkeypatch.setattr(dt_util, "utcnow", lambda: true_now() + timedelta(hours=hours))
        await asyncio.sleep(20)
        assert home.judge.orders == []
        assert home.shows("binary_sensor", "meter_problem", "off")
        home.switch("load", power_w=20 * 230)
        await until(lambda: home.car.current_a <= 19, "cut", REACTION_S)
        home.judge.fuse_held()
        monkeypatch.undo()
