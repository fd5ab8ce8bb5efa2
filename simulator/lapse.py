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
