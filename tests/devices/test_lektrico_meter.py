"""The EM's driver against a simulated EM, over loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from custom_components.evse_suite.devices import known_identity, open_device, probe
from custom_components.evse_suite.devices.lektrico.meter import Meter
from custom_components.evse_suite.devices.model import (
    BreakerRating,
    CurrentControl,
    DeviceConnectionError,
    DeviceKind,
    DeviceProtocolError,
    LoadBalancing,
    LoadBalancingMode,
    MeterFlaw,
    Restart,
)
from simulator.devices.bench import BenchClamp
from simulator.devices.lektrico.meter import LektricoMeter
from tests.devices.servers import JsonServer, ManualClock

POWERS_W = (2166.2, 3.6, -244.0)


@asynccontextmanager
async def simulated(clamps: int) -> AsyncIterator[LektricoMeter]:
    meter = LektricoMeter(
        serial=700001, clamps=[BenchClamp(power_w=power_w) for power_w in POWERS_W[:clamps]]
    )
    await meter.start()
    meter.step(1, 1)
    try:
        yield meter
    finally:
        await meter.stop()


def opened(session: aiohttp.ClientSession, host: str, clock: ManualClock, lines: int) -> Meter:
    identity = known_identity(
        "lektrico",
        kind=DeviceKind.METER,
        serial="700001",
        model="EM",
        model_id="m2w_81" if lines == 1 else "m2w_83",
        lines=lines,
    )
    device = open_device(identity, session, host, clock=clock)
    assert isinstance(device, Meter)
    return device


@pytest.mark.parametrize(("clamps", "model"), [(1, "EM"), (3, "3EM")])
async def test_probing_and_reading(
    session: aiohttp.ClientSession, clock: ManualClock, clamps: int, model: str
) -> None:
    async with simulated(clamps) as meter:  # LEK-1, LEK-15
        device = await probe(session, meter.host_port, clock=clock)
        assert isinstance(device, Meter)
        assert (device.identity.model, device.identity.lines) == (model, clamps)
        assert device.identity.kind is DeviceKind.METER
        reading = await device.read()
        assert [channel.power_w for channel in reading.channels] == list(POWERS_W[:clamps])
        for channel, power_w in zip(reading.channels, POWERS_W, strict=False):
            # The current has the sign of the power.
            assert channel.current_a == pytest.approx(power_w / 230, abs=0.01)
            assert channel.voltage_v == pytest.approx(230)
            assert channel.power_factor is not None
            assert channel.usable
        assert reading.firmware == device.identity.firmware == "1.15"
        assert reading.time_s == clock.now_s
        assert device.error_names == ()


async def test_its_own_balancing_and_breaker(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with simulated(1) as meter:  # LEK-15, LEK-19
        device = opened(session, meter.host_port, clock, 1)
        before = await device.read()
        assert before.load_balancing_mode is LoadBalancingMode.DISABLED
        assert before.breaker_rating_a == 32
        await device.set_breaker_rating(63)
        for mode in LoadBalancingMode:
            await device.set_load_balancing_mode(mode)
            assert (await device.read()).load_balancing_mode is mode
        assert (await device.read()).breaker_rating_a == 63


@pytest.mark.parametrize("rating_a", [9, 1001])
async def test_a_rating_out_of_range(
    session: aiohttp.ClientSession, clock: ManualClock, rating_a: int
) -> None:
    with pytest.raises(ValueError, match="10 to 1000"):
        await opened(session, "127.0.0.1:9", clock, 1).set_breaker_rating(rating_a)


async def test_an_ordered_restart(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with simulated(1) as meter:
        device = opened(session, meter.host_port, clock, 1)
        await device.read()
        await device.restart()
        meter.faults.drop = True
        with pytest.raises(DeviceConnectionError):
            await device.read()
        meter.faults.clear()
        assert (await device.read()).restarts == 1


async def test_nulls_are_no_zeros(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with simulated(3) as meter:  # SITE-5
        device = opened(session, meter.host_port, clock, 3)
        meter.faults.invalid = True
        meter.step(3, 2)
        for channel in (await device.read()).channels:
            assert (channel.current_a, channel.power_w, channel.voltage_v) == (None, None, None)
            assert channel.flaws == {MeterFlaw.NULL}
            assert not channel.usable


def replies(**changes: object) -> dict[str, object]:
    live = {"voltage": [230.0], "current": [1.0], "active_p": [-230.0], **changes}
    return {
        "/rpc/M2w_config.Get": {"serial_number": 700001},
        "/rpc/Meter_info.Get": live,
        "/rpc/App_config.Get": {"load_balancing_mode": 7, "breaker_rating": None},
        "/rpc/Sw_version.Get": {"fw_version": "1.16"},
    }


async def test_what_newer_firmware_may_say(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    server = JsonServer(replies())
    async with server.running():
        device = opened(session, server.host, clock, 1)
        reading = await device.read()
        assert (reading.load_balancing_mode, reading.breaker_rating_a) == (None, None)
        assert reading.channels[0].power_factor is None
        server.replies["/rpc/Sw_version.Get"] = {"fw_version": "1.17"}
        clock.advance(30)
        # Another firmware than before: it has restarted.
        assert (await device.read()).restarts == 1


@pytest.mark.parametrize(
    "changes",
    [{"voltage": [1e9]}, {"current": []}, {"active_p": ["1"]}, {"power_factor": [7]}],
)
async def test_absurd_values(
    session: aiohttp.ClientSession, clock: ManualClock, changes: dict[str, object]
) -> None:
    async with JsonServer(replies(**changes)).running() as server:
        with pytest.raises(DeviceProtocolError):
            await opened(session, server.host, clock, 1).read()


async def test_capabilities(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    device = opened(session, "em.local", clock, 3)
    for wanted in (LoadBalancing, BreakerRating, Restart):
        assert device.capability(wanted) is device
    assert device.capability(CurrentControl) is None
    await device.close()
