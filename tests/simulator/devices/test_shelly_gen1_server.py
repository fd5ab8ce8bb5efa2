"""The simulated Shelly EM and 3EM of the first generation (protocol B.2)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchClamp, BenchClock
from simulator.devices.shelly import ShellyGen1

type Connect = Callable[[SimulatedDevice], Awaitable[Any]]

MAC = "A4CF12B9F355"


@pytest.fixture
def clamps() -> list[BenchClamp]:
    """Return one clamp that exports, with reactive power, and one that rests."""
    return [BenchClamp(power_w=-600.0, reactive_power_var=800.0), BenchClamp()]


@pytest.fixture
def meter(clamps: list[BenchClamp]) -> ShellyGen1:
    """Return an EM."""
    return ShellyGen1(model="SHEM", mac=MAC, clamps=clamps)


async def test_em_tells_no_current(connect: Connect, meter: ShellyGen1) -> None:
    """Current has to be computed from power, reactive power and voltage, with the power's sign."""
    client = await connect(meter)
    first = (await client.get("/status")).body["emeters"][0]
    assert first == {
        "power": -600.0,
        "reactive": 800.0,
        "pf": -0.6,
        "voltage": 230.0,
        "is_valid": True,
        "total": 0.0,
        "total_returned": 0.0,
    }
    assert (await client.get("/emeter/0")).body == first
    assert (await client.get("/emeter/2")).status == 404


async def test_3em_tells_current_and_total(connect: Connect) -> None:
    """SHEM-3 has current instead of reactive power, and a neutral conductor."""
    clamps = [BenchClamp(power_w=2300.0), BenchClamp(power_w=-230.0), BenchClamp()]
    client = await connect(ShellyGen1(model="SHEM-3", mac=MAC, clamps=clamps))
    status = (await client.get("/status")).body
    assert [meter["current"] for meter in status["emeters"]] == [10.0, 1.0, 0.0]
    assert "reactive" not in status["emeters"][0]
    assert status["total_power"] == 2070.0
    assert status["emeter_n"]["is_valid"] is False


async def test_older_firmware_has_no_power_factor(
    connect: Connect, clamps: list[BenchClamp]
) -> None:
    """`pf` came with a later firmware."""
    meter = ShellyGen1(model="SHEM", mac=MAC, clamps=clamps, reports_power_factor=False)
    client = await connect(meter)
    assert "pf" not in (await client.get("/emeter/0")).body


async def test_counters_in_both_directions(
    connect: Connect, meter: ShellyGen1, clamps: list[BenchClamp]
) -> None:
    """Wh, separate by direction, monotonic until they are reset."""
    client = await connect(meter)
    clock = BenchClock(*clamps, meter)
    clock.run(3600.0, step_s=1.0)
    clamps[0].power_w = 300.0
    clock.run(3600.0, step_s=1.0)
    emeter = (await client.get("/emeter/0")).body
    assert (emeter["total"], emeter["total_returned"]) == (300.0, 600.0)
    emeter = (await client.get("/emeter/0?reset_totals=1")).body
    assert (emeter["total"], emeter["total_returned"]) == (0.0, 0.0)
    clock.run(36.0, step_s=1.0)
    assert (await client.get("/emeter/0")).body["total"] == 3.0
    assert (await client.get("/reset_data")).body == {"reset_data": 1}
    assert (await client.get("/emeter/0")).body["total"] == 0.0


async def test_invalid(connect: Connect, meter: ShellyGen1) -> None:
    """A bad sample looks like a number and says so in `is_valid`."""
    meter.faults.invalid = True
    client = await connect(meter)
    emeter = (await client.get("/emeter/0")).body
    assert (emeter["is_valid"], emeter["power"]) == (False, 0.0)


async def test_relay_with_timer(connect: Connect, meter: ShellyGen1) -> None:
    """The contactor relay and its timer."""
    clock = BenchClock(meter)
    client = await connect(meter)
    clock.run(1.0)
    relay = (await client.get("/relay/0?turn=on&timer=60")).body
    assert (relay["ison"], relay["has_timer"], relay["timer_remaining"]) == (True, True, 60)
    clock.run(30.0)
    assert (await client.get("/relay/0")).body["timer_remaining"] == 30
    clock.run(31.0)
    relay = (await client.get("/status")).body["relays"][0]
    assert (relay["ison"], relay["source"]) == (False, "timer")
    assert (await client.get("/relay/0?turn=toggle")).body["ison"] is True
    assert (await client.get("/relay/0?turn=sideways")).status == 400


async def test_login(connect: Connect, clamps: list[BenchClamp]) -> None:
    """HTTP Basic guards all but `/shelly`, which tells that a login is needed."""
    meter = ShellyGen1(model="SHEM", mac=MAC, clamps=clamps, password="secret")
    client = await connect(meter)
    assert (await client.get("/shelly")).body["auth"] is True
    assert (await client.get("/status")).status == 401
    assert (await client.get("/status", login=("admin", "wrong"))).status == 401
    assert (await client.get("/status", login=("admin", "secret"))).status == 200


async def test_identity_settings_and_description(connect: Connect, meter: ShellyGen1) -> None:
    """What clients need to set the device up."""
    client = await connect(meter)
    info = (await client.get("/shelly")).body
    assert (info["type"], info["mac"], info["auth"]) == ("SHEM", MAC, False)
    settings = (await client.get("/settings")).body
    assert settings["device"]["hostname"] == "shellyem-B9F355"
    assert [emeter["ctraf_type"] for emeter in settings["emeters"]] == [50, 50]
    assert (await client.get("/settings/relay/0")).body["default_state"] == "off"
    assert (await client.get("/settings/emeter/1")).body["max_power"] == 0
    sensors = (await client.get("/cit/d")).body["sen"]
    assert {4105, 4108, 4205, 4208, 1101} <= {sensor["I"] for sensor in sensors}


async def test_update_and_restart(connect: Connect, meter: ShellyGen1) -> None:
    """LEK-13: an offered firmware is installed; the uptime begins again."""
    client = await connect(meter)
    clock = BenchClock(meter)
    clock.run(100.0)
    meter.new_firmware = "20240101-000000/v1.15.0-gabcdef0"
    status = (await client.get("/status")).body
    assert (status["has_update"], status["uptime"]) == (True, 100)
    assert (await client.get("/ota?update=true")).status == 200
    clock.run(meter.boot_s + 3.0)
    status = (await client.get("/status")).body
    assert (status["has_update"], status["update"]["old_version"][:8]) == (False, "20240101")
    assert status["uptime"] < 5
    await client.get("/reboot")
    clock.run(1.0)
    assert meter.booting


async def test_commands_that_do_nothing(connect: Connect, meter: ShellyGen1) -> None:
    """Refused or ignored commands change nothing."""
    client = await connect(meter)
    meter.faults.refuse_commands = True
    assert (await client.get("/relay/0?turn=on")).status == 500
    meter.faults.clear()
    meter.faults.ignore_commands = True
    assert (await client.get("/relay/0?turn=on")).status == 200
    assert (await client.get("/reboot")).status == 200
    assert not meter.relay.on


def test_number_of_clamps() -> None:
    """An EM has two clamps and a 3EM three."""
    with pytest.raises(ValueError, match="SHEM-3 has 3 clamps, not 1"):
        ShellyGen1(model="SHEM-3", mac=MAC, clamps=[BenchClamp()])
