"""P30: what a home automation does that polls its meter now and then."""

from ..contract import (
    ChargerPlace,
    ChargerSample,
    Commands,
    Controller,
    HomeSpec,
    MeterSample,
    Mode,
    Sight,
)
from .reading import Rhythm, Told, drawn_a, drawn_phase, is_complete

PERIOD_S = 30
GAIN = 0.8


class Poller:
    """A 30 s poller with a proportional gain of 0.8; nobody's product.

    Each time it adds 0.8 of the room to what the car draws (Power) or to its own set point (Hybrid
    and Green; it runs on while the car is paused), and pauses below the minimum, without delay in
    either direction. These are the readings that meet the published figures. Every charger has a
    poller of its own that knows nothing of the others. It believes the newest value, however old
    that is.
    """

    def __init__(
        self, home: HomeSpec, *, period_s: int = PERIOD_S, gain: float = GAIN, phase_s: int = 0
    ) -> None:
        """Take over the home; ``phase_s`` is the second of the period at which it polls."""
        self._home = home
        self._gain = gain
        self._target_a = [0.0] * len(home.chargers)
        self._rhythm = Rhythm(period_s, phase_s)
        self._told = Told(len(home.chargers))

    def step(self, sight: Sight) -> Commands:
        """Poll when it is time."""
        if not self._rhythm.due(sight.now_s):
            return ()
        meter = sight.meter
        if meter is None or not is_complete(meter):
            return ()
        offers = [
            (index, self._offer_a(index, charger, meter))
            for index, charger in enumerate(sight.chargers)
            if charger is not None
        ]
        return self._told.news(sight, offers)

    def _offer_a(self, index: int, charger: ChargerSample, meter: MeterSample) -> int:
        """Return the whole amperes for one charger."""
        if not charger.connected:
            self._target_a[index] = 0.0
            return 0
        place = self._home.chargers[index]
        power = self._home.mode is Mode.POWER
        base_a = drawn_a(charger) if power else self._target_a[index]
        target_a = base_a + self._gain * self._room_a(place, meter)
        target_a = min(max(0.0, target_a), float(place.maximum_a))
        self._target_a[index] = target_a
        if target_a >= place.minimum_a:
            return int(target_a)
        return place.minimum_a if self._home.mode is Mode.HYBRID else 0

    def _room_a(self, place: ChargerPlace, meter: MeterSample) -> float:
        """Return what may be added on every line: up to the fuse and, for the sun, to 0 W."""
        room_a = min(self._home.fuse_a - meter.current_a[line] for line in place.lines)
        if self._home.mode is Mode.POWER:
            return room_a
        return min(room_a, -meter.power_w / (len(place.lines) * self._home.voltage_v))


def poller(home: HomeSpec, seed: int) -> Controller:
    """Make P30; the seed draws the second at which it polls."""
    return Poller(home, phase_s=drawn_phase(seed, PERIOD_S))
