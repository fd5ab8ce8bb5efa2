"""Commands on the line to a device: the newest wins, and what was refused is known (SITE-5)."""

import asyncio
from typing import override

import pytest

from custom_components.evse_suite import links
from custom_components.evse_suite.devices.model import DeviceConnectionError
from tests.scripted import ScriptedCharger, running, until


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


async def test_a_cut_does_not_wait_for_the_answer_to_a_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Promise 5: a raise that hangs is given up for a cut, and a cut never for anything."""
    monkeypatch.setattr(links, "GIVES_WAY_S", 0.05)
    device = ScriptedCharger()
    told: list[int] = []

    async def slow(current_a: int) -> None:
        if current_a:
            await asyncio.sleep(5)
        await asyncio.sleep(0.1)
        told.append(current_a)

    device.on_write = slow
    async with running(device) as link:
        link.offer(16, urgent=False)
        await until(lambda: device.writes == [16])
        link.offer(12, urgent=False)
        await asyncio.sleep(0.1)
        assert device.writes == [16], "a raise waits"
        link.offer(0, urgent=True)
        await until(lambda: device.writes == [16, 0])
        link.offer(0, urgent=True)
        await until(lambda: told == [0, 0])
        assert not link.last_command_failed


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
