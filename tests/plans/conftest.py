"""A simulated house whose chargers have plans, at a time that the test sets."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from datetime import datetime
from unittest.mock import patch

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.build import Simulation
from simulator.lapse import time_lapse
from tests.integration.conftest import SPEED, layout, prompt, simulation
from tests.integration.house import House, site_entry, stored
from tests.plans.scene import SOC, ZONE, Clock, at, car_subentry, prices_subentry, tell_prices

__all__ = ["layout", "prompt", "simulation"]


@pytest.fixture
def evening() -> datetime:
    """Tell when the test begins."""
    return at("2026-01-14 18:00")


@pytest.fixture
def clock(evening: datetime) -> Generator[Clock]:
    """Have the wall clock stand still until the test moves it; the loop's own clock runs."""
    clock = Clock(evening)
    with patch.object(dt_util, "utcnow", clock.utcnow), patch.object(dt_util, "now", clock.now):
        yield clock


@pytest.fixture(autouse=True)
async def quick_time(clock: Clock) -> AsyncGenerator[None]:
    """Have the event loop's clock run faster, for everything: suite, devices, house and car."""
    with time_lapse(asyncio.get_running_loop(), SPEED):
        yield


@pytest.fixture(autouse=True)
def short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a paused charge resume soon; how long it rests is tested with the balancer."""
    monkeypatch.setattr("custom_components.evse_suite.control.turns.RESUME_S", 2.0)


@pytest.fixture
def hours_told() -> int:
    """Tell for how many hours the prices are known at first."""
    return 30


@pytest.fixture
def cars() -> dict[str, float]:
    """Name the cars that come to the charger, with their capacities in kWh."""
    return {"Estate": 60.0}


@pytest.fixture
async def planned(
    hass: HomeAssistant,
    simulation: Simulation,
    clock: Clock,
    hours_told: int,
    cars: dict[str, float],
) -> AsyncGenerator[House]:
    """Set up the site of the house on a winter's evening, with prices and a car of 60 kWh."""
    await hass.config.async_set_time_zone(ZONE)
    hass.config.currency = "EUR"
    tell_prices(hass, clock.utcnow(), hours_told)
    hass.states.async_set(SOC, "40", {"unit_of_measurement": "%"})
    vehicles = [car_subentry(name, capacity_kwh) for name, capacity_kwh in cars.items()]
    subentries = [*await stored(hass, simulation), *vehicles, prices_subentry()]
    entry = site_entry(simulation, subentries)
    entry.add_to_hass(hass)
    charger = next(it for it in entry.subentries.values() if it.title == "garage")
    for name in cars:
        car = entry.subentries[name]
        data = {**car.data, "chargers": [charger.subentry_id]}
        hass.config_entries.async_update_subentry(entry, car, data=data)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield House(hass, simulation, entry)
    if hass.config_entries.async_get_entry(entry.entry_id) is not None:
        await hass.config_entries.async_unload(entry.entry_id)
