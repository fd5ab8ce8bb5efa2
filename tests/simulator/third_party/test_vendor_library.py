"""The vendor's own library reads and commands the simulated Lektrico devices.

Importing `lektricowifi` is what makes this a proof: its models are strict about every field.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import lektricowifi
import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClamp, BenchClock
from simulator.devices.lektrico import LektricoCharger, LektricoMeter

type Start = Callable[[SimulatedDevice], Awaitable[None]]


async def _info(device: SimulatedDevice, kind: str) -> dict[str, Any]:
    async with lektricowifi.Device(device.host_port) as client:
        return await client.device_info(kind)


async def test_identity_of_every_kind(started: Start) -> None:
    """LEK-1: type, serial number and board revision."""
    kinds = {
        "1p7k": LektricoCharger(model="1p7k", serial=500006, car=BenchCar()),
        "3p22k": LektricoCharger(model="3p22k", serial=500007, car=BenchCar(lines=3)),
        "em": LektricoMeter(serial=600001, clamps=[BenchClamp()]),
        "3em": LektricoMeter(serial=600002, clamps=[BenchClamp() for _ in range(3)]),
    }
    for kind, device in kinds.items():
        await started(device)
        async with lektricowifi.Device(device.host_port) as client:
            config = await client.device_config()
        assert (config["type"], config["serial_number"]) == (kind, int(device.serial))


async def test_charging_car(started: Start) -> None:
    """LEK-2, LEK-3: a charging 1P7K in all fields that the library requires."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car, user_current=20)
    await started(charger)
    car.is_plugged = True
    BenchClock(charger).run(60)
    info = await _info(charger, "1p7k")
    assert info["charger_state"] == "charging"
    assert info["current_l1"] == 20.0
    assert info["instant_power"] == pytest.approx(20 * 230 * 0.99)
    assert info["session_energy"] == pytest.approx(20 * 230 * 0.99 / 60, rel=0.02)
    assert info["charging_time"] in (58, 59, 60)
    assert info["current_limit_reason"] == "user_limit"
    assert info["user_current"] == 20
    assert info["relay_mode"] == 0


async def test_commands(started: Start) -> None:
    """LEK-6: every command of the library, seen in its own readings."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    clock = BenchClock(charger)
    await started(charger)
    async with lektricowifi.Device(charger.host_port) as client:

        async def state_after(command: Awaitable[Any]) -> str:
            reply = await command
            assert reply["result"] is True
            clock.run(2)
            state: str = (await client.device_info("1p7k"))["charger_state"]
            return state

        assert await state_after(client.set_charger_locked(True)) == "locked"
        assert await state_after(client.set_charger_locked(False)) == "available"
        assert await state_after(client.set_auth(False)) == "available"
        car.is_plugged = True
        assert await state_after(client.set_led_max_brightness(50)) == "need_auth"
        assert await state_after(client.send_charge_start()) == "charging"
        assert await state_after(client.set_dynamic_current(0)) == "paused"
        assert await state_after(client.set_dynamic_current(10)) == "charging"
        assert await state_after(client.send_charge_stop()) == "paused"
        assert await state_after(client.send_charge_start()) == "charging"
        charger.point.schedule_waits = True
        assert await state_after(client.set_user_current(16)) == "paused_by_scheduler"
        assert await state_after(client.send_charge_schedule_override()) == "charging"
        info = await client.device_info("1p7k")
        assert (info["led_max_brightness"], info["user_current"]) == (50, 16)
        assert (info["dynamic_current"], info["current_l1"]) == (10, 10.0)


async def test_restart_waits_for_the_session(started: Start) -> None:
    """LEK-13: device.reset waits for the end of a running session."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    clock = BenchClock(charger)
    await started(charger)
    car.is_plugged = True
    clock.run(5)
    async with lektricowifi.Device(charger.host_port) as client:
        await client.set_dynamic_current(9)
        await client.send_reset()
        clock.run(5)
        assert (await client.device_info("1p7k"))["dynamic_current"] == 9
        car.is_plugged = False
        clock.run(1)
    with pytest.raises(lektricowifi.DeviceConnectionError):
        await _info(charger, "1p7k")
    clock.run(charger.boot_s + 1)
    assert (await _info(charger, "1p7k"))["dynamic_current"] == 32


async def test_single_phase_forced(started: Start) -> None:
    """A 3P22K switches to one phase and back, and says why it pauses meanwhile (LEK-18)."""
    car = BenchCar(lines=3)
    charger = LektricoCharger(model="3p22k", serial=500007, car=car)
    clock = BenchClock(charger)
    await started(charger)
    car.is_plugged = True
    clock.run(5)
    async with lektricowifi.Device(charger.host_port) as client:
        await client.set_relay_mode(16, 1)
        clock.run(2)
        info = await client.device_info("3p22k")
        assert (info["current_limit_reason"], info["current_l1"]) == ("switching_phases", 0.0)
        clock.run(5)
        info = await client.device_info("3p22k")
        assert (info["relay_mode"], info["current_l1"], info["current_l2"]) == (1, 16.0, 0.0)
        await client.set_relay_mode(16, 3)
        clock.run(7)
        info = await client.device_info("3p22k")
        assert (info["relay_mode"], info["current_l1"], info["current_l3"]) == (3, 16.0, 16.0)


async def test_errors(started: Start) -> None:
    """LEK-3: an active error stops charging and is told by name."""
    car = BenchCar()
    charger = LektricoCharger(model="1p7k", serial=500006, car=car)
    clock = BenchClock(charger)
    await started(charger)
    car.is_plugged = True
    charger.point.errors = {"rcd_error"}
    clock.run(2)
    info = await _info(charger, "1p7k")
    assert (info["charger_state"], info["rcd_error"], info["overtemp"]) == ("error", True, False)
    assert info["current_l1"] == 0.0


async def test_meters(started: Start) -> None:
    """LEK-15, LEK-19: values of each channel, breaker and the meter's own mode."""
    clamps = [BenchClamp(power_w=2300.0), BenchClamp(power_w=-460.0), BenchClamp()]
    meter = LektricoMeter(serial=600002, clamps=clamps, breaker_rating=25)
    await started(meter)
    async with lektricowifi.Device(meter.host_port) as client:
        await client.set_load_balancing_mode(lektricowifi.LBMode.GREEN)
        info = await client.device_info("3em")
        assert (info["power_l1"], info["power_l2"], info["power_l3"]) == (2300.0, -460.0, 0.0)
        assert (info["current_l1"], info["current_l2"]) == (10.0, 2.0)
        assert (info["power_factor_l1"], info["power_factor_l2"]) == (1.0, -1.0)
        assert (info["breaker_curent"], info["lb_mode"]) == (25, 3)
        assert info["fw_version"] == "1.15"
