"""What the forms need to know of the sites that exist, and the check of the site's own form."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant

from ..const import (
    CONF_FUSE_A,
    CONF_GENERATOR,
    CONF_MODE,
    CONF_PHASES,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SUPPLY,
    DOMAIN,
    NO_PHASE,
    ROLE_GENERATOR,
    ROLE_MAINS,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
)
from ..control.model import SiteMode
from .validate import NO_GENERATOR, Errors, SiteFacts, SiteUse, Supply, check_site


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
            if subentry.subentry_type in (SUBENTRY_CHARGER, SUBENTRY_METER):
                yield KnownDevice(entry, subentry)


def find_device(hass: HomeAssistant, unique_id: str) -> KnownDevice | None:
    """Return the device with this unique id; a device can be part of one site only."""
    return next(
        (known for known in known_devices(hass) if known.subentry.unique_id == unique_id), None
    )


def site_facts(data: Mapping[str, Any], taken: Collection[str] = ()) -> SiteFacts:
    """Return the facts of a site from its stored data; ``taken`` are roles that meters have."""
    return SiteFacts(
        supply=Supply(data[CONF_SUPPLY]),
        fuse_a=data[CONF_FUSE_A],
        has_mains_meter=ROLE_MAINS in taken,
        has_generator=CONF_GENERATOR in data,
        has_generator_meter=ROLE_GENERATOR in taken,
    )


def entry_facts(entry: ConfigEntry, subentry_id: str | None = None) -> SiteFacts:
    """Return the facts of an existing site, as the device ``subentry_id`` of it sees them."""
    others = [it for key, it in entry.subentries.items() if key != subentry_id]
    return site_facts(entry.data, {it.data[CONF_ROLE] for it in others if CONF_ROLE in it.data})


def _meters(entry: ConfigEntry, role: str) -> list[ConfigSubentry]:
    return [it for it in entry.subentries.values() if it.data.get(CONF_ROLE) == role]


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
            for mains in _meters(entry, ROLE_MAINS)
            for phase in mains.data[CONF_PHASES]
            if phase != NO_PHASE
        ),
        safe_a=max((data[CONF_SAFE_A] for data in chargers), default=0),
        has_generator_meter=bool(_meters(entry, ROLE_GENERATOR)),
    )


def site_stored(entry: ConfigEntry) -> dict[str, Any]:
    """Return the values of an existing site for its form."""
    return {
        CONF_GENERATOR: NO_GENERATOR,
        **entry.data,
        CONF_NAME: entry.title,
        CONF_FUSE_A: str(entry.data[CONF_FUSE_A]),
        CONF_MODE: entry.options.get(CONF_MODE, SiteMode.POWER.value),
    }
