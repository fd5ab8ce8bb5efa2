"""Departures: from the words of an event to a time and a target, and back (PLAN-2)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
import re
from typing import Final
from uuid import uuid4

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..planning.model import TargetKind
from ..planning.week import next_ready_by
from .settings import MOST_DEPARTURES, MOST_OF_A_GOAL, ChargerSettings, Departure, Goal

UID: Final = "departure_"
SAID: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%|kwh\b|km\b)", re.IGNORECASE)
KINDS: Final[Mapping[str, tuple[TargetKind, float]]] = {
    "%": (TargetKind.PERCENT, 1.0),
    "kwh": (TargetKind.ENERGY, 1000.0),
    "km": (TargetKind.RANGE, 1.0),
}
KEPT_FOR: Final = timedelta(days=7)
"""So long a departure can be looked at after it is over."""


def said_goal(text: str) -> Goal | None:
    """Return the target that stands in the words of an event, e.g. "90 %" or "200 km"."""
    found = SAID.search(text)
    if found is None:
        return None
    kind, factor = KINDS[found[2].lower()]
    value = float(found[1].replace(",", ".")) * factor
    return Goal(kind=kind, value=min(value, MOST_OF_A_GOAL[kind]))


def departure(
    at: date | datetime, summary: str, now: datetime, *, goal: Goal | None = None
) -> Departure:
    """Return a new departure.

    Raises ServiceValidationError for a day without a time, and for a time that has passed.
    """
    if not isinstance(at, datetime):
        raise refusal("departure_without_time")
    at = dt_util.as_utc(at).replace(microsecond=0)
    if at <= now:
        raise refusal("departure_has_passed")
    return Departure(uid=UID + uuid4().hex, at=at, summary=summary, goal=goal)


def with_departure(
    settings: ChargerSettings, new: Departure, now: datetime
) -> tuple[Departure, ...]:
    """Return the departures with one more in place of one at the same time, without old ones.

    Raises ServiceValidationError if there are too many.
    """
    others = [it for it in settings.departures if it.at != new.at and it.at > now - KEPT_FOR]
    if len(others) >= MOST_DEPARTURES:
        raise refusal("too_many_departures")
    return tuple(sorted([*others, new], key=lambda it: it.at))


def without_departure(settings: ChargerSettings, uid: str) -> tuple[Departure, ...]:
    """Return the departures without one.

    Raises ServiceValidationError if there is none with this ``uid``.
    """
    left = tuple(it for it in settings.departures if it.uid != uid)
    if len(left) == len(settings.departures):
        raise refusal("no_such_departure")
    return left


def weekly_times(
    settings: ChargerSettings, start: datetime, end: datetime, zone: tzinfo
) -> Iterable[datetime]:
    """Yield the weekly times to be ready between two instants."""
    once = [it.at for it in settings.departures]
    at = next_ready_by(settings.weekly, once, start, zone)
    while at is not None and at < end:
        if at not in once:
            yield at
        at = next_ready_by(settings.weekly, once, at, zone)


def refusal(key: str, **placeholders: str) -> ServiceValidationError:
    """Return what is raised for something that makes no sense."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
