"""A house with a charger of every kind: its own driver, OCPP, and entities of Home Assistant.

All three are wired to one phase with one fuse, so that each has to yield for the others.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
import socket
from typing import Any, Final
from unittest.mock import patch

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite import central
from custom_components.evse_suite.devices.model import ChargerReading
from custom_components.evse_suite.links import DeviceLink
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from simulator.build import Simulation
from simulator.devices.lektrico import LektricoCharger
from simulator.devices.ocpp import OcppCharger
from simulator.plant.car import CAR_TYPES, Car
from simulator.plant.wires import Phase
from tests.endurance.wallbox import ENTITIES, Wallbox
from tests.integration.house import House, build, site_entry, stored, until

FUSE_A: Final = 63
BATTERY_KWH: Final = 1000.0
"""No car is ever full."""
PASSWORD: Final = "correct horse battery"
CHARGE_POINT: Final = "CP-1"
CHARGERS: Final = ("garage", "drive", "yard")
MAINS: Final = "mains"
LOAD: Final = "load"

LAYOUT: Final[dict[str, Any]] = {
    "supply": {"kind": "single", "fuse_a": FUSE_A},
    "house": {"base_w": 400, "habits": False, "appliances": {LOAD: {"kind": "load"}}},
    "cars": {
        name: {"type": "reacts_in_3_s", "battery_kwh": BATTERY_KWH, "soc_percent": 5}
        for name in ("garage", "drive")
    },
    "chargers": {
        "garage": {
            "device": "lektrico_1p7k",
            "serial": 500006,
            "phases": ["L1"],
            "car": "garage",
        },
        "drive": {
            "device": "ocpp_1p",
            "serial": CHARGE_POINT,
            "phases": ["L1"],
            "car": "drive",
            "options": {"password": PASSWORD},
        },
    },
    "meters": {
        MAINS: {
            "device": "lektrico_em",
            "serial": 810042,
            "channels": [{"place": "mains", "phase": "L1"}],
        }
    },
}


@dataclass(slots=True)
class HardHouse(House):
    """The house, with names for what is in it."""

    wallbox: Wallbox

    @property
    def garage(self) -> LektricoCharger:
        """The charger with a driver of its own."""
        return self.charger

    @property
    def drive(self) -> OcppCharger:
        """The charger that dials in."""
        charger = self.simulation.devices["drive"]
        assert isinstance(charger, OcppCharger)
        return charger

    def car_at(self, charger: str) -> Car:
        """Return the car of a charger."""
        return self.simulation.home.cars[charger]

    def link(self, charger: str) -> DeviceLink[ChargerReading]:
        """Return the line of the running site to a charger."""
        return next(it for it in self.site.chargers.values() if it.name == charger)

    def draw(self, power_w: float) -> None:
        """Have the house draw this much beside what is always on."""
        self.simulation.home.house.switch(LOAD, on=True, power_w=power_w)

    def step(self, dt_s: float) -> None:
        """Advance the house and all of its devices by a moment."""
        self.simulation.step(self.hass.loop.time(), dt_s)
        self.wallbox.step(dt_s)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def furnish() -> tuple[Simulation, Car]:
    """Build the house and hang the third car on it, whose charger is not on the network."""
    simulation = build({key: dict(part) for key, part in LAYOUT.items()})
    kind = replace(CAR_TYPES["reacts_in_3_s"], battery_kwh=BATTERY_KWH)
    car = Car("yard", kind, soc_percent=5)
    simulation.home.add_plug("yard", [(Phase.L1,)], car)
    return simulation, car


async def described(
    hass: HomeAssistant, simulation: Simulation, port: int
) -> list[ConfigSubentryData]:
    """Return what the site stores, without the charge point: it has not dialled in yet."""
    chargers = {"garage": simulation.config.chargers["garage"]}
    asked = replace(simulation, config=replace(simulation.config, chargers=chargers))
    yard = {"driver": "entities", "serial": "yard", "model": "Wallbox", "model_id": "", "lines": 1}
    limits = {"phases": ["l1"], "maximum_a": 32, "safe_a": 6, "priority": 0}
    return [
        *await stored(hass, asked),
        ConfigSubentryData(
            data=yard | limits | {"entities": ENTITIES},
            subentry_type="charger",
            title="yard",
            unique_id="entities_yard",
        ),
        ConfigSubentryData(
            data={"port": port, "security": "basic", "password": PASSWORD},
            subentry_type="server",
            title="OCPP",
            unique_id="ocpp_server",
        ),
    ]


async def accept(house: HardHouse) -> None:
    """Confirm the charge point that dials in, as a person does."""
    manager = house.hass.config_entries.flow
    await until(lambda: manager.async_progress_by_handler("evse_suite"), "a discovered charger")
    (flow,) = manager.async_progress_by_handler("evse_suite")
    await manager.async_configure(flow["flow_id"])
    answers = {"name": "drive", "maximum_a": 32, "safe_a": 6, "priority": 0}
    done = await manager.async_configure(flow["flow_id"], answers)
    assert done["reason"] == "device_added", done
    await house.hass.async_block_till_done()
    await until(lambda: len(house.site.chargers) == len(CHARGERS), "all chargers")


@asynccontextmanager
async def hard_house(hass: HomeAssistant, step_s: float) -> AsyncGenerator[HardHouse]:
    """Run the house and its site until every charger has joined it."""
    simulation, car = furnish()
    wallbox = Wallbox(hass, simulation.home.plugs["yard"])
    await simulation.start()
    port = free_port()
    entry: MockConfigEntry = site_entry(simulation, await described(hass, simulation, port))
    house = HardHouse(hass, simulation, entry, wallbox)
    simulation.home.cars[car.name] = car
    moving = asyncio.create_task(_move(house, step_s))
    with patch.object(central, "LISTEN_ON", "127.0.0.1"):
        try:
            entry.add_to_hass(hass)
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
            house.drive.dial(port)
            await accept(house)
            moving.cancel()
            yield house
        finally:
            moving.cancel()
            await hass.config_entries.async_unload(entry.entry_id)
            await simulation.stop()
            await hass.data[central.CENTRAL].system.close()


async def _move(house: HardHouse, step_s: float) -> None:
    while True:
        await asyncio.sleep(step_s)
        house.step(step_s)
