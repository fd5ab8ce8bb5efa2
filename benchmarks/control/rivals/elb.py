"""The control law of dirkgroenen/hass-evse-load-balancer @ 0c6d654 (v1.0.9), with its defaults.

Re-implemented from a description. Its two balancers are here, and the conservative one as its pull
request #92 mends it. Left out: the writes' way through Home Assistant (the world delays them), the
sharing among chargers, which its coordinator does not reach, and phases that a car does not use,
which it does not know either: every phase of the mains binds every charger.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from math import floor
from typing import Final

from ..contract import ChargerSample, Commands, HomeSpec, Sight
from .alone import only_charger
from .reading import has_currents

RISK_LIMIT: Final = 60.0
RISK_RATES: Final = ((0.13, 1.0), (0.40, 2.0), (1.0, 6.0))
"""Overload as a share of the fuse, and the risk of a second of it: 60, 30, 10 s are tolerated."""
RISK_RATE_BEYOND: Final = 60.0
WRITE_GAP_S: Final = 20.0
RAISE_GAP_S: Final = 15 * 60.0
SETTLED_S: Final = 15.0
"""This long after a write, another limit in the charger is taken for its user's wish."""


class Balancer(Enum):
    """How an overload becomes a cut."""

    OPTIMISED = auto()
    """Tolerates an overload as a breaker would; the default."""
    CONSERVATIVE = auto()
    """Meant to cut at once, but what it asks for never falls below zero."""
    CONSERVATIVE_MENDED = auto()
    """Cuts at once."""


@dataclass(slots=True)
class _Phase:
    """The monitor of one phase."""

    limit_a: int
    """What may be added (cut, when negative)."""
    risk: float = 0.0

    def watch(self, available_a: int, dt_s: float, fuse_a: float, balancer: Balancer) -> None:
        """Take what is available now into account."""
        if available_a >= 0:
            self.risk = max(0.0, self.risk - dt_s)
            self.limit_a = available_a
        elif balancer is Balancer.CONSERVATIVE:
            self.limit_a = max(0, self.limit_a + available_a)
        elif balancer is Balancer.CONSERVATIVE_MENDED:
            self.limit_a = available_a
        else:
            self.risk += dt_s * _rate(-available_a / fuse_a)
            if self.risk >= RISK_LIMIT:
                self.risk = 0.0
                self.limit_a = available_a


def _rate(share: float) -> float:
    for most, rate in RISK_RATES:
        if share <= most:
            return rate
    return RISK_RATE_BEYOND


@dataclass(slots=True)
class LoadBalancer:
    """Asked every second; sends at most every 20 s, and raises 15 min after any write."""

    home: HomeSpec
    balancer: Balancer
    maximum_a: int
    phases: list[_Phase] = field(init=False)
    watched_s: float | None = None
    written_s: float = float("-inf")
    connected: bool = False
    requested_a: int = 0
    """The most that it thinks it may offer."""
    limit_a: int = 0
    """What it thinks the charger offers."""

    def __post_init__(self) -> None:
        """Begin with a fuse that nothing uses."""
        self.phases = [_Phase(int(self.home.fuse_a)) for _ in range(self.home.phases)]

    def step(self, sight: Sight) -> Commands:
        """Run one cycle, on the last values however old they are."""
        charger = sight.chargers[0]
        if sight.meter is None or charger is None or not has_currents(sight.meter):
            return ()
        self._follow_session(charger, sight.now_s)
        if not charger.connected:
            return ()
        self._watch(sight.meter.current_a, sight.now_s)
        return self._write(sight.now_s)

    def _watch(self, current_a: tuple[float, ...], now_s: float) -> None:
        dt_s = 0.0 if self.watched_s is None else now_s - self.watched_s
        self.watched_s = now_s
        fuse_a = self.home.fuse_a
        for phase, flows_a in zip(self.phases, current_a, strict=True):
            available_a = floor(min(fuse_a, fuse_a - floor(flows_a)))
            phase.watch(available_a, dt_s, fuse_a, self.balancer)

    def _follow_session(self, charger: ChargerSample, now_s: float) -> None:
        """Start afresh with every car, and believe what the charger says after a while."""
        if charger.connected and not self.connected:
            self.requested_a, self.limit_a = self.maximum_a, charger.offered_a
        elif charger.offered_a != self.limit_a and now_s - self.written_s >= SETTLED_S:
            self.requested_a = self.limit_a = charger.offered_a
        self.connected = charger.connected

    def _write(self, now_s: float) -> Commands:
        """Send what the tightest phase asks for, unless a gate holds it back."""
        wanted_a = self._wanted_a()
        gap_s = now_s - self.written_s
        if wanted_a == self.limit_a or gap_s <= WRITE_GAP_S:
            return ()
        if wanted_a > self.limit_a and gap_s <= RAISE_GAP_S:
            return ()
        self.limit_a, self.written_s = wanted_a, now_s
        return ((0, wanted_a),)

    def _wanted_a(self) -> int:
        room_a = min(phase.limit_a for phase in self.phases)
        if room_a < 0:
            return max(0, self.limit_a + room_a)
        return self.limit_a + max(0, min(room_a, self.requested_a - self.limit_a))


def optimised(home: HomeSpec, _seed: int) -> LoadBalancer:
    """Return the balancer as it comes."""
    return LoadBalancer(home, Balancer.OPTIMISED, only_charger(home).maximum_a)


def conservative(home: HomeSpec, _seed: int) -> LoadBalancer:
    """Return the balancer with its other option, as released."""
    return LoadBalancer(home, Balancer.CONSERVATIVE, only_charger(home).maximum_a)


def conservative_mended(home: HomeSpec, _seed: int) -> LoadBalancer:
    """Return the balancer with its other option after pull request #92."""
    return LoadBalancer(home, Balancer.CONSERVATIVE_MENDED, only_charger(home).maximum_a)
