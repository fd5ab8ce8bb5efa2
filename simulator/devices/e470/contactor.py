"""The contactor: exhausted credit, load limit, commands and the push button, section 4.6 on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OFF_S: Final = 5.0
"""So long the display says OFF after the load limit has opened the contactor."""


class Supply(StrEnum):
    """What the contactor and its message are."""

    ON = "on"
    OFF = "off"
    PUSH_BUTTON = "push_button"


@dataclass(slots=True)
class Contactor:
    """Opens by itself, closes by hand."""

    supply: Supply = Supply.ON
    commanded_off: bool = False
    trips: int = 0
    """How often the load limit has opened it."""
    _off_left_s: float = 0.0
    _over_s: float = 0.0

    @property
    def closed(self) -> bool:
        """Whether the home has power."""
        return self.supply is Supply.ON

    @property
    def message_off(self) -> bool:
        """Whether OFF of the load limit is on the display."""
        return self._off_left_s > 0

    def follow(self, *, entitled: bool) -> None:
        """Open without credit, and offer the supply once there is credit."""
        if not entitled or self.commanded_off:
            self.supply = Supply.OFF
        elif self.supply is Supply.OFF and not self.message_off:
            self.supply = Supply.PUSH_BUTTON

    def limit(self, power_w: float, limit_w: float, dt_s: float, patience_s: float) -> None:
        """Open when the load has exceeded the limit for longer than ``patience_s``."""
        self._over_s = self._over_s + dt_s if self.closed and power_w > limit_w else 0.0
        if self._over_s > patience_s:
            self.supply = Supply.OFF
            self._off_left_s = OFF_S
            self._over_s = 0.0
            self.trips += 1

    def wait(self, dt_s: float) -> None:
        """Let the OFF of the load limit run down."""
        self._off_left_s = max(0.0, self._off_left_s - dt_s)

    def press(self) -> bool:
        """Close if the supply is offered; return whether it was."""
        if self.supply is not Supply.PUSH_BUTTON:
            return False
        self.supply = Supply.ON
        return True
