"""Sensors: what flows, what is allowed, and why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
import re
from typing import Any, Final, override

from homeassistant.components.sensor import RestoreSensor, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .account_entities import ACCOUNT_SENSORS
from .alone_sensors import ALONE_SENSORS
from .control.answer import ChargerDecision, MeterHealth, PhaseDecision, Reason, Timer, TimerKind
from .control.model import CapKind
from .counters import RisingCounter
from .devices.model import (
    ChargerReading,
    ChargerStatus,
    LimitReason,
)
from .entity import Candidate, SuiteEntity, add_entities, candidates
from .limit_sensors import EXPORT_SENSORS, LIMIT_SENSORS
from .meter_sensors import CHANNEL_SENSORS, METER_SENSORS, last_seen
from .ocpp_entities import OCPP_SENSORS
from .plan_entities import PLAN_SENSORS
from .publishing import FORECAST_BAND, HEADROOM_BAND, SETTING_BAND, SURPLUS_BAND
from .quantities import (
    Choice,
    Current,
    Duration,
    Energy,
    Instant,
    LifetimeEnergy,
    Money,
    Power,
    SensorDescription,
    Sentence,
    Setting,
    Temperature,
    Voltage,
)
from .register_sensors import NewRegisters
from .session_entities import SESSION_SENSORS
from .site import SiteConfigEntry
from .views import (
    ChargerView,
    LineView,
    MeterView,
    Part,
    PhaseView,
    SiteView,
    View,
    cap_kind,
    mains_channels,
    parts,
)

PARALLEL_UPDATES = 0

LONGEST_STATE: Final = 255
TICKING: Final = re.compile(r";[^;]*\bin \d+ s\b")
"""The part of an explanation that counts seconds."""


def _phase[T](value_fn: Callable[[PhaseDecision], T]) -> Callable[[PhaseView], T | None]:
    return lambda view: None if view.decision is None else value_fn(view.decision)


def _decided[T](value_fn: Callable[[ChargerDecision], T]) -> Callable[[ChargerView], T | None]:
    return lambda view: None if view.decision is None else value_fn(view.decision)


def _told[T](value_fn: Callable[[ChargerReading], T]) -> Callable[[ChargerView], T | None]:
    return lambda view: None if view.reading is None else value_fn(view.reading)


def _mains_power_w(view: SiteView) -> float | None:
    powers_w = [channel.power_w for channel in mains_channels(view.site)]
    known_w = [power_w for power_w in powers_w if power_w is not None]
    return sum(known_w) if known_w and len(known_w) == len(powers_w) else None


_target_a = _decided(lambda it: it.target_a)
_pressing = _decided(lambda it: (it.target_a == 0, it.reason))
"""Figure and sentence are judged by the same, so that they are written together."""


def _pressing_words(view: ChargerView) -> object:
    """Return what the sentence must not be late with: also that a limit is, or is not, exceeded."""
    decision = view.site.decision
    return _pressing(view), decision is not None and decision.overload


def _explanation(view: ChargerView) -> str | None:
    if view.decision is None:
        return None
    return TICKING.sub("", view.decision.sentence)[:LONGEST_STATE] or None


def _next_timer(view: ChargerView) -> Timer | None:
    return None if view.decision is None or not view.decision.timers else view.decision.timers[0]


def _next_change(view: ChargerView) -> datetime | None:
    timer = _next_timer(view)
    if timer is None:
        return None
    return (dt_util.utcnow() + timedelta(seconds=timer.remaining_s)).replace(microsecond=0)


def _next_change_s(view: ChargerView) -> float | None:
    """Return the same as a number, so that it is not written anew for every second's jitter."""
    timer = _next_timer(view)
    return None if timer is None else view.site.hass.loop.time() + timer.remaining_s


def _next_kind(view: ChargerView) -> TimerKind | None:
    timer = _next_timer(view)
    return None if timer is None else timer.kind


SITE_SENSORS: Final = (
    Power[SiteView](key="mains_power", value_fn=_mains_power_w),
    Power[SiteView](
        key="surplus",
        band=SURPLUS_BAND,
        value_fn=lambda view: None if view.site.decision is None else view.site.decision.surplus_w,
    ),
    Choice[SiteView](
        key="meter_health",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(MeterHealth),
        value_fn=lambda view: view.site.meter_health,
    ),
)

PHASE_SENSORS: Final = (
    Current[PhaseView](
        key="mains_current",
        value_fn=_phase(lambda it: it.mains_a),
        urgent_fn=_phase(lambda it: it.mains_a is not None and it.mains_a > it.limit_a),
    ),
    Power[PhaseView](
        key="mains_power",
        entity_registry_enabled_default=False,
        exists_fn=lambda view: view.label is not None,
        value_fn=lambda view: None if view.mains is None else view.mains.power_w,
    ),
    Current[PhaseView](
        key="headroom", band=HEADROOM_BAND, value_fn=_phase(lambda it: it.headroom_a)
    ),
    Current[PhaseView](
        key="house_current",
        entity_registry_enabled_default=False,
        value_fn=_phase(lambda it: it.house_a),
    ),
    Setting[PhaseView](
        key="current_limit",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_phase(lambda it: it.limit_a),
    ),
    Choice[PhaseView](
        key="binding_cap",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(CapKind),
        value_fn=lambda view: cap_kind(view.site, _phase(lambda it: it.binding_cap)(view)),
    ),
)

CHARGER_SENSORS: Final = (
    Choice[ChargerView](
        key="status", options=list(ChargerStatus), value_fn=_told(lambda it: it.status)
    ),
    Choice[ChargerView](
        key="limit_reason",
        options=list(LimitReason),
        when_told=True,
        value_fn=_told(lambda it: it.limit_reason),
    ),
    Power[ChargerView](key="power", value_fn=_told(lambda it: it.power_w)),
    Energy[ChargerView](
        key="session_energy",
        when_told=True,
        value_fn=_told(lambda it: it.session_energy_wh),
    ),
    LifetimeEnergy[ChargerView](
        key="lifetime_energy",
        when_told=True,
        value_fn=_told(lambda it: it.lifetime_energy_wh),
    ),
    Duration[ChargerView](
        key="charging_time",
        when_told=True,
        value_fn=_told(lambda it: it.charging_time_s),
    ),
    Temperature[ChargerView](
        key="temperature",
        when_told=True,
        value_fn=_told(lambda it: it.temperature_c),
    ),
    Setting[ChargerView](
        key="set_current",
        is_decision=True,
        value_fn=_target_a,
        urgent_fn=_pressing,
    ),
    Setting[ChargerView](
        key="offered_current",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        when_told=True,
        value_fn=_told(lambda it: it.offered_current_a),
    ),
    Setting[ChargerView](
        key="installation_current",
        entity_category=EntityCategory.DIAGNOSTIC,
        when_told=True,
        value_fn=_told(lambda it: it.install_current_a),
    ),
    Choice[ChargerView](
        key="reason",
        options=list(Reason),
        is_decision=True,
        value_fn=_decided(lambda it: it.reason),
    ),
    Choice[ChargerView](
        key="binding_cap",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(CapKind),
        is_decision=True,
        value_fn=lambda view: cap_kind(view.site, _decided(lambda it: it.binding_cap)(view)),
    ),
    Sentence[ChargerView](
        key="explanation",
        is_decision=True,
        value_fn=_explanation,
        band=SETTING_BAND,
        pace_fn=_target_a,
        urgent_fn=_pressing_words,
    ),
    Instant[ChargerView](
        key="next_change",
        is_decision=True,
        value_fn=_next_change,
        band=FORECAST_BAND,
        pace_fn=_next_change_s,
        urgent_fn=_next_kind,
    ),
    Choice[ChargerView](
        key="next_change_kind",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        options=list(TimerKind),
        is_decision=True,
        value_fn=_next_kind,
    ),
    Instant[ChargerView](key="last_seen", is_decision=True, value_fn=last_seen),
)

LINE_SENSORS: Final = (
    Current[LineView](
        key="current",
        value_fn=lambda view: None if view.reading is None else view.reading.current_a[view.line],
    ),
    Voltage[LineView](
        key="voltage",
        entity_registry_enabled_default=False,
        value_fn=lambda view: None if view.reading is None else view.reading.voltage_v[view.line],
    ),
)


class SuiteSensor[V: View](SuiteEntity[V], SensorEntity):
    """One row of the tables above."""

    entity_description: SensorDescription[V]

    @override
    def _read(self) -> Any:
        value = super()._read()
        return round(value, self.entity_description.digits) if isinstance(value, float) else value

    @override
    def _show(self, value: Any) -> None:
        self._attr_native_value = value
        if self.entity_description.reset_fn is not None:
            self._attr_last_reset = self.entity_description.reset_fn(self.view)


class LifetimeSensor[V: View](SuiteSensor[V], RestoreSensor):
    """An energy counter that goes on from where it was, whatever the device's own one does."""

    def __init__(self, view: V, description: SensorDescription[V]) -> None:
        """Start with what the device tells."""
        super().__init__(view, description)
        self._counter = RisingCounter()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the last state before following the device."""
        last = await self.async_get_last_sensor_data()
        if last is not None and isinstance(last.native_value, int | float | Decimal):
            self._counter.restore(float(last.native_value))
        await super().async_added_to_hass()

    @override
    def _read(self) -> Any:
        raw = super()._read()
        return None if raw is None else self._counter.update(raw, self.view.site.hass.loop.time())


class MoneySensor[V: View](SuiteSensor[V]):
    """An amount of money; the currency is known only with Home Assistant."""

    def __init__(self, view: V, description: Money[V]) -> None:
        """Take the currency."""
        super().__init__(view, description)
        self._per = description.per
        self._attr_native_unit_of_measurement = view.currency + self._per

    @override
    def _show(self, value: Any) -> None:
        super()._show(value)
        self._attr_native_unit_of_measurement = self.view.currency + self._per


def _sensor[V: View](view: V, description: SensorDescription[V]) -> SuiteSensor[V]:
    if isinstance(description, Money):
        return MoneySensor(view, description)
    if isinstance(description, LifetimeEnergy):
        return LifetimeSensor(view, description)
    return SuiteSensor(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.sites, SITE_SENSORS, _sensor),
        *candidates(part.sites, EXPORT_SENSORS, _sensor),
        *candidates(part.limits, LIMIT_SENSORS, _sensor),
        *candidates(part.phases, PHASE_SENSORS, _sensor),
        *candidates(part.chargers, CHARGER_SENSORS, _sensor),
        *candidates(part.chargers, ALONE_SENSORS, _sensor),
        *candidates(part.chargers, OCPP_SENSORS, _sensor),
        *candidates(part.chargers, PLAN_SENSORS, _sensor),
        *candidates(part.chargers, SESSION_SENSORS, _sensor),
        *candidates(part.lines, LINE_SENSORS, _sensor),
        *candidates(part.meters, METER_SENSORS, _sensor),
        *candidates(part.channels, CHANNEL_SENSORS, _sensor),
        *candidates(part.accounts, ACCOUNT_SENSORS, _sensor),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of a site and its devices."""
    add_entities(entry, async_add_entities, _offers)
    for part in parts(entry.runtime_data):
        for view in part.meters:
            _add_registers(entry, async_add_entities, view)


def _add_registers(
    entry: SiteConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback, view: MeterView
) -> None:
    """Add a sensor for every register as soon as the meter has sent it (MTR-1)."""
    found = NewRegisters(view.link)

    @callback
    def add_new() -> None:
        if rows := found.rows():
            sensors = [_sensor(view, row) for row in rows]
            async_add_entities(sensors, config_subentry_id=view.subentry.subentry_id)

    add_new()
    entry.async_on_unload(view.link.add_listener(add_new))
