"""All charge points that are known or have dialled in, and what of them survives a restart."""

from collections.abc import Callable, Iterator, Mapping
import time
from typing import Final

from ..http import Clock
from ..model import DeviceProtocolError
from ..parse import Fields
from .station import Place, Station

MOST_STRANGERS: Final = 20
"""Charge points that wait to be accepted; the oldest is forgotten for a new one."""


class Stations:
    """Charge points by their identity."""

    def __init__(
        self,
        *,
        clock: Clock = time.monotonic,
        wall: Clock = time.time,
        on_remember: Callable[[], None] = lambda: None,
    ) -> None:
        """Know none; ``on_remember`` is called when ``to_json`` has changed."""
        self._clock = clock
        self._wall = wall
        self._on_remember = on_remember
        self._stations: dict[str, Station] = {}
        self._stored: dict[str, object] = {}

    def station(self, identity: str) -> Station:
        """Return a charge point, which may never have been heard of."""
        station = self._stations.get(identity)
        if station is None:
            station = Station(identity, self._clock, self._wall, self._on_remember)
            self._stations[identity] = station
            self._recall(station)
            self._forget_strangers()
        return station

    def accepts(self, identity: str) -> bool:
        """Tell whether a charge point belongs to a site."""
        station = self._stations.get(identity)
        return station is not None and station.place is not None

    def _recall(self, station: Station) -> None:
        stored = self._stored.pop(station.identity, None)
        if stored is None:
            return
        try:
            station.recall(Fields(stored, station.identity))
        except DeviceProtocolError:
            # Somebody changed the file: what it was about is learnt anew.
            return

    def _forget_strangers(self) -> None:
        strangers = [it for it in self._stations.values() if it.place is None]
        for station in strangers[:-MOST_STRANGERS]:
            if station.connection is None:
                del self._stations[station.identity]

    def place(self, places: Mapping[str, Place]) -> None:
        """Accept exactly these charge points; others are told to wait from now on."""
        for identity, place in places.items():
            station = self.station(identity)
            if station.place != place:
                station.place = place
                station.changed()
        for station in self._stations.values():
            if station.identity not in places and station.place is not None:
                station.place = None
                station.changed()

    def __iter__(self) -> Iterator[Station]:
        """Yield all of them."""
        return iter(tuple(self._stations.values()))

    def to_json(self) -> dict[str, object]:
        """Return what survives a restart of those that were accepted."""
        known = {it.identity: it.to_json() for it in self._stations.values() if it.place}
        return {**self._stored, **known}

    def recall(self, stored: object) -> None:
        """Take what was stored before; what is no such document is ignored."""
        self._stored = dict(stored) if isinstance(stored, dict) else {}
