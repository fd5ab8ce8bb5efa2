"""The simulated Lektrico EM and 3EM, and the load balancing that they do by themselves (LEK-19)."""

from collections.abc import Awaitable, Callable
from typing import Any, override

import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClamp, BenchClock
from simulator.devices.lektrico import LektricoCharger, LektricoMeter
from simulator.devices.lektrico.limits import Reason

type Connect = Callable[[SimulatedDevice], Awaitable[Any]]


class GridClamp(BenchClamp):
    """A clamp that sees the house and the charging car."""

    def __init__(self, car: BenchCar) -> None:
        """Start with an empty house."""
        super().__init__()
        self.car = car
        self.house_w = 0.0

    @override
    def step(self, now_s: float, dt_s: float) -> None:
        """Add the house and the car."""
        self.power_w = self.house_w + sum(self.car.drawn_a()) * self.line_voltage_v
        super().step(now_s, dt_s)


class Bench:
    """A charger and an EM on one phase."""

    def __init__(self, mode: int) -> None:
        """Start with the car plugged in and a 32 A breaker."""
        self.car = BenchCar(ramp_a_per_s=5.0)
        self.clamp = GridClamp(self.car)
        self.charger = LektricoCharger(model="1p7k", serial=500006, car=self.car)
        self.meter = LektricoMeter(
            serial=600001, clamps=[self.clamp], chargers=[self.charger], breaker_rating=32
        )
        self.meter.settings.set("load_balancing_mode", mode)
        self.clock = BenchClock(self.car, self.clamp, self.charger, self.meter)
        self.car.is_plugged = True

    def charging_a(self, house_w: float) -> float:
        """Return the current a minute after the house changed to ``house_w``."""
        self.clamp.house_w = house_w
        self.clock.run(60.0)
        return self.car.current_a


@pytest.mark.parametrize(
    ("mode", "expected_a"),
    [
        # house of 0 W, of 4600 W (20 A), of 6900 W (30 A), surplus of 2300 W, of 900 W
        (0, (32.0, 32.0, 32.0, 32.0, 32.0)),
        (1, (32.0, 12.0, 0.0, 32.0, 32.0)),
        (2, (6.0, 6.0, 0.0, 10.0, 6.0)),
        (3, (0.0, 0.0, 0.0, 10.0, 0.0)),
        (4, (32.0, 12.0, 0.0, 32.0, 32.0)),
    ],
)
def test_modes(mode: int, expected_a: tuple[float, ...]) -> None:
    """LEK-8, LEK-9, LEK-10 as the meter itself does them."""
    bench = Bench(mode)
    houses_w = (0.0, 4600.0, 6900.0, -2300.0, -900.0)
    assert tuple(bench.charging_a(house_w) for house_w in houses_w) == expected_a


def test_second_line_of_defence() -> None:
    """The dynamic limit asks for 32 A; the meter's power mode keeps the breaker all the same."""
    bench = Bench(1)
    assert bench.charging_a(4600.0) == 12.0
    assert bench.charger.point.limit.reason is Reason.EM
    assert bench.clamp.value().current_a <= 32.0


def test_lost_meter_gives_the_offline_current() -> None:
    """A charger that hears nothing from its meter falls back, and goes on when it returns."""
    bench = Bench(1)
    assert bench.charging_a(0.0) == 32.0
    bench.meter.faults.silent = True
    assert bench.charging_a(0.0) == 6.0
    assert bench.charger.point.limit.reason is Reason.EM_OFFLINE
    bench.meter.faults.silent = False
    assert bench.charging_a(0.0) == 32.0


async def test_shape_and_sign(connect: Connect) -> None:
    """A.5: three values on an EM too; export is negative in power and power factor."""
    clamp = BenchClamp(power_w=-1150.0)
    meter = LektricoMeter(serial=600001, clamps=[clamp])
    clock = BenchClock(meter)
    client = await connect(meter)
    clock.run(1.1)
    assert (await client.get("/rpc/Meter_info.Get")).body == {
        "voltage": [230.0, 0.0, 0.0],
        "current": [5.0, 0.0, 0.0],
        "active_p": [-1150.0, 0.0, 0.0],
        "power_factor": [-1.0, 0.0, 0.0],
        "total_active_power": -1150.0,
    }
    await client.command("app_config.set", config_key="reverse_current", config_value=True)
    clock.run(1.1)
    assert (await client.get("/rpc/Meter_info.Get")).body["active_p"][0] == 1150.0
    meter.faults.invalid = True
    clock.run(1.1)
    info = (await client.get("/rpc/Meter_info.Get")).body
    assert (info["current"], info["total_active_power"]) == ([None, 0.0, 0.0], None)


async def test_settings(connect: Connect) -> None:
    """LEK-15, LEK-19: mode and breaker are read and set in both ways; ranges hold."""
    meter = LektricoMeter(serial=600002, clamps=[BenchClamp() for _ in range(3)])
    client = await connect(meter)
    assert (await client.get("/rpc/Device_id.Get")).body == {"device_id": "m2w_83_600002"}
    identity = (await client.get("/rpc/M2w_config.Get")).body
    assert identity == {"serial_number": 600002, "board_revision": "B"}
    body = {"load_balancing_mode": 3}
    assert (await client.post("/rpc/Load_balancing_mode.Set", body)).body is True
    assert (await client.get("/rpc/Load_balancing_mode.Get")).body == body
    key = "breaker_rating"
    assert (await client.command("app_config.set", config_key=key, config_value=63))["result"]
    assert (await client.get("/rpc/App_config.Get")).body[key] == 63
    too_low = await client.command("app_config.set", config_key=key, config_value=9)
    assert too_low["error"]["code"] == -4
    wrong = await client.command("Load_balancing_mode.Set", load_balancing_mode=5)
    assert wrong["error"]["code"] == -4
    assert (await client.command("device.reset"))["result"] is True
    clock = BenchClock(meter)
    clock.run(1.0)
    assert meter.booting
    clock.run(meter.boot_s + 1.0)
    assert (await client.get("/rpc/App_config.Get")).body[key] == 63


def test_number_of_clamps() -> None:
    """An EM has one clamp, a 3EM up to three."""
    with pytest.raises(ValueError, match="one to three clamps"):
        LektricoMeter(serial=1, clamps=[])
