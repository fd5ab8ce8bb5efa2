"""What the tests with foreign clients share."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from simulator.devices import SimulatedDevice

type Start = Callable[[SimulatedDevice], Awaitable[SimulatedDevice]]


@pytest.fixture
async def started() -> AsyncIterator[Callable[[SimulatedDevice], Awaitable[None]]]:
    """Return a function that starts a device; it is stopped after the test."""
    devices: list[SimulatedDevice] = []

    async def start(device: SimulatedDevice) -> None:
        devices.append(device)
        await device.start()

    yield start
    for device in devices:
        await device.stop()
