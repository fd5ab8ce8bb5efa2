"""Lets a house live with troubles for hours, and tells which promises held."""

import argparse
import asyncio
from collections.abc import Iterable
import logging
from pathlib import Path
import statistics
import sys
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2]))

# Imported before the test plugin looks for a `custom_components` package, or it finds its own.
import custom_components.evse_suite  # noqa: F401, I001
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from homeassistant import loader
from homeassistant.setup import async_setup_component
from tests.endurance.judge import RECOVERS_S, SILENT_S
from tests.endurance.run import Report, endure


def main() -> int:
    """Run; 0 if no promise was broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=24.0, help="of the house's time")
    options.add_argument("--seed", type=int, default=1, help="of everything that happens")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    report = asyncio.run(run(given.hours, given.seed))
    tell(report)
    return 1 if report.broken else 0


async def run(hours: float, seed: int) -> Report:
    """Give the house a Home Assistant."""
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            for component in ("homeassistant", "network"):
                if not await async_setup_component(hass, component, {}):
                    raise RuntimeError(component)
            try:
                return await endure(hass, hours, seed)
            finally:
                await hass.async_stop(force=True)


def tell(report: Report) -> None:
    """Print what was measured, and every promise that was broken."""
    judge = report.judge
    factor = report.hours * 3600 / report.took_s
    troubles = judge.troubles.counts.total()
    print(
        f"{report.hours:g} h in Home Assistant in {report.took_s:.0f} s: {factor:.0f} times as fast"
    )
    print(f"{troubles} troubles, one every {report.hours * 3600 / max(1, troubles):.0f} s")
    for (device, kind), took_s in sorted(judge.recovered_s.items()):
        within_s = RECOVERS_S[device]
        print(f"  {device:7} {kind:16} {spread(took_s)} until heard again ({within_s:g} allowed)")
    print("overloads that could be ended")
    for state, lasted_s in sorted(judge.overloads_s.items()):
        print(f"  {state:40} {spread(lasted_s)} ({judge.allowed_s[state]:g} allowed)")
    print(f"  {judge.helpless_s:.0f} s more that only chargers in trouble could have ended")
    print(f"meter silent: safe {spread(judge.safe_s)} later ({SILENT_S:g} allowed)")
    energies = ", ".join(f"{name} {kwh:.0f} kWh" for name, kwh in report.energy_kwh.items())
    print(f"charged: {energies}")
    for name, figures in (("objects", report.objects), ("MB resident", report.resident_mb)):
        print(f"{name} hour by hour: {' '.join(f'{it:.0f}' for it in figures)}")
    for broken in report.broken:
        print(f"BROKEN {broken}")
    print(f"{len(report.broken)} promises broken")


def spread(times_s: Iterable[float]) -> str:
    """Return how many times there are, their mean and the worst."""
    known = list(times_s)
    if not known:
        return "   0 times"
    return f"{len(known):4} times, {statistics.fmean(known):5.1f} s, worst {max(known):5.1f} s"


if __name__ == "__main__":
    sys.exit(main())
