"""The balancer's vocabulary: what it answers, and why (``model`` has what it is told).

Everything here is a frozen value, in the units of ``model``.
"""

from dataclasses import dataclass
from enum import StrEnum

from .model import CapKind, Phase, PhaseCurrents


class Reason(StrEnum):
    """Why a charger is offered the current that it is offered (promise 7)."""

    DISABLED = "disabled"
    NO_CAR = "no_car"
    BLOCKED = "blocked"
    FAULT = "fault"
    FULL_POWER = "full_power"
    PLANNED = "planned"
    """As much as its plan wants now (PLAN-3)."""
    BOOST = "boost"
    """Full power, because a person wants it now (PLAN-4)."""
    FUSE_LIMIT = "fuse_limit"
    CIRCUIT_LIMIT = "circuit_limit"
    POWER_LIMIT = "power_limit"
    """The contract's power, or the meter's load limit."""
    EXTERNAL_LIMIT = "external_limit"
    CAPACITY_LIMIT = "capacity_limit"
    UNBALANCE_LIMIT = "unbalance_limit"
    SHARED = "shared"
    SURPLUS = "surplus"
    SURPLUS_MINIMUM = "surplus_minimum"
    EXPORT_LIMIT = "export_limit"
    """It takes what must not flow to the grid (IND-10)."""
    WAITING_FOR_SURPLUS = "waiting_for_surplus"
    WAITING_FOR_ROOM = "waiting_for_room"
    WAITING_TO_RAISE = "waiting_to_raise"
    WAITING_TO_RESTART = "waiting_to_restart"
    METER_SILENT = "meter_silent"
    METER_CHECK = "meter_check"
    """The current goes to the minimum for a moment, to see whether the mains meter follows."""
    CHARGER_SILENT = "charger_silent"
    NOT_FOLLOWING = "not_following"
    SWITCHING_LINES = "switching_lines"
    """Paused while the charger goes from all lines to one, or back."""
    NOT_WANTED = "not_wanted"
    """Planning, the user's limit or the installer's limit leaves less than the minimum."""
    WAITING_FOR_PLAN = "waiting_for_plan"
    SURPLUS_SOLD = "surplus_sold"
    """It waits for its plan, and the grid pays more for surplus than that costs (PLAN-3)."""
    TARGET_REACHED = "target_reached"
    SWITCHED_OFF = "switched_off"
    """Its charge mode is Off (IND-5)."""
    LOW_BALANCE = "low_balance"
    """The supply account has too little credit (MTR-12)."""


class TimerKind(StrEnum):
    """What happens to a charger when a timer is over, if nothing else changes (promise 7)."""

    RAISE = "raise"
    """It is sure that there is room for more current."""
    RESTART = "restart"
    """A pause has lasted long enough to spare the contactor."""
    START_BY_SURPLUS = "start_by_surplus"
    """Enough surplus was missed (LEK-10)."""
    STOP_BY_IMPORT = "stop_by_import"
    """Enough was imported (LEK-10)."""
    TURN = "turn"
    """The charger that charges makes room for the one that waits (SITE-3)."""
    HELD = "held"
    """A charger that did not follow gets another chance."""
    REST = "rest"
    """It was started too often within an hour (SITE-6)."""


class MeterHealth(StrEnum):
    """Whether the mains measurement can be believed now (promise 2)."""

    OK = "ok"
    STARTING = "starting"
    LATE = "late"
    SILENT = "silent"
    IMPLAUSIBLE = "implausible"


class AlarmKind(StrEnum):
    """Conditions that a person has to hear about."""

    METER_SILENT = "meter_silent"
    METER_IMPLAUSIBLE = "meter_implausible"
    METER_REVERSED = "meter_reversed"
    """It falls where the chargers rise."""
    METER_SCALED = "meter_scaled"
    """It shows more or less than the chargers' part of what flows (IND-9)."""
    METER_BLIND = "meter_blind"
    """It does not see what the chargers do."""
    WRONG_PHASE = "wrong_phase"
    """What should flow on this phase flows on another one."""
    CHARGER_SILENT = "charger_silent"
    NOT_FOLLOWING = "not_following"
    OVERRULED = "overruled"
    """Somebody else keeps changing what the charger was told."""
    NOT_SWITCHING = "not_switching"
    """A charger does not change the number of its lines and is left as it is."""
    OVERLOAD = "overload"
    LIMIT_SILENT = "limit_silent"
    """The source of a limit cannot be believed, so its dimmed value holds."""
    HOUSE_OVERLOAD = "house_overload"
    """The house alone is above the fuse: no charger is left to yield."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Offer ``current_a`` (zero or at least the minimum) to a charger."""

    key: str
    current_a: int
    reason: Reason
    urgent: bool
    """A reduction that protects a cap: it overtakes everything else on the way to the device."""
    lines: int | None = None
    """Switch to this many lines first; None leaves them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A change that time alone will bring, as far as can be told now."""

    kind: TimerKind
    remaining_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerDecision:
    """What was decided for one charger, and why (promise 7)."""

    key: str
    target_a: int | None
    """Current that the charger is offered after this cycle; None when the suite sends nothing."""
    reason: Reason
    binding_cap: str | None
    drawn_a: PhaseCurrents
    timers: tuple[Timer, ...] = ()
    """What runs down for it, the next one first."""
    sentence: str = ""
    """The explanation in plain English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseDecision:
    """The arithmetic of one phase of the mains."""

    phase: Phase
    mains_a: float | None
    house_a: float | None
    """Estimate of what flows without the chargers: the middle of what it may be now."""
    house_low_a: float | None = None
    """It is at least this: what a reduction relies on."""
    house_high_a: float | None = None
    """It was never more over the last seconds: what a raise relies on."""
    headroom_a: float | None
    """Room under the tightest cap that nobody uses now; negative while overloaded."""
    limit_a: float
    binding_cap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapDecision:
    """The arithmetic of a limit that is not simply a phase's own: on power, or from outside."""

    key: str
    kind: CapKind
    limit_a: float | None
    """In force now on every phase that it limits; infinity while there is none."""
    limit_w: float | None
    """In force now; for CAPACITY what the rest of the window bears, at most the limit itself."""
    power_w: float | None
    """What flows through the limit's point now, None if unknown or not a limit on power."""
    dimmed: bool = False
    """The source of the limit is silent or not to be believed."""
    used_wh: float | None = None
    """Counted in the present window (CAPACITY), unknown parts at the worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A condition that holds since ``since_s``."""

    kind: AlarmKind
    subject: str
    """Key of the charger, meter or cap on power, or the phase."""
    since_s: float
    share: float | None = None
    """What a clamp shows of the current that flows, e.g. 0.5 or -1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision[Memory]:
    """The answer of one cycle."""

    time_s: float
    commands: tuple[Command, ...]
    chargers: tuple[ChargerDecision, ...]
    phases: tuple[PhaseDecision, ...]
    meter_health: MeterHealth
    surplus_w: float | None
    """What would flow to the grid if no charger drew anything; negative means there is none."""
    overload: bool
    alarms: tuple[Alarm, ...]
    memory: Memory
    caps: tuple[CapDecision, ...] = ()
    """Limits on power and limits from outside, in the order of the site's caps."""
    curtail_w: float | None = None
    """What flows to the grid beyond the export limit now, so that a generator has to yield it; None
    without such a limit, or while the mains meter cannot be believed."""
