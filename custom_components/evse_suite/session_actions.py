"""Questions about sessions, their table, and whose they were (PLAN-6)."""

from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .sessions.export import export_folder, is_file_name, save
from .sessions.happenings import as_answer
from .sessions.keeper import charger_id
from .sessions.record import Session
from .sessions.table import to_csv
from .sessions.totals import Days, Total, add_up
from .site import Site
from .targets import WHOM, asked

GET_SESSIONS: Final = "get_sessions"
EXPORT_SESSIONS: Final = "export_sessions"
LABEL_SESSION: Final = "label_session"
CONF_START: Final = "start_date"
CONF_END: Final = "end_date"
CONF_FILE: Final = "file_name"
CONF_SESSION: Final = "session_id"
CONF_TAG: Final = "tag"
CONF_VEHICLE: Final = "vehicle"
USUAL_PERIOD: Final = timedelta(days=30)
LONGEST_NAME: Final = 100

PERIOD: Final[dict[vol.Marker, Any]] = {
    **WHOM,
    vol.Optional(CONF_START): cv.date,
    vol.Optional(CONF_END): cv.date,
}
LABEL: Final = vol.All(cv.string, vol.Length(max=LONGEST_NAME))
SCHEMAS: Final = {
    GET_SESSIONS: vol.Schema(PERIOD),
    EXPORT_SESSIONS: vol.Schema({**PERIOD, vol.Optional(CONF_FILE): cv.string}),
    LABEL_SESSION: vol.Schema(
        vol.All(
            {
                **WHOM,
                vol.Required(CONF_SESSION): cv.string,
                vol.Optional(CONF_TAG): LABEL,
                vol.Optional(CONF_VEHICLE): LABEL,
            },
            cv.has_at_least_one_key(CONF_TAG, CONF_VEHICLE),
        )
    ),
}

type Handler = Callable[[HomeAssistant, ServiceCall], Coroutine[Any, Any, dict[str, Any]]]


@callback
def async_setup_session_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all sites."""
    handlers: dict[str, tuple[Handler, SupportsResponse]] = {
        GET_SESSIONS: (_get_sessions, SupportsResponse.ONLY),
        EXPORT_SESSIONS: (_export_sessions, SupportsResponse.OPTIONAL),
        LABEL_SESSION: (_label_session, SupportsResponse.OPTIONAL),
    }
    for name, (handler, response) in handlers.items():
        hass.services.async_register(
            DOMAIN, name, partial(handler, hass), SCHEMAS[name], supports_response=response
        )


async def _get_sessions(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Return the sessions of a period and what they add up to."""
    days, sessions = await _asked_sessions(hass, call)
    return await hass.async_add_executor_job(_answer, days, sessions)


def _answer(days: Days, sessions: list[Session]) -> dict[str, Any]:
    totals = add_up(sessions, days)
    return {
        "sessions": [as_answer(session) for session in sessions],
        "total": _sum(totals.overall),
        "by_day": _sums(totals.by_day),
        "by_month": _sums(totals.by_month),
        "by_vehicle": _sums(totals.by_vehicle),
        "by_charger": _sums(_named(totals.by_charger, sessions)),
    }


def _named(totals: dict[str, Total], sessions: list[Session]) -> dict[str, Total]:
    """Return the totals of chargers by the newest names; two of one name are told apart."""
    names = {session.charger: session.charger_name for session in sessions}
    shared = Counter(names.values())
    return {
        names[key] if shared[names[key]] == 1 else f"{names[key]} ({key})": total
        for key, total in totals.items()
    }


def _sums(totals: dict[str, Total]) -> dict[str, Any]:
    return {name: _sum(totals[name]) for name in sorted(totals)}


def _sum(total: Total) -> dict[str, Any]:
    share, cost = total.green_share, total.cost
    return {
        "sessions": total.sessions,
        "energy_kwh": round(total.energy_wh / 1000, 3),
        "green_share_percent": None if share is None else round(share * 100, 1),
        "cost": None if cost is None else round(float(cost), 4),
        "unpriced_kwh": round(total.unpriced_wh / 1000, 3),
    }


async def _export_sessions(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Return the table of a period, and write it where a file is named."""
    name: str | None = call.data.get(CONF_FILE)
    if name is not None and not is_file_name(name):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_file_name",
            translation_placeholders={"name": name},
        )
    _, sessions = await _asked_sessions(hass, call)
    zone = dt_util.get_default_time_zone()
    table = await hass.async_add_executor_job(to_csv, sessions, zone)
    answer: dict[str, Any] = {"sessions": len(sessions), "csv": table}
    if name is not None:
        try:
            path = await hass.async_add_executor_job(save, export_folder(hass), name, table)
        except OSError as err:
            raise _failed(err, translation_key="file_not_written", name=name) from err
        answer["file"] = str(path)
    return answer


async def _label_session(hass: HomeAssistant, call: ServiceCall) -> dict[str, Any]:
    """Say whose session it was."""
    site, key = asked(hass, call)
    session_id: str = call.data[CONF_SESSION]
    try:
        labelled = await site.sessions.async_label(
            session_id, tag=call.data.get(CONF_TAG), vehicle=call.data.get(CONF_VEHICLE)
        )
    except OSError as err:
        raise _failed(err, translation_key="records_not_usable", name=site.entry.title) from err
    if labelled is None or not _is_of(labelled, site, key):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_such_session",
            translation_placeholders={"name": session_id},
        )
    return as_answer(labelled)


async def _asked_sessions(hass: HomeAssistant, call: ServiceCall) -> tuple[Days, list[Session]]:
    """Return the days that a call is about, and the sessions that touch them."""
    site, key = asked(hass, call)
    last: date = call.data.get(CONF_END) or dt_util.now().date()
    first: date = call.data.get(CONF_START) or last - USUAL_PERIOD
    if first > last:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="period_ends_before_it_begins"
        )
    zone = dt_util.get_default_time_zone()
    try:
        found = await site.sessions.async_between(
            datetime.combine(first, time(), zone), datetime.combine(last, time.max, zone)
        )
    except OSError as err:
        raise _failed(err, translation_key="records_not_usable", name=site.entry.title) from err
    days = Days(first=first, last=last)
    return days, [session for session in found if _is_of(session, site, key)]


def _is_of(session: Session, site: Site, key: str | None) -> bool:
    """Tell whether a session is of the charger that was asked for, or any was."""
    return key is None or session.charger == charger_id(site.chargers[key])


def _failed(err: OSError, *, translation_key: str, name: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders={"name": name, "detail": str(err)},
    )
