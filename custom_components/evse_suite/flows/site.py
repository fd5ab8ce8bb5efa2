"""What the forms need to know of the sites that exist, and the check of the site's own form."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_FUSE_A,
    CONF_MODE,
    CONF_PHASES,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SUPPLY,
    DOMAIN,
    NO_PHASE,
    ROLE_MAINS,
    SUBENTRY_CHARGER,
)
from ..control.model import SiteMode
from .validate import Errors, SiteFacts, SiteUse, Supply, check_site


class KnownDevice(NamedTuple):
    """A device that belongs to a site already."""

    entry: ConfigEntry
    subentry: ConfigSubentry


def sites(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return all sites; devices that a user chose to ignore have entries too, but are none."""
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False)


def known_devices(hass: HomeAssistant) -> Iterator[KnownDevice]:
    """Yield every device of every site."""
    for entry in sites(hass):
        for subentry in entry.subentries.values():
            yield KnownDevice(entry, subentry)


def find_device(hass: HomeAssistant, unique_id: str) -> KnownDevice | None:
    """Return the device with this unique id; a device can be part of one site only."""
    return next(
        (known for known in known_devices(hass) if known.subentry.unique_id == unique_id), None
    )


def site_facts(data: Mapping[str, Any], mains: ConfigSubentry | None = None) -> SiteFacts:
    """Return the facts of a site from its stored data, ``mains`` is its mains meter."""
    return SiteFacts(
        supply=Supply(data[CONF_SUPPLY]),
        fuse_a=data[CONF_FUSE_A],
        has_mains_meter=mains is not None,
    )


def entry_facts(entry: ConfigEntry, subentry_id: str | None = None) -> SiteFacts:
    """Return the facts of an existing site, as the device ``subentry_id`` of it sees them."""
    mains = next(_mains_meters(entry), None)
    if mains is not None and mains.subentry_id == subentry_id:
        mains = None
    return site_facts(entry.data, mains)


def _mains_meters(entry: ConfigEntry) -> Iterator[ConfigSubentry]:
    return (
        subentry
        for subentry in entry.subentries.values()
        if subentry.data.get(CONF_ROLE) == ROLE_MAINS
    )


class SiteForm(NamedTuple):
    """What was entered for a site, ready to be stored."""

    title: str
    data: dict[str, Any]
    options: dict[str, Any]


def read_site_form(
    hass: HomeAssistant, user_input: Mapping[str, Any], entry: ConfigEntry | None = None
) -> tuple[SiteForm, Errors]:
    """Check a site's form; ``entry`` is the site that is changed, None for a new one."""
    use = SiteUse() if entry is None else _use(entry)
    data, errors = check_site(user_input, use)
    title = user_input[CONF_NAME].strip()
    if not title:
        errors[CONF_NAME] = "name_missing"
    elif any(site.title == title for site in sites(hass) if site is not entry):
        errors[CONF_NAME] = "name_taken"
    options = {CONF_MODE: SiteMode(user_input[CONF_MODE]).value}
    return SiteForm(title, data, options), errors


def _use(entry: ConfigEntry) -> SiteUse:
    chargers = [
        subentry.data
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_CHARGER
    ]
    return SiteUse(
        charger_phases=frozenset(phase for data in chargers for phase in data[CONF_PHASES]),
        meter_phases=frozenset(
            phase
            for mains in _mains_meters(entry)
            for phase in mains.data[CONF_PHASES]
            if phase != NO_PHASE
        ),
        safe_a=max((data[CONF_SAFE_A] for data in chargers), default=0),
    )


def site_stored(entry: ConfigEntry) -> dict[str, Any]:
    """Return the values of an existing site for its form."""
    return {
        **entry.data,
        CONF_NAME: entry.title,
        CONF_FUSE_A: str(entry.data[CONF_FUSE_A]),
        CONF_MODE: entry.options.get(CONF_MODE, SiteMode.POWER.value),
    }
