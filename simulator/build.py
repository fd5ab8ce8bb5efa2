"""Builds a home and its devices, and runs them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .catalogue import CHARGERS, METERS
from .config import ChannelConfig, HomeConfig, HouseConfig, SunConfig
from .devices import SimulatedDevice
from .devices.e470 import E470Meter
from .plant.clamp import Clamp
from .plant.habits import HOUR_S
from .plant.home import DayClock, Home
from .plant.house import Appliance, BaseLoad, House, Load, make_appliance
from .plant.sun import Roof, SeededSky, SkyRoof, Sun
from .plant.traces import TraceError, measured_house, measured_roof
from .plant.wires import Phase, Supply, SupplyKind

STEP_S: Final = 0.1
LONGEST_STEP_S: Final = 1.0
"""After a longer pause (a suspended laptop) time simply went by without the home."""
_ACROSS_LEGS: Final = frozenset({"shower", "oven", "hob", "heat_pump", "heater", "load"})
"""Kinds that a split-phase home has on 240 V."""


@dataclass(slots=True)
class Simulation:
    """A home with the devices that measure and charge in it."""

    config: HomeConfig
    home: Home
    devices: Mapping[str, SimulatedDevice]
    """Chargers and meters by the name they have in the home file."""

    async def start(self) -> None:
        """Let every device listen where the file says."""
        for name, device in self.devices.items():
            place = self.config.chargers.get(name) or self.config.meters[name]
            await device.start(place.host, place.port)

    async def stop(self) -> None:
        """Take every device off the network."""
        for device in self.devices.values():
            await device.stop()

    def step(self, now_s: float, dt_s: float) -> None:
        """Advance the home and then the devices to ``now_s``, ``dt_s`` after the step before."""
        self.home.step(now_s, dt_s)
        for device in self.devices.values():
            if device.BEHIND_CONTACTOR and not self.home.wires.live:
                device.lose_power()
            device.step(now_s, dt_s)

    async def run(self) -> None:
        """Step in real time until cancelled."""
        loop = asyncio.get_running_loop()
        before_s = loop.time()
        while True:
            await asyncio.sleep(STEP_S)
            now_s = loop.time()
            self.step(now_s, min(now_s - before_s, LONGEST_STEP_S))
            before_s = now_s


def build_home(config: HomeConfig, traces: Path | None = None) -> Simulation:
    """Build everything that ``config`` names; nothing listens yet.

    ``traces`` is the folder of measured days. Raises TraceError when one is wanted and cannot be
    read.
    """
    home = Home(
        config.supply,
        _house(config, traces),
        _sun(config.sun, config.seed, traces),
        clock=DayClock(config.clock.start * HOUR_S, config.clock.speed),
        seed=config.seed,
    )
    devices: dict[str, SimulatedDevice] = {}
    for name, charger in config.chargers.items():
        car = None if charger.car is None else config.cars[charger.car].build(charger.car)
        plug = home.add_plug(name, charger.lines, car)
        model = CHARGERS[charger.device]
        devices[name] = model.build(charger.serial, plug, charger.options)
    for name, meter in config.meters.items():
        clamps = [_clamp(home, channel) for channel in meter.channels]
        balanced = [devices[charger] for charger in meter.balances]
        build = METERS[meter.device].build
        device = devices[name] = build(meter.serial, clamps, balanced, meter.options)
        if isinstance(device, E470Meter):
            device.supply = home.wires
    return Simulation(config, home, devices)


def _clamp(home: Home, channel: ChannelConfig) -> Clamp:
    return home.add_clamp(
        channel.place, channel.phase, errors=channel.errors, voltage_phase=channel.voltage_phase
    )


def _house(config: HomeConfig, traces: Path | None) -> House:
    house, phases = config.house, config.supply.phases
    load: Load
    if house.trace:
        load = measured_house(_folder(traces), house.trace, phases)
    else:
        load = BaseLoad(house.base_w, phases, config.seed)
    return House([load], list(_appliances(house, config.supply, config.seed)))


def _appliances(house: HouseConfig, supply: Supply, seed: int) -> list[Appliance]:
    """Place appliances; those without a phase of their own take turns on what there is."""
    has_habit = house.habits and not house.trace
    return [
        make_appliance(
            name,
            appliance.kind,
            appliance.phases or _place(supply, appliance.kind, index),
            seed,
            has_habit=has_habit,
        )
        for index, (name, appliance) in enumerate(house.appliances.items())
    ]


def _place(supply: Supply, kind: str, index: int) -> tuple[Phase, ...]:
    if supply.kind is SupplyKind.SPLIT and kind in _ACROSS_LEGS:
        return supply.phases
    return (supply.phases[index % len(supply.phases)],)


def _sun(sun: SunConfig | None, seed: int, traces: Path | None) -> Sun | None:
    if sun is None:
        return None
    roof: Roof
    if sun.trace is not None:
        roof = measured_roof(_folder(traces), sun.trace, sun.kwp, sun.begins * HOUR_S)
    else:
        sky = SeededSky(seed, sun.cover, sun.latitude, sun.day_of_year)
        roof = SkyRoof(sky, sun.kwp)
    return Sun(roof, sun.phases)


def _folder(traces: Path | None) -> Path:
    if traces is None:
        raise TraceError("this home needs measured traces: name their folder with --traces")
    return traces
