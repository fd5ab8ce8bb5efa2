"""The line to a device: rhythm, back-off, push and ageing (SITE-5)."""

import asyncio
import logging
import time

import pytest

from custom_components.evse_suite import links
from custom_components.evse_suite.devices.model import (
    ChargerReading,
    ChargerStatus,
    DeviceAuthError,
    DeviceConnectionError,
)
from custom_components.evse_suite.links import DeviceLink, charger_rhythm
from tests.scripted import RHYTHM_S, ScriptedCharger, fail, reading, running, until


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


async def test_who_is_not_there_yet_is_no_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A charge point or another integration starts as well: it is told when its time is over."""
    monkeypatch.setattr(links, "AWAITED_S", 0.15)
    monkeypatch.setattr(links, "LAST_BACK_OFF_S", 0.02)
    monkeypatch.setattr(links, "FIRST_BACK_OFF_S", 0.01)
    caplog.set_level(logging.INFO)
    device = ScriptedCharger()
    device.on_read = fail

    def told() -> list[str]:
        records = [it for it in caplog.records if "does not answer" in it.getMessage()]
        return [it.levelname for it in records]

    async with running(device, rhythm_s=0.001) as link:
        await until(lambda: link.health.failures >= 3)
        assert told() == ["INFO"]
        await until(lambda: len(told()) > 1)
        failures = link.health.failures
        await until(lambda: link.health.failures >= failures + 3)
        assert told() == ["INFO", "WARNING"]
        # Who was there and is gone is told at once, and once.
        device.on_read = device.fresh
        await until(lambda: link.available)
        device.on_read = fail
        await until(lambda: link.health.failures >= 3)
        assert told() == ["INFO", "WARNING", "WARNING"]


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
