"""The door to every device: find one at an address, or open one that is already known.

A protocol is added by one package with a driver and one line in ``DRIVERS``.
"""

from collections.abc import Mapping
import time
from typing import Any, Final, Protocol, runtime_checkable

import aiohttp

from .entities.driver import EntityDriver
from .entity_door import EntityDoor
from .glow.driver import GlowDriver
from .http import Access, Broker, Clock
from .iec62056.driver import IecDriver
from .lektrico.driver import LektricoDriver
from .model import (
    Device,
    DeviceConnectionError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    Reading,
    Traits,
)
from .ocpp.charger import OcppCharger as OcppCharger
from .ocpp.driver import (
    OcppDriver,
    charge_point_identity as charge_point_identity,
    known_as as known_as,
)
from .ocpp.server import CentralSystem as CentralSystem, Door as Door
from .ocpp.station import Place as Place, Station as Station
from .ocpp.stations import Stations as Stations
from .ocpp.steps import OCPP_ORDER as OCPP_ORDER, Strategy as Strategy
from .ocpp.workshop import OCPP_MESSAGES as OCPP_MESSAGES
from .shelly.driver import ShellyDriver

type AnyDevice = Device[Reading]


class Driver(Protocol):
    """What a protocol's package offers."""

    @property
    def name(self) -> str:
        """The name under which the driver is stored, e.g. ``shelly``."""
        ...

    @property
    def manufacturer(self) -> str:
        """Who makes these devices."""
        ...

    async def probe(self, access: Access) -> AnyDevice | None:
        """Return the device at an address, None for one that is not of this protocol.

        Raises DeviceMismatchError for one of this protocol that is not supported, DeviceAuthError
        when a login is needed, DeviceConnectionError when nothing answers.
        """
        ...

    def makes(self, identity: DeviceIdentity) -> type[AnyDevice]:
        """Return the class of a known device's object; raises DeviceMismatchError as ``open``."""
        ...

    def open(self, identity: DeviceIdentity, access: Access) -> AnyDevice:
        """Return the object of a known device without talking to it."""
        ...


@runtime_checkable
class Described(Protocol):
    """A driver that knows what a device is like before it is asked."""

    def traits(self, identity: DeviceIdentity, settings: Mapping[str, Any]) -> Traits:
        """Return what is known of a device; ``settings`` is what is stored of it."""
        ...


DRIVERS: Final[Mapping[str, Driver]] = {
    driver.name: driver
    for driver in (
        IecDriver(),
        GlowDriver(),
        ShellyDriver(),
        LektricoDriver(),
        EntityDriver(),
        OcppDriver(),
    )
}
"""In the order of probing: first the protocol that tells itself apart without a login."""


async def probe(
    session: aiohttp.ClientSession,
    host: str,
    *,
    username: str | None = None,
    password: str | None = None,
    clock: Clock = time.monotonic,
    broker: Broker | None = None,
) -> AnyDevice:
    """Find out which device answers at ``host`` (``name``, ``name:port``, IPv6 too).

    Raises DeviceMismatchError when it is none that is supported, DeviceAuthError when it wants a
    login, DeviceConnectionError when nothing answers.
    """
    access = Access(
        session=session,
        host=host,
        username=username,
        password=password,
        clock=clock,
        broker=broker,
    )
    silence: DeviceConnectionError | None = None
    for driver in DRIVERS.values():
        try:
            device = await driver.probe(access)
        except DeviceConnectionError as error:
            # Some devices answer only the paths that they know.
            silence = error
            continue
        if device is not None:
            return device
    raise silence or DeviceMismatchError(f"no supported device answers at {host}")


def known_identity(
    driver: str, *, kind: DeviceKind, serial: str, model: str, model_id: str, lines: int
) -> DeviceIdentity:
    """Rebuild the identity of a device from what was stored when it was probed.

    Raises DeviceMismatchError for a driver that does not exist.
    """
    manufacturer = _driver(driver).manufacturer
    return DeviceIdentity(
        kind=kind,
        driver=driver,
        serial=serial,
        manufacturer=manufacturer,
        model=model,
        model_id=model_id,
        lines=lines,
        default_name=f"{manufacturer} {model} {serial}",
    )


def can[C](identity: DeviceIdentity, wanted: type[C]) -> bool:
    """Whether devices of this model have a capability (``can(identity, PhaseSwitch)``).

    Raises DeviceMismatchError for an unknown driver or model.
    """
    return issubclass(_driver(identity.driver).makes(identity), wanted)


def traits(identity: DeviceIdentity, settings: Mapping[str, Any]) -> Traits:
    """Return what is known of a device before it is asked; ``settings`` is what is stored of it.

    Raises DeviceMismatchError for an unknown driver.
    """
    driver = _driver(identity.driver)
    return driver.traits(identity, settings) if isinstance(driver, Described) else Traits()


def open_device(
    identity: DeviceIdentity,
    session: aiohttp.ClientSession,
    host: str,
    *,
    username: str | None = None,
    password: str | None = None,
    clock: Clock = time.monotonic,
    broker: Broker | None = None,
    exchange: object = None,
    entities: EntityDoor | None = None,
    settings: Mapping[str, Any] | None = None,
) -> AnyDevice:
    """Return the object of a known device without talking to it, reachable or not.

    Its first request, and the first after every failed connection, raises DeviceMismatchError if
    another device answers. Raises DeviceMismatchError here for an unknown driver or model, and
    DeviceConnectionError for a ``host`` that is no address.
    """
    access = Access(
        session=session,
        host=host,
        username=username,
        password=password,
        clock=clock,
        broker=broker,
        exchange=exchange,
        entities=entities,
        settings=settings or {},
    )
    return _driver(identity.driver).open(identity, access)


def _driver(name: str) -> Driver:
    driver = DRIVERS.get(name)
    if driver is None:
        raise DeviceMismatchError(f"there is no driver {name!r}")
    return driver
