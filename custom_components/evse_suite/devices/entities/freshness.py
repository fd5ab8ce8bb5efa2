"""How old is what entities say, and whether that is too old for the rhythm that they had.

Entities of one device are written together by their integration, so a device is as fresh as the
newest report of any of its entities, and a reading as old as the oldest of its devices. A steady
value that is reported again is not old; a value that nobody repeats is.
"""

from collections import deque
from collections.abc import Iterable
from statistics import median
from typing import Final

from ..entity_door import Seen
from ..model import DeviceConnectionError

GAPS: Final = 9
"""So many of the last gaps between reports make a rhythm."""
MISSED: Final = 3.0
"""A source that misses so many of its reports in a row has fallen silent."""
SHORTEST_S: Final = 15.0
LONGEST_S: Final = 900.0
"""Slower than this nothing can be controlled by it."""
SAME_REPORT_S: Final = 0.5
"""Entities of one report are written one after the other."""


class Rhythm:
    """When one source spoke."""

    def __init__(self, usual_s: float) -> None:
        """``usual_s`` is its rhythm until it is observed."""
        self._usual_s = usual_s
        self._last_s: float | None = None
        self._gaps_s: deque[float] = deque(maxlen=GAPS)

    def note(self, reported_s: float) -> None:
        """Take notice of its newest report."""
        if self._last_s is None:
            self._last_s = reported_s
        elif reported_s - self._last_s >= SAME_REPORT_S:
            self._gaps_s.append(reported_s - self._last_s)
            self._last_s = reported_s

    @property
    def interval_s(self) -> float:
        """Return the time between two reports, as it was observed."""
        return median(self._gaps_s) if len(self._gaps_s) == GAPS else self._usual_s

    @property
    def silent_after_s(self) -> float:
        """Return the age at which its word counts for nothing."""
        usual_s = max(self.interval_s, self._usual_s if len(self._gaps_s) < GAPS else 0.0)
        return min(max(MISSED * usual_s, SHORTEST_S), LONGEST_S)


class Freshness:
    """The rhythms of the sources that one device is made of."""

    def __init__(self, usual_s: float, quiet_s: float) -> None:
        """``quiet_s``: a source that is available may be silent for so long and is believed."""
        self._usual_s = usual_s
        self._quiet_s = quiet_s
        self._rhythms: dict[str, Rhythm] = {}

    def time_s(self, seen: Iterable[Seen], now_s: float) -> float:
        """Return the time for which these entities speak together.

        Raises DeviceConnectionError when one of their sources has fallen silent.
        """
        newest: dict[str, Seen] = {}
        for it in seen:
            if it.source not in newest or it.reported_s > newest[it.source].reported_s:
                newest[it.source] = it
        return min((self._of(source, it, now_s) for source, it in newest.items()), default=now_s)

    def _of(self, source: str, newest: Seen, now_s: float) -> float:
        rhythm = self._rhythms.setdefault(source, Rhythm(self._usual_s))
        rhythm.note(newest.reported_s)
        age_s = now_s - newest.reported_s
        if age_s <= self._quiet_s:
            return now_s
        if age_s > max(rhythm.silent_after_s, self._quiet_s):
            raise DeviceConnectionError(
                f"{newest.entity_id} has said nothing for {age_s:.0f} s, "
                f"where it usually does every {rhythm.interval_s:.0f} s"
            )
        return newest.reported_s
