"""Random homes with random faults, and the referee who knows what nobody can see."""

from dataclasses import dataclass, field, replace
import math
import random

from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSpec,
    MainsMeterSpec,
    MainsSample,
    Phase,
    SiteMode,
    SiteSpec,
)
from tests.control.plant import (
    FAST,
    IEC5,
    L1,
    L2,
    L3,
    SLOW,
    TYPICAL,
    VOLTAGE_V,
    Charger,
    Plant,
    fuse,
)
from tests.control.troubles import Troubled, lie

DISCONNECTED = ChargerActivity.DISCONNECTED
RUN_S = 400.0
FAULTS = (
    "hang", "answer", "restart", "refuse", "accept", "plug", "unplug", "obey", "disobey",
    "meter gone", "meter back", "meter nan",
)  # fmt: skip


@dataclass
class World:
    """A random home; everything follows from the seed."""

    plant: Plant
    limit_a: float
    events: list[tuple[float, str, Charger]]
    meter: str = "meter back"
    read_s: float = -math.inf
    """When the mains was last read as it is."""
    told_a: dict[str, int] = field(default_factory=dict)
    forgot_a: dict[str, int] = field(default_factory=dict)
    """What was offered before a restart that nobody could notice yet."""

    def offers_a(self) -> list[float]:
        """Return what every charger may draw, as far as anybody can know."""
        offers_a = []
        for charger in self.plant.chargers:
            seen = charger.sample is not None and charger.sample.restarts == charger.restarts
            if seen:
                self.forgot_a.pop(charger.spec.key, None)
            device_a = self.forgot_a.get(charger.spec.key, charger.device_a)
            if not charger.obeys and not charger.tells:
                # It does not tell its limit and its car takes less: the draw is all there is.
                device_a = self.told_a.get(charger.spec.key, 0)
            queued_a = [current_a for _, current_a, _ in charger._queue]
            drawn_a = 0.0 if charger.spec.key in self.forgot_a else charger.drawn_a
            offers_a.append(max(device_a, drawn_a, *queued_a, 0))
        return offers_a

    def fault(self, _now_s: float, sample: MainsSample) -> MainsSample | None:
        if self.meter == "meter gone":
            return None
        if self.meter == "meter nan":
            return replace(sample, current_a=dict.fromkeys(sample.current_a, math.nan))
        if self.meter != "meter back":
            return lie(self.meter, sample)
        self.read_s = sample.time_s
        return sample

    def happen(self) -> None:
        """Let everything happen whose time has come."""
        while self.events and self.events[0][0] <= self.plant.now_s:
            _, name, charger = self.events.pop(0)
            self.befall(name, charger)

    def befall(self, name: str, charger: Charger) -> None:
        """Let one of ``FAULTS`` begin or end."""
        match name:
            case "hang" | "answer":
                charger.silent = name == "hang"
            case "restart":
                self.forgot_a.setdefault(charger.spec.key, charger.device_a)
                charger.restart(charger.spec.maximum_a)
            case "refuse" | "accept":
                charger.refuses = name == "refuse"
            case "plug" | "unplug":
                sample = charger.sample
                if name == "plug" and sample and sample.activity is DISCONNECTED:
                    # Another car, which uses other lines.
                    charger.car = replace(charger.car, lines=4 - charger.car.lines)
                charger.plugged = name == "plug"
            case "obey" | "disobey":
                charger.obeys = name == "obey"
            case _:
                self.meter = name


def make_charger(rng: random.Random, key: str, phases: tuple[Phase, ...]) -> Charger:
    mine = tuple(rng.sample(phases, rng.choice([1, len(phases)])))
    poll_s = rng.choice([0.5, 1.0, 2.0, 5.0, 10.0])
    latency_s = rng.choice([0.1, 0.5, 2.0])
    spec = ChargerSpec(
        key=key,
        name=key,
        phases=mine,
        maximum_a=rng.choice([16, 20, 32]),
        safe_a=rng.choice([0, 6]),
        priority=rng.choice([0, 0, 1]),
        silent_after_s=max(15.0, 3 * poll_s),
        settle_s=8 + latency_s + poll_s,
        start_settle_s=60,
        switches_lines=len(mine) > 1 and rng.random() < 0.5,
    )
    car = replace(
        rng.choice([FAST, TYPICAL, IEC5, SLOW]),
        lines=rng.choice([1, 3]),
        most_a=rng.choice([10, 16, 32]),
        offset_a=rng.choice([0, 0.5]),
    )
    return Troubled(
        site_phases=phases,
        spec=spec,
        car=car,
        poll_s=poll_s,
        poll_phase_s=rng.random() * poll_s,
        latency_s=latency_s,
        age_s=rng.choice([0, 0, 0.8]),
        honest=rng.random() < 0.5,
        tells=rng.random() < 0.7,
        device_a=rng.choice([0, 0, 6, 16, 32]),
        plugged=rng.random() < 0.8,
    )


def make_world(seed: int, faults: int) -> World:
    rng = random.Random(seed)
    phases = rng.choice([(L1,), (L1, L2), (L1, L2, L3)])
    chargers = [make_charger(rng, key, phases) for key in "abcd"[: rng.randint(1, 4)]]
    limit_a = float(rng.choice([20, 25, 40, 60]))
    circuit = Cap(
        key="circuit",
        kind=CapKind.CIRCUIT,
        limit_a=dict.fromkeys(phases, float(rng.choice([16, 20, 32]))),
        chargers=frozenset("ab"),
    )
    period_s = rng.choice([0.5, 1.0, 1.0, 2.0, 5.0])
    steps = {
        phase: sorted((1000 + rng.random() * RUN_S, rng.uniform(-10, limit_a)) for _ in range(6))
        for phase in phases
    }

    def house(now_s: float) -> dict[Phase, float]:
        load = dict.fromkeys(phases, 3.0)
        for phase, changes in steps.items():
            for start_s, current_a in changes:
                if now_s >= start_s:
                    load[phase] = current_a
        return load

    plant = Plant(
        spec=SiteSpec(
            phases=phases,
            voltage_v=VOLTAGE_V,
            meter=MainsMeterSpec(
                key="m", period_s=period_s, silent_after_s=max(10.0, 3 * period_s)
            ),
            caps=(fuse(limit_a, *phases), *((circuit,) if rng.random() < 0.4 else ())),
            chargers=tuple(charger.spec for charger in chargers),
        ),
        house=house,
        chargers=chargers,
        mode=rng.choice([SiteMode.POWER, SiteMode.POWER, SiteMode.HYBRID, SiteMode.GREEN]),
        meter_period_s=period_s,
        meter_refresh_s=rng.choice([0.0, 0.0, 1.0]),
        noise_a=0.05,
        seed=seed,
        dt_s=0.25,
    )
    events = sorted(
        (
            (1000 + rng.random() * RUN_S, rng.choice(FAULTS), rng.choice(chargers))
            for _ in range(faults)
        ),
        key=lambda event: event[0],
    )
    world = World(plant=plant, limit_a=limit_a, events=events)
    plant.fault = world.fault
    return world


def known_a(charger: Charger, current_a: float) -> float:
    """Return what a charger may draw, as far as its samples have told of a car."""
    sample = charger.sample
    if sample is not None and sample.activity is DISCONNECTED:
        return charger.drawn_a if sample.offered_a in {None, 0} else 0.0
    return max(current_a, charger.drawn_a) if charger.plugged else 0.0


def known_lines(charger: Charger) -> int:
    """Return on how many lines a car can draw, as far as the charger has told of a restart."""
    sample = charger.sample
    if sample is not None and sample.lines and sample.restarts != charger.restarts:
        return min(charger.car.lines, sample.lines)
    return charger.lines


def check_raise(world: World, key: str, current_a: int, before_a: list[float]) -> None:
    """Check that a raise fits at the newest reading, with everything in flight."""
    plant = world.plant
    assert plant.now_s - world.read_s <= plant.spec.meter.silent_after_s
    then = plant.house(world.read_s)
    earlier = plant.house(world.read_s - plant.meter_refresh_s)
    raised = next(charger for charger in plant.chargers if charger.spec.key == key)
    for phase in set(raised.spec.phases[: known_lines(raised)]):
        total_a = min(then[phase], earlier[phase])
        for charger, told_a in zip(plant.chargers, before_a, strict=True):
            offered_a = current_a if charger is raised else told_a
            # A line that the car does not use stays free, whatever is offered.
            used = charger.spec.phases[: known_lines(charger)]
            total_a += known_a(charger, offered_a) * used.count(phase)
        assert total_a <= world.limit_a + 0.35, f"{key} to {current_a} A: {total_a:.1f} A"
    pairs = zip(plant.chargers, before_a, strict=True)
    offers_a = {charger.spec.key: told_a for charger, told_a in pairs}
    for cap in plant.spec.caps:
        if cap.chargers is not None and key in cap.chargers:
            check_circuit(world, cap, raised, {**offers_a, key: current_a})


def check_circuit(world: World, cap: Cap, raised: Charger, offers_a: dict[str, float]) -> None:
    """Check that a circuit bears what everybody behind it may draw, where one was raised."""
    for phase in set(raised.spec.phases[: known_lines(raised)]) & cap.limit_a.keys():
        limit_a = cap.limit_a[phase]
        total_a = 0.0
        for charger in world.plant.chargers:
            if cap.chargers is not None and charger.spec.key in cap.chargers:
                used = charger.spec.phases[: known_lines(charger)]
                total_a += known_a(charger, offers_a[charger.spec.key]) * used.count(phase)
        assert total_a <= limit_a + 0.35, f"{cap.key}: {offers_a} make {total_a:.1f} A"
