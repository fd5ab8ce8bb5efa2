"""A simulated house and its site in Home Assistant, over real sockets on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from copy import deepcopy
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest

from custom_components.evse_suite import publishing
from homeassistant.core import HomeAssistant
from simulator.build import Simulation
from simulator.lapse import time_lapse
from tests.integration.house import SINGLE_PHASE, House, build, site_entry, stored

SPEED = 5.0


@pytest.fixture(autouse=True)
async def quick_time() -> AsyncGenerator[None]:
    """Have the event loop's clock run faster, for everything: suite, devices, house and car."""
    with time_lapse(asyncio.get_running_loop(), SPEED):
        yield


@pytest.fixture
def entity_registry_enabled_by_default() -> Generator[None]:
    """Enable what is disabled by default."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish every change at once; `test_publishing.py` looks at what is held back."""
    monkeypatch.setattr(publishing.Published, "_is_due", lambda *_: True)


@pytest.fixture
def layout() -> dict[str, Any]:
    """Name the house; a test may be given another one."""
    return SINGLE_PHASE


@pytest.fixture
async def simulation(hass: HomeAssistant, layout: dict[str, Any]) -> AsyncGenerator[Simulation]:
    """Run the house, without a site."""
    simulation = build(deepcopy(layout))
    await simulation.start()
    running = asyncio.create_task(simulation.run())
    yield simulation
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await simulation.stop()


@pytest.fixture
async def home(hass: HomeAssistant, simulation: Simulation) -> AsyncGenerator[House]:
    """Set up the site of the house."""
    entry = site_entry(simulation, await stored(hass, simulation))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield House(hass, simulation, entry)
    if hass.config_entries.async_get_entry(entry.entry_id) is not None:
        await hass.config_entries.async_unload(entry.entry_id)
