"""What can be said about a home before it is built; ``homes/demo.yaml`` explains each key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .catalogue import CHARGERS, Options
from .plant.car import Car, CarType
from .plant.clamp import ClampErrors
from .plant.habits import HOUSEHOLD
from .plant.wires import Phase, Supply


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockConfig:
    """Where the day clock starts and how fast it runs."""

    start: float = 8.0
    speed: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplianceConfig:
    """One appliance; without ``phases`` the home finds a place for it."""

    kind: str
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseConfig:
    """The house; ``trace`` replaces base load and habits by measured files."""

    base_w: float = 150.0
    habits: bool = True
    appliances: Mapping[str, ApplianceConfig] = field(
        default_factory=lambda: {kind: ApplianceConfig(kind=kind) for kind in HOUSEHOLD}
    )
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SunConfig:
    """Photovoltaics; ``trace`` replaces the seeded sky and begins at the hour ``begins``."""

    kwp: float
    phases: tuple[Phase, ...] = (Phase.L1,)
    cover: float = 0.45
    latitude: float = 51.5
    day_of_year: int = 172
    trace: str | None = None
    begins: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarConfig:
    """A car as it stands when the simulation begins."""

    kind: CarType
    soc_percent: float = 40.0
    plugged: bool = True

    def build(self, name: str) -> Car:
        """Return the car."""
        return Car(name, self.kind, self.soc_percent, self.plugged)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """One clamp: where it is, whose voltage the meter takes, and what is wrong with it."""

    place: str = "mains"
    phase: Phase = Phase.L1
    voltage_phase: Phase | None = None
    errors: ClampErrors = field(default_factory=ClampErrors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerConfig:
    """A charger and where it listens; ``phases`` are those of its lines, in their order."""

    device: str
    serial: Any
    host: str = "127.0.0.1"
    port: int = 0
    phases: tuple[Phase, ...]
    car: str | None = None
    options: Options = field(default_factory=dict)

    @property
    def lines(self) -> tuple[tuple[Phase, ...], ...]:
        """The lines of the charger; one line on two legs of a split supply lies across them."""
        if CHARGERS[self.device].lines == 1:
            return (self.phases,)
        return tuple((phase,) for phase in self.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterConfig:
    """A meter and where it listens."""

    device: str
    serial: Any
    host: str = "127.0.0.1"
    port: int = 0
    channels: tuple[ChannelConfig, ...]
    balances: tuple[str, ...] = ()
    """Chargers that the meter can limit by itself."""
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConfig:
    """A whole home file."""

    supply: Supply
    seed: int = 1
    clock: ClockConfig = field(default_factory=ClockConfig)
    house: HouseConfig = field(default_factory=HouseConfig)
    sun: SunConfig | None = None
    cars: Mapping[str, CarConfig] = field(default_factory=dict)
    chargers: Mapping[str, ChargerConfig] = field(default_factory=dict)
    meters: Mapping[str, MeterConfig] = field(default_factory=dict)
