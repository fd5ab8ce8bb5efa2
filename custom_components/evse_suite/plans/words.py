"""A plan in one plain English sentence (PLAN-5)."""

from datetime import datetime, tzinfo
from typing import Final

from ..planning import explain
from ..planning.model import ChargeMode
from .settings import ChargerSettings
from .told import ChargerPlan, PlanStatus
from .wishes import clock

MODES: Final = {
    ChargeMode.BOOST: "Boosted",
    ChargeMode.SOLAR: "Charges from surplus alone",
    ChargeMode.OFF: "Switched off",
}
WITHOUT_PLAN: Final = {
    PlanStatus.OFF: "The plan is switched off: the charger follows the site's mode",
    PlanStatus.NO_TARGET: "No target: the charger follows the site's mode",
    PlanStatus.NO_CAR: "No car: the plan is made when one is plugged in",
    PlanStatus.UNKNOWN_NEED: (
        "What the target takes is not known: it needs the car's capacity and state of charge"
    ),
    PlanStatus.MINIMUM: "Charges at once up to the minimum state of charge",
}
FAILED: Final = (
    "The plan could not be made: the last one holds for two hours, then the site's mode."
)


def sentence(
    settings: ChargerSettings,
    told: ChargerPlan | None,
    now: datetime,
    *,
    zone: tzinfo,
    currency: str,
) -> str | None:
    """Return what there is to be said of a charger's plan, None before the first."""
    if settings.charge_mode in MODES:
        return MODES[settings.charge_mode] + "."
    if told is None:
        return None
    if told.status is PlanStatus.ERROR:
        return FAILED
    if told.plan is not None:
        plain = explain.sentence(told.plan, zone, currency, vehicle=told.vehicle)
        return f"{plain}{_short_of(told, currency)}."
    if told.status is PlanStatus.WINDOWS:
        return _of_windows(told, now, zone)
    return WITHOUT_PLAN[told.status] + "."


def _short_of(told: ChargerPlan, currency: str) -> str:
    """Return what the credit of the supply account lacks, nothing where it lasts."""
    if told.short_by is None:
        return ""
    return f"; the credit lacks {told.short_by:.2f} {currency} for it"


def _of_windows(told: ChargerPlan, now: datetime, zone: tzinfo) -> str:
    span = told.span_at(now)
    if span is None:
        return "There is no time to come at which charging is allowed."
    start, end = clock(span.start, now, zone), clock(span.end, now, zone)
    if span.start <= now:
        return f"Charging is allowed until {end}."
    return f"Charging is allowed from {start} to {end}."
