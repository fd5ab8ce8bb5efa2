"""What the suite has learnt survives a restart, and a broken file does not break the site."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.evse_suite import site, store
from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.control import learnt
from custom_components.evse_suite.control.answer import Decision
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.learnt import LearntCharger, Within
from custom_components.evse_suite.control.memory import Memory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from simulator.build import Simulation
from tests.integration.house import House, site_entry, stored, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(LearntCharger):
    """Stands for whatever is learnt."""

    delay_s: Annotated[float, Within(least=0, most=60)] = 8.0
    cycles: Annotated[int, Within(least=0, most=10**6)] = 0


def wiser(before: LearntCharger) -> Delay:
    """Return what is known after one more cycle."""
    assert isinstance(before, Delay)
    return replace(before, cycles=before.cycles + 1)


@pytest.fixture
def learner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn in each cycle."""

    def learn(*args: Any) -> Decision[Memory]:
        decision = decide(*args)
        chargers = tuple(replace(it, learnt=wiser(it.learnt)) for it in decision.memory.chargers)
        return replace(decision, memory=replace(decision.memory, chargers=chargers))

    monkeypatch.setattr(learnt, "LearntCharger", Delay)
    monkeypatch.setattr(site, "decide", learn)


@pytest.fixture
async def wise_home(
    hass: HomeAssistant, simulation: Simulation, hass_storage: dict[str, Any], learner: None
) -> AsyncGenerator[House]:
    """Set up a site that has learnt in an earlier life; one value of it is absurd."""
    entry = site_entry(simulation, await stored(hass, simulation))
    entry.add_to_hass(hass)
    charger = next(iter(entry.subentries))
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {
        "version": learnt.VERSION,
        "data": {"site": {}, "chargers": {charger: {"delay_s": -3, "cycles": 1000}}},
    }
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield House(hass, simulation, entry)
    if hass.config_entries.async_get_entry(entry.entry_id) is not None:
        await hass.config_entries.async_unload(entry.entry_id)


def known(home: House) -> Delay:
    """Return what is known of the only charger."""
    (charger,) = home.site._memory.all_learnt().chargers.values()
    assert isinstance(charger, Delay)
    return charger


def on_disk(home: House, storage: dict[str, Any]) -> int:
    """Return how many cycles the file knows of."""
    (charger,) = storage[f"{DOMAIN}.{home.entry.entry_id}"]["data"]["chargers"].values()
    cycles: int = charger["cycles"]
    return cycles


async def test_learning_goes_on_after_a_restart(
    hass: HomeAssistant,
    wise_home: House,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only the absurd value starts anew, and it is told."""
    home = wise_home
    await until(lambda: known(home).cycles > 1003, "learning")
    assert known(home).delay_s == 8.0
    assert [it for it in caplog.get_records("setup") if "learns anew" in it.getMessage()]
    assert on_disk(home, hass_storage) == 1000
    before = known(home).cycles

    await hass.config_entries.async_reload(home.entry.entry_id)

    assert on_disk(home, hass_storage) >= before
    assert known(home).cycles > on_disk(home, hass_storage)
    assert "learns anew" not in caplog.text


async def test_what_changes_all_the_time_is_written_seldom_but_is_written(
    wise_home: House, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = wise_home
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    monkeypatch.setattr(store, "SAVE_DELAY_S", 5.0)
    writes = {on_disk(home, hass_storage)}

    def several_writes() -> bool:
        writes.add(on_disk(home, hass_storage))
        return len(writes) > 2

    await home.hass.config_entries.async_setup(home.entry.entry_id)
    start = known(home).cycles
    await until(several_writes, "two writes")

    assert known(home).cycles - start > 2 * len(writes)


async def test_home_assistant_stops(wise_home: House, hass_storage: dict[str, Any]) -> None:
    home = wise_home
    await until(lambda: known(home).cycles > 1001, "learning")
    home.hass.set_state(CoreState.stopping)
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await home.hass.async_block_till_done()
    home.hass.set_state(CoreState.running)

    assert on_disk(home, hass_storage) > 1001


async def test_a_removed_site_leaves_no_file(
    wise_home: House, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{wise_home.entry.entry_id}"
    await until(lambda: known(wise_home).cycles > 1001, "learning")

    await wise_home.hass.config_entries.async_remove(wise_home.entry.entry_id)
    await wise_home.hass.async_block_till_done()

    assert key not in hass_storage


DATA = {"site": {"a": 1}}
WHOLE = {"version": learnt.VERSION, "minor_version": 1, "key": "evse_suite.home", "data": DATA}
HALF = json.dumps(WHOLE)[:40].encode()


@pytest.mark.parametrize(
    "content",
    [
        HALF,
        b"",
        b"\xff\x00",
        b"[]",
        b"7",
        b'{"data": {}}',
        json.dumps(WHOLE | {"version": learnt.VERSION + 1}).encode(),
        json.dumps(WHOLE | {"version": learnt.VERSION - 1}).encode(),
        json.dumps(WHOLE | {"version": "new"}).encode(),
    ],
)
async def test_a_file_that_cannot_be_used(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A file cut short by a power loss, or of another time: fresh start, and it can be written."""
    file = tmp_path / ".storage" / "evse_suite.home"
    file.parent.mkdir()
    file.write_bytes(content)
    async with async_test_home_assistant(config_dir=str(tmp_path)) as hass:
        opened = store.LearntStore(hass, "home", learnt.VERSION)
        assert await opened.async_read() is None
        assert [line for line in caplog.records if line.levelname in ("WARNING", "ERROR")]

        opened.keep(lambda: DATA)
        await opened.async_close()
        assert json.loads(file.read_bytes())["data"] == DATA
        assert await store.LearntStore(hass, "home", learnt.VERSION).async_read() == DATA
        await hass.async_stop(force=True)


async def test_nothing_is_kept_after_the_end(hass: HomeAssistant, hass_storage: Any) -> None:
    """The lines of a site that ends may still bring a reading."""
    opened = store.LearntStore(hass, "home", learnt.VERSION)
    await opened.async_close()
    opened.keep(dict)
    assert not hass_storage
