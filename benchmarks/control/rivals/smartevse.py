"""SmartEVSE: charger firmware that regulates on a mains meter of its own."""

from math import inf

from ..contract import Commands, Controller, HomeSpec, MeterSample, Mode, Sight
from .reading import Rhythm, Told, drawn_phase, has_currents

CYCLE_S = 2
SILENCE_S = 11.0
CHARGE_DELAY_S = 60.0
SHORTAGES = 2
"""Cycles in a row that the minimum may miss the fuse."""
SOLAR_HOLD_S = 40.0
SOLAR_STOP_S = 600.0
SOLAR_START_DA = 40
SOLAR_STOP_DA = 20
"""The minimum of 6 A less the export of 4 A that a start asks for."""
SOLAR_IMPORT_DA = 0
AMPERE_DA = 10
SOLAR_PULL_BACK_DA = ((10, 5), (3, 1))
"""Import (sum of all phases) above which the set current falls by so much."""
SOLAR_HALVED_DA = 20
"""Import above which it falls by half of it."""
FAR_OVER = 2
CEILING_DA = 800


class Smartevse:
    """The regulator of SmartEVSE-3.5 @ 2d95cf0, with its defaults; currents in 0.1 A.

    Power and Green are its modes Smart and Solar (IMPORT 0 A, START 4 A, STOP 10 min); it has no
    mode for Hybrid. Chargers share as its nodes do over RS485. Left out: the capacity tariff, the
    limit of the sum of the phases, the home battery, the switching of lines and the car's request
    for current, which is read as its being connected. A stop lasts until the minimum has fitted for
    the delay of a minute, the reading whose starts and energy come closest to the published ones.
    """

    def __init__(self, home: HomeSpec, *, phase_s: int = 0) -> None:
        """Take over the home; raises ValueError for a mode that it does not have."""
        if home.mode is Mode.HYBRID:
            raise ValueError("SmartEVSE has no mode that adds the sun to a minimum")
        self._home = home
        self._solar = home.mode is Mode.GREEN
        self._rhythm = Rhythm(CYCLE_S, phase_s)
        self._mains_da = round(home.fuse_a * 10)
        self._meter: MeterSample | None = None
        self._heard_s = 0.0
        self._fresh = False
        self._set_da = 0
        """Sum of what the chargers are told; 0 while stopped."""
        self._started_s = -inf
        self._wait_s = CHARGE_DELAY_S if self._solar else -inf
        """Until when a stop or the delay of a start lasts."""
        self._shortages = 0
        self._stop_s: float | None = None
        """Since when import asks for a solar stop."""
        self._told = Told(len(home.chargers))

    def step(self, sight: Sight) -> Commands:
        """Listen to the meter, and regulate when it is time."""
        self._listen(sight)
        if sight.now_s - self._heard_s >= SILENCE_S:
            self._stop(sight.now_s)
            return self._share(sight, [])
        if not self._rhythm.due(sight.now_s) or not self._fresh or self._meter is None:
            return ()
        self._fresh = False
        active = [i for i, c in enumerate(sight.chargers) if c is not None and c.connected]
        mains_da = [round(a * 10) for a in self._meter.current_a]
        if not active:
            self._set_da = 0
            self._wait_s = sight.now_s + CHARGE_DELAY_S if self._solar else -inf
        elif self._set_da:
            self._regulate(sight.now_s, active, max(mains_da), sum(mains_da))
        else:
            self._start(sight.now_s, active, max(mains_da), sum(mains_da))
        return self._share(sight, active)

    def _listen(self, sight: Sight) -> None:
        """Notice a new sample that has all currents."""
        meter = sight.meter
        if meter is not None and meter is not self._meter and has_currents(meter):
            self._meter, self._heard_s, self._fresh = meter, sight.now_s, True

    def _start(self, now_s: float, active: list[int], peak_da: int, sum_da: int) -> None:
        """Begin at the minimum when it fits and, for the sun, has been there for the delay."""
        minimum_da = self._minimum_da(active)
        fits = peak_da + minimum_da <= self._mains_da
        if not fits or (self._solar and sum_da > -SOLAR_START_DA):
            self._wait_s = now_s + CHARGE_DELAY_S
        elif now_s >= self._wait_s:
            self._set_da, self._started_s = minimum_da, now_s

    def _regulate(self, now_s: float, active: list[int], peak_da: int, sum_da: int) -> None:
        """Move the set current by what the mains have to spare."""
        room_da = self._mains_da - peak_da
        set_da = self._set_da
        if self._solar:
            set_da += _solar_step_da(room_da, sum_da - SOLAR_IMPORT_DA)
        else:
            set_da += room_da // 4 if room_da > 0 else room_da
        set_da = min(set_da, CEILING_DA, sum(self._maximum_da(i) for i in active))
        if self._solar and now_s - self._started_s < SOLAR_HOLD_S:
            set_da = min(set_da, self._minimum_da(active))
        self._settle(now_s, active, set_da, peak_da, sum_da)

    def _settle(
        self, now_s: float, active: list[int], set_da: int, peak_da: int, sum_da: int
    ) -> None:
        """Keep the minimum as long as it may be kept."""
        minimum_da = self._minimum_da(active)
        short = set_da < minimum_da
        base_da = peak_da - self._set_da
        self._set_da = max(set_da, minimum_da)
        hard = short and base_da + minimum_da > self._mains_da
        self._shortages = self._shortages + 1 if hard else 0
        if self._shortages > SHORTAGES or peak_da > FAR_OVER * self._mains_da:
            self._stop(now_s)
        elif self._solar:
            self._solar_stop(now_s, sum_da if short else SOLAR_IMPORT_DA)

    def _solar_stop(self, now_s: float, import_da: int) -> None:
        """Stop when the minimum has taken too much from the grid for ten minutes."""
        if import_da <= max(SOLAR_IMPORT_DA, SOLAR_STOP_DA):
            self._stop_s = None
        elif self._stop_s is None:
            self._stop_s = now_s
        elif now_s - self._stop_s >= SOLAR_STOP_S:
            self._stop(now_s)

    def _stop(self, now_s: float) -> None:
        """Stop all chargers; the next start is a delay away."""
        self._set_da, self._wait_s = 0, now_s + CHARGE_DELAY_S
        self._shortages, self._stop_s = 0, None

    def _share(self, sight: Sight, active: list[int]) -> Commands:
        """Split the set current evenly: who takes less than the average leaves the rest."""
        shares = [0] * len(sight.chargers)
        rest_da, waiting = self._set_da, sorted(active, key=self._maximum_da)
        while waiting and rest_da:
            index = waiting.pop(0)
            shares[index] = min(self._maximum_da(index), rest_da // (len(waiting) + 1))
            rest_da -= shares[index]
        return self._told.news(sight, ((index, da / 10) for index, da in enumerate(shares)))

    def _maximum_da(self, index: int) -> int:
        return 10 * self._home.chargers[index].maximum_a

    def _minimum_da(self, active: list[int]) -> int:
        return sum(10 * self._home.chargers[index].minimum_a for index in active)


def _solar_step_da(room_da: int, import_da: int) -> int:
    """Return how far the set current moves in Solar mode for the sum of all phases."""
    if room_da <= 0:
        return room_da
    if import_da < 0:
        return 5 if import_da < -AMPERE_DA and room_da > AMPERE_DA else 1
    if import_da > SOLAR_HALVED_DA:
        return -(import_da // 2)
    return next((-step for above, step in SOLAR_PULL_BACK_DA if import_da > above), 0)


def smartevse(home: HomeSpec, seed: int) -> Controller:
    """Make a SmartEVSE; the seed draws the second of its cycle."""
    return Smartevse(home, phase_s=drawn_phase(seed, CYCLE_S))
