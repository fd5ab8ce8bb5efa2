"""What happens to sessions, in words for the logbook."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN, EVENT_SUITE
from .sessions.happenings import Happening
from .sessions.record import EndReason

WHY: Final = {
    EndReason.UNPLUGGED: "unplugged while it charged",
    EndReason.TARGET_REACHED: "target reached",
    EndReason.FULL: "the car took no more",
    EndReason.STOPPED: "stopped",
    EndReason.PAUSED: "unplugged in a pause",
    EndReason.FAULT: "fault",
    EndReason.UNSEEN: "the end was not seen",
}


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event[Any]], dict[str, Any]]], None],
) -> None:
    """Tell the logbook how to describe what the suite fires."""

    @callback
    def describe(event: Event[Any]) -> dict[str, Any]:
        """Return an entry of the logbook."""
        entry = {
            LOGBOOK_ENTRY_NAME: event.data["charger"],
            LOGBOOK_ENTRY_MESSAGE: message(event.data),
        }
        entity_id = _session_entity(hass, event.data["device_id"])
        return entry if entity_id is None else {**entry, LOGBOOK_ENTRY_ENTITY_ID: entity_id}

    async_describe_event(DOMAIN, EVENT_SUITE, describe)


def message(data: dict[str, Any]) -> str:
    """Return what has happened as the end of a sentence that begins with the charger's name."""
    if data["type"] == Happening.PLUGGED_IN:
        return "has a car plugged in"
    words = f"charged {data['energy_kwh']:.1f} kWh"
    if data["cost"] is not None:
        words += f" for {data['cost']:.2f} {data['currency']}"
    if data["green_share_percent"]:
        words += f", {data['green_share_percent']:.0f} % of it from the sun"
    return f"{words} ({WHY[EndReason(data['reason'])]})"


def _session_entity(hass: HomeAssistant, device_id: str | None) -> str | None:
    """Return the entity with whose history the entry is shown."""
    if device_id is None:
        return None
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return next((it.entity_id for it in entries if it.translation_key == "session_state"), None)
