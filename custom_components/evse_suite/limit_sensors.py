"""Sensors of limits: what they allow now, and what of a window is used."""

from collections.abc import Callable
from math import isfinite
from typing import Final

from .control.model import CapKind
from .quantities import Energy, Power, Setting
from .views import LimitView, SiteView

SECONDS_OF_AN_HOUR: Final = 3600.0
MEAN_AFTER_S: Final = 10.0
"""A mean of less than this of a window says nothing."""


def _finite(
    value_fn: Callable[[LimitView], float | None],
) -> Callable[[LimitView], float | None]:
    """Return what shows no value while nothing limits."""

    def shown(view: LimitView) -> float | None:
        value = value_fn(view)
        return value if value is not None and isfinite(value) else None

    return shown


def _is_window(view: LimitView) -> bool:
    return view.cap.kind is CapKind.CAPACITY


def _used_wh(view: LimitView) -> float | None:
    return None if view.decision is None else view.decision.used_wh


def _mean_w(view: LimitView) -> float | None:
    """Return the mean power of the present window so far."""
    used_wh = _used_wh(view)
    past_s = view.site.window_age_s or 0.0
    if used_wh is None or past_s < MEAN_AFTER_S:
        return None
    return used_wh * SECONDS_OF_AN_HOUR / past_s


EXPORT_SENSORS: Final = (
    Power[SiteView](
        key="curtail",
        exists_fn=lambda view: view.site.spec.export_limit_w is not None,
        value_fn=lambda view: None if view.site.decision is None else view.site.decision.curtail_w,
    ),
)
"""What an inverter has to yield (IND-10)."""

LIMIT_SENSORS: Final = (
    Setting[LimitView](
        key="current_limit",
        exists_fn=lambda view: bool(view.cap.limit_a),
        value_fn=_finite(lambda view: view.limit_a),
        urgent_fn=lambda view: view.is_dimmed,
    ),
    Power[LimitView](
        key="power_limit",
        exists_fn=lambda view: view.cap.limit_w is not None,
        value_fn=_finite(lambda view: view.limit_w),
        urgent_fn=lambda view: view.is_dimmed,
    ),
    Energy[LimitView](key="window_energy", exists_fn=_is_window, value_fn=_used_wh),
    Power[LimitView](key="window_power", exists_fn=_is_window, value_fn=_mean_w),
)
