"""What the appliances of a household draw, and when people and thermostats switch them on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

HOUR_S: Final = 3600.0
DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A thermostat: switched on and off again and again, each time a little different."""

    on_s: float
    off_s: float
    warm_up_s: float = 0.0
    """The first time it stays on this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """One kind of appliance and how it is used."""

    power_w: float
    power_factor: float = 1.0
    soft_start_s: float = 0.0
    """Time from nothing to full power."""
    uses_per_day: float = 1.0
    hours: tuple[tuple[float, float], ...] = ()
    """Favourite hours and how far from them it happens (standard deviation, hours); none means
    all day long."""
    lasts_s: tuple[float, float] = (DAY_S, DAY_S)
    cycle: Cycle | None = None


_COOKING: Final = ((7.5, 0.5), (12.3, 0.7), (18.2, 0.9), (18.2, 0.9))
_DRINKS: Final = ((7.2, 0.6), (10.0, 0.8), (13.0, 0.8), (15.8, 0.8), (20.2, 1.0))
_WASHING: Final = ((9.5, 1.5), (14.0, 2.0), (20.5, 1.0))

HABITS: Final = {
    "fridge": Habit(power_w=95, power_factor=0.7, cycle=Cycle(on_s=900, off_s=1900)),
    "lights": Habit(
        power_w=160,
        power_factor=0.9,
        uses_per_day=4,
        hours=((7, 0.5), (20, 1.5)),
        lasts_s=(1800, 9000),
    ),
    "television": Habit(
        power_w=120, power_factor=0.95, uses_per_day=1.2, hours=((20, 1.2),), lasts_s=(3600, 12000)
    ),
    "kettle": Habit(power_w=2800, uses_per_day=6, hours=_DRINKS, lasts_s=(80, 240)),
    "toaster": Habit(power_w=950, uses_per_day=1.2, hours=((7.5, 0.5),), lasts_s=(100, 180)),
    "microwave": Habit(
        power_w=1250, power_factor=0.92, uses_per_day=2.5, hours=_COOKING, lasts_s=(60, 300)
    ),
    "hob": Habit(
        power_w=1900,
        uses_per_day=1,
        hours=_COOKING,
        lasts_s=(700, 1800),
        cycle=Cycle(on_s=25, off_s=40, warm_up_s=240),
    ),
    "oven": Habit(
        power_w=2400,
        uses_per_day=0.6,
        hours=((18, 0.8), (12, 0.8)),
        lasts_s=(1800, 4200),
        cycle=Cycle(on_s=60, off_s=110, warm_up_s=480),
    ),
    "washing_machine": Habit(
        power_w=2050,
        uses_per_day=0.7,
        hours=_WASHING,
        lasts_s=(2400, 5400),
        cycle=Cycle(on_s=40, off_s=420, warm_up_s=900),
    ),
    "dishwasher": Habit(
        power_w=1950,
        uses_per_day=0.7,
        hours=((21, 1.0), (13.5, 0.7)),
        lasts_s=(3000, 4500),
        cycle=Cycle(on_s=600, off_s=1500, warm_up_s=700),
    ),
    "shower": Habit(
        power_w=9200, uses_per_day=1.6, hours=((7, 0.5), (21, 1.0)), lasts_s=(300, 540)
    ),
    "heat_pump": Habit(
        power_w=3000, power_factor=0.93, soft_start_s=10, cycle=Cycle(on_s=1100, off_s=2500)
    ),
    "heater": Habit(
        power_w=1500,
        uses_per_day=1,
        hours=((8, 2.0), (17, 2.0)),
        lasts_s=(14400, 28800),
        cycle=Cycle(on_s=10, off_s=16),
    ),
    # Never used by itself: a load to switch by hand.
    "load": Habit(power_w=2000, uses_per_day=0, hours=((12, 0),)),
}
"""By name. ``HOUSEHOLD`` makes days of 5 to 13 kWh with a dozen to a hundred rises of more than
1 kW, as measured homes have; the heater adds the hundreds a day of a fast thermostat."""

HOUSEHOLD: Final = tuple(
    kind for kind in HABITS if kind not in {"shower", "heat_pump", "heater", "load"}
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """One time that an appliance is on, in day seconds since the first midnight."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class DayPlan:
    """When one appliance is on, for each day a new dice throw that only the seed decides."""

    name: str
    habit: Habit
    seed: int
    _days: dict[int, tuple[Pulse, ...]] = field(default_factory=dict)

    def pulses(self, day: int) -> tuple[Pulse, ...]:
        """Return what begins on ``day``; the last pulse may end on the next."""
        if day not in self._days:
            random = Random(f"{self.seed}/{self.name}/{day}")
            begin_s = day * DAY_S
            self._days[day] = tuple(
                Pulse(begin_s + p.start_s, begin_s + p.end_s)
                for use in _uses(self.habit, random)
                for p in _cycles(use, self.habit.cycle, random)
            )
        return self._days[day]


def _uses(habit: Habit, random: Random) -> Iterator[Pulse]:
    if not habit.hours:
        yield Pulse(0.0, DAY_S)
        return
    free_s = 0.0
    count = int(habit.uses_per_day + random.random())
    starts = sorted(random.gauss(*random.choice(habit.hours)) * HOUR_S for _ in range(count))
    for wanted_s in starts:
        # Nobody boils two kettles at once: a use waits for the end of the one before.
        start_s = min(max(wanted_s, free_s), DAY_S)
        free_s = start_s + random.uniform(*habit.lasts_s)
        yield Pulse(start_s, free_s)


def _cycles(use: Pulse, cycle: Cycle | None, random: Random) -> Iterator[Pulse]:
    if cycle is None:
        yield use
        return
    start_s = use.start_s + random.random() * (0 if cycle.warm_up_s else cycle.off_s)
    on_s = cycle.warm_up_s or cycle.on_s
    while start_s < use.end_s:
        yield Pulse(start_s, min(start_s + on_s * random.uniform(0.85, 1.15), use.end_s))
        start_s += on_s + cycle.off_s * random.uniform(0.7, 1.3)
        on_s = cycle.on_s
