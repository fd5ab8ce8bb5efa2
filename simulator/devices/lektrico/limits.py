"""Which limit binds a Lektrico charger, and how warm the charger is (protocol A.4, A.7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
import math

MINIMUM_A = 6
RATED_A = 32
OVERTEMP_C = 70.0
CRITICAL_C = 85.0
RECOVERED_C = 75.0


class Reason(IntEnum):
    """``current_limit_reason`` on the wire."""

    NO_LIMIT = 0
    INSTALLATION_CURRENT = 1
    USER_LIMIT = 2
    DYNAMIC_LIMIT = 3
    SCHEDULE = 4
    EM_OFFLINE = 5
    EM = 6
    OCPP = 7
    OVERTEMPERATURE = 8
    SWITCHING_PHASES = 9


@dataclass(frozen=True, slots=True)
class Limit:
    """A current and the reason for it."""

    current_a: int
    reason: Reason


def binding(limits: Iterable[Limit]) -> Limit:
    """Return the smallest limit; of equal ones the one that is named first in ``Reason``."""
    smallest = min(limits, key=lambda limit: (limit.current_a, limit.reason))
    if smallest.current_a >= RATED_A:
        return Limit(RATED_A, Reason.NO_LIMIT)
    return smallest


@dataclass(slots=True, kw_only=True)
class Thermal:
    """Temperature of the board: the square of the current warms it, the room cools it."""

    ambient_c: float = 20.0
    rise_c: float = 22.0
    """How much warmer than the room the board gets at 32 A in the long run."""
    time_constant_s: float = 900.0
    board_c: float = 20.0
    critical: bool = False
    """Too hot to charge; ends only well below the threshold."""

    def step(self, current_a: float, dt_s: float) -> None:
        """Warm or cool for ``dt_s`` at a current."""
        final_c = self.ambient_c + self.rise_c * (current_a / RATED_A) ** 2
        share = 1.0 - math.exp(-dt_s / self.time_constant_s)
        self.board_c += (final_c - self.board_c) * share
        self.critical = self.board_c >= (RECOVERED_C if self.critical else CRITICAL_C)

    @property
    def throttled(self) -> bool:
        """Whether heat reduces the current."""
        return self.board_c >= OVERTEMP_C

    @property
    def limit_a(self) -> int:
        """Full current up to the threshold, from there down to the minimum when critical."""
        if not self.throttled:
            return RATED_A
        share = min((self.board_c - OVERTEMP_C) / (CRITICAL_C - OVERTEMP_C), 1.0)
        return RATED_A - max(1, math.ceil(share * (RATED_A - MINIMUM_A)))
