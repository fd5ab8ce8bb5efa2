"""Making the objects of devices that consist of entities."""

from collections.abc import Mapping
from typing import Any, Final

from ..http import Access
from ..model import DeviceIdentity, DeviceKind, DeviceMismatchError, Traits
from .charger import EntityCharger
from .meter import EntityMeter
from .setup import Setup

NAME: Final = "entities"


class EntityDriver:
    """Any charger or meter that already has entities in Home Assistant (SITE-8)."""

    name = NAME
    manufacturer = ""

    async def probe(self, access: Access) -> None:
        """Return None: nothing of this kind is at an address."""

    def makes(self, identity: DeviceIdentity) -> type[EntityCharger | EntityMeter]:
        """Return the class of a device's object."""
        return EntityCharger if identity.kind is DeviceKind.CHARGER else EntityMeter

    def open(self, identity: DeviceIdentity, access: Access) -> EntityCharger | EntityMeter:
        """Return the object of a device without looking at its entities."""
        if access.entities is None:
            raise DeviceMismatchError("there is no Home Assistant whose entities could be used")
        make = self.makes(identity)
        return make(identity, access.entities, Setup.stored(access.settings), access.clock)

    def traits(self, _identity: DeviceIdentity, settings: Mapping[str, Any]) -> Traits:
        """Return what its profile says of the device."""
        return Setup.stored(settings).traits()
