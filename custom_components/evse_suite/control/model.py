"""The balancer's vocabulary: what it is told (``answer`` has what it says).

Everything here is a frozen value. Times are seconds on one monotonic axis (``time_s``), currents
are amperes RMS, powers watts; import from the grid is positive and export negative.
Terms follow IEC 61851-1 (zero or at least 6 A) and the mode names of the Lektrico manual,
section 7 (rows LEK-7 to LEK-10).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final

MINIMUM_CURRENT_A: Final = 6
"""The smallest current that IEC 61851-1 lets a charger offer; below it is only zero."""


class Phase(StrEnum):
    """One line conductor of the supply; a split-phase supply has L1 and L2."""

    L1 = "l1"
    L2 = "l2"
    L3 = "l3"


class SiteMode(StrEnum):
    """What the site asks of all chargers (design, "The modes"; LEK-7 to LEK-10)."""

    DISABLED = "disabled"
    POWER = "power"
    HYBRID = "hybrid"
    GREEN = "green"


class ChargerActivity(StrEnum):
    """What a charger is doing, as far as sharing current is concerned."""

    DISCONNECTED = "disconnected"
    READY = "ready"
    """A car is connected and could charge if it were offered current."""
    CHARGING = "charging"
    BLOCKED = "blocked"
    """A car is connected but something else holds it: authorisation, schedule, lock, update."""
    FAULT = "fault"


class CapKind(StrEnum):
    """Where a limit comes from; the sensor of the binding cap shows this (SITE-1)."""

    FUSE = "fuse"
    CIRCUIT = "circuit"
    """The breaker of a sub-board or of a branch with several chargers."""
    METER_RANGE = "meter_range"
    CHARGER = "charger"
    LOAD_LIMIT = "load_limit"
    """The meter opens the supply above it (MTR-20)."""
    CONTRACT = "contract"
    """Power that the contract with the supplier allows."""
    CAPACITY = "capacity"
    """Mean power of a quarter of an hour that the network tariff charges for."""
    EXTERNAL = "external"
    """The network operator dims the site, e.g. German law, section 14a EnWG."""
    COLLAR = "collar"
    """What a meter collar carries from grid and generator together (DER-14)."""
    UNBALANCE = "unbalance"
    """How far the phases may differ by what the chargers draw."""


type PhaseCurrents = Mapping[Phase, float]
"""Amperes per phase; only the phases of the site occur."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A limit on the sum of what flows through one point (SITE-1).

    ``chargers`` names who is behind the point; ``None`` means the grid connection itself, where
    the house is included and the mains meter measures. Points may be nested in any way. A cap has
    a limit per phase, or one on the net power of all phases, or both.
    """

    key: str
    kind: CapKind
    limit_a: PhaseCurrents = field(default_factory=dict)
    limit_w: float | None = None
    """Net import of all phases together; for CAPACITY the mean of a window."""
    chargers: frozenset[str] | None = None
    source: LimitSource | None = None
    """Somebody else may lower the limit from outside."""
    name: str = ""
    """What people call it; empty where the key says it well enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSource:
    """An outside source of a cap's limit; while it cannot be believed the site counts as dimmed.

    The unit is that of the cap: amperes on every phase of ``limit_a``, or watts.
    """

    dimmed: float
    """The limit while the source is silent, unreadable or says nothing that can be true."""
    silent_after_s: float = inf
    """Older than this the source's word counts for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSample:
    """What a source says; infinity means that it sets no limit now."""

    time_s: float
    limit: float


class GeneratorSide(StrEnum):
    """Whether the mains clamps see what a generator delivers (DER-15)."""

    LINE = "line"
    """Between the grid and the clamps: the clamps see the house alone."""
    LOAD = "load"
    """Behind the clamps: they see the balance of house and generator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainsMeterSpec:
    """What is known of the meter at the grid connection point."""

    key: str
    period_s: float = 1.0
    """Expected time between two measurements."""
    silent_after_s: float = 10.0
    """A reading older than this is unknown (promise 2)."""
    lag_s: float = 1.2
    """A value may be this much older than its time stamp (the meter's own refresh, the way)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerSpec:
    """What is known of a charger at set-up.

    ``phases`` maps the charger's own lines, in order, to the phases of the mains (SITE-2): a
    single-phase charger on L2 is ``(L2,)``, a rotated three-phase one ``(L2, L3, L1)``.
    """

    key: str
    name: str
    phases: tuple[Phase, ...]
    minimum_a: int = MINIMUM_CURRENT_A
    maximum_a: int = 32
    safe_a: int = 0
    """Offered while the mains meter is silent: 0 or at least ``minimum_a``."""
    priority: int = 0
    settle_s: float = 8.0
    """Time that command, charger and car need together to follow a change."""
    start_settle_s: float = 40.0
    """Time that a car may take from being offered current to drawing it."""
    silent_after_s: float = 15.0
    raise_spacing_s: float = 5.0
    """Least time between two raises; a reduction never waits."""
    minimum_on_s: float = 0.0
    """A charge that was started lasts at least this long; only a limit may end it sooner."""
    minimum_off_s: float = 0.0
    """It is not started again sooner, whatever ended the charge."""
    switches_lines: bool = False
    """It can charge on its first line alone or on all, and is told which (1p/3p switching)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSpec:
    """The fixed part of a site: supply, caps and tuning."""

    phases: tuple[Phase, ...]
    voltage_v: float
    meter: MainsMeterSpec
    caps: tuple[Cap, ...]
    chargers: tuple[ChargerSpec, ...]
    export_limit_w: float | None = None
    """More than this must not flow to the grid (IND-10)."""
    unbalance_a: float | None = None
    """What the chargers draw may differ by this much between any two phases."""
    car_before_battery: bool = False
    """Surplus that charges the home battery is the cars' first (SITE-7)."""
    generator: GeneratorSide | None = None
    """Where a separately metered generator is connected (DER-15)."""
    generator_silent_after_s: float = 10.0
    """A generator's reading older than this is unknown (promise 2)."""
    generator_rating_a: float = 80.0
    """The most that it can deliver on a phase: its overcurrent rating (DER-14: 15 to 80 A)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainsSample:
    """One measurement at the grid connection point, import positive."""

    time_s: float
    current_a: PhaseCurrents
    power_w: PhaseCurrents
    voltage_v: PhaseCurrents


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerSample:
    """One reading of a charger.

    ``drawn_a`` is measured current per line of the charger, in the order of ``ChargerSpec.phases``.
    ``offered_a`` is the limit that the device itself reports as set by us, ``None`` if it does not
    tell. ``limit_a`` is the tightest of the limits that belong to installer and user
    (LEK-4, LEK-5).
    """

    time_s: float
    activity: ChargerActivity
    drawn_a: tuple[float, ...]
    offered_a: int | None = None
    limit_a: int | None = None
    restarts: int = 0
    """Counts the device's own restarts as far as they were noticed; a change means that a volatile
    command may be lost."""
    lines: int | None = None
    """How many lines the charger has switched on, None if it cannot switch or does not tell."""
    guessed: bool = False
    """Nobody tells on how many lines a power flows: each has the most that it may carry, and all
    together cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerState:
    """The newest that is known of a charger, ``sample`` is None before the first reading."""

    key: str
    sample: ChargerSample | None = None
    last_command_failed: bool = False
    """The newest command to the device was refused or could not be delivered."""


class Intent(StrEnum):
    """Why planning wants what it wants for a charger (IND-5)."""

    PLAN = "plan"
    TARGET = "target"
    """The car has what it is to have."""
    BOOST = "boost"
    OFF = "off"
    BALANCE = "balance"
    """The supply account has too little credit to charge with (MTR-12)."""
    FEED_IN = "feed_in"
    """It waits for its plan, and the grid pays more for surplus than the plan costs (PLAN-3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What planning wants for a charger before any cap: the ceiling and the mode to follow."""

    mode: SiteMode
    ceiling_a: int | None = None
    why: Intent | None = None
    until: str = ""
    """Until when it is wanted, as a clock shows it; empty where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """Everything the balancer is told in one cycle."""

    mode: SiteMode
    mains: MainsSample | None
    chargers: tuple[ChargerState, ...]
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    """Per charger; a charger that is not named follows the site's mode."""
    limits: Mapping[str, LimitSample] = field(default_factory=dict)
    """Per key of a cap with a source; a source that is not named is silent."""
    generator: MainsSample | None = None
    """What a separately metered generator takes from the grid, i.e. negative while it delivers."""
    battery_w: float | None = None
    """What the home battery takes, negative while it delivers; None without one, or unknown."""
    battery_yields: bool | None = None
    """What charges the home battery is the cars' first now; None: as the site always has it."""
    battery_gives: bool = False
    """The cars may have what the home battery delivers now, as its owner asked (SITE-7)."""
    window_ends_s: float | None = None
    """When the present quarter of an hour of the network tariff ends (CAPACITY)."""
