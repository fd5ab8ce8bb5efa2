"""What a charger and a meter of entities have in common."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable
from typing import Final

from ..base import BaseDevice
from ..entity_door import EntityDoor
from ..http import Clock
from ..model import DeviceConnectionError, DeviceIdentity, Reading
from .freshness import Freshness
from .setup import Setup

TOGETHER_S: Final = 0.05
"""Entities of one report are written one after the other: they are read when all are."""


class EntityDevice[R: Reading](BaseDevice, ABC):
    """Reads entities when it is asked, and whenever one of them says something."""

    def __init__(
        self, identity: DeviceIdentity, door: EntityDoor, setup: Setup, clock: Clock
    ) -> None:
        """Look at nothing yet."""
        super().__init__(identity)
        self._door = door
        self._setup = setup
        self._clock = clock
        self._fresh = Freshness(setup.interval_s, setup.quiet_s)
        self._spoken = asyncio.Event()

    def pace_s(self) -> float:
        """Return how often there is something new to read."""
        return self._setup.interval_s

    @abstractmethod
    def _reading(self) -> R:
        """Return what the entities say now."""

    async def read(self) -> R:
        """Return what the entities say; raises DeviceConnectionError for one that says nothing."""
        return self._reading()

    async def listen(self, on_reading: Callable[[R], None]) -> None:
        """Hand over a reading for every report.

        Ends with DeviceConnectionError when entities that were heard say nothing any more; those
        that say nothing from the beginning are waited for, because nobody is quicker than they are
        in telling that they are back.
        """
        unwatch = self._door.watch(self._setup.references, self._spoken.set)
        # What was said while nobody listened counts as well.
        self._spoken.set()
        heard = False
        try:
            while True:
                await self._spoken.wait()
                await asyncio.sleep(TOGETHER_S)
                self._spoken.clear()
                try:
                    reading = self._reading()
                except DeviceConnectionError:
                    if heard:
                        raise
                    continue
                heard = True
                on_reading(reading)
        finally:
            unwatch()
