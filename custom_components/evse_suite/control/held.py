"""Whether somebody holds the export at its limit, so that the sun's surplus is hidden (IND-10)."""

from dataclasses import dataclass
from math import inf

HELD_W = 500.0
HELD_S = 60.0
"""Export that is about its limit for so long, and was beyond it as lately, is held there."""
BEYOND_W = 50.0
"""Less than this beyond the limit is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the export was like of late (written by ``export``)."""

    since_s: float = inf
    """Since when it has been about the limit."""
    beyond_s: float = -inf
    """When it was last beyond it."""

    def noted(self, beyond_w: float, now_s: float) -> Held:
        """Return the same after one more cycle; ``beyond_w`` is negative below the limit."""
        return Held(
            since_s=min(self.since_s, now_s) if abs(beyond_w) <= HELD_W else inf,
            beyond_s=now_s if beyond_w > BEYOND_W else self.beyond_s,
        )

    def hides(self, now_s: float) -> bool:
        """Whether a generator yields to the limit, and is at it now."""
        return now_s - self.since_s >= HELD_S and 0 < now_s - self.beyond_s <= HELD_S
