"""openWB 2: load management per phase in a cycle of 10 s."""

from dataclasses import dataclass

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
from .reading import Mains, Rhythm, Told, drawn_a, drawn_phase, is_complete

CYCLE_S = 10
FALLBACK_W = 7000.0
"""What all chargers together may take while the meter cannot be read."""
FALLBACK_CYCLE = 2
RANGE_W = (-115.0, 115.0)
STEP_A = 5.0
UNUSED_A = 2.0
START_W = 1500.0
"""Per phase."""
START_S = 30.0
STOP_S = 60.0
NEAR_MINIMUM_A = 1.0
BOOKED_AFTER_S = 60.0
BOOKED_BELOW_A = 1.0
ACTIVE_A = 1.0


@dataclass(slots=True)
class _Point:
    """A charge point and what the law remembers of it."""

    place: ChargerPlace
    sample: ChargerSample | None = None
    offered_a: float = 0.0
    wanted_a: float = 0.0
    given_a: float = 0.0
    """What load management leaves of it in this cycle."""
    charging_s: float | None = None
    on: bool = False
    """In PV mode: it has been switched on by the surplus."""
    timer_s: float | None = None

    @property
    def lines(self) -> tuple[int, ...]:
        """Return the phases that the car uses; all of them as long as it does not charge."""
        drawn = () if self.sample is None else self.sample.drawn_a
        used = [line for line, a in zip(self.place.lines, drawn, strict=False) if a > ACTIVE_A]
        return tuple(used) or self.place.lines

    def look(self, now_s: float, sample: ChargerSample | None) -> None:
        """Take a reading over."""
        self.sample = sample
        if sample is None or not sample.charging:
            self.charging_s = None
        elif self.charging_s is None:
            self.charging_s = now_s
        if sample is None or not sample.connected:
            self.on, self.timer_s = False, None

    def booked_a(self, now_s: float, current_a: float) -> float:
        """Return what a current counts for: a car that draws less is believed after a minute."""
        drawn = drawn_a(self.sample)
        settled = self.charging_s is not None and now_s - self.charging_s >= BOOKED_AFTER_S
        less = self.offered_a - drawn > BOOKED_BELOW_A
        return min(current_a, drawn) if settled and less else current_a

    def book(self, left_a: list[float], current_a: float) -> None:
        """Take a current off what each of its phases has left."""
        for line in self.lines:
            left_a[line] -= current_a

    def lasts(self, now_s: float, *, condition: bool, delay_s: float) -> bool:
        """Tell whether a condition has held for a delay."""
        if not condition:
            self.timer_s = None
        elif self.timer_s is None:
            self.timer_s = now_s
        elif now_s - self.timer_s >= delay_s:
            self.timer_s = None
            return True
        return False


class Openwb:
    """openWB's load management and PV charging @ 3039a21, with its defaults.

    Power, Hybrid and Green are instant charging, PV charging with a minimum current and PV
    charging. Its control range of 0 to 230 W of import is moved to lie around 0 W, the target of
    all the others. Left out: the home battery, limits in watts and of unbalance, grid frequency,
    plans and price; lines are not switched.
    """

    def __init__(self, home: HomeSpec, *, phase_s: int = 0) -> None:
        """Take over the home; ``phase_s`` is the second of the cycle at which it acts."""
        self._home = home
        self._mains = Mains(home)
        self._rhythm = Rhythm(CYCLE_S, phase_s)
        self._points = [_Point(place) for place in home.chargers]
        self._order = sorted(self._points, key=lambda point: -point.place.priority)
        self._told = Told(len(home.chargers))
        self._bad_cycles = 0

    def step(self, sight: Sight) -> Commands:
        """Run a cycle when it is time."""
        now_s = sight.now_s
        self._mains.listen(sight)
        if not self._rhythm.due(now_s):
            return ()
        for point, sample in zip(self._points, sight.chargers, strict=True):
            point.look(now_s, sample)
        served = [p for p in self._order if p.sample is not None and p.sample.connected]
        meter = self._mains.ask(now_s)
        if meter is None or not is_complete(meter):
            self._bad_cycles += 1
            if self._bad_cycles < FALLBACK_CYCLE:
                return ()
            left_a = [FALLBACK_W / self._home.voltage_v / 3] * self._home.phases
        else:
            self._bad_cycles = 0
            left_a = self._left_a(meter)
            self._want(now_s, served, meter.power_w)
        self._allocate(now_s, served, left_a)
        return self._send(sight)

    def _left_a(self, meter: MeterSample) -> list[float]:
        """Return what each phase leaves to all charge points together."""
        left_a = [self._home.fuse_a - current_a for current_a in meter.current_a]
        for point in self._points:
            if point.sample is not None:
                for line, current_a in zip(point.place.lines, point.sample.drawn_a, strict=True):
                    left_a[line] += current_a
        return [max(0.0, current_a) for current_a in left_a]

    def _allocate(self, now_s: float, served: list[_Point], left_a: list[float]) -> None:
        """Give the minimum in order of priority, then divide the rest evenly."""
        for point in self._points:
            point.given_a = 0.0
        topped = []
        for point in served:
            minimum_a = point.place.minimum_a
            if point.wanted_a and min(left_a[line] for line in point.lines) >= minimum_a:
                point.given_a = minimum_a
                point.book(left_a, point.booked_a(now_s, minimum_a))
                topped.append(point)
        for number, point in enumerate(topped):
            before_a = point.booked_a(now_s, point.given_a)
            share_a = self._share_a(topped[number:], point, left_a)
            point.given_a = min(point.wanted_a, point.given_a + share_a)
            point.book(left_a, point.booked_a(now_s, point.given_a) - before_a)

    @staticmethod
    def _share_a(waiting: list[_Point], point: _Point, left_a: list[float]) -> float:
        """Return the point's part of the scarcest of its phases."""
        return min(
            left_a[line] / sum(line in other.lines for other in waiting) for line in point.lines
        )

    def _send(self, sight: Sight) -> Commands:
        """Return what has changed; hundredths of an ampere are as fine as it goes."""
        for point in self._points:
            point.offered_a = round(point.given_a, 2)
        return self._told.news(sight, ((i, p.offered_a) for i, p in enumerate(self._points)))

    def _want(self, now_s: float, served: list[_Point], grid_w: float) -> None:
        """Set what every charge point wants before the fuse is looked at."""
        if self._home.mode is Mode.POWER:
            for point in served:
                point.wanted_a = point.place.maximum_a
            return
        if self._home.mode is Mode.GREEN:
            self._switch_on(now_s, served, -grid_w)
            self._switch_off(now_s, served, grid_w)
        surplus_w = -grid_w
        for point in served:
            point.wanted_a = 0.0
            if self._home.mode is Mode.GREEN and not point.on:
                continue
            line_v = len(point.lines) * self._home.voltage_v
            point.wanted_a = self._pv_a(point, surplus_w, line_v)
            surplus_w -= (point.wanted_a - drawn_a(point.sample)) * line_v

    @staticmethod
    def _pv_a(point: _Point, surplus_w: float, line_v: float) -> float:
        """Return a current nearer to the control range, at most 5 A from the measured one."""
        place, measured_a = point.place, drawn_a(point.sample)
        low_w, high_w = RANGE_W
        if low_w <= -surplus_w <= high_w and point.offered_a:
            return point.offered_a
        target_a = measured_a + (surplus_w + (low_w + high_w) / 2) / line_v
        target_a = min(max(target_a, measured_a - STEP_A), measured_a + STEP_A)
        if point.charging_s is not None:
            target_a += min(max(0.0, point.offered_a - measured_a), UNUSED_A)
        return min(max(target_a, float(place.minimum_a)), float(place.maximum_a))

    def _switch_on(self, now_s: float, served: list[_Point], surplus_w: float) -> None:
        """Switch on what the surplus has sufficed for; it is booked for one car at a time."""
        for point in served:
            needed_w = START_W * len(point.lines)
            if point.on:
                surplus_w -= needed_w if point.charging_s is None else 0.0
                continue
            enough = surplus_w >= needed_w
            surplus_w -= needed_w if enough else 0.0
            point.on = point.lasts(now_s, condition=enough, delay_s=START_S)

    def _switch_off(self, now_s: float, served: list[_Point], grid_w: float) -> None:
        """Switch off, the last first, what has imported at its minimum for long."""
        for point in reversed(served):
            if not point.on:
                continue
            measured_a = drawn_a(point.sample)
            lowest = measured_a <= point.place.minimum_a + NEAR_MINIMUM_A
            waning = point.charging_s is not None and lowest and grid_w > 0
            if waning:
                grid_w -= measured_a * len(point.lines) * self._home.voltage_v
            point.on = not point.lasts(now_s, condition=waning, delay_s=STOP_S)


def openwb(home: HomeSpec, seed: int) -> Controller:
    """Make an openWB; the seed draws the second of its cycle."""
    return Openwb(home, phase_s=drawn_phase(seed, CYCLE_S))
