"""Entities of chargers that dial in: how they are told a current, and whose tags may charge."""

from collections.abc import Callable
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import PERCENTAGE, EntityCategory

from .devices import OCPP_ORDER, OcppCharger
from .publishing import SETTING_BAND
from .quantities import Choice, Measurement, SensorDescription, Sentence
from .views import ChargerView

LONGEST_STATE: Final = 255


def ocpp(view: ChargerView) -> OcppCharger | None:
    """Return the charge point behind a charger, None for one that does not dial in."""
    return view.link.device.capability(OcppCharger)


def is_ocpp(view: ChargerView) -> bool:
    """Whether a charger dials in."""
    return ocpp(view) is not None


def told[T](value_fn: Callable[[OcppCharger], T]) -> Callable[[ChargerView], T | None]:
    """Return what looks at the charge point, None for a charger that is none."""

    def shown(view: ChargerView) -> T | None:
        device = ocpp(view)
        return None if device is None else value_fn(device)

    return shown


def _soc_percent(device: OcppCharger) -> float | None:
    return device.soc_percent


def _note(device: OcppCharger) -> str | None:
    moved = device.steering.moved
    return None if moved is None else moved[:LONGEST_STATE]


OCPP_SENSORS: Final[tuple[SensorDescription[ChargerView], ...]] = (
    Choice[ChargerView](
        key="ocpp_strategy_in_use",
        entity_category=EntityCategory.DIAGNOSTIC,
        options=[strategy.value for strategy in OCPP_ORDER],
        exists_fn=is_ocpp,
        value_fn=told(lambda it: it.steering.active.value),
    ),
    Sentence[ChargerView](
        key="ocpp_strategy_note",
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=is_ocpp,
        value_fn=told(_note),
    ),
    SensorDescription[ChargerView](
        key="rfid_tags",
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=is_ocpp,
        digits=0,
        value_fn=told(lambda it: len(it.station.tags.names)),
    ),
    SensorDescription[ChargerView](
        key="unknown_tag",
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=is_ocpp,
        value_fn=told(
            lambda it: None if (tap := it.station.tags.last_unknown) is None else tap.tag
        ),
    ),
    Measurement[ChargerView](
        key="vehicle_soc",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        exists_fn=is_ocpp,
        when_told=True,
        digits=0,
        band=SETTING_BAND,
        value_fn=told(_soc_percent),
    ),
)
"""How a charge point is told its current, and whose tags it knows (LEK-12, LEK-14)."""
