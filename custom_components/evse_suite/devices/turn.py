"""One thing at a time, with a way past the queue for what cannot wait."""

from asyncio import CancelledError, Future, get_running_loop
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """A lock whose urgent waiters go before the ordinary ones, each kind in its order."""

    def __init__(self) -> None:
        """Start free."""
        self._busy = False
        self._urgent: deque[Future[None]] = deque()
        self._ordinary: deque[Future[None]] = deque()

    @asynccontextmanager
    async def take(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Hold the turn for the duration of the block; cancelling a waiter loses nothing."""
        if self._busy:
            await self._wait(self._urgent if urgent else self._ordinary)
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[Future[None]]) -> None:
        called: Future[None] = get_running_loop().create_future()
        queue.append(called)
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
