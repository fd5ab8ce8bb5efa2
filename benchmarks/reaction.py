"""How fast the suite protects a fuse, measured in Home Assistant against the simulated home.

Many homes run at once in one Home Assistant, each with its own simulated meter, charger and car
over loopback sockets; a step of the house comes to each at another phase of its meter's second.
The figures are the referee's, which sees the true currents. ``python -m benchmarks.reaction``
prints the table of docs/promises.md; ``--quick`` measures fewer phases.
"""

import argparse
import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
import contextlib
from dataclasses import dataclass, field
from multiprocessing import get_context
import statistics
import sys
import tempfile
from typing import Any, Final

import aiohttp
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.control.model import SiteMode
from custom_components.evse_suite.devices import probe
from homeassistant import loader
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator.build import Simulation, build_home
from simulator.config import (
    ApplianceConfig,
    CarConfig,
    ChannelConfig,
    ChargerConfig,
    HomeConfig,
    HouseConfig,
    MeterConfig,
)
from simulator.plant.car import CarType
from simulator.plant.referee import PhaseRecord
from simulator.plant.wires import Phase, Supply

FUSE_A: Final = 25.0
VOLTAGE_V: Final = 230.0
BASE_A: Final = 5.0
STEP_A: Final = 13.0
CAR_A: Final = 16
SAFE_A: Final = 6
STEP_S: Final = 0.05
NEAR_A: Final = 0.1
NEEDS_3_S: Final = CarType(
    dead_s=2.9, up_a_per_s=100.0, down_a_per_s=100.0, offset_a=0.0, start_s=3.0, maximum_a=CAR_A
)
"""The slowest car that needs 3 s: nothing happens until the very end."""
METERS: Final = {
    "pushed every second (Shelly Pro EM-50)": ("shelly_pro_em50", 4.5),
    "polled, refreshed every second (Lektrico EM)": ("lektrico_em", 5.5),
}
"""Meter and the promised longest overload in seconds."""
SILENT_PROMISE_S: Final = 15.0
OVER_S: Final = 0.15
"""Time over the fuse that the simulation's own steps can make of nothing."""


@dataclass(slots=True)
class Trial:
    """One home and what was measured in it."""

    number: int
    simulation: Simulation
    entry: MockConfigEntry
    overloads_s: list[float] = field(default_factory=list)
    lowest_a: list[float] = field(default_factory=list)
    raises_over_s: list[float] = field(default_factory=list)
    silent_s: float | None = None

    @property
    def record(self) -> PhaseRecord:
        """The referee's book of the only phase."""
        return self.simulation.home.referee.phases[Phase.L1]

    @property
    def car_a(self) -> float:
        """What the car really draws."""
        return self.simulation.home.cars["car"].current_a


def home_config(meter: str, number: int) -> HomeConfig:
    """Return a 25 A house with a base of 5 A, a load of 13 A to switch, and a 16 A car."""
    return HomeConfig(
        supply=Supply(fuse_a=FUSE_A, voltage_v=VOLTAGE_V),
        house=HouseConfig(
            base_w=BASE_A * VOLTAGE_V,
            habits=False,
            appliances={"load": ApplianceConfig(kind="load", phases=(Phase.L1,))},
        ),
        cars={"car": CarConfig(kind=NEEDS_3_S)},
        chargers={
            "charger": ChargerConfig(
                device="lektrico_1p7k",
                serial=500001 + number,
                phases=(Phase.L1,),
                car="car",
                options={"install_current": CAR_A, "user_current": CAR_A},
            )
        },
        meters={
            "mains": MeterConfig(
                device=meter, serial=_serial(meter, number), channels=_channels(meter)
            )
        },
    )


def _serial(meter: str, number: int) -> Any:
    return 810001 + number if meter.startswith("lektrico") else f"aabbcc{number:06x}"


def _channels(meter: str) -> tuple[ChannelConfig, ...]:
    mains = ChannelConfig(place="mains", phase=Phase.L1)
    return (mains,) if meter == "lektrico_em" else (mains, ChannelConfig(place="house"))


async def build(number: int, meter: str) -> Trial:
    """Start one home's devices and describe its site as the set-up forms would."""
    simulation = build_home(home_config(meter, number))
    await simulation.start()
    charger = await subentry(
        simulation, "charger", number, maximum_a=CAR_A, safe_a=SAFE_A, priority=0, phases=["l1"]
    )
    phases = ["l1", *["none"] * (len(_channels(meter)) - 1)]
    mains = await subentry(simulation, "mains", number, role="mains", phases=phases)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=f"Home {number}",
        data={"supply": "single", "fuse_a": int(FUSE_A), "voltage_v": VOLTAGE_V},
        options={"mode": SiteMode.POWER},
        subentries_data=(charger, mains),
    )
    return Trial(number=number, simulation=simulation, entry=entry)


async def subentry(
    simulation: Simulation, name: str, number: int, **data: Any
) -> ConfigSubentryData:
    """Ask a device who it is and return what is stored of it."""
    host = simulation.devices[name].host_port
    async with aiohttp.ClientSession() as session:
        device = await probe(session, host)
        identity = device.identity
        await device.close()
    return ConfigSubentryData(
        data={
            "host": host,
            "driver": identity.driver,
            "serial": identity.serial,
            "model": identity.model,
            "model_id": identity.model_id,
            "lines": identity.lines,
            **data,
        },
        subentry_type=identity.kind,
        title=f"{name} {number}",
        unique_id=f"{identity.driver}_{identity.serial}",
    )


async def run_homes(trials: Sequence[Trial]) -> None:
    """Move all homes in real time."""
    loop = asyncio.get_running_loop()
    before_s = loop.time()
    while True:
        await asyncio.sleep(STEP_S)
        now_s = loop.time()
        for trial in trials:
            trial.simulation.step(now_s, now_s - before_s)
        before_s = now_s


async def reaches(trial: Trial, current_a: float, within_s: float) -> None:
    """Wait until the car draws ``current_a``; raises TimeoutError."""
    end_s = asyncio.get_running_loop().time() + within_s
    while abs(trial.car_a - current_a) > NEAR_A:
        if asyncio.get_running_loop().time() > end_s:
            raise TimeoutError(f"home {trial.number}: {trial.car_a} A, not {current_a} A")
        await asyncio.sleep(STEP_S)


async def step_trial(trial: Trial, delay_s: float) -> None:
    """Let the house rise by 13 A, and fall again; write down what the fuse saw."""
    home = trial.simulation.home
    await reaches(trial, CAR_A, 120)
    await asyncio.sleep(delay_s)
    home.referee.reset()
    home.house.switch("load", on=True, power_w=STEP_A * VOLTAGE_V)
    lowest_a = trial.car_a
    for _ in range(int(12 / STEP_S)):
        await asyncio.sleep(STEP_S)
        lowest_a = min(lowest_a, trial.car_a)
    trial.overloads_s.append(trial.record.cars_over.longest_s)
    trial.lowest_a.append(lowest_a)
    home.referee.reset()
    home.house.switch("load", on=False)
    await reaches(trial, CAR_A, 120)
    trial.raises_over_s.append(trial.record.cars_over.total_s)


async def silence_trial(trial: Trial, delay_s: float) -> None:
    """Take the meter away and wait for the safe current."""
    loop = asyncio.get_running_loop()
    await reaches(trial, CAR_A, 120)
    await asyncio.sleep(delay_s)
    trial.simulation.devices["mains"].faults.silent = True
    started_s = loop.time()
    await reaches(trial, SAFE_A, 60)
    trial.silent_s = loop.time() - started_s


async def set_up(hass: HomeAssistant, trials: Sequence[Trial]) -> None:
    """Set every home up in Home Assistant."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    for component in ("homeassistant", "network"):
        if not await async_setup_component(hass, component, {}):
            raise RuntimeError(component)
    for trial in trials:
        trial.entry.add_to_hass(hass)
    await asyncio.gather(
        *(hass.config_entries.async_setup(trial.entry.entry_id) for trial in trials)
    )


async def measure(meter: str, homes: int, rounds: int) -> list[Trial]:
    """Run all steps of one kind of meter; ``homes`` times ``rounds`` phases of its second."""
    trials = [await build(number, meter) for number in range(homes)]
    phases = homes * rounds
    with tempfile.TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            mover = asyncio.create_task(run_homes(trials))
            await set_up(hass, trials)
            for turn in range(rounds):
                await asyncio.gather(
                    *(
                        step_trial(trial, (trial.number * rounds + turn) / phases)
                        for trial in trials
                    )
                )
            await asyncio.gather(*(silence_trial(trial, trial.number / homes) for trial in trials))
            for trial in trials:
                await hass.config_entries.async_unload(trial.entry.entry_id)
            await hass.async_stop(force=True)
            mover.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await mover
    for trial in trials:
        await trial.simulation.stop()
    return trials


def report(name: str, promised_s: float, trials: Sequence[Trial]) -> bool:
    """Print one meter's figures and return whether the promises were kept."""
    overloads_s = [value for trial in trials for value in trial.overloads_s]
    raises_s = [value for trial in trials for value in trial.raises_over_s]
    lowest_a = [value for trial in trials for value in trial.lowest_a]
    silent_s = [trial.silent_s for trial in trials if trial.silent_s is not None]
    kept = (
        max(overloads_s) <= promised_s
        and max(raises_s) <= OVER_S
        and max(silent_s) <= SILENT_PROMISE_S
    )
    print(f"\n{name}: {len(overloads_s)} phases of a step of +{STEP_A:g} A on {FUSE_A:g} A")
    print(
        f"  over the fuse    worst {max(overloads_s):.2f} s, "
        f"mean {statistics.fmean(overloads_s):.2f} s (promised {promised_s} s)"
    )
    print(f"  lowest current   {min(lowest_a):.1f} A (one cut to {FUSE_A - STEP_A - BASE_A:g} A)")
    print(f"  over by own raise {max(raises_s):.2f} s (promised 0 s)")
    print(
        f"  meter silent     safe after worst {max(silent_s):.1f} s, "
        f"mean {statistics.fmean(silent_s):.1f} s (promised {SILENT_PROMISE_S:g} s)"
    )
    return kept


def judge(name: str, homes: int, rounds: int) -> bool:
    """Measure one kind of meter, print its figures and return whether the promises were kept."""
    meter, promised_s = METERS[name]
    return report(name, promised_s, asyncio.run(measure(meter, homes, rounds)))


def main() -> int:
    """Measure and report; the exit status tells whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=20, help="homes at the same time")
    parser.add_argument("--quick", action="store_true", help="one phase per home instead of five")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else 5
    # A process of its own for each: Home Assistant is made to be started once in a process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        kept = [pool.submit(judge, name, arguments.homes, rounds).result() for name in METERS]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
