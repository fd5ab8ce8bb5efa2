"""Takes the picture of the dashboard: ``python -m demo.picture FILE``, a simulated day later."""

import asyncio
from pathlib import Path
import sys

from .browser import DASHBOARD, open_window
from .home import KETTLE, SHOWER
from .process import free_port
from .stage import CACHE, set_stage

DAY = ("--speed", "240", "--start", "07:00")
UNTIL_SHOWER_S = 130.0
SHOWER_S = 35.0
AFTERWARDS_S = 150.0


async def _take(file: Path) -> None:
    async with (
        set_stage(CACHE / "picture", port=free_port(), for_tests=True, day=DAY) as stage,
        open_window(stage.server.url) as window,
    ):
        await window.open(DASHBOARD)
        await asyncio.sleep(UNTIL_SHOWER_S)
        for action in ("switch.turn_on", "switch.turn_off"):
            for lever in (KETTLE, SHOWER):
                await stage.ha.act(action, stage.entities.lever(lever))
            await asyncio.sleep(SHOWER_S if action == "switch.turn_on" else AFTERWARDS_S)
        await window.shoot(file)


if __name__ == "__main__":
    asyncio.run(_take(Path(sys.argv[1])))
