"""Every fault, on a device of each protocol where it matters."""

import asyncio
from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

from aiohttp import ClientError
import pytest

from simulator.devices import Faults, SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClamp, BenchClock
from simulator.devices.lektrico import LektricoCharger
from simulator.devices.shelly import ShellyGen1, ShellyGen2

type Connect = Callable[[SimulatedDevice], Awaitable[Any]]


def _charger() -> LektricoCharger:
    return LektricoCharger(model="1p7k", serial=500006, car=BenchCar())


def _gen1() -> ShellyGen1:
    return ShellyGen1(model="SHEM", mac="A4CF12B9F355", clamps=[BenchClamp(), BenchClamp()])


def _gen2() -> ShellyGen2:
    return ShellyGen2(
        model="S3EM-002CXCEU", mac="AABBCCDDEEFF", clamps=[BenchClamp(), BenchClamp()]
    )


DEVICES = {
    "/rpc/charger_info.get": _charger,
    "/status": _gen1,
    "/rpc/Shelly.GetStatus": _gen2,
}


@pytest.mark.parametrize("path", DEVICES)
async def test_faults_of_the_network(connect: Connect, path: str) -> None:
    """The same faults on all protocols, and health as soon as they are cleared."""
    device = DEVICES[path]()
    client = await connect(device)
    device.inject({"hang": True})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.get(path), 0.05)
    device.inject({"clear": True, "unauthorized": True})
    assert (await client.get(path)).status == 401
    device.inject({"clear": True, "garbage": True})
    with pytest.raises(JSONDecodeError):
        await client.get(path)
    device.inject({"clear": True, "drop": True})
    with pytest.raises(ClientError):
        await client.get(path)
    device.inject({"clear": True, "delay_s": 0.05})
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    await client.get(path)
    assert loop.time() - asked_s >= 0.05
    device.inject({"clear": True, "silent": True})
    with pytest.raises(ClientError):
        await client.get(path)
    device.inject({"clear": True})
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize("path", DEVICES)
async def test_restart_keeps_the_port(connect: Connect, path: str) -> None:
    """Off the network while it boots, then at the same address."""
    device = DEVICES[path]()
    client = await connect(device)
    clock = BenchClock(device)
    where = device.host_port
    for _ in range(3):
        device.inject({"reboot": True})
        clock.run(1.0)
        with pytest.raises(ClientError):
            await client.get(path)
        clock.run(device.boot_s)
        assert (await client.get(path)).status == 200
    assert device.host_port == where


async def test_silent_charger_goes_on_charging(connect: Connect) -> None:
    """Without its network a charger still charges."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    await connect(charger)
    clock = BenchClock(charger)
    car.is_plugged = True
    charger.faults.silent = True
    clock.run(3600.0, step_s=1.0)
    assert car.current_a == 32.0
    assert charger.point.session.energy_wh == pytest.approx(32 * 230 * 0.99, rel=0.001)


async def test_frozen_values(connect: Connect) -> None:
    """The last measurement is repeated for ever."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    client = await connect(charger)
    clock = BenchClock(charger)
    clock.run(2.0)
    charger.faults.frozen = True
    car.is_plugged = True
    clock.run(10.0)
    info = (await client.get("/rpc/charger_info.get")).body
    assert (info["currents"][0], info["extended_charger_state"]) == (0.0, "C")
    charger.faults.frozen = False
    clock.run(1.0)
    assert (await client.get("/rpc/charger_info.get")).body["currents"][0] == 32.0


@pytest.mark.parametrize("device", [_charger(), _gen2()])
async def test_commands_refused_or_ignored(connect: Connect, device: SimulatedDevice) -> None:
    """Refused with the protocol's error, or acknowledged without any effect."""
    client = await connect(device)
    if isinstance(device, LektricoCharger):
        method, params, code = "dynamic_current.set", {"dynamic_current": 6}, -7
    else:
        method, params, code = "Switch.Set", {"id": 0, "on": True}, -114
    device.faults.refuse_commands = True
    assert (await client.command(method, **params))["error"]["code"] == code
    device.faults.refuse_commands = False
    device.faults.ignore_commands = True
    assert (await client.command(method, **params))["result"] in (True, {"was_on": False})
    if isinstance(device, LektricoCharger):
        assert device.point.dynamic_current_a == 32
    elif isinstance(device, ShellyGen2):
        assert not device.relay.on


async def test_counter_reset(connect: Connect) -> None:
    """LEK-3: lifetime energy starts again at zero, as after a factory reset."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    client = await connect(charger)
    clock = BenchClock(charger)
    car.is_plugged = True
    clock.run(3600.0, step_s=1.0)
    charger.inject({"reset_counters": True})
    clock.run(1.0)
    info = (await client.get("/rpc/charger_info.get")).body
    assert info["total_charged_energy"] < 0.01
    assert info["session_energy"] > 7000


async def test_bad_measurements_of_a_charger(connect: Connect) -> None:
    """Nulls where numbers should be."""
    charger = _charger()
    charger.faults.invalid = True
    client = await connect(charger)
    info = (await client.get("/rpc/charger_info.get")).body
    assert (info["currents"], info["instant_power"]) == ([None, None, None], None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"on_fire": True}, "no fault called 'on_fire'"),
        ({"hang": 1}, "hang is true or false"),
        ({"delay_s": "long"}, "number of seconds"),
        ({"delay_s": -1}, "number of seconds"),
        ({"delay_s": True}, "number of seconds"),
        ({"meter_errors": "all"}, "list of error names"),
        ({"meter_errors": [1]}, "list of error names"),
        ({"reboot": "now"}, "reboot can only be true"),
    ],
)
def test_wrong_injections(changes: dict[str, object], sentence: str) -> None:
    """A wrong fault is refused with a sentence, and nothing of it is kept."""
    device = _gen2()
    with pytest.raises(ValueError, match=sentence):
        device.inject(changes)
    assert device.faults == Faults()


async def test_loopback_only() -> None:
    """A simulated device never listens where others could take it for a real one."""
    with pytest.raises(ValueError, match="loopback only"):
        await _gen1().start("0.0.0.0")  # noqa: S104 - what is refused


async def test_other_loopback_addresses() -> None:
    """Every loopback address of either family can be given."""
    for host in ("127.0.0.7", "::1"):
        device = _gen1()
        url = await device.start(host)
        assert device.address[0] == host
        assert device.host_port in url
        await device.stop()
