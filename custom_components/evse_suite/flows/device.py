"""Asking a device who it is, and what is stored of it; shared by all flows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
import re
from typing import Any, Final, NamedTuple

from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..const import (
    CONF_DRIVER,
    CONF_LINES,
    CONF_MODEL,
    CONF_MODEL_ID,
    CONF_ROLE,
    CONF_SERIAL,
    DOMAIN,
    DRIVER_ENTITIES,
    ROLE_OTHER,
)
from ..devices import can, probe
from ..devices.model import (
    DeviceAuthError,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceProtocolError,
    OwnPace,
)
from ..mqtt_line import HomeBroker
from .site import KnownDevice, find_device, known_devices
from .validate import Checked, SiteFacts, check_charger, check_meter, join_host

IPV6: Final = 6
SHORTEST_END: Final = 6
"""The first Shelly generation announces only this many of its serial number's last digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a device is reached; a login only where the device wants one."""

    host: str
    username: str | None = None
    password: str | None = None

    @classmethod
    def stored(cls, data: Mapping[str, Any]) -> Address:
        """Return the address in a subentry's data."""
        return cls(
            host=data[CONF_HOST],
            username=data.get(CONF_USERNAME),
            password=data.get(CONF_PASSWORD),
        )

    def with_login(self, user_input: Mapping[str, Any]) -> Address:
        """Return the address with what was typed of a login; what was left empty stays."""
        return replace(
            self,
            username=user_input.get(CONF_USERNAME) or self.username,
            password=user_input.get(CONF_PASSWORD) or self.password,
        )

    def data(self) -> dict[str, str]:
        """Return what is stored."""
        values = {
            CONF_HOST: self.host,
            CONF_USERNAME: self.username,
            CONF_PASSWORD: self.password,
        }
        return {key: value for key, value in values.items() if value is not None}


class Refusal(NamedTuple):
    """Why nobody is at an address that could be added; ``error`` is the key of the sentence."""

    error: str
    wants_login: bool = False
    username: str | None = None
    """The only user that the device has, if it said so."""


async def async_ask(hass: HomeAssistant, address: Address) -> DeviceIdentity | Refusal:
    """Ask who is at an address."""
    try:
        device = await probe(
            async_get_clientsession(hass),
            address.host,
            username=address.username,
            password=address.password,
            broker=HomeBroker(hass),
        )
    except DeviceAuthError as err:
        return Refusal("invalid_auth", wants_login=True, username=err.username)
    except DeviceConnectionError:
        return Refusal("cannot_connect")
    except DeviceProtocolError:
        return Refusal("protocol_error")
    except DeviceError:
        return Refusal("not_supported")
    await device.close()
    return device.identity


def unique_id(identity: DeviceIdentity) -> str:
    """Return the id that a device keeps for ever."""
    return f"{identity.driver}_{identity.serial}"


def read_device_form(
    user_input: Mapping[str, Any], identity: DeviceIdentity, site: SiteFacts
) -> Checked:
    """Check a device's form against its site."""
    if identity.kind is DeviceKind.CHARGER:
        return check_charger(user_input, site, identity.lines)
    data, errors = check_meter(user_input, site, identity.lines)
    of_entities = identity.driver == DRIVER_ENTITIES
    if user_input[CONF_ROLE] != ROLE_OTHER and can(identity, OwnPace) and not of_entities:
        # It takes half a minute and more to be read: far too late for a fuse.
        errors[CONF_ROLE] = "meter_too_slow"
    return data, errors


def device_title(user_input: Mapping[str, Any], identity: DeviceIdentity) -> str:
    """Return the name that was typed, or the device's own."""
    typed: str = user_input[CONF_NAME]
    return typed.strip() or identity.default_name


def device_data(
    identity: DeviceIdentity, address: Address, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is stored of a new device."""
    return {
        **address.data(),
        CONF_DRIVER: identity.driver,
        CONF_SERIAL: identity.serial,
        CONF_MODEL: identity.model,
        CONF_MODEL_ID: identity.model_id,
        CONF_LINES: identity.lines,
        **settings,
    }


def device_placeholders(identity: DeviceIdentity, address: Address) -> dict[str, str]:
    """Return what the texts of a device's steps mention."""
    return {"model": identity.model, "serial": identity.serial, "host": address.host}


def forget_discovery(hass: HomeAssistant, device_id: str) -> None:
    """End flows that offer a device which has just been added in another way."""
    flows = hass.config_entries.flow.async_progress_by_handler(
        DOMAIN, match_context={"unique_id": device_id}
    )
    for flow in flows:
        hass.config_entries.flow.async_abort(flow["flow_id"])


def update_address(hass: HomeAssistant, known: KnownDevice, address: Address) -> bool:
    """Store a device's address and tell whether it was another one before."""
    return hass.config_entries.async_update_subentry(
        known.entry, known.subentry, data={**known.subentry.data, **address.data()}
    )


def announced_host(info: ZeroconfServiceInfo) -> str:
    """Return the address of an announcement in the form that is stored."""
    name = f"[{info.host}]" if info.ip_address.version == IPV6 else info.host
    return join_host(name, info.port)


def announced_name(info: ZeroconfServiceInfo) -> str:
    """Return the name under which a device announces itself."""
    return info.name.removesuffix(f".{info.type}")


def find_announced(hass: HomeAssistant, name: str) -> KnownDevice | None:
    """Return the known device that an announced name seems to be.

    Lektrico announces ``Lektrico-1p7k-500006``, Shelly ``shellyemg3-<mac>`` or, at first,
    ``shellyem-<end of mac>``. It is a hint that saves a request, or finds the login to ask with;
    it proves nothing.
    """
    announced = _bare(re.sub(r"\s*\(\d+\)$", "", name).rpartition("-")[2])
    for known in known_devices(hass):
        serial = _bare(known.subentry.data[CONF_SERIAL])
        if serial == announced or (len(announced) >= SHORTEST_END and serial.endswith(announced)):
            return known
    return None


def _bare(serial: str) -> str:
    return re.sub(r"[^0-9a-z]", "", serial.lower())


def find_identity(hass: HomeAssistant, identity: DeviceIdentity) -> KnownDevice | None:
    """Return the known device that is this one."""
    return find_device(hass, unique_id(identity))
