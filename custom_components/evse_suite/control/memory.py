"""What the balancer carries from one cycle to the next: bounded, frozen, without a clock.

Each step of the cycle owns one of the groups below and is the only one to write it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Self

from .answer import AlarmKind, MeterHealth
from .evidence import ClampMemory, kept, recalled
from .held import Held
from .layout import Layout, compile_layout
from .learnt import Learnt, LearntCharger, LearntSite
from .model import SiteSpec

BACKWARDS_S = 1.0
"""Time may run back by this much (callers race) before memory is thought to be of another life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An accepted mains sample in the order of the site's phases."""

    time_s: float
    current_a: tuple[float, ...]
    power_w: float
    """Net active power of all phases."""
    active_a: tuple[float, ...]
    """Active power of each phase as amperes at its voltage."""
    voltage_v: tuple[float, ...]
    delivered_a: tuple[float, ...] = ()
    """What a separately metered generator delivered meanwhile; empty if the site has none."""


type Trail = tuple[tuple[float, tuple[float, ...]], ...]
"""(time, what the chargers drew per phase), oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMemory:
    """Is the mains meter to be believed? (written by ``meter``)."""

    started_s: float
    last: Reading | None = None
    ring: tuple[Reading, ...] = ()
    """The newest readings, oldest first."""
    good: int = 0
    """Good readings since the meter was last lost."""
    lost: MeterHealth | None = None
    """Why the meter is not believed, until enough good readings have come."""
    believed_s: float = -inf
    """When it was believed again, and how often in a row it was lost soon after that."""
    relapses: int = 0
    rejected_s: float = -inf
    """When a reading was last thrown away as absurd."""
    same_since_s: float = inf
    """Time of the first of the newest readings that are exactly the same."""
    same_draw_a: tuple[float, ...] | None = None
    """What the chargers drew per phase when the readings stopped changing."""
    doubt_s: float = inf
    """Since when the chargers' draw has changed and the readings have not."""
    leap_s: float = inf
    """Since when the readings are beyond what the fuse can carry for more than a moment."""
    stands_since_s: float = inf
    """Time of the first of the newest readings that are the same in every figure."""
    stood_s: float = 0.0
    """The longest standstill that ended by itself."""
    moves: int = 0
    """Changes of the readings, up to what makes a meter a lively one."""
    trail: Trail = ()
    """What the chargers drew in the last seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the house drew at the time of one reading, bracketed by charger samples."""

    time_s: float
    grid_a: tuple[float, ...]
    grid_w: float
    low_a: tuple[float, ...]
    high_a: tuple[float, ...]
    surplus_w: float
    """Net active power that the chargers could take without import, about."""
    surplus_low_w: float
    surplus_high_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseMemory:
    """The estimate's rings (written by ``estimate``)."""

    pending: tuple[Reading, ...] = ()
    """Readings that no later charger sample brackets yet."""
    houses: tuple[House, ...] = ()
    """Bracketed values over the window, the first one spans it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One charger sample: amperes per line of the charger."""

    time_s: float
    drawn_a: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a charger was last told and what may still flow (written by ``follow``)."""

    current_a: int | None = None
    """None until the charger's present state was taken over."""
    changed_s: float = -inf
    sent_s: float = -inf
    attempts: int = 0
    """How often it was told again because it did not follow."""
    reminded_s: float = -inf
    """When it was told again last."""
    owed: tuple[tuple[float, int], ...] = ()
    """(when it was told, the current) of every lower current that it was told in vain until now.

    Oldest first, every one lower than the one before.
    """
    failures: int = 0
    """How often in a row a command could not be delivered."""
    rising: bool = False
    from_a: float = 0.0
    """What it drew when it was told."""
    low_a: float = 0.0
    high_a: float = 0.0
    """The draw lies between these while the change is in flight."""
    until_s: float = -inf
    """End of the flight at the latest."""
    restarts: int | None = None
    unsent: bool = False
    """The device has to be told, although the offer did not change."""
    refused_s: float | None = None
    """Since when the charger is held at zero because it did not follow."""
    withdrawn: bool = False
    """Its newest raise had to be taken back at once."""
    told_a: int | None = None
    """What the device said last that it offers."""
    overruled_s: tuple[float, ...] = ()
    """When somebody else changed what it was told."""
    unheard_s: float = inf
    """Since when it has not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pursuit:
    """A change of an offer until the charger's readings show it (written by ``lag``)."""

    changed_s: float = -inf
    current_a: int = 0
    from_a: float = 0.0
    """What it drew when it was told."""
    shown_s: float | None = None
    """So long after the change what it offers did not show it; None when there is no question."""
    drawn_s: float | None = None
    """The same of what it draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Timers that spare contactors and cars and let everybody have a turn (``guard``)."""

    paused: bool = False
    """At zero for want of room, so that a restart has to wait."""
    fits_since_s: float = inf
    """Since when the minimum would fit."""
    starts_s: tuple[float, ...] = ()
    """Starts within the last hour."""
    turn_s: float = -inf
    """When the present turn of charging, or of waiting, began."""
    idle_since_s: float = inf
    """Since when the car draws clearly less than it is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Green:
    """The start and stop of charging by surplus (LEK-10, written by ``green``)."""

    running: bool = False
    since_s: float = -inf
    recent_w: float | None = None
    """Mean surplus of the last half minute, or of a longer time; None until it is known."""
    imported_wh: float = 0.0
    """What was imported below the minimum and not made good since."""
    left_s: float = inf
    """Time until the next start or stop if the surplus stays as it is; infinite without one."""
    starts: float = 0.0
    """Starts of late; they are forgotten evenly, as many as a day may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SunMemory:
    """How the chargers follow the surplus (written by ``sun``)."""

    short_as: float = 0.0
    """Ampere-seconds per line by which the offers have been too low, until they are changed."""
    over_as: float = 0.0
    """By which they have been too high."""
    commands: float = 0.0
    """Changes of late; they are forgotten evenly, as many as a day may have."""
    grid_wh: float = LearntSite().grid_wh
    """Used of the day's allowance of grid energy; learnt: survives a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """Going from all lines to one and back (written by ``switching``)."""

    aim: int | None = None
    """How many lines it is going to; meanwhile it is paused."""
    since_s: float = -inf
    """When that was decided."""
    told_s: float = inf
    """When the charger was last told, infinity before."""
    attempts: int = 0
    missed_wh: float = 0.0
    """What the other number of lines would have gained, up to now."""
    switches_s: tuple[float, ...] = ()
    """Switches within the last hour."""
    refused_s: float | None = None
    """Since when the charger is left as it is because it did not follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that a person may have to hear about (``alarms``)."""

    kind: AlarmKind
    subject: str
    share: float | None
    since_s: float
    """Infinity while it is over and only remembered."""
    seen_s: float
    told: bool
    times: int = 0
    """How often it was told since it was last gone for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerMemory:
    """All that is remembered of one charger."""

    draws: tuple[Draw, ...] = ()
    offer: Offer = Offer()
    pursuit: Pursuit = Pursuit()
    patience: Patience = Patience()
    green: Green = Green()
    switching: Switching = Switching()
    without_s: tuple[float, ...] = ()
    """Per line: seconds that the car has charged without it, empty if nothing is known (``lines``).
    """
    learnt: LearntCharger = field(default_factory=LearntCharger)
    """Learnt: survives a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One source of a limit as it is believed, in the unit of its cap."""

    limit: float
    """In force."""
    dimmed: bool
    """The source cannot be believed now."""
    since_s: float = inf
    """Since when more than ``limit`` is said."""
    rest: float = inf
    """The least that was said since then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsMemory:
    """What the sources said, and the site as it follows from it (written by ``limits``)."""

    layout: Layout
    said: Mapping[str, Said]
    lowered: frozenset[int] = frozenset()
    """The rows of the layout that were lowered in this cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The present window of the network tariff (written by ``budget``)."""

    since_s: float
    """Net import is counted from here on: the start of the window or before."""
    end_s: float
    counted_s: float
    """Counted up to here."""
    power_w: float
    """Net import when it was counted last."""
    used_ws: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The balancer's memory; opaque to the caller, who only hands it back."""

    time_s: float = -inf
    layout: Layout | None = None
    meter: MeterMemory | None = None
    clamps: ClampMemory = field(default_factory=ClampMemory)
    house: HouseMemory = HouseMemory()
    sun: SunMemory = SunMemory()
    held: Held = field(default_factory=Held)
    ring: tuple[Reading, ...] = ()
    """The newest readings with what the generator delivered (written by ``net``)."""
    limits: LimitsMemory | None = None
    budget: Budget | None = None
    chargers: tuple[ChargerMemory, ...] = ()
    alarms: tuple[Condition, ...] = ()
    """Every condition that holds, or held a moment ago."""
    learnt: LearntSite = field(default_factory=LearntSite)
    """Learnt: survives a restart; the allowance of the sun's memory is put into it then."""

    @classmethod
    def initial(cls) -> Self:
        """Return the memory of a balancer that was just started: nothing is known."""
        return cls()

    @classmethod
    def recalling(cls, spec: SiteSpec, learnt: Learnt) -> Self:
        """Return the memory after a restart: nothing is known but what was learnt before."""
        return cls(
            layout=compile_layout(spec),
            clamps=recalled(learnt.site.clamp_faults, learnt.site.clamp_shares, len(spec.phases)),
            sun=SunMemory(grid_wh=learnt.site.grid_wh),
            learnt=learnt.site,
            chargers=tuple(
                ChargerMemory(learnt=learnt.chargers.get(charger.key, LearntCharger()))
                for charger in spec.chargers
            ),
        )

    def all_learnt(self) -> Learnt:
        """Return what is worth keeping over a restart."""
        seats = self.layout.seats if self.layout else ()
        faults, shares = kept(self.clamps.faults)
        return Learnt(
            site=replace(
                self.learnt, grid_wh=self.sun.grid_wh, clamp_faults=faults, clamp_shares=shares
            ),
            chargers={
                seat.spec.key: charger.learnt
                for seat, charger in zip(seats, self.chargers, strict=True)
            },
        )

    def at(self, spec: SiteSpec, now_s: float) -> tuple[Memory, Layout]:
        """Return the memory fit for ``spec`` at ``now_s``, and the compiled site.

        A new specification keeps what is known of the chargers that stay, by key. A time that ran
        backwards means that memory and samples are not of the same life: everything is forgotten
        but what was learnt.
        """
        if self.layout is not None and self.layout.spec is spec and now_s >= self.time_s:
            return self, self.layout
        lived = now_s >= self.time_s - BACKWARDS_S
        before = self if lived else Memory.recalling(spec, self.all_learnt())
        known = {
            seat.spec.key: (seat.spec, memory)
            for seat, memory in zip(
                before.layout.seats if before.layout else (), before.chargers, strict=True
            )
        }
        same = before.layout is not None and before.layout.spec is spec
        layout = before.layout if before.layout and same else compile_layout(spec)
        same_supply = before.layout is not None and before.layout.spec.phases == spec.phases
        memory = Memory(
            time_s=before.time_s,
            layout=layout,
            meter=before.meter if same_supply else None,
            clamps=before.clamps if same_supply else ClampMemory(),
            house=before.house if same else HouseMemory(),
            sun=before.sun,
            limits=before.limits,
            budget=before.budget if same_supply else None,
            chargers=tuple(
                known[charger.key][1]
                if charger.key in known and known[charger.key][0].phases == charger.phases
                else ChargerMemory()
                for charger in spec.chargers
            ),
            alarms=before.alarms,
            learnt=before.learnt,
        )
        return memory, layout
