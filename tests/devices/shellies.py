"""Simulated Shelly meters with their clamps, and drivers' objects for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.model import DeviceKind
from custom_components.evse_suite.devices.shelly.gen1 import Gen1Meter
from custom_components.evse_suite.devices.shelly.rpc_meter import RpcMeter
from simulator.devices.bench import BenchClamp
from simulator.devices.shelly.gen1 import ShellyGen1
from simulator.devices.shelly.gen2 import ShellyGen2
from simulator.devices.shelly.models import Profile
from tests.devices.servers import ManualClock

MAC = "A0B1C2D3E4F5"
POWERS_W = (2300.0, -690.0, 46.0)
BOOT_S = 3.0


def clamps(count: int) -> list[BenchClamp]:
    return [
        BenchClamp(power_w=power_w, reactive_power_var=100.0 * (number + 1))
        for number, power_w in enumerate(POWERS_W[:count])
    ]


async def until_open(meter: ShellyGen1 | ShellyGen2) -> None:
    """Wait until a device that has restarted listens again."""
    if meter._opening is not None:
        await meter._opening


def run[D: ShellyGen1 | ShellyGen2](meter: D, until_s: float) -> None:
    """Let the device work up to ``until_s`` on its own clock."""
    while meter.now_s < until_s:
        for channel in meter.channels:
            assert isinstance(channel.clamp, BenchClamp)
            channel.clamp.step(meter.now_s, 1)
        meter.step(meter.now_s + 1, 1)


@asynccontextmanager
async def gen1(
    model: Literal["SHEM", "SHEM-3"] = "SHEM",
    *,
    password: str | None = None,
    reports_power_factor: bool = True,
) -> AsyncIterator[ShellyGen1]:
    meter = ShellyGen1(
        model=model,
        mac=MAC,
        clamps=clamps(2 if model == "SHEM" else 3),
        password=password,
        reports_power_factor=reports_power_factor,
        boot_s=BOOT_S,
    )
    await meter.start()
    run(meter, 1)
    try:
        yield meter
    finally:
        await meter.stop()


@asynccontextmanager
async def rpc(
    model: str = "SPEM-003CEBEU",
    count: int = 3,
    *,
    profile: Profile = Profile.TRIPHASE,
    name: str | None = None,
    password: str | None = None,
) -> AsyncIterator[ShellyGen2]:
    meter = ShellyGen2(
        model=model,
        mac=MAC,
        clamps=clamps(count),
        profile=profile,
        name=name,
        password=password,
        boot_s=BOOT_S,
    )
    await meter.start()
    run(meter, 1)
    try:
        yield meter
    finally:
        await meter.stop()


def opened_gen1(
    session: aiohttp.ClientSession, host: str, clock: ManualClock, model_id: str = "SHEM"
) -> Gen1Meter:
    device = _opened(session, host, clock, model_id, 3 if model_id == "SHEM-3" else 2)
    assert isinstance(device, Gen1Meter)
    return device


def opened_rpc(
    session: aiohttp.ClientSession,
    host: str,
    clock: ManualClock,
    model_id: str = "SPEM-003CEBEU",
    lines: int = 3,
    *,
    password: str | None = None,
) -> RpcMeter:
    device = _opened(session, host, clock, model_id, lines, password=password)
    assert isinstance(device, RpcMeter)
    return device


def _opened(
    session: aiohttp.ClientSession,
    host: str,
    clock: ManualClock,
    model_id: str,
    lines: int,
    *,
    password: str | None = None,
) -> object:
    identity = known_identity(
        "shelly", kind=DeviceKind.METER, serial=MAC, model="Meter", model_id=model_id, lines=lines
    )
    return open_device(identity, session, host, password=password, clock=clock)
