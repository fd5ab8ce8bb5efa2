"""Ways to tell a charger a current, from the gentlest to the most persistent (protocol D.4).

Pure.
"""

from enum import StrEnum
from typing import Final

from ..http import Clock
from .profiles import Purpose


class Strategy(StrEnum):
    """Which kind of profile carries the current."""

    AUTO = "auto"
    """The first of the others that the charger accepts and follows."""
    TX_PROFILE = "tx_profile"
    TX_DEFAULT_PROFILE = "tx_default_profile"
    CHARGE_POINT_MAX_PROFILE = "charge_point_max_profile"


OCPP_ORDER: Final = (
    Strategy.TX_PROFILE,
    Strategy.TX_DEFAULT_PROFILE,
    Strategy.CHARGE_POINT_MAX_PROFILE,
)
"""The profile of a transaction is volatile; the others are usually written to flash."""
PURPOSES: Final = {
    Strategy.TX_PROFILE: Purpose.TX,
    Strategy.TX_DEFAULT_PROFILE: Purpose.TX_DEFAULT,
    Strategy.CHARGE_POINT_MAX_PROFILE: Purpose.CHARGE_POINT_MAX,
}
BASES: Final = {
    Strategy.TX_PROFILE: Purpose.TX_DEFAULT,
    Strategy.TX_DEFAULT_PROFILE: Purpose.TX_DEFAULT,
    Strategy.CHARGE_POINT_MAX_PROFILE: Purpose.CHARGE_POINT_MAX,
}
"""What lies under each with the safe current; under a maximum nothing but a maximum can lie."""

DURATION_S: Final = {
    Strategy.TX_PROFILE: 120,
    Strategy.TX_DEFAULT_PROFILE: 900,
    Strategy.CHARGE_POINT_MAX_PROFILE: 900,
}
"""So long a charger that is left alone keeps the last current, in seconds."""
RENEW_S: Final = {
    Strategy.TX_PROFILE: 40.0,
    Strategy.TX_DEFAULT_PROFILE: 600.0,
    Strategy.CHARGE_POINT_MAX_PROFILE: 600.0,
}
VOLATILE: Final = frozenset({Strategy.TX_PROFILE})

WRITES_AT_ONCE: Final = 10
WRITES_PER_S: Final = 1 / 300
"""Twelve an hour: at that rate a memory cell of 100 000 writes lasts a year without any care."""


class WriteBudget:
    """How many writes to flash are left; a reduction takes one whether or not there is one."""

    def __init__(self, clock: Clock) -> None:
        """Begin with a full budget."""
        self._clock = clock
        self._left = float(WRITES_AT_ONCE)
        self._counted_s = clock()
        self.writes = 0

    def allows(self) -> bool:
        """Whether there is room for a write that can wait."""
        self._refill()
        return self._left >= 1.0

    def spend(self) -> None:
        """Note a write."""
        self._refill()
        self._left -= 1.0
        self.writes += 1

    def _refill(self) -> None:
        now_s = self._clock()
        gained = (now_s - self._counted_s) * WRITES_PER_S
        self._left = min(WRITES_AT_ONCE, self._left + gained)
        self._counted_s = now_s
