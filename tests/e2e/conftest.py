"""One simulated home, one real Home Assistant and one browser for all end-to-end tests."""

from collections.abc import AsyncIterator
from pathlib import Path
import shutil

import pytest

from demo.browser import Window, open_window
from demo.process import free_port
from demo.stage import CACHE, Stage, set_stage


@pytest.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Return the running home, in which time stands still at three in the morning."""
    day = ("--speed", "0", "--start", "03:00")
    place = CACHE / "e2e"
    async with set_stage(
        place, port=free_port(), for_tests=True, neighbours=False, day=day
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def window(stage: Stage) -> AsyncIterator[Window]:
    """Return a browser window in which the demo's user has logged in."""
    async with open_window(stage.server.url) as opened:
        yield opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Return an empty folder for screenshots."""
    folder = CACHE / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
