"""A real Home Assistant on the loopback address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import re
import sys

import aiohttp

from .api import HomeAssistant
from .process import LOOPBACK, Child, run_child, wait_for_answer

START_LIMIT_S = 120.0
STOP_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running Home Assistant."""

    url: str
    config_dir: Path
    child: Child

    @property
    def log_path(self) -> Path:
        """Return the file with Home Assistant's warnings and errors."""
        return self.config_dir / "home-assistant.log"


@asynccontextmanager
async def run_server(config_dir: Path, port: int) -> AsyncIterator[Server]:
    """Run Home Assistant inside the block, from when its pages answer."""
    async with run_child(
        "Home Assistant",
        sys.executable, "-m", "homeassistant", "--config", str(config_dir),
        "--skip-pip", "--log-no-color",
        log_path=config_dir / "console.log",
        cwd=config_dir,
        patience_s=STOP_LIMIT_S,
    ) as child:  # fmt: skip
        url = f"http://{LOOPBACK}:{port}"
        async with aiohttp.ClientSession() as session:
            await wait_for_answer(child, HomeAssistant(session, url).answers, START_LIMIT_S)
        yield Server(url=url, config_dir=config_dir, child=child)


def own_log_records(server: Server) -> list[str]:
    """Return the warnings and errors that this integration wrote or caused.

    Home Assistant's remark that it has not tested a custom integration is none.
    """
    text = server.log_path.read_text(errors="replace")
    records = re.split(r"^(?=\d{4}-\d\d-\d\d )", text, flags=re.MULTILINE)
    return [
        record.strip()
        for record in records
        if "evse_suite" in record and "has not been tested by Home Assistant" not in record
    ]
