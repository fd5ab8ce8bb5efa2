"""Sessions and what is remembered of a charger as plain JSON, and back with every value judged."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
import math
from typing import Any, Final

from .book import Page
from .counting import Count
from .record import DayPart, EndReason, Session, SessionState

VERSION: Final = 1

type Json = dict[str, Any]


class BadRecordError(ValueError):
    """A stored record that cannot be true."""


def session_to_json(session: Session) -> Json:
    """Return a session as JSON; absent values are left out."""
    found: Json = {
        "key": session.key,
        "charger": session.charger,
        "name": session.charger_name,
        "start": session.start.isoformat(timespec="seconds"),
        "end": session.end and session.end.isoformat(timespec="seconds"),
        "reason": session.reason,
        "parts": [_part_to_json(part) for part in session.parts],
        "plugged_s": round(session.plugged_s),
        "charged_s": round(session.charged_s),
        "most_w": round(session.most_w),
        "lines": session.lines,
        "tag": session.tag,
        "vehicle": session.vehicle,
        "currency": session.currency,
    }
    return {name: value for name, value in found.items() if value is not None}


def _part_to_json(part: DayPart) -> list[Any]:
    return [
        part.day.isoformat(),
        round(part.energy_wh, 3),
        round(part.green_wh, 3),
        str(part.cost),
        round(part.unpriced_wh, 3),
    ]


def session_from_json(stored: object) -> Session:
    """Return the session of a stored record.

    Raises BadRecordError for what no session can be.
    """
    try:
        return _session(stored)
    except (KeyError, TypeError, ValueError, InvalidOperation, OverflowError) as err:
        raise BadRecordError(repr(err)) from err


def _session(stored: object) -> Session:
    data = _mapping(stored)
    end = data.get("end")
    reason = data.get("reason")
    return Session(
        key=_text(data["key"]),
        charger=_text(data["charger"]),
        charger_name=_text(data["name"]),
        start=_instant(data["start"]),
        end=None if end is None else _instant(end),
        reason=None if reason is None else EndReason(reason),
        parts=tuple(_part(part) for part in data["parts"]),
        plugged_s=_quantity(data["plugged_s"]),
        charged_s=_quantity(data["charged_s"]),
        most_w=_quantity(data["most_w"]),
        lines=int(_quantity(data["lines"])),
        tag=_maybe_text(data.get("tag")),
        vehicle=_maybe_text(data.get("vehicle")),
        currency=_text(data["currency"]),
    )


def _part(stored: object) -> DayPart:
    if not isinstance(stored, list):
        raise BadRecordError("part")
    day, energy_wh, green_wh, cost, unpriced_wh = stored
    money = Decimal(_text(cost))
    if not money.is_finite():
        raise BadRecordError(cost)
    return DayPart(
        day=date.fromisoformat(_text(day)),
        energy_wh=_quantity(energy_wh),
        green_wh=_quantity(green_wh),
        cost=money,
        unpriced_wh=_quantity(unpriced_wh),
    )


def page_to_json(page: Page) -> Json:
    """Return what is remembered of a charger as JSON."""
    return {
        "at": page.at and page.at.isoformat(),
        "power_w": page.power_w,
        "counter_wh": page.count.counter_wh,
        "lifetime": page.count.lifetime,
        "doubted_s": page.count.doubted_s,
        "doubted_wh": page.count.doubted_wh,
        "state": page.state,
        "why": page.why,
        "idle_s": page.idle_s,
        "limited_s": page.limited_s,
        "tag": page.tag,
        "vehicle": page.vehicle,
        "session": page.session and session_to_json(page.session),
    }


def page_from_json(stored: object) -> Page:
    """Return what was remembered of a charger.

    Raises BadRecordError for what cannot be true.
    """
    try:
        return _page(_mapping(stored))
    except (KeyError, TypeError, ValueError, OverflowError) as err:
        raise BadRecordError(repr(err)) from err


def _page(data: Mapping[str, Any]) -> Page:
    at, why, session, counter_wh = (data[key] for key in ("at", "why", "session", "counter_wh"))
    return Page(
        at=None if at is None else _instant(at),
        power_w=_quantity(data["power_w"]),
        count=Count(
            counter_wh=None if counter_wh is None else _quantity(counter_wh),
            lifetime=data["lifetime"] is True,
            doubted_s=_quantity(data["doubted_s"]),
            doubted_wh=_quantity(data["doubted_wh"]),
        ),
        state=SessionState(data["state"]),
        why=None if why is None else EndReason(why),
        idle_s=_quantity(data["idle_s"]),
        limited_s=_quantity(data["limited_s"]),
        tag=_maybe_text(data["tag"]),
        vehicle=_maybe_text(data["vehicle"]),
        session=None if session is None else session_from_json(session),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadRecordError("not an object")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRecordError(repr(value))
    return value


def _maybe_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _quantity(value: object) -> float:
    """Return a finite number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRecordError(repr(value))
    if not math.isfinite(value) or value < 0:
        raise BadRecordError(repr(value))
    return float(value)


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise BadRecordError(repr(value))
    return instant.astimezone(UTC)
