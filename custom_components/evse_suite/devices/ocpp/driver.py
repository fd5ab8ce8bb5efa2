"""Making the objects of charge points; they are not found but dial in."""

from collections.abc import Mapping
from typing import Any, Final

from ..http import Access
from ..model import (
    Alone,
    DeviceConnectionError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    Traits,
)
from .charger import OcppCharger, SwitchingCharger
from .station import Station
from .stations import Stations

NAME: Final = "ocpp"
MANUFACTURER: Final = "OCPP"
PLAIN: Final = "1.6J"
SWITCHING: Final = "1.6J 1p3p"
MODELS: Final = {PLAIN: OcppCharger, SWITCHING: SwitchingCharger}
MOST_LINES: Final = 3
ALONE_NOTE: Final = (
    "Within 2 minutes it falls back to its safe current, which lies under every limit that it is "
    "told; within 15 minutes where it takes no limit for a single session."
)


class OcppDriver:
    """Chargers that speak OCPP 1.6J."""

    name = NAME
    manufacturer = MANUFACTURER

    async def probe(self, access: Access) -> None:
        """Find nothing: nobody answers at an address, the charge point is who calls."""

    def makes(self, identity: DeviceIdentity) -> type[OcppCharger]:
        """Return the class of a known device; raises DeviceMismatchError for an unknown one."""
        make = MODELS.get(identity.model_id)
        if make is None:
            raise DeviceMismatchError(f"there is no OCPP {identity.model_id}")
        return make

    def traits(self, _identity: DeviceIdentity, _settings: Mapping[str, Any]) -> Traits:
        """Return what is known of a charge point before it dials in (IND-8)."""
        return Traits(alone=Alone.FALLS_BACK, alone_note=ALONE_NOTE)

    def open(self, identity: DeviceIdentity, access: Access) -> OcppCharger:
        """Return the object of a known charge point; ``access.exchange`` is where it dials in.

        Raises DeviceConnectionError without one.
        """
        make = self.makes(identity)
        if not isinstance(access.exchange, Stations):
            raise DeviceConnectionError("there is no server that charge points could dial in to")
        return make(identity, access.exchange.station(identity.serial))


def known_as(station: Station) -> str | None:
    """Return the model id by what a charge point can do; None before it was asked."""
    if not station.configuration:
        return None
    return SWITCHING if station.features.switches_phases else PLAIN


def charge_point_identity(station: Station) -> DeviceIdentity:
    """Return who a charge point says it is; on how many lines it charges nobody has told yet."""
    about = station.about
    model = " ".join(part for part in (about.vendor, about.model) if part) or station.identity
    return DeviceIdentity(
        kind=DeviceKind.CHARGER,
        driver=NAME,
        serial=station.identity,
        manufacturer=MANUFACTURER,
        model=model,
        model_id=PLAIN,
        lines=MOST_LINES,
        default_name=f"{model} {station.identity}" if model != station.identity else model,
        firmware=about.firmware,
    )
