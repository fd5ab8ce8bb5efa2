"""Sensors of meters and of their channels."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from .devices.model import MeterChannel, Reading
from .fitness_sensors import FITNESS_SENSORS
from .quantities import (
    Apparent,
    Current,
    Frequency,
    Instant,
    LifetimeEnergy,
    Power,
    PowerFactor,
    Reactive,
    Voltage,
)
from .views import ChannelView, DeviceView, MeterView


def _measured[T](value_fn: Callable[[MeterChannel], T]) -> Callable[[ChannelView], T | None]:
    return lambda view: None if view.channel is None else value_fn(view.channel)


def _is_no_double(view: ChannelView) -> bool:
    """Whether the site does not show the same value already."""
    return not view.is_mains


def last_seen[R: Reading](view: DeviceView[R]) -> datetime | None:
    """Return when the newest reading of a device was taken."""
    age_s = view.link.health.age_s
    if age_s is None:
        return None
    return (dt_util.utcnow() - timedelta(seconds=age_s)).replace(microsecond=0)


METER_SENSORS: Final = (
    Instant[MeterView](key="last_seen", is_decision=True, value_fn=last_seen),
    *FITNESS_SENSORS,
)

CHANNEL_SENSORS: Final = (
    Current[ChannelView](
        key="current", enabled_fn=_is_no_double, value_fn=_measured(lambda it: it.current_a)
    ),
    Power[ChannelView](
        key="power", enabled_fn=_is_no_double, value_fn=_measured(lambda it: it.power_w)
    ),
    Voltage[ChannelView](key="voltage", value_fn=_measured(lambda it: it.voltage_v)),
    PowerFactor[ChannelView](
        key="power_factor",
        when_told=True,
        value_fn=_measured(lambda it: it.power_factor),
    ),
    Reactive[ChannelView](
        key="reactive_power",
        when_told=True,
        value_fn=_measured(lambda it: it.reactive_power_var),
    ),
    Apparent[ChannelView](
        key="apparent_power",
        when_told=True,
        value_fn=_measured(lambda it: it.apparent_power_va),
    ),
    Frequency[ChannelView](
        key="frequency",
        when_told=True,
        value_fn=_measured(lambda it: it.frequency_hz),
    ),
    LifetimeEnergy[ChannelView](
        key="import_energy",
        when_told=True,
        value_fn=_measured(lambda it: it.energy_import_wh),
    ),
    LifetimeEnergy[ChannelView](
        key="export_energy",
        when_told=True,
        value_fn=_measured(lambda it: it.energy_export_wh),
    ),
)
