"""The control law of cryptotomte/ev-load-balancer @ 64f3c68, with its defaults.

Re-implemented from a description. Its limit of 16 A is the charger's maximum here, which its user
would set. Its 5 s of patience before a raise run from the last command, the reading that comes
closest to published figures. Left out: switching between one and three phases, which the
benchmark's chargers do not do, and the events of Home Assistant between a sensor and the balancer.
"""

from dataclasses import dataclass
from math import floor, inf, isnan
from typing import Final

from ..contract import ChargerPlace, ChargerSample, Commands, HomeSpec, MeterSample, Sight
from .alone import only_charger
from .reading import has_currents

MARGIN_A: Final = 2.0
RAISE_AFTER_S: Final = 5.0
"""A raise comes no sooner after the last command."""
PAUSE_AFTER_S: Final = 15.0
RESUME_AT_A: Final = 8.0
RESUME_AFTER_S: Final = 30.0
GOOD_CALCULATIONS: Final = 2
"""So many are needed before the first command."""


@dataclass(slots=True)
class _Since:
    """How long something has been so."""

    start_s: float | None = None

    def held_s(self, now_s: float, *, so: bool) -> float:
        """Return for how long; nothing when it is not so now."""
        if not so:
            self.start_s = None
            return -inf
        if self.start_s is None:
            self.start_s = now_s
        return now_s - self.start_s


class EvLoadBalancer:
    """Computes whenever a phase of the mains or the charger tells something new."""

    def __init__(self, home: HomeSpec, place: ChargerPlace) -> None:
        """Take over what the installer says."""
        self.home = home
        self.place = place
        self.told: tuple[object, ...] = ()
        self.calculations = 0
        self.offered_a = 0
        self.written_s = -inf
        self.short, self.roomy = _Since(), _Since()

    def step(self, sight: Sight) -> Commands:
        """Return a command when something new demands it."""
        meter, charger = sight.meter, sight.chargers[0]
        if meter is None or charger is None or not charger.connected:
            return ()
        told = (meter.current_a, charger.drawn_a, charger.offered_a)
        if told == self.told:
            return ()
        self.told = told
        if not has_currents(meter):
            return self._without_sensors(meter, sight.now_s)
        self.calculations += 1
        if self.calculations < GOOD_CALCULATIONS:
            self.offered_a = charger.offered_a
            return ()
        return self._decide(self._room_a(meter, charger), sight.now_s)

    def _room_a(self, meter: MeterSample, charger: ChargerSample) -> float:
        """Return what the fullest of the charger's phases leaves for it."""
        return min(
            self.home.fuse_a - (meter.current_a[phase] - drawn_a) - MARGIN_A
            for phase, drawn_a in zip(self.place.lines, charger.drawn_a, strict=True)
        )

    def _without_sensors(self, meter: MeterSample, now_s: float) -> Commands:
        """Go to the minimum while a phase is unknown; pause when all are."""
        if all(map(isnan, meter.current_a)):
            return self._send(0, now_s)
        return self._send(min(self.offered_a, self.place.minimum_a), now_s)

    def _decide(self, room_a: float, now_s: float) -> Commands:
        minimum_a = self.place.minimum_a
        target_a = max(minimum_a, min(floor(room_a), self.place.maximum_a))
        if self.offered_a == 0:
            roomy_s = self.roomy.held_s(now_s, so=room_a >= RESUME_AT_A)
            return self._send(target_a, now_s) if roomy_s >= RESUME_AFTER_S else ()
        if self.short.held_s(now_s, so=room_a < minimum_a) >= PAUSE_AFTER_S:
            self.short, self.roomy = _Since(), _Since()
            return self._send(0, now_s)
        if target_a < self.offered_a or now_s - self.written_s >= RAISE_AFTER_S:
            return self._send(target_a, now_s)
        return ()

    def _send(self, current_a: int, now_s: float) -> Commands:
        if current_a == self.offered_a:
            return ()
        self.offered_a, self.written_s = current_a, now_s
        return ((0, current_a),)


def cryptotomte(home: HomeSpec, _seed: int) -> EvLoadBalancer:
    """Return the balancer."""
    return EvLoadBalancer(home, only_charger(home))
