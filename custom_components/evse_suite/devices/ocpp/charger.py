"""A charger that dials in, as the rest of the suite sees any charger (LEK-12, LEK-14)."""

import asyncio
from collections.abc import Callable
from typing import Final, override

from ..base import BaseDevice
from ..model import (
    ChargerReading,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceIdentity,
    DeviceProtocolError,
)
from .bring_up import bring_up, trigger
from .meter_values import Quantity
from .reading import ERROR_NAMES, charger_reading
from .station import Station
from .steering import Steering
from .steps import Strategy
from .tags import OWN_TAG
from .workshop import Workshop

MINIMUM_A: Final = 6
MAXIMUM_A: Final = 80
FRESH_S: Final = 4.0
"""Older values of a charging car are asked for anew, where the charger can be asked."""
VALUES_WITHIN_S: Final = 3.0
START_AGAIN_S: Final = 30.0
DONE_OR_LATER: Final = frozenset({"Accepted", "Scheduled"})


class OcppCharger(BaseDevice):
    """A charge point's first connector."""

    error_names = tuple(ERROR_NAMES.values())

    def __init__(self, identity: DeviceIdentity, station: Station) -> None:
        """Take the charge point, which may or may not be connected."""
        super().__init__(identity)
        self.station = station
        self.steering = Steering(station)
        self.workshop = Workshop(station)
        self._asked_to_start_s = float("-inf")

    async def read(self) -> ChargerReading:
        """Have the charge point prove that it is there, and renew what it was told."""
        station = self.station
        connection = station.line()
        if not await self._measured_anew():
            await connection.make_sure()
        await self.steering.keep()
        await self._start_by_itself()
        return self._reading()

    async def _measured_anew(self) -> bool:
        """Ask a charging charger for its values if they are old; tell whether they came."""
        station = self.station
        seen_s = station.flow.time_s
        if not (station.ready and station.charging and station.features.triggers):
            return False
        if seen_s is not None and station.clock() - seen_s < FRESH_S:
            return False
        came = asyncio.Event()
        unwatch = station.add_watcher(came.set)
        try:
            if not await trigger(station, "MeterValues"):
                return False
            async with asyncio.timeout(VALUES_WITHIN_S):
                while station.flow.time_s == seen_s:
                    came.clear()
                    await came.wait()
        except TimeoutError:
            return False
        finally:
            unwatch()
        return True

    def _reading(self) -> ChargerReading:
        sent = self.steering.sent
        self._learn_firmware(self.station.about.firmware)
        told_a = None if sent is None else sent.current_a
        return charger_reading(self.station, told_a, forced=self._forced)

    @property
    def soc_percent(self) -> float | None:
        """State of charge of the car, where the charger can ask it."""
        return self.station.flow.most(Quantity.SOC_PERCENT, self.station.clock())

    def report(self) -> dict[str, object]:
        """Return what is known of the charge point and how it is steered, for its owner."""
        steering, sent = self.steering, self.steering.sent
        return {
            **self.workshop.report(),
            "strategy": self.station.strategy.value,
            "strategy_in_use": steering.active.value,
            "strategy_note": steering.moved,
            "follows": steering.verified,
            "falls_back": steering.dead_man,
            "sent_a": None if sent is None else sent.current_a,
            "flash_writes": steering.budget.writes,
        }

    @property
    def _forced(self) -> bool | None:
        return None

    async def listen(self, on_reading: Callable[[ChargerReading], None]) -> None:
        """Wait for the charge point, bring it up and hand over what it tells.

        Raises DeviceConnectionError when its line ends.
        """
        station, news = self.station, asyncio.Event()
        unwatch = station.add_watcher(news.set)
        try:
            while station.connection is None:
                news.clear()
                await news.wait()
            connection = station.line()
            await bring_up(station)
            while station.connection is connection:
                await self.steering.keep()
                await self._start_by_itself()
                self._hand_over(on_reading)
                news.clear()
                await news.wait()
        finally:
            unwatch()
        raise DeviceConnectionError(f"the line to {station.identity} has ended")

    def _hand_over(self, on_reading: Callable[[ChargerReading], None]) -> None:
        try:
            on_reading(self._reading())
        except DeviceProtocolError:
            # It has not said yet in what state it is.
            return

    async def _start_by_itself(self) -> None:
        """Begin a session for a car that was just plugged in, where that needs no permission."""
        station, now_s = self.station, self.station.clock()
        waits = station.status == "Preparing" and station.ledger.current is None
        if not waits or not station.plug_and_charge or station.starts_left <= 0:
            return
        if self.steering.wish_a == 0 or now_s - self._asked_to_start_s < START_AGAIN_S:
            # Without current there is nothing to begin: the contactor is spared.
            return
        self._asked_to_start_s = now_s
        station.starts_left -= 1
        try:
            await station.start_transaction()
        except DeviceCommandError:
            # The charger may begin by itself; it is asked again a little later.
            return

    async def set_current(self, current_a: int, *, urgent: bool = False) -> None:
        """Offer 0 A or 6 A and more by a charging profile (protocol D.4)."""
        if current_a != 0 and not MINIMUM_A <= current_a <= MAXIMUM_A:
            raise ValueError(f"a charger is offered 0 or {MINIMUM_A} to {MAXIMUM_A} A")
        await self.steering.offer(current_a, urgent=urgent)

    async def start(self) -> None:
        """Authorise and start charging."""
        await self.authorise(OWN_TAG)

    async def authorise(self, tag: str) -> None:
        """Start charging in the name of a tag; raises ValueError for one that cannot be."""
        await self.station.start_transaction(tag)

    async def stop(self) -> None:
        """Stop charging; some chargers then want the car to be plugged in again."""
        self.station.starts_left = 0
        await self.station.stop_transaction()

    async def restart(self) -> None:
        """Restart when the session is over."""
        await self.workshop.reset(hard=False)

    async def set_plug_and_charge(self, *, enabled: bool) -> None:
        """Charge without permission when enabled; kept here and not in the charger (LEK-12)."""
        self.station.plug_and_charge = enabled
        self.station.remember()

    async def set_locked(self, *, locked: bool) -> None:
        """Take the charger out of service, at the end of a running session.

        Raises DeviceCommandError for a make that does not know this.
        """
        station = self.station
        if not station.quirks.has_availability:
            raise DeviceCommandError("this make cannot be taken out of service")
        kind = "Inoperative" if locked else "Operative"
        try:
            await station.command(
                "ChangeAvailability", {"connectorId": 0, "type": kind}, accepted=DONE_OR_LATER
            )
        except DeviceCommandError:
            # Some units with a single connector know that one only.
            await station.command(
                "ChangeAvailability", {"connectorId": 1, "type": kind}, accepted=DONE_OR_LATER
            )

    async def set_strategy(self, strategy: Strategy) -> None:
        """Choose how currents are told; ``AUTO`` finds out."""
        self.station.strategy = strategy
        self.steering.reconsider()
        self.station.remember()

    @override
    async def close(self) -> None:
        """Send nothing any more; the line stays open for whoever comes next."""
        self.steering.release()


class SwitchingCharger(OcppCharger):
    """A three-phase charger that can charge on one phase."""

    @property
    @override
    def _forced(self) -> bool | None:
        return self.steering.lines == 1

    async def set_force_single_phase(self, *, forced: bool) -> None:
        """Use one phase only while forced, from the next profile on."""
        await self.steering.use_lines(1 if forced else None)
