"""Whether anything grows while the balancer runs: simulated days, as fast as they can be computed.

Two chargers share three phases, the mode changes every midnight, cars come and go, the meter and a
charger fall silent now and then. What the balancer remembers and the history of its decisions are
weighed at the end of every day. Run it with ``python -m benchmarks.uptime [DAYS]``.
"""

import gc
from math import pi, sin
from pathlib import Path
import pickle
import random
from resource import getpagesize
import sys
from time import process_time

from custom_components.evse_suite.control.model import SiteMode
from custom_components.evse_suite.history import History

from .control.contract import NOMINAL_V, ChargerPlace, ChargerSample, HomeSpec, MeterSample, Sight
from .control.days import DAY_S
from .control.engine import Engine

DAYS = 4
PLACES = (ChargerPlace(lines=(0, 1, 2), maximum_a=16), ChargerPlace())
MODES = (SiteMode.GREEN, SiteMode.POWER, SiteMode.HYBRID)
LOADS_A = (0.5, 2.0, 9.0, 14.0, 22.0)
EVERY_S, AWAY_S = 20_000, 4000
"""The second car comes and goes in this rhythm, the first one is away in the morning."""
SWITCHED = 0.004
"""Chance of another load in a second."""
METER_SILENT_S = range(3000, 3060)
CHARGER_SILENT_S = range(50_000, 50_100)
COMMANDS_LOST_S = range(70_000, 70_300)
"""Seconds of a day."""


class Home:
    """House, sun, cars and their faults, and the balancer among them."""

    def __init__(self) -> None:
        """Start at midnight with everything off."""
        self.engine = Engine(HomeSpec(fuse_a=40, phases=3, chargers=PLACES))
        self.history = History()
        self._dice = random.Random(1)
        self._loads_a = [2.0, 2.0, 2.0]
        self._offered_a = [0.0, 0.0]
        self._drawn_a = [0.0, 0.0]
        self._meter: MeterSample | None = None
        self._chargers: list[ChargerSample | None] = [None, None]

    def step(self, second: int) -> None:
        """Let one second pass."""
        of_day = second % DAY_S
        self.engine.mode = MODES[second // DAY_S % len(MODES)]
        if self._dice.random() < SWITCHED:
            self._loads_a[self._dice.randrange(3)] = self._dice.choice(LOADS_A)
        connected = (not DAY_S / 3 < of_day < DAY_S / 2, of_day % EVERY_S >= AWAY_S)
        for index, here in enumerate(connected):
            goal_a = self._offered_a[index] if here else 0.0
            self._drawn_a[index] += max(-5.0, min(1.5, goal_a - self._drawn_a[index]))
        self._measure(second, of_day, connected)
        sight = Sight(float(second), self._meter, tuple(self._chargers))
        for index, current_a, *_ in self.engine.step(sight):
            if of_day not in COMMANDS_LOST_S:
                self._offered_a[index] = current_a
        if self.engine.decision is not None:
            self.history.add(self.engine.decision)

    def _measure(self, second: int, of_day: int, connected: tuple[bool, ...]) -> None:
        """Read the meter every second and each charger every two, unless they are silent."""
        height = sin((of_day / DAY_S - 0.25) * 2 * pi)
        sun_a = 12.0 * max(0.0, height) * (1.0 if sin(second / 400) > 0 else 0.4)
        if of_day not in METER_SILENT_S:
            cars_a = (sum(self._drawn_a), self._drawn_a[0], self._drawn_a[0])
            grid_a = tuple(
                [
                    load_a + car_a - sun_a + self._dice.gauss(0, 0.05)
                    for load_a, car_a in zip(self._loads_a, cars_a, strict=True)
                ]
            )
            self._meter = MeterSample(float(second), grid_a, sum(grid_a) * NOMINAL_V)
        index = second % 2
        if index == 0 or of_day not in CHARGER_SILENT_S:
            drawn_a = self._drawn_a[index]
            self._chargers[index] = ChargerSample(
                float(second),
                connected[index],
                drawn_a > 0,
                (drawn_a,) * len(PLACES[index].lines),
                int(self._offered_a[index]),
            )


def main(days: int) -> None:
    """Print what is in memory at the end of every day."""
    home = Home()
    print("day  memory kB  history  history kB    objects  process MB  CPU s")
    for day in range(days):
        begin_s = process_time()
        for second in range(day * DAY_S, (day + 1) * DAY_S):
            home.step(second)
        cpu_s = process_time() - begin_s
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        history_kb = sum(len(pickle.dumps(it)) for it in home.history) / 1024
        print(
            f"{day + 1:3}  {len(pickle.dumps(home.engine.memory)) / 1024:9.1f}"
            f"  {len(home.history):7}  {history_kb:10.0f}  {len(gc.get_objects()):9}"
            f"  {pages * getpagesize() / 1e6:10.2f}  {cpu_s:5.1f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DAYS)
