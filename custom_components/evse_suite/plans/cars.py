"""The cars of a site: what is entered of them, what they tell, and what their charging shows.

A state of charge is believed while the car that told it cannot have been driven much since; what
the charger delivered meanwhile is added. Where nobody tells it, it is counted up from what the
owner says is usual at plug-in (PLAN-2, IND-3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, PERCENTAGE
from homeassistant.core import (
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)

from ..const import (
    CONF_ARRIVAL_PERCENT,
    CONF_CAPACITY_KWH,
    CONF_CAR_LINES,
    CONF_CAR_POWER_KW,
    CONF_CHARGERS,
    CONF_CONSUMPTION,
    CONF_EFFICIENCY_PERCENT,
    CONF_SOC,
    SUBENTRY_VEHICLE,
)
from ..planning.model import Vehicle
from ..planning.needs import FULL_PERCENT, soc_after
from ..planning.vehicles import (
    Delivery,
    Seen,
    curve,
    drawn,
    efficiency,
    from_json,
    gained,
    to_json,
)
from ..store import LearntStore

VERSION: Final = 1
KILO: Final = 1000
BELIEVED: Final = timedelta(hours=12)
"""A state of charge older than this at plug-in may be from before a drive."""
NEWS_PERCENT: Final = 2.0
"""A state of charge that differs less from what was expected is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A state of charge, when it was told, and what each charger had delivered by then."""

    percent: float
    at: datetime
    delivered_wh: Mapping[str, float] = field(default_factory=dict)


def soc_percent(state: State | None) -> float | None:
    """Return the state of charge that an entity shows, None for what cannot be one."""
    if state is None or state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) not in (None, PERCENTAGE):
        return None
    try:
        percent = float(state.state)
    except ValueError:
        return None
    return percent if 0 <= percent <= FULL_PERCENT else None


def vehicle_subentries(entry: ConfigEntry) -> dict[str, ConfigSubentry]:
    """Return the cars of a site by their ids."""
    return {key: it for key, it in entry.subentries.items() if it.subentry_type == SUBENTRY_VEHICLE}


class Cars:
    """What is known of the cars that come to a site's chargers."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        on_change: Callable[[], None],
        delivered: Callable[[str], Delivery | None],
    ) -> None:
        """Take the cars of ``entry``; nobody is asked before ``async_start``."""
        self._hass = hass
        self._entry = entry
        self._on_change = on_change
        self._delivered = delivered
        self._cars = vehicle_subentries(entry)
        self._told: dict[str, Told] = {}
        self._edges: dict[str, tuple[tuple[str, datetime | None], Told]] = {}
        """Where a stretch of charging began that teaches the efficiency, and in which visit: the
        charger and since when."""
        self._at: dict[str, str] = {}
        """Which car was asked for last at a charger."""
        self._seen: dict[str, Seen] = {}
        self._store = LearntStore(hass, f"{entry.entry_id}.vehicles", VERSION)

    async def async_start(self) -> None:
        """Recall what was learnt, take what is told, and listen until the entry is unloaded."""
        stored = await self._store.async_read()
        known = stored if isinstance(stored, Mapping) else {}
        self._seen = {key: from_json(known.get(key)) for key in self._cars}
        said = {key: _told_from_json(known.get(key)) for key in self._cars}
        self._told = {key: it for key, it in said.items() if it is not None}
        for key, car in self._cars.items():
            if CONF_SOC in car.data:
                self._listen(key, car.data[CONF_SOC])

    async def async_close(self) -> None:
        """Save what was learnt."""
        await self._store.async_close()

    async def async_forget(self) -> None:
        """Delete what was learnt of the cars of a site that is removed."""
        await self._store.async_remove()

    def names(self, charger_key: str) -> dict[str, str]:
        """Return the names of the cars that come to a charger, by their ids."""
        return {
            key: car.title
            for key, car in self._cars.items()
            if charger_key in car.data[CONF_CHARGERS]
        }

    def vehicle(self, charger_key: str, chosen: str | None) -> Vehicle:
        """Return the chosen car, or the first that comes to a charger, as it is now."""
        coming = self.names(charger_key)
        key = chosen if chosen in self._cars else next(iter(coming), None)
        if key is None:
            self._at.pop(charger_key, None)
            return Vehicle()
        self._at[charger_key] = key
        vehicle = self._known(key)
        start, charged_wh = self._start(key, charger_key)
        vehicle = replace(vehicle, soc_percent=start)
        counted = soc_after(vehicle, charged_wh)
        return vehicle if counted is None else replace(vehicle, soc_percent=counted)

    def _known(self, key: str) -> Vehicle:
        """Return what is known of a car wherever it is."""
        car = self._cars[key]
        data = car.data
        seen = self._seen.get(key, Seen())
        capacity_wh = _scaled(data, CONF_CAPACITY_KWH, KILO)
        told = _scaled(data, CONF_EFFICIENCY_PERCENT, 0.01)
        return Vehicle(
            name=car.title,
            capacity_wh=capacity_wh,
            efficiency=efficiency(seen, capacity_wh, told),
            consumption_wh_per_km=_scaled(data, CONF_CONSUMPTION, KILO / 100),
            curve=curve(seen, _scaled(data, CONF_CAR_POWER_KW, KILO)),
            lines=int(data[CONF_CAR_LINES]) if CONF_CAR_LINES in data else None,
        )

    def _start(self, key: str, charger_key: str) -> tuple[float | None, float]:
        """Return a state of charge to count from, and what was delivered since."""
        delivery = self._delivered(charger_key)
        told = self._told.get(key)
        charged_wh = 0.0 if delivery is None else delivery.energy_wh
        plugged_at = None if delivery is None else delivery.since
        if told is not None:
            if plugged_at is None or told.at >= plugged_at:
                if delivery is not None and charger_key not in told.delivered_wh:
                    # The charger had not been asked yet when it was told: at a start.
                    counted = {**told.delivered_wh, charger_key: charged_wh}
                    told = self._told[key] = replace(told, delivered_wh=counted)
                return told.percent, _rise(told.delivered_wh.get(charger_key), charged_wh)
            if plugged_at - told.at <= BELIEVED:
                return told.percent, charged_wh
        arrival: float | None = self._cars[key].data.get(CONF_ARRIVAL_PERCENT)
        return arrival, charged_wh

    # What the cars tell ----------------------------------------------------------------------

    def _listen(self, key: str, entity_id: str) -> None:
        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            self._take(key, event.data["new_state"], edge=event.data["old_state"] is not None)

        @callback
        def reported(event: Event[EventStateReportedData]) -> None:
            self._take(key, event.data["new_state"], edge=False)

        self._take(key, self._hass.states.get(entity_id), edge=False)
        unload = self._entry.async_on_unload
        unload(async_track_state_change_event(self._hass, entity_id, changed))
        unload(async_track_state_report_event(self._hass, entity_id, reported))

    @callback
    def _take(self, key: str, state: State | None, *, edge: bool) -> None:
        """Keep a state of charge; ``edge`` tells that it has just become another one."""
        percent = soc_percent(state)
        if state is None or percent is None:
            return
        charger_key = next((at for at, car in self._at.items() if car == key), None)
        before = self.vehicle(charger_key, key).soc_percent if charger_key else None
        deliveries = {it: self._delivered(it) for it in self._cars[key].data[CONF_CHARGERS]}
        last = self._told.get(key)
        counted = last.delivered_wh if last is not None and last.percent == percent else {}
        told = Told(
            percent=percent,
            at=datetime.fromtimestamp(state.last_reported_timestamp, UTC),
            delivered_wh={**counted}
            | {
                it: self._counted_from(key, it, percent, done)
                for it, done in deliveries.items()
                if done is not None
            },
        )
        first = last is None
        self._told[key] = told
        if last is None or last.percent != percent:
            # A car that sleeps when Home Assistant starts anew tells nothing until it is driven.
            self._store.keep(self._document)
        if charger_key is not None and (done := deliveries.get(charger_key)) is not None:
            self._learn(key, charger_key, told, done, edge=edge)
        asked = charger_key is not None
        if first or (asked and (before is None or abs(before - percent) >= NEWS_PERCENT)):
            self._on_change()

    def _counted_from(
        self, key: str, charger_key: str, percent: float, delivery: Delivery
    ) -> float:
        """Return from where on what is delivered counts: from when the charge became what it is.

        A car that says the same again and again while it charges has fallen asleep.
        """
        told = self._told.get(key)
        if told is None or told.percent != percent or charger_key not in told.delivered_wh:
            return delivery.energy_wh
        from_wh = told.delivered_wh[charger_key]
        same_visit = delivery.since is None or told.at >= delivery.since
        return from_wh if same_visit and from_wh <= delivery.energy_wh else delivery.energy_wh

    def _learn(
        self, key: str, charger_key: str, told: Told, delivery: Delivery, *, edge: bool
    ) -> None:
        """Learn from a car that charges: its own limit now, and the efficiency between two edges.

        A charge told in whole percent is true only when it changes.
        """
        before = self._seen.get(key, Seen())
        seen = drawn(before, told.percent, delivery)
        if edge:
            visit = (charger_key, delivery.since)
            began_in, began = self._edges.get(key, (visit, told))
            charged_wh = delivery.energy_wh - began.delivered_wh.get(charger_key, 0.0)
            percent = told.percent - began.percent
            went_on = began_in == visit and charged_wh >= 0 and percent >= 0
            after = gained(seen, charged_wh, percent) if went_on else seen
            if not went_on or after is not seen or key not in self._edges:
                self._edges[key] = (visit, told)
            seen = after
        if seen != before:
            self._seen[key] = seen
            self._store.keep(self._document)

    def _document(self) -> dict[str, Any]:
        told = {key: {"told": _told_to_json(it)} for key, it in self._told.items()}
        return {key: to_json(seen) | told.get(key, {}) for key, seen in self._seen.items()}


def _told_to_json(told: Told) -> dict[str, Any]:
    return {
        "percent": told.percent,
        "at": told.at.isoformat(),
        "delivered_wh": dict(told.delivered_wh),
    }


def _told_from_json(stored: object) -> Told | None:
    """Return a state of charge that was kept, None for what cannot be one."""
    raw: Any = stored.get("told") if isinstance(stored, Mapping) else None
    try:
        told = Told(
            percent=float(raw["percent"]),
            at=datetime.fromisoformat(raw["at"]),
            delivered_wh={str(key): float(wh) for key, wh in raw["delivered_wh"].items()},
        )
    except AttributeError, KeyError, TypeError, ValueError:
        return None
    is_true = 0 <= told.percent <= FULL_PERCENT and told.at.tzinfo is not None
    return told if is_true else None


def _scaled(data: Mapping[str, Any], key: str, scale: float) -> float | None:
    value = data.get(key)
    return None if value is None else value * scale


def _rise(then_wh: float | None, now_wh: float) -> float:
    """Return what was delivered since; a counter that went back began anew.

    Where nobody counted then, nothing is added: rather charge too long than too short.
    """
    if then_wh is None:
        return 0.0
    return now_wh - then_wh if now_wh >= then_wh else now_wh
