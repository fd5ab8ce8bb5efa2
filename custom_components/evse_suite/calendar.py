"""Calendars: when each charger charges, and when its car leaves (PLAN-1, PLAN-2, PLAN-5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.components.calendar.const import (
    EVENT_DESCRIPTION,
    EVENT_RRULE,
    EVENT_START,
    EVENT_SUMMARY,
    CalendarEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .plan_entities import settings, tell, told
from .planning.model import PlannedSlot
from .plans.departures import (
    departure,
    refusal,
    said_goal,
    weekly_times,
    with_departure,
    without_departure,
)
from .plans.settings import Departure
from .plans.told import ChargerPlan, PlanStatus
from .site import SiteConfigEntry
from .views import ChargerView, Part

PARALLEL_UPDATES = 1

MOMENT: Final = timedelta(minutes=15)
"""How long a departure is shown."""
SHOWN_AHEAD: Final = timedelta(days=8)
KWH: Final = 1000.0


@dataclass(frozen=True, kw_only=True)
class CalendarDescription(SuiteDescription[ChargerView], CalendarEntityDescription):
    """What a calendar shows."""


def _charging(view: ChargerView, plan: ChargerPlan) -> Iterator[CalendarEvent]:
    """Yield when the charger charges by its plan, or without one when it is allowed to."""
    for span in plan.times:
        slots = [it for it in plan.slots if span.start <= it.start < span.end]
        energy_wh = sum(it.energy_wh for it in slots)
        currency = view.site.hass.config.currency
        yield CalendarEvent(
            uid=f"charging_{span.start.isoformat()}",
            start=dt_util.as_local(span.start),
            end=dt_util.as_local(span.end),
            summary=f"Charging, {energy_wh / KWH:.1f} kWh" if slots else "Charging is allowed",
            description=_told_of(slots, energy_wh, currency if plan.is_priced else None)
            if energy_wh
            else None,
        )


def _told_of(slots: list[PlannedSlot], energy_wh: float, currency: str | None) -> str:
    """Say what a stretch of charging costs, where prices are known, and how green it is."""
    green = f"{100 * sum(it.green_wh for it in slots) / energy_wh:.0f} % sun"
    if currency is None:
        return f"{green}, prices are not known"
    cost = sum(it.cost for it in slots)
    guess = ", prices partly guessed" if any(it.guessed for it in slots) else ""
    return f"{cost:.2f} {currency}, {green}{guess}"


def _leaving(view: ChargerView, start: datetime, end: datetime) -> Iterator[CalendarEvent]:
    """Yield the departures and the weekly times to be ready."""
    kept = settings(view)
    for it in kept.departures:
        yield _moment(it.uid, it.at, it.summary or "Departure")
    for at in weekly_times(kept, start, end, dt_util.get_default_time_zone()):
        yield _moment(f"ready_by_{at.isoformat()}", at, "Ready by")


def _moment(uid: str, at: datetime, summary: str) -> CalendarEvent:
    local = dt_util.as_local(at)
    return CalendarEvent(uid=uid, start=local, end=local + MOMENT, summary=summary)


def events(view: ChargerView, start: datetime, end: datetime) -> list[CalendarEvent]:
    """Return what happens between two instants, the earliest first."""
    plan = told(view)
    found = [] if plan is None or plan.status is PlanStatus.OFF else [*_charging(view, plan)]
    found += _leaving(view, start - MOMENT, end)
    inside = [it for it in found if it.end_datetime_local > start and it.start_datetime_local < end]
    return sorted(inside, key=lambda it: it.start_datetime_local)


def _coming(view: ChargerView) -> tuple[CalendarEvent, ...]:
    now = dt_util.now()
    return tuple(events(view, now, now + SHOWN_AHEAD))


CHARGER_CALENDARS: Final = (
    CalendarDescription(key="plan", is_decision=True, by_plan=True, value_fn=_coming),
)


class PlanCalendar(SuiteEntity[ChargerView], CalendarEntity):
    """Shows the plan of a charger, and takes departures as events."""

    entity_description: CalendarDescription
    _attr_supported_features = (
        CalendarEntityFeature.CREATE_EVENT
        | CalendarEntityFeature.DELETE_EVENT
        | CalendarEntityFeature.UPDATE_EVENT
    )
    _coming: tuple[CalendarEvent, ...] = ()

    @override
    def _show(self, value: Any) -> None:
        self._coming = value

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The event that goes on, or the next one."""
        now = dt_util.now()
        return next((it for it in self._coming if it.end_datetime_local > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return what happens between two instants."""
        return events(self.view, start_date, end_date)

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        """Take a departure; a target may stand in its words, as in "Airport, 100 %"."""
        await self._take_departure(kwargs)

    @override
    async def async_update_event(
        self,
        uid: str,
        event: dict[str, Any],
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        """Put another departure in the place of one."""
        await self._take_departure(event, instead_of=uid)

    @override
    async def async_delete_event(
        self,
        uid: str,
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        """Forget a departure; what the plan itself does cannot be deleted."""
        await self._keep(without_departure(settings(self.view), uid))

    async def _take_departure(self, event: dict[str, Any], instead_of: str | None = None) -> None:
        if event.get(EVENT_RRULE):
            raise refusal("departure_repeats")
        at: date | datetime = event[EVENT_START]
        summary = str(event.get(EVENT_SUMMARY) or "")
        goal = said_goal(f"{summary} {event.get(EVENT_DESCRIPTION) or ''}")
        now = dt_util.utcnow()
        new = departure(at, summary, now, goal=goal)
        kept = settings(self.view)
        if instead_of is not None:
            kept = replace(kept, departures=without_departure(kept, instead_of))
        await self._keep(with_departure(kept, new, now))

    async def _keep(self, departures: tuple[Departure, ...]) -> None:
        """Keep these departures, and show them to whoever looks at the calendar now."""
        await tell(self.view, departures=departures)
        self.async_update_event_listeners()


def _offers(part: Part) -> list[Candidate]:
    return candidates(part.chargers, CHARGER_CALENDARS, PlanCalendar)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendars of a site's chargers."""
    add_entities(entry, async_add_entities, _offers)
