"""Time-lapse: everything that lives in one event loop runs faster than the wall clock."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def time_lapse(loop: asyncio.AbstractEventLoop, speed: float) -> Generator[None]:
    """Have the clock of ``loop`` run ``speed`` times as fast, and its sleeps end accordingly.

    Suite, devices, house and car stay in step with each other, because all of them take their time
    from the loop; only computing does not get faster. Works on loops with a selector.
    """
    true_time = loop.time
    selector: Any = vars(loop)["_selector"]
    true_select = selector.select
    start_s = true_time()

    def time() -> float:
        return start_s + speed * (true_time() - start_s)

    def select(timeout: float | None = None) -> Any:
        return true_select(None if timeout is None else timeout / speed)

    with patch.object(loop, "time", time), patch.object(selector, "select", select):
        yield


@contextmanager
def time_leaps(loop: asyncio.AbstractEventLoop) -> Generator[None]:
    """Have the clock of ``loop`` stand still while anybody works, and leap over every pause.

    A slow or busy machine makes nobody late, and hours take as long as their computing. While a
    thread works for the loop, time stands still as well. Works on loops with a selector.
    """
    now_s = loop.time()
    working = 0
    selector: Any = vars(loop)["_selector"]
    true_select = selector.select
    true_run = loop.run_in_executor

    def select(timeout: float | None = None) -> Any:
        nonlocal now_s
        events = true_select(0)
        if events or timeout == 0:
            return events
        if working or timeout is None:
            return true_select(timeout)
        now_s += timeout
        return events

    def run_in_executor(*given: Any) -> asyncio.Future[Any]:
        nonlocal working
        working += 1
        future = true_run(*given)
        future.add_done_callback(done)
        return future

    def done(_: object) -> None:
        nonlocal working
        working -= 1

    with (
        patch.object(loop, "time", lambda: now_s),
        patch.object(selector, "select", select),
        patch.object(loop, "run_in_executor", run_in_executor),
    ):
        yield
