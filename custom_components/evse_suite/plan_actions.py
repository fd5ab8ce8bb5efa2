"""Actions of plans: be ready by a time, boost, weekly windows, and the question what is planned."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .planning.model import ChargeMode, TargetKind, WeekWindow
from .planning.week import next_ready_by
from .plans.departures import departure, refusal, with_departure
from .plans.report import planned
from .plans.settings import (
    LONGEST_BOOST,
    LONGEST_BOOST_WH,
    MOST_OF_A_GOAL,
    MOST_WINDOWS,
    Goal,
)
from .targets import WHOM, asked, target_schema, targets
from .views import ChargerView

CONF_TIME: Final = "time"
CONF_DATE: Final = "date"
CONF_WEEKDAYS: Final = "weekdays"
CONF_TARGET: Final = "target_value"
CONF_TARGET_KIND: Final = "target_kind"
CONF_DURATION: Final = "duration"
CONF_ENERGY: Final = "energy"
CONF_WINDOWS: Final = "windows"
CONF_READY_BY: Final = "ready_by"
CONF_START: Final = "start"
CONF_END: Final = "end"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WH: Final = 1000.0
SHORTEST_BOOST: Final = timedelta(minutes=1)
LEAST_BOOST_WH: Final = 100.0

WEEKDAY: Final = vol.All(vol.Lower, vol.In(WEEKDAYS))
WINDOW: Final = vol.Schema(
    {
        vol.Optional(CONF_WEEKDAYS, default=list(WEEKDAYS)): vol.All(cv.ensure_list, [WEEKDAY]),
        vol.Required(CONF_START): cv.time,
        vol.Required(CONF_END): cv.time,
    }
)

type Action = Callable[[ChargerView, Mapping[str, Any]], dict[str, Any]]
"""Returns what changes in a charger's settings; raises ServiceValidationError."""


def _set_ready_by(view: ChargerView, said: Mapping[str, Any]) -> dict[str, Any]:
    """Have a car ready once, or on weekdays; the charger plans from now on."""
    kept = view.site.plans.settings(view.spec.key)
    goal = _goal(said)
    if CONF_DATE in said and CONF_WEEKDAYS in said:
        raise refusal("date_or_weekdays")
    if goal is None and kept.goal is None:
        raise _refusal("no_target", view)
    changes: dict[str, Any] = {"plan_on": True, "mode": ChargeMode.SMART}
    if CONF_WEEKDAYS in said:
        days = {WEEKDAYS.index(day): said[CONF_TIME] for day in said[CONF_WEEKDAYS]}
        changes["weekly"] = {**kept.weekly, **days}
        if goal is not None:
            changes["goal_kind"] = goal.kind
            changes["goals"] = {**kept.goals, goal.kind: goal.value}
    else:
        now = dt_util.utcnow()
        at = _once(said[CONF_TIME], said.get(CONF_DATE), now)
        changes["departures"] = with_departure(kept, departure(at, "", now, goal=goal), now)
    return changes


def _goal(said: Mapping[str, Any]) -> Goal | None:
    """Return the target that a call names."""
    if CONF_TARGET not in said:
        return None
    kind = TargetKind(said[CONF_TARGET_KIND])
    value = said[CONF_TARGET] * (WH if kind is TargetKind.ENERGY else 1)
    if not 0 < value <= MOST_OF_A_GOAL[kind]:
        most = MOST_OF_A_GOAL[kind] / (WH if kind is TargetKind.ENERGY else 1)
        raise refusal("target_out_of_range", detail=f"{most:g}")
    return Goal(kind=kind, value=value)


def _once(at: time, day: date | None, now: datetime) -> datetime:
    """Return when a single departure is; without a day the next time that a clock shows it."""
    zone = dt_util.get_default_time_zone()
    if day is not None:
        return datetime.combine(day, at, zone)
    weekly = dict.fromkeys(range(len(WEEKDAYS)), at)
    return next_ready_by(weekly, (), now, zone) or now


def _boost(view: ChargerView, said: Mapping[str, Any]) -> dict[str, Any]:
    duration: timedelta | None = said.get(CONF_DURATION)
    if duration is not None and not SHORTEST_BOOST <= duration <= LONGEST_BOOST:
        raise refusal("boost_time_out_of_range")
    energy_wh = said[CONF_ENERGY] * WH if CONF_ENERGY in said else None
    if energy_wh is not None and not LEAST_BOOST_WH <= energy_wh <= LONGEST_BOOST_WH:
        raise refusal("boost_energy_out_of_range")
    plans, key = view.site.plans, view.spec.key
    return {"boost": plans.new_boost(key, duration=duration, energy_wh=energy_wh)}


def _cancel_boost(_view: ChargerView, _said: Mapping[str, Any]) -> dict[str, Any]:
    return {"boost": None}


def _set_schedule(_view: ChargerView, said: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the weekly windows, the weekly times to be ready, or both."""
    changes: dict[str, Any] = {}
    if CONF_WINDOWS in said:
        if len(said[CONF_WINDOWS]) > MOST_WINDOWS:
            raise refusal("too_many_windows", detail=str(MOST_WINDOWS))
        changes["windows"] = tuple(_window(it) for it in said[CONF_WINDOWS])
    if CONF_READY_BY in said:
        told = said[CONF_READY_BY]
        changes["weekly"] = {WEEKDAYS.index(day): at for day, at in told.items() if at is not None}
    return changes


def _window(said: Mapping[str, Any]) -> WeekWindow:
    return WeekWindow(
        weekdays=frozenset(WEEKDAYS.index(day) for day in said[CONF_WEEKDAYS]),
        start=said[CONF_START],
        end=said[CONF_END],
    )


def _refusal(key: str, view: ChargerView) -> ServiceValidationError:
    return refusal(key, name=view.link.name)


SET_READY_BY: Final = target_schema(
    {
        vol.Required(CONF_TIME): cv.time,
        vol.Optional(CONF_DATE): cv.date,
        vol.Optional(CONF_WEEKDAYS): vol.All(cv.ensure_list, vol.Length(min=1), [WEEKDAY]),
        vol.Optional(CONF_TARGET): vol.Coerce(float),
        vol.Optional(CONF_TARGET_KIND, default=TargetKind.PERCENT.value): vol.In(
            [kind.value for kind in TargetKind]
        ),
    }
)
BOOST: Final = target_schema(
    {
        vol.Optional(CONF_DURATION): cv.positive_time_period,
        vol.Optional(CONF_ENERGY): vol.Coerce(float),
    }
)
SET_SCHEDULE: Final = target_schema(
    {
        vol.Optional(CONF_WINDOWS): vol.All(cv.ensure_list, [WINDOW]),
        vol.Optional(CONF_READY_BY): vol.Schema({WEEKDAY: vol.Any(None, cv.time)}),
    }
)
GET_PLAN: Final = "get_plan"
ACTIONS: Final[dict[str, tuple[vol.Schema, Action]]] = {
    "set_ready_by": (SET_READY_BY, _set_ready_by),
    "boost": (BOOST, _boost),
    "cancel_boost": (target_schema(), _cancel_boost),
    "set_schedule": (SET_SCHEDULE, _set_schedule),
}
"""For each action what it takes, and what it does with one charger."""


@callback
def async_setup_plan_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    for name, (schema, action) in ACTIONS.items():
        hass.services.async_register(DOMAIN, name, partial(_handle, hass, action), schema)
    hass.services.async_register(
        DOMAIN,
        GET_PLAN,
        partial(_get_plan, hass),
        vol.Schema(WHOM),
        supports_response=SupportsResponse.ONLY,
    )


async def _handle(hass: HomeAssistant, action: Action, call: ServiceCall) -> None:
    # Asked of all before one of them is changed.
    changes = [(view, action(view, call.data)) for view in targets(hass, call)]
    for view, changed in changes:
        await view.site.plans.async_tell(view.spec.key, **changed)


async def _get_plan(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Return what is planned for a charger, or for all of a site."""
    site, only = asked(hass, call)
    keys = [spec.key for spec in site.spec.chargers if only in (None, spec.key)]
    return {
        "currency": site.plans.inputs.currency,
        "chargers": [{"name": site.chargers[key].name, **planned(site.plans, key)} for key in keys],
    }
