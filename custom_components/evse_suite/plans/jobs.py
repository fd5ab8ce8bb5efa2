"""From what people want to what the planner is asked for one charger (PLAN-1 to PLAN-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..control.model import ChargerSpec
from ..devices.model import ChargerReading, ChargerStatus
from ..planning.model import ChargeMode, Job, Plan, PriceSlot, Span, Target, Vehicle
from ..planning.needs import needed_wh, power_curve, urgent_wh
from ..planning.single import CLOSE_WH
from ..planning.slots import SOME_WH
from ..planning.week import merged, next_ready_by, spans
from .settings import ChargerSettings, Goal
from .told import ChargerPlan, PlanStatus

AHEAD: Final = timedelta(days=8)
"""So far windows are looked up: a weekly one comes at least once."""
LATE_FOR: Final = timedelta(hours=12)
"""A car that was not ready in time is charged on for so long before the next time counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """What is known of a charger and its car at the moment of planning."""

    spec: ChargerSpec
    voltage_v: float
    settings: ChargerSettings
    vehicle: Vehicle
    reading: ChargerReading | None
    connected: bool
    charged_wh: float
    """Since the car was plugged in, 0 if nobody counts."""
    before: Plan | None = None
    """What was planned last, None without a car."""


def ask(
    charger: Charger, prices: Sequence[PriceSlot], now: datetime, zone: tzinfo
) -> tuple[ChargerPlan, Job | None]:
    """Return what is known of a charger's plan before it is made, and the job to plan if any."""
    settings = charger.settings
    if settings.charge_mode is not ChargeMode.SMART or not settings.plan_on:
        return ChargerPlan(made_at=now, status=PlanStatus.OFF), None
    ready_by = _overdue(charger, now, zone) or _next_ready_by(settings, now, zone)
    goal = settings.goal_at(ready_by)
    windows = _windows(settings, now, zone) if settings.windows else None
    urgent = urgent_wh(charger.vehicle, settings.minimum_percent) if charger.connected else 0.0
    needed = _needed_wh(charger, goal, ready_by)
    job = None
    if goal is not None and needed is not None and charger.connected:
        job = _job(charger, max(needed, urgent), urgent, ready_by, windows)
    told = ChargerPlan(
        made_at=now,
        status=_status(charger, goal, needed, urgent),
        goal=goal,
        vehicle=charger.vehicle,
        ready_by=ready_by,
        windows=windows,
        cheap=_cheap(settings, prices) if goal is None else None,
        is_priced=bool(prices),
        urgent=urgent > 0,
    )
    return told, job


def has_enough(charger: Charger, told: ChargerPlan) -> bool:
    """Tell whether a car has got what ``told`` was to give it: its target, or the minimum first."""
    urgent = urgent_wh(charger.vehicle, charger.settings.minimum_percent)
    if told.urgent and urgent < SOME_WH:
        return True
    if told.plan is None or told.is_reached:
        return False
    needed = _needed_wh(charger, told.goal, told.ready_by)
    return needed is not None and max(needed, urgent) < SOME_WH


def _overdue(charger: Charger, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the time to be ready that has passed while the target still misses something.

    It is said when the car will be ready instead, and that is kept as long as people want it.
    """
    before, settings = charger.before, charger.settings
    if before is None or before.ready_by is None or before.is_done:
        return None
    at = before.ready_by
    following = _next_ready_by(settings, at, zone)
    over = at + LATE_FOR if following is None else min(at + LATE_FOR, following)
    is_wanted = _next_ready_by(settings, at - timedelta(seconds=1), zone) == at
    missing_wh = _needed_wh(charger, settings.goal_at(at), at) or 0.0
    return at if at <= now < over and is_wanted and missing_wh > CLOSE_WH else None


def _next_ready_by(settings: ChargerSettings, now: datetime, zone: tzinfo) -> datetime | None:
    return next_ready_by(settings.weekly, [it.at for it in settings.departures], now, zone)


def _windows(settings: ChargerSettings, now: datetime, zone: tzinfo) -> tuple[Span, ...]:
    """Return the windows to come, and the open one from when it opened."""
    known = spans(settings.windows, now - AHEAD, now + AHEAD, zone)
    return tuple(it for it in known if it.end > now)


def _status(charger: Charger, goal: Goal | None, needed: float | None, urgent: float) -> PlanStatus:
    """Return what is to be said without a plan; what is planned gets its word from the plan."""
    settings = charger.settings
    if goal is not None and not charger.connected:
        return PlanStatus.NO_CAR
    if goal is not None and needed is None:
        return PlanStatus.UNKNOWN_NEED
    if urgent > 0:
        return PlanStatus.MINIMUM
    if settings.windows or settings.maximum_price_per_kwh is not None:
        return PlanStatus.WINDOWS
    return PlanStatus.NO_TARGET


def _needed_wh(charger: Charger, goal: Goal | None, ready_by: datetime | None) -> float | None:
    if goal is None:
        return None
    target = Target(kind=goal.kind, value=goal.value, ready_by=ready_by)
    return needed_wh(charger.vehicle, target, charged_wh=charger.charged_wh)


def _job(
    charger: Charger,
    needed: float,
    urgent: float,
    ready_by: datetime | None,
    windows: tuple[Span, ...] | None,
) -> Job:
    spec, settings, reading = charger.spec, charger.settings, charger.reading
    limits_a = [spec.maximum_a]
    if reading is not None:
        known_a = (reading.user_current_a, reading.install_current_a)
        limits_a += [limit_a for limit_a in known_a if limit_a is not None]
    return Job(
        key=spec.key,
        name=spec.name,
        minimum_a=spec.minimum_a,
        maximum_a=max(spec.minimum_a, min(limits_a)),
        lines=min(len(spec.phases), charger.vehicle.lines or len(spec.phases)),
        voltage_v=charger.voltage_v,
        needed_wh=needed,
        urgent_wh=urgent,
        ready_by=ready_by,
        allowed=windows,
        maximum_price_per_kwh=settings.maximum_price_per_kwh,
        charging=reading is not None and reading.status is ChargerStatus.CHARGING,
        power_curve=power_curve(charger.vehicle),
        priority=spec.priority,
    )


def _cheap(settings: ChargerSettings, prices: Iterable[PriceSlot]) -> tuple[Span, ...] | None:
    """Return when the price is low enough; None without a limit."""
    most = settings.maximum_price_per_kwh
    if most is None:
        return None
    return merged(Span(start=it.start, end=it.end) for it in prices if it.price_per_kwh <= most)
