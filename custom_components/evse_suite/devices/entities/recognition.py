"""Which devices in Home Assistant a profile knows, by what their integrations registered."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .library import profiles
from .profile import Mark, Profile, ProfileKind
from .roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device that a profile knows."""

    profile: Profile
    serial: str
    """What keeps it apart for ever: its id in the registry, or its first entity's."""
    name: str
    entities: Mapping[Role, str]
    """Ids of the entity registry."""
    disabled: tuple[str, ...] = ()
    """Entities that would play a part and are switched off."""
    known_as: frozenset[str] = frozenset()
    """What its integration identifies it by, e.g. its serial number."""


def recognise(hass: HomeAssistant, kind: ProfileKind) -> list[Found]:
    """Return the devices of a kind that are recognised, by name."""
    devices = dr.async_get(hass)
    owned = _by_owner(er.async_get(hass).entities.values())
    found = []
    for profile in profiles().values():
        if profile.kind is not kind:
            continue
        for (platform, owner), entries in owned.items():
            if platform != profile.integration:
                continue
            matched = dict(_matched(profile, entries))
            if not all(role in matched or role in profile.actions for role in profile.needs):
                continue
            device = devices.async_get(owner)
            name = profile.name if device is None else device.name_by_user or device.name
            found.append(
                Found(
                    profile=profile,
                    serial=owner or min(it.id for it in matched.values()),
                    name=name or profile.name,
                    entities={role: it.id for role, it in matched.items() if not it.disabled},
                    disabled=tuple(it.entity_id for it in matched.values() if it.disabled),
                    known_as=_identifiers(device),
                )
            )
    return sorted(found, key=lambda it: (it.name.lower(), it.profile.key))


def _identifiers(device: dr.DeviceEntry | dr.ChildDeviceEntry | None) -> frozenset[str]:
    if device is None:
        return frozenset()
    return frozenset(str(part).lower() for it in device.identifiers for part in it[1:])


def _by_owner(
    entries: Iterable[er.RegistryEntry],
) -> Mapping[tuple[str, str], list[er.RegistryEntry]]:
    """Return the entities of each device; those without one belong to their integration."""
    owned: defaultdict[tuple[str, str], list[er.RegistryEntry]] = defaultdict(list)
    for entry in entries:
        owned[entry.platform, entry.device_id or ""].append(entry)
    return owned


def _matched(
    profile: Profile, entries: list[er.RegistryEntry]
) -> Iterator[tuple[Role, er.RegistryEntry]]:
    for role, marks in profile.entities.items():
        if (entry := _best(marks, entries)) is not None:
            yield role, entry


def _best(marks: Iterable[Mark], entries: list[er.RegistryEntry]) -> er.RegistryEntry | None:
    """Return the entity that fits the first mark; of several the one with the shortest unique id.

    ``_power`` is the end of ``500006_max_power`` as well.
    """
    for mark in marks:
        fitting = [
            it for it in entries if mark.fits(it.domain, it.translation_key, str(it.unique_id))
        ]
        if fitting:
            return min(fitting, key=lambda it: (it.disabled, len(str(it.unique_id))))
    return None
