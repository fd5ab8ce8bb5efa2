"""Numbers: limits and settings that people make in devices."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfElectricCurrent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control.model import MINIMUM_CURRENT_A
from .devices.model import BreakerRating, LedBrightness, UserCurrent
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .site import SiteConfigEntry
from .views import ChargerView, MeterView, Part, View

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class NumberDescription[V: View](SuiteDescription[V], NumberEntityDescription):
    """A whole number and how it is set."""

    native_min_value: float
    native_max_value: float
    native_step: float | None = 1
    entity_category: EntityCategory | None = EntityCategory.CONFIG
    set_fn: Callable[[V, int], Awaitable[None]]
    max_fn: Callable[[V], float | None] = lambda _view: None
    """A tighter bound that the device itself tells, None while it is not known."""


CHARGER_NUMBERS: Final = (
    NumberDescription[ChargerView](
        # The installer's limit is read from the charger; nobody can pass it here (LEK-4, LEK-5).
        key="user_limit",
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MINIMUM_CURRENT_A,
        native_max_value=32,
        exists_fn=lambda view: view.can(UserCurrent),
        value_fn=lambda view: None if view.reading is None else view.reading.user_current_a,
        max_fn=lambda view: None if view.reading is None else view.reading.install_current_a,
        set_fn=lambda view, value: view.carry_out(
            UserCurrent, lambda it: it.set_user_current(value)
        ),
    ),
    NumberDescription[ChargerView](
        key="led_brightness",
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=10,
        native_max_value=100,
        exists_fn=lambda view: view.can(LedBrightness),
        value_fn=lambda view: None if view.reading is None else view.reading.led_brightness_percent,
        set_fn=lambda view, value: view.carry_out(
            LedBrightness, lambda it: it.set_led_brightness(value)
        ),
    ),
)

METER_NUMBERS: Final = (
    NumberDescription[MeterView](
        key="breaker_rating",
        device_class=NumberDeviceClass.CURRENT,
        mode=NumberMode.BOX,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=10,
        native_max_value=1000,
        exists_fn=lambda view: view.can(BreakerRating),
        value_fn=lambda view: None if view.reading is None else view.reading.breaker_rating_a,
        set_fn=lambda view, value: view.carry_out(
            BreakerRating, lambda it: it.set_breaker_rating(value)
        ),
    ),
)


class SuiteNumber[V: View](SuiteEntity[V], NumberEntity):
    """One row of the tables above."""

    entity_description: NumberDescription[V]

    @override
    def _read(self) -> Any:
        """Return the value and its upper bound."""
        description = self.entity_description
        bound = description.max_fn(self.view)
        least, most = description.native_min_value, description.native_max_value
        return super()._read(), most if bound is None else max(least, min(bound, most))

    @override
    def _show(self, value: Any) -> None:
        self._attr_native_value, self._attr_native_max_value = value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the whole number."""
        await self.entity_description.set_fn(self.view, round(value))


def _number[V: View](view: V, description: NumberDescription[V]) -> SuiteNumber[V]:
    return SuiteNumber(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.chargers, CHARGER_NUMBERS, _number),
        *candidates(part.meters, METER_NUMBERS, _number),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of a site's devices."""
    add_entities(entry, async_add_entities, _offers)
