"""Which changes of a value are worth a row in the database.

The site decides every second; the recorder must not write every second. A value is published when
it has moved by more than its band, seldom enough, and the rest of the truth follows with patience.
"""

from dataclasses import dataclass
import math
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """When a changed value is written; times are seconds since the last write."""

    step: float = math.inf
    """Change that is worth a write of its own, in the value's unit."""
    share: float = 0.0
    """The same as a share of the value, where that is more than ``step``."""
    least_s: float = 5.0
    patience_s: float = 120.0
    """A smaller change, or one of a text, is written after this time."""


CURRENT_BAND: Final = Band(step=0.5)
POWER_BAND: Final = Band(step=100, share=0.03)
VOLTAGE_BAND: Final = Band(step=2, least_s=10, patience_s=300)
FACTOR_BAND: Final = Band(step=0.1, least_s=30, patience_s=300)
ENERGY_BAND: Final = Band(step=10, least_s=60, patience_s=300)
TEMPERATURE_BAND: Final = Band(step=1, least_s=30, patience_s=300)
DURATION_BAND: Final = Band(step=60, least_s=60, patience_s=60)
TEXT_BAND: Final = Band(least_s=15, patience_s=60)


class Published:
    """The value that an entity shows, and since when."""

    __slots__ = ("_band", "_value", "_written_s")

    def __init__(self, band: Band | None) -> None:
        """Start without a value; without a band every change is written at once."""
        self._band = band
        self._value: object = None
        self._written_s = -math.inf

    def offer(self, value: object, now_s: float, *, at_once: bool = False) -> bool:
        """Return whether ``value`` is to be written now, and take it as written if so."""
        if value == self._value and not at_once:
            return False
        if not at_once and not self._is_due(value, now_s - self._written_s):
            return False
        self._value = value
        self._written_s = now_s
        return True

    def _is_due(self, value: object, waited_s: float) -> bool:
        band = self._band
        if band is None or value is None or self._value is None:
            return True
        if waited_s < band.least_s:
            return False
        if waited_s >= band.patience_s:
            return True
        if not isinstance(value, float | int) or not isinstance(self._value, float | int):
            return False
        # Zero is news however small the last value was: nothing flows any more.
        return value == 0 or abs(value - self._value) >= max(
            band.step, band.share * abs(self._value)
        )
