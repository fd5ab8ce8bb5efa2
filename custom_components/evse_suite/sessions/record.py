"""The vocabulary of sessions: frozen values, energies in watt-hours, money as Decimal (PLAN-6).

A session lasts from the plug to the unplugging. Times are aware and in UTC; a day is the home's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

ZERO: Final = Decimal(0)
UNPRICED_SHARE: Final = 0.05
"""A cost is told while no more of the energy than this lacks a price."""


class SessionState(StrEnum):
    """Where the session of a charger is."""

    IDLE = "idle"
    """No car is plugged in."""
    WAITING = "waiting"
    """Plugged in, nothing has been charged yet."""
    NO_ROOM = "no_room"
    """The same, because a limit of the site leaves no room to begin."""
    CHARGING = "charging"
    PAUSED = "paused"
    """It has charged and is offered nothing now, or has just stopped drawing."""
    LIMITED = "limited"
    """Paused because a limit of the site leaves no room."""
    TARGET_REACHED = "target_reached"
    FINISHED = "finished"
    """It is offered current and takes none any more."""


class EndReason(StrEnum):
    """Why a session charged no more."""

    UNPLUGGED = "unplugged"
    """While it charged."""
    TARGET_REACHED = "target_reached"
    FULL = "full"
    """The car took no more."""
    STOPPED = "stopped"
    """Somebody stopped it, or it was not authorised any more."""
    PAUSED = "paused"
    """It was offered nothing any more: by its plan, a limit, or for want of sun."""
    FAULT = "fault"
    UNSEEN = "unseen"
    """It ended while the charger could not be heard, or Home Assistant was down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a kWh costs at an instant, in the home's currency."""

    price_per_kwh: float | None = None
    """From the grid; None when nobody knows."""
    feed_in_per_kwh: float = 0.0
    """What a kWh of sun would have earned: its price for the car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """What of a session belongs to one day of the home."""

    day: date
    energy_wh: float = 0.0
    green_wh: float = 0.0
    """The part of it that came from surplus."""
    cost: Decimal = ZERO
    """Of all but ``unpriced_wh``."""
    unpriced_wh: float = 0.0
    """Taken from the grid while no price was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session, running while ``end`` is None."""

    key: str
    """Unique for ever: start and charger."""
    charger: str
    """Identifier of the charger's device, which outlives its set-up."""
    charger_name: str
    start: datetime
    end: datetime | None = None
    reason: EndReason | None = None
    parts: tuple[DayPart, ...] = ()
    """In the order of the days; empty before the first watt-hour."""
    plugged_s: float = 0.0
    charged_s: float = 0.0
    most_w: float = 0.0
    lines: int = 0
    """The most lines that ever carried current at once."""
    tag: str | None = None
    vehicle: str | None = None
    currency: str = ""

    @property
    def energy_wh(self) -> float:
        """What the car was given."""
        return sum(part.energy_wh for part in self.parts)

    @property
    def green_wh(self) -> float:
        """What of it came from surplus."""
        return sum(part.green_wh for part in self.parts)

    @property
    def green_share(self) -> float | None:
        """0 to 1, None before anything was charged."""
        energy_wh = self.energy_wh
        return self.green_wh / energy_wh if energy_wh > 0 else None

    @property
    def unpriced_wh(self) -> float:
        """What has no known cost."""
        return sum(part.unpriced_wh for part in self.parts)

    @property
    def cost(self) -> Decimal | None:
        """Cost of what has a price; None when too much of the energy has none."""
        return cost_of(self.parts)


def cost_of(parts: tuple[DayPart, ...]) -> Decimal | None:
    """Return what parts cost together, None when too much of them lacks a price."""
    energy_wh = sum(part.energy_wh for part in parts)
    if sum(part.unpriced_wh for part in parts) > UNPRICED_SHARE * energy_wh:
        return None
    return sum((part.cost for part in parts), start=ZERO)
