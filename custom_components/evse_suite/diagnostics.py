"""Diagnostics: all that helps to understand a site, and nothing that names its people."""

import dataclasses
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .account.keeper import SupplyAccount
from .account.setup import account_identifier
from .central import central_of
from .const import CONF_SERIAL, DOMAIN
from .devices import OcppCharger
from .devices.model import MeterReading, Reading
from .helpers import plain
from .plans.report import planned
from .report import past
from .site import Site, SiteConfigEntry
from .views import Link, all_links, device_identifier

TO_REDACT: Final = {
    CONF_HOST,
    CONF_PASSWORD,
    CONF_SERIAL,
    CONF_USERNAME,
    "default_name",
    "discovery_keys",
    "last_violation",
    "mac",
    "mpan",
    "name",
    "reference",
    "sentence",
    "summary",
    "tag",
    "title",
    "unique_id",
}
"""Names and sentences are here because a device's name contains its serial number by default, and
what breaks a schema because it is told with its values, e.g. a tag."""
NUMBERED: Final = ("0.0", "96.1", "C.1")
"""Registers in which a meter tells its number and its owner's begin so."""


def _link(site: Site, link: Link) -> dict[str, Any]:
    """Describe a device; of its error only the kind, because the text may hold its address."""
    dialled_in = link.device.capability(OcppCharger)
    return {
        "identity": plain(link.device.identity),
        "traits": plain(site.traits[link.key]),
        "available": link.available,
        "health": plain(link.health),
        "last_command_failed": link.last_command_failed,
        "reading": plain(_without_numbers(link.reading)),
        "ocpp": None if dialled_in is None else plain(dialled_in.report()),
    }


def _without_numbers(reading: Reading | None) -> Reading | None:
    """Return a reading without the registers that tell whose meter it is."""
    if not isinstance(reading, MeterReading):
        return reading
    kept = [it for it in reading.registers if not it.code.startswith(NUMBERED)]
    return dataclasses.replace(reading, registers=tuple(kept))


def _decision(site: Site) -> Any:
    if site.decision is None:
        return None
    return {
        field.name: plain(getattr(site.decision, field.name))
        for field in dataclasses.fields(site.decision)
        if field.name != "memory"
    }


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: SiteConfigEntry
) -> dict[str, Any]:
    """Return the site's configuration, its devices, its decisions and its plans."""
    site = entry.runtime_data
    found = {
        "entry": plain(entry.as_dict()),
        "mode": site.mode,
        "spec": plain(site.spec),
        "decision": _decision(site),
        "devices": {link.key: _link(site, link) for link in all_links(site)},
        "plans": {key: planned(site.plans, key) for key in site.chargers},
        "history": past(site),
        "ocpp_server": plain(central_of(hass).report()),
    }
    return async_redact_data(found, TO_REDACT)


async def async_get_device_diagnostics(
    _hass: HomeAssistant, entry: SiteConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return what is known of one device; for the site's own device the newest decision."""
    site = entry.runtime_data
    for link in all_links(site):
        subentry = entry.subentries[link.key]
        if (DOMAIN, device_identifier(subentry)) in device.identifiers:
            found = {"configuration": plain(subentry.data), "device": _link(site, link)}
            return async_redact_data(found, TO_REDACT)
    for supply in site.accounts.all:
        if (DOMAIN, account_identifier(supply.ledger.key)) in device.identifiers:
            return async_redact_data(_account(supply), TO_REDACT)
    return async_redact_data({"decision": _decision(site)}, TO_REDACT)


def _account(supply: SupplyAccount) -> dict[str, Any]:
    """Describe a supply account: all that makes it go on, so that a penny can be traced."""
    ledger = supply.ledger
    return {
        "sources": plain(ledger.setup.sources),
        "reading": plain(supply.feed.reading),
        "fault": plain(ledger.fault),
        "unreadable": ledger.unreadable,
        "account": None if ledger.account is None else ledger.export(),
    }
