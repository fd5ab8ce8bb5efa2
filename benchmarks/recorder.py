"""What a home with one charger and one meter costs: rows in the database, time in the event loop.

Rows: a real Home Assistant core with its real recorder and a simulated home, an afternoon of
clouds and habits in Hybrid mode, where the charger follows the sun. The loop's clock runs
``--speed`` times as fast for suite, devices, house and car alike; then the rows of the database
are counted. Load: the same at true speed, with the home in a thread of its own; the processor time
of every callback in Home Assistant's loop is added up, less that of an idle Home Assistant.

Run it with ``python -m benchmarks.recorder`` in the environment of the tests.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
import shutil
import sqlite3
from tempfile import TemporaryDirectory
import threading
from time import thread_time
from typing import Any, Final
from unittest.mock import patch

from aiohttp import ThreadedResolver
from pytest_homeassistant_custom_component.common import async_test_home_assistant

import custom_components.evse_suite as suite
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from simulator.build import Simulation
from simulator.lapse import time_lapse
from tests.integration.house import build, site_entry, stored

ROWS_PER_HOUR: Final = 1500
LOAD_PERCENT: Final = 2.0
WARM_UP_S: Final = 10.0

SINGLE_PHASE: Final[dict[str, Any]] = {
    "supply": {"kind": "single", "fuse_a": 60},
    "seed": 7,
    "clock": {"start": "12:00"},
    "house": {"base_w": 250},
    "sun": {"kwp": 6, "cover": 0.45},
    "cars": {"car": {"type": "typical", "soc_percent": 20, "plugged": True}},
    "chargers": {
        "garage": {"device": "lektrico_1p7k", "serial": 500006, "phases": ["L1"], "car": "car"}
    },
    "meters": {
        "mains": {
            "device": "lektrico_em",
            "serial": 810042,
            "channels": [{"place": "mains", "phase": "L1"}],
        }
    },
}
THREE_PHASES: Final[dict[str, Any]] = {
    "supply": {"kind": "three", "fuse_a": 25},
    "seed": 7,
    "clock": {"start": "12:00"},
    "house": {"base_w": 250},
    "sun": {"kwp": 10, "cover": 0.45, "phases": ["L1", "L2", "L3"]},
    "cars": {"car": {"type": "typical", "soc_percent": 20, "plugged": True, "lines": 3}},
    "chargers": {
        "garage": {
            "device": "lektrico_3p22k",
            "serial": 600021,
            "phases": ["L1", "L2", "L3"],
            "car": "car",
        }
    },
    "meters": {
        "mains": {
            "device": "shelly_pro_3em",
            "serial": "34987A45E1B0",
            "channels": [{"phase": "L1"}, {"phase": "L2"}, {"phase": "L3"}],
        }
    },
}
HOMES: Final = {"single": SINGLE_PHASE, "three": THREE_PHASES}


def main() -> int:
    """Measure both and compare with the targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="of the house's time")
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="for which the load is taken")
    parser.add_argument("--mode", default="hybrid")
    parser.add_argument("--phases", choices=HOMES, default="single")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        rows = asyncio.run(count_rows(Path(folder), options))
    for entity_id, count in sorted(rows.items(), key=lambda item: -item[1]):
        if count:
            print(f"{count * 60 / options.minutes:7.0f} rows/h  {entity_id}")
    per_hour = sum(rows.values()) * 60 / options.minutes
    print(f"{per_hour:7.0f} rows/h  in all; fewer than {ROWS_PER_HOUR} are wanted")
    with TemporaryDirectory() as folder:
        load = asyncio.run(measure_load(Path(folder), options))
    print(
        f"{load.percent:7.2f} % of the event loop's time; less than {LOAD_PERCENT:g} % is wanted\n"
        f"{load.longest_ms:7.1f} ms for the longest callback"
    )
    return 0 if per_hour < ROWS_PER_HOUR and load.percent < LOAD_PERCENT else 1


@asynccontextmanager
async def home_assistant(folder: Path) -> AsyncGenerator[HomeAssistant]:
    """Run a core with a recorder in ``folder``."""
    shutil.copytree(Path(suite.__file__).parent, folder / "custom_components" / "evse_suite")
    async with async_test_home_assistant(config_dir=str(folder)) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS, None)
        recorder_helper.async_initialize_recorder(hass)
        database = {"db_url": f"sqlite:///{folder}/home.db", "commit_interval": 1}
        await async_setup_component(hass, "recorder", {"recorder": database})
        with patch(
            # Devices are on loopback: nothing is to be asked of the network by mDNS.
            "homeassistant.helpers.aiohttp_client._async_get_or_create_resolver",
            return_value=ThreadedResolver(),
        ):
            try:
                yield hass
            finally:
                await hass.async_stop(force=True)


async def set_up_site(hass: HomeAssistant, simulation: Simulation, mode: str) -> None:
    """Add the home as a site."""
    entry = site_entry(simulation, await stored(hass, simulation), mode)
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError("the site does not start")
    await hass.async_block_till_done()


async def count_rows(folder: Path, options: argparse.Namespace) -> dict[str, int]:
    """Return the rows of each entity after the first seconds."""
    async with home_assistant(folder) as hass:
        simulation = build(deepcopy(HOMES[options.phases]))
        await simulation.start()
        running = asyncio.create_task(simulation.run())
        with time_lapse(asyncio.get_running_loop(), options.speed):
            await set_up_site(hass, simulation, options.mode)
            await asyncio.sleep(WARM_UP_S)
            before = await _rows(hass, folder)
            await asyncio.sleep(options.minutes * 60)
            after = await _rows(hass, folder)
        (entry,) = hass.config_entries.async_entries("evse_suite")
        await hass.config_entries.async_unload(entry.entry_id)
        running.cancel()
        await simulation.stop()
    return {entity_id: count - before.get(entity_id, 0) for entity_id, count in after.items()}


async def _rows(hass: HomeAssistant, folder: Path) -> dict[str, int]:
    await recorder_helper.get_instance(hass).async_block_till_done()

    def count() -> dict[str, int]:
        with sqlite3.connect(folder / "home.db") as database:
            found = database.execute(
                "select meta.entity_id, count(*) from states"
                " join states_meta as meta using (metadata_id) group by meta.entity_id"
            )
            return dict(found.fetchall())

    return await hass.async_add_executor_job(count)


@dataclass(slots=True)
class Load:
    """Processor time in one event loop."""

    busy_s: float = 0.0
    longest_s: float = 0.0
    percent: float = 0.0

    @property
    def longest_ms(self) -> float:
        """Return the longest callback in milliseconds."""
        return 1000 * self.longest_s


@contextmanager
def watched_callbacks(load: Load) -> Generator[None]:
    """Add up the processor time of every callback of this thread's loop."""
    thread = threading.get_ident()
    true_run = asyncio.Handle._run  # noqa: SLF001 - the one place where a loop runs callbacks

    def run(handle: asyncio.Handle) -> None:
        if threading.get_ident() != thread:
            true_run(handle)
            return
        started_s = thread_time()
        true_run(handle)
        spent_s = thread_time() - started_s
        load.busy_s += spent_s
        load.longest_s = max(load.longest_s, spent_s)

    with patch.object(asyncio.Handle, "_run", run):
        yield


async def measure_load(folder: Path, options: argparse.Namespace) -> Load:
    """Return what the suite adds to the load of an idle Home Assistant."""
    with simulation_in_thread(HOMES[options.phases]) as simulation:
        async with home_assistant(folder) as hass:
            idle, busy = Load(), Load()
            with watched_callbacks(idle):
                await asyncio.sleep(WARM_UP_S)
            await set_up_site(hass, simulation, options.mode)
            await asyncio.sleep(WARM_UP_S)
            with watched_callbacks(busy):
                await asyncio.sleep(options.seconds)
            (entry,) = hass.config_entries.async_entries("evse_suite")
            await hass.config_entries.async_unload(entry.entry_id)
    busy.percent = 100 * (busy.busy_s / options.seconds - idle.busy_s / WARM_UP_S)
    return busy


@contextmanager
def simulation_in_thread(config: dict[str, Any]) -> Generator[Simulation]:
    """Run a home in a thread and a loop of its own."""
    simulation = build(deepcopy(config))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(simulation.start(), loop).result()
    running = asyncio.run_coroutine_threadsafe(simulation.run(), loop)
    try:
        yield simulation
    finally:
        running.cancel()
        asyncio.run_coroutine_threadsafe(simulation.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


if __name__ == "__main__":
    raise SystemExit(main())
