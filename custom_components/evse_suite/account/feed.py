"""The registers of an account as entities tell them, thinned to what matters for money."""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HassJob,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.util.unit_conversion import EnergyConverter

from ..billing.events import Reading
from ..billing.model import RATES
from .setup import Sources

SPACING_S: Final = 10.0
"""Readings follow each other no faster; the last of a quick run is not lost."""
FLAT_S: Final = 300.0
"""So often it is told that nothing was used."""
MOST_WH: Final = 1e12
"""No meter of a home shows more: what does is no reading."""


def register_wh(state: State | None) -> int | None:
    """Return what an energy sensor shows, in whole watt-hours; None for what is no energy."""
    if state is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        number = float(state.state)
    except ValueError:
        return None
    if not isfinite(number) or unit not in EnergyConverter.VALID_UNITS:
        return None
    energy_wh = EnergyConverter.convert(number, unit, UnitOfEnergy.WATT_HOUR)
    return round(energy_wh) if 0 <= energy_wh < MOST_WH else None


class RegisterFeed:
    """Listens to the sources of an account and makes readings of what they say.

    A reading needs the total and, where they are configured, all rate registers: one that is
    missing would be charged at another's price.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        sources: Sources,
        on_reading: Callable[[Reading], None],
        on_silence: Callable[[], None],
    ) -> None:
        """Take who is listened to; ``on_reading`` is called for each reading that counts.

        ``on_silence`` is called when the registers cannot be read any more, or again.
        """
        self._hass = hass
        self._sources = sources
        self._on_reading = on_reading
        self._on_silence = on_silence
        self._silent = True
        self._told: Reading | None = None
        self._flat: Reading | None = None
        """The newest that showed no change."""
        self._waiting: Reading | None = None
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Take what is shown already and listen; return what ends that."""
        stops = [
            async_track_state_change_event(self._hass, self._sources.entities, self._changed),
            async_track_state_report_event(self._hass, self._sources.entities, self._reported),
        ]
        self.look()

        @callback
        def stop() -> None:
            self._cancel()
            for each in stops:
                each()

        return stop

    @callback
    def _changed(self, _event: Event[EventStateChangedData]) -> None:
        self.look()

    @callback
    def _reported(self, _event: Event[EventStateReportedData]) -> None:
        self.look()

    @property
    def reading(self) -> Reading | None:
        """What the registers show now; None while one that is needed tells nothing."""
        states = [self._hass.states.get(entity_id) for entity_id in self._sources.entities]
        known = [register_wh(state) for state in states]
        count = len(self._sources.rates)
        total, rates = known[0], known[1 : 1 + count]
        if total is None or None in rates:
            return None
        return Reading(
            at=max(state.last_reported for state in states if state is not None),
            total_wh=total,
            rates_wh=_four(rates) if rates else None,
            export_wh=None if self._sources.export is None else known[-1],
        )

    @callback
    def look(self) -> None:
        """Take what the registers show now, at once or when it is time."""
        reading = self.reading
        if (reading is None) is not self._silent:
            self._silent = reading is None
            self._on_silence()
        if reading is None:
            return
        before = self._told
        if before is not None and (reading.at - before.at).total_seconds() < SPACING_S:
            self._wait(reading)
            return
        self._take(reading)

    def _take(self, reading: Reading) -> None:
        """Tell a reading, after the last one before it that showed no change."""
        self._cancel()
        before, flat = self._told, self._flat
        if before is not None and _registers(before) == _registers(reading):
            if (reading.at - before.at).total_seconds() < FLAT_S:
                self._flat = reading
                return
        elif flat is not None:
            self._on_reading(flat)
        self._told, self._flat = reading, None
        self._on_reading(reading)

    def _wait(self, reading: Reading) -> None:
        """Keep a reading that came soon after another."""
        self._waiting = reading
        if self._timer is None:
            self._timer = async_call_later(self._hass, SPACING_S, HassJob(self._on_time))

    @callback
    def _on_time(self, _now: datetime) -> None:
        self._timer = None
        if self._waiting is not None:
            self._take(self._waiting)

    def _cancel(self) -> None:
        self._waiting = None
        if self._timer is not None:
            self._timer()
            self._timer = None


def _registers(reading: Reading) -> tuple[object, ...]:
    return reading.total_wh, reading.rates_wh, reading.export_wh


def _four(rates: list[int | None]) -> tuple[int, int, int, int]:
    """Return all four rate registers; those that the meter has not stay at zero."""
    one, two, three, four = ([*rates, 0, 0, 0, 0])[:RATES]
    return one or 0, two or 0, three or 0, four or 0
