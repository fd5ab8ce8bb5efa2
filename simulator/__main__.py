"""Runs a simulated home: ``python -m simulator HOME.yaml``."""

import argparse
import asyncio
from collections.abc import Callable, Sequence
import contextlib
from dataclasses import replace
from pathlib import Path
import signal
import sys

import voluptuous as vol

from .build import Simulation, build_home
from .checks import hour, sentence, speed
from .config import HomeConfig
from .devices.mdns import Announcer
from .plant.traces import TraceError
from .remote import Remote
from .schema import ConfigError, read_home

HOMES = Path(__file__).parent / "homes"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = _with_options(read_home(_find(options.home)), options)
        simulation = build_home(config, options.traces)
        asyncio.run(_serve(simulation, options))
    except (ConfigError, TraceError) as err:
        return _fail(str(err))
    except OSError as err:
        return _fail(f"cannot listen: {err}")
    return 0


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    homes = ", ".join(sorted(path.stem for path in HOMES.glob("*.yaml")))
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("home", help=f"a home file, or one of {homes}")
    parser.add_argument("--speed", type=_checked(speed), help="how fast the day goes by")
    parser.add_argument(
        "--start", type=_checked(hour), help='hour at which it starts, e.g. "06:30"'
    )
    parser.add_argument("--traces", type=Path, metavar="DIR", help="folder of measured days")
    parser.add_argument("--control-port", type=int, default=8100, metavar="N")
    parser.add_argument(
        "--mdns",
        choices=("off", "loopback", "all"),
        default="loopback",
        help="where the devices are announced; all means every network of this machine",
    )
    parser.add_argument("--no-mdns", action="store_const", const="off", dest="mdns")
    return parser


def _checked(check: Callable[[object], float]) -> Callable[[str], float]:
    """Return an argument type whose errors are the sentences of the home file."""

    def convert(text: str) -> float:
        with contextlib.suppress(ValueError):
            return _valid(check, float(text))
        return _valid(check, text)

    return convert


def _valid(check: Callable[[object], float], value: object) -> float:
    try:
        return check(value)
    except vol.Invalid as err:
        raise argparse.ArgumentTypeError(sentence(err)) from err


def _find(home: str) -> Path:
    shipped = HOMES / f"{home}.yaml"
    return shipped if shipped.is_file() else Path(home)


def _with_options(config: HomeConfig, options: argparse.Namespace) -> HomeConfig:
    given = {"start": options.start, "speed": options.speed}
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(config, clock=replace(config.clock, **changes))


async def _serve(simulation: Simulation, options: argparse.Namespace) -> None:
    """Run the home, its devices and its panel until a signal ends them."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    remote = Remote(simulation)
    announcer = Announcer() if options.mdns == "loopback" else Announcer(None)
    try:
        await simulation.start()
        panel = await remote.start(options.control_port)
        if options.mdns != "off":
            await announcer.start(simulation.devices.values())
        _report(simulation, panel)
        await _until(ended, simulation)
    finally:
        await announcer.stop()
        await remote.stop()
        await simulation.stop()


async def _until(ended: asyncio.Event, simulation: Simulation) -> None:
    """Step until ``ended``; an error in a step ends it too."""
    running = asyncio.create_task(simulation.run())
    waiting = asyncio.create_task(ended.wait())
    done, pending = await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


def _report(simulation: Simulation, panel: str) -> None:
    for name, device in simulation.devices.items():
        print(f"{name:<16} {device.announcement.instance:<32} {device.url}")
    print(f"{'control panel':<49} {panel}/state", flush=True)


if __name__ == "__main__":
    sys.exit(main())
