"""Announces simulated devices by mDNS / DNS-SD, as the real ones announce themselves (LEK-1)."""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address

from zeroconf import InterfaceChoice
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from .base import SimulatedDevice

LOOPBACK = ("127.0.0.1",)


class Announcer:
    """Announces started devices until it is stopped."""

    def __init__(self, interfaces: Iterable[str] | None = LOOPBACK) -> None:
        """Announce on the interfaces with these addresses, or on all of them with None."""
        self._interfaces = InterfaceChoice.All if interfaces is None else list(interfaces)
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self, devices: Iterable[SimulatedDevice]) -> None:
        """Announce every device at the address where it listens.

        A name that is taken already, by another simulation say, gets a number appended.
        """
        self._zeroconf = AsyncZeroconf(interfaces=self._interfaces)
        infos = [info for device in devices for info in services(device)]
        register = self._zeroconf.async_register_service
        probed = [register(info, allow_name_change=True) for info in infos]
        announced = await asyncio.gather(*probed)
        await asyncio.gather(*announced)

    async def stop(self) -> None:
        """Say goodbye for all of them."""
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()
            self._zeroconf = None


def services(device: SimulatedDevice) -> list[AsyncServiceInfo]:
    """Return what is announced about a started device, one entry for each service type."""
    host, port = device.address
    announcement = device.announcement
    return [
        AsyncServiceInfo(
            service_type,
            f"{announcement.instance}.{service_type}",
            port=port,
            addresses=[ip_address(host).packed],
            properties=dict(announcement.properties),
            server=f"{announcement.instance}.local.",
        )
        for service_type in announcement.service_types
    ]
