"""One open line to a charge point: its calls to us, ours to it, and proof that it is alive."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

from ..http import Clock
from ..model import (
    DeviceCommandError,
    DeviceConnectionError,
    DeviceProtocolError,
)
from ..parse import Fields
from ..turn import GIVES_WAY_S, Turn
from . import frames, schema
from .frames import Call, CallRefusedError, ErrorCode, Failure, FrameError, Result

CALL_TIMEOUT_S: Final = 10.0
URGENT_TIMEOUT_S: Final = 3.0
ALIVE_TIMEOUT_S: Final = 5.0
BURST: Final = 100
"""So many frames at once are answered without delay, e.g. what was kept while offline."""
LONGEST_VIOLATION: Final = 200
"""It is told with its values, which may be as long as a frame."""
FRAMES_PER_S: Final = 20.0
"""A charge point that sends more is heard no faster; it slows itself down."""

type Answer = Callable[[str, Fields], Mapping[str, object]]
"""Answers a call; raises CallRefusedError, or DeviceProtocolError for what makes no sense."""


class Socket(Protocol):
    """A WebSocket."""

    async def send(self, text: str) -> None:
        """Send a text; raises ConnectionError."""
        ...

    async def ping(self) -> None:
        """Ask for a sign of life; raises ConnectionError."""
        ...

    async def close(self) -> None:
        """Close, and drop a line that does not close."""
        ...


@dataclass(slots=True, kw_only=True)
class Counters:
    """What went wrong on the lines of one charge point since the start."""

    malformed: int = 0
    """Texts that were no frames, and frames that nobody waits for."""
    violations: int = 0
    """Calls that break the schema of their action."""
    refused: int = 0
    """Calls that were answered with an error."""
    throttled: int = 0
    """Frames that had to wait because there were too many."""
    unanswered: int = 0
    """Calls of ours without an answer."""
    connections: int = 0
    replaced: int = 0
    """Lines that ended because the charge point opened another one."""
    last_violation: str | None = None


class Connection:
    """An open line; ``received`` is called with every text, ``heard`` with every sign of life."""

    def __init__(self, socket: Socket, answer: Answer, counters: Counters, clock: Clock) -> None:
        """Take an open socket; ``end`` is called when it is closed."""
        self._socket = socket
        self._answer = answer
        self._counters = counters
        self._clock = clock
        self._turn = Turn(GIVES_WAY_S)
        self._waiting: dict[str, asyncio.Future[Fields]] = {}
        self._ids = count(1)
        self._ended = False
        self._signs: list[asyncio.Future[None]] = []
        self._tokens = float(BURST)
        self._filled_s = clock()
        self.heard_s = clock()
        """When the last sign of life came."""

    # What comes in ---------------------------------------------------------------------------

    def malformed(self) -> None:
        """Note what is no text."""
        self._counters.malformed += 1

    def heard(self) -> None:
        """Note a sign of life."""
        self.heard_s = self._clock()
        for sign in self._signs:
            if not sign.done():
                sign.set_result(None)
        self._signs.clear()

    async def received(self, text: str) -> None:
        """Answer a call or hand an answer over to whoever waits for it."""
        self.heard()
        await self._throttle()
        try:
            frame = frames.read_frame(text)
        except FrameError as error:
            self._counters.malformed += 1
            if error.unique_id is not None:
                await self._refuse(error.unique_id, ErrorCode.FORMATION_VIOLATION, str(error))
            return
        if isinstance(frame, Call):
            await self._handle(frame)
        else:
            self._hand_over(frame)

    async def _throttle(self) -> None:
        now_s = self._clock()
        self._tokens = min(BURST, self._tokens + (now_s - self._filled_s) * FRAMES_PER_S)
        self._filled_s = now_s
        self._tokens -= 1
        if self._tokens < 0:
            self._counters.throttled += 1
            await asyncio.sleep(-self._tokens / FRAMES_PER_S)

    async def _handle(self, call: Call) -> None:
        violation = await schema.call_violation(call.action, call.payload.raw)
        if violation is not None:
            self._counters.violations += 1
            self._counters.last_violation = violation[:LONGEST_VIOLATION]
        try:
            payload = self._answer(call.action, call.payload)
        except CallRefusedError as error:
            await self._refuse(call.unique_id, error.code, str(error))
        except DeviceProtocolError as error:
            await self._refuse(call.unique_id, ErrorCode.TYPE_CONSTRAINT_VIOLATION, str(error))
        else:
            await self._send(frames.result_text(call.unique_id, payload))

    async def _refuse(self, unique_id: frames.UniqueId, code: ErrorCode, why: str) -> None:
        self._counters.refused += 1
        await self._send(frames.error_text(unique_id, code, why))

    def _hand_over(self, frame: Result | Failure) -> None:
        waiting = self._waiting.pop(str(frame.unique_id), None)
        if waiting is None or waiting.done():
            self._counters.malformed += 1
        elif isinstance(frame, Result):
            waiting.set_result(frame.payload)
        else:
            waiting.set_exception(DeviceCommandError(f"{frame.code} {frame.description}".strip()))

    # What goes out ---------------------------------------------------------------------------

    async def call(
        self, action: str, payload: Mapping[str, object], *, urgent: bool = False
    ) -> Fields:
        """Call the charge point, one call at a time, ``urgent`` ones before others.

        Raises DeviceCommandError for an error as its answer, ValueError for a payload that the
        protocol does not allow, DeviceConnectionError without an answer.
        """
        if (violation := await schema.call_violation(action, payload)) is not None:
            raise ValueError(violation)
        timeout_s = URGENT_TIMEOUT_S if urgent else CALL_TIMEOUT_S
        async with self._turn.take(urgent=urgent):
            unique_id = f"s{next(self._ids)}"
            answer: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
            self._waiting[unique_id] = answer
            try:
                async with asyncio.timeout(timeout_s):
                    await self._send(frames.call_text(unique_id, action, payload))
                    return await answer
            except TimeoutError as error:
                self._counters.unanswered += 1
                raise DeviceConnectionError(f"no answer to {action}") from error
            finally:
                self._waiting.pop(unique_id, None)
                _let_go(answer)

    async def make_sure(self) -> None:
        """Have the charge point give a sign of life; raises DeviceConnectionError without one."""
        sign: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._signs.append(sign)
        try:
            async with asyncio.timeout(ALIVE_TIMEOUT_S):
                self._check_open()
                await self._socket.ping()
                await sign
        except TimeoutError as error:
            raise DeviceConnectionError("the charge point gives no sign of life") from error
        except ConnectionError as error:
            raise DeviceConnectionError("the line is closed") from error
        finally:
            _let_go(sign)

    async def _send(self, text: str) -> None:
        self._check_open()
        try:
            await self._socket.send(text)
        except ConnectionError as error:
            raise DeviceConnectionError("the line is closed") from error

    def _check_open(self) -> None:
        if self._ended:
            raise DeviceConnectionError("the line is closed")

    # The end ---------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close the line."""
        self.end()
        await self._socket.close()

    def end(self) -> None:
        """Let go of everybody who waits, because the line is closed."""
        self._ended = True
        answers, signs = tuple(self._waiting.values()), tuple(self._signs)
        self._waiting.clear()
        self._signs.clear()
        for answer in answers:
            if not answer.done():
                answer.set_exception(DeviceConnectionError("the line is closed"))
        for sign in signs:
            if not sign.done():
                sign.set_exception(DeviceConnectionError("the line is closed"))


def _let_go[T](future: asyncio.Future[T]) -> None:
    """Give a future up; what went wrong with it has been told in another way."""
    if not future.cancel() and not future.cancelled():
        future.exception()
