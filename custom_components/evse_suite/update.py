"""Updates: which firmware runs, and which one the device could run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.update import (
    UpdateDeviceClass,
    UpdateEntity,
    UpdateEntityDescription,
    UpdateEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices.model import ChargerStatus, FirmwareUpdate
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .site import SiteConfigEntry
from .views import ChargerView, DeviceView, MeterView, Part

PARALLEL_UPDATES = 1

type Versions = tuple[str | None, str | None, bool]
"""Installed, latest, and whether an update is under way."""


@dataclass(frozen=True, kw_only=True)
class UpdateDescription[V: DeviceView[Any]](SuiteDescription[V], UpdateEntityDescription):
    """A device's firmware; ``value_fn`` gives ``Versions``."""

    device_class: UpdateDeviceClass | None = UpdateDeviceClass.FIRMWARE
    value_fn: Callable[[V], Versions]
    install_fn: Callable[[V], Awaitable[None]] = lambda view: view.carry_out(
        FirmwareUpdate, lambda it: it.install_firmware()
    )


def _charger_versions(view: ChargerView) -> Versions:
    """Return what is known: a Lektrico charger tells no newer version, only that it installs it."""
    reading = view.reading
    if reading is None:
        return None, None, False
    return reading.firmware, None, reading.status is ChargerStatus.UPDATING_FIRMWARE


def _meter_versions(view: MeterView) -> Versions:
    reading = view.reading
    return (
        (None, None, False)
        if reading is None
        else (
            reading.firmware,
            reading.latest_firmware,
            False,
        )
    )


CHARGER_UPDATES: Final = (
    UpdateDescription[ChargerView](key="firmware", value_fn=_charger_versions),
)
METER_UPDATES: Final = (UpdateDescription[MeterView](key="firmware", value_fn=_meter_versions),)


class SuiteUpdate[V: DeviceView[Any]](SuiteEntity[V], UpdateEntity):
    """One row of the tables above."""

    entity_description: UpdateDescription[V]

    def __init__(self, view: V, description: UpdateDescription[V]) -> None:
        """Offer to install where the device can be told to."""
        super().__init__(view, description)
        self._attr_supported_features = UpdateEntityFeature.PROGRESS
        if view.can(FirmwareUpdate):
            self._attr_supported_features |= UpdateEntityFeature.INSTALL

    @override
    def _show(self, value: Any) -> None:
        self._attr_installed_version, self._attr_latest_version, self._attr_in_progress = value

    @override
    async def async_install(self, version: str | None, backup: bool, **kwargs: Any) -> None:
        """Tell the device to install its newest firmware."""
        await self.entity_description.install_fn(self.view)


def _update[V: DeviceView[Any]](view: V, description: UpdateDescription[V]) -> SuiteUpdate[V]:
    return SuiteUpdate(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.chargers, CHARGER_UPDATES, _update),
        *candidates(part.meters, METER_UPDATES, _update),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the update entities of a site's devices."""
    add_entities(entry, async_add_entities, _offers)
