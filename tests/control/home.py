"""A random home that a state machine drives, and everything that must hold there at any time."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
import json
import math
from typing import override

from custom_components.evse_suite.control.answer import AlarmKind, Decision, Reason
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.follow import OVERRULED_FOR_S, tolerance_a
from custom_components.evse_suite.control.lag import tuned
from custom_components.evse_suite.control.learnt import from_json, to_json
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.model import (
    ChargerActivity,
    LimitSample,
    MainsSample,
    Phase,
    SiteMode,
    SiteState,
)
from custom_components.evse_suite.control.trials import TRIAL_AFTER_S, TRIAL_DOUBLINGS
from tests.control.plant import VOLTAGE_V, Charger, Plant
from tests.control.troubles import LIES, Troubled, excesses, left_out, unbalanced
from tests.control.weights import bound, weight
from tests.control.worlds import World, check_raise

CALM_S = 60.0
"""So long after a fault has ended everything is expected to work as if there had been none."""
CYCLE_S = 1.0
"""A cycle runs at the latest after this time, as in Home Assistant."""
HOUR_S = 3600.0
DARK_S = 25.0
"""Home Assistant is away for this long when it restarts."""
SOURCE_SILENT_S = 20.0
WINDOW_S = 900.0
HEALED_S, PATIENT_S = 900.0, 500.0
"""So long after the last fault nobody is held any more; everybody has a turn in the rest."""


@dataclass
class Balanced(Plant):
    """A plant whose balancer also has its latest cycle, may be away, and is watched."""

    away: bool = False
    cycled_s: float = -math.inf

    @override
    def decide(self) -> None:
        """Run one cycle, unless Home Assistant is away."""
        if self.away:
            return
        self.cycled_s = self.now_s
        super().decide()


@dataclass
class Home:
    """The home, its troubles, and the books of the referee."""

    world: World
    plant: Balanced
    fuse_a: float
    loads: list[tuple[float, dict[Phase, float]]]
    """(since, amperes of the house) in the order of time."""
    source: LimitSample
    speaks: bool = True
    frozen: MainsSample | None = None
    spike: bool = False
    lied_s: float = -math.inf
    """When the meter last said what is not true."""
    blind_s: float = math.inf
    """Since when there has been no believable reading."""
    deaf_s: dict[str, float] = field(default_factory=dict)
    """When each charger last was out of order."""
    troubled_s: float = 1000.0
    """When anything last was out of order."""
    stirred_s: float = 1000.0
    """When the house, a car or a limit last changed."""
    over_s: dict[str, float] = field(default_factory=dict)
    """How long each limit has been exceeded that chargers have to end."""
    defied_s: dict[str, float] = field(default_factory=dict)
    """How long each charger has taken more than it was told."""
    offered: set[str] = field(default_factory=set)
    """Who was offered current since the referee began to look for that."""
    meddled_s: float = -math.inf
    """When somebody else last changed what a charger offers, or it used a wrong phase."""
    delivered_a: float = 0.0
    """What the generator delivers on every phase."""
    battery_w: float | None = None
    starts_s: dict[str, list[float]] = field(default_factory=dict)
    seen: int = 0
    decided: int = 0

    # What may happen

    def passes(self, seconds: float) -> None:
        """Let time pass, and watch."""
        end_s = self.plant.now_s + seconds
        while self.plant.now_s < end_s - 1e-9:
            self.step()

    def loads_at(self, time_s: float) -> dict[Phase, float]:
        """Return what the house draws at a time."""
        index = bisect_right(self.loads, time_s, key=lambda step: step[0])
        return self.loads[max(0, index - 1)][1]

    def draws(self, phase: Phase, current_a: float) -> None:
        """Let the house draw this much on a phase from now on."""
        # What was read at this very moment is from before.
        self.stirred_s = self.plant.now_s
        self.loads.append((self.stirred_s + 1e-6, self.loads[-1][1] | {phase: current_a}))

    def befalls(self, name: str, charger: Charger) -> None:
        """Let a fault begin or end."""
        self.world.befall(name, charger)
        self.stirred_s = self.plant.now_s
        if name == "restart":
            self.deaf_s[charger.spec.key] = self.troubled_s = self.plant.now_s

    def restarts(self) -> None:
        """Let Home Assistant restart: only what was learnt is kept, as JSON."""
        plant = self.plant
        plant.away = True
        self.passes(DARK_S)
        stored = json.loads(json.dumps(to_json(plant.memory.all_learnt())))
        learnt, refused = from_json(stored)
        assert not refused
        assert learnt == plant.memory.all_learnt()
        plant.memory = Memory.recalling(plant.spec, learnt)
        plant.mains = None
        plant.decision = None
        for charger in plant.chargers:
            charger.sample = None
            charger.failed = False
            # What it was told in vain is forgotten: now it is raised from what it offers.
            told_a = self.world.told_a.get(charger.spec.key, 0)
            self.world.told_a[charger.spec.key] = max(told_a, charger.device_a)
        self.starts_s.clear()
        plant.away = False
        self.troubled_s = plant.now_s

    def recovers(self) -> None:
        """Let every fault end, and what follows from them settle."""
        self.frozen = None
        self.world.meter = "meter back"
        for charger in self.plant.chargers:
            charger.silent = charger.refuses = False
            charger.obeys = True
            if isinstance(charger, Troubled):
                charger.loses = charger.crossed = charger.garbles = False
        self.stirred_s = self.plant.now_s
        self.passes(CALM_S + 1)

    def stalls(self, seconds: float) -> None:
        """Let Home Assistant hang: it does nothing, and goes on with what it knew."""
        self.plant.away = True
        self.passes(seconds)
        self.plant.away = False

    def meddles(self, charger: Charger, current_a: int) -> None:
        """Let another master change what a charger offers; one that does not tell hides it."""
        if not charger.tells:
            return
        charger.device_a = current_a
        self.meddled_s = self.plant.now_s
        self.deaf_s[charger.spec.key] = self.troubled_s = self.plant.now_s

    def heals(self) -> None:
        """Let everything be well for long, and see that nobody is left behind or accused."""
        plant, self.speaks = self.plant, True
        plant.mode, plant.wishes = SiteMode.POWER, {}
        self.says(math.inf)
        self.delivered_a = 0.0
        for phase in plant.spec.phases:
            self.draws(phase, 3.0)
        for charger in plant.chargers:
            charger.plugged = True
        self.recovers()
        if (clamps := plant.memory.clamps).faulty:
            # The next trial may be far off.
            self.passes(TRIAL_AFTER_S * 2.0 ** min(clamps.tries, TRIAL_DOUBLINGS))
        self.passes(HEALED_S - PATIENT_S)
        self.offered.clear()
        self.passes(PATIENT_S)
        if left_out(plant.decision, plant.chargers, self.offered):
            # The turn may just be changing.
            self.passes(CALM_S)
        assert plant.decision is not None
        assert plant.decision.alarms == ()
        assert left_out(plant.decision, plant.chargers, self.offered) == []

    def says(self, limit_a: float) -> None:
        """Let the source of the outside limit say something else."""
        self.source = LimitSample(time_s=self.plant.now_s, limit=limit_a)
        self.stirred_s = self.plant.now_s

    # How it is carried to the balancer

    def fault(self, now_s: float, sample: MainsSample) -> MainsSample | None:
        """Return what the meter tells instead of the sample."""
        told = self.world.fault(now_s, sample)
        if told is not None and self.world.meter in LIES:
            self.lied_s = now_s
            self.blind_s = math.inf
            return told
        if told is None or told is not sample:
            self.blind_s = min(self.blind_s, now_s)
            return told
        self.blind_s = math.inf
        if self.frozen is not None:
            self.lied_s = now_s
            return replace(self.frozen, time_s=now_s)
        if self.spike:
            self.spike = False
            self.lied_s = now_s
            return replace(told, current_a=dict.fromkeys(told.current_a, 4000.0))
        return told

    def outside(self, now_s: float, state: SiteState) -> SiteState:
        """Add what the source of the outside limit says."""
        if self.speaks:
            self.source = replace(self.source, time_s=now_s)
        given = dict.fromkeys(self.plant.spec.phases, -self.delivered_a)
        generator = MainsSample(
            time_s=now_s,
            current_a=given,
            power_w={phase: VOLTAGE_V * a for phase, a in given.items()},
            voltage_v=dict.fromkeys(given, VOLTAGE_V),
        )
        return replace(
            state,
            limits={"outside": self.source},
            generator=generator if self.plant.spec.generator else None,
            battery_w=self.battery_w,
            window_ends_s=WINDOW_S * math.ceil(now_s / WINDOW_S + 1e-9),
        )

    def limit_a(self) -> float:
        """Return the least that the grid connection may carry now."""
        said = self.source
        believed = self.plant.now_s - said.time_s <= SOURCE_SILENT_S and said.limit >= 0
        return min(self.fuse_a, said.limit if believed else self.dimmed_a)

    @property
    def dimmed_a(self) -> float:
        """The outside limit while its source cannot be believed."""
        return self.fuse_a / 2

    # What must hold

    def step(self) -> None:
        """Advance by one step and check every promise."""
        plant, world = self.plant, self.world
        before_a = world.offers_a()
        was_a = self.world.limit_a
        plant.step()
        if plant.now_s - plant.cycled_s >= CYCLE_S:
            plant.decide()
        world.limit_a = self.limit_a()
        if world.limit_a < was_a:
            self.stirred_s = plant.now_s
        self.note_troubles()
        for _, command in plant.commands[self.seen :]:
            self.check_command(command.key, command.current_a, before_a)
        self.seen = len(plant.commands)
        decision = plant.decision
        if decision is not None and decision.time_s == plant.cycled_s == plant.now_s:
            self.check_decision(decision)
        self.check_overload()
        self.check_blind()
        self.check_heed()

    def note_troubles(self) -> None:
        """Note who is out of order."""
        plant = self.plant
        for charger in plant.chargers:
            unseen = charger.sample is None or charger.sample.restarts != charger.restarts
            lost = isinstance(charger, Troubled) and (charger.loses or charger.garbles)
            if charger.silent or charger.refuses or not charger.obeys or unseen or lost:
                self.deaf_s[charger.spec.key] = self.troubled_s = plant.now_s
        lies = self.frozen is not None or self.blind_s < math.inf
        if plant.away or lies or plant.mode is SiteMode.DISABLED:
            self.troubled_s = plant.now_s
        if any(isinstance(it, Troubled) and it.crossed for it in plant.chargers):
            self.meddled_s = self.troubled_s = plant.now_s

    def check_command(self, key: str, current_a: int, before_a: list[float]) -> None:
        """Promises 1, 2 and 4, and the bound on starts (SITE-6)."""
        plant = self.plant
        charger = next(it for it in plant.chargers if it.spec.key == key)
        assert current_a == 0 or charger.spec.minimum_a <= current_a <= charger.spec.maximum_a
        assert plant.mode is not SiteMode.DISABLED, "LEK-7: the suite sends nothing"
        last_a = self.world.told_a.get(key)
        lied = plant.now_s - max(self.lied_s, self.meddled_s) < CALM_S
        # Less than what the device really offers is no raise, whatever it was told.
        if last_a is not None and current_a > max(last_a, charger.device_a) and not lied:
            check_raise(self.world, key, current_a, before_a)
        self.world.told_a[key] = current_a
        if current_a != last_a:
            self.defied_s.pop(key, None)
        sample = charger.sample
        waits = sample is not None and sample.activity is ChargerActivity.READY
        if last_a == 0 and current_a > 0 and waits:
            starts_s = self.starts_s.setdefault(key, [])
            starts_s.append(plant.now_s)
            assert len([at_s for at_s in starts_s if plant.now_s - at_s < HOUR_S]) <= 12

    def check_decision(self, decision: Decision[Memory]) -> None:
        """Promise 7: reason, sentence and timers; the memory does not grow; nothing is random."""
        plant = self.plant
        assert [it.key for it in decision.chargers] == [it.spec.key for it in plant.chargers]
        self.offered |= {one.key for one in decision.chargers if one.target_a}
        for one in decision.chargers:
            assert isinstance(one.reason, Reason)
            assert one.sentence.endswith(".")
            assert "{" not in one.sentence
            assert "nan" not in one.sentence
            assert (one.target_a is None) is (
                plant.mode is SiteMode.DISABLED or None is one.target_a
            )
            assert all(math.isfinite(current_a) for current_a in one.drawn_a.values())
            left_s = [timer.remaining_s for timer in one.timers]
            assert left_s == sorted(left_s)
            assert all(0 < seconds < math.inf for seconds in left_s)
        for phase in decision.phases:
            assert math.isfinite(phase.limit_a)
            assert phase.mains_a is None or math.isfinite(phase.mains_a)
        self.decided += 1
        if self.decided % 20 == 0:
            assert weight(decision.memory) <= bound(plant.spec)
            again = decide(plant.spec, plant.state(), plant.memory, plant.now_s)
            assert again == decide(plant.spec, plant.state(), plant.memory, plant.now_s)

    def bound_s(self, key: str) -> float:
        """Return within which time an overload ends: the meter's, the charger's and the car's."""
        plant = self.plant
        if key == "unbalance":
            # What others draw is read from the chargers, and a car may only be starting to tell.
            return 2 * max(it.poll_s + it.spec.settle_s for it in plant.chargers)
        lag_s = max(
            it.latency_s + it.car.dead_s + 32 / it.car.down_a_per_s for it in plant.chargers
        )
        return plant.meter_period_s + plant.meter_refresh_s + lag_s + CYCLE_S + 2 * plant.dt_s

    def check_overload(self) -> None:
        """Promise 1: what cars cause is over within the reaction time."""
        plant = self.plant
        _, mains_a, house_a = plant.log[-1]
        del plant.log[:-1]
        limit_a = self.world.limit_a
        over = excesses(plant.spec, plant.chargers, mains_a, house_a, self.delivered_a)
        for phase in plant.spec.phases:
            if mains_a[phase] > limit_a + 0.35 and house_a[phase] <= limit_a:
                over.add(phase)
        if unbalanced(plant.spec, plant.chargers):
            over.add("unbalance")
        calm = plant.now_s - max(self.troubled_s, self.lied_s) > CALM_S
        since_s = {key: self.over_s.get(key, 0.0) + plant.dt_s for key in over}
        self.over_s = since_s if calm else {}
        for key, over_s in self.over_s.items():
            lasted_s = min(over_s, plant.now_s - self.stirred_s)
            assert lasted_s <= self.bound_s(key), f"over {key} for {lasted_s:.1f} s: {mains_a}"

    def check_blind(self) -> None:
        """Promise 2: without readings everybody who listens goes to its safe current in time."""
        plant = self.plant
        meter = plant.spec.meter
        for charger in plant.chargers:
            listens_s = max(self.deaf_s.get(charger.spec.key, 0.0), self.blind_s)
            if plant.mode is SiteMode.DISABLED or plant.away:
                self.deaf_s[charger.spec.key] = plant.now_s
            wait_s = meter.silent_after_s + 2 * CYCLE_S + charger.latency_s + charger.poll_s
            if plant.now_s - listens_s > wait_s + charger.spec.settle_s:
                assert charger.device_a <= charger.spec.safe_a

    def check_heed(self) -> None:
        """Promise 3: who takes more than it was told is paused and reported in time."""
        plant = self.plant
        decision, learnt = plant.decision, plant.memory.all_learnt().chargers
        for charger in plant.chargers:
            key = charger.spec.key
            told_a = self.world.told_a.get(key)
            hears = not (charger.silent or charger.refuses or plant.away or told_a is None)
            seen = hears and not (isinstance(charger, Troubled) and charger.garbles)
            takes = told_a is not None and charger.drawn_a > told_a + tolerance_a(told_a) + 0.3
            quiet = plant.now_s - self.meddled_s > OVERRULED_FOR_S
            if not (seen and takes and quiet) or plant.mode is SiteMode.DISABLED:
                self.defied_s.pop(key, None)
                continue
            self.defied_s[key] = self.defied_s.get(key, 0.0) + plant.dt_s
            spec = tuned(charger.spec, learnt[key]) if key in learnt else charger.spec
            wait_s = 4 * (spec.settle_s + charger.poll_s) + spec.start_settle_s + 10
            if self.defied_s[key] > wait_s and decision is not None:
                assert told_a == 0
                assert (AlarmKind.NOT_FOLLOWING, key) in {
                    (a.kind, a.subject) for a in decision.alarms
                }
