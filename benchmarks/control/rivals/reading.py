"""What these laws have in common: when they act, and when a reading counts as failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
import random

from ..contract import ChargerSample, Commands, HomeSpec, MeterSample, Sight

RETRY_S = 10.0
"""A poller asks a meter that is silent again for about this long before it gives up."""
SILENT_PERIODS = 3


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A cycle of so many seconds that runs at one second of it."""

    period_s: int
    phase_s: int = 0

    def due(self, now_s: float) -> bool:
        """Tell whether the cycle runs at this tick."""
        return int(now_s) % self.period_s == self.phase_s % self.period_s

    def turn(self, now_s: float) -> int:
        """Return the running number of the cycle."""
        return (int(now_s) - self.phase_s) // self.period_s


def drawn_phase(seed: int, period_s: int) -> int:
    """Return the phase of a cycle that a seed stands for."""
    return random.Random(seed).randrange(period_s)


class Mains:
    """The mains meter to one who polls it and knows the time of his own clock alone."""

    def __init__(self, home: HomeSpec) -> None:
        """Give up asking when nothing new has come for long at this home's rhythm."""
        self._limit_s = max(RETRY_S, float(SILENT_PERIODS * home.meter_period_s))
        self._newest: MeterSample | None = None
        self._heard_s = 0.0

    def listen(self, sight: Sight) -> None:
        """Take over what has arrived; to be called at every tick."""
        if sight.meter is not self._newest:
            self._newest, self._heard_s = sight.meter, sight.now_s

    def ask(self, now_s: float) -> MeterSample | None:
        """Return the newest sample, or None if asking for one must have failed."""
        return self._newest if now_s - self._heard_s <= self._limit_s else None


class Told:
    """What the chargers were told last, so that only what is new is sent.

    A charger that has not been told anything offers what it says: a law may begin while it charges.
    """

    def __init__(self, chargers: int) -> None:
        """Begin with chargers that nobody has told anything."""
        self._told: list[float | None] = [None] * chargers

    def news(self, sight: Sight, wanted: Iterable[tuple[int, float]]) -> Commands:
        """Return what has to be sent of (charger, amperes), and remember it."""
        commands = []
        for index, current_a in wanted:
            told_a, charger = self._told[index], sight.chargers[index]
            if told_a is None:
                told_a = charger.offered_a if charger is not None else 0
            if current_a != told_a:
                commands.append((index, current_a))
            self._told[index] = current_a
        return commands


def has_currents(meter: MeterSample) -> bool:
    """Tell whether every phase has a current."""
    return all(map(isfinite, meter.current_a))


def is_complete(meter: MeterSample) -> bool:
    """Tell whether the sample has all its values."""
    return isfinite(meter.power_w) and has_currents(meter)


def drawn_a(charger: ChargerSample | None) -> float:
    """Return the current of the line that draws most; 0 for a charger never read."""
    return max(charger.drawn_a, default=0.0) if charger is not None else 0.0
