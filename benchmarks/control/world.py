"""One home in a closed loop: house, mains meter, chargers, cars and a controller, once a second.

Within a tick the order is that of cause and effect: the cars move, the meter measures, what was
measured earlier arrives, the controller answers, and commands whose time has come reach the pilot.
A step of the house at second t is therefore measured at t, seen ``meter.latency_s`` later, and
answered by the pilot ``command_s`` after that; then comes the car's own dead time.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
import random

import numpy as np
from numpy.typing import NDArray

from simulator.plant.car import CAR_TYPES, Car, CarType

from .contract import (
    NOMINAL_V,
    ChargerSample,
    Controller,
    HomeSpec,
    Maker,
    MeterSample,
    Sight,
)

type Amperes = NDArray[np.float64]
type MeterFault = Callable[[float, MeterSample], MeterSample | None]
"""Changes what the meter says at a time; None loses it."""

NEVER_FULL_KWH = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKind:
    """How the mains meter measures."""

    period_s: int = 1
    latency_s: int = 1
    noise_a: float = 0.05
    gain: float = 1.0
    phase_s: int = 0
    """Second of the period at which it measures."""
    fault: MeterFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerKind:
    """How a charger and its car behave."""

    car: CarType = CAR_TYPES["typical"]
    command_s: int = 1
    """From the command to the pilot."""
    age_s: int = 0
    """Its readings are this much older than they say."""
    obeys: Callable[[float], bool] | None = None
    """Whether it takes commands at a time; None always."""
    answers: Callable[[float], bool] | None = None
    """Whether it answers when it is read; None always."""
    stuck: Callable[[float], bool] | None = None
    """Whether it repeats its last values as if they were new; None never."""


@dataclass(slots=True)
class Box:
    """One charger with its car in a run."""

    kind: ChargerKind
    car: Car
    lines: tuple[int, ...]
    limit_a: int = 0
    queue: deque[tuple[float, int]] = field(default_factory=deque)
    past: deque[tuple[float, int]] = field(default_factory=deque)
    sample: ChargerSample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What happened; arrays have one value per second."""

    home: HomeSpec
    house_a: list[Amperes]
    """Per phase, what flows without the chargers."""
    drawn_a: list[Amperes]
    """Per charger, on each of the lines that its car uses."""
    offered_a: list[Amperes]
    """Per charger, the limit that is set in the device."""
    car_lines: list[int]
    commands: list[tuple[float, int, float]]
    """(time, charger, amperes) of every command sent."""

    @property
    def seconds(self) -> int:
        """Length of the run."""
        return len(self.house_a[0])

    def cars_a(self) -> list[Amperes]:
        """Return what all cars draw on each phase."""
        total = [np.zeros(self.seconds) for _ in self.house_a]
        for place, drawn, lines in zip(
            self.home.chargers, self.drawn_a, self.car_lines, strict=True
        ):
            for phase in place.lines[:lines]:
                total[phase] += drawn
        return total

    def cars_w(self) -> Amperes:
        """Return the power of all cars at the nominal voltage."""
        return np.asarray(sum(self.cars_a()) * NOMINAL_V)

    def house_w(self) -> Amperes:
        """Return the net power of the house at the nominal voltage."""
        return np.asarray(sum(self.house_a) * NOMINAL_V)


def run(
    home: HomeSpec,
    house_a: Sequence[Amperes],
    maker: Maker,
    *,
    kinds: Sequence[ChargerKind] = (),
    meter: MeterKind | None = None,
    seed: int = 0,
    connected: Callable[[float, int], bool] | None = None,
    restart_s: float = inf,
) -> Record:
    """Run a controller through one home; the same arguments always give the same record.

    ``connected`` tells whether a car is plugged in (always, unless given); at ``restart_s`` the
    controller is made anew and knows nothing.
    """
    meter = meter or MeterKind(period_s=home.meter_period_s)
    boxes = [
        _box(place.lines, kind)
        for place, kind in zip(home.chargers, _kinds(home, kinds), strict=True)
    ]
    controller: Controller = maker(home, seed)
    line = _MeterLine(meter, random.Random(seed))
    seconds = len(house_a[0])
    house = [list(map(float, phase)) for phase in house_a]
    drawn: list[list[float]] = [[] for _ in boxes]
    offered: list[list[float]] = [[] for _ in boxes]
    commands: list[tuple[float, int, float]] = []
    newest: MeterSample | None = None
    for second in range(seconds):
        now_s = float(second)
        if now_s == restart_s:
            controller = maker(home, seed)
        total_a = [phase[second] for phase in house]
        if connected is not None:
            _plug(boxes, connected, now_s)
        for box, values in zip(boxes, drawn, strict=True):
            _drive(box, now_s, values, total_a)
        newest = line.read(second, total_a, newest)
        _read_chargers(boxes, second, home.charger_period_s, drawn, offered)
        sight = Sight(now_s, newest, tuple([box.sample for box in boxes]))
        for index, current_a in controller.step(sight):
            commands.append((now_s, index, current_a))
            boxes[index].queue.append((now_s + boxes[index].kind.command_s, int(current_a)))
        for box, limits in zip(boxes, offered, strict=True):
            _deliver(box, now_s)
            limits.append(float(box.limit_a))
    return Record(
        home=home,
        house_a=[np.asarray(phase, dtype=np.float64) for phase in house_a],
        drawn_a=[np.array(values) for values in drawn],
        offered_a=[np.array(values) for values in offered],
        car_lines=[min(box.kind.car.lines, len(box.lines)) for box in boxes],
        commands=commands,
    )


def _kinds(home: HomeSpec, kinds: Sequence[ChargerKind]) -> list[ChargerKind]:
    """Return a kind for each charger; typical cars use all lines unless a kind is given."""
    if kinds:
        return list(kinds)
    return [
        ChargerKind(car=replace(CAR_TYPES["typical"], lines=len(place.lines)))
        for place in home.chargers
    ]


def _box(lines: tuple[int, ...], kind: ChargerKind) -> Box:
    car = Car("car", kind=replace(kind.car, battery_kwh=NEVER_FULL_KWH))
    return Box(kind=kind, car=car, lines=lines)


def _plug(boxes: list[Box], connected: Callable[[float, int], bool], now_s: float) -> None:
    """Let the cars come and go."""
    for index, box in enumerate(boxes):
        here = connected(now_s, index)
        if here and not box.car.plugged:
            box.car.plug()
            box.car.offer(box.limit_a, len(box.lines))
        elif box.car.plugged and not here:
            box.car.unplug()


def _drive(box: Box, now_s: float, drawn: list[float], total_a: list[float]) -> None:
    """Move one car and add what it draws."""
    box.car.step(now_s, 1.0, NOMINAL_V)
    current_a = box.car.current_a
    drawn.append(current_a)
    for phase in box.lines[: box.kind.car.lines]:
        total_a[phase] += current_a


@dataclass(slots=True)
class _MeterLine:
    """The meter and the way of its readings to the controller."""

    meter: MeterKind
    dice: random.Random
    arriving: deque[tuple[float, MeterSample]] = field(default_factory=deque)

    def read(
        self, second: int, total_a: list[float], newest: MeterSample | None
    ) -> MeterSample | None:
        """Measure if it is time, and return the newest reading that has arrived."""
        meter = self.meter
        if second % meter.period_s == meter.phase_s:
            current_a = tuple(
                [meter.gain * a + self.dice.gauss(0.0, meter.noise_a) for a in total_a]
            )
            told: MeterSample | None = MeterSample(
                float(second), current_a, sum(current_a) * NOMINAL_V
            )
            if meter.fault is not None and told is not None:
                told = meter.fault(float(second), told)
            if told is not None:
                self.arriving.append((second + meter.latency_s, told))
        while self.arriving and self.arriving[0][0] <= second:
            newest = self.arriving.popleft()[1]
        return newest


def _read_chargers(
    boxes: list[Box],
    second: int,
    period_s: int,
    drawn: list[list[float]],
    offered: list[list[float]],
) -> None:
    """Read the chargers whose turn it is."""
    for index, box in enumerate(boxes):
        if second % period_s == index % period_s:
            _read(box, float(second), drawn[index], offered[index])


def _read(box: Box, now_s: float, drawn: list[float], offered: list[float]) -> None:
    """Read a charger, if it answers."""
    if box.kind.answers is not None and not box.kind.answers(now_s):
        return
    if box.sample is not None and box.kind.stuck is not None and box.kind.stuck(now_s):
        box.sample = replace(box.sample, time_s=now_s)
        return
    age_s = box.kind.age_s
    current_a = drawn[max(0, len(drawn) - 1 - age_s)]
    limit_a = int(offered[max(0, len(offered) - age_s)]) if age_s and offered else box.limit_a
    used = box.kind.car.lines
    box.sample = ChargerSample(
        now_s,
        box.car.plugged,
        current_a > 0,
        tuple([current_a if line < used else 0.0 for line in range(len(box.lines))]),
        limit_a,
    )


def _deliver(box: Box, now_s: float) -> None:
    """Let the commands reach the pilot whose time has come."""
    while box.queue and box.queue[0][0] <= now_s:
        current_a = box.queue.popleft()[1]
        if box.kind.obeys is None or box.kind.obeys(now_s):
            box.limit_a = current_a
            box.car.offer(current_a, len(box.lines))
