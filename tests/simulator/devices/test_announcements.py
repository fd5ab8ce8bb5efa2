"""LEK-1: the simulated devices are found by mDNS as the real ones are."""

import asyncio
import os

from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from simulator.devices.bench import BenchCar, BenchClamp
from simulator.devices.lektrico import LektricoCharger, LektricoMeter
from simulator.devices.mdns import LOOPBACK, Announcer, services
from simulator.devices.shelly import ShellyGen1, ShellyGen2

HTTP, SHELLY = "_http._tcp.local.", "_shelly._tcp.local."


def test_names_and_properties() -> None:
    """Names as Home Assistant matches them, and the TXT records of each kind."""
    two = [BenchClamp(), BenchClamp()]
    charger = LektricoCharger(model="3p22k", serial=500007, car=BenchCar(lines=3)).announcement
    assert charger.instance.lower().startswith("lektrico")
    assert charger.properties["id"] == "3p22k_500007"
    meter = LektricoMeter(serial=600001, clamps=two[:1]).announcement
    assert meter.instance.lower().startswith("lektrico")
    old = ShellyGen1(model="SHEM", mac="A4CF12B9F355", clamps=two).announcement
    assert (old.instance, old.service_types) == ("shellyem-B9F355", (HTTP,))
    new = ShellyGen2(model="S4EM-002CXCEU", mac="AABBCCDDEEFF", clamps=two).announcement
    assert new.instance.rsplit("-", maxsplit=1)[-1] == "aabbccddeeff"
    assert new.service_types == (HTTP, SHELLY)
    assert new.properties["gen"] == "4"


async def test_found_on_loopback() -> None:
    """A browser finds name, address, port and TXT record, and sees the goodbye."""
    serial = 1_000_000 + os.getpid()  # other simulations may be announcing theirs
    charger = LektricoCharger(model="1p7k", serial=serial, car=BenchCar())
    await charger.start()
    announcer = Announcer()
    await announcer.start([charger])
    (announced,) = services(charger)
    found: asyncio.Queue[tuple[str, ServiceStateChange]] = asyncio.Queue()

    def heard(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if name == announced.name:
            found.put_nowait((name, state_change))

    async with AsyncZeroconf(interfaces=list(LOOPBACK)) as zeroconf:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, HTTP, handlers=[heard])
        name, change = await asyncio.wait_for(found.get(), 10)
        assert change is ServiceStateChange.Added
        info = AsyncServiceInfo(HTTP, name)
        assert await info.async_request(zeroconf.zeroconf, 3000)
        assert (info.parsed_addresses(), info.port) == (["127.0.0.1"], charger.address[1])
        assert info.decoded_properties["id"] == f"1p7k_{serial}"
        await announcer.stop()
        assert (await asyncio.wait_for(found.get(), 10))[1] is ServiceStateChange.Removed
        await browser.async_cancel()
    await charger.stop()
