"""Why a plan is what it is: reason codes with figures, and an English sentence (PLAN-5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from .model import Job, Outlook, Plan, PlannedSlot, PlanVerdict, Vehicle
from .needs import soc_after

DASH: Final = "\N{EN DASH}"
LISTED: Final = 3
"""So many spans are named, of more the number."""
ALMOST_ALL: Final = 0.995
SOON: Final = timedelta(hours=20)
"""What is further away is told with its weekday."""


class PlanReason(StrEnum):
    """What decided most about a plan."""

    NOTHING_TO_DO = "nothing_to_do"
    CANNOT_BE_READY = "cannot_be_ready"
    URGENT = "urgent"
    """First up to the minimum state of charge, at any price."""
    SUN = "sun"
    CHEAPEST = "cheapest"
    DEARER_THAN_WISHED = "dearer_than_wished"
    """Above the maximum price, as the target would be missed without."""
    WAITS_FOR_PRICE = "waits_for_price"
    """Not all fits under the maximum price in the time that is known."""
    NO_PRICES = "no_prices"


def reasons(
    job: Job, outlook: Outlook, slots: Sequence[PlannedSlot], verdict: PlanVerdict
) -> dict[str, object]:
    """Return what the plan came of: ``reason``, a ``PlanReason``, and the figures beside it.

    ``spans`` are pairs of datetimes, ``guessed_share`` the part of the energy whose price was not
    known yet, ``cheapest_per_kwh`` and ``dearest_per_kwh`` the prices of the slots.
    """
    energy_wh = sum(slot.energy_wh for slot in slots)
    guessed_wh = sum(slot.energy_wh for slot in slots if slot.guessed)
    prices = [slot.price_per_kwh for slot in slots]
    return {
        "reason": _reason(job, slots, verdict).value,
        "spans": spans_of(slots),
        "starts": len(spans_of(slots)),
        "guessed_share": guessed_wh / energy_wh if energy_wh and outlook.prices else 0.0,
        "cheapest_per_kwh": min(prices, default=None),
        "dearest_per_kwh": max(prices, default=None),
    }


def spans_of(slots: Sequence[PlannedSlot]) -> list[tuple[datetime, datetime]]:
    """Return from when to when a plan charges without a pause."""
    found: list[tuple[datetime, datetime]] = []
    for slot in slots:
        if found and found[-1][1] == slot.start:
            found[-1] = found[-1][0], slot.end
        else:
            found.append((slot.start, slot.end))
    return found


def sentence(plan: Plan, zone: tzinfo, currency: str, *, vehicle: Vehicle | None = None) -> str:
    """Return a plan in one English sentence, with times of the clock in ``zone``."""
    if plan.verdict is PlanVerdict.NOTHING_TO_DO:
        return "Nothing to charge"
    if plan.verdict is PlanVerdict.TOO_LATE:
        return _too_late(plan, zone, vehicle)
    if not plan.slots:
        return "Waits for a lower price" if plan.ready_by is None else "May not charge"
    text = f"Charges {_times(plan, zone)}"
    if plan.verdict is not PlanVerdict.NO_PRICES:
        text += f" for {plan.cost:.2f} {currency}"
    if plan.green_share >= ALMOST_ALL:
        text += ", all of it sun"
    elif round(100 * plan.green_share):
        text += f", {100 * plan.green_share:.0f} % sun"
    if plan.verdict is PlanVerdict.NO_PRICES:
        text += ", prices are not known"
    elif any(slot.guessed for slot in plan.slots):
        text += ", some prices are guessed"
    if plan.ready_by is not None:
        return f"{text}; ready by {_clock(plan.ready_by, plan.made_at, zone)}"
    return text if plan.ready_at else f"{text}; then waits for a lower price"


def _reason(job: Job, slots: Sequence[PlannedSlot], verdict: PlanVerdict) -> PlanReason:
    bought = [slot for slot in slots if slot.green_wh < ALMOST_ALL * slot.energy_wh]
    limit = job.maximum_price_per_kwh
    met = sum(slot.energy_wh for slot in slots) >= ALMOST_ALL * job.needed_wh
    holds = {
        PlanReason.NOTHING_TO_DO: verdict is PlanVerdict.NOTHING_TO_DO,
        PlanReason.CANNOT_BE_READY: verdict is PlanVerdict.TOO_LATE,
        PlanReason.URGENT: job.urgent_wh > 0,
        PlanReason.WAITS_FOR_PRICE: not met,
        PlanReason.DEARER_THAN_WISHED: limit is not None
        and any(slot.price_per_kwh > limit for slot in bought),
        PlanReason.SUN: not bought,
        PlanReason.NO_PRICES: verdict is PlanVerdict.NO_PRICES,
    }
    return next((reason for reason, true in holds.items() if true), PlanReason.CHEAPEST)


def _too_late(plan: Plan, zone: tzinfo, vehicle: Vehicle | None) -> str:
    """Return what will have been reached in time, and when the rest will be."""
    if plan.ready_by is not None and plan.ready_by <= plan.made_at:
        text = f"Was not ready at {_clock(plan.ready_by, plan.made_at, zone)}"
        at = plan.ready_at
        return text if at is None else f"{text}; ready at {_clock(at, plan.made_at, zone)}"
    reached_wh = plan.reached_wh_at_ready_by or 0.0
    soc_percent = soc_after(vehicle, reached_wh) if vehicle else None
    if soc_percent is None:
        reached = f"{reached_wh / 1000:.1f} of {plan.needed_wh / 1000:.1f} kWh"
    else:
        reached = f"{soc_percent:.0f} %"
    by = _clock(plan.ready_by or plan.made_at, plan.made_at, zone)
    if plan.ready_at is None:
        return f"Cannot be ready: {reached} at {by}"
    return (
        f"Cannot be ready: {reached} at {by}; ready at {_clock(plan.ready_at, plan.made_at, zone)}"
    )


def _times(plan: Plan, zone: tzinfo) -> str:
    found = spans_of(plan.slots)
    told = [
        f"{_clock(start, plan.made_at, zone)}{DASH}{end.astimezone(zone):%H:%M}"
        for start, end in found[:LISTED]
    ]
    if len(found) > LISTED:
        told[-1:] = [told[-1], f"{len(found) - LISTED} more times"]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _clock(at: datetime, now: datetime, zone: tzinfo) -> str:
    there = at.astimezone(zone)
    return f"{there:%H:%M}" if at - now < SOON else f"{there:%a %H:%M}"
