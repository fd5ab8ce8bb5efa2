"""Finding Lektrico devices and making their objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..http import Access, JsonDoor, basic_auth
from ..model import (
    Alone,
    DeviceCommandError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    Traits,
)
from ..parse import Fields
from . import charger, meter
from .rpc import path_of, serial_of

NAME: Final = "lektrico"
MANUFACTURER: Final = "Lektrico"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Type:
    """A kind of device, told by the prefix of its device id (protocol A.2)."""

    model: str
    kind: DeviceKind
    lines: int
    make: type[charger.Charger | meter.Meter]
    config_method: str


_TYPES: Final[Mapping[str, _Type]] = {
    "1p7k": _Type(
        model="1P7K",
        kind=DeviceKind.CHARGER,
        lines=1,
        make=charger.Charger,
        config_method=charger.CONFIG_METHOD,
    ),
    "3p22k": _Type(
        model="3P22K",
        kind=DeviceKind.CHARGER,
        lines=3,
        make=charger.ThreePhaseCharger,
        config_method=charger.CONFIG_METHOD,
    ),
    "m2w_81": _Type(
        model="EM",
        kind=DeviceKind.METER,
        lines=1,
        make=meter.Meter,
        config_method=meter.CONFIG_METHOD,
    ),
    "m2w_83": _Type(
        model="3EM",
        kind=DeviceKind.METER,
        lines=3,
        make=meter.Meter,
        config_method=meter.CONFIG_METHOD,
    ),
}


class LektricoDriver:
    """Chargers 1P7K and 3P22K, meters EM and 3EM."""

    name = NAME
    manufacturer = MANUFACTURER

    def traits(self, identity: DeviceIdentity, _settings: Mapping[str, Any]) -> Traits:
        """Return what a charger does by itself; a meter's own mode is a setting of it (LEK-19)."""
        if identity.kind is DeviceKind.METER:
            return Traits()
        note = "It keeps the last current that it was offered; it has no watchdog."
        return Traits(alone=Alone.KEEPS, alone_note=note)

    async def probe(self, access: Access) -> charger.Charger | meter.Meter | None:
        """Return the device at an address, None if something else answers there.

        Raises DeviceMismatchError for a Lektrico device that is not supported.
        """
        door = JsonDoor(access, headers=basic_auth(access))
        found = await _type_of(door)
        if found is None:
            return None
        model_id, kind = found
        method = path_of(kind.config_method)
        config = Fields((await door.get(method)).value, method)
        serial = serial_of(config)
        identity = DeviceIdentity(
            kind=kind.kind,
            driver=NAME,
            serial=serial,
            manufacturer=MANUFACTURER,
            model=kind.model,
            model_id=model_id,
            lines=kind.lines,
            default_name=f"{MANUFACTURER} {kind.model} {serial}",
            hardware=config.maybe_str("board_revision"),
        )
        return kind.make(identity, access)

    def makes(self, identity: DeviceIdentity) -> type[charger.Charger | meter.Meter]:
        """Return the class of a known device; raises DeviceMismatchError for an unknown type."""
        kind = _TYPES.get(identity.model_id)
        if kind is None:
            raise DeviceMismatchError(f"there is no {MANUFACTURER} {identity.model_id}")
        return kind.make

    def open(self, identity: DeviceIdentity, access: Access) -> charger.Charger | meter.Meter:
        """Return the object of a known device; raises DeviceMismatchError for an unknown type."""
        return self.makes(identity)(identity, access)


async def _type_of(door: JsonDoor) -> tuple[str, _Type] | None:
    """Return the type of the device, None for something that is not made by Lektrico."""
    try:
        answer = await door.get(path_of("Device_id.Get"))
        device_id = Fields(answer.value, "Device_id.Get").need_str("device_id")
    except DeviceProtocolError, DeviceCommandError:
        return None
    for model_id, kind in _TYPES.items():
        if device_id.startswith(model_id):
            return model_id, kind
    raise DeviceMismatchError(f"{device_id} is not supported")
