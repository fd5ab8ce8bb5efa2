"""Conditions: what a charger does, and whether its plan can be met (PLAN-2, PLAN-4, PLAN-5)."""

from collections.abc import Mapping
from typing import ClassVar, Final, override

from homeassistant.const import STATE_ON, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import Condition, EntityStateConditionBase

from .entity import only_of_key
from .planning.model import ChargeMode
from .sessions.record import SessionState

BINARY_SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.BINARY_SENSOR: DomainSpec()}
SELECT: Final[Mapping[str, DomainSpec]] = {Platform.SELECT: DomainSpec()}
SENSOR: Final[Mapping[str, DomainSpec]] = {Platform.SENSOR: DomainSpec()}

CHARGING: Final[set[str | bool]] = {SessionState.CHARGING}
YES: Final[set[str | bool]] = {STATE_ON}
BOOST: Final[set[str | bool]] = {ChargeMode.BOOST}


class SuiteCondition(EntityStateConditionBase):
    """Looks at the suite's own entities of one key among those that are targeted."""

    _key: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities that tell what this condition asks for."""
        return only_of_key(self._hass, super().entity_filter(entities), self._key)


class IsCharging(SuiteCondition):
    """A car draws current."""

    _key = "session_state"
    _domain_specs = SENSOR
    _states = CHARGING


class PlanCanBeMet(SuiteCondition):
    """A car will be ready in time."""

    _key = "plan_can_be_met"
    _domain_specs = BINARY_SENSOR
    _states = YES


class IsBoosted(SuiteCondition):
    """A boost is running."""

    _key = "charge_mode"
    _domain_specs = SELECT
    _states = BOOST


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_charging": IsCharging,
    "plan_can_be_met": PlanCanBeMet,
    "is_boosted": IsBoosted,
}


async def async_get_conditions(_hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions of the suite."""
    return CONDITIONS
