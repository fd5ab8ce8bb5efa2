"""How long one decision takes, for one charger up to a hundred, on a tree of circuits, and all day.

Absolute times differ between machines; the ratio to a plain reference (summing the chargers'
currents per phase in pure Python, measured in the same run) can be compared. It is processor time
that counts, so that other work on the machine does not. Run it with
``python -m benchmarks.decision``.
"""

from dataclasses import replace
from statistics import median
from time import process_time, thread_time

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
)

from .control import engine
from .control.contract import HomeSpec, Mode
from .control.days import with_sun
from .control.generator import Generator
from .control.world import run

CYCLES = 200
EVERY = 4
"""One charger in so many has three phases."""
COUNTS = (1, 2, 5, 10, 100)
GOAL_US = {1: 60.0, 100: 5000.0}
GOAL_DAY_S = 8.0
CIRCUITS = 20
FANOUT = 3
"""Every circuit of the tree has so many below it."""


def site(chargers: int) -> SiteSpec:
    """Return a three-phase site whose chargers are on one or three phases."""
    phases = (Phase.L1, Phase.L2, Phase.L3)
    limit_a = 40.0 + 10 * chargers
    return SiteSpec(
        phases=phases,
        voltage_v=230.0,
        meter=MainsMeterSpec(key="meter"),
        caps=(Cap(key="fuse", kind=CapKind.FUSE, limit_a=dict.fromkeys(phases, limit_a)),),
        chargers=tuple(
            ChargerSpec(
                key=f"charger_{number}",
                name=f"Charger {number}",
                phases=phases
                if number % EVERY == 0 and number
                else (phases[number % len(phases)],),
            )
            for number in range(chargers)
        ),
    )


def tree(chargers: int) -> SiteSpec:
    """Return the same site on a tree of circuits, with limits on power, balance and capacity."""
    plain = site(chargers)
    paths: list[list[int]] = [[]]
    for circuit in range(1, CIRCUITS):
        above = (circuit - 1) // FANOUT
        paths.append([*paths[above], above])
    members: list[set[str]] = [set() for _ in paths]
    for number, charger in enumerate(plain.chargers):
        own = number % CIRCUITS
        for circuit in (own, *paths[own]):
            members[circuit].add(charger.key)
    circuits = [
        Cap(
            key=f"circuit_{number}",
            kind=CapKind.CIRCUIT,
            limit_a=dict.fromkeys(plain.phases, 8.0 * len(keys)),
            chargers=frozenset(keys),
        )
        for number, keys in enumerate(members)
        if keys
    ]
    power = [
        Cap(key="contract", kind=CapKind.CONTRACT, limit_w=3000.0 * chargers),
        Cap(key="tariff", kind=CapKind.CAPACITY, limit_w=2500.0 * chargers),
    ]
    return replace(plain, caps=(*plain.caps, *circuits, *power), unbalance_a=20.0 + chargers)


def state(spec: SiteSpec, mode: SiteMode, now_s: float) -> SiteState:
    """Return a cycle in which every meter and charger has something new to say."""
    wobble_a = (now_s * 0.7) % 1
    # Green has a surplus to follow; every car takes less than it may.
    grid_a = wobble_a + (-12.0 if mode is SiteMode.GREEN else 12.0)
    return SiteState(
        mode=mode,
        mains=MainsSample(
            time_s=now_s,
            current_a=dict.fromkeys(spec.phases, grid_a),
            power_w=dict.fromkeys(spec.phases, 230 * grid_a),
            voltage_v=dict.fromkeys(spec.phases, 230.0),
        ),
        chargers=tuple(
            ChargerState(
                key=charger.key,
                sample=ChargerSample(
                    time_s=now_s,
                    activity=ChargerActivity.CHARGING,
                    drawn_a=(7.0 + wobble_a,) * len(charger.phases),
                ),
            )
            for charger in spec.chargers
        ),
    )


def decision_us(spec: SiteSpec, mode: SiteMode) -> float:
    """Return the median time of a decision in microseconds."""
    memory = Memory.initial()
    taken = []
    for cycle in range(CYCLES):
        told = state(spec, mode, float(cycle))
        start = thread_time()
        memory = decide(spec, told, memory, float(cycle)).memory
        taken.append(thread_time() - start)
    return median(taken[30:]) * 1e6


def reference_us(chargers: int) -> float:
    """Return the median time of summing all currents per phase, in microseconds."""
    spec = site(chargers)
    told = state(spec, SiteMode.POWER, 0.0)
    taken = []
    for _ in range(CYCLES):
        start = thread_time()
        total = dict.fromkeys(spec.phases, 0.0)
        for charger, charger_spec in zip(told.chargers, spec.chargers, strict=True):
            for phase, current_a in zip(
                charger_spec.phases, charger.sample.drawn_a if charger.sample else (), strict=False
            ):
                total[phase] += current_a
        taken.append(thread_time() - start)
    return median(taken[30:]) * 1e6


def day_s(mode: Mode) -> float:
    """Return the time that a day at 1 s takes for one charger, in the benchmark's world."""
    source = Generator()
    currents = source.house(source.houses()[0]).currents
    if mode is Mode.GREEN:
        currents = with_sun(currents, source.sun(source.suns()[0]), 6.0)
    start = process_time()
    run(HomeSpec(fuse_a=60, mode=mode), currents, engine.make)
    return process_time() - start


def main() -> None:
    """Print the tables."""
    print("chargers  circuits  mode     decision us  per charger us  times reference  goal us")
    for chargers, circuits in (*[(count, 0) for count in COUNTS], (100, CIRCUITS)):
        reference = reference_us(chargers)
        spec = tree(chargers) if circuits else site(chargers)
        for mode in (SiteMode.POWER, SiteMode.GREEN):
            taken = decision_us(spec, mode)
            goal = f"{GOAL_US[chargers]:.0f}" if chargers in GOAL_US else ""
            print(
                f"{chargers:8}  {circuits:8}  {mode:7}  {taken:11.0f}  {taken / chargers:14.1f}"
                f"  {taken / reference:15.0f}  {goal:>7}"
            )
    for day in (Mode.POWER, Mode.GREEN):
        print(f"a day in {day.value}: {day_s(day):.1f} s, goal {GOAL_DAY_S:g} s")


if __name__ == "__main__":
    main()
