"""OpenEVSE: a charger gateway that follows a feed of grid power."""

from dataclasses import dataclass, field
from math import exp, floor

from ..contract import Commands, Controller, HomeSpec, Maker, MeterSample, Mode, Sight
from .reading import Rhythm, Told, drawn_a, drawn_phase, is_complete

FEED_S = 5
"""Its documentation asks for a message every 5 to 10 s."""
SILENCE_S = 120.0
PAUSE_S = 300.0
LEAVE_PAUSE_A = 0.5
"""Above the minimum."""
PAUSE_FALL_S = 60.0
RISE_S = 20.0
FALL_S = 600.0
MINIMUM_CHARGE_S = 600.0
START_MARGIN_A = 0.5


@dataclass(slots=True)
class Shaper:
    """Keeps the sum of all phases below a power, which is all that it knows of a fuse."""

    maximum_w: float
    line_v: float
    """Voltage of all lines of the charger together."""
    minimum_a: int
    maximum_a: int
    limit_a: int = field(init=False)
    heard_s: float = 0.0
    paused_s: float | None = None
    smooth_w: float = 0.0

    def __post_init__(self) -> None:
        """Begin without a limit."""
        self.limit_a = self.maximum_a

    def hear(self, now_s: float, live_w: float, car_a: float) -> None:
        """Take a message of the feed."""
        if self.paused_s is None or live_w >= self.smooth_w:
            self.smooth_w = live_w
        else:
            share = 1 - exp(-(now_s - self.heard_s) / PAUSE_FALL_S)
            self.smooth_w += share * (live_w - self.smooth_w)
        self.heard_s = now_s
        room_a = (self.maximum_w - self.smooth_w) / self.line_v + car_a
        if self.paused_s is None and room_a < self.minimum_a:
            self.paused_s = now_s
        elif (
            self.paused_s is not None
            and now_s - self.paused_s >= PAUSE_S
            and room_a >= self.minimum_a + LEAVE_PAUSE_A
        ):
            self.paused_s = None
        self.limit_a = 0 if self.paused_s is not None else min(floor(room_a), self.maximum_a)

    def miss(self, now_s: float) -> None:
        """Pause when the feed has been silent for too long."""
        if now_s - self.heard_s >= SILENCE_S:
            self.paused_s = now_s if self.paused_s is None else self.paused_s
            self.limit_a = 0


@dataclass(slots=True)
class Divert:
    """Follows the surplus at once, and stops when it has been gone for long."""

    line_v: float
    minimum_a: int
    maximum_a: int
    reserve_w: float
    smooth_a: float = 0.0
    heard_s: float = 0.0
    on_s: float | None = None
    limit_a: int = 0

    def hear(self, now_s: float, grid_w: float, car_a: float) -> None:
        """Take a message of the feed."""
        available_a = max(0.0, car_a - (grid_w + self.reserve_w) / self.line_v)
        tau_s = RISE_S if available_a > self.smooth_a else FALL_S
        self.smooth_a += (1 - exp(-(now_s - self.heard_s) / tau_s)) * (available_a - self.smooth_a)
        self.heard_s = now_s
        if self.on_s is None and self.smooth_a >= self.minimum_a + START_MARGIN_A:
            self.on_s = now_s
        elif (
            self.on_s is not None
            and self.smooth_a <= self.minimum_a
            and now_s - self.on_s >= MINIMUM_CHARGE_S
        ):
            self.on_s = None
        rate_a = max(self.minimum_a, min(floor(available_a), self.maximum_a))
        self.limit_a = rate_a if self.on_s is not None else 0


class Openevse:
    """The shaper and Eco divert of openevse_esp32_firmware @ 1797b7a.

    Power is the shaper alone; Green is divert below the shaper. Its defaults, but for the reserve
    of 100 W that divert leaves to the grid (PV ratio 1.1): without it the target is 0 W as for the
    others. Limits are computed when a message comes, which is the reading that meets the measured
    reaction. It has no mode for Hybrid (a PV ratio below 1 is another thing) and knows one charger.
    Left out: claims of other services, energy limits and timers.
    """

    def __init__(
        self, home: HomeSpec, *, feed_s: int = FEED_S, reserve_w: float = 0.0, phase_s: int = 0
    ) -> None:
        """Take over the home; raises ValueError for several chargers and for Hybrid."""
        if len(home.chargers) != 1:
            raise ValueError("OpenEVSE does not share among chargers")
        if home.mode is Mode.HYBRID:
            raise ValueError("OpenEVSE has no mode that adds the sun to a minimum")
        place = home.chargers[0]
        line_v = len(place.lines) * home.voltage_v
        self._feed = Rhythm(feed_s, phase_s)
        self._shaper = Shaper(
            home.fuse_a * home.voltage_v * home.phases, line_v, place.minimum_a, place.maximum_a
        )
        self._divert: Divert | None = None
        if home.mode is Mode.GREEN:
            self._divert = Divert(line_v, place.minimum_a, place.maximum_a, reserve_w)
        self._meter: MeterSample | None = None
        self._told = Told(1)

    def step(self, sight: Sight) -> Commands:
        """Take the feed's message when it is time for one."""
        if not self._feed.due(sight.now_s):
            return ()
        charger, meter = sight.chargers[0], sight.meter
        if meter is not None and meter is not self._meter and is_complete(meter):
            self._meter = meter
            self._shaper.hear(sight.now_s, meter.power_w, drawn_a(charger))
            if self._divert is not None:
                self._divert.hear(sight.now_s, meter.power_w, drawn_a(charger))
        self._shaper.miss(sight.now_s)
        connected = charger is not None and charger.connected
        return self._told.news(sight, [(0, self._limit_a() if connected else 0)])

    def _limit_a(self) -> int:
        """Return the lower of both limits; the shaper has the higher priority."""
        if self._divert is None:
            return self._shaper.limit_a
        return min(self._shaper.limit_a, self._divert.limit_a)


def openevse(feed_s: int = FEED_S) -> Maker:
    """Return a maker of an OpenEVSE with a feed; the seed draws the phase of its messages."""

    def make(home: HomeSpec, seed: int) -> Controller:
        return Openevse(home, feed_s=feed_s, phase_s=drawn_phase(seed, feed_s))

    return make
