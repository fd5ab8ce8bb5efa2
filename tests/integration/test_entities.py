"""A site whose charger and meter are made of entities (SITE-8).

The charger's entities are those of Home Assistant's own Lektrico integration, which talks to the
simulated charger; the meter's are written as any integration writes them.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite import repairs
from custom_components.evse_suite.devices.entities import (
    Found,
    ProfileKind,
    profiles,
    recognise,
)
from custom_components.evse_suite.diagnostics import async_get_config_entry_diagnostics
from custom_components.evse_suite.site import Site, async_read_profiles
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator.build import Simulation
from tests.integration.house import House, site_entry, until
from tests.profiles.fakes import VOLTAGE_V, Physics, set_up

pytestmark = pytest.mark.usefixtures("prompt", "entity_registry_enabled_by_default")

GRID = "sensor.grid_power"


class Grid:
    """Writes what flows from the grid, in kW, every second."""

    def __init__(self, hass: HomeAssistant, simulation: Simulation) -> None:
        self.speaks = True
        self._hass = hass
        self._clamp = simulation.home.clamps[0]

    async def run(self) -> None:
        while True:
            if self.speaks:
                power_kw = self._clamp.value().power_w / 1000
                unit = {"unit_of_measurement": "kW"}
                self._hass.states.async_set(GRID, f"{power_kw:.3f}", unit)
            await asyncio.sleep(1)


async def core_charger(hass: HomeAssistant, simulation: Simulation) -> Found:
    """Set Home Assistant's own integration up with the charger, and recognise it."""
    form = await hass.config_entries.flow.async_init("lektrico", context={"source": SOURCE_USER})
    await hass.config_entries.flow.async_configure(
        form["flow_id"], {"host": simulation.devices["garage"].host_port}
    )
    await hass.async_block_till_done()
    (found,) = recognise(hass, ProfileKind.CHARGER)
    return found


def device(kind: str, title: str, serial: str, **data: Any) -> ConfigSubentryData:
    """Return a device of entities as the flow stores it."""
    stored = {"driver": "entities", "serial": serial, "model": title, "model_id": "", "lines": 1}
    return ConfigSubentryData(
        data=stored | {"phases": ["l1"]} | data,
        subentry_type=kind,
        title=title,
        unique_id=f"entities_{serial}",
    )


@asynccontextmanager
async def entity_site(
    hass: HomeAssistant, simulation: Simulation
) -> AsyncGenerator[tuple[House, Grid]]:
    """Run a site of entities."""
    grid = Grid(hass, simulation)
    found = await core_charger(hass, simulation)
    feeding = asyncio.create_task(grid.run())
    charger = device(
        "charger",
        "garage",
        found.serial,
        entities={role.value: it for role, it in found.entities.items()},
        profile=found.profile.key,
        maximum_a=32,
        safe_a=6,
        priority=0,
    )
    meter = device("meter", "mains", GRID, role="mains", entities={"power": GRID})
    entry: MockConfigEntry = site_entry(simulation, [charger, meter])
    entry.add_to_hass(hass)
    await asyncio.sleep(2)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    try:
        yield House(hass, simulation, entry), grid
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_watts_are_amperes_of_the_homes_own_voltage(hass: HomeAssistant) -> None:
    """SITE-8, SITE-1: at 100 V a fuse carries less than half of the watts; two legs have both."""
    power = {"power": GRID}
    charge = {"status": "sensor.status", "power": "sensor.car", "enable": "switch.on"}
    grid = device("meter", "mains", GRID, role="mains", entities=power)
    places = {"maximum_a": 16, "safe_a": 0, "entities": charge}
    legs = device("charger", "garage", "1", **places | {"phases": ["l1", "l2"]})
    entry = MockConfigEntry(
        domain="evse_suite",
        data={"supply": "split", "fuse_a": 40, "voltage_v": 100.0},
        subentries_data=[grid, legs],
    )
    hass.states.async_set(GRID, "3", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.car", "2", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.status", "charging")
    await async_read_profiles(hass)
    site = Site(hass, entry)
    (meter,), (charger,) = site.meters.values(), site.chargers.values()
    assert (await meter.device.read()).channels[0].current_a == pytest.approx(30)
    assert (await charger.device.read()).current_a == pytest.approx((10,))


async def test_a_site_of_entities(hass: HomeAssistant, simulation: Simulation) -> None:
    """SITE-8, SITE-4, SITE-5, IND-8: charged, cut for the fuse, respected, left safe."""
    async with entity_site(hass, simulation) as (home, grid):
        await until(lambda: home.car.current_a > 20, "the car charges", 180)
        assert home.shows("sensor", "without_home_assistant", "keeps", "garage")
        found = await async_get_config_entry_diagnostics(hass, home.entry)
        notes = [it["traits"]["alone_note"] for it in found["devices"].values()]
        assert any("no watchdog" in note for note in notes)

        home.use_oven(6_900)
        await until(lambda: home.car.current_a < 11, "cut for the fuse", 60)
        assert home.car.current_a >= 5.5
        home.use_oven(0)
        await until(lambda: home.car.current_a > 20, "raised again", 240)

        numbers = hass.states.async_entity_ids("number")
        limit = next(it for it in numbers if it.endswith("dynamic_limit"))
        await hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": limit, "value": 8},
            blocking=True,
            context=Context(user_id=(await hass.auth.async_create_user("owner")).id),
        )
        await until(lambda: home.car.current_a < 9, "what a person set", 60)
        await asyncio.sleep(60)
        assert home.car.current_a == pytest.approx(8, abs=0.5)
        assert home.shows("sensor", "limit_reason", "user_limit", "garage")

        await hass.services.async_call(
            "number", "set_value", {"entity_id": limit, "value": 32}, blocking=True
        )
        grid.speaks = False
        await until(lambda: home.car.current_a < 6.5, "the safe current", 120)
        await home.becomes("binary_sensor", "meter_problem", "on")


async def test_a_charger_that_is_only_switched(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IND-21, IND-8, SITE-8: off at once for the fuse; who goes to full power alone is told of."""
    indra = Physics(profiles()["indra"], plugged=True, allowed=True, rated_a=16)
    tesla = Physics(profiles()["tesla_wall_connector"])
    house_w = 500.0
    found = []
    for physics in (indra, tesla):
        await set_up(hass, physics)
        found.append(recognise(hass, ProfileKind.CHARGER)[-1])

    async def live() -> None:
        while True:
            grid_w = house_w + indra.current_a * VOLTAGE_V
            hass.states.async_set(GRID, f"{grid_w:.0f}", {"unit_of_measurement": "W"})
            indra.update()
            tesla.update()
            await asyncio.sleep(1)

    living = asyncio.create_task(live())
    hass.states.async_set("input_boolean.car", "off")
    devices = [device("meter", "mains", GRID, role="mains", entities={"power": GRID})]
    for it in {each.profile.key: each for each in found}.values():
        entities = {role.value: reference for role, reference in it.entities.items()}
        if it.profile.key == "tesla_wall_connector":
            entities["enable"] = "input_boolean.car"
        limits = {"maximum_a": 16, "safe_a": 0, "priority": 0}
        more = {"entities": entities, "profile": it.profile.key}
        devices.append(device("charger", it.profile.key, it.serial, **limits, **more))
    entry = MockConfigEntry(
        domain="evse_suite",
        title="Home",
        data={"supply": "single", "fuse_a": 40, "voltage_v": 230.0},
        options={"mode": "power"},
        subentries_data=devices,
    )
    entry.add_to_hass(hass)
    monkeypatch.setattr(repairs, "CHECK_EVERY_S", 0.1)
    await asyncio.sleep(2)
    assert await hass.config_entries.async_setup(entry.entry_id)
    try:
        await asyncio.sleep(30)
        assert indra.current_a == 16, "nothing was in the way"
        issues = ir.async_get(hass).issues.values()
        told = [it for it in issues if it.translation_key == "full_when_alone"]
        names = [(it.translation_placeholders or {})["name"] for it in told]
        assert names == ["tesla_wall_connector"]
        before = list(indra.calls)
        house_w = 7_500.0
        await until(lambda: not indra.current_a, "off", 20)
        assert indra.calls == [*before, "enable=False"]
        house_w = 500.0
        await asyncio.sleep(60)
        assert not indra.current_a, "contactor and car are spared"
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await hass.config_entries.async_unload(entry.entry_id)
