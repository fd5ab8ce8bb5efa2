"""The queue in front of a device: urgent first, nobody lost."""

import asyncio

import pytest

from custom_components.evse_suite.devices.model import DeviceConnectionError
from custom_components.evse_suite.devices.turn import Turn


async def hold(turn: Turn, name: str, order: list[str], *, urgent: bool = False) -> None:
    async with turn.take(urgent=urgent):
        order.append(name)
        await asyncio.sleep(0)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_urgent_overtakes_those_who_wait() -> None:
    turn, order = Turn(), list[str]()
    async with asyncio.TaskGroup() as group, turn.take():
        for name in ("first", "second"):
            group.create_task(hold(turn, name, order))
        await settle()
        for name in ("cut", "cut again"):
            group.create_task(hold(turn, name, order, urgent=True))
        await settle()
        assert order == []
    assert order == ["cut", "cut again", "first", "second"]


async def test_an_ordinary_holder_gives_way_and_an_urgent_one_does_not() -> None:
    """Promise 5: a cut does not wait for a device that does not answer."""
    turn, order = Turn(gives_way_s=0.05), list[str]()

    async def stuck(*, urgent: bool) -> None:
        async with turn.take(urgent=urgent):
            await asyncio.sleep(0.3)
            order.append("to the end")

    for urgent in (False, True):
        holder = asyncio.create_task(stuck(urgent=urgent))
        await settle()
        waits = asyncio.create_task(hold(turn, "ordinary", order))
        await asyncio.sleep(0.1)
        assert not holder.done(), "nobody hurries"
        cut = asyncio.create_task(hold(turn, "cut", order, urgent=True))
        await asyncio.gather(cut, waits)
        if not urgent:
            with pytest.raises(DeviceConnectionError, match="gave way"):
                await holder
    assert order == ["cut", "ordinary", "to the end", "cut", "ordinary"]


async def test_only_one_holds_the_turn() -> None:
    turn, inside, most = Turn(), 0, 0

    async def work(number: int) -> None:
        nonlocal inside, most
        async with turn.take(urgent=number % 3 == 0):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(number) for number in range(30)))
    assert most == 1


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    turn, order = Turn(), list[str]()
    async with turn.take():
        quitter = asyncio.create_task(hold(turn, "quitter", order))
        patient = asyncio.create_task(hold(turn, "patient", order))
        await settle()
        quitter.cancel()
        await settle()
    await patient
    assert order == ["patient"]


async def test_cancelled_at_the_moment_of_the_call() -> None:
    turn, order = Turn(), list[str]()
    async with turn.take():
        called = asyncio.create_task(hold(turn, "called", order))
        following = asyncio.create_task(hold(turn, "next", order))
        await settle()
    # The turn has been given to the first waiter, which has not run yet.
    called.cancel()
    await following
    assert order == ["next"]


async def test_cancelled_waiter_in_the_queue_is_passed_over() -> None:
    turn, order = Turn(), list[str]()
    async with turn.take():
        quitter = asyncio.create_task(hold(turn, "quitter", order))
        following = asyncio.create_task(hold(turn, "next", order))
        await settle()
        # Cancelled, but it has not run since, so it still stands in the queue.
        quitter.cancel()
    await following
    assert order == ["next"]


async def test_an_error_frees_the_turn() -> None:
    turn, order = Turn(), list[str]()

    async def fail() -> None:
        async with turn.take():
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await asyncio.wait_for(hold(turn, "after", order), 1)
    assert order == ["after"]
