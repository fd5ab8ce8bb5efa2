"""Electric cars as a charger sees them: late, slow and never quite at the pilot.

Reaction times follow measured cars (a car moves 1 to 4 s after the pilot, 80 % of a step is done
after about 4 s, a start takes 5 to 20 s) and the limits of IEC 61851-1.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

FULL_PERCENT: Final = 100.0
CONTACTOR_S: Final = 6.0
"""IEC 61851-1: this long after the pilot went off the charger opens under load."""
SWITCH_OFF_A_PER_S: Final = 15.0
TAPER_SOC_PERCENT: Final = 80.0
TAPER_FLOOR: Final = 0.15
"""Share of the full current that the battery still takes when it is nearly full."""
POWER_FACTOR: Final = 0.99
BATTERY_EFFICIENCY: Final = 0.9
HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarType:
    """How a model of car behaves; currents are per line."""

    dead_s: float = 2.0
    """From a change of the pilot to the first motion of the current."""
    up_a_per_s: float = 1.2
    down_a_per_s: float = 5.0
    offset_a: float = 0.5
    """How far the car stays below the pilot."""
    start_s: float = 8.0
    """From the offer of current to the first ampere."""
    hold_s: float = 0.0
    """The pilot changes at most this often; IEC 61851-1 allows 5 s."""
    minimum_a: float = 6.0
    """The car does not charge with less than this on the pilot."""
    maximum_a: float = 32.0
    lines: int = 1
    """Lines of the charger that the car can use."""
    battery_kwh: float = 60.0
    sleep_after: int | None = None
    """Starts within an hour after which the car sleeps until it is plugged in again."""
    obeys: bool = True
    """A car that does not obey draws its maximum as long as the contactor is closed."""


CAR_TYPES: Final = {
    "fast": CarType(dead_s=1.0, up_a_per_s=3.0, down_a_per_s=10.0, offset_a=0.3, start_s=5.0),
    "typical": CarType(),
    "iec5": CarType(start_s=15.0, hold_s=5.0),
    "slow": CarType(dead_s=4.0, up_a_per_s=0.5, down_a_per_s=2.0, offset_a=1.0, start_s=20.0),
    # Every change, a start included, is done within 3 s.
    "reacts_in_3_s": CarType(
        dead_s=0.8, up_a_per_s=16.0, down_a_per_s=16.0, offset_a=0.0, start_s=0.8
    ),
}


@dataclass(frozen=True, slots=True)
class _Pilot:
    """What the pilot said from ``time_s`` on."""

    time_s: float
    current_a: float


_OFF: Final = _Pilot(0.0, 0.0)


@dataclass(slots=True)
class Car:
    """One car and its battery; everything without an underscore may be set from outside."""

    name: str
    kind: CarType = field(default_factory=CarType)
    soc_percent: float = 40.0
    plugged: bool = True
    asleep: bool = False
    current_a: float = 0.0
    """What it draws now on each of ``lines_in_use``."""
    lines_in_use: int = 0
    charged_wh: float = 0.0
    """Energy taken from the charger so far."""
    starts: int = 0
    _now_s: float = 0.0
    _offered: _Pilot = _OFF
    """What the charger wants the pilot to say; ``hold_s`` may keep it waiting."""
    _pilot: _Pilot = _OFF
    _under_way: deque[_Pilot] = field(default_factory=deque)
    _seen: _Pilot = _OFF
    """What the car acts upon: the pilot ``dead_s`` ago."""
    _on_since_s: float | None = None
    _started: bool = False
    _starts_s: deque[float] = field(default_factory=deque)

    @property
    def wants_charge(self) -> bool:
        """Whether the car would draw if it were offered current."""
        return self.plugged and not self.asleep and self.soc_percent < FULL_PERCENT

    def plug(self) -> None:
        """Connect the car; that also wakes it."""
        self.plugged, self.asleep = True, False
        self._starts_s.clear()

    def unplug(self) -> None:
        """Pull the plug: the current is gone at once."""
        self.plugged = False
        self.lose_supply()

    def lose_supply(self) -> None:
        """Have neither current nor a pilot any more, at once."""
        self._under_way.clear()
        self._offered = self._pilot = self._seen = _OFF
        self._stop()
        self.current_a = 0.0

    def offer(self, current_a: float, lines: int) -> None:
        """Set the pilot and the closed lines of the charger; takes effect from the next step on."""
        if current_a > 0:
            self.lines_in_use = min(lines, self.kind.lines)
        if self.plugged and current_a != self._offered.current_a:
            self._offered = _Pilot(self._now_s, current_a)

    def step(self, now_s: float, dt_s: float, voltage_v: float) -> None:
        """Follow the pilot for ``dt_s``; ``voltage_v`` is what each line has."""
        self._look(now_s)
        self._now_s = now_s
        target_a = self._target_a(now_s)
        if target_a > self.current_a:
            rise_a = self.kind.up_a_per_s * dt_s
            self.current_a = min(target_a, self.current_a + rise_a)
        else:
            slope = self.kind.down_a_per_s if self._started else SWITCH_OFF_A_PER_S
            self.current_a = max(target_a, self.current_a - slope * dt_s)
        if self._contactor_open(now_s):
            self.current_a = 0.0
        power_w = self.current_a * self.lines_in_use * voltage_v * POWER_FACTOR
        energy_wh = power_w * dt_s / HOUR_S
        self.charged_wh += energy_wh
        gain_percent = energy_wh * BATTERY_EFFICIENCY / (10 * self.kind.battery_kwh)
        self.soc_percent = min(FULL_PERCENT, self.soc_percent + gain_percent)

    def _look(self, now_s: float) -> None:
        """Let the pilot change and the car notice, each in its own time."""
        offered, pilot = self._offered, self._pilot
        if offered.current_a != pilot.current_a:
            changes_s = max(offered.time_s, pilot.time_s + self.kind.hold_s)
            if now_s >= changes_s or offered.current_a == 0 or pilot.current_a == 0:
                self._pilot = _Pilot(min(changes_s, now_s), offered.current_a)
                self._under_way.append(self._pilot)
        while self._under_way and now_s >= self._under_way[0].time_s + self.kind.dead_s:
            self._seen = self._under_way.popleft()

    def _target_a(self, now_s: float) -> float:
        """Return the current that the car is on its way to."""
        seen_a = self._seen.current_a
        if not self.kind.obeys and self._started and self.wants_charge:
            return self.kind.maximum_a
        if not self.wants_charge or seen_a <= 0 or seen_a < self.kind.minimum_a:
            self._stop()
            return 0.0
        if self._on_since_s is None:
            self._on_since_s = self._seen.time_s
        if not self._started and now_s >= self._on_since_s + self.kind.start_s:
            self._start(now_s)
        if not self._started or self.asleep:
            return 0.0
        return max(0.0, min(seen_a - self.kind.offset_a, self._accepted_a()))

    def _accepted_a(self) -> float:
        """Return what the battery takes: less and less above 80 %."""
        fullness = (self.soc_percent - TAPER_SOC_PERCENT) / (FULL_PERCENT - TAPER_SOC_PERCENT)
        return self.kind.maximum_a * (1 - (1 - TAPER_FLOOR) * max(0.0, fullness))

    def _start(self, now_s: float) -> None:
        self._started = True
        self.starts += 1
        if self.kind.sleep_after is None:
            return
        while self._starts_s and self._starts_s[0] < now_s - HOUR_S:
            self._starts_s.popleft()
        self._starts_s.append(now_s)
        if len(self._starts_s) > self.kind.sleep_after:
            self.asleep = True
            self._stop()

    def _stop(self) -> None:
        self._started = False
        self._on_since_s = None

    def _contactor_open(self, now_s: float) -> bool:
        """Whether the charger has cut the line because no current is offered any more."""
        if not self.plugged:
            return True
        gone = self._offered.current_a <= 0 and now_s >= self._offered.time_s + CONTACTOR_S
        if gone:
            self._stop()
        return gone
