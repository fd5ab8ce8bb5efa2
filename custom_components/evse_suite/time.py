"""Times of the day: when a car has to be ready, for each weekday (PLAN-2)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time
from functools import partial
from typing import Any, Final, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .plan_entities import WEEKDAYS, set_ready_by, settings
from .site import SiteConfigEntry
from .views import ChargerView, Part

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class TimeDescription(SuiteDescription[ChargerView], TimeEntityDescription):
    """A time of the day and how it is set."""

    set_fn: Callable[[ChargerView, time], Awaitable[None]]


def _ready_by(weekday: int, view: ChargerView) -> time | None:
    return settings(view).weekly.get(weekday)


async def _set_ready_by(weekday: int, view: ChargerView, at: time) -> None:
    await set_ready_by(view, weekday, at)


CHARGER_TIMES: Final = tuple(
    TimeDescription(
        key=f"ready_by_{name}",
        entity_category=EntityCategory.CONFIG,
        is_decision=True,
        by_plan=True,
        value_fn=partial(_ready_by, weekday),
        set_fn=partial(_set_ready_by, weekday),
    )
    for weekday, name in enumerate(WEEKDAYS)
)


class SuiteTime(SuiteEntity[ChargerView], TimeEntity):
    """One row of the table above."""

    entity_description: TimeDescription

    @override
    def _show(self, value: Any) -> None:
        self._attr_native_value = value

    @override
    async def async_set_value(self, value: time) -> None:
        """Set the time; midnight removes it."""
        await self.entity_description.set_fn(self.view, value)


def _offers(part: Part) -> list[Candidate]:
    return candidates(part.chargers, CHARGER_TIMES, SuiteTime)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the times of a site's chargers."""
    add_entities(entry, async_add_entities, _offers)
