"""Which chargers an action means: by device, entity, area, floor or label (LEK-6)."""

from collections.abc import Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN
from .site import Site
from .views import ChargerView, charger_part

CONF_ENTRY: Final = "config_entry_id"
CONF_DEVICE: Final = "device_id"
WHOM: Final[dict[vol.Marker, Any]] = {
    vol.Exclusive(CONF_ENTRY, "whom"): cv.string,
    vol.Exclusive(CONF_DEVICE, "whom"): cv.string,
}
"""A site or one of its chargers; nothing is needed where there is only one site."""


def target_schema(fields: Mapping[Any, Any] | None = None) -> vol.Schema:
    """Return the schema of an action on chargers that has these fields as well."""
    known = {**cv.TARGET_SERVICE_FIELDS, **(fields or {})}
    return vol.Schema(vol.All(vol.Schema(known), cv.has_at_least_one_key(*cv.TARGET_FIELDS)))


def targets(hass: HomeAssistant, call: ServiceCall) -> list[ChargerView]:
    """Return the chargers that a call means.

    Raises ServiceValidationError if it names a device that is no charger, or means no charger.
    """
    selection = TargetSelection(call.data)
    selected = async_extract_referenced_entity_ids(hass, selection)
    known = chargers(hass)
    for device_id in selection.device_ids:
        if device_id not in known:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_a_charger",
                translation_placeholders={"name": device_name(hass, device_id)},
            )
    meant = selected.referenced_devices | _devices_of(
        hass, selected.referenced | selected.indirectly_referenced
    )
    found = [view for device_id, view in known.items() if device_id in meant]
    if not found:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_charger_in_target"
        )
    return found


def chargers(hass: HomeAssistant) -> dict[str, ChargerView]:
    """Return the chargers of all running sites by the ids of their devices."""
    registry = dr.async_get(hass)
    found: dict[str, ChargerView] = {}
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        site: Site = entry.runtime_data
        for spec in site.spec.chargers:
            (view,) = charger_part(site, spec).chargers
            device = registry.async_get_device_by_identifier((DOMAIN, view.owner), entry.entry_id)
            if device is not None:
                found[device.id] = view
    return found


def _devices_of(hass: HomeAssistant, entity_ids: set[str]) -> set[str]:
    registry = er.async_get(hass)
    entries = (registry.async_get(entity_id) for entity_id in entity_ids)
    return {entry.device_id for entry in entries if entry is not None and entry.device_id}


def device_name(hass: HomeAssistant, device_id: str) -> str:
    """Return what a person calls a device, its id where it has no name."""
    device = dr.async_get(hass).async_get(device_id)
    return (device and (device.name_by_user or device.name)) or device_id


def asked(hass: HomeAssistant, call: ServiceCall) -> tuple[Site, str | None]:
    """Return the site that a call is about, and the charger if it is about one.

    Raises ServiceValidationError if it names something else, or nothing while there are several.
    """
    device_id: str | None = call.data.get(CONF_DEVICE)
    if device_id is None:
        entry = async_get_config_entry(hass, DOMAIN, call.data.get(CONF_ENTRY))
        return entry.runtime_data, None
    view = chargers(hass).get(device_id)
    if view is not None:
        return view.site, view.spec.key
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        device = registry.async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
        if device is not None and device.id == device_id:
            return entry.runtime_data, None
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_site_or_charger",
        translation_placeholders={"name": device_name(hass, device_id)},
    )
