"""From the readings of chargers and the decision of the site to what the book needs to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from ..control.answer import ChargerDecision, Decision, Reason
from ..control.model import ChargerSpec
from ..devices.model import ChargerReading, ChargerStatus
from ..links import DeviceLink
from .book import CHARGING_W, Look
from .record import Tariff

LINE_IN_USE_A: Final = 1.0
MOST_V: Final = 260.0
MOST_A: Final = 32.0
"""A charger may give this whatever its circuit is set to: a counter is judged by it."""
UNPLUGGED: Final = frozenset({ChargerStatus.AVAILABLE})
PLUG_UNKNOWN: Final = frozenset(
    {None, ChargerStatus.ERROR, ChargerStatus.LOCKED, ChargerStatus.UPDATING_FIRMWARE}
)
STOPPED: Final = frozenset(
    {
        ChargerStatus.PAUSED,
        ChargerStatus.PAUSED_BY_SCHEDULER,
        ChargerStatus.NEED_AUTH,
        ChargerStatus.LOCKED,
    }
)
LIMITS: Final = frozenset(
    {
        Reason.FUSE_LIMIT,
        Reason.CIRCUIT_LIMIT,
        Reason.POWER_LIMIT,
        Reason.EXTERNAL_LIMIT,
        Reason.CAPACITY_LIMIT,
        Reason.UNBALANCE_LIMIT,
        Reason.WAITING_FOR_ROOM,
    }
)


class Informant(Protocol):
    """What planning knows of a site's chargers, by the keys of their subentries."""

    def tariff(self, at: datetime) -> Tariff:
        """Return what a kWh costs at an instant, past or present."""
        ...

    def vehicle_name(self, key: str) -> str | None:
        """Return which car is there, None when nobody knows."""
        ...


class NobodyKnows:
    """Stands in for planning where a site has none."""

    def tariff(self, at: datetime) -> Tariff:
        """Know no price."""
        del at
        return Tariff()

    def vehicle_name(self, key: str) -> str | None:
        """Know no car."""
        del key
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The time that has gone by since a charger was looked at."""

    elapsed_s: float | None
    gap: bool
    restarted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A charger, and what is decided for it and its neighbours."""

    link: DeviceLink[ChargerReading]
    spec: ChargerSpec
    decision: Decision[Any]
    chargers: Mapping[str, DeviceLink[ChargerReading]]
    """All of the site."""

    @property
    def decided(self) -> ChargerDecision | None:
        """What is decided for this charger."""
        return next((it for it in self.decision.chargers if it.key == self.spec.key), None)

    @property
    def green(self) -> float:
        """The share of what all chargers draw that is surplus, 0 to 1.

        The same for each of them: nobody can tell whose electrons they are.
        """
        readings = (link.reading for link in self.chargers.values())
        drawn_w = sum(reading.power_w for reading in readings if reading is not None)
        if self.decision.surplus_w is None or drawn_w <= 0.0:
            return 0.0
        return min(max(self.decision.surplus_w / drawn_w, 0.0), 1.0)


def look_at(
    sight: Sight,
    reading: ChargerReading,
    *,
    at: datetime,
    since: Since,
    was_plugged: bool,
    vehicle: str | None,
) -> Look:
    """Return what is seen of a charger; ``was_plugged`` stands in for an unknown plug."""
    decided, spec = sight.decided, sight.spec
    offered = decided is None or decided.target_a is None or decided.target_a > 0
    counter_wh = reading.session_energy_wh
    return Look(
        at=at,
        elapsed_s=since.elapsed_s,
        gap=since.gap,
        restarted=since.restarted,
        plugged=_plugged(reading, was_plugged=was_plugged),
        power_w=reading.power_w,
        most_w=max(spec.maximum_a, MOST_A) * MOST_V * sight.link.device.identity.lines,
        lines=sum(current_a > LINE_IN_USE_A for current_a in reading.current_a),
        counter_wh=reading.lifetime_energy_wh if counter_wh is None else counter_wh,
        lifetime=counter_wh is None,
        offered=offered,
        limited=not offered and decided is not None and decided.reason in LIMITS,
        target_reached=decided is not None and decided.reason is Reason.TARGET_REACHED,
        stopped=reading.status in STOPPED,
        fault=reading.status is ChargerStatus.ERROR or reading.has_errors,
        green=sight.green,
        tag=reading.tag,
        vehicle=vehicle,
    )


def _plugged(reading: ChargerReading, *, was_plugged: bool) -> bool:
    if reading.status in UNPLUGGED:
        return False
    if reading.status in PLUG_UNKNOWN:
        return was_plugged or reading.power_w >= CHARGING_W
    return True
