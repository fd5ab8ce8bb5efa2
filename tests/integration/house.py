"""A simulated house behind a Home Assistant of a test."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
import math
import re
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.devices import probe
from custom_components.evse_suite.devices.model import DeviceIdentity
from custom_components.evse_suite.site import Site
from custom_components.evse_suite.views import device_identifier
from homeassistant.config_entries import ConfigSubentryData, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from simulator.build import Simulation, build_home
from simulator.devices.base import SimulatedDevice
from simulator.devices.lektrico import LektricoCharger, LektricoMeter
from simulator.plant.car import Car
from simulator.schema import parse_home

FAST = {"refresh_s": 0.1, "boot_s": 0.5}
CAR = {"type": "reacts_in_3_s", "plugged": True}

SINGLE_PHASE: dict[str, Any] = {
    "supply": {"kind": "single", "fuse_a": 40},
    "house": {"base_w": 400, "habits": False, "appliances": {"oven": {"kind": "load"}}},
    "cars": {"car": CAR},
    "chargers": {
        "garage": {
            "device": "lektrico_1p7k",
            "serial": 500006,
            "phases": ["L1"],
            "car": "car",
            "options": FAST,
        }
    },
    "meters": {
        "mains": {
            "device": "lektrico_em",
            "serial": 810042,
            "channels": [{"place": "mains", "phase": "L1"}],
            "options": FAST,
        }
    },
}

THREE_PHASE: dict[str, Any] = {
    "supply": {"kind": "three", "fuse_a": 25},
    "house": {"base_w": 300, "habits": False, "appliances": {"oven": {"kind": "load"}}},
    "cars": {"car": CAR | {"lines": 3}},
    "chargers": {
        "garage": {
            "device": "lektrico_3p22k",
            "serial": 600021,
            "phases": ["L2", "L3", "L1"],
            "car": "car",
            "options": FAST,
        }
    },
    "meters": {
        "mains": {
            "device": "shelly_pro_3em",
            "serial": "34987A45E1B0",
            "channels": [{"phase": "L1"}, {"phase": "L2"}, {"phase": "L3"}],
            "options": FAST,
        },
        "roof": {
            "device": "shelly_em",
            "serial": "A4CF12B9F355",
            "channels": [{"place": "nothing", "phase": "L1"}, {"place": "house", "phase": "L1"}],
            "options": FAST,
        },
    },
}


@dataclass(slots=True)
class House:
    """The simulation, the entry of its site, and short ways to look at both."""

    hass: HomeAssistant
    simulation: Simulation
    entry: MockConfigEntry

    @property
    def site(self) -> Site:
        """The running site."""
        site: Site = self.entry.runtime_data
        return site

    @property
    def car(self) -> Car:
        """The only car."""
        (car,) = self.simulation.home.cars.values()
        return car

    @property
    def charger(self) -> LektricoCharger:
        """The only charger, as it really is."""
        charger = self.simulation.devices["garage"]
        assert isinstance(charger, LektricoCharger)
        return charger

    @property
    def em(self) -> LektricoMeter:
        """The mains meter of the single-phase house, as it really is."""
        meter = self.simulation.devices["mains"]
        assert isinstance(meter, LektricoMeter)
        return meter

    def device(self, name: str) -> SimulatedDevice:
        """Return a simulated device by its name in the home."""
        return self.simulation.devices[name]

    def owner(self, name: str | None) -> str:
        """Return the identifier of a device, or of the site for None."""
        if name is None:
            entry_id: str = self.entry.entry_id
            return entry_id
        for subentry in self.entry.subentries.values():
            if subentry.title == name:
                return device_identifier(subentry)
        raise KeyError(name)

    def registered(self, name: str | None) -> dr.DeviceEntry:
        """Return a device of the registry; None is the site."""
        device = dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, self.owner(name)), self.entry.entry_id
        )
        assert device is not None
        return device

    def device_id(self, name: str | None) -> str:
        """Return the id of a device in the registry."""
        return self.registered(name).id

    def entity(self, platform: str, key: str, name: str | None = None) -> str:
        """Return the id of an entity by its key; None is the site."""
        unique_id = f"{self.owner(name)}_{key}"
        entity_id = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, f"there is no {platform} {unique_id}"
        return entity_id

    def state(self, platform: str, key: str, name: str | None = None) -> State:
        """Return the state of an entity by its key; None is the site."""
        state = self.hass.states.get(self.entity(platform, key, name))
        assert state is not None
        return state

    def value(self, key: str, name: str | None = None) -> float:
        """Return the number that a sensor shows, not a number while it shows none."""
        text = self.state("sensor", key, name).state
        return math.nan if text in ("unknown", "unavailable") else float(text)

    def shows(self, platform: str, key: str, wanted: str, name: str | None = None) -> bool:
        """Tell whether an entity is in a state."""
        return self.state(platform, key, name).state == wanted

    async def becomes(self, platform: str, key: str, wanted: str, name: str | None = None) -> None:
        """Wait until an entity is in a state."""
        await until(lambda: self.shows(platform, key, wanted, name), f"{name} {key} {wanted}")

    async def call(self, domain: str, action: str, target: str | None = None, **data: Any) -> None:
        """Call an action and wait for it."""
        if target is not None:
            data["entity_id"] = target
        await self.hass.services.async_call(domain, action, data, blocking=True)

    def use_oven(self, power_w: float) -> None:
        """Have the house draw this much more, on one phase."""
        self.simulation.home.house.switch("oven", on=True, power_w=power_w)


async def until(condition: Callable[[], object], what: str, timeout_s: float = 60.0) -> None:
    """Wait until ``condition`` holds; fail with what was waited for."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + timeout_s
    while not condition():
        assert loop.time() < deadline_s, f"waited {timeout_s:g} s in vain: {what}"
        await asyncio.sleep(0.05)


def build(config: dict[str, Any]) -> Simulation:
    """Build a house whose devices listen on free ports."""
    for place in (config["chargers"], config["meters"]):
        for device in place.values():
            device.setdefault("port", 0)
    return build_home(parse_home(config))


async def stored(hass: HomeAssistant, simulation: Simulation) -> list[ConfigSubentryData]:
    """Return the devices of a house as the set-up would have stored them."""
    found = []
    for name in simulation.config.chargers:
        phases = simulation.config.chargers[name].phases
        more = {"maximum_a": 32, "safe_a": 6, "priority": 0}
        data = await _stored(hass, simulation.devices[name], phases) | more
        found.append(_subentry("charger", name, data))
    for name, meter in simulation.config.meters.items():
        role = "mains" if meter.channels[0].place == "mains" else "other"
        told = [channel.phase if role == "mains" else "none" for channel in meter.channels]
        data = await _stored(hass, simulation.devices[name], told) | {"role": role}
        data["phases"] += ["none"] * (data["lines"] - len(told))
        found.append(_subentry("meter", name, data))
    return found


async def _stored(
    hass: HomeAssistant, device: SimulatedDevice, phases: Iterable[str]
) -> dict[str, Any]:
    found = await probe(async_get_clientsession(hass), device.reach)
    identity: DeviceIdentity = found.identity
    return {
        "host": device.reach,
        "driver": identity.driver,
        "serial": identity.serial,
        "model": identity.model,
        "model_id": identity.model_id,
        "lines": identity.lines,
        "phases": [phase.lower() for phase in phases],
    }


def _subentry(kind: str, name: str, data: dict[str, Any]) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=data,
        subentry_type=kind,
        title=name,
        unique_id=f"{data['driver']}_{data['serial']}",
    )


def site_entry(
    simulation: Simulation,
    devices: Sequence[ConfigSubentryData | ConfigSubentryDataWithId],
    mode: str = "power",
) -> MockConfigEntry:
    """Return the entry of a site with these devices."""
    supply = simulation.config.supply
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"supply": supply.kind, "fuse_a": supply.fuse_a, "voltage_v": supply.voltage_v},
        options={"mode": mode},
        subentries_data=devices,
    )


def numbers(text: str) -> list[float]:
    """Return the numbers in a sentence."""
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
