"""A car at a charger: since when, and what it has charged since (PLAN-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from ..devices.model import ChargerReading
from ..translate import CABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Whether a car is connected, since when, and where the charger's counter was then."""

    connected: bool
    since: datetime
    counter_wh: float | None = None


def counter_wh(reading: ChargerReading | None) -> float | None:
    """Return the finest energy counter of a charger, None if it has none."""
    if reading is None:
        return None
    if reading.session_energy_wh is not None:
        return reading.session_energy_wh
    return reading.lifetime_energy_wh


def seen(visit: Visit | None, reading: ChargerReading | None, now: datetime) -> Visit | None:
    """Return the visit after a reading; the same object while nothing has changed.

    A charger that does not say whether a car is connected (LEK-2) is believed to be as it was, and
    to have one before anything is known.
    """
    if reading is None:
        return visit
    said = None if reading.status is None else CABLE.get(reading.status)
    if visit is None:
        connected = said is not False
        return Visit(connected=connected, since=now, counter_wh=counter_wh(reading))
    if said is None or said == visit.connected:
        return visit
    return Visit(connected=said, since=now, counter_wh=counter_wh(reading))


def charged_wh(visit: Visit | None, reading: ChargerReading | None) -> float | None:
    """Return what was charged in a visit, None if there is none or nobody counts."""
    if visit is None or not visit.connected or reading is None:
        return None
    if reading.session_energy_wh is not None:
        return reading.session_energy_wh
    now_wh = counter_wh(reading)
    if now_wh is None or visit.counter_wh is None:
        return None
    # A counter that has gone back began anew.
    return now_wh - visit.counter_wh if now_wh >= visit.counter_wh else now_wh


def to_json(visit: Visit) -> dict[str, Any]:
    """Return the stored form."""
    return {
        "connected": visit.connected,
        "since": visit.since.isoformat(),
        "counter_wh": visit.counter_wh,
    }


def from_json(document: object) -> Visit | None:
    """Return a stored visit, None for what cannot be one: then it begins with the next reading."""
    if not isinstance(document, Mapping):
        return None
    connected, counter = document.get("connected"), document.get("counter_wh")
    since = dt_util.parse_datetime(str(document.get("since")))
    if not isinstance(connected, bool) or since is None or since.tzinfo is None:
        return None
    return Visit(
        connected=connected,
        since=since,
        counter_wh=float(counter) if isinstance(counter, int | float) else None,
    )
