"""What the outside world is told; the account itself always has the present state.

Every effect carries the instant at which it became due, which may lie before `now`: who rings a
bell looks at that first. After a late reading the effects that follow from it are told although
later ones were told before.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .events import Flag, OffReason
from .model import GasMode


class ReadingFault(StrEnum):
    """Why a reading was left out."""

    BACKWARDS = "backwards"
    IMPLAUSIBLE = "implausible"
    """More energy than the highest power allows."""
    TOO_LATE = "too_late"
    """Older than the account can still look at; its energy came with a later one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The base of all effects."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyOpened(Effect):
    """The contactor is to open."""

    reason: OffReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyOffered(Effect):
    """The customer may close the contactor with the orange button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyClosed(Effect):
    """The contactor is to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beep(Effect):
    """The buzzer sounds for the low-credit warning (section 4.3.1); the first one is longest."""

    first: bool
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCreditOffered(Effect):
    """The balance fell below the availability point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCreditTaken(Effect):
    """The orange button was pressed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCreditEnded(Effect):
    """It was repaid, or used up."""

    exhausted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTaken(Effect):
    """A payment was added to the balance."""

    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRejected(Effect):
    """A wrong code; with `locked_until` no code is taken before that instant."""

    locked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySwitched(Effect):
    """The auxiliary relay moves."""

    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSwitched(Effect):
    """Another rate register is active."""

    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffActivated(Effect):
    """A tariff came into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEnded(Effect):
    """A billing period is over and the next has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTaken(Effect):
    """Registers were kept; the account has the latest of each kind."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GasValve(Effect):
    """The pass-through message that closes or reopens the gas meter."""

    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GasModeChanged(Effect):
    """The pass-through message with the gas meter's mode."""

    mode: GasMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Tampered(Effect):
    """A tamper flag was raised; `report` and `display` as configured."""

    flag: Flag
    display: bool
    report: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingIgnored(Effect):
    """A reading was left out."""

    fault: ReadingFault
