"""Noticing restarts of a device that tells its uptime."""

from typing import Final

_TOLERANCE_S: Final = 10.0
"""More than the whole seconds of the uptime, the time that a reading may take, and two readings
that come in the wrong order."""


class UptimeWatch:
    """Counts restarts, those included that happened while nobody was asking."""

    def __init__(self) -> None:
        """Know nothing of the device's past."""
        self.count = 0
        self._booted_s: float | None = None

    def observe(self, time_s: float, uptime_s: float | None) -> None:
        """Judge an uptime that was true at ``time_s``."""
        if uptime_s is None:
            return
        booted_s = time_s - uptime_s
        if self._booted_s is not None and booted_s > self._booted_s + _TOLERANCE_S:
            self.count += 1
        self._booted_s = booted_s
