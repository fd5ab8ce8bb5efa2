"""Time of the tests with a charge point."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from simulator.lapse import time_lapse

SPEED = 20.0


@pytest.fixture(autouse=True)
async def quick_time() -> AsyncGenerator[None]:
    """Have the clock of the event loop run faster, for both ends of the line."""
    with time_lapse(asyncio.get_running_loop(), SPEED):
        yield
