"""Waiting for something that only shows when it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_S = 0.1


async def wait_until[T](
    ask: Callable[[], Awaitable[T]],
    good: Callable[[T], bool] = bool,
    *,
    within_s: float,
) -> T:
    """Ask again and again until the answer is good, and return it.

    Raises TimeoutError with the last answer.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    while not good(answer := await ask()):
        if loop.time() >= deadline_s:
            raise TimeoutError(f"still {answer!r} after {within_s:.0f} s")
        await asyncio.sleep(POLL_S)
    return answer
