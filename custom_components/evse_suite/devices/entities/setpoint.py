"""What a charger was told, what it says that it was told, and what a person wants of it.

Readings come late, and through clouds very late: a limit that is read back may be one that the
suite itself sent a minute ago. It is then neither a person's wish nor the charger's refusal. A
person's change is one that was made in Home Assistant by a user, or a lower value that nobody here
has sent and that stays.
"""

from collections import deque
from typing import Final, NamedTuple

KEPT: Final = 32
MEMORY_S: Final = 300.0
"""A value that was sent so long ago can still come back."""
SHOWN: Final = 3
"""Reports of the newest value after which an older one is no echo any more; the first may be the
integration's own guess."""


class Told(NamedTuple):
    """What was read back of a limit and of the switch beside it."""

    current_a: int | None
    """The limit in force: 0 while charging is switched off; None where nobody tells."""
    limit_a: int | None = None
    enabled: bool | None = None
    limit_by_person: bool = False
    switch_by_person: bool = False
    said_s: float = 0.0
    """When the limit was reported."""


class _Foreign(NamedTuple):
    """A value that was not sent from here, and when it was first seen."""

    current_a: int
    since_s: float


class Setpoint:
    """Tells the suite's own late echoes from a person's changes."""

    def __init__(self, maximum_a: int, settle_s: float) -> None:
        """Start with nothing sent; a person who sets ``maximum_a`` or more lifts a limit."""
        self._maximum_a = maximum_a
        self._settle_s = settle_s
        self._sent: deque[tuple[int, float]] = deque(maxlen=KEPT)
        self._last: Told | None = None
        self._foreign: _Foreign | None = None
        self._away = False
        self._shown = 0
        self._shown_s = 0.0
        self.restarts = 0
        """How often it came back with another value than the one that it was told."""
        self.doubted = False
        """Whether what was sent last may have got through or not."""
        self.person_a: int | None = None
        """What a person allows at most; 0 after it was switched off by one."""

    @property
    def newest_a(self) -> int | None:
        """What was sent last."""
        return self._sent[-1][0] if self._sent else None

    def sent(self, current_a: int, now_s: float) -> None:
        """Note what the charger is told now."""
        if current_a != self.newest_a:
            self._shown = 0
        self._sent.append((current_a, now_s))
        self._foreign = None
        self.doubted = False

    def failed(self, now_s: float) -> None:
        """Note that what was sent last did not get through, or perhaps not."""
        self.doubted = True
        if len(self._sent) > 1:
            self._sent.append((self._sent[-2][0], now_s))
        else:
            self._sent.clear()

    def stopped(self, *, by_person: bool) -> None:
        """Note that a person stopped the charge from here, or lets it go on."""
        self.person_a = 0 if by_person else None

    def lost(self) -> None:
        """Note that it cannot be read: what it shows when it is back is no echo."""
        self._away = True

    def unplugged(self) -> None:
        """Forget what a person wanted for the car that has gone."""
        self.person_a = None
        self._foreign = None

    def observe(self, told: Told, now_s: float) -> int | None:
        """Return the limit that the charger can be said to have now, None while nobody knows."""
        last, self._last = self._last, told
        current_a = told.current_a
        if last is not None and self._acted(last, told):
            return current_a
        if current_a is None or self.newest_a is None:
            return current_a
        if current_a == self.newest_a:
            self._confirmed(told)
        elif self._away:
            self.restarts += 1
            self._shown = SHOWN
        elif self._is_echo(current_a, now_s):
            current_a = None
        elif current_a > self.newest_a:
            if self.newest_a == self.person_a:
                self.person_a = None
        else:
            current_a = self._lowered(current_a, now_s)
        self._away = False
        return current_a

    def _confirmed(self, told: Told) -> None:
        """Take notice of a report of what was sent last."""
        self._foreign = None
        self._shown += told.said_s != self._shown_s
        self._shown_s = told.said_s

    def _acted(self, last: Told, told: Told) -> bool:
        """Take notice of what a person has done in Home Assistant since the last look."""
        if told.switch_by_person and told.enabled is not None and told.enabled is not last.enabled:
            self.person_a = None if told.enabled else 0
            return True
        limit_a = told.limit_a
        if told.limit_by_person and limit_a is not None and limit_a != last.limit_a:
            self.person_a = None if limit_a >= self._maximum_a else limit_a
            return True
        return False

    def _is_echo(self, current_a: int, now_s: float) -> bool:
        """Whether it was sent from here before, and not so long ago."""
        return self._shown < SHOWN and any(
            current_a == sent_a and now_s - at_s < MEMORY_S
            for sent_a, at_s in list(self._sent)[:-1]
        )

    def _lowered(self, current_a: int, now_s: float) -> int | None:
        """Take a lower value for a person's when it has stayed long enough."""
        if self._foreign is None or self._foreign.current_a != current_a:
            self._foreign = _Foreign(current_a, now_s)
        if now_s - self._foreign.since_s < self._settle_s:
            return None
        self.person_a = current_a
        return current_a
