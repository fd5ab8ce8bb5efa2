"""A faster clock for everything that lives in the event loop."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from simulator.lapse import time_lapse


@pytest.fixture
def speed() -> float:
    """Tell how much faster than the wall clock; a test of long waits may be given more."""
    return 5.0


@pytest.fixture(autouse=True)
async def quick_time(speed: float) -> AsyncGenerator[None]:
    """Have suite, devices, houses and cars live faster, in step with each other."""
    with time_lapse(asyncio.get_running_loop(), speed):
        yield
