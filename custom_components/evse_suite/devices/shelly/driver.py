"""Finding Shelly meters and making their objects."""

from typing import Final

from ..http import Access, JsonDoor, basic_auth
from ..model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
)
from ..parse import Fields
from .gen1 import Gen1Meter
from .identity import PROOF, USERNAME, serial_of
from .models import GEN1_MODELS, RPC_MODELS, Model
from .rpc_meter import RpcMeter, digest, rpc_channels

NAME: Final = "shelly"
MANUFACTURER: Final = "Shelly"
METER_CODE: Final = "EM"
"""Part of the model code of every energy meter since the second generation (protocol B.1)."""


class ShellyDriver:
    """Energy meters of every generation."""

    name = NAME
    manufacturer = MANUFACTURER

    async def probe(self, access: Access) -> Gen1Meter | RpcMeter | None:
        """Return the meter at an address, None if something else answers there.

        Raises DeviceMismatchError for a Shelly that measures no circuit.
        """
        info = await _info(access)
        if info is None:
            return None
        if "gen" in info:
            return await _probe_rpc(info, access)
        return await _probe_gen1(info, access)

    def makes(self, identity: DeviceIdentity) -> type[Gen1Meter | RpcMeter]:
        """Return the class of a known meter."""
        return Gen1Meter if identity.model_id in GEN1_MODELS else RpcMeter

    def open(self, identity: DeviceIdentity, access: Access) -> Gen1Meter | RpcMeter:
        """Return the object of a known meter."""
        return self.makes(identity)(identity, access)


async def _info(access: Access) -> Fields | None:
    """Return what every Shelly tells without a login, None for something else."""
    try:
        info = Fields((await JsonDoor(access).get(PROOF.path)).value, PROOF.path)
        serial_of(info)
    except DeviceProtocolError, DeviceCommandError, DeviceAuthError:
        return None
    return info if "type" in info or "gen" in info else None


async def _probe_gen1(info: Fields, access: Access) -> Gen1Meter:
    model_id = info.need_str("type")
    model = GEN1_MODELS.get(model_id)
    if model is None:
        raise DeviceMismatchError(f"a Shelly {model_id} is not an energy meter")
    door = JsonDoor(access, headers=basic_auth(access, USERNAME))
    await door.get("/status")
    return Gen1Meter(_identity(info, model_id, model, model.channels, "fw"), access)


async def _probe_rpc(info: Fields, access: Access) -> RpcMeter:
    model_id = info.need_str("model")
    door = JsonDoor(access, middlewares=digest(access))
    try:
        answer = await door.get("/rpc/Shelly.GetStatus")
    except DeviceAuthError as error:
        # Nobody is asked for the password of something that is no meter anyway.
        if METER_CODE not in model_id:
            raise DeviceMismatchError(f"a Shelly {model_id} is not an energy meter") from error
        raise DeviceAuthError("the device wants another login", USERNAME) from error
    status = Fields(answer.value, "Shelly.GetStatus")
    channels = rpc_channels(status)
    if not channels:
        raise DeviceMismatchError(f"a Shelly {model_id} is not an energy meter")
    model = RPC_MODELS.get(model_id) or Model(name=info.maybe_str("app") or model_id)
    return RpcMeter(_identity(info, model_id, model, len(channels), "ver"), access, status=status)


def _identity(
    info: Fields, model_id: str, model: Model, lines: int, firmware: str
) -> DeviceIdentity:
    serial = serial_of(info)
    return DeviceIdentity(
        kind=DeviceKind.METER,
        driver=NAME,
        serial=serial,
        manufacturer=MANUFACTURER,
        model=model.name,
        model_id=model_id,
        lines=lines,
        default_name=info.maybe_str("name") or f"{MANUFACTURER} {model.name} {serial[-6:]}",
        firmware=info.maybe_str(firmware),
        mac=serial,
    )
