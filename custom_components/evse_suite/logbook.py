"""What happens to sessions and supply accounts, in words for the logbook."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .account.world import Happening as AccountHappening
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

ACCOUNT_WORDS: Final = {
    AccountHappening.LOW_CREDIT: "is low on credit",
    AccountHappening.EMERGENCY_CREDIT_OFFERED: "offers emergency credit",
    AccountHappening.EMERGENCY_CREDIT_TAKEN: "lends emergency credit",
    AccountHappening.EMERGENCY_CREDIT_ENDED: "has no emergency credit in use any more",
    AccountHappening.DISCONNECTED: "switched the supply off ({reason})",
    AccountHappening.RESTORE_OFFERED: "lets the supply be switched on again",
    AccountHappening.RESTORED: "switched the supply on",
    AccountHappening.PAYMENT: "took a payment of {amount:.2f}",
    AccountHappening.CODE_REJECTED: "refused a payment code",
    AccountHappening.TARIFF_ACTIVATED: "has another tariff",
    AccountHappening.PERIOD_ENDED: "began a billing period",
    AccountHappening.REGISTERS_READ: "kept its registers ({kind})",
    AccountHappening.TAMPERED: "may have been tampered with ({flag})",
    AccountHappening.GAS_VALVE: "moved the gas valve",
    AccountHappening.READING_IGNORED: "did not believe its meter ({fault})",
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
        if "account" in event.data:
            return _of_account(hass, event.data)
        entry = {
            LOGBOOK_ENTRY_NAME: event.data["charger"],
            LOGBOOK_ENTRY_MESSAGE: message(event.data),
        }
        entity_id = _entity(hass, event.data["device_id"], "session_state")
        return entry if entity_id is None else {**entry, LOGBOOK_ENTRY_ENTITY_ID: entity_id}

    async_describe_event(DOMAIN, EVENT_SUITE, describe)


def _of_account(hass: HomeAssistant, data: dict[str, Any]) -> dict[str, Any]:
    """Return an entry about a supply account (MTR-26)."""
    words = ACCOUNT_WORDS[AccountHappening(data["type"])]
    told = {key: str(it).replace("_", " ") for key, it in data.items() if isinstance(it, str)}
    entry = {
        LOGBOOK_ENTRY_NAME: data["account"],
        LOGBOOK_ENTRY_MESSAGE: words.format(**{**data, **told}),
    }
    entity_id = _entity(hass, data["device_id"], "account")
    return entry if entity_id is None else {**entry, LOGBOOK_ENTRY_ENTITY_ID: entity_id}


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


def _entity(hass: HomeAssistant, device_id: str | None, key: str) -> str | None:
    """Return the entity with whose history the entry is shown."""
    if device_id is None:
        return None
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    return next((it.entity_id for it in entries if it.translation_key == key), None)
