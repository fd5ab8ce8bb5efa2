"""Energy counters that never go down (LEK-3)."""

from typing import Final

RESET_AFTER_S: Final = 300.0
"""A device that shows less for longer than this has lost its counter for good."""


class RisingCounter:
    """Carries a device's energy counter over dips and resets.

    A dip is a glitch and is not shown. A counter that stays low was reset, or the device replaced:
    then the total goes on from where it was, so that no statistics ever see a step.
    """

    def __init__(self) -> None:
        """Start without a total; ``restore`` gives the one of the last run."""
        self._total: float | None = None
        self._offset = 0.0
        self._low_since_s: float | None = None

    def restore(self, total: float) -> None:
        """Go on from the total that was shown last, unless a greater one is known already."""
        if self._total is None or total > self._total:
            self._total = total

    def update(self, raw: float, now_s: float) -> float:
        """Return the total for the device's counter ``raw``, in the same unit."""
        shown = raw + self._offset
        if self._total is None or shown >= self._total:
            self._total = shown
            self._low_since_s = None
        elif self._low_since_s is None:
            self._low_since_s = now_s
        elif now_s - self._low_since_s >= RESET_AFTER_S:
            self._offset = self._total - raw
            self._low_since_s = None
        return self._total
