"""What is stored of a charger's settings, read back with care: a bad part never costs the rest."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time
from math import isfinite
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..planning.model import ChargeMode, TargetKind, WeekWindow
from .settings import (
    DAYS_OF_A_WEEK,
    HIGHEST_PRICE,
    LONGEST_BOOST_MINUTES,
    LONGEST_BOOST_WH,
    MOST_DEPARTURES,
    MOST_OF_A_GOAL,
    MOST_WINDOWS,
    Boost,
    ChargerSettings,
    Departure,
    Goal,
)

type Reader = Callable[[Any], Any]
"""Returns a field's value; raises what ``UNREADABLE`` names."""
UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def to_json(settings: ChargerSettings) -> dict[str, Any]:
    """Return the stored form."""
    return {
        "mode": settings.mode.value,
        "boost": None if settings.boost is None else _boost_to_json(settings.boost),
        "boost_minutes": settings.boost_minutes,
        "plan_on": settings.plan_on,
        "goal_kind": settings.goal_kind.value,
        "goals": {kind.value: value for kind, value in settings.goals.items()},
        "minimum_percent": settings.minimum_percent,
        "maximum_price_per_kwh": settings.maximum_price_per_kwh,
        "weekly": {str(day): at.isoformat() for day, at in settings.weekly.items()},
        "departures": [_departure_to_json(it) for it in settings.departures],
        "windows": [window_to_json(it) for it in settings.windows],
        "vehicle": settings.vehicle,
    }


def _boost_to_json(boost: Boost) -> dict[str, Any]:
    return {
        "until": boost.until.isoformat(),
        "left_wh": boost.left_wh,
        "counter_wh": boost.counter_wh,
    }


def _departure_to_json(departure: Departure) -> dict[str, Any]:
    goal = departure.goal
    return {
        "uid": departure.uid,
        "at": departure.at.isoformat(),
        "summary": departure.summary,
        "goal": None if goal is None else {"kind": goal.kind.value, "value": goal.value},
    }


def window_to_json(window: WeekWindow) -> dict[str, Any]:
    """Return the stored form of a weekly window."""
    return {
        "weekdays": sorted(window.weekdays),
        "start": window.start.isoformat(),
        "end": window.end.isoformat(),
    }


def from_json(document: object) -> tuple[ChargerSettings, tuple[str, ...]]:
    """Return the settings, and the names of the fields that cannot be used and start anew."""
    if not isinstance(document, Mapping):
        return ChargerSettings(), ("all",)
    known: dict[str, Any] = {}
    refused: list[str] = []
    for name, reader in READERS.items():
        raw = document.get(name)
        if raw is None:
            continue
        try:
            known[name] = reader(raw)
        except UNREADABLE:
            refused.append(name)
    for name, one, most in LISTS:
        items, lost = _each(document.get(name), one, most)
        known[name] = items
        if lost:
            refused.append(name)
    known["departures"] = tuple(sorted(known["departures"], key=lambda it: it.at))
    return ChargerSettings(**known), tuple(refused)


def _each(raw: object, one: Reader, most: int) -> tuple[tuple[Any, ...], bool]:
    """Read a list; return what of it can be used, and whether something was lost."""
    if raw is None:
        return (), False
    if not isinstance(raw, Iterable) or isinstance(raw, str | Mapping):
        return (), True
    found = []
    lost = False
    for item in raw:
        try:
            found.append(one(item))
        except UNREADABLE:
            lost = True
    return tuple(found[:most]), lost or len(found) > most


def _number(least: float, most: float) -> Reader:
    def read(raw: object) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise TypeError(raw)
        if not (isfinite(raw) and least <= raw <= most):
            raise ValueError(raw)
        return float(raw)

    return read


def _whole(least: int, most: int) -> Reader:
    number = _number(least, most)
    return lambda raw: int(number(raw))


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError(raw)
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError(raw)
    return raw


def _mode(raw: object) -> ChargeMode:
    mode = ChargeMode(_text(raw))
    if mode is ChargeMode.BOOST:
        raise ValueError(raw)
    return mode


def _instant(raw: object) -> datetime:
    at = datetime.fromisoformat(_text(raw))
    if at.tzinfo is None:
        raise ValueError(raw)
    return dt_util.as_utc(at)


def _boost(raw: Mapping[str, Any]) -> Boost:
    amount = _number(0, LONGEST_BOOST_WH)
    counter = _number(0, float(2**63))
    return Boost(
        until=_instant(raw["until"]),
        left_wh=None if raw.get("left_wh") is None else amount(raw["left_wh"]),
        counter_wh=None if raw.get("counter_wh") is None else counter(raw["counter_wh"]),
    )


def _goal(raw: Mapping[str, Any]) -> Goal:
    kind = TargetKind(raw["kind"])
    return Goal(kind=kind, value=_number(0, MOST_OF_A_GOAL[kind])(raw["value"]))


def _goals(raw: Mapping[str, Any]) -> dict[TargetKind, float]:
    goals = [_goal({"kind": kind, "value": value}) for kind, value in raw.items()]
    return {goal.kind: goal.value for goal in goals}


def _weekly(raw: Mapping[str, Any]) -> dict[int, time]:
    weekday = _whole(0, DAYS_OF_A_WEEK - 1)
    return {weekday(int(day)): time.fromisoformat(at) for day, at in raw.items()}


def _departure(raw: Mapping[str, Any]) -> Departure:
    goal = raw.get("goal")
    return Departure(
        uid=_text(raw["uid"]),
        at=_instant(raw["at"]),
        summary=_text(raw.get("summary", "")),
        goal=None if goal is None else _goal(goal),
    )


def _window(raw: Mapping[str, Any]) -> WeekWindow:
    weekday = _whole(0, DAYS_OF_A_WEEK - 1)
    weekdays = frozenset(weekday(day) for day in raw["weekdays"])
    if not weekdays:
        raise ValueError(raw)
    return WeekWindow(
        weekdays=weekdays,
        start=time.fromisoformat(raw["start"]),
        end=time.fromisoformat(raw["end"]),
    )


READERS: Final[Mapping[str, Reader]] = {
    "mode": _mode,
    "boost": _boost,
    "boost_minutes": _whole(1, LONGEST_BOOST_MINUTES),
    "plan_on": _flag,
    "goal_kind": TargetKind,
    "goals": _goals,
    "minimum_percent": _number(0, 100),
    "maximum_price_per_kwh": _number(-HIGHEST_PRICE, HIGHEST_PRICE),
    "weekly": _weekly,
    "vehicle": _text,
}
LISTS: Final[tuple[tuple[str, Reader, int], ...]] = (
    ("departures", _departure, MOST_DEPARTURES),
    ("windows", _window, MOST_WINDOWS),
)
