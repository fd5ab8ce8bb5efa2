"""The forms of devices that are made of entities: what is offered, asked, checked and stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import (
    CONF_DRIVER,
    CONF_LINES,
    CONF_MAXIMUM_A,
    CONF_MINIMUM_A,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_PHASES,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SERIAL,
    CONF_SWITCHES_LINES,
    DRIVER_ENTITIES,
    ROLE_OTHER,
)
from ..control.model import MINIMUM_CURRENT_A
from ..devices import known_identity
from ..devices.entities import (
    ENTITIES,
    INVERTED,
    PROFILE,
    HomeEntities,
    ProfileKind,
    Role,
    Setup,
    channels,
    least_a,
    missing,
    profiles,
    recognise,
    wrong_entities,
)
from ..devices.model import DeviceError, DeviceIdentity, DeviceKind
from ..paces import guards_fuse
from .device import read_device_form
from .energy import async_named_sources
from .forms import device_schema
from .site import find_device, known_devices
from .validate import Checked, Errors, SiteFacts, Supply

CONF_DEVICE: Final = "device"
CONF_MORE: Final = "more"
OTHER: Final = "other"
MOST_LINES: Final = 3
NOT_TOLD: Final = "-"

NUMERIC: Final = ["input_number", "sensor"]
DOMAINS: Final[Mapping[Role, list[str]]] = {
    Role.STATUS: ["binary_sensor", "input_select", "sensor"],
    Role.CONNECTED: ["binary_sensor", "input_boolean"],
    Role.CHARGING: ["binary_sensor", "input_boolean"],
    Role.ENABLE: ["input_boolean", "lock", "select", "switch"],
    Role.PHASES: ["input_boolean", "select", "switch"],
    Role.START: ["button", "input_button"],
    Role.STOP: ["button", "input_button"],
    Role.CURRENT_LIMIT: ["input_number", "input_select", "number", "select"],
    Role.INSTALLED_LIMIT: ["input_number", "number", "sensor"],
}
"""A role that is not named is a number."""
CHARGER_ROLES: Final = (Role.STATUS, Role.CURRENT_LIMIT, Role.ENABLE, Role.POWER)
CHARGER_MORE: Final = (
    *(Role.CONNECTED, Role.CHARGING, Role.START, Role.STOP, Role.PHASES),
    *(Role.SHOWN_LIMIT, Role.INSTALLED_LIMIT),
    *(Role.CURRENT, Role.CURRENT_L1, Role.CURRENT_L2, Role.CURRENT_L3),
    *(Role.POWER_L1, Role.POWER_L2, Role.POWER_L3),
    *(Role.VOLTAGE, Role.VOLTAGE_L1, Role.VOLTAGE_L2, Role.VOLTAGE_L3),
    *(Role.ENERGY, Role.SESSION_ENERGY),
)
METER_ROLES: Final = (Role.POWER, Role.IMPORT_POWER, Role.EXPORT_POWER)
METER_MORE: Final = (
    *(Role.POWER_L1, Role.POWER_L2, Role.POWER_L3),
    *(Role.IMPORT_POWER_L1, Role.IMPORT_POWER_L2, Role.IMPORT_POWER_L3),
    *(Role.EXPORT_POWER_L1, Role.EXPORT_POWER_L2, Role.EXPORT_POWER_L3),
    *(Role.CURRENT, Role.CURRENT_L1, Role.CURRENT_L2, Role.CURRENT_L3),
    *(Role.VOLTAGE, Role.VOLTAGE_L1, Role.VOLTAGE_L2, Role.VOLTAGE_L3),
    *(Role.ENERGY, Role.EXPORT_ENERGY),
)
ROLES: Final = {
    DeviceKind.CHARGER: (CHARGER_ROLES, CHARGER_MORE),
    DeviceKind.METER: (METER_ROLES, METER_MORE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A device whose entities are proposed; without any its user chooses all of them."""

    title: str = ""
    serial: str = ""
    entities: Mapping[Role, str] = field(default_factory=dict)
    profile: str | None = None
    inverted: bool = False
    disabled: tuple[str, ...] = ()

    @property
    def turned(self) -> bool:
        """Whether the power counts with the opposite sign, by the profile or by the user."""
        return Setup.stored(self.data()).turned(Role.POWER)

    def data(self) -> dict[str, Any]:
        """Return what is stored of it."""
        stored: dict[str, Any] = {ENTITIES: {it.value: ref for it, ref in self.entities.items()}}
        if self.profile is not None:
            stored[PROFILE] = self.profile
        if self.inverted:
            stored[INVERTED] = True
        return stored


async def async_offers(hass: HomeAssistant, kind: DeviceKind) -> dict[str, Offer]:
    """Return the devices of a kind that are recognised and not part of a site yet, by a key."""
    serials = {str(it.subentry.data[CONF_SERIAL]).lower() for it in known_devices(hass)}
    offers = {
        f"{it.profile.key}|{it.serial}": Offer(
            title=it.name,
            serial=it.serial,
            entities=it.entities,
            profile=it.profile.key,
            disabled=it.disabled,
        )
        for it in recognise(hass, ProfileKind(kind))
        # Who is known by its address already must not be steered twice.
        if not it.known_as & serials
    }
    if kind is DeviceKind.METER:
        named = await async_named_sources(hass)
        for number, meter in enumerate(named.meters):
            entities = {role: _reference(hass, it) for role, it in meter.entities.items()}
            offers[f"{meter.kind}|{number}"] = Offer(
                title=f"{meter.kind.title()} (Energy dashboard)",
                serial=serial_of(entities),
                entities=entities,
                inverted=meter.inverted,
            )
    free = {key: it for key, it in offers.items() if find_device(hass, device_id(it)) is None}
    return {**free, OTHER: Offer()}


def device_id(offer: Offer) -> str:
    """Return the unique id of a device's subentry."""
    return f"{DRIVER_ENTITIES}_{offer.serial}"


def serial_of(entities: Mapping[Role, str]) -> str:
    """Return what keeps a device apart that is none in the registry: what it is controlled by."""
    first = (Role.CURRENT_LIMIT, Role.ENABLE, Role.START, Role.POWER, Role.IMPORT_POWER)
    return next((entities[role] for role in first if role in entities), min(entities.values()))


def offers_schema(offers: Mapping[str, Offer]) -> vol.Schema:
    """Return the choice between what is recognised; the last one is to choose everything."""
    options = [
        SelectOptionDict(value=key, label=it.title) for key, it in offers.items() if key != OTHER
    ]
    options.append(SelectOptionDict(value=OTHER, label="Another: choose its entities"))
    return vol.Schema(
        {
            vol.Required(CONF_DEVICE): SelectSelector(
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
            )
        }
    )


def mapping_schema(kind: DeviceKind) -> vol.Schema:
    """Return the form in which every part is given to an entity."""
    most, more = ROLES[kind]
    fields: dict[Any, Any] = {vol.Optional(role.value): _entity(role) for role in most}
    fields[vol.Required(INVERTED, default=False)] = BooleanSelector()
    rest = vol.Schema({vol.Optional(role.value): _entity(role) for role in more})
    fields[vol.Required(CONF_MORE)] = section(rest, {"collapsed": True})
    return vol.Schema(fields)


def _entity(role: Role) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(filter=[{"domain": DOMAINS.get(role, NUMERIC)}]))


def mapping_values(hass: HomeAssistant, kind: DeviceKind, offer: Offer) -> dict[str, Any]:
    """Return what stands in that form."""
    door = HomeEntities(hass)
    seen = {role: door.look(reference) for role, reference in offer.entities.items()}
    shown = {role: it.entity_id for role, it in seen.items() if it is not None}
    most, more = ROLES[kind]
    return {
        **{role.value: shown[role] for role in most if role in shown},
        INVERTED: offer.inverted,
        CONF_MORE: {role.value: shown[role] for role in more if role in shown},
    }


def read_mapping(hass: HomeAssistant, user_input: Mapping[str, Any]) -> dict[Role, str]:
    """Return the references of the entities that were chosen; a renamed one stays what it is."""
    chosen = {**user_input, **user_input.get(CONF_MORE, {})}
    return {role: _reference(hass, chosen[role.value]) for role in Role if chosen.get(role.value)}


def _reference(hass: HomeAssistant, entity_id: str) -> str:
    entry = er.async_get(hass).async_get(entity_id)
    return entity_id if entry is None else entry.id


def check_mapping(hass: HomeAssistant, kind: DeviceKind, offer: Offer) -> tuple[Errors, str]:
    """Return what is wrong with the entities, and the one that a sentence is about."""
    setup = Setup.stored(offer.data())
    wrong = wrong_entities(setup, HomeEntities(hass))
    most, _more = ROLES[kind]
    errors: Errors = {}
    about: str | None = None
    for role, key in wrong.items():
        errors.setdefault(role.value if role in most else "base", key)
        about = about or offer.entities[role]
    if not errors and (lacking := missing(setup, kind)) is not None:
        errors["base"] = lacking
    found = None if about is None else HomeEntities(hass).look(about)
    return errors, (about or "") if found is None else found.entity_id


def identity_of(offer: Offer, kind: DeviceKind, lines: int) -> DeviceIdentity:
    """Return who the device is to the suite; its name is no model, it may hold a serial number."""
    profile = profiles().get(offer.profile or "")
    return known_identity(
        DRIVER_ENTITIES,
        kind=kind,
        serial=offer.serial,
        model="" if profile is None else profile.name,
        model_id=offer.profile or "",
        lines=lines,
    )


def lines_to_ask(offer: Offer, kind: DeviceKind, site: SiteFacts) -> int:
    """Return how many lines the form asks for; who tells totals only may have one or three."""
    lines = Setup.stored(offer.data()).lines
    return MOST_LINES if kind is DeviceKind.CHARGER and site.supply is Supply.THREE else lines


def place_schema(identity: DeviceIdentity, offer: Offer, site: SiteFacts) -> vol.Schema:
    """Return the form of the device's place in the site."""
    schema = device_schema(identity, site)
    if Role.PHASES in offer.entities and identity.lines == MOST_LINES:
        return schema
    fields = schema.schema.items()
    return vol.Schema({key: it for key, it in fields if key != CONF_SWITCHES_LINES})


def read_place(
    hass: HomeAssistant,
    user_input: Mapping[str, Any],
    identity: DeviceIdentity,
    offer: Offer,
    site: SiteFacts,
) -> Checked:
    """Check a device's place and return all that is stored of it."""
    settings, errors = read_device_form(user_input, identity, site)
    stored = {**settings, **offer.data()}
    lines = identity.lines
    if identity.kind is DeviceKind.CHARGER:
        lines = min(lines, len(settings[CONF_PHASES])) or 1
        least = _least_a(hass, stored)
        if least > MINIMUM_CURRENT_A:
            stored[CONF_MINIMUM_A] = least
        if CONF_SAFE_A not in errors and 0 < settings[CONF_SAFE_A] < least:
            errors[CONF_SAFE_A] = "safe_below_least"
    elif settings[CONF_ROLE] != ROLE_OTHER and not guards_fuse(identity, stored):
        errors[CONF_ROLE] = "meter_too_slow"
    return {
        CONF_DRIVER: DRIVER_ENTITIES,
        CONF_SERIAL: identity.serial,
        CONF_MODEL: identity.model,
        CONF_MODEL_ID: identity.model_id,
        CONF_LINES: lines,
        **stored,
    }, errors


def _least_a(hass: HomeAssistant, stored: Mapping[str, Any]) -> int:
    """Return the least current that the charger can be told, the whole for one that is switched."""
    setup = Setup.stored(stored)
    if setup.traits().switched_only:
        whole_a: int = stored[CONF_MAXIMUM_A]
        return whole_a
    return max(MINIMUM_CURRENT_A, least_a(setup.look(HomeEntities(hass))) or 0)


def live_values(hass: HomeAssistant, kind: DeviceKind, offer: Offer) -> str:
    """Return what a meter says now, import positive; a dash for one that says nothing usable."""
    if kind is DeviceKind.CHARGER:
        return NOT_TOLD
    setup = Setup.stored(offer.data())
    try:
        found = channels(setup, setup.look(HomeEntities(hass)))
    except DeviceError:
        return NOT_TOLD
    return ", ".join(_channel_values([channel.power_w for channel in found])) or NOT_TOLD


def _channel_values(powers_w: list[float | None]) -> Iterator[str]:
    for index, power_w in enumerate(powers_w):
        name = f"L{index + 1}: " if len(powers_w) > 1 else ""
        yield f"{name}{'?' if power_w is None else round(power_w)} W"


def stored_offer(title: str, data: Mapping[str, Any]) -> Offer:
    """Return the offer that a stored device was made of."""
    setup = Setup.stored(data)
    return Offer(
        title=title,
        serial=data[CONF_SERIAL],
        entities=setup.entities,
        profile=data.get(PROFILE),
        inverted=setup.inverted,
    )


def place_texts(hass: HomeAssistant, kind: DeviceKind, offer: Offer) -> dict[str, str]:
    """Return what the texts of a device's place mention (IND-8)."""
    known = Setup.stored(offer.data()).traits()
    caveats = "\n".join(f"- {it}" for it in known.caveats)
    return {
        CONF_NAME: offer.title,
        "alone": known.alone_note or NOT_TOLD,
        "caveats": caveats or NOT_TOLD,
        "live": live_values(hass, kind, offer),
    }
