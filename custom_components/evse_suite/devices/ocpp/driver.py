"""Making the objects of charge points; they are not found but dial in."""

from typing import Final

from ..http import Access
from ..model import DeviceConnectionError, DeviceIdentity, DeviceKind, DeviceMismatchError
from .charger import Charger, SwitchingCharger
from .station import Station
from .stations import Stations

NAME: Final = "ocpp"
MANUFACTURER: Final = "OCPP"
PLAIN: Final = "1.6J"
SWITCHING: Final = "1.6J 1p3p"
MODELS: Final = {PLAIN: Charger, SWITCHING: SwitchingCharger}
MOST_LINES: Final = 3


class OcppDriver:
    """Chargers that speak OCPP 1.6J."""

    name = NAME
    manufacturer = MANUFACTURER

    async def probe(self, access: Access) -> None:
        """Find nothing: nobody answers at an address, the charge point is who calls."""

    def makes(self, identity: DeviceIdentity) -> type[Charger]:
        """Return the class of a known device; raises DeviceMismatchError for an unknown one."""
        make = MODELS.get(identity.model_id)
        if make is None:
            raise DeviceMismatchError(f"there is no OCPP {identity.model_id}")
        return make

    def open(self, identity: DeviceIdentity, access: Access) -> Charger:
        """Return the object of a known charge point; ``access.exchange`` is where it dials in.

        Raises DeviceConnectionError without one.
        """
        make = self.makes(identity)
        if not isinstance(access.exchange, Stations):
            raise DeviceConnectionError("there is no server that charge points could dial in to")
        return make(identity, access.exchange.station(identity.serial))


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
