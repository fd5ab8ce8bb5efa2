"""One thing at a time, with a way past the queue for what cannot wait."""

from asyncio import CancelledError, Future, Timeout, get_running_loop, timeout
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from .errors import DeviceConnectionError

GIVES_WAY_S: Final = 1.0
"""A device that has not answered for so long may not answer at all: a cut does not wait for it."""


class Turn:
    """A lock whose urgent waiters go before the ordinary ones, each kind in its order."""

    def __init__(self, gives_way_s: float | None = None) -> None:
        """Start free; an ordinary holder is broken off when an urgent one waits for so long."""
        self._gives_way_s = gives_way_s
        self._patience: Timeout | None = None
        """Of the ordinary holder."""
        self._busy = False
        self._urgent: deque[Future[None]] = deque()
        self._ordinary: deque[Future[None]] = deque()

    @asynccontextmanager
    async def take(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Hold the turn for the duration of the block; cancelling a waiter loses nothing.

        Raises DeviceConnectionError when the block had to give way.
        """
        if self._busy:
            await self._wait(self._urgent if urgent else self._ordinary)
        self._busy = True
        patience = timeout(None)
        try:
            async with patience:
                self._patience = None if urgent else patience
                self._hurry()
                yield
        except TimeoutError as error:
            if patience.expired():
                raise DeviceConnectionError("it gave way to what is more urgent") from error
            raise
        finally:
            self._patience = None
            self._pass_on()

    def _hurry(self) -> None:
        """Have the ordinary holder come to an end if an urgent one waits."""
        patience = self._patience
        if self._gives_way_s is None or patience is None or patience.when() is not None:
            return
        if self._urgent:
            patience.reschedule(get_running_loop().time() + self._gives_way_s)

    async def _wait(self, queue: deque[Future[None]]) -> None:
        called: Future[None] = get_running_loop().create_future()
        queue.append(called)
        self._hurry()
        try:
            await called
        except CancelledError:
            if called in queue:
                queue.remove(called)
            elif not called.cancelled():
                # Cancelled in the very moment of being called: the next one must not wait for ever.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Call the next waiter; the lock stays busy in between, so nobody slips in."""
        for queue in (self._urgent, self._ordinary):
            while queue:
                called = queue.popleft()
                if not called.done():
                    called.set_result(None)
                    return
        self._busy = False
