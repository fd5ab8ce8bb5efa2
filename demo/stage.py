"""Everything that belongs to a running demo, brought up in order and ended in order."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
import fcntl
from pathlib import Path

import aiohttp

from .api import HomeAssistant, Json
from .configuration import ROOT, prepare, switches
from .dashboard import show_dashboard
from .day import set_up_account, set_up_planning
from .home import Entities, add_devices, create_sites, read_entities, wait_until_started
from .homes import CAR, COTTAGE, HOME, NEIGHBOURS, Home
from .process import DemoError, free_port
from .server import Server, run_server
from .simulation import Simulation, run_simulation, write_home_for_tests
from .sources import battery_of_car, grid_meter, prices

CACHE = ROOT / ".cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A simulated home and its site in Home Assistant."""

    home: Home
    simulation: Simulation
    entry_id: str
    entities: Entities


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Simulated homes, a Home Assistant that runs them, and a client logged in to that."""

    server: Server
    ha: HomeAssistant
    scenes: Mapping[str, Scene]
    """By the keys of the homes."""

    @property
    def simulation(self) -> Simulation:
        """Return the home itself."""
        return self.scenes[HOME.key].simulation

    @property
    def entry_id(self) -> str:
        """Return the id of the home's site."""
        return self.scenes[HOME.key].entry_id

    @property
    def entities(self) -> Entities:
        """Return the entities of the home's site."""
        return self.scenes[HOME.key].entities


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
    neighbours: bool = True,
    day: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _text: None,
) -> AsyncIterator[Stage]:
    """Run the demo inside the block, ready to be looked at.

    ``place`` is the folder for everything that is written, ``day`` holds arguments for the
    simulators' day clocks, ``for_tests`` takes the homes of ``write_home_for_tests``, and without
    ``neighbours`` there is one home only. Raises DemoError with a sentence when something does not
    come up.
    """
    homes = (HOME, *NEIGHBOURS) if neighbours else (HOME,)
    async with AsyncExitStack() as stack:
        stack.enter_context(_own_folder(place))
        say("starting the simulated homes")
        simulations = {
            home.key: await stack.enter_async_context(
                _simulation(place, home, day, for_tests=for_tests)
            )
            for home in homes
        }
        say("starting Home Assistant")
        config_dir = place / "config"
        prepare(config_dir, port=port, parts=await _parts(homes, simulations), keep=keep)
        server = await stack.enter_async_context(run_server(config_dir, port))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        ha = await HomeAssistant(session, server.url).enter()
        await wait_until_started(ha)
        say("setting up the homes, their chargers and their meters")
        scenes = await _set_up(ha, homes, simulations)
        await show_dashboard(ha, {key: scene.entities for key, scene in scenes.items()})
        yield Stage(server=server, ha=ha, scenes=scenes)


@asynccontextmanager
async def _simulation(
    place: Path, home: Home, day: tuple[str, ...], *, for_tests: bool
) -> AsyncIterator[Simulation]:
    home_file = home.file
    if for_tests:
        home_file = write_home_for_tests(home, place / f"{home.key}.yaml")
    arguments = day if home.announces else (*day, "--no-mdns")
    log_path = place / f"simulator_{home.key}.log"
    async with run_simulation(home_file, log_path, free_port(), *arguments) as running:
        yield running


async def _parts(homes: Sequence[Home], simulations: Mapping[str, Simulation]) -> list[Json]:
    """Return what belongs into the configuration of Home Assistant."""
    parts = [switches(simulations[home.key].url, home.levers) for home in homes]
    parts += [prices(), battery_of_car(simulations[HOME.key].url, CAR)]
    if COTTAGE in homes:
        hosts = await simulations[COTTAGE.key].hosts()
        parts.append(grid_meter(hosts[COTTAGE.meters[0].key]))
    return parts


async def _set_up(
    ha: HomeAssistant, homes: Sequence[Home], simulations: Mapping[str, Simulation]
) -> dict[str, Scene]:
    entries = await create_sites(ha, homes)
    for home in homes:
        hosts = await simulations[home.key].hosts()
        await add_devices(ha, home, entries[home.key], hosts)
    await set_up_planning(ha, entries[HOME.key])
    await set_up_account(ha, await read_entities(ha, HOME, entries[HOME.key]))
    scenes = {}
    for home in homes:
        entry_id = entries[home.key]
        entities = await read_entities(ha, home, entry_id)
        scenes[home.key] = Scene(
            home=home, simulation=simulations[home.key], entry_id=entry_id, entities=entities
        )
        for lever in home.levers:
            await ha.act("switch.turn_off", entities.lever(lever))
    return scenes
