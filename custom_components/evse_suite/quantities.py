"""Rows of the sensor tables, one class for each physical quantity."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
    UnitOfTemperature,
    UnitOfTime,
)

from .entity import SuiteDescription
from .publishing import (
    CURRENT_BAND,
    DURATION_BAND,
    ENERGY_BAND,
    FACTOR_BAND,
    POWER_BAND,
    SETTING_BAND,
    TEMPERATURE_BAND,
    TEXT_BAND,
    VOLTAGE_BAND,
    Band,
)
from .views import View

FREQUENCY_BAND: Final = Band(step=0.1, least_s=30, patience_s=300)
MONEY_BAND: Final = Band(step=0.05, share=0.02, least_s=60, pace_s=300, patience_s=600)
PERCENT_BAND: Final = Band(step=2, least_s=60, pace_s=300, patience_s=600)


@dataclass(frozen=True, kw_only=True)
class SensorDescription[V: View](SuiteDescription[V], SensorEntityDescription):
    """A sensor; numbers are rounded to ``digits`` decimals of the native unit."""

    digits: int = 1
    reset_fn: Callable[[V], datetime | None] | None = None
    """When a sum that begins anew has begun last."""


@dataclass(frozen=True, kw_only=True)
class Measurement[V: View](SensorDescription[V]):
    """A number that goes up and down."""

    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    suggested_display_precision: int | None = 0


@dataclass(frozen=True, kw_only=True)
class Current[V: View](Measurement[V]):
    """Amperes."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.CURRENT
    native_unit_of_measurement: str | None = UnitOfElectricCurrent.AMPERE
    suggested_display_precision: int | None = 1
    digits: int = 2
    band: Band | None = CURRENT_BAND


@dataclass(frozen=True, kw_only=True)
class Setting[V: View](Measurement[V]):
    """Whole amperes that somebody or something set."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.CURRENT
    native_unit_of_measurement: str | None = UnitOfElectricCurrent.AMPERE
    band: Band | None = SETTING_BAND


@dataclass(frozen=True, kw_only=True)
class Power[V: View](Measurement[V]):
    """Watts."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.POWER
    native_unit_of_measurement: str | None = UnitOfPower.WATT
    band: Band | None = POWER_BAND


@dataclass(frozen=True, kw_only=True)
class Reactive[V: View](Power[V]):
    """Volt-amperes reactive."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.REACTIVE_POWER
    native_unit_of_measurement: str | None = UnitOfReactivePower.VOLT_AMPERE_REACTIVE
    entity_registry_enabled_default: bool = False


@dataclass(frozen=True, kw_only=True)
class Apparent[V: View](Power[V]):
    """Volt-amperes."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.APPARENT_POWER
    native_unit_of_measurement: str | None = UnitOfApparentPower.VOLT_AMPERE
    entity_registry_enabled_default: bool = False


@dataclass(frozen=True, kw_only=True)
class PowerFactor[V: View](Measurement[V]):
    """Power factor, -1 to 1."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.POWER_FACTOR
    suggested_display_precision: int | None = 2
    digits: int = 2
    band: Band | None = FACTOR_BAND


@dataclass(frozen=True, kw_only=True)
class Voltage[V: View](Measurement[V]):
    """Volts."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.VOLTAGE
    native_unit_of_measurement: str | None = UnitOfElectricPotential.VOLT
    suggested_display_precision: int | None = 1
    band: Band | None = VOLTAGE_BAND


@dataclass(frozen=True, kw_only=True)
class Frequency[V: View](Measurement[V]):
    """Hertz."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.FREQUENCY
    native_unit_of_measurement: str | None = UnitOfFrequency.HERTZ
    suggested_display_precision: int | None = 1
    entity_registry_enabled_default: bool = False
    band: Band | None = FREQUENCY_BAND


@dataclass(frozen=True, kw_only=True)
class Temperature[V: View](Measurement[V]):
    """Degrees Celsius."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.TEMPERATURE
    native_unit_of_measurement: str | None = UnitOfTemperature.CELSIUS
    suggested_display_precision: int | None = 1
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    band: Band | None = TEMPERATURE_BAND


@dataclass(frozen=True, kw_only=True)
class Energy[V: View](SensorDescription[V]):
    """A counter in watt-hours, shown in kilowatt-hours."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.ENERGY
    native_unit_of_measurement: str | None = UnitOfEnergy.WATT_HOUR
    suggested_unit_of_measurement: str | None = UnitOfEnergy.KILO_WATT_HOUR
    state_class: SensorStateClass | None = SensorStateClass.TOTAL_INCREASING
    suggested_display_precision: int | None = 2
    digits: int = 0
    band: Band | None = ENERGY_BAND


@dataclass(frozen=True, kw_only=True)
class LifetimeEnergy[V: View](Energy[V]):
    """A counter that never starts again: dips and resets of the device are not shown."""


@dataclass(frozen=True, kw_only=True)
class Duration[V: View](Measurement[V]):
    """Seconds, shown in minutes."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.DURATION
    native_unit_of_measurement: str | None = UnitOfTime.SECONDS
    suggested_unit_of_measurement: str | None = UnitOfTime.MINUTES
    band: Band | None = DURATION_BAND


@dataclass(frozen=True, kw_only=True)
class Money[V: View](SensorDescription[V]):
    """An amount in the currency of its owner: the home, or an account."""

    per: str = ""
    """What comes after the currency, as in EUR/kWh."""
    device_class: SensorDeviceClass | None = SensorDeviceClass.MONETARY
    suggested_display_precision: int | None = 2
    digits: int = 3
    band: Band | None = MONEY_BAND


@dataclass(frozen=True, kw_only=True)
class Percentage[V: View](Measurement[V]):
    """Percent."""

    native_unit_of_measurement: str | None = PERCENTAGE
    digits: int = 0
    band: Band | None = PERCENT_BAND


@dataclass(frozen=True, kw_only=True)
class Choice[V: View](SensorDescription[V]):
    """One of a few words, published at once."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.ENUM


@dataclass(frozen=True, kw_only=True)
class Sentence[V: View](SensorDescription[V]):
    """Plain words."""

    band: Band | None = TEXT_BAND


@dataclass(frozen=True, kw_only=True)
class Instant[V: View](SensorDescription[V]):
    """A point in time, of interest only now and then."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.TIMESTAMP
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    entity_registry_enabled_default: bool = False
    band: Band | None = TEXT_BAND
