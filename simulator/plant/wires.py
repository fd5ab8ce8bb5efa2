"""The supply of the home: its conductors, their voltages and what flows in them.

Power is a complex number per conductor, active watts in the real part and reactive vars in the
imaginary one, positive when drawn from the grid. A current is its amount divided by the voltage.
"""

from dataclasses import dataclass
from enum import StrEnum

from .noise import seed_of, smooth

DRIFT_V = 2.0
DRIFT_PERIOD_S = 420.0
SOURCE_OHM = 0.1
"""Loop impedance up to the cut-out: the voltage sags by 6 V at 60 A."""


class Phase(StrEnum):
    """One line conductor of the supply."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


class SupplyKind(StrEnum):
    """How the home is connected."""

    SINGLE = "single"
    SPLIT = "split"
    THREE = "three"

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The conductors there are."""
        return tuple(Phase)[: {"single": 1, "split": 2, "three": 3}[self.value]]


ANGLE_DEG = {
    SupplyKind.SINGLE: (0.0,),
    SupplyKind.SPLIT: (0.0, 180.0),
    SupplyKind.THREE: (0.0, -120.0, 120.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The service connection; ``voltage_v`` is nominal, from line to neutral."""

    kind: SupplyKind = SupplyKind.SINGLE
    voltage_v: float = 230.0
    fuse_a: float = 60.0

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The conductors there are."""
        return self.kind.phases

    def angle_deg(self, phase: Phase) -> float:
        """Return where the voltage of ``phase`` stands relative to the one of L1."""
        return ANGLE_DEG[self.kind][self.phases.index(phase)]


@dataclass(slots=True)
class Conductor:
    """What there is on one phase behind the fuse at this instant."""

    phase: Phase
    voltage_v: float
    house_va: complex = 0j
    sun_w: float = 0.0
    cars_va: complex = 0j

    @property
    def mains_va(self) -> complex:
        """What the grid delivers; a negative real part is export."""
        return self.house_va - self.sun_w + self.cars_va

    @property
    def current_a(self) -> float:
        """RMS current through the fuse, whichever way it flows."""
        return abs(self.mains_va) / self.voltage_v

    @property
    def current_without_cars_a(self) -> float:
        """RMS current that would flow through the fuse if no car drew anything."""
        return abs(self.house_va - self.sun_w) / self.voltage_v


class Wires:
    """All conductors; the voltage drifts slowly and sags under load."""

    def __init__(self, supply: Supply, seed: int) -> None:
        """Start with the nominal voltage and nothing flowing."""
        self.supply = supply
        self.live = True
        """Whether the contactor of the supplier's meter is closed."""
        self.conductors = {p: Conductor(p, supply.voltage_v) for p in supply.phases}
        self._seeds = {p: seed_of("voltage", seed, p) for p in supply.phases}

    def __getitem__(self, phase: Phase) -> Conductor:
        """Return the conductor of one phase."""
        return self.conductors[phase]

    def step(self, now_s: float) -> None:
        """Let the voltages follow the drift of the grid and the load of the instant before."""
        nominal_v = self.supply.voltage_v
        for phase, wire in self.conductors.items():
            drift_v = DRIFT_V * nominal_v / 230 * smooth(self._seeds[phase], now_s / DRIFT_PERIOD_S)
            sag_v = SOURCE_OHM * wire.mains_va.real / wire.voltage_v
            wire.voltage_v = nominal_v + drift_v - sag_v
