"""The line to each device: rhythm, back-off, age and health of its samples, and its commands.

One link owns one driver object. It polls at the rhythm that the newest reading asks for, listens
where the device pushes, steps back when the device fails, and sends the newest wanted current and
nothing that has been overtaken by it. It knows nothing of balancing.
"""

import asyncio
from collections.abc import Awaitable, Callable
import contextlib
from dataclasses import dataclass
import logging
from typing import Final, NamedTuple

from .calibration.fitness import Observer
from .const import LOGGER
from .devices.model import (
    ChargerReading,
    ChargerStatus,
    CurrentControl,
    Device,
    DeviceAuthError,
    DeviceConnectionError,
    DeviceError,
    DeviceNotHeardError,
    MeterReading,
    OwnPace,
    PhaseSwitch,
    Push,
    Reading,
)

MAINS_INTERVAL_S: Final = 1.0
"""The fuse's meter: the reaction time of the whole site begins with this interval."""
MAINS_SILENT_S: Final = 8.0
"""A mains reading older than this is unknown. One lost reply (5 s) is survived, a second is not,
and with the slowest car that the standard allows the safe current flows within 15 s."""
METER_INTERVAL_S: Final = 5.0
CHARGER_CONNECTED_INTERVAL_S: Final = 2.0
CHARGER_IDLE_INTERVAL_S: Final = 5.0
FIRST_BACK_OFF_S: Final = 1.0
LAST_BACK_OFF_S: Final = 15.0
"""Not longer, because a charger that nobody hears is kept at its worst case all that time."""
SHOWN_FOR_S: Final = 10.0
"""A reading is shown as the present state for at least this long: shorter gaps are the radio's."""
ACKNOWLEDGED_S: Final = 2.0
"""A command that waits longer counts as undelivered, and others yield in the charger's place."""
AWAITED_S: Final = 60.0
"""What has not been there since the start may be starting as well: no warning before that."""
GIVES_WAY_S: Final = 0.5
"""So long a cut waits for a command of before, which is then given up; it may itself have to wait
for another answer, and the driver gives that up a second later."""
PUSH_RETRY_FIRST_S: Final = 2.0
PUSH_RETRY_LAST_S: Final = 60.0
PUSH_REFRESH_S: Final = 30.0
"""A pushing device is still asked for its full status now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHealth:
    """How a link is doing; ``age_s`` is None before the first reading."""

    error: DeviceError | None
    failures: int
    age_s: float | None
    down_since_s: float | None


class _Wanted(NamedTuple):
    """What the device is to be told next."""

    current_a: int
    urgent: bool
    lines: int | None


def meter_rhythm(*, mains: bool) -> Callable[[MeterReading | None], float]:
    """Return the polling interval of a meter."""
    interval_s = MAINS_INTERVAL_S if mains else METER_INTERVAL_S
    return lambda _reading: interval_s


def charger_rhythm(reading: ChargerReading | None) -> float:
    """Return the polling interval of a charger: faster while a car is connected."""
    if reading is not None and reading.status is ChargerStatus.AVAILABLE:
        return CHARGER_IDLE_INTERVAL_S
    return CHARGER_CONNECTED_INTERVAL_S


def _no_quicker[R](
    rhythm: Callable[[R | None], float], least_s: float
) -> Callable[[R | None], float]:
    """Return a rhythm that keeps the pace which a device needs."""
    return lambda reading: max(least_s, rhythm(reading))


class DeviceLink[R: Reading]:
    """Keeps one device's newest reading and carries commands to it."""

    def __init__(
        self,
        *,
        key: str,
        name: str,
        device: Device[R],
        rhythm: Callable[[R | None], float],
        clock: Callable[[], float],
        on_auth_failed: Callable[[], None] = lambda: None,
    ) -> None:
        """``key`` is the subentry's id, ``rhythm`` gives the interval in seconds."""
        self.key = key
        self.name = name
        self.device = device
        self.reading: R | None = None
        self.observer = Observer()
        """How a meter behaves; nothing of a charger."""
        pace = device.capability(OwnPace)
        if pace is not None:
            rhythm = _no_quicker(rhythm, pace.pace_s())
        self._refused = False
        self._asked_s: float | None = None
        self._rhythm = rhythm
        self._clock = clock
        self._on_auth_failed = on_auth_failed
        self._listeners: list[Callable[[], None]] = []
        self._error: DeviceError | None = None
        self._failures = 0
        self._down_since_s: float | None = None
        self._warned = False
        self._started_s = clock()
        self._polled_s = float("-inf")
        self._pushed_s = float("-inf")
        self._kick = asyncio.Event()
        self._first_try = asyncio.Event()
        self._wanted: _Wanted | None = None
        self._wanted_event = asyncio.Event()
        self._patience: asyncio.Timeout | None = None
        """With the command that is under way, unless that is urgent itself."""

    # What others see -------------------------------------------------------------------------

    @property
    def health(self) -> LinkHealth:
        """Return how the link is doing now."""
        return LinkHealth(
            error=self._error,
            failures=self._failures,
            age_s=None if self.reading is None else self._clock() - self.reading.time_s,
            down_since_s=self._down_since_s,
        )

    @property
    def available(self) -> bool:
        """Whether the newest reading may still be shown as the present state.

        Three missed rhythms, and never less than ``SHOWN_FOR_S``.
        """
        if self.reading is None:
            return False
        limit_s = max(SHOWN_FOR_S, 3 * self._rhythm(self.reading))
        return self._clock() - self.reading.time_s <= limit_s

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every reading and every change of health."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def first_try(self, timeout_s: float) -> None:
        """Wait until the device was asked once, or until ``timeout_s`` is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._first_try.wait()

    # Reading ---------------------------------------------------------------------------------

    async def run(self) -> None:
        """Poll, listen and send until cancelled; closes the device at the end."""
        work: list[Callable[[], Awaitable[None]]] = [self._poll_for_ever]
        if (push := self.device.capability(Push)) is not None:
            work.append(lambda: self._listen_for_ever(push))
        if (control := self.device.capability(CurrentControl)) is not None:
            work.append(lambda: self._send_for_ever(control))
        try:
            await asyncio.gather(*(self._keep_at(it) for it in work))
        finally:
            await self.device.close()

    async def _keep_at(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do one kind of work for ever; a fault in a driver must not end it, or the other kinds."""
        while True:
            try:
                await work()
            except Exception:  # noqa: BLE001 (whatever it was, the work goes on)
                LOGGER.exception("%s: unexpected fault, trying again", self.name)
            await asyncio.sleep(LAST_BACK_OFF_S)

    def poll_soon(self) -> None:
        """Read again at once, after something was written."""
        self._kick.set()

    async def _poll_for_ever(self) -> None:
        while True:
            started_s = self._clock()
            interval_s = self._rhythm(self.reading)
            if self._kick.is_set() or not self._push_is_fresh(started_s, interval_s):
                self._kick.clear()
                await self._poll_once()
            if self._failures:
                interval_s = max(interval_s, self._back_off_s())
            await self._sleep_until(started_s + interval_s)

    def _push_is_fresh(self, now_s: float, interval_s: float) -> bool:
        return now_s - self._pushed_s < 1.5 * interval_s and now_s - self._polled_s < PUSH_REFRESH_S

    def _back_off_s(self) -> float:
        return float(min(FIRST_BACK_OFF_S * 2 ** min(self._failures - 1, 10), LAST_BACK_OFF_S))

    async def _sleep_until(self, time_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, time_s - self._clock())):
                await self._kick.wait()

    async def _poll_once(self) -> None:
        self._polled_s = self._clock()
        try:
            reading = await self.device.read()
        except DeviceError as err:
            self._fail(err)
        else:
            self._accept(reading)
        self._first_try.set()

    async def _listen_for_ever(self, push: Push[R]) -> None:
        retry_s = PUSH_RETRY_FIRST_S
        while True:
            started_s = self._clock()
            try:
                await push.listen(self._accept_pushed)
            except DeviceError as err:
                # Polling goes on and says so if the device is really gone.
                LOGGER.debug("%s: push ended: %s", self.name, err)
            if self._pushed_s >= started_s:
                retry_s = PUSH_RETRY_FIRST_S
                self.poll_soon()
            await asyncio.sleep(retry_s)
            retry_s = min(2 * retry_s, PUSH_RETRY_LAST_S)

    def _accept_pushed(self, reading: R) -> None:
        self._pushed_s = self._clock()
        self._accept(reading)

    def _accept(self, reading: R) -> None:
        if self.reading is not None and reading.time_s < self.reading.time_s:
            # A slow poll that a push has overtaken.
            return
        if self._error is not None:
            LOGGER.info("%s is back", self.name)
        self._warned = False
        self.reading = reading
        if isinstance(reading, MeterReading):
            self.observer.add(
                reading.time_s,
                [channel.current_a for channel in reading.channels],
                [channel.power_w for channel in reading.channels],
            )
        self._error = None
        self._failures = 0
        self._down_since_s = None
        self._notify()

    def _fail(self, err: DeviceError) -> None:
        self._failures += 1
        if self._error is None:
            self._down_since_s = self._clock()
        awaited = self._is_awaited(err)
        if self._error is None or not (awaited or self._warned):
            level = logging.INFO if awaited else logging.WARNING
            LOGGER.log(level, "%s does not answer as it should: %s", self.name, err)
            self._warned = not awaited
        if isinstance(err, DeviceAuthError):
            # Each time: while one device's login is being asked for, another's has to wait.
            self._on_auth_failed()
        self._error = err
        self._notify()

    def _is_awaited(self, err: DeviceError) -> bool:
        """Whether it has never been there and still has its time after the start.

        Who comes by itself has it as long as it likes: the site says when that is over.
        """
        if self.reading is not None:
            return False
        if isinstance(err, DeviceNotHeardError):
            return True
        early = self._clock() - self._started_s < AWAITED_S
        return early and isinstance(err, DeviceConnectionError)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # Writing ---------------------------------------------------------------------------------

    async def command(self, action: Awaitable[None]) -> None:
        """Carry out a person's command and read the result back; raises DeviceError."""
        await action
        self.poll_soon()

    @property
    def last_command_failed(self) -> bool:
        """Whether the newest current was refused, or has waited too long to be acknowledged."""
        if self._asked_s is not None and self._clock() - self._asked_s > ACKNOWLEDGED_S:
            return True
        return self._refused

    def offer(self, current_a: int, *, urgent: bool, lines: int | None = None) -> None:
        """Send a current as soon as the line is free; a newer one replaces one still waiting.

        The charger switches to ``lines`` lines after it has accepted the current.
        """
        self._wanted = _Wanted(current_a, urgent, lines)
        if self._asked_s is None:
            self._asked_s = self._clock()
        self._wanted_event.set()
        if urgent and self._patience is not None and self._patience.when() is None:
            self._patience.reschedule(asyncio.get_running_loop().time() + GIVES_WAY_S)

    async def _send_for_ever(self, control: CurrentControl) -> None:
        while True:
            await self._wanted_event.wait()
            self._wanted_event.clear()
            if self._wanted is None:
                continue
            wanted, self._wanted = self._wanted, None
            patience = asyncio.timeout(None)
            try:
                async with patience:
                    self._patience = None if wanted.urgent else patience
                    await self._send(control, wanted)
            except (DeviceError, TimeoutError) as err:
                LOGGER.debug("%s: %s not accepted: %s", self.name, wanted, err)
                self._refused = True
            else:
                self._refused = False
                self.poll_soon()
            self._patience = None
            if self._wanted is None:
                self._asked_s = None

    async def _send(self, control: CurrentControl, wanted: _Wanted) -> None:
        await control.set_current(wanted.current_a, urgent=wanted.urgent)
        if wanted.lines is not None and self._wanted is None:
            await self._switch(wanted.lines)

    async def _switch(self, lines: int) -> None:
        """Have the charger use its first line only, or all."""
        if (switch := self.device.capability(PhaseSwitch)) is not None:
            await switch.set_force_single_phase(forced=lines == 1)
