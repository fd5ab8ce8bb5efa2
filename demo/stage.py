"""Everything that belongs to a running demo, brought up in order and ended in order."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path

import aiohttp

from .api import HomeAssistant
from .configuration import ROOT, prepare
from .dashboard import show_dashboard
from .home import LEVERS, Entities, read_entities, set_up_site, wait_until_started
from .process import DemoError, free_port
from .server import Server, run_server
from .simulation import HOME_FILE, Simulation, run_simulation, write_home_for_tests

CACHE = ROOT / ".cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A simulated home, a Home Assistant that runs it, and a client logged in to that."""

    simulation: Simulation
    server: Server
    ha: HomeAssistant
    entry_id: str
    entities: Entities


@contextmanager
def _own_folder(place: Path) -> Iterator[None]:
    """Have the folder for this process alone."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoError("this is running already; end the other one first") from None
        yield


@asynccontextmanager
async def set_stage(
    place: Path,
    *,
    port: int,
    keep: bool = False,
    for_tests: bool = False,
    day: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _text: None,
) -> AsyncIterator[Stage]:
    """Run the demo inside the block, ready to be looked at.

    ``place`` is the folder for everything that is written, ``day`` holds arguments for the
    simulator's day clock, and ``for_tests`` takes the home of
    ``write_home_for_tests``. Raises DemoError with a sentence when something does not come up.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(_own_folder(place))
        say("starting the simulated home")
        home_file = write_home_for_tests(place / "home.yaml") if for_tests else HOME_FILE
        simulation = await stack.enter_async_context(
            run_simulation(home_file, place / "simulator.log", free_port(), *day)
        )
        say("starting Home Assistant")
        config_dir = place / "config"
        prepare(config_dir, port=port, control_url=simulation.url, levers=LEVERS, keep=keep)
        server = await stack.enter_async_context(run_server(config_dir, port))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        ha = await HomeAssistant(session, server.url).enter()
        await wait_until_started(ha)
        say("setting up the home, its charger and its meters")
        entry_id = await set_up_site(ha, await simulation.hosts())
        entities = await read_entities(ha, entry_id)
        await show_dashboard(ha, entities)
        for lever in LEVERS:
            await ha.act("switch.turn_off", entities.lever(lever))
        yield Stage(
            simulation=simulation, server=server, ha=ha, entry_id=entry_id, entities=entities
        )
