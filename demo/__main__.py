"""Shows the simulated homes in a real Home Assistant, or checks their promises."""

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
import signal
import sys
import time

from .api import PASSWORD, USER
from .check import check
from .day import want_car_every_morning
from .process import DemoError, free_port, port_is_free
from .stage import CACHE, set_stage

SPEED = 240
"""A simulated day in six minutes."""
START = "06:00"
STILL = ("--speed", "0", "--start", "03:00")
"""The check switches sun and appliances itself: nothing else may happen meanwhile."""
DAY_MIN = 24 * 60
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130
BEGIN_S = time.monotonic()

INVITATION = """
  The simulated home is running.

    Look here:   {url}
    Log in:      {user} / {password}

  A day of sun and household goes by in {minutes:.0f} minutes and begins at six in the morning;
  the car and the charger react in real time. Try the four modes, and the switches under
  "Try it": boil the kettle, take a shower, let the meter fall silent, and see what the
  charger does and why.

  The car is to be ready at seven every morning, by the clock on your wall: the page "Plan"
  says when it will charge and for how much. Press "Cheap hour now" or "Boost" there, or
  switch the plan off to see the modes alone. "Workshop" has a charger that dials in over
  OCPP, "Cottage" one that Home Assistant knew already.

  Ctrl-C ends everything.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or until the check is done; return the exit code."""
    options = _parser().parse_args(arguments)
    place = CACHE / ("check" if options.check else "demo")
    try:
        if options.check:
            return asyncio.run(_until_signal(_check(place)))
        return asyncio.run(_until_signal(_show(place, options.port, keep=options.keep)))
    except DemoError as err:
        print(f"error: {err}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8123, help="where Home Assistant listens")
    parser.add_argument("--keep", action="store_true", help="go on with the home of last time")
    parser.add_argument("--check", action="store_true", help="put every promise to the test")
    return parser


async def _until_signal(work: Coroutine[None, None, int]) -> int:
    """Do the work; the first Ctrl-C (or TERM, or a closed terminal) ends it in order."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def end() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        print("\nending", flush=True)
        task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, end)
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


def _say(text: str) -> None:
    print(f"[{time.monotonic() - BEGIN_S:4.0f}s] {text}", flush=True)


async def _show(place: Path, port: int, *, keep: bool) -> int:
    if not port_is_free(port):
        raise DemoError(
            f"port {port} is taken, perhaps by another Home Assistant; choose one with --port"
        )
    day = ("--speed", str(SPEED), "--start", START)
    async with set_stage(place, port=port, keep=keep, day=day, say=_say) as stage:
        await want_car_every_morning(stage.ha, stage.entities)
        _say("ready")
        url = stage.server.url
        print(INVITATION.format(url=url, user=USER, password=PASSWORD, minutes=DAY_MIN / SPEED))
        while True:
            await asyncio.sleep(1)
            stage.server.child.check_running()
            for scene in stage.scenes.values():
                scene.simulation.child.check_running()


async def _check(place: Path) -> int:
    async with set_stage(place, port=free_port(), for_tests=True, day=STILL, say=_say) as stage:
        return 0 if await check(stage, _say) else 1


if __name__ == "__main__":
    sys.exit(main())
