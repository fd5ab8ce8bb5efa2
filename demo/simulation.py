"""The simulated home: its process, and its control API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import secrets
import sys
from typing import Any

import aiohttp
import yaml

from .api import Json
from .homes import HOME, Home
from .process import LOOPBACK, Child, DemoError, free_port, run_child, wait_for_answer

ROOT = Path(__file__).parent.parent
START_LIMIT_S = 30.0
STOP_LIMIT_S = 5.0

SPARES = {
    "chargers": {"drive": {"device": "lektrico_1p7k", "serial": 500007, "phases": ["L1"]}},
    "meters": {
        "shed": {
            "device": "shelly_em",
            "serial": "A4CF12B9F366",
            "channels": [{"place": "house", "phase": "L1"}, {"place": "nothing"}],
        }
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A running simulated home; what it says of itself is the truth that promises are held to."""

    url: str
    home_file: Path
    child: Child
    session: aiohttp.ClientSession

    def serial(self, kind: str, name: str) -> str:
        """Return a serial number; ``kind`` is chargers or meters, ``name`` as in the home file."""
        return str(yaml.safe_load(self.home_file.read_text())[kind][name]["serial"])

    async def answers(self) -> bool:
        """Return whether the control API can be used."""
        try:
            await self.state()
        except aiohttp.ClientError:
            return False
        return True

    async def state(self) -> Json:
        """Return the true state of the home."""
        async with self.session.get(f"{self.url}/state") as response:
            state: Json = await response.json()
        return state

    async def hosts(self) -> dict[str, str]:
        """Return the address of each device by its name in the home file."""
        devices = (await self.state())["devices"]
        return {name: url.partition("://")[2] for name, url in devices.items()}

    async def tell(self, path: str, **changes: Any) -> None:
        """Change something: a car, an appliance, a fault of a device, the sun, the day."""
        async with self.session.post(self.url + path, json=changes) as response:
            if not response.ok:
                raise DemoError(f"the simulator refuses {path} {changes}: {await response.text()}")


def write_home_for_tests(home: Home, home_file: Path) -> Path:
    """Write one of the homes as tests want it, and return where it is.

    It takes whatever ports are free, every change of its car is done within 3 s, which is the car
    that promises are stated for, and in the first home there are ``SPARES`` that nobody has added
    yet. Its serial numbers are its own: a Home Assistant that discovers a known one elsewhere
    follows it there, and a second home may run on this machine.
    """
    content = yaml.safe_load(home.file.read_text())
    for kind, spares in SPARES.items() if home is HOME else ():
        content[kind] |= spares
    number = secrets.randbelow(0x10000)
    for device in (*content["chargers"].values(), *content["meters"].values()):
        if device["device"].startswith("ocpp"):
            # It dials in at this port, and nobody discovers it elsewhere.
            device["port"] = free_port()
            continue
        device.pop("port", None)
        device["serial"] = _own_serial(device["serial"], number)
    for car in content["cars"].values():
        car["type"] = "reacts_in_3_s"
    home_file.write_text(yaml.safe_dump(content, sort_keys=False))
    return home_file


def _own_serial(serial: int | str, number: int) -> int | str:
    """Return a serial number of the same form, Lektrico's or a MAC address, with another core."""
    if isinstance(serial, int):
        return serial + 100 * number
    return f"{serial[:6]}{number:04X}{serial[-2:]}"


@asynccontextmanager
async def run_simulation(
    home_file: Path, log_path: Path, control_port: int, *arguments: str
) -> AsyncIterator[Simulation]:
    """Run the simulator inside the block, from when its control API answers."""
    async with (
        run_child(
            "The simulator",
            sys.executable, "-m", "simulator", str(home_file),
            "--control-port", str(control_port), *arguments,
            log_path=log_path,
            cwd=ROOT,
            patience_s=STOP_LIMIT_S,
        ) as child,
        aiohttp.ClientSession() as session,
    ):  # fmt: skip
        simulation = Simulation(
            url=f"http://{LOOPBACK}:{control_port}",
            home_file=home_file,
            child=child,
            session=session,
        )
        await wait_for_answer(child, simulation.answers, START_LIMIT_S)
        yield simulation
