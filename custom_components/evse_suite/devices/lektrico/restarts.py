"""Noticing that a Lektrico device has restarted, although it shows no uptime.

A dynamic current and a relay mode are lost when a charger restarts (protocol A.7), and nothing says
so. A restart is counted when a reading shows one of these:

* another firmware version than before;
* a volatile setting that is no longer what we set and the device confirmed, and either the device
  was out of reach in between or the session's counters went backwards;
* the device was out of reach after it had accepted our order to restart.

Counters that go backwards alone prove nothing (a new session does that), and neither does a changed
setting alone (somebody else may have set it).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a reading shows of the device's memory."""

    firmware: str | None
    volatile: tuple[int | None, ...] = ()
    """Dynamic current in amperes and relay mode; None where it is not told."""
    session: tuple[float, ...] = ()
    """Counters of the session, which only grow while it lasts."""


class RestartWatch:
    """Counts the restarts of one device."""

    def __init__(self) -> None:
        """Know nothing of the device's past."""
        self.count = 0
        self._ordered = False
        self._expected: tuple[int | None, ...] | None = None
        self._outages = 0
        self._last: Trace | None = None

    def expect(self, volatile: tuple[int | None, ...] | None) -> None:
        """Note what the device confirmed to have set; None while a command is under way."""
        self._expected = volatile

    def order(self) -> None:
        """Note that the device accepted to restart."""
        self._ordered = True

    def observe(self, trace: Trace, outages: int) -> None:
        """Judge a new reading; ``outages`` counts the failed connections so far."""
        last, self._last = self._last, trace
        away, self._outages = outages != self._outages, outages
        if last is None:
            return
        updated = None not in (last.firmware, trace.firmware) and last.firmware != trace.firmware
        forgot = self._forgot(trace) and (away or _went_back(last, trace))
        if updated or forgot or (self._ordered and away):
            self.count += 1
            self._ordered = False
            self._expected = None

    def _forgot(self, trace: Trace) -> bool:
        return self._expected is not None and any(
            None not in (wanted, found) and wanted != found
            for wanted, found in zip(self._expected, trace.volatile, strict=True)
        )


def _went_back(last: Trace, now: Trace) -> bool:
    return any(new < old for old, new in zip(last.session, now.session, strict=False))
