"""The entities of this Home Assistant."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
import time
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
    async_track_state_report_event,
)

from ..entity_door import Seen
from ..model import DeviceCommandError, DeviceConnectionError

ACTION_TIMEOUT_S: Final = 10.0
"""Clouds take their time; an action that takes longer counts as not done."""
OWN_CONTEXTS: Final = 64


class HomeEntities:
    """Looks at states, listens to reports and calls actions."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Look at nothing yet."""
        self._hass = hass
        self._own: deque[str] = deque(maxlen=OWN_CONTEXTS)
        self._heard: dict[str, tuple[float, float]] = {}

    def look(self, reference: str) -> Seen | None:
        """Return what an entity says now, None if there is no such entity."""
        entry = er.async_get(self._hass).async_get(reference)
        entity_id = reference if entry is None else entry.entity_id
        state = self._hass.states.get(entity_id)
        if state is None:
            return None
        device_id = None if entry is None else entry.device_id
        return Seen(
            entity_id=entity_id,
            text=state.state,
            unit=state.attributes.get(ATTR_UNIT_OF_MEASUREMENT),
            attributes=state.attributes,
            reported_s=self._reported_s(state),
            source=device_id or entity_id,
            by_person=state.context.user_id is not None and state.context.id not in self._own,
        )

    def _reported_s(self, state: State) -> float:
        """Return the time of a report on the loop's clock, which a corrected wall clock leaves."""
        stamp = state.last_reported_timestamp
        heard = self._heard.get(state.entity_id)
        if heard is None or heard[0] != stamp:
            age_s = max(0.0, time.time() - stamp)
            heard = self._heard[state.entity_id] = (stamp, self._hass.loop.time() - age_s)
        return heard[1]

    def watch(
        self, references: Collection[str], on_report: Callable[[], None]
    ) -> Callable[[], None]:
        """Call ``on_report`` whenever one of them says something or is renamed."""
        registry = er.async_get(self._hass)
        entries = [registry.async_get(reference) for reference in references]
        ids = [
            reference if entry is None else entry.entity_id
            for reference, entry in zip(references, entries, strict=True)
        ]

        @callback
        def changed(_event: Event[EventStateChangedData]) -> None:
            on_report()

        @callback
        def reported(_event: Event[EventStateReportedData]) -> None:
            on_report()

        @callback
        def renamed(_event: Event[er.EventEntityRegistryUpdatedData]) -> None:
            unwatch()
            unwatch_again.append(self.watch(references, on_report))
            on_report()

        unwatch_again: list[Callable[[], None]] = []
        stops = [
            async_track_state_change_event(self._hass, ids, changed),
            async_track_state_report_event(self._hass, ids, reported),
            async_track_entity_registry_updated_event(self._hass, ids, renamed),
        ]

        def unwatch() -> None:
            for stop in (*stops, *unwatch_again):
                stop()
            stops.clear()
            unwatch_again.clear()

        return unwatch

    async def call(self, action: str, data: Mapping[str, Any]) -> None:
        """Carry out an action and wait for it; raises DeviceError."""
        domain, _, name = action.partition(".")
        context = Context()
        self._own.append(context.id)
        try:
            async with asyncio.timeout(ACTION_TIMEOUT_S):
                await self._hass.services.async_call(
                    domain, name, self._resolved(data), blocking=True, context=context
                )
        except TimeoutError as err:
            raise DeviceConnectionError(f"{action} was not done in {ACTION_TIMEOUT_S:g} s") from err
        except Exception as err:
            # Another integration raises whatever its library does; here it is a refusal.
            raise DeviceCommandError(f"{action}: {str(err) or type(err).__name__}") from err

    def _resolved(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data with the present id of the entity that is meant."""
        resolved = dict(data)
        if (reference := resolved.get(ATTR_ENTITY_ID)) is not None:
            entry = er.async_get(self._hass).async_get(reference)
            resolved[ATTR_ENTITY_ID] = reference if entry is None else entry.entity_id
        return resolved
