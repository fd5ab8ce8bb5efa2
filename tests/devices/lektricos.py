"""A simulated Lektrico charger with its car, and drivers' objects for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp

from custom_components.evse_suite.devices import known_identity, open_device
from custom_components.evse_suite.devices.lektrico.charger import Charger
from custom_components.evse_suite.devices.model import (
    DeviceIdentity,
    DeviceKind,
)
from simulator.devices.bench import BenchCar
from simulator.devices.lektrico.charger import LektricoCharger

BOOT_S = 3.0


class Bench:
    """A simulated charger with its car, and the driver's object for it."""

    def __init__(self, charger: LektricoCharger, car: BenchCar) -> None:
        self.charger = charger
        self.car = car
        self.now_s = 0.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.now_s += 0.5
            self.car.step(self.now_s, 0.5)
            self.charger.step(self.now_s, 0.5)

    async def run_until_back(self) -> None:
        self.run(BOOT_S + 1)
        if self.charger._opening is not None:
            await self.charger._opening

    def plug_in(self) -> None:
        self.car.is_plugged = True
        self.run(3)


@asynccontextmanager
async def bench(
    *,
    model: Literal["1p7k", "3p22k"] = "1p7k",
    old_firmware: bool = False,
    credentials: tuple[str, str] | None = None,
    install_current: int = 32,
    user_current: int = 32,
) -> AsyncIterator[Bench]:
    car = BenchCar(lines=3 if model == "3p22k" else 1)
    charger = LektricoCharger(
        model=model,
        serial=500006,
        car=car,
        boot_s=BOOT_S,
        old_firmware=old_firmware,
        credentials=credentials,
        install_current=install_current,
        user_current=user_current,
    )
    await charger.start()
    found = Bench(charger, car)
    found.run(1)
    try:
        yield found
    finally:
        await charger.stop()


def identity(model_id: str = "1p7k", serial: str = "500006") -> DeviceIdentity:
    return known_identity(
        "lektrico",
        kind=DeviceKind.CHARGER,
        serial=serial,
        model=model_id.upper(),
        model_id=model_id,
        lines=3 if model_id == "3p22k" else 1,
    )


def opened(
    session: aiohttp.ClientSession,
    host: str,
    clock: Callable[[], float],
    model_id: str = "1p7k",
) -> Charger:
    device = open_device(identity(model_id), session, host, clock=clock)
    assert isinstance(device, Charger)
    return device
