"""What protects or binds is on the disk within seconds, so that a kill forgets none of it (SITE-5).

A verdict on the mains meter, and what a person allows a charger that cannot keep it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
import json
from pathlib import Path
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.const import CONF_ROLE, DOMAIN, ROLE_MAINS, SUBENTRY_METER
from custom_components.evse_suite.control import learnt
from custom_components.evse_suite.control.answer import AlarmKind
from custom_components.evse_suite.control.evidence import ClampMemory, Fault
from custom_components.evse_suite.control.model import MainsMeterSpec, SiteSpec
from custom_components.evse_suite.control.trials import TRIAL_RAISE_A
from custom_components.evse_suite.devices.model import CurrentControl
from custom_components.evse_suite.recall import Recall, fingerprint
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import Context, HomeAssistant
from simulator.build import Simulation
from tests.control.plant import L1, VOLTAGE_V, fuse
from tests.devices.entity_box import Box
from tests.integration.house import House, site_entry, stored, until

SPEC = SiteSpec(
    phases=(L1,),
    voltage_v=VOLTAGE_V,
    meter=MainsMeterSpec(key="mains"),
    caps=(fuse(40, L1),),
    chargers=(),
)
REVERSED = ClampMemory(faults=(Fault(kind=AlarmKind.METER_REVERSED, share=-1.0),))
WRITTEN_WITHIN_S = 5.0


def a_site(**mains: Any) -> MockConfigEntry:
    """Return the entry of a site with a mains meter."""
    meter = ConfigSubentryDataWithId(
        data={CONF_ROLE: ROLE_MAINS, "host": "192.0.2.1"} | mains,
        subentry_type=SUBENTRY_METER,
        subentry_id="mains",
        title="mains",
        unique_id=None,
    )
    return MockConfigEntry(domain=DOMAIN, entry_id="home", subentries_data=[meter])


def recall(hass: HomeAssistant, entry: MockConfigEntry | None = None, **devices: Any) -> Recall:
    """Return what a new life of Home Assistant begins with."""
    links: Any = {key: SimpleNamespace(device=device) for key, device in devices.items()}
    return Recall(hass, entry or a_site(), links)


async def on_disk(storage: Mapping[str, Any], part: str, **expected: Any) -> None:
    """Wait until the file says something."""

    def says() -> bool:
        document = storage.get(f"{DOMAIN}.home", {}).get("data", {})
        said = document.get(part, {})
        return all(said.get(key) == value for key, value in expected.items())

    await until(says, f"{part}: {expected}", WRITTEN_WITHIN_S)


async def test_a_verdict_on_the_meter_is_written_at_once(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """IND-9: and so is its end; whoever is killed a moment later knows it in the next life."""
    first = recall(hass)
    memory = await first.async_memory(SPEC)
    first.note(replace(memory, clamps=REVERSED))
    await on_disk(hass_storage, "site", clamp_faults=[2], clamp_shares=[-1.0])

    second = recall(hass)
    memory = await second.async_memory(SPEC)
    assert memory.clamps == REVERSED
    second.note(replace(memory, clamps=ClampMemory()))
    await on_disk(hass_storage, "site", clamp_faults=[], clamp_shares=[])
    assert (await recall(hass).async_memory(SPEC)).clamps == ClampMemory()


@pytest.mark.parametrize(
    ("changes", "believed"),
    [({"host": "192.0.2.7"}, False), ({"phases": ["l2"]}, True), ({"serial": "another"}, True)],
)
async def test_a_meter_that_is_set_up_anew_is_not_judged_by_what_was_before(
    hass: HomeAssistant, hass_storage: dict[str, Any], changes: dict[str, Any], *, believed: bool
) -> None:
    first = recall(hass)
    first.note(replace(await first.async_memory(SPEC), clamps=REVERSED))
    await on_disk(hass_storage, "site", clamp_faults=[2])
    memory = await recall(hass, a_site(**changes)).async_memory(SPEC)
    assert memory.clamps == (ClampMemory() if believed else REVERSED)


async def test_what_is_learnt_by_and_by_does_not_delay_what_is_urgent(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    first = recall(hass)
    memory = await first.async_memory(SPEC)
    memory = replace(memory, sun=replace(memory.sun, grid_wh=100.0))
    first.note(memory)
    await asyncio.sleep(WRITTEN_WITHIN_S)
    assert not hass_storage
    memory = replace(memory, clamps=REVERSED)
    first.note(memory)
    first.note(replace(memory, sun=replace(memory.sun, grid_wh=101.0)))
    await on_disk(hass_storage, "site", clamp_faults=[2], grid_wh=101.0)


async def test_a_persons_limit_is_kept(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """SITE-8: of a charger of entities only the suite knows it; until the car goes."""
    box = Box(hass)
    device = box.open()
    first = recall(hass, yard=device)
    memory = await first.async_memory(SPEC)
    await device.capability(CurrentControl).set_current(16)
    for limit, context in ((16, None), (9, Context(user_id="somebody"))):
        box.show(limit, context=context)
        await device.read()
    first.note(memory)
    await on_disk(hass_storage, "persons", yard=9)

    again = box.open()
    second = recall(hass, yard=again)
    memory = await second.async_memory(SPEC)
    # As it was left when Home Assistant stopped.
    box.show(6)
    assert (await again.read()).user_current_a == 9

    box.show(6, status="Disconnected")
    assert (await again.read()).user_current_a is None
    second.note(memory)
    await until(lambda: not hass_storage[f"{DOMAIN}.home"]["data"]["persons"], "forgotten", 5)


@pytest.mark.parametrize("persons", [None, [], "9", {"yard": "9"}, {"yard": -1}, {"gone": 9}])
async def test_absurd_wishes_are_none(
    hass: HomeAssistant, hass_storage: dict[str, Any], persons: object
) -> None:
    hass_storage[f"{DOMAIN}.home"] = {"version": learnt.VERSION, "data": {"persons": persons}}
    device = Box(hass).open()
    await recall(hass, yard=device).async_memory(SPEC)
    assert (await device.read()).user_current_a is None


async def test_a_site_goes_on_with_the_verdict_and_looks_into_it(
    hass: HomeAssistant, simulation: Simulation, hass_storage: dict[str, Any]
) -> None:
    """Promise 2: nobody is raised by a meter that lied before; a mended one is soon believed."""
    entry = site_entry(simulation, await stored(hass, simulation))
    entry.add_to_hass(hass)
    site = {"clamp_faults": [2], "clamp_shares": [-1.0]}
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {
        "version": learnt.VERSION,
        "data": {"site": site, "mains": fingerprint(entry)},
    }
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = House(hass, simulation, entry)
    assert home.shows("binary_sensor", "meter_problem", "on")
    assert home.charger.point.dynamic_current_a <= 6 + TRIAL_RAISE_A
    await until(lambda: home.shows("binary_sensor", "meter_problem", "off"), "believed", 150)
    await hass.config_entries.async_unload(entry.entry_id)
    document = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    assert not any(document["site"]["clamp_faults"])


WRITER = """
import asyncio, sys
from pytest_homeassistant_custom_component.common import async_test_home_assistant
from custom_components.evse_suite import store
from custom_components.evse_suite.control import learnt

store.SAVE_SOON_S = 0.0

async def live():
    async with async_test_home_assistant(config_dir=sys.argv[1]) as hass:
        kept = store.LearntStore(hass, "home", learnt.VERSION)
        known = await kept.async_read() or {"count": 0, "ballast": "x" * 200_000}
        print("ready", known["count"], flush=True)
        while True:
            known = {**known, "count": known["count"] + 1}
            kept.keep(lambda: known, soon=True)
            await asyncio.sleep(0.001)

asyncio.run(live())
"""


async def test_killed_while_it_writes(tmp_path: Path, socket_enabled: None) -> None:
    """SITE-5: whenever SIGKILL comes, the file is one of those that were written, and whole."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(tmp_path)),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready 0\n"
    file = tmp_path / ".storage" / "evse_suite.home"
    written: set[int] = set()

    def writes() -> bool:
        document = json.loads(file.read_bytes())["data"] if file.exists() else {}
        assert len(document.get("ballast", "")) in ({200_000} if document else {0})
        written.add(document.get("count", 0))
        return len(written) > 10

    await until(writes, "it writes all the time", 100)
    child.kill()
    assert await child.wait() == -9
    assert json.loads(file.read_bytes())["data"]["count"] >= max(written)
