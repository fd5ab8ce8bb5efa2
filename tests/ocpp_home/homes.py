"""A Home Assistant with an OCPP server, and a simulated house whose charger dials in to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
import socket
import time
from typing import Any

import pytest

from custom_components.evse_suite import central
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from simulator.devices.ocpp import OcppCharger
from tests.integration.house import House, build, site_entry, stored, until

PASSWORD = "correct horse battery"
NAME = "CP-1"
CHARGER = "Simulated Wallbox 22 CP-1"
"""The name that is offered for the charger."""

HOUSE: dict[str, Any] = {
    "supply": {"kind": "single", "fuse_a": 40},
    "house": {"base_w": 400, "habits": False, "appliances": {"oven": {"kind": "load"}}},
    "cars": {"car": {"type": "reacts_in_3_s", "plugged": False}},
    "chargers": {
        "garage": {
            "device": "ocpp_1p",
            "serial": NAME,
            "phases": ["L1"],
            "car": "car",
            "options": {"password": PASSWORD, "refresh_s": 0.5, "boot_s": 1},
        }
    },
    "meters": {
        "mains": {
            "device": "lektrico_em",
            "serial": 810042,
            "channels": [{"place": "mains", "phase": "L1"}],
            "options": {"refresh_s": 0.1, "boot_s": 0.5},
        }
    },
}


THREE_PHASES: dict[str, Any] = {
    "supply": {"kind": "three", "fuse_a": 32},
    "house": {"base_w": 300, "habits": False, "appliances": {"oven": {"kind": "load"}}},
    "cars": {"car": {"type": "reacts_in_3_s", "plugged": False, "lines": 3}},
    "chargers": {
        "garage": {
            "device": "ocpp_3p",
            "serial": NAME,
            "phases": ["L2", "L3", "L1"],
            "car": "car",
            "options": {
                "password": PASSWORD,
                "refresh_s": 0.5,
                "boot_s": 1,
                "quirks": {"switches_phases": True},
            },
        }
    },
    "meters": {
        "mains": {
            "device": "shelly_pro_3em",
            "serial": "34987A45E1B0",
            "channels": [{"phase": "L1"}, {"phase": "L2"}, {"phase": "L3"}],
            "options": {"refresh_s": 0.1, "boot_s": 0.5},
        }
    },
}


class OcppHouse(House):
    """A house whose charger is a charge point."""

    @property
    def point(self) -> OcppCharger:
        """The charge point, as it really is."""
        charger = self.simulation.devices["garage"]
        assert isinstance(charger, OcppCharger)
        return charger

    async def accept(self, **changes: Any) -> None:
        """Confirm the discovered charger as a person does."""
        await until(self.flows, "a discovered charger")
        (flow,) = self.flows()
        form = await self.hass.config_entries.flow.async_configure(flow["flow_id"])
        assert form["step_id"] == "charger"
        answers = {"name": CHARGER, "maximum_a": 32, "safe_a": 6, "priority": 0, **changes}
        done = await self.hass.config_entries.flow.async_configure(flow["flow_id"], answers)
        assert done["reason"] == "device_added", done
        await self.hass.async_block_till_done()
        await until(lambda: self.site.chargers, "the charger in its site")

    def flows(self) -> list[Any]:
        """Return what is offered as discovered."""
        return list(self.hass.config_entries.flow.async_progress_by_handler("evse_suite"))

    async def charge(self) -> None:
        """Plug the car in and wait until it charges."""
        self.car.plug()
        await self.becomes("sensor", "status", "charging", CHARGER)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def steady_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the wall clock run as fast as the loop's, and the server stay on loopback."""
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    wall_s = time.time()
    monkeypatch.setattr(central, "wall_s", lambda: wall_s + loop.time() - begun_s)
    monkeypatch.setattr(central, "LISTEN_ON", "127.0.0.1")


@asynccontextmanager
async def ocpp_house(
    hass: HomeAssistant,
    changes: dict[str, Any] | None = None,
    *,
    layout: dict[str, Any] | None = None,
) -> AsyncIterator[OcppHouse]:
    """Run a house, and a site with a meter and the server, to which no charger belongs yet."""
    layout = deepcopy(layout or HOUSE)
    layout["chargers"]["garage"]["options"] |= changes or {}
    simulation = build(layout)
    await simulation.start()
    running = asyncio.create_task(simulation.run())
    # Nobody can ask a charge point who it is: it is not stored, it dials in.
    others = replace(simulation, config=replace(simulation.config, chargers={}))
    meters = await stored(hass, others)
    port = free_port()
    server = ConfigSubentryData(
        data={"port": port, "security": "basic", "password": PASSWORD},
        subentry_type="server",
        title="OCPP",
        unique_id="ocpp_server",
    )
    entry = site_entry(simulation, [*meters, server])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house = OcppHouse(hass, simulation, entry)
    house.point.dial(port)
    try:
        yield house
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulation.stop()
        if hass.config_entries.async_get_entry(entry.entry_id) is not None:
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.data[central.CENTRAL].system.close()
