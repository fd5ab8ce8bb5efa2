"""Entities of Home Assistant that set limits, listened to so that a dimming acts at once."""

from collections.abc import Callable, Mapping
import time

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
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

from .const import CONF_SILENT_AFTER_S, CONF_SOURCE
from .control.model import LimitSample
from .limits import limit_subentries, said_by


class LimitSources:
    """What the sources of a site's limits say; a source that makes no sense says nothing.

    ``samples`` is replaced and never changed, so that whoever holds it sees one moment.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, on_tightened: Callable[[], None]
    ) -> None:
        """Take the limits of ``entry``; nobody is asked before ``start``.

        ``on_tightened`` is called when a limit has become lower, or its source silent.
        """
        self._hass = hass
        self._entry = entry
        self._on_tightened = on_tightened
        self._limits = [it for it in limit_subentries(entry) if CONF_SOURCE in it.data]
        self.samples: Mapping[str, LimitSample] = {}

    @callback
    def start(self) -> None:
        """Take what is said already and listen until the entry is unloaded."""
        for limit in self._limits:
            self._listen(limit)

    def _listen(self, limit: ConfigSubentry) -> None:
        entity_id: str = limit.data[CONF_SOURCE]

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            self._take(limit, event.data["new_state"])

        @callback
        def reported(event: Event[EventStateReportedData]) -> None:
            self._take(limit, event.data["new_state"])

        self._take(limit, self._hass.states.get(entity_id))
        unload = self._entry.async_on_unload
        unload(async_track_state_change_event(self._hass, entity_id, changed))
        if CONF_SILENT_AFTER_S in limit.data:
            # Only here it matters that the same was said again.
            unload(async_track_state_report_event(self._hass, entity_id, reported))

    def _take(self, limit: ConfigSubentry, state: State | None) -> None:
        """Keep what is said now, and tell if it leaves less than before."""
        key = limit.subentry_id
        before = self.samples.get(key)
        said = said_by(state, limit.data)
        samples = dict(self.samples)
        if state is None or said is None:
            samples.pop(key, None)
        else:
            age_s = max(0.0, time.time() - state.last_reported_timestamp)
            samples[key] = LimitSample(time_s=self._hass.loop.time() - age_s, limit=said)
        self.samples = samples
        if before is not None and (said is None or said < before.limit):
            self._on_tightened()
