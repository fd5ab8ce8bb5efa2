"""What entities show of plans, and what people tell with them (PLAN-1 to PLAN-5, IND-5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfLength
from homeassistant.util import dt as dt_util

from .planning.model import ChargeMode, Span, TargetKind
from .plans.settings import MOST_OF_A_GOAL, ChargerSettings
from .plans.told import ChargerPlan, PlanStatus
from .publishing import Band
from .quantities import Choice, Instant, Money, Percentage, Sentence
from .views import ChargerView

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
NO_TIME: Final = time(0, 0)
"""Midnight stands for no time at all: an entity cannot be set to nothing."""
LONGEST_STATE: Final = 255
TARGET_UNITS: Final = {
    TargetKind.PERCENT: PERCENTAGE,
    TargetKind.ENERGY: UnitOfEnergy.KILO_WATT_HOUR,
    TargetKind.RANGE: UnitOfLength.KILOMETERS,
}
SHOWN_BY: Final = {TargetKind.PERCENT: 1.0, TargetKind.ENERGY: 1000.0, TargetKind.RANGE: 1.0}
"""What is shown is what is kept divided by this."""


def settings(view: ChargerView) -> ChargerSettings:
    """Return what a charger was told."""
    return view.site.plans.settings(view.spec.key)


def told(view: ChargerView) -> ChargerPlan | None:
    """Return the plan of a charger."""
    return view.site.plans.told(view.spec.key)


async def tell(view: ChargerView, **changes: Any) -> None:
    """Change fields of a charger's settings."""
    await view.site.plans.async_tell(view.spec.key, **changes)


# What people choose --------------------------------------------------------------------------


async def set_charge_mode(view: ChargerView, option: str) -> None:
    """Choose a charge mode; Boost is one for the usual time, any other one ends it."""
    mode = ChargeMode(option)
    if mode is ChargeMode.BOOST:
        await boost(view)
    else:
        await tell(view, mode=mode, boost=None)


async def boost(view: ChargerView) -> None:
    """Charge with full power for the usual time."""
    await tell(view, boost=view.site.plans.new_boost(view.spec.key))


async def set_target_kind(view: ChargerView, option: str) -> None:
    """Choose in what the target is given."""
    await tell(view, goal_kind=TargetKind(option))


def target(view: ChargerView) -> float:
    """Return the target in the unit that people see, 0 without one."""
    kept = settings(view)
    return kept.goals.get(kept.goal_kind, 0.0) / SHOWN_BY[kept.goal_kind]


def most_of_target(view: ChargerView) -> float:
    """Return the highest target of the chosen kind."""
    kind = settings(view).goal_kind
    return MOST_OF_A_GOAL[kind] / SHOWN_BY[kind]


async def set_target(view: ChargerView, value: float) -> None:
    """Set the target of the chosen kind; 0 is none."""
    kept = settings(view)
    goals = {**kept.goals, kept.goal_kind: value * SHOWN_BY[kept.goal_kind]}
    await tell(view, goals=goals)


async def set_maximum_price(view: ChargerView, price_per_kwh: float) -> None:
    """Set the price above which nothing is bought without need; 0 is none."""
    await tell(view, maximum_price_per_kwh=price_per_kwh or None)


async def set_ready_by(view: ChargerView, weekday: int, at: time) -> None:
    """Set when the car has to be ready on a weekday; midnight is never."""
    weekly = {day: it for day, it in settings(view).weekly.items() if day != weekday}
    if at != NO_TIME:
        weekly[weekday] = at.replace(second=0, microsecond=0, tzinfo=None)
    await tell(view, weekly=weekly)


def vehicles(view: ChargerView) -> dict[str, str]:
    """Return the ids of the cars that come to a charger, by the names that people see."""
    known = view.site.plans.inputs.vehicles(view.spec.key)
    return {name: key for key, name in known.items()}


def vehicle_name(view: ChargerView) -> str | None:
    """Return the car that is taken to be here."""
    return view.site.plans.vehicle(view.spec.key).name or None


async def set_vehicle(view: ChargerView, name: str) -> None:
    """Choose the car that is here."""
    await tell(view, vehicle=vehicles(view)[name])


# What they see -------------------------------------------------------------------------------


def can_be_met(view: ChargerView) -> bool | None:
    """Whether the car will be ready in time; None where there is nothing to be met."""
    plan = told(view)
    return None if plan is None else plan.can_be_met


def _span(view: ChargerView) -> Span | None:
    """Return the time that the charger charges by its plan, or will charge next."""
    plan = told(view)
    if plan is None or settings(view).charge_mode is not ChargeMode.SMART:
        return None
    return plan.span_at(dt_util.utcnow())


def _planned[T](
    value_fn: Callable[[ChargerPlan], T],
) -> Callable[[ChargerView], T | None]:
    def shown(view: ChargerView) -> T | None:
        plan = told(view)
        return None if plan is None else value_fn(plan)

    return shown


def _second(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(microsecond=0)


def _next_start(view: ChargerView) -> datetime | None:
    span = _span(view)
    return None if span is None else _second(span.start)


def _next_end(view: ChargerView) -> datetime | None:
    span = _span(view)
    return None if span is None else _second(span.end)


def _boost_end(view: ChargerView) -> datetime | None:
    running = settings(view).boost
    return None if running is None else _second(running.until)


def _explanation(view: ChargerView) -> str | None:
    text = view.site.plans.sentence(view.spec.key)
    return None if text is None else text[:LONGEST_STATE]


@dataclass(frozen=True, kw_only=True)
class PlannedInstant(Instant[ChargerView]):
    """A point in time that people wait for."""

    entity_category: EntityCategory | None = None
    entity_registry_enabled_default: bool = True
    band: Band | None = None
    is_decision: bool = True
    by_plan: bool = True


PLAN_SENSORS: Final = (
    Choice[ChargerView](
        key="plan_status",
        options=list(PlanStatus),
        is_decision=True,
        by_plan=True,
        value_fn=_planned(lambda it: it.status),
    ),
    Sentence[ChargerView](
        key="plan", is_decision=True, by_plan=True, band=None, value_fn=_explanation
    ),
    PlannedInstant(key="next_charge_start", value_fn=_next_start),
    PlannedInstant(key="next_charge_end", value_fn=_next_end),
    PlannedInstant(key="ready_by", value_fn=_planned(lambda it: _second(it.ready_by))),
    PlannedInstant(
        key="ready_at",
        value_fn=_planned(lambda it: None if it.plan is None else _second(it.plan.ready_at)),
    ),
    PlannedInstant(key="boost_end", value_fn=_boost_end),
    Money[ChargerView](
        key="plan_cost",
        is_decision=True,
        by_plan=True,
        band=None,
        value_fn=_planned(lambda it: it.cost),
    ),
    Percentage[ChargerView](
        key="plan_green_share",
        is_decision=True,
        by_plan=True,
        band=None,
        value_fn=_planned(lambda it: None if it.plan is None else 100 * it.plan.green_share),
    ),
)
"""A plan changes with every quarter of an hour at most: each change of it is published."""
