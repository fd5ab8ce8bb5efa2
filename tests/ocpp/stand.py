"""A central system and a simulated charge point that dials in to it over loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
import json

import aiohttp

from custom_components.evse_suite.devices import CentralSystem, Door, Place, Stations, open_device
from custom_components.evse_suite.devices.model import ChargerReading, DeviceIdentity, DeviceKind
from custom_components.evse_suite.devices.ocpp.charger import OcppCharger as Driver
from custom_components.evse_suite.devices.ocpp.station import Station
from custom_components.evse_suite.links import DeviceLink, charger_rhythm
from simulator.devices.bench import BenchCar
from simulator.devices.ocpp import OcppCharger, Quirks

WALL_S = 1_792_000_000.0
PASSWORD = "correct horse battery"
NAME = "CP-1"
STEP_S = 0.1
NEAR_A = 0.2
STEADY_S = 1.0


class Stand:
    """Both ends of the line, and the driver's object as a site would hold it."""

    def __init__(self, session: aiohttp.ClientSession, place: Place, model: str) -> None:
        self.loop = asyncio.get_running_loop()
        self._start_s = self.loop.time()
        self._skipped_s = 0.0
        self.stations = Stations(clock=self.time, wall=self.wall)
        self.strangers: list[Station] = []
        self.central = CentralSystem(self.stations, self.time, self.strangers.append)
        self.place = place
        self._session = session
        self._model = model
        self.tasks: list[asyncio.Task[None]] = []
        self.sim: OcppCharger
        self.car: BenchCar
        self.door: Door

    def time(self) -> float:
        return self.loop.time() + self._skipped_s

    def wall(self) -> float:
        return WALL_S + self.time() - self._start_s

    def skip(self, seconds: float) -> None:
        """Let time pass in an instant, for both ends."""
        self._skipped_s += seconds
        self.sim.skip(seconds)

    @property
    def port(self) -> int:
        port = self.central.port
        assert port is not None
        return port

    @property
    def station(self) -> Station:
        return self.stations.station(NAME)

    def accept(self) -> None:
        self.stations.place({NAME: self.place})

    def open(self) -> DeviceLink[ChargerReading]:
        """Open the device as a site does, and keep its line going."""
        identity = DeviceIdentity(
            kind=DeviceKind.CHARGER,
            driver="ocpp",
            serial=NAME,
            manufacturer="OCPP",
            model="x",
            model_id=self._model,
            lines=self.place.lines,
            default_name="x",
        )
        device = open_device(identity, self._session, NAME, exchange=self.stations, clock=self.time)
        assert isinstance(device, Driver)
        self.charger = device
        self.link = DeviceLink[ChargerReading](
            key="k", name=NAME, device=device, rhythm=charger_rhythm, clock=self.time
        )
        self.tasks.append(asyncio.create_task(self.link.run()))
        return self.link

    async def run(self) -> None:
        before_s = self.loop.time()
        while True:
            await asyncio.sleep(STEP_S)
            now_s = self.loop.time()
            self.car.step(now_s, now_s - before_s)
            self.sim.step(now_s, now_s - before_s)
            before_s = now_s

    @property
    def running(self) -> int | None:
        """The id of the running session."""
        transaction = self.station.ledger.current
        return None if transaction is None else transaction.transaction_id

    async def until(self, condition: Callable[[], object], what: str, most_s: float = 90) -> None:
        end_s = self.loop.time() + most_s
        while not condition():
            assert self.loop.time() < end_s, f"waited {most_s} s in vain: {what}"
            await asyncio.sleep(STEP_S)

    async def draws(self, current_a: float, most_s: float = 120) -> None:
        """Wait until the car draws a current, and not only on its way to another one."""
        steady_s = 0.0

        def is_steady() -> bool:
            nonlocal steady_s
            near = abs(self.car.current_a - current_a) < NEAR_A
            steady_s = steady_s + STEP_S if near else 0.0
            return steady_s >= STEADY_S

        await self.until(is_steady, f"{current_a} A", most_s)

    async def lose_the_line(self) -> None:
        """Cut the line and wait until it is back."""
        self.sim.hang_up()
        await self.until(lambda: not self.station.ready, "the line is lost")
        await self.until(lambda: self.station.ready, "the line is back")

    async def restart_home_assistant(self) -> None:
        """Forget everything but what is stored, and have the charge point dial in again."""
        stored = json.loads(json.dumps(self.stations.to_json()))
        self.tasks.pop().cancel()
        await self.central.close()
        self.stations = self.central.stations = Stations(clock=self.time, wall=self.wall)
        self.stations.recall(stored)
        self.accept()
        await self.central.open(self.door)
        self.sim.dial(self.port)
        self.open()

    async def some_readings(self) -> None:
        """Wait until the line was asked a few times more."""
        seen: set[float] = set()

        def count() -> int:
            seen.add(self.link.reading.time_s if self.link.reading is not None else 0.0)
            return len(seen)

        await self.until(lambda: count() > 3, "some readings")

    async def plug_in(self) -> None:
        """Plug the car in and wait until it charges, and until it knows its session's id."""
        self.car.is_plugged = True
        await self.until(lambda: self.station.charging, "charging")
        await self.until(
            lambda: (known := self.sim.point.transaction) and known.transaction_id, "the id"
        )


@asynccontextmanager
async def stand(
    quirks: Quirks | None = None,
    *,
    lines: int = 1,
    safe_a: int = 6,
    accepted: bool = True,
    opened: bool = True,
    password: str | None = PASSWORD,
    sim_password: str | None = PASSWORD,
    model: str = "1.6J",
) -> AsyncIterator[Stand]:
    async with aiohttp.ClientSession() as session:
        place = Place(lines=lines, safe_a=safe_a)
        found = Stand(session, place, model)
        found.door = Door(port=0, password=password, host="127.0.0.1")
        await found.central.open(found.door)
        found.car = BenchCar(lines=lines, ramp_a_per_s=4.0)
        found.sim = OcppCharger(
            serial=NAME,
            car=found.car,
            lines=lines,
            quirks=quirks,
            password=sim_password,
            refresh_s=0.5,
            boot_s=2.0,
        )
        if accepted:
            found.accept()
        await found.sim.start(port=found.port)
        found.tasks.append(asyncio.create_task(found.run()))
        if opened:
            found.open()
            await found.until(lambda: found.station.ready, "the bring-up")
        try:
            yield found
        finally:
            for task in found.tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*found.tasks, return_exceptions=True)
            await found.sim.stop()
            await found.central.close()
