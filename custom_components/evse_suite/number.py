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
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control.model import MINIMUM_CURRENT_A
from .devices.model import BreakerRating, LedBrightness, UserCurrent
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .plan_entities import (
    TARGET_UNITS,
    most_of_target,
    set_maximum_price,
    set_target,
    settings,
    target,
    tell,
)
from .plans.settings import HIGHEST_PRICE, LONGEST_BOOST_MINUTES, MOST_OF_A_GOAL
from .site import SiteConfigEntry
from .views import ChargerView, MeterView, Part, View

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class NumberDescription[V: View](SuiteDescription[V], NumberEntityDescription):
    """A number and how it is set."""

    native_min_value: float
    native_max_value: float
    native_step: float | None = 1
    entity_category: EntityCategory | None = EntityCategory.CONFIG
    set_fn: Callable[[V, Any], Awaitable[None]]
    """It is given a whole number, or any where ``is_whole`` is not set."""
    is_whole: bool = True
    max_fn: Callable[[V], float | None] = lambda _view: None
    """A tighter bound that the device itself tells, None while it is not known."""
    unit_fn: Callable[[V], str] | None = None
    """The unit where it depends on what was chosen."""


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

PLAN_NUMBERS: Final = (
    NumberDescription[ChargerView](
        key="target",
        entity_category=None,
        native_min_value=0,
        native_max_value=max(MOST_OF_A_GOAL.values()),
        is_decision=True,
        by_plan=True,
        value_fn=target,
        max_fn=most_of_target,
        unit_fn=lambda view: TARGET_UNITS[settings(view).goal_kind],
        set_fn=set_target,
    ),
    NumberDescription[ChargerView](
        key="minimum_charge",
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=0,
        native_max_value=100,
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).minimum_percent,
        set_fn=lambda view, value: tell(view, minimum_percent=float(value)),
    ),
    NumberDescription[ChargerView](
        key="maximum_price",
        mode=NumberMode.BOX,
        native_min_value=0,
        native_max_value=HIGHEST_PRICE,
        native_step=0.001,
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).maximum_price_per_kwh or 0.0,
        unit_fn=lambda view: f"{view.site.hass.config.currency}/{UnitOfEnergy.KILO_WATT_HOUR}",
        is_whole=False,
        set_fn=set_maximum_price,
    ),
    NumberDescription[ChargerView](
        key="boost_duration",
        device_class=NumberDeviceClass.DURATION,
        mode=NumberMode.BOX,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_min_value=1,
        native_max_value=LONGEST_BOOST_MINUTES,
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).boost_minutes,
        set_fn=lambda view, value: tell(view, boost_minutes=value),
    ),
)
"""What people tell a charger about its plans (PLAN-2, PLAN-4); 0 is no target and no limit."""

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
        """Return the value, its upper bound and its unit."""
        description = self.entity_description
        bound = description.max_fn(self.view)
        least, most = description.native_min_value, description.native_max_value
        unit = description.unit_fn(self.view) if description.unit_fn else None
        return super()._read(), most if bound is None else max(least, min(bound, most)), unit

    @override
    def _show(self, value: Any) -> None:
        self._attr_native_value, self._attr_native_max_value, unit = value
        if unit is not None:
            self._attr_native_unit_of_measurement = unit

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number."""
        description = self.entity_description
        await description.set_fn(self.view, round(value) if description.is_whole else value)


def _number[V: View](view: V, description: NumberDescription[V]) -> SuiteNumber[V]:
    return SuiteNumber(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.chargers, CHARGER_NUMBERS, _number),
        *candidates(part.chargers, PLAN_NUMBERS, _number),
        *candidates(part.meters, METER_NUMBERS, _number),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers of a site's devices."""
    add_entities(entry, async_add_entities, _offers)
