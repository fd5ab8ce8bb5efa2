"""What a meter is fit for, from how it behaves while it runs.

A fuse is guarded by amperes that come every few seconds. Following the sun needs watts every
minute. Everything else is good enough for accounts, and for nothing that has to act in time.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Final

KEPT: Final = 240
"""Intervals that count: four minutes of a meter that is read every second."""
ENOUGH: Final = 20
"""Fewer intervals than this say nothing."""
FUSE_PERIOD_S: Final = 5.0
"""A typical main breaker carries 1.45 times its rating for minutes; a cut has to come well before,
and each period is lost before it begins."""
FUSE_LONGEST_S: Final = 8.0
"""Longer gaps are silence to the balancer, which then sends every charger to its safe current."""
FUSE_DROPOUTS: Final = 0.02
"""More lost readings than this would pause the chargers again and again."""
SUN_PERIOD_S: Final = 60.0
DROPOUT_FACTOR: Final = 3.0
"""A gap of so many periods is a reading that was lost."""


class Fitness(StrEnum):
    """What may be built on a meter; each includes the ones after it."""

    FUSE = "fuse"
    SUN = "sun"
    ACCOUNT = "account"
    UNKNOWN = "unknown"
    """It has not been watched for long enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a meter has behaved lately."""

    readings: int
    period_s: float | None = None
    """Median time between two readings."""
    longest_s: float | None = None
    dropouts: int = 0
    dropout_share: float = 0.0
    resolution_a: float | None = None
    """The smallest step that was seen between two currents."""
    tells_current: bool = False
    tells_power: bool = False

    @property
    def fitness(self) -> Fitness:
        """What this meter is fit for."""
        if self.period_s is None or self.longest_s is None:
            return Fitness.UNKNOWN
        often = self.period_s <= FUSE_PERIOD_S and self.dropout_share <= FUSE_DROPOUTS
        if self.tells_current and self.tells_power and often:
            return Fitness.FUSE
        if self.tells_power and self.period_s <= SUN_PERIOD_S:
            return Fitness.SUN
        return Fitness.ACCOUNT

    @property
    def margin_s(self) -> float | None:
        """How much later than a good meter this one shows a step, at worst."""
        return None if self.longest_s is None else max(0.0, self.longest_s - 1.0)


class Observer:
    """Watches one meter; bounded in memory."""

    def __init__(self) -> None:
        """Start without an opinion."""
        self._times_s: deque[float] = deque(maxlen=KEPT + 1)
        self._last_a: tuple[float | None, ...] = ()
        self._resolution_a: float | None = None
        self._conduct = Conduct(readings=0)
        self._added = 0

    def add(
        self,
        time_s: float,
        currents_a: Sequence[float | None],
        powers_w: Sequence[float | None],
    ) -> None:
        """Take a reading: when it was, and what every channel told."""
        if self._times_s and time_s <= self._times_s[-1]:
            # The same once more, or one that was overtaken.
            return
        self._times_s.append(time_s)
        for before, now in zip(self._last_a, currents_a, strict=False):
            if before is not None and now is not None and before != now:
                step_a = abs(now - before)
                self._resolution_a = min(step_a, self._resolution_a or step_a)
        self._last_a = tuple(currents_a)
        self._added += 1
        if self._added % ENOUGH == 0:
            # Seldom, because nobody needs it with every reading.
            self._conduct = self._judged(
                tells_current=all(value is not None for value in currents_a),
                tells_power=all(value is not None for value in powers_w),
            )

    @property
    def conduct(self) -> Conduct:
        """How the meter has behaved lately, renewed every twenty readings."""
        return self._conduct

    def _judged(self, *, tells_current: bool, tells_power: bool) -> Conduct:
        times_s = list(self._times_s)
        gaps_s = [later - earlier for earlier, later in pairwise(times_s)]
        if len(gaps_s) < ENOUGH - 1:
            return Conduct(readings=len(times_s))
        period_s = median(gaps_s)
        lost = sum(1 for gap_s in gaps_s if gap_s > max(DROPOUT_FACTOR * period_s, FUSE_LONGEST_S))
        return Conduct(
            readings=len(times_s),
            period_s=period_s,
            longest_s=max(gaps_s),
            dropouts=lost,
            dropout_share=lost / len(gaps_s),
            resolution_a=self._resolution_a,
            tells_current=tells_current,
            tells_power=tells_power,
        )
