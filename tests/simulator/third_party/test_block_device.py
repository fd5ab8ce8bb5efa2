"""The library of Home Assistant's Shelly integration against the simulated first generation.

It insists on port 80 and on an answer by CoAP, so this needs the right to listen there.
"""

from collections.abc import AsyncIterator
import errno
from ipaddress import IPv4Address
import os

from aiohttp import ClientSession
from aioshelly.block_device import COAP, BlockDevice
from aioshelly.common import ConnectionOptions
from aioshelly.exceptions import InvalidAuthError
import pytest

from simulator.devices.bench import BenchClamp, BenchClock
from simulator.devices.shelly import ShellyGen1

HOST, HTTP_PORT = "127.0.0.1", 80
PASSWORD = "secret"


@pytest.fixture
async def coap() -> AsyncIterator[COAP]:
    """Return the library's CoAP side, on loopback."""
    context = COAP()
    await context.initialize(0, [IPv4Address(HOST)])
    yield context
    context.close()


@pytest.fixture
async def meter() -> AsyncIterator[ShellyGen1]:
    """Return an EM with a login, where the library looks for one."""
    clamps = [BenchClamp(power_w=-600.0, reactive_power_var=800.0), BenchClamp(power_w=230.0)]
    device = ShellyGen1(
        model="SHEM", mac="A4CF12B9F355", clamps=clamps, password=PASSWORD, coiot=True
    )
    try:
        await device.start(HOST, HTTP_PORT)
    except OSError as error:
        await device.stop()
        if "CI" in os.environ or error.errno not in {errno.EACCES, errno.EADDRINUSE}:
            raise
        pytest.skip(f"cannot listen on the ports of a real device: {error}")
    yield device
    await device.stop()


async def test_em(meter: ShellyGen1, coap: COAP) -> None:
    """Description, values and commands, with the password and not without."""
    clock = BenchClock(meter)
    clock.run(1.0)
    async with ClientSession() as session:
        stranger = await BlockDevice.create(session, coap, ConnectionOptions(HOST))
        with pytest.raises(InvalidAuthError):
            await stranger.initialize()
        await stranger.shutdown()
        client = await BlockDevice.create(
            session, coap, ConnectionOptions(HOST, "admin", PASSWORD, device_mac=meter.mac)
        )
        await client.initialize()
        assert (client.model, client.name, client.firmware_supported) == (
            "SHEM",
            "shellyem-B9F355",
            True,
        )
        meters = [block.current_values() for block in client.blocks if block.type == "emeter"]
        assert [values["power"] for values in meters] == [-600.0, 230.0]
        assert meters[0]["voltage"] == 230.0
        (relay,) = (block for block in client.blocks if block.type == "relay")
        assert (await relay.set_state(turn="on"))["ison"] is True
        await client.update()
        assert relay.current_values()["output"] == 1
        await client.trigger_reboot()
        clock.run(1.0)
        assert meter.booting
        await client.shutdown()
