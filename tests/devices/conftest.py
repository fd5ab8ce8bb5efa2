"""What the tests of the drivers share."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.devices.servers import ManualClock


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
