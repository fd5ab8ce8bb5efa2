"""A charger whose every answer is what the test says, and a line to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import contextlib
import time

from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    Push,
)
from custom_components.evse_suite.links import DeviceLink

RHYTHM_S = 0.02


def reading(time_s: float, status: ChargerStatus = ChargerStatus.CHARGING) -> ChargerReading:
    """Return a reading in which only time and status matter."""
    return ChargerReading(
        time_s=time_s,
        status=status,
        raw_status="C",
        current_a=(10.0,),
        voltage_v=(230.0,),
        power_w=2300.0,
    )


class ScriptedCharger:
    """A device whose every read and write does what the test says next."""

    identity = DeviceIdentity(
        kind=DeviceKind.CHARGER,
        driver="scripted",
        serial="1",
        manufacturer="Test",
        model="One",
        model_id="one",
        lines=1,
        default_name="One",
    )

    error_names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.reads: list[float] = []
        self.writes: list[int] = []
        self.closed = 0
        self.on_read: Callable[[], Awaitable[ChargerReading]] = self.fresh
        self.on_write: Callable[[int], Awaitable[None]] = self.take
        self.pushes: asyncio.Queue[ChargerReading | DeviceError] = asyncio.Queue()
        self.can_push = False

    async def fresh(self) -> ChargerReading:
        """Answer with a reading of this instant."""
        return reading(time.monotonic())

    async def take(self, _current_a: int) -> None:
        """Accept a current."""

    async def read(self) -> ChargerReading:
        """Count and do what the test says."""
        self.reads.append(time.monotonic())
        return await self.on_read()

    async def set_current(self, current_a: int, *, urgent: bool = False) -> None:
        """Count and do what the test says."""
        self.writes.append(current_a)
        await self.on_write(current_a)

    async def listen(self, on_reading: Callable[[ChargerReading], None]) -> None:
        """Hand over what the test puts into the queue."""
        while True:
            item = await self.pushes.get()
            if isinstance(item, DeviceError):
                raise item
            on_reading(item)

    async def close(self) -> None:
        """Count."""
        self.closed += 1

    def capability[C](self, wanted: type[C]) -> C | None:
        """Offer current control always and push when the test wants it."""
        if wanted is Push and not self.can_push:
            return None
        return self if isinstance(self, wanted) else None


@contextlib.asynccontextmanager
async def running(
    device: ScriptedCharger, rhythm_s: float = RHYTHM_S, **kwargs: Callable[[], None]
) -> AsyncIterator[DeviceLink[ChargerReading]]:
    """Run a link to the device."""
    link = DeviceLink[ChargerReading](
        key="k",
        name="One",
        device=device,
        rhythm=lambda _reading: rhythm_s,
        clock=time.monotonic,
        **kwargs,
    )
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], timeout_s: float = 3.0) -> None:
    """Wait for a condition."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s
        await asyncio.sleep(0.002)


async def fail() -> ChargerReading:
    """Be unreachable."""
    raise DeviceConnectionError("nobody there")
