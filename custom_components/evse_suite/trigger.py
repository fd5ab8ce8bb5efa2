"""Triggers: what chargers, their sessions, plans and boosts come to (PLAN-2, PLAN-4, PLAN-5)."""

from collections.abc import Mapping
from typing import ClassVar, Final, override

from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    EntityOriginStateTriggerBase,
    EntityTargetStateTriggerBase,
    EntityTransitionTriggerBase,
    EntityTriggerBase,
    Trigger,
)

from .entity import only_of_key
from .planning.model import ChargeMode
from .sessions.record import SessionState

BINARY_SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.BINARY_SENSOR: DomainSpec()}
SELECT: Final[Mapping[str, DomainSpec]] = {Platform.SELECT: DomainSpec()}
SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.SENSOR: DomainSpec()}

AT_REST: Final[set[str | bool]] = {
    SessionState.IDLE,
    SessionState.WAITING,
    SessionState.NO_ROOM,
    SessionState.FINISHED,
    SessionState.TARGET_REACHED,
}
UNDER_WAY: Final[set[str | bool]] = {
    SessionState.CHARGING,
    SessionState.PAUSED,
    SessionState.LIMITED,
}
CHARGING: Final[set[str | bool]] = {SessionState.CHARGING}
DONE: Final[set[str | bool]] = AT_REST - {SessionState.WAITING, SessionState.NO_ROOM}
REACHED: Final[set[str]] = {SessionState.TARGET_REACHED}
LIMITED: Final[set[str]] = {SessionState.LIMITED, SessionState.NO_ROOM}
NO: Final = {STATE_OFF}


class SuiteTrigger(EntityTriggerBase):
    """Looks at the suite's own entities of one key among those that are targeted."""

    _key: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities that tell what this trigger waits for."""
        return only_of_key(self._hass, super().entity_filter(entities), self._key)


class ChargingStarted(SuiteTrigger, EntityTransitionTriggerBase):
    """A car begins to charge; going on after a pause is no beginning."""

    _key = "session_state"
    _domain_specs = SENSOR
    _from_states = AT_REST
    _to_states = CHARGING


class ChargingFinished(SuiteTrigger, EntityTransitionTriggerBase):
    """A car that has charged is full, has what it was to get, or is unplugged."""

    _key = "session_state"
    _domain_specs = SENSOR
    _from_states = UNDER_WAY
    _to_states = DONE


class TargetReached(SuiteTrigger, EntityTargetStateTriggerBase):
    """A car has what its plan was to give it."""

    _key = "session_state"
    _domain_specs = SENSOR
    _to_states = REACHED


class PausedByLimit(SuiteTrigger, EntityTargetStateTriggerBase):
    """A limit of the site leaves a car no room."""

    _key = "session_state"
    _domain_specs = SENSOR
    _to_states = LIMITED


class PlanCannotBeMet(SuiteTrigger, EntityTargetStateTriggerBase):
    """A car will not be ready in time."""

    _key = "plan_can_be_met"
    _domain_specs = BINARY_SENSOR
    # Unknown is where there is no plan, so that a new plan can be a bad one.
    _excluded_from_states = frozenset({STATE_UNAVAILABLE})
    _to_states = NO


class BoostEnded(SuiteTrigger, EntityOriginStateTriggerBase):
    """A boost is over, by itself or by somebody."""

    _key = "charge_mode"
    _domain_specs = SELECT
    _from_state = ChargeMode.BOOST


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "charging_started": ChargingStarted,
    "charging_finished": ChargingFinished,
    "target_reached": TargetReached,
    "paused_by_limit": PausedByLimit,
    "plan_cannot_be_met": PlanCannotBeMet,
    "boost_ended": BoostEnded,
}


async def async_get_triggers(_hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers of the suite."""
    return TRIGGERS
