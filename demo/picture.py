"""Takes the pictures of the documentation: ``python -m demo.picture FOLDER [NAME…]``.

Without names all of them, ten minutes later. Each is of a real Home Assistant and of what happens
in the simulated homes meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
import sys

from .browser import DASHBOARD, Window, open_window
from .day import want_car_every_morning
from .homes import KETTLE, SAW, SHOWER, WORKSHOP
from .measure import Bench
from .process import free_port
from .stage import CACHE, set_stage

STILL = ("--speed", "0", "--start", "12:00")
TALL, LOW = 800, 560
SETTLED_S = 3
"""Until the window has drawn everything."""

type Scenario = Callable[[Bench, Window], Awaitable[None]]


async def _dashboard(bench: Bench, window: Window) -> None:
    """Show full power, a shower that makes the charger yield, and then the sun."""
    await window.open(DASHBOARD)
    await bench.sun(2000)
    await bench.set_mode("power")
    await asyncio.sleep(60)
    await bench.turn(SHOWER, KETTLE, on=True)
    await asyncio.sleep(45)
    await bench.turn(SHOWER, KETTLE, on=False)
    await asyncio.sleep(45)
    await bench.set_mode("hybrid")
    for sun_w, for_s in ((3000, 50), (4600, 120)):
        await bench.sun(sun_w)
        await asyncio.sleep(for_s)


async def _plan(bench: Bench, window: Window) -> None:
    """Show a car that has to be ready in the morning and waits for the night."""
    await bench.sun(0)
    await bench.set_mode("power")
    await want_car_every_morning(bench.stage.ha, bench.scene.entities)
    await window.open(f"{DASHBOARD}/plan")
    await asyncio.sleep(30)


async def _account(bench: Bench, window: Window) -> None:
    """Show a payment, and what it buys."""
    await bench.turn(KETTLE, on=True)
    await bench.stage.ha.command(
        "call_service", domain="evse_suite", service="add_payment", service_data={"amount": 20}
    )
    await window.open(f"{DASHBOARD}/account")
    await asyncio.sleep(40)
    await bench.turn(KETTLE, on=False)


async def _workshop(bench: Bench, window: Window) -> None:
    """Show a saw, and the charger over OCPP that makes room for it."""
    there = bench.at(WORKSHOP)
    for on, for_s in ((False, 60), (True, 90), (False, 90), (True, 60)):
        await there.turn(SAW, on=on)
        await asyncio.sleep(for_s)
    await window.open(f"{DASHBOARD}/{WORKSHOP.key}")


PICTURES: Mapping[str, tuple[Scenario, int]] = {
    "dashboard": (_dashboard, TALL),
    "plan": (_plan, LOW),
    "account": (_account, LOW),
    "workshop": (_workshop, TALL),
}
"""Each with the height of the window."""


async def _take(folder: Path, names: Sequence[str]) -> None:
    async with (
        set_stage(CACHE / "picture", port=free_port(), for_tests=True, day=STILL) as stage,
        open_window(stage.server.url) as window,
    ):
        bench = Bench(stage, print)
        for name in names:
            play, height = PICTURES[name]
            await window.page.set_viewport_size({"width": 1280, "height": height})
            await play(bench, window)
            await asyncio.sleep(SETTLED_S)
            await window.shoot(folder / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(_take(Path(sys.argv[1]), sys.argv[2:] or list(PICTURES)))
