"""A tiny closed loop: house, meter, chargers with cars that lag, and the balancer between them.

Everything has its own rhythm and delay, so that the balancer meets the same misalignment as in a
home. Time is a parameter: an hour of plant takes about a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import math
import random
import re

from custom_components.evse_suite.control.answer import Command, Decision
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    ChargerState,
    MainsMeterSpec,
    MainsSample,
    Phase,
    SiteMode,
    SiteSpec,
    SiteState,
    Wish,
)

VOLTAGE_V = 230.0
L1, L2, L3 = Phase.L1, Phase.L2, Phase.L3


SENTENCE = re.compile(r"[A-Z0-9](?!.*(\{|  |\binf\b|\bnan\b|-\d| : ))[^.].*[^ .]\.")
"""Every explanation is one: nothing that was not filled in, no figure that nobody can read."""


def fuse(limit_a: float, *phases: Phase) -> Cap:
    """Return the cap of the service fuse."""
    return Cap(key="fuse", kind=CapKind.FUSE, limit_a=dict.fromkeys(phases, limit_a))


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """How a car follows its pilot (types of the control benchmark)."""

    dead_s: float = 2.0
    up_a_per_s: float = 1.2
    down_a_per_s: float = 5.0
    offset_a: float = 0.0
    start_s: float = 8.0
    most_a: float = 32.0
    lines: int = 3


FAST = Car(dead_s=1.0, up_a_per_s=3.0, down_a_per_s=10.0, start_s=5.0)
TYPICAL = Car()
IEC5 = Car(dead_s=4.0, up_a_per_s=1.2, down_a_per_s=5.0, start_s=15.0)
SLOW = Car(dead_s=4.0, up_a_per_s=0.5, down_a_per_s=2.0, start_s=20.0)
SWITCH_S = 5.0
THREE_SECONDS = Car(dead_s=3.0, up_a_per_s=1e3, down_a_per_s=1e3, start_s=5.0)


@dataclass
class Charger:
    """A charger with a car, its line to the balancer and its faults."""

    spec: ChargerSpec
    car: Car = TYPICAL
    poll_s: float = 2.0
    poll_phase_s: float = 0.0
    age_s: float = 0.0
    """Samples show the values of this much earlier; ``honest`` ones say so."""
    honest: bool = True
    latency_s: float = 0.3
    tells: bool = True
    plugged: bool = True
    obeys: bool = True
    refuses: bool = False
    switches: bool = True
    """It does as it is told about its lines, where it can."""
    silent: bool = False
    device_a: int = 0
    device_lines: int = 3
    """Lines that are switched on; the charger offers nothing for 5 s while that changes."""
    restarts: int = 0
    drawn_a: float = 0.0
    sample: ChargerSample | None = None
    failed: bool = False
    line_switches: list[tuple[float, int, float]] = field(default_factory=list)
    """(time, lines, current that flowed)"""
    _queue: list[tuple[float, int, int | None]] = field(default_factory=list)
    _pilot: list[tuple[float, float]] = field(default_factory=list)
    _history: list[tuple[float, float, int, bool]] = field(default_factory=list)
    _next_poll_s: float = -math.inf
    _start_s: float = math.inf
    _switched_s: float = -math.inf

    def tell(self, now_s: float, current_a: int, lines: int | None = None) -> None:
        """Hand a command to the line."""
        if self.refuses or self.silent:
            self.failed = True
            return
        self.failed = False
        self._queue.append((now_s + self.latency_s, current_a, lines))

    def restart(self, default_a: int) -> None:
        """Restart the device: it forgets its limit."""
        self.restarts += 1
        self.device_a = default_a
        self.device_lines = 3
        self._queue.clear()

    @property
    def lines(self) -> int:
        """How many lines carry current when the car draws."""
        return min(self.car.lines, self.device_lines, len(self.spec.phases))

    def _switch(self, now_s: float, lines: int) -> None:
        """Open and close the contactors of the other lines."""
        if self.switches and lines != self.device_lines:
            self.device_lines = lines
            self.line_switches.append((now_s, lines, self.drawn_a))
            self._switched_s = now_s

    def step(self, now_s: float, dt_s: float) -> None:
        """Advance line, pilot and car."""
        while self._queue and self._queue[0][0] <= now_s:
            _, current_a, lines = self._queue.pop(0)
            if self.obeys:
                self.device_a = current_a
            if lines is not None:
                self._switch(now_s, lines)
        ready = self.plugged and now_s - self._switched_s >= SWITCH_S
        self._pilot.append((now_s, self.device_a if ready else 0))
        seen_a = 0.0
        while len(self._pilot) > 1 and self._pilot[1][0] <= now_s - self.car.dead_s:
            self._pilot.pop(0)
        if self._pilot[0][0] <= now_s - self.car.dead_s or len(self._pilot) == 1:
            seen_a = self._pilot[0][1]
        goal_a = 0.0
        if seen_a >= 6:
            self._start_s = min(self._start_s, now_s)
            waits = self.drawn_a == 0 and now_s - self._start_s < self.car.start_s
            goal_a = 0.0 if waits else min(seen_a, self.car.most_a) - self.car.offset_a
        else:
            self._start_s = math.inf
        if not self.plugged:
            self.drawn_a = 0.0
        up_a, down_a = self.car.up_a_per_s * dt_s, self.car.down_a_per_s * dt_s
        if seen_a < 6:
            down_a = max(down_a, 15.0 * dt_s)
        self.drawn_a += min(max(goal_a - self.drawn_a, -down_a), up_a)
        self._history.append((now_s, self.drawn_a, self.device_a, self.plugged))
        while len(self._history) > 2 and self._history[1][0] <= now_s - self.age_s:
            self._history.pop(0)

    def poll(self, now_s: float) -> bool:
        """Take a sample if one is due."""
        if self.silent or now_s < self._next_poll_s:
            return False
        if self._next_poll_s == -math.inf:
            self._next_poll_s = now_s + self.poll_phase_s
            if self.poll_phase_s:
                return False
        self._next_poll_s += self.poll_s
        at_s, drawn_a, device_a, plugged = self._history[0]
        lines = len(self.spec.phases)
        activity = ChargerActivity.DISCONNECTED
        if plugged:
            charging = drawn_a > 0.5
            activity = ChargerActivity.CHARGING if charging else ChargerActivity.READY
        self.sample = ChargerSample(
            time_s=at_s if self.honest else now_s,
            activity=activity,
            drawn_a=tuple(drawn_a if n < self.lines else 0.0 for n in range(lines)),
            offered_a=device_a if self.tells else None,
            restarts=self.restarts,
            lines=self.device_lines if self.spec.switches_lines else None,
        )
        return True

    def line_a(self) -> dict[Phase, float]:
        """Return the true draw per mains phase."""
        total: dict[Phase, float] = {}
        for phase in self.spec.phases[: self.lines]:
            total[phase] = total.get(phase, 0.0) + self.drawn_a
        return total


type HouseLoad = Callable[[float], dict[Phase, float]]
"""Amperes per phase of the house (export negative) at a time."""
type MeterFault = Callable[[float, MainsSample], MainsSample | None]


@dataclass
class Plant:
    """The home: everything around the balancer, and its referee."""

    spec: SiteSpec
    house: HouseLoad
    chargers: list[Charger]
    mode: SiteMode = SiteMode.POWER
    wishes: dict[str, Wish] = field(default_factory=dict)
    meter_period_s: float = 1.0
    meter_phase_s: float = 0.0
    meter_refresh_s: float = 0.0
    """The meter renews its figures only this often; the balancer polls them with its own rhythm."""
    meter_late_s: float = 0.0
    noise_a: float = 0.0
    fault: MeterFault | None = None
    seed: int = 0
    dt_s: float = 0.1
    now_s: float = 1000.0
    memory: Memory = field(default_factory=Memory.initial)
    decision: Decision[Memory] | None = None
    commands: list[tuple[float, Command]] = field(default_factory=list)
    log: list[tuple[float, dict[Phase, float], dict[Phase, float]]] = field(default_factory=list)
    """(time, true mains current, true house current) of every step."""
    decisions: list[Decision[Memory]] = field(default_factory=list)
    mains: MainsSample | None = None
    keep_decisions: bool = False
    outside: Callable[[float, SiteState], SiteState] = lambda _, state: state
    """Adds what comes from elsewhere: limits, a generator's meter, the tariff's window."""
    _next_meter_s: float = -math.inf
    _refresh_s: float = -math.inf
    _shown: dict[Phase, float] = field(default_factory=dict)
    _late: list[tuple[float, MainsSample]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the rhythms."""
        self.random = random.Random(self.seed)
        self._next_meter_s = self.now_s + self.meter_phase_s

    def true_a(self) -> dict[Phase, float]:
        """Return the true mains current per phase."""
        total = dict(self.house(self.now_s))
        for charger in self.chargers:
            for phase, current_a in charger.line_a().items():
                total[phase] = total.get(phase, 0.0) + current_a
        return total

    def run(self, seconds: float) -> Plant:
        """Run the loop for a time."""
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            self.step()
        return self

    def step(self) -> None:
        """Advance everything by one step and let the balancer decide if something is new."""
        self.now_s = round(self.now_s + self.dt_s, 6)
        for charger in self.chargers:
            charger.step(self.now_s, self.dt_s)
        true_a = self.true_a()
        self.log.append((self.now_s, true_a, self.house(self.now_s)))
        polled = [charger.poll(self.now_s) for charger in self.chargers]
        if self._measure(true_a) or any(polled):
            self.decide()

    def _measure(self, true_a: dict[Phase, float]) -> bool:
        """Read the meter if it is time."""
        if self.now_s >= self._refresh_s:
            step_s = self.meter_refresh_s or self.dt_s
            self._refresh_s = self.now_s + step_s
            self._shown = {
                phase: current_a + self.random.gauss(0, self.noise_a) if self.noise_a else current_a
                for phase, current_a in true_a.items()
            }
        if self.now_s >= self._next_meter_s:
            self._next_meter_s += self.meter_period_s
            sample = MainsSample(
                time_s=self.now_s,
                current_a=dict(self._shown),
                power_w={phase: a * VOLTAGE_V for phase, a in self._shown.items()},
                voltage_v=dict.fromkeys(self._shown, VOLTAGE_V),
            )
            told = self.fault(self.now_s, sample) if self.fault else sample
            if told is not None:
                self._late.append((self.now_s + self.meter_late_s, told))
        arrived = False
        while self._late and self._late[0][0] <= self.now_s:
            self.mains = self._late.pop(0)[1]
            arrived = True
        return arrived

    def state(self) -> SiteState:
        """Return what the balancer is told now."""
        state = SiteState(
            mode=self.mode,
            mains=self.mains,
            chargers=tuple(
                ChargerState(
                    key=charger.spec.key,
                    sample=charger.sample,
                    last_command_failed=charger.failed,
                )
                for charger in self.chargers
            ),
            wishes=self.wishes,
        )
        return self.outside(self.now_s, state)

    def decide(self) -> None:
        """Run one cycle and carry its commands out."""
        self.decision = decide(self.spec, self.state(), self.memory, self.now_s)
        self.memory = self.decision.memory
        for charger in self.decision.chargers:
            assert SENTENCE.fullmatch(charger.sentence), charger.sentence
        if self.keep_decisions:
            self.decisions.append(self.decision)
        by_key = {charger.spec.key: charger for charger in self.chargers}
        for command in self.decision.commands:
            assert command.current_a == 0 or command.current_a >= 6
            self.commands.append((self.now_s, command))
            by_key[command.key].tell(self.now_s, command.current_a, command.lines)

    def over_s(self, since_s: float = -math.inf, beyond_a: float = 0.05) -> float:
        """Return the longest run above a grid cap while the house alone would fit."""
        longest = run = 0.0
        limits = {
            phase: min(
                cap.limit_a[phase]
                for cap in self.spec.caps
                if cap.chargers is None and phase in cap.limit_a
            )
            for phase in self.spec.phases
        }
        for time_s, mains_a, house_a in self.log:
            over = time_s >= since_s and any(
                mains_a[phase] > limit_a + beyond_a and house_a[phase] <= limit_a
                for phase, limit_a in limits.items()
            )
            run = run + self.dt_s if over else 0.0
            longest = max(longest, run)
        return longest

    def changes(
        self, since_s: float = -math.inf, key: str | None = None
    ) -> list[tuple[float, int]]:
        """Return (time, current) of every command that changed a charger's current."""
        last: dict[str, int] = {}
        changed = []
        for time_s, command in self.commands:
            if last.get(command.key) != command.current_a:
                last[command.key] = command.current_a
                if time_s >= since_s and key in (None, command.key):
                    changed.append((time_s, command.current_a))
        return changed


def constant(**phases: float) -> HouseLoad:
    """Return a house that draws the same all the time."""
    load = {Phase(name): current_a for name, current_a in phases.items()}
    return lambda _: load


def stepped(*steps: tuple[float, float], phase: Phase = L1) -> HouseLoad:
    """Return a single-phase house that draws the value of the last step that has begun."""

    def load(now_s: float) -> dict[Phase, float]:
        current_a = 0.0
        for start_s, value_a in steps:
            if now_s >= start_s:
                current_a = value_a
        return {phase: current_a}

    return load


def one_charger(
    limit_a: float,
    house: HouseLoad,
    *,
    charger: Charger | None = None,
    period_s: float = 1.0,
    silent_after_s: float | None = None,
    **changes: object,
) -> Plant:
    """Return a single-phase home with one charger."""
    own = charger or Charger(spec=ChargerSpec(key="a", name="A", phases=(L1,)))
    spec = SiteSpec(
        phases=(L1,),
        voltage_v=VOLTAGE_V,
        meter=MainsMeterSpec(
            key="m",
            period_s=period_s,
            silent_after_s=silent_after_s or max(10.0, 3 * period_s),
        ),
        caps=(fuse(limit_a, L1),),
        chargers=(own.spec,),
    )
    plant = Plant(spec=spec, house=house, chargers=[own], meter_period_s=period_s)
    for name, value in changes.items():
        setattr(plant, name, value)
    plant.__post_init__()
    return plant
