"""What is known of the plan of one charger: for entities, actions, the calendar, and to be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import inf

from ..planning.model import Plan, PlannedSlot, PlanVerdict, Span, Vehicle
from .settings import Goal


class PlanStatus(StrEnum):
    """What there is to be said of a plan in one word."""

    OFF = "off"
    """Another charge mode than Smart, or the plan is switched off."""
    NO_TARGET = "no_target"
    """Neither target nor windows: the charger follows the site's mode."""
    WINDOWS = "windows"
    """No target, but times or prices at which charging is allowed."""
    NO_CAR = "no_car"
    UNKNOWN_NEED = "unknown_need"
    """What the target takes cannot be known without capacity and state of charge."""
    REACHED = "reached"
    ON_TIME = "on_time"
    TOO_LATE = "too_late"
    NO_PRICES = "no_prices"
    MINIMUM = "minimum"
    """It charges at once up to the minimum state of charge; there is no other target."""
    ERROR = "error"
    """The planner failed: the last plan goes on for a while, then the site's mode holds."""


BY_VERDICT = {
    PlanVerdict.NOTHING_TO_DO: PlanStatus.REACHED,
    PlanVerdict.ON_TIME: PlanStatus.ON_TIME,
    PlanVerdict.TOO_LATE: PlanStatus.TOO_LATE,
    PlanVerdict.NO_PRICES: PlanStatus.NO_PRICES,
}
CAN_BE_MET = {
    PlanStatus.REACHED: True,
    PlanStatus.ON_TIME: True,
    PlanStatus.NO_PRICES: True,
    PlanStatus.TOO_LATE: False,
}
"""Of the others there is nothing to be met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerPlan:
    """The plan of one charger, or why there is none."""

    made_at: datetime
    status: PlanStatus
    plan: Plan | None = None
    goal: Goal | None = None
    vehicle: Vehicle | None = None
    """As it was when the plan was made."""
    ready_by: datetime | None = None
    windows: tuple[Span, ...] | None = None
    """The weekly windows that are to come; None: charging is always allowed."""
    cheap: tuple[Span, ...] | None = None
    """Without a target: when the price is low enough; None: no price is too high."""
    since: datetime | None = None
    """When it began to charge, if that was before this plan was made."""
    is_priced: bool = True
    """Whether any price was known, so that a cost means something."""
    short_by: float | None = None
    """What the credit of the supply account lacks for this plan, in the home's currency."""
    urgent: bool = False
    """Below the minimum state of charge: it charges now."""

    @property
    def can_be_met(self) -> bool | None:
        """Whether the car will be ready in time; None where there is nothing to be met."""
        met = CAN_BE_MET.get(self.status)
        return False if met and self.short_by is not None else met

    @property
    def has_work(self) -> bool:
        """Whether there are a target and a car that is to get it."""
        return self.goal is not None and self.status is not PlanStatus.NO_CAR

    @property
    def is_reached(self) -> bool:
        """Whether the car has what it was to get."""
        return self.plan is not None and self.plan.is_done

    @property
    def slots(self) -> tuple[PlannedSlot, ...]:
        """When it charges and how much, the earliest first; empty without a plan."""
        return () if self.plan is None else self.plan.slots

    @property
    def cost(self) -> float | None:
        """What the plan costs, None without a plan or without any price."""
        return None if self.plan is None or not self.is_priced else self.plan.cost

    @property
    def times(self) -> tuple[Span, ...]:
        """When it charges by its plan, or without one when it is allowed to, in order."""
        if self.plan is not None:
            return self._runs()
        if self.status is not PlanStatus.WINDOWS:
            return ()
        both = [spans for spans in (self.windows, self.cheap) if spans is not None]
        return overlaps(*both) if len(both) > 1 else both[0]

    def _runs(self) -> tuple[Span, ...]:
        found = runs(self.slots)
        if self.since is None or not found or found[0].start > self.made_at:
            return found
        return (Span(start=self.since, end=found[0].end), *found[1:])

    def span_at(self, now: datetime) -> Span | None:
        """Return the time that is running, else the next one."""
        return next((it for it in self.times if it.end > now), None)


def with_plan(told: ChargerPlan, plan: Plan | None, before: ChargerPlan | None) -> ChargerPlan:
    """Return what is known of a charger with the plan that was made for it, if one was.

    ``before`` is what was known until now: a plan that is made anew while the car charges goes on.
    """
    if plan is None:
        return told
    running = None if before is None or before.plan is None else before.span_at(told.made_at)
    since = running.start if running is not None and running.start < told.made_at else None
    return replace(told, plan=plan, status=BY_VERDICT[plan.verdict], since=since)


def with_credit(plans: Mapping[str, ChargerPlan], credit: float | None) -> dict[str, ChargerPlan]:
    """Return the plans of a site whose supply account has so much left for all of them together."""
    found = dict(plans)
    left = inf if credit is None else credit
    for key, told in plans.items():
        cost = told.cost or 0.0
        if cost > max(left, 0.0):
            found[key] = replace(told, short_by=cost - max(left, 0.0))
        left -= max(cost, 0.0)
    return found


def runs(slots: Iterable[PlannedSlot]) -> tuple[Span, ...]:
    """Return when slots follow each other without a pause."""
    found: list[Span] = []
    for slot in slots:
        if found and slot.start <= found[-1].end:
            found[-1] = Span(start=found[-1].start, end=max(slot.end, found[-1].end))
        else:
            found.append(Span(start=slot.start, end=slot.end))
    return tuple(found)


def overlaps(some: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """Return when a span of both is running."""
    known = tuple(others)
    pairs = [(max(a.start, b.start), min(a.end, b.end)) for a in some for b in known]
    return tuple(Span(start=start, end=end) for start, end in sorted(pairs) if start < end)


def inside(spans: Iterable[Span], now: datetime) -> bool:
    """Tell whether a span is running."""
    return any(it.start <= now < it.end for it in spans)
