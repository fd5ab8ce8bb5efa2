"""Sensors of sessions: the one that runs, the last one, and the month (PLAN-6)."""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from typing import Final

from homeassistant.components.sensor import SensorStateClass
from homeassistant.util import dt as dt_util

from .publishing import ENERGY_BAND
from .quantities import Choice, Duration, Energy, Money, Percentage
from .sessions.charger import Summary
from .sessions.record import Session, SessionState
from .views import ChargerView

type Shown[T] = Callable[[ChargerView], T | None]


def _summary(view: ChargerView) -> Summary:
    return view.site.sessions.of(view.link)


def _running[T](value_fn: Callable[[Session], T]) -> Shown[T]:
    """Return what shows the running session, or the last one until the next begins."""

    def shown(view: ChargerView) -> T | None:
        session = _summary(view).session
        return None if session is None else value_fn(session)

    return shown


def _last[T](value_fn: Callable[[Session], T]) -> Shown[T]:
    def shown(view: ChargerView) -> T | None:
        session = _summary(view).last
        return None if session is None else value_fn(session)

    return shown


def _amount(cost: Decimal | None) -> float | None:
    return None if cost is None else float(cost)


def _percent(session: Session) -> float | None:
    share = session.green_share
    return None if share is None else share * 100


def _month_begin(view: ChargerView) -> datetime:
    return datetime.combine(_summary(view).month, time(), dt_util.get_default_time_zone())


_session_key = _running(lambda it: (it.key, it.end))
"""A session that begins or ends is shown at once, with its last figures."""


def _month_key(view: ChargerView) -> tuple[datetime, object]:
    """Return what makes the figures of the month be shown at once: a month, or a session's end."""
    return _month_begin(view), _session_key(view)


SESSION_SENSORS: Final = (
    Choice[ChargerView](
        key="session_state",
        options=list(SessionState),
        is_decision=True,
        value_fn=lambda view: _summary(view).state,
    ),
    Money[ChargerView](
        key="session_cost",
        state_class=SensorStateClass.TOTAL,
        is_decision=True,
        value_fn=_running(lambda it: _amount(it.cost)),
        urgent_fn=_session_key,
        reset_fn=_running(lambda it: it.start),
    ),
    Percentage[ChargerView](
        key="session_green_share",
        is_decision=True,
        value_fn=_running(_percent),
        urgent_fn=_session_key,
    ),
    Duration[ChargerView](
        key="session_duration",
        is_decision=True,
        value_fn=_running(lambda it: it.plugged_s),
        urgent_fn=_session_key,
    ),
    Energy[ChargerView](
        key="last_session_energy",
        state_class=SensorStateClass.TOTAL,
        is_decision=True,
        value_fn=_last(lambda it: it.energy_wh),
        urgent_fn=_last(lambda it: it.key),
        reset_fn=_last(lambda it: it.end),
    ),
    Money[ChargerView](
        key="last_session_cost",
        state_class=SensorStateClass.TOTAL,
        is_decision=True,
        value_fn=_last(lambda it: _amount(it.cost)),
        urgent_fn=_last(lambda it: it.key),
        reset_fn=_last(lambda it: it.end),
    ),
    Energy[ChargerView](
        key="month_energy",
        state_class=SensorStateClass.TOTAL,
        band=ENERGY_BAND,
        is_decision=True,
        value_fn=lambda view: _summary(view).month_energy_wh,
        urgent_fn=_month_key,
        reset_fn=_month_begin,
    ),
    Money[ChargerView](
        key="month_cost",
        state_class=SensorStateClass.TOTAL,
        is_decision=True,
        value_fn=lambda view: _amount(_summary(view).month_cost),
        urgent_fn=_month_key,
        reset_fn=_month_begin,
    ),
)
