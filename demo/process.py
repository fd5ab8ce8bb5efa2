"""Child processes that never outlive the demo."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import socket

from .waiting import wait_until

LOOPBACK = "127.0.0.1"


class DemoError(Exception):
    """The demo cannot go on; the text is a sentence for the person who started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running process whose output goes to a file."""

    name: str
    process: asyncio.subprocess.Process
    log_path: Path

    def check_running(self) -> None:
        """Raise DemoError with the end of its log when the process is gone."""
        if self.process.returncode is not None:
            tail = "\n".join(self.log_path.read_text(errors="replace").splitlines()[-15:])
            raise DemoError(f"{self.name} ended by itself; its log {self.log_path} says:\n{tail}")


@asynccontextmanager
async def run_child(
    name: str,
    *argv: str,
    log_path: Path,
    cwd: Path,
    patience_s: float,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Child]:
    """Run a process inside the block; at its end ask it to stop and then make it.

    The process gets a session of its own: Ctrl-C in the terminal reaches the demo alone, which
    then ends its children in order.
    """
    with log_path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        yield Child(name=name, process=process, log_path=log_path)
    finally:
        await _end(process, patience_s)


async def _end(process: asyncio.subprocess.Process, patience_s: float) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(patience_s):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def wait_for_answer(
    child: Child, answers: Callable[[], Awaitable[bool]], within_s: float
) -> None:
    """Return when the process answers; raise DemoError when it ends or takes too long."""

    async def ask() -> bool:
        child.check_running()
        return await answers()

    try:
        await wait_until(ask, within_s=within_s)
    except TimeoutError:
        raise DemoError(
            f"{child.name} did not answer within {within_s:.0f} s; see {child.log_path}"
        ) from None


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on the port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
