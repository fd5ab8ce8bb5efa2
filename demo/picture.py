"""Takes the picture of the dashboard: ``python -m demo.picture FILE``, five minutes later.

It tells a story: full power, a shower that makes the charger yield, and then the sun.
"""

import asyncio
from pathlib import Path
import sys

from .browser import DASHBOARD, open_window
from .homes import KETTLE, SHOWER
from .measure import Bench
from .process import free_port
from .stage import CACHE, set_stage

STILL = ("--speed", "0", "--start", "12:00")


async def _take(file: Path) -> None:
    async with (
        set_stage(CACHE / "picture", port=free_port(), for_tests=True, day=STILL) as stage,
        open_window(stage.server.url) as window,
    ):
        bench = Bench(stage, print)
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
        await window.shoot(file)


if __name__ == "__main__":
    asyncio.run(_take(Path(sys.argv[1])))
