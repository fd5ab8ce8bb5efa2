"""Time and publishing of the tests with a charge point in Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from custom_components.evse_suite import publishing
from simulator.lapse import time_lapse
from tests.ocpp_home.homes import steady_wall

SPEED = 5.0


@pytest.fixture(autouse=True)
async def quick_time(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    """Have the event loop's clock run faster, and the wall clock with it."""
    with time_lapse(asyncio.get_running_loop(), SPEED):
        steady_wall(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish every change at once."""
    monkeypatch.setattr(publishing.Published, "_is_due", lambda *_: True)
