"""The house without its chargers: base load, appliances with habits or a measured trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import math
from typing import Final, Protocol

from .habits import DAY_S, HABITS, DayPlan, Pulse
from .noise import gauss, seed_of, smooth
from .wires import Phase

BASE_POWER_FACTOR: Final = 0.95
BASE_DRIFT: Final = 0.15
BASE_PERIOD_S: Final = 900.0
BASE_NOISE_W: Final = 2.0
MINUTE_S: Final = 60.0


class Load(Protocol):
    """Something that draws power for as long as the day lasts."""

    def draw(self, day_s: float) -> Mapping[Phase, complex]:
        """Return volt-amperes per phase at this time of the day clock."""
        ...


@dataclass(frozen=True, slots=True)
class Switched:
    """An appliance that a hand has switched, which overrides its habit."""

    on: bool
    since_s: float
    power_w: float


@dataclass(slots=True)
class Appliance:
    """One appliance of the house; it lies on ``phases`` and divides its power among them."""

    name: str
    plan: DayPlan
    phases: tuple[Phase, ...]
    has_habit: bool = True
    switched: Switched | None = None
    _minute: int = -1
    _pulses: list[Pulse] = field(default_factory=list)

    def draw_va(self, day_s: float, now_s: float) -> complex:
        """Return what it draws in all; ``now_s`` is real time, for what hands do."""
        habit = self.plan.habit
        if self.switched is not None:
            if not self.switched.on:
                return 0j
            return self._power(now_s - self.switched.since_s, self.switched.power_w)
        for pulse in self._nearby(day_s) if self.has_habit else ():
            if pulse.start_s <= day_s < pulse.end_s:
                return self._power(day_s - pulse.start_s, habit.power_w)
        return 0j

    def _nearby(self, day_s: float) -> Sequence[Pulse]:
        """Return the pulses of this minute, found once a minute."""
        minute = int(day_s // MINUTE_S)
        if minute != self._minute:
            day = int(day_s // DAY_S)
            begin_s = minute * MINUTE_S
            self._minute = minute
            self._pulses = [
                pulse
                for pulse in self.plan.pulses(day - 1) + self.plan.pulses(day)
                if pulse.start_s < begin_s + MINUTE_S and pulse.end_s > begin_s
            ]
        return self._pulses

    def _power(self, on_for_s: float, power_w: float) -> complex:
        habit = self.plan.habit
        if habit.soft_start_s:
            power_w *= min(1.0, on_for_s / habit.soft_start_s)
        return apparent(power_w, habit.power_factor)


class BaseLoad:
    """What is always on: it wanders by 15 % in a quarter of an hour and never stands still."""

    def __init__(self, power_w: float, phases: Sequence[Phase], seed: int) -> None:
        """Divide ``power_w`` evenly among ``phases``."""
        self._each_w = power_w / len(phases)
        self._seeds = {phase: seed_of("base", seed, phase) for phase in phases}

    def draw(self, day_s: float) -> Mapping[Phase, complex]:
        """Return volt-amperes per phase at this time of the day clock."""
        if not self._each_w:
            return {}
        return {phase: self._phase(seed, day_s) for phase, seed in self._seeds.items()}

    def _phase(self, seed: int, day_s: float) -> complex:
        wander = 1 + BASE_DRIFT * smooth(seed, day_s / BASE_PERIOD_S)
        noise_w = BASE_NOISE_W * gauss(seed, int(day_s))
        return apparent(max(0.0, self._each_w * wander + noise_w), BASE_POWER_FACTOR)


class House:
    """All that draws power behind the fuse except the chargers."""

    def __init__(self, loads: Sequence[Load], appliances: Sequence[Appliance]) -> None:
        """Sum up ``loads`` and ``appliances``; the latter can be switched by name."""
        self.appliances = {appliance.name: appliance for appliance in appliances}
        self._loads = tuple(loads)
        self._now_s = 0.0

    def switch(self, name: str, *, on: bool | None, power_w: float | None = None) -> None:
        """Switch an appliance by hand; None gives it back to its habit.

        ``power_w`` replaces its usual power this time. Raises KeyError for an unknown name.
        """
        appliance = self.appliances[name]
        if on is None:
            appliance.switched = None
            return
        watts = appliance.plan.habit.power_w if power_w is None else power_w
        appliance.switched = Switched(on, self._now_s, watts)

    def draw(self, day_s: float, now_s: float) -> dict[Phase, complex]:
        """Return volt-amperes per phase."""
        self._now_s = now_s
        total: dict[Phase, complex] = {}
        for load in self._loads:
            for phase, va in load.draw(day_s).items():
                total[phase] = total.get(phase, 0j) + va
        for appliance in self.appliances.values():
            if va := appliance.draw_va(day_s, now_s):
                for phase in appliance.phases:
                    total[phase] = total.get(phase, 0j) + va / len(appliance.phases)
        return total


def apparent(power_w: float, power_factor: float) -> complex:
    """Return the volt-amperes of an inductive load."""
    return complex(power_w, power_w * math.tan(math.acos(power_factor)))


def make_appliance(
    name: str, kind: str, phases: tuple[Phase, ...], seed: int, *, has_habit: bool = True
) -> Appliance:
    """Return an appliance of a kind of ``HABITS``."""
    plan = DayPlan(name, HABITS[kind], seed)
    return Appliance(name, plan, phases, has_habit)
