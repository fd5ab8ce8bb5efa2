"""What follows from an account in Home Assistant: events, and switches that are driven."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_ON
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
    split_entity_id,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..billing import effects
from ..billing.effects import Effect
from ..const import DOMAIN, EVENT_SUITE, LOGGER
from .ledger import Ledger
from .setup import Setup, account_identifier


class Happening(StrEnum):
    """Types of the events of a supply account."""

    LOW_CREDIT = "low_credit"
    EMERGENCY_CREDIT_OFFERED = "emergency_credit_offered"
    EMERGENCY_CREDIT_TAKEN = "emergency_credit_taken"
    EMERGENCY_CREDIT_ENDED = "emergency_credit_ended"
    DISCONNECTED = "disconnected"
    RESTORE_OFFERED = "restore_offered"
    RESTORED = "restored"
    PAYMENT = "payment"
    CODE_REJECTED = "code_rejected"
    TARIFF_ACTIVATED = "tariff_activated"
    PERIOD_ENDED = "period_ended"
    REGISTERS_READ = "registers_read"
    TAMPERED = "tampered"
    GAS_VALVE = "gas_valve"
    READING_IGNORED = "reading_ignored"


HAPPENINGS: Final[dict[type[Effect], Happening]] = {
    effects.Beep: Happening.LOW_CREDIT,
    effects.EmergencyCreditOffered: Happening.EMERGENCY_CREDIT_OFFERED,
    effects.EmergencyCreditTaken: Happening.EMERGENCY_CREDIT_TAKEN,
    effects.EmergencyCreditEnded: Happening.EMERGENCY_CREDIT_ENDED,
    effects.SupplyOpened: Happening.DISCONNECTED,
    effects.SupplyOffered: Happening.RESTORE_OFFERED,
    effects.SupplyClosed: Happening.RESTORED,
    effects.PaymentTaken: Happening.PAYMENT,
    effects.CodeRejected: Happening.CODE_REJECTED,
    effects.TariffActivated: Happening.TARIFF_ACTIVATED,
    effects.PeriodEnded: Happening.PERIOD_ENDED,
    effects.SnapshotTaken: Happening.REGISTERS_READ,
    effects.Tampered: Happening.TAMPERED,
    effects.GasValve: Happening.GAS_VALVE,
    effects.ReadingIgnored: Happening.READING_IGNORED,
}
"""What is told; the other effects are states that entities show."""
BELL_S: Final = 60.0
"""A bell that should have rung longer ago is not rung."""

type Told = tuple[Happening, dict[str, Any]]


def told(effect: Effect, now: datetime) -> Told | None:
    """Return an effect as an event and its data, None where nothing is to be told."""
    happening = HAPPENINGS.get(type(effect))
    if happening is None:
        return None
    if happening is Happening.LOW_CREDIT and now - effect.at > timedelta(seconds=BELL_S):
        return None
    return happening, {each.name: _plain(getattr(effect, each.name)) for each in fields(effect)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return float(value) if isinstance(value, Decimal) else value


class World:
    """Tells what happens to one account, and keeps its switches as the account wants them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, setup: Setup) -> None:
        """Take what is configured of the account."""
        self._hass = hass
        self._entry = entry
        self._name = setup.name
        self._identifier = account_identifier(setup.key)
        self._listeners: list[Callable[[Told], None]] = []
        self._closing = False
        """The supply is to be closed, and its switch has not been seen on since."""

    @callback
    def add_listener(self, listener: Callable[[Told], None]) -> Callable[[], None]:
        """Call ``listener`` with everything that is told."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def tell(self, ledger: Ledger, happened: Sequence[Effect]) -> None:
        """Tell effects on the bus and to whoever listens, and switch what they switch."""
        now = dt_util.utcnow()
        for effect in happened:
            if isinstance(effect, effects.SupplyClosed):
                self._closing = True
            news = told(effect, now)
            if news is not None:
                self._fire(*news)
                for listener in tuple(self._listeners):
                    listener(news)
        self.switch(ledger)

    def _fire(self, happening: Happening, data: dict[str, Any]) -> None:
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, self._identifier), self._entry.entry_id
        )
        device_id = None if device is None else device.id
        about = {"type": happening, "device_id": device_id, "account": self._name}
        self._hass.bus.async_fire(EVENT_SUITE, {**about, **data})

    # Switches --------------------------------------------------------------------------------

    @callback
    def follow(self, ledger: Ledger) -> Callable[[], None]:
        """Keep the switches right when they come back, or somebody else moves them."""
        setup = ledger.setup
        entities = [it for it in (setup.supply_switch, setup.relay_switch) if it is not None]

        @callback
        def changed(_event: Event[EventStateChangedData]) -> None:
            self.switch(ledger)

        return async_track_state_change_event(self._hass, entities, changed)

    @callback
    def switch(self, ledger: Ledger) -> None:
        """Open a supply that has to be open, and move a relay that is not where it has to be.

        Nobody closes the supply but the account at its own instant: the owner may have opened it.
        """
        if ledger.account is None:
            return
        book, setup = ledger.account.book, ledger.setup
        if setup.supply_switch:
            self._switch_supply(setup.supply_switch, on=book.supply_on)
        if setup.relay_switch and self._is_on(setup.relay_switch) is (not book.relay_closed):
            self._switch(setup.relay_switch, on=book.relay_closed)

    def _switch_supply(self, entity_id: str, *, on: bool) -> None:
        is_on = self._is_on(entity_id)
        self._closing = self._closing and on and is_on is not True
        if is_on is (not on) and (self._closing or not on):
            self._switch(entity_id, on=on)

    def _is_on(self, entity_id: str) -> bool | None:
        """Return whether a switch is on, None while it does not tell."""
        state = self._hass.states.get(entity_id)
        known = state is not None and state.state in ("on", "off")
        return state.state == STATE_ON if known and state is not None else None

    def _switch(self, entity_id: str, *, on: bool) -> None:
        self._entry.async_create_task(
            self._hass, self._async_switch(entity_id, on=on), "evse_suite account switch"
        )

    async def _async_switch(self, entity_id: str, *, on: bool) -> None:
        service = SERVICE_TURN_ON if on else SERVICE_TURN_OFF
        try:
            await self._hass.services.async_call(
                split_entity_id(entity_id)[0], service, {ATTR_ENTITY_ID: entity_id}, blocking=True
            )
        except HomeAssistantError as err:
            LOGGER.error("%s was not switched %s: %s", entity_id, "on" if on else "off", err)
