"""Which changes of a value are worth a row in the database.

The site decides every second; the recorder must not write every second. A value is published when
it has moved by more than its band. Single events are shown quickly, what never comes to rest is
shown at a slower pace, and the rest of the truth follows with patience.
"""

from dataclasses import dataclass, replace
import math
from typing import Final

LEAP: Final = 10.0
"""A change by so many bands is an event of its own: the pace does not hold it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """When a changed value is written."""

    step: float = math.inf
    """Change that is worth a write of its own, in the value's unit."""
    share: float = 0.0
    """The same as a share of the value, where that is more than ``step``."""
    least_s: float = 5.0
    """Time that always passes between two writes."""
    burst: int = 4
    """So many writes may follow each other after a quiet time,"""
    pace_s: float = 40.0
    """and then one in this time."""
    patience_s: float = 120.0
    """A smaller change, or one of a text, is written after this time."""


CURRENT_BAND: Final = Band(step=0.5)
SETTING_BAND: Final = Band(step=1.0)
POWER_BAND: Final = Band(step=100, share=0.03)
HEADROOM_BAND: Final = Band(step=0.5, pace_s=80)
SURPLUS_BAND: Final = Band(step=100, share=0.03, pace_s=80)
"""What follows from other values that are recorded needs no fine record of its own."""
VOLTAGE_BAND: Final = Band(step=2, least_s=10, patience_s=300)
FACTOR_BAND: Final = Band(step=0.1, least_s=60, pace_s=300, patience_s=600)
ENERGY_BAND: Final = Band(step=10, least_s=60, pace_s=120, patience_s=300)
TEMPERATURE_BAND: Final = Band(step=1, least_s=30, patience_s=300)
DURATION_BAND: Final = Band(step=60, least_s=60, pace_s=120)
FORECAST_BAND: Final = Band(step=15, pace_s=80, patience_s=300)
"""Of an instant to come, in seconds."""
TEXT_BAND: Final = Band(patience_s=90)


class Published:
    """The value that an entity shows, and since when."""

    __slots__ = ("_band", "_rest", "_saved", "_saved_s", "_value", "_written_s")

    def __init__(self, band: Band | None, *, siblings: int = 1) -> None:
        """Start without a value; without a band every change is written at once.

        ``siblings`` values of a kind, one for each phase, share one pace.
        """
        if band is not None and siblings > 1:
            band = replace(band, pace_s=band.pace_s * siblings)
        self._band = band
        self._value: object = None
        self._rest: object = None
        self._written_s = -math.inf
        self._saved = 0.0 if band is None else float(band.burst)
        self._saved_s = 0.0

    def offer(
        self, value: object, now_s: float, *, at_once: bool = False, rest: object = None
    ) -> bool:
        """Return whether ``value`` is to be written now, and take it as written if so.

        ``rest`` is shown with the value and waits for it; alone it is written with patience.
        """
        if not (at_once or self._wants_out(value, rest, now_s)):
            return False
        moved = at_once or value != self._value
        self._value = value
        self._rest = rest
        self._written_s = now_s
        if self._band is not None and moved:
            self._saved = max(0.0, self._savings(self._band, now_s) - 1.0)
            self._saved_s = now_s
        return True

    def _wants_out(self, value: object, rest: object, now_s: float) -> bool:
        if value != self._value:
            return self._is_due(value, now_s)
        patience_s = 0.0 if self._band is None else self._band.patience_s
        return rest != self._rest and now_s - self._written_s >= patience_s

    def _is_due(self, value: object, now_s: float) -> bool:
        band = self._band
        if band is None or value is None or self._value is None:
            return True
        waited_s = now_s - self._written_s
        if waited_s < band.least_s:
            return False
        if waited_s >= band.patience_s:
            return True
        if not isinstance(value, float | int) or not isinstance(self._value, float | int):
            return False
        if value == 0:
            # News however small the last value was: nothing flows any more.
            return True
        bands = abs(value - self._value) / max(band.step, band.share * abs(self._value))
        return bands >= LEAP or (bands >= 1.0 and self._savings(band, now_s) >= 1.0)

    def _savings(self, band: Band, now_s: float) -> float:
        """Return how many writes may follow each other now."""
        return min(float(band.burst), self._saved + (now_s - self._saved_s) / band.pace_s)
