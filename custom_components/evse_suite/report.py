"""A decision and its arithmetic in plain values, for automations and for whoever looks into it."""

from collections.abc import Iterator, Mapping
import dataclasses
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from .control.answer import Alarm, ChargerDecision, Decision, PhaseDecision
from .helpers import plain
from .site import Site
from .views import cap_kind

DIGITS = 2


def report(site: Site, only: str | None = None) -> dict[str, Any] | None:
    """Return the newest decision of a site, or of it what concerns the charger ``only``.

    Amperes, watts and seconds as the names say; None before the first decision.
    """
    if site.decision is None:
        return None
    names = {cap.key: cap.name for cap in site.spec.caps}
    found: dict[str, Any] = {
        "title": site.entry.title,
        "mode": site.mode.value,
        **_decision(site, site.decision, only),
        "caps": [_rounded(plain(cap)) | {"name": names[cap.key]} for cap in site.decision.caps],
        "curtail_w": _rounded(site.decision.curtail_w),
    }
    for charger in found["chargers"]:
        link = site.chargers[charger["key"]]
        charger["name"] = link.name
        charger["offered_a"] = None if link.reading is None else link.reading.offered_current_a
        charger["available"] = link.available
    return found


def past(site: Site, only: str | None = None) -> list[dict[str, Any]]:
    """Return what is kept of the last hour, the oldest decision first."""
    return [
        {
            **_decision(site, decision, only),
            "commands": [plain(it) for it in decision.commands if only in (None, it.key)],
        }
        for decision in site.history
    ]


def _decision[Memory](site: Site, decision: Decision[Memory], only: str | None) -> dict[str, Any]:
    """Return what the newest decision and those of the past have in common."""
    return {
        "time": _instant(site, decision.time_s).isoformat(),
        "meter_health": decision.meter_health.value,
        "surplus_w": _rounded(decision.surplus_w),
        "overload": decision.overload,
        "phases": {it.phase.value: _phase(site, it) for it in decision.phases},
        "chargers": [_charger(site, it) for it in decision.chargers if only in (None, it.key)],
        "alarms": [_alarm(site, it) for it in decision.alarms],
    }


def _phase(site: Site, phase: PhaseDecision) -> dict[str, Any]:
    figures = dict(_figures(phase))
    del figures["phase"]
    return {**figures, "binding_cap_kind": cap_kind(site, phase.binding_cap)}


def _charger(site: Site, charger: ChargerDecision) -> dict[str, Any]:
    return {**dict(_figures(charger)), "binding_cap_kind": cap_kind(site, charger.binding_cap)}


def _alarm(site: Site, alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind.value,
        "subject": alarm.subject,
        "since": _instant(site, alarm.since_s).isoformat(),
        "share": alarm.share,
    }


def _figures(part: PhaseDecision | ChargerDecision) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(part):
        yield field.name, _rounded(plain(getattr(part, field.name)))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _instant(site: Site, time_s: float) -> datetime:
    """Return when something was, in the home's time zone."""
    age_s = site.hass.loop.time() - time_s
    return (dt_util.now() - timedelta(seconds=age_s)).replace(microsecond=0)
