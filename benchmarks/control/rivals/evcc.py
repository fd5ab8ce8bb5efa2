"""evcc: load management of circuits and PV charging, one charger at a time."""

from dataclasses import dataclass
from math import inf, isfinite

from ..contract import (
    ChargerPlace,
    ChargerSample,
    Commands,
    Controller,
    HomeSpec,
    Maker,
    MeterSample,
    Mode,
    Sight,
)
from .reading import Mains, Rhythm, Told, drawn_a, drawn_phase, has_currents

DEFAULT_INTERVAL_S = 30
FAST_INTERVAL_S = 10
"""The shortest that its documentation calls possible; it warns below 30 s."""
ENABLE_DELAY_S = 60.0
DISABLE_DELAY_S = 180.0
CIRCUIT_TIMEOUT_S = 60.0
DRAWN_MARGIN_A = 2.0
ACTIVE_A = 1.0


@dataclass(slots=True)
class _Loadpoint:
    """A charger and what the law remembers of it."""

    place: ChargerPlace
    offered_a: int = 0
    known: bool = False
    connected: bool = False
    charging: bool = False
    timer_s: float | None = None
    """Start of the delay that runs in PV mode; -inf is one that has elapsed."""

    @property
    def delay_s(self) -> float:
        """Return the delay that a running timer waits for."""
        return DISABLE_DELAY_S if self.offered_a else ENABLE_DELAY_S

    @property
    def waits_to_start(self) -> bool:
        """Tell whether the enable delay runs."""
        return self.timer_s is not None and isfinite(self.timer_s) and not self.offered_a

    def look(self, charger: ChargerSample) -> None:
        """Notice a car that came, went or stopped charging; at first, what is offered already."""
        if not self.known:
            self.known, self.offered_a = True, charger.offered_a
        if charger.connected and not self.connected:
            self.timer_s = -inf
        elif self.charging and not charger.charging:
            self.timer_s = None
        self.connected, self.charging = charger.connected, charger.charging

    def delayed(self, now_s: float) -> bool:
        """Start the timer or let it run on; tell whether its delay is over, and clear it then."""
        if self.timer_s is None:
            self.timer_s = now_s
        if now_s - self.timer_s < self.delay_s:
            return False
        self.timer_s = None
        return True


class Evcc:
    """evcc's control law @ b29b49e, with its defaults (thresholds, residual power 0 W).

    One charger is regulated per interval, in turn. Power, Hybrid and Green are its modes now,
    minpv and pv; the fuse is a circuit with a meter and ``maxCurrent``. Left out: the home
    battery, tariffs, plans, minimum SoC, wake-up and the read-back of the charger. Lines are not
    switched.
    """

    def __init__(
        self, home: HomeSpec, *, interval_s: int = DEFAULT_INTERVAL_S, phase_s: int = 0
    ) -> None:
        """Take over the home; ``phase_s`` is the second at which the first charger has its turn."""
        self._home = home
        self._mains = Mains(home)
        self._rhythm = Rhythm(interval_s, phase_s)
        self._loadpoints = [_Loadpoint(place) for place in home.chargers]
        self._told = Told(len(home.chargers))
        self._circuit_a = inf
        self._circuit_s = -inf

    def step(self, sight: Sight) -> Commands:
        """Regulate the charger whose turn it is."""
        self._mains.listen(sight)
        if not self._rhythm.due(sight.now_s):
            return ()
        meter = self._mains.ask(sight.now_s)
        if meter is None or not isfinite(meter.power_w):
            # An error of the site's meter ends the cycle before any charger is looked at.
            return ()
        self._read_circuit(sight.now_s, meter)
        index = self._rhythm.turn(sight.now_s) % len(self._loadpoints)
        loadpoint, charger = self._loadpoints[index], sight.chargers[index]
        if charger is None:
            return ()
        loadpoint.look(charger)
        site_w = self._site_w(sight, meter, loadpoint)
        wanted_a = self._wanted_a(sight.now_s, loadpoint, charger, site_w)
        offered_a = self._limited_a(wanted_a, drawn_a(charger))
        if offered_a < loadpoint.place.minimum_a:
            offered_a = 0
        loadpoint.offered_a = offered_a
        return self._told.news(sight, [(index, offered_a)])

    def _read_circuit(self, now_s: float, meter: MeterSample) -> None:
        """Take the highest phase over; what cannot be read for a minute counts as infinite."""
        if has_currents(meter):
            self._circuit_a, self._circuit_s = max(meter.current_a), now_s
        elif now_s - self._circuit_s > CIRCUIT_TIMEOUT_S:
            self._circuit_a = inf

    def _limited_a(self, wanted_a: float, measured_a: float) -> int:
        """Return whole amperes that the circuit has room for, whatever phase that is on."""
        room_a = max(0.0, measured_a + self._home.fuse_a - self._circuit_a)
        return int(min(wanted_a, room_a))

    def _site_w(self, sight: Sight, meter: MeterSample, own: _Loadpoint) -> float:
        """Return the grid power as the loadpoint sees it: the lower ones can make room."""
        mode = self._home.mode
        site_w = meter.power_w
        for other, charger in zip(self._loadpoints, sight.chargers, strict=True):
            place = other.place
            if place.priority < own.place.priority and charger is not None and charger.charging:
                lines = _active_lines(place, charger)
                kept_a = place.minimum_a * lines if mode is Mode.HYBRID else 0.0
                flexible_a = max(0.0, sum(charger.drawn_a) - kept_a)
                site_w -= flexible_a * self._home.voltage_v
            if place.priority > own.place.priority and other.waits_to_start:
                site_w += place.maximum_a * len(place.lines) * self._home.voltage_v
        return site_w

    def _wanted_a(
        self, now_s: float, own: _Loadpoint, charger: ChargerSample, site_w: float
    ) -> float:
        """Return what the mode asks for, before the circuit's limit."""
        if not charger.connected:
            return 0.0
        if self._home.mode is Mode.POWER:
            return own.place.maximum_a
        lines = _active_lines(own.place, charger)
        measured_a = 0.0
        if charger.charging:
            measured_a = min(drawn_a(charger) + DRAWN_MARGIN_A, own.offered_a)
        target_a = max(0.0, measured_a - site_w / (lines * self._home.voltage_v))
        minimum_a = own.place.minimum_a
        if target_a < minimum_a and self._home.mode is Mode.HYBRID:
            return minimum_a
        if self._home.mode is Mode.GREEN:
            if own.offered_a and target_a < minimum_a:
                return self._waning_a(now_s, own, site_w)
            if not own.offered_a:
                return self._waxing_a(now_s, own, target_a)
        own.timer_s = None
        return min(target_a, own.place.maximum_a)

    @staticmethod
    def _waning_a(now_s: float, own: _Loadpoint, site_w: float) -> float:
        """Return the minimum until import has lasted for the delay."""
        if site_w < 0:
            own.timer_s = None
            return own.place.minimum_a
        return 0.0 if own.delayed(now_s) else own.place.minimum_a

    @staticmethod
    def _waxing_a(now_s: float, own: _Loadpoint, target_a: float) -> float:
        """Return the minimum once the surplus has lasted for the delay."""
        if target_a < own.place.minimum_a:
            own.timer_s = None
            return 0.0
        return own.place.minimum_a if own.delayed(now_s) else 0.0


def evcc(interval_s: int = DEFAULT_INTERVAL_S) -> Maker:
    """Return a maker of evcc's law with an interval; the seed draws the phase of its turns."""

    def make(home: HomeSpec, seed: int) -> Controller:
        phase_s = drawn_phase(seed, interval_s * len(home.chargers))
        return Evcc(home, interval_s=interval_s, phase_s=phase_s)

    return make


def _active_lines(place: ChargerPlace, charger: ChargerSample) -> int:
    """Return the lines in use; all of them as long as nothing is known."""
    measured = sum(current_a > ACTIVE_A for current_a in charger.drawn_a)
    return measured or len(place.lines)
