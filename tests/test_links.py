"""The line to a device: rhythm, back-off, push, ageing and the newest wanted current (SITE-5)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
import contextlib
import time
from typing import override

import pytest

from custom_components.evse_suite import links
from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    DeviceAuthError,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    Push,
)
from custom_components.evse_suite.links import DeviceLink, charger_rhythm

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


async def test_polls_at_its_rhythm_and_closes_the_device() -> None:
    """Readings arrive one rhythm apart and the driver is closed once."""
    device = ScriptedCharger()
    async with running(device) as link:
        await link.first_try(1.0)
        assert link.available
        await until(lambda: len(device.reads) >= 5)
    gaps = [b - a for a, b in zip(device.reads, device.reads[1:], strict=False)]
    assert min(gaps) >= RHYTHM_S * 0.9
    assert device.closed == 1


async def test_backs_off_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """SITE-5: a dead device is asked ever more rarely, and found again by itself."""
    monkeypatch.setattr(links, "FIRST_BACK_OFF_S", 0.03)
    monkeypatch.setattr(links, "LAST_BACK_OFF_S", 0.12)
    device = ScriptedCharger()
    device.on_read = fail
    async with running(device, rhythm_s=0.001) as link:
        await until(lambda: link.health.failures >= 5)
        health = link.health
        assert isinstance(health.error, DeviceConnectionError)
        assert health.age_s is None
        assert health.down_since_s is not None
        assert not link.available
        gaps = [b - a for a, b in zip(device.reads, device.reads[1:], strict=False)]
        assert gaps[1] > 1.5 * gaps[0]
        assert gaps[3] < 0.25
        device.on_read = device.fresh
        await until(lambda: link.available)
        assert link.health.error is None
        assert link.health.failures == 0


async def test_old_reading_is_not_available() -> None:
    """Promise 2: a reading has an age, and an old one is not the present."""
    now_s = 100.0
    device = ScriptedCharger()
    link = DeviceLink[ChargerReading](
        key="k", name="One", device=device, rhythm=lambda _r: 1.0, clock=lambda: now_s
    )
    link.reading = reading(now_s)
    ages = {}
    for age_s in (0.0, 9.5, 10.5):
        now_s = 100.0 + age_s
        ages[link.health.age_s] = link.available
    assert ages == {0.0: True, 9.5: True, 10.5: False}


async def test_every_login_failure_is_told() -> None:
    """A refused login is told again and again: another device's may be in the way just now."""
    told: list[bool] = []
    device = ScriptedCharger()

    async def refuse() -> ChargerReading:
        raise DeviceAuthError("401")

    device.on_read = refuse
    async with running(device, rhythm_s=0.001, on_auth_failed=lambda: told.append(True)) as link:
        await until(lambda: link.health.failures >= 1)
        link.poll_soon()
        await until(lambda: link.health.failures >= 2)
    assert len(told) >= 2


async def test_push_replaces_polling_and_polling_replaces_push() -> None:
    """A pushing device is hardly polled; when the pushes end it is polled again at once."""
    device = ScriptedCharger()
    device.can_push = True
    async with running(device, rhythm_s=0.05) as link:
        await until(lambda: len(device.reads) == 1)
        for _ in range(10):
            device.pushes.put_nowait(reading(time.monotonic()))
            await asyncio.sleep(0.03)
        assert len(device.reads) <= 2
        device.pushes.put_nowait(DeviceConnectionError("socket closed"))
        polled = len(device.reads)
        await until(lambda: len(device.reads) >= polled + 3)
        assert link.available


async def test_push_reconnects(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost push connection is opened again."""
    monkeypatch.setattr(links, "PUSH_RETRY_FIRST_S", 0.01)
    device = ScriptedCharger()
    device.can_push = True
    async with running(device, rhythm_s=5.0) as link:
        await link.first_try(1.0)
        device.pushes.put_nowait(DeviceConnectionError("socket closed"))
        later_s = time.monotonic() + 1.0
        device.pushes.put_nowait(reading(later_s))
        await until(lambda: link.reading is not None and link.reading.time_s == later_s)


async def test_overtaken_reading_is_dropped() -> None:
    """A slow poll that comes after a newer push does not turn time back."""
    device = ScriptedCharger()
    device.can_push = True
    gate = asyncio.Event()

    async def slow() -> ChargerReading:
        old = reading(time.monotonic())
        await gate.wait()
        return old

    device.on_read = slow
    async with running(device) as link:
        await until(lambda: len(device.reads) == 1)
        newest = reading(time.monotonic() + 0.1)
        device.pushes.put_nowait(newest)
        await until(lambda: link.reading is newest)
        gate.set()
        await link.first_try(1.0)
        assert link.reading is newest


async def test_only_the_newest_wanted_current_is_sent() -> None:
    """Currents that were overtaken while the line was busy never reach the device."""
    device = ScriptedCharger()
    gate = asyncio.Event()

    async def slow(_current_a: int) -> None:
        await gate.wait()

    device.on_write = slow
    async with running(device) as link:
        link.offer(16, urgent=False)
        await until(lambda: device.writes == [16])
        link.offer(12, urgent=False)
        link.offer(0, urgent=True)
        gate.set()
        await until(lambda: len(device.writes) == 2)
        await asyncio.sleep(0.02)
        assert device.writes == [16, 0]


class SwitchingCharger(ScriptedCharger):
    """One that can be forced to a single phase."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int | bool] = []

    @override
    async def take(self, current_a: int) -> None:
        """Note the order of things."""
        self.heard.append(current_a)

    async def set_force_single_phase(self, *, forced: bool) -> None:
        """Note the order of things."""
        self.heard.append(forced)


async def test_the_lines_are_switched_after_the_current_was_accepted() -> None:
    """LEK-4: the pause is on the device before its contactor moves, and a refusal keeps it."""
    device = SwitchingCharger()
    async with running(device) as link:
        link.offer(0, urgent=False, lines=1)
        await until(lambda: device.heard == [0, True])
        link.offer(0, urgent=False, lines=3)
        await until(lambda: device.heard == [0, True, 0, False])

        async def refuse(_current_a: int) -> None:
            raise DeviceConnectionError("reset")

        device.on_write = refuse
        link.offer(0, urgent=False, lines=1)
        await until(lambda: link.last_command_failed)
        assert device.heard == [0, True, 0, False]


async def test_a_newer_current_takes_the_switch_of_an_older_one_with_it() -> None:
    """Nothing is switched under a current that came in between."""
    device = SwitchingCharger()
    gate = asyncio.Event()

    async def slow(current_a: int) -> None:
        await gate.wait()
        await device.take(current_a)

    device.on_write = slow
    async with running(device) as link:
        link.offer(0, urgent=False, lines=1)
        await until(lambda: device.writes == [0])
        link.offer(6, urgent=False)
        gate.set()
        await until(lambda: device.heard == [0, 6])
        await asyncio.sleep(0.02)
        assert device.heard == [0, 6]


async def test_refused_command_is_known_until_one_succeeds() -> None:
    """Promise 3: a refused command is remembered, and a later success heals it."""
    device = ScriptedCharger()

    async def refuse(_current_a: int) -> None:
        raise DeviceConnectionError("reset")

    device.on_write = refuse
    async with running(device) as link:
        link.offer(10, urgent=False)
        await until(lambda: link.last_command_failed)
        device.on_write = device.take
        link.offer(10, urgent=False)
        await until(lambda: not link.last_command_failed)


async def test_command_without_an_answer_counts_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Promise 3: nobody waits for a time-out to find that a charger cannot be reached."""
    monkeypatch.setattr(links, "ACKNOWLEDGED_S", 0.05)
    device = ScriptedCharger()
    gate = asyncio.Event()

    async def slow(_current_a: int) -> None:
        await gate.wait()

    device.on_write = slow
    async with running(device) as link:
        link.offer(6, urgent=True)
        assert not link.last_command_failed
        await until(lambda: link.last_command_failed)
        gate.set()
        await until(lambda: not link.last_command_failed)


async def test_a_person_s_command_is_read_back_at_once() -> None:
    """After a command the device is read without waiting for the rhythm."""
    device = ScriptedCharger()
    async with running(device, rhythm_s=10.0) as link:
        await link.first_try(1.0)
        await link.command(device.take(6))
        await until(lambda: len(device.reads) == 2)


async def test_a_fault_in_a_driver_does_not_end_the_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is logged and the line starts again."""
    monkeypatch.setattr(links, "LAST_BACK_OFF_S", 0.01)
    device = ScriptedCharger()

    async def broken() -> ChargerReading:
        device.on_read = device.fresh
        raise ZeroDivisionError

    device.on_read = broken
    async with running(device) as link:
        await until(lambda: link.available)
    assert "unexpected fault" in caplog.text


async def test_a_hanging_device_does_not_delay_another() -> None:
    """Each device has a line of its own."""
    hanging, healthy = ScriptedCharger(), ScriptedCharger()

    async def hang() -> ChargerReading:
        await asyncio.Event().wait()
        raise AssertionError

    hanging.on_read = hang
    async with running(hanging) as first, running(healthy) as second:
        await second.first_try(1.0)
        await until(lambda: len(healthy.reads) >= 4)
        assert not first.available
        assert second.available


def test_charger_is_asked_more_often_while_a_car_is_connected() -> None:
    """2 s with a car, 5 s without."""
    assert charger_rhythm(None) == 2.0
    assert charger_rhythm(reading(0.0)) == 2.0
    assert charger_rhythm(reading(0.0, ChargerStatus.AVAILABLE)) == 5.0
