"""What is remembered of how the mains follows the chargers (written by ``clamps``)."""

from dataclasses import dataclass
from math import inf

from .answer import AlarmKind

KINDS = (
    None,
    AlarmKind.METER_SCALED,
    AlarmKind.METER_REVERSED,
    AlarmKind.METER_BLIND,
    AlarmKind.WRONG_PHASE,
)
"""What can be wrong with a clamp, in the order by whose numbers it is kept."""
KEPT_SHARE = 10.0
"""A share beyond this tells nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Chargers and mains at one time, per phase of the site."""

    time_s: float
    drawn_a: tuple[float, ...]
    current_a: tuple[float, ...]
    active_a: tuple[float, ...]
    """Active power as amperes at the measured voltage: a reactive house does not bend it."""
    power_w: float
    """Net active power of all phases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of what the chargers draw on a phase, and what the mains made of it."""

    drawn_a: float
    share: float
    """Change of the mains over ``drawn_a``; 1 is right."""
    asked: bool = False
    """It was changed to be compared: nothing that happens in the house can have caused it."""
    elsewhere: int | None = None
    """The other phase that changed in place of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with the mains on one phase."""

    kind: AlarmKind
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    """A reading that may show something else than the one before it (written by ``leaps``)."""

    time_s: float
    shares: tuple[float | None, ...]
    """Per phase the part of the current that it may show, None where it is not doubted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClampMemory:
    """The evidence for and against every clamp."""

    seen_s: float = -inf
    """Time of the newest draw that was looked at."""
    reference_a: tuple[float, ...] = ()
    """The draw that counts as unchanged, and since when it is."""
    still_s: float = inf
    level: Point | None = None
    """Means of the last time at which neither chargers nor mains changed."""
    course: tuple[Point, ...] = ()
    """Every mains reading since then, with what the chargers drew about that time."""
    since_s: float = inf
    """Since when levels followed each other without a gap."""
    restless_s: float = -inf
    """When the mains moved last while the chargers stood still."""
    wanderings: tuple[tuple[float, tuple[float, ...]], ...] = ()
    """(time, change per phase) of the mains while the chargers seemed to stand still."""
    steps: tuple[tuple[Step, ...], ...] = ()
    """Per phase the newest changes, oldest first."""
    faults: tuple[Fault | None, ...] = ()
    """Per phase; empty while every clamp is believed."""
    judged_s: float = -inf
    """When the newest change was compared."""
    tried_s: float = -inf
    """When a current was last changed to see what the mains makes of it."""
    tries: int = 0
    """How often in a row a fault was tried without an end of it."""
    leap: Leap | None = None
    """What may have been no true reading, until it is known whether it lasts."""

    @property
    def faulty(self) -> bool:
        """Whether what the mains shows cannot be used on some phase."""
        return bool(self.faults)


type Verdict = tuple[tuple[int, ...], tuple[float, ...]]
"""Per phase: the number of what is wrong, and the share; both empty while nothing is."""


def kept(faults: tuple[Fault | None, ...]) -> Verdict:
    """Return the verdict on the clamps as it is kept over a restart."""
    return (
        tuple([KINDS.index(fault.kind) if fault else 0 for fault in faults]),
        tuple(
            [max(-KEPT_SHARE, min(KEPT_SHARE, fault.share)) if fault else 1.0 for fault in faults]
        ),
    )


def recalled(kinds: tuple[int, ...], shares: tuple[float, ...], phases: int) -> ClampMemory:
    """Return the memory after a restart: what was wrong is, until a trial shows that it is not.

    It was judged before the time that is known now, so that the first trial is due at once.
    """
    if not len(kinds) == len(shares) == phases:
        return ClampMemory()
    known = [KINDS[number] for number in kinds]
    faults = tuple(
        [
            Fault(kind=kind, share=share) if kind else None
            for kind, share in zip(known, shares, strict=True)
        ]
    )
    return ClampMemory(faults=faults if any(faults) else ())
