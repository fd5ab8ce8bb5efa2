"""Takes the picture of the dashboard: ``python -m demo.picture FILE``, five minutes later.

It tells a story: full power, a shower that makes the charger yield, and then the sun.
"""

import asyncio
from pathlib import Path
import sys

from .browser import DASHBOARD, open_window
from .home import KETTLE, SHOWER
from .measure import Bench
from .process import free_port
from .stage import CACHE, set_stage

MORNING = ("--speed", "60", "--start", "09:00")


async def _take(file: Path) -> None:
    async with (
        set_stage(CACHE / "picture", port=free_port(), for_tests=True, day=MORNING) as stage,
        open_window(stage.server.url) as window,
    ):
        bench = Bench(stage, print)
        await window.open(DASHBOARD)
        await bench.set_mode("power")
        await asyncio.sleep(60)
        await bench.turn(SHOWER, KETTLE, on=True)
        await asyncio.sleep(30)
        await bench.turn(SHOWER, KETTLE, on=False)
        await asyncio.sleep(45)
        await bench.set_mode("hybrid")
        await asyncio.sleep(150)
        await window.shoot(file)


if __name__ == "__main__":
    asyncio.run(_take(Path(sys.argv[1])))
