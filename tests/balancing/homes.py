"""Homes with a site in one Home Assistant, driven by actions and judged by what really flows."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryData, ConfigSubentryDataWithId
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from simulator.build import Simulation
from simulator.devices.lektrico import LektricoCharger
from simulator.plant.car import Car
from simulator.plant.wires import Phase
from tests.balancing.judge import Judge
from tests.integration.house import CAR, FAST, House, build, site_entry, stored, until

FULL_A = 31.5
"""A car of 32 A that draws what it can."""
SEEN_AFTER_S = 4.0
"""A charger is asked every 2 s."""
STEP_S = 0.1


@dataclass(slots=True)
class JudgedHouse(House):
    """A house whose truth is taken down."""

    judge: Judge

    @property
    def offered_a(self) -> int:
        """What the only charger offers, as it says itself."""
        return self.charger.point.dynamic_current_a

    @property
    def phase(self) -> Phase:
        """The only phase."""
        (phase,) = self.simulation.home.supply.phases
        return phase

    def car_of(self, charger: str) -> Car:
        """Return the car at a charger."""
        car = self.simulation.home.plugs[charger].car
        assert car is not None
        return car

    def charger_named(self, name: str) -> LektricoCharger:
        """Return a charger, as it really is."""
        return self.judge.chargers[name]

    def switch(self, *appliances: str, on: bool = True, power_w: float | None = None) -> None:
        """Have appliances switched by hand."""
        for appliance in appliances:
            self.simulation.home.house.switch(appliance, on=on, power_w=power_w)

    def shine(self, power_w: float) -> None:
        """Have the roof deliver this much."""
        shine(self.simulation, power_w)

    async def choose(self, mode: str) -> None:
        """Choose the site's mode as a person does."""
        await self.call("select", "select_option", self.entity("select", "mode"), option=mode)

    def issue(self, key: str) -> ir.IssueEntry | None:
        """Return an open issue of this site."""
        for (domain, _), issue in ir.async_get(self.hass).issues.items():
            ours = domain == DOMAIN and (issue.data or {}).get("entry_id") == self.entry.entry_id
            if ours and issue.translation_key == key:
                return issue
        return None

    async def charges_fully(self) -> None:
        """Wait until every car draws all it can and the suite has seen it; begin a clean record."""
        cars = self.simulation.home.cars.values()
        await until(lambda: all(car.current_a >= FULL_A for car in cars), "full power", 120)
        await asyncio.sleep(SEEN_AFTER_S)
        self.judge.restart()


def single_phase(
    number: int = 0,
    *,
    fuse_a: float = 40,
    plugged: bool = True,
    chargers: Sequence[str] = ("garage",),
) -> dict[str, Any]:
    """Describe a house with one phase, a roof and appliances; every ``number`` is another one."""
    return {
        "seed": number + 1,
        "supply": {"kind": "single", "fuse_a": fuse_a},
        "house": {
            "base_w": 400,
            "habits": False,
            "appliances": {"kettle": {}, "oven": {}, "shower": {}, "load": {}},
        },
        "sun": {"kwp": 10},
        "cars": {f"car_{name}": CAR | {"plugged": plugged} for name in chargers},
        "chargers": {
            name: {
                "device": "lektrico_1p7k",
                "serial": 500100 + 10 * number + index,
                "phases": ["L1"],
                "car": f"car_{name}",
                "options": FAST,
            }
            for index, name in enumerate(chargers)
        },
        "meters": {
            "mains": {
                "device": "lektrico_em",
                "serial": 810100 + number,
                "channels": [{"place": "mains", "phase": "L1"}],
                "options": FAST,
            }
        },
    }


def shine(simulation: Simulation, power_w: float) -> None:
    """Have the roof of a home, if there is one, deliver this much."""
    if simulation.home.sun is not None:
        simulation.home.sun.fixed_w = power_w


@asynccontextmanager
async def inhabited(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    layout: dict[str, Any],
    *,
    mode: str = "power",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    limits: Mapping[str, Mapping[str, Any]] | None = None,
    site: Mapping[str, Any] | None = None,
) -> AsyncGenerator[JudgedHouse]:
    """Run a house and its site.

    ``settings`` change what is stored of a device, ``limits`` is what is stored of limits, both by
    name; limits name chargers by theirs. ``site`` is stored of the site besides.
    """
    simulation = build(deepcopy(layout))
    shine(simulation, 0.0)
    judge = Judge(simulation, monkeypatch)
    await simulation.start()
    running = asyncio.create_task(simulation.run())
    try:
        devices = [
            _changed(device, (settings or {}).get(device["title"], {}))
            for device in await stored(hass, simulation)
        ]
        known: Sequence[ConfigSubentryData | ConfigSubentryDataWithId] = devices
        if limits:
            known = [*map(_named, devices), *map(_limit, limits.items())]
        entry = site_entry(simulation, known, mode)
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, data={**entry.data, **(site or {})})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        yield JudgedHouse(hass, simulation, entry, judge)
        await hass.config_entries.async_unload(entry.entry_id)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulation.stop()


def _changed(device: ConfigSubentryData, changes: Mapping[str, Any]) -> ConfigSubentryData:
    return cast("ConfigSubentryData", {**device, "data": {**device["data"], **changes}})


def _named(device: ConfigSubentryData) -> ConfigSubentryDataWithId:
    """Give a device an id that limits can name."""
    return cast("ConfigSubentryDataWithId", {**device, "subentry_id": device["title"]})


def _limit(limit: tuple[str, Mapping[str, Any]]) -> ConfigSubentryDataWithId:
    return ConfigSubentryDataWithId(
        data=limit[1], subentry_type="limit", subentry_id=limit[0], title=limit[0], unique_id=None
    )


def listen(home: JudgedHouse) -> list[str]:
    """Return the list to which every event of the site will be appended."""
    fired: list[str] = []

    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.attributes.get("event_type"):
            fired.append(state.attributes["event_type"])

    async_track_state_change_event(home.hass, home.entity("event", "alarm"), note)
    return fired


type Scenario = Callable[[JudgedHouse], Coroutine[Any, Any, None]]


async def side_by_side(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    scenarios: Mapping[str, tuple[dict[str, Any], Scenario]],
    settings: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
) -> None:
    """Play scenarios at the same time, each in a home of its own; tell every one that failed.

    ``settings`` change what is stored of devices, by the name of the scenario and of the device.
    """
    async with AsyncExitStack() as stack:
        homes = [
            await stack.enter_async_context(
                inhabited(hass, monkeypatch, layout, settings=(settings or {}).get(name))
            )
            for name, (layout, _) in scenarios.items()
        ]
        outcomes = await asyncio.gather(
            *(play(home) for home, (_, play) in zip(homes, scenarios.values(), strict=True)),
            return_exceptions=True,
        )
    failures = []
    for name, outcome in zip(scenarios, outcomes, strict=True):
        if isinstance(outcome, Exception):
            outcome.add_note(f"in the scenario {name}")
            failures.append(outcome)
        elif outcome is not None:
            raise outcome
    if failures:
        raise ExceptionGroup("scenarios failed", failures)


async def stays(condition: Callable[[], object], what: str, for_s: float) -> None:
    """Fail as soon as ``condition`` does not hold any more."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + for_s
    while loop.time() < end_s:
        assert condition(), f"not any more: {what}"
        await asyncio.sleep(STEP_S)


async def settles(
    condition: Callable[[], object], what: str, for_s: float = 8.0, within_s: float = 120.0
) -> None:
    """Wait until ``condition`` has held for some time without a break."""
    loop = asyncio.get_running_loop()
    since_s = loop.time()

    def has_held() -> bool:
        nonlocal since_s
        if not condition():
            since_s = loop.time()
        return loop.time() - since_s >= for_s

    await until(has_held, what, within_s)
