"""How often a device may be written to: flash wears out, and clouds count.

A reduction never waits. It is counted all the same, so that raises pay for it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from .profile import Budget

HOUR_S: Final = 3600.0


class Allowance(NamedTuple):
    """Writes per hour in the long run, and how many of them may come at once."""

    per_hour: float
    at_once: int


ALLOWANCES: Final[Mapping[Budget, Allowance]] = {
    Budget.VOLATILE: Allowance(720, 60),
    Budget.LOCAL: Allowance(360, 30),
    Budget.CLOUD: Allowance(60, 12),
    Budget.FLASH: Allowance(20, 8),
}
"""A flash memory of 100,000 cycles that is written to at this rate all day lasts half a year, and
at the rate of a real day, when a car charges for a few hours and mostly at one current, for years.
"""


def raise_spacing_s(budget: Budget) -> float:
    """Return the time between two raises that the budget bears for ever."""
    return HOUR_S / ALLOWANCES[budget].per_hour


class WriteBudget:
    """What is left of a device's writes."""

    def __init__(self, budget: Budget, now_s: float) -> None:
        """Start full."""
        self._allowance = ALLOWANCES[budget]
        self._left = float(self._allowance.at_once)
        self._counted_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Return how long a raise has to wait, 0 when it may be sent."""
        self._refill(now_s)
        return max(0.0, 1.0 - self._left) * HOUR_S / self._allowance.per_hour

    def spend(self, now_s: float) -> None:
        """Count a write; reductions may overdraw by as much as the budget holds."""
        self._refill(now_s)
        self._left = max(-float(self._allowance.at_once), self._left - 1.0)

    def _refill(self, now_s: float) -> None:
        gained = (now_s - self._counted_s) * self._allowance.per_hour / HOUR_S
        self._left = min(float(self._allowance.at_once), self._left + gained)
        self._counted_s = now_s
