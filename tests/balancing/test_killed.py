"""Home Assistant is killed at full current, in a process of its own (SITE-5, promise 6)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import sys
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from simulator.build import Simulation
from tests.balancing.homes import FULL_A, shine, single_phase
from tests.balancing.judge import REACTION_S, Judge
from tests.integration.house import build, stored, until

ROOT = Path(__file__).parents[2]
START_S = 60.0
FIRST_READINGS_S = 3.0


@pytest.fixture
def speed() -> float:
    """Let time run as in the other process, which has a clock of its own."""
    return 1.0


@asynccontextmanager
async def home_assistant(site: dict[str, Any]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a Home Assistant; whatever happens it is killed at the end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.balancing.child",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(site).encode() + b"\n")
        async with asyncio.timeout(START_S):
            while b"ready" not in await child.stdout.readline():
                assert child.returncode is None
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def described(hass: HomeAssistant, simulation: Simulation) -> dict[str, Any]:
    """Return what the site's entry stores."""
    supply = simulation.config.supply
    return {
        "data": {"supply": supply.kind, "fuse_a": supply.fuse_a, "voltage_v": supply.voltage_v},
        "options": {"mode": "power"},
        "subentries_data": await stored(hass, simulation),
    }


@pytest.mark.timeout(180)
async def test_killed_at_full_current_and_started_again(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, socket_enabled: None
) -> None:
    """SITE-5: the charger keeps what it was told, and the next life takes over and cuts."""
    simulation = build(single_phase())
    shine(simulation, 0.0)
    judge = Judge(simulation, monkeypatch)
    await simulation.start()
    running = asyncio.create_task(simulation.run())
    (car,) = simulation.home.cars.values()
    try:
        site = await described(hass, simulation)
        async with home_assistant(site) as first:
            await until(lambda: car.current_a >= FULL_A, "full power")
            first.kill()
            assert await first.wait() == -9
        judge.restart()
        simulation.home.house.switch("load", on=True, power_w=20 * 230.0)
        await asyncio.sleep(3)
        assert judge.commands == []
        assert car.current_a >= FULL_A

        async with home_assistant(site):
            judge.restart()
            await until(lambda: car.current_a <= 19, "cut", REACTION_S + FIRST_READINGS_S)
            await asyncio.sleep(5)
            assert car.current_a >= 15
            assert car.starts == 1
            judge.fuse_held(REACTION_S + FIRST_READINGS_S)
            judge.orders_are_lawful()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulation.stop()
