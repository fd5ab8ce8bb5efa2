"""A charger's plan in plain values, for automations and dashboards (PLAN-5)."""

from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..planning.model import Plan, PlannedSlot, Span, TargetKind
from .director import Plans
from .settings import Boost, ChargerSettings, Goal

KWH: Final = 1000.0
ENERGY_DIGITS: Final = 3
MONEY_DIGITS: Final = 4


def planned(plans: Plans, key: str) -> dict[str, Any]:
    """Return what is planned for a charger: times of the home's clock, kWh and money."""
    settings, told = plans.settings(key), plans.told(key)
    found: dict[str, Any] = {
        **_settings(settings),
        "sentence": plans.sentence(key),
        "status": None if told is None else told.status.value,
        "can_be_met": None if told is None else told.can_be_met,
        "target": None if told is None else _goal(told.goal),
        "ready_by": None if told is None else _instant(told.ready_by),
        "times": [] if told is None else [_span(it) for it in told.times],
        "plan": None,
    }
    if told is not None and told.plan is not None:
        found["plan"] = _plan(told.plan, is_priced=told.is_priced)
    return found


def _settings(settings: ChargerSettings) -> dict[str, Any]:
    return {
        "charge_mode": settings.charge_mode.value,
        "boost": None if settings.boost is None else _boost(settings.boost),
        "departures": [
            {
                "at": _instant(it.at),
                "summary": it.summary,
                "target": _goal(it.goal or settings.goal),
            }
            for it in settings.departures
        ],
    }


def _boost(boost: Boost) -> dict[str, Any]:
    return {"until": _instant(boost.until), "left_kwh": _kwh(boost.left_wh)}


def _goal(goal: Goal | None) -> dict[str, Any] | None:
    if goal is None:
        return None
    value = _kwh(goal.value) if goal.kind is TargetKind.ENERGY else goal.value
    return {"kind": goal.kind.value, "value": value}


def _plan(plan: Plan, *, is_priced: bool) -> dict[str, Any]:
    return {
        "made_at": _instant(plan.made_at),
        "ready_at": _instant(plan.ready_at),
        "needed_kwh": _kwh(plan.needed_wh),
        "planned_kwh": _kwh(plan.planned_wh),
        "reached_kwh_at_ready_by": _kwh(plan.reached_wh_at_ready_by),
        "cost": round(plan.cost, MONEY_DIGITS) if is_priced else None,
        "green_share_percent": round(100 * plan.green_share, 1),
        "reason": plan.reasons.get("reason"),
        "slots": [_slot(it, is_priced=is_priced) for it in plan.slots],
    }


def _slot(slot: PlannedSlot, *, is_priced: bool) -> dict[str, Any]:
    return {
        "start": _instant(slot.start),
        "end": _instant(slot.end),
        "current_a": slot.current_a,
        "energy_kwh": _kwh(slot.energy_wh),
        "green_kwh": _kwh(slot.green_wh),
        "cost": round(slot.cost, MONEY_DIGITS) if is_priced else None,
        "price_per_kwh": round(slot.price_per_kwh, MONEY_DIGITS) if is_priced else None,
        "price_is_guessed": slot.guessed,
        "follows_sun": slot.follows_sun,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"start": _instant(span.start), "end": _instant(span.end)}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else dt_util.as_local(at).replace(microsecond=0).isoformat()


def _kwh(energy_wh: float | None) -> float | None:
    return None if energy_wh is None else round(energy_wh / KWH, ENERGY_DIGITS)
