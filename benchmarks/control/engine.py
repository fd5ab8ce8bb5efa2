"""The shipped balancer as a controller of the benchmark, called as the integration calls it.

A cycle runs for every new mains sample and at the latest after a second; a reading carries the
time at which it arrived, because that is all that a driver knows.
"""

from custom_components.evse_suite.control.answer import Decision
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

from . import contract

PHASES = (Phase.L1, Phase.L2, Phase.L3)
LAG_S = 1.2
"""What the drivers' meters may hide: the preset of ``MainsMeterSpec.lag_s``."""
SILENT_PERIODS = 3


class Engine:
    """``control.decide`` with its memory."""

    def __init__(self, home: contract.HomeSpec, *, safe_a: int = 6, lag_s: float = LAG_S) -> None:
        """Describe the home to the balancer."""
        self.spec = site_spec(home, safe_a=safe_a, lag_s=lag_s)
        self.memory = Memory.initial()
        self.decision: Decision[Memory] | None = None
        self.mode = SiteMode(home.mode)
        self._phases = self.spec.phases
        self._meter: contract.MeterSample | None = None
        self._mains: MainsSample | None = None
        self._seen: list[contract.ChargerSample | None] = [None for _ in home.chargers]
        self._states = [ChargerState(key=charger.key) for charger in self.spec.chargers]
        self._voltages = dict.fromkeys(self._phases, home.voltage_v)

    def step(self, sight: contract.Sight) -> contract.Commands:
        """Run one cycle."""
        if sight.meter is not self._meter and sight.meter is not None:
            self._meter = sight.meter
            currents = dict(zip(self._phases, sight.meter.current_a, strict=True))
            self._mains = MainsSample(
                time_s=sight.now_s,
                current_a=currents,
                power_w={phase: a * contract.NOMINAL_V for phase, a in currents.items()},
                voltage_v=self._voltages,
            )
        for index, sample in enumerate(sight.chargers):
            if sample is not self._seen[index] and sample is not None:
                self._seen[index] = sample
                self._states[index] = _charger(self._states[index].key, sample)
        state = SiteState(mode=self.mode, mains=self._mains, chargers=tuple(self._states))
        decision = decide(self.spec, state, self.memory, sight.now_s)
        self.memory = decision.memory
        self.decision = decision
        if not decision.commands:
            return ()
        places = {charger.key: index for index, charger in enumerate(self.spec.chargers)}
        return [(places[command.key], command.current_a) for command in decision.commands]


def make(home: contract.HomeSpec, _seed: int) -> Engine:
    """Return the balancer for a home."""
    return Engine(home)


def site_spec(home: contract.HomeSpec, *, safe_a: int, lag_s: float) -> SiteSpec:
    """Return the description that the integration would make of this home."""
    phases = PHASES[: home.phases]
    return SiteSpec(
        phases=phases,
        voltage_v=home.voltage_v,
        meter=MainsMeterSpec(
            key="mains",
            period_s=float(home.meter_period_s),
            silent_after_s=max(8.0, SILENT_PERIODS * home.meter_period_s),
            lag_s=lag_s,
        ),
        caps=(Cap(key="fuse", kind=CapKind.FUSE, limit_a=dict.fromkeys(phases, home.fuse_a)),),
        chargers=tuple(
            ChargerSpec(
                key=f"charger_{index}",
                name=f"Charger {index + 1}",
                phases=tuple(phases[line] for line in place.lines),
                minimum_a=place.minimum_a,
                maximum_a=place.maximum_a,
                priority=place.priority,
                safe_a=safe_a,
            )
            for index, place in enumerate(home.chargers)
        ),
    )


def _charger(key: str, sample: contract.ChargerSample) -> ChargerState:
    activity = ChargerActivity.DISCONNECTED
    if sample.connected:
        activity = ChargerActivity.CHARGING if sample.charging else ChargerActivity.READY
    return ChargerState(
        key=key,
        sample=ChargerSample(
            time_s=sample.time_s,
            activity=activity,
            drawn_a=sample.drawn_a,
            offered_a=sample.offered_a,
        ),
    )
