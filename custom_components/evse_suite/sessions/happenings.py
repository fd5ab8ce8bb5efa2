"""What happens to sessions, told on the bus: for automations, and for the logbook."""

from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN, EVENT_SUITE
from .record import Session


class Happening(StrEnum):
    """The ``type`` of an event."""

    PLUGGED_IN = "plugged_in"
    SESSION_ENDED = "session_ended"


@callback
def tell(hass: HomeAssistant, entry: ConfigEntry, happening: Happening, session: Session) -> None:
    """Fire an event about a session; energies in kWh, costs in the home's currency."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, session.charger), entry.entry_id
    )
    data = {
        "type": happening,
        "device_id": None if device is None else device.id,
        **as_answer(session),
    }
    hass.bus.async_fire(EVENT_SUITE, data)


def as_answer(session: Session) -> dict[str, Any]:
    """Return a session as automations see it, in plain JSON."""
    share = session.green_share
    return {
        "session_id": session.key,
        "charger": session.charger_name,
        "start": session.start.isoformat(timespec="seconds"),
        "end": session.end and session.end.isoformat(timespec="seconds"),
        "reason": session.reason,
        "energy_kwh": round(session.energy_wh / 1000, 3),
        "green_share_percent": None if share is None else round(share * 100, 1),
        "cost": None if session.cost is None else round(float(session.cost), 4),
        "currency": session.currency,
        "unpriced_kwh": round(session.unpriced_wh / 1000, 3),
        "charging_minutes": round(session.charged_s / 60),
        "maximum_kw": round(session.most_w / 1000, 2),
        "phases": session.lines,
        "vehicle": session.vehicle,
        "tag": session.tag,
    }
