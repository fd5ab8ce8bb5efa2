"""Measuring on the simulator's truth whether a promise is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from .api import Json
from .configuration import Lever
from .home import DOMAIN
from .homes import CHARGER, HOME, Device, Home
from .stage import Scene, Stage
from .waiting import POLL_S, wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: what was promised, what was measured, and whether that is enough."""

    what: str
    promised: str
    measured: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really flows, whatever any meter says."""

    car_a: float
    mains_w: float
    """Active power; negative while the home exports."""
    cars_over_s: float
    """Seconds above the fuse that would not have been without the car, since the last reset."""
    cars_over_a_s: float
    stress: float
    """Share of what a miniature circuit breaker surely bears; above 1 it may trip."""

    @classmethod
    def of(cls, state: Json, charger: Device = CHARGER) -> Self:
        """Take the truth out of a simulator's state; of several phases the first."""
        referee = state["referee"]["L1"]
        return cls(
            car_a=state["chargers"][charger.key]["current_a"][0],
            mains_w=state["phases"]["L1"]["mains_w"],
            cars_over_s=referee["cars_over_s"],
            cars_over_a_s=referee["cars_over_a_s"],
            stress=referee["cars_mcb_stress"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One of the true figures."""

    name: str
    unit: str
    read: Callable[[Truth], float]


CAR_A = Figure(name="car", unit="A", read=lambda truth: truth.car_a)
MAINS_W = Figure(name="mains", unit="W", read=lambda truth: truth.mains_w)


class Bench:
    """The stage with the handles that a check turns and the figures that it reads."""

    def __init__(
        self,
        stage: Stage,
        say: Callable[[str], None],
        *,
        home: Home = HOME,
        rows: list[Row] | None = None,
    ) -> None:
        """Collect rows; ``say`` hears of each at once."""
        self.stage = stage
        self.scene: Scene = stage.scenes[home.key]
        self.rows: list[Row] = [] if rows is None else rows
        self._say = say
        self.before_wh = 0.0
        """What the car had got when it was plugged in."""

    def at(self, home: Home) -> Bench:
        """Return the same bench at another home."""
        return Bench(self.stage, self._say, home=home, rows=self.rows)

    def note(self, what: str, promised: str, measured: str, *, ok: bool) -> None:
        """Add a line to the table."""
        self.rows.append(Row(what=what, promised=promised, measured=measured, ok=ok))
        self._say(f"{'ok  ' if ok else 'MISS'} {what}: {measured}")

    async def truth(self) -> Truth:
        """Return what flows now."""
        return Truth.of(await self.scene.simulation.state(), self.scene.home.charger)

    async def set_mode(self, mode: str) -> None:
        """Choose the site's mode in Home Assistant."""
        entity_id = self.scene.entities.find(None, "mode", "select")
        await self.stage.ha.act("select.select_option", entity_id, option=mode)

    async def sun(self, power_w: float) -> None:
        """Let the sun deliver so much."""
        await self.scene.simulation.tell("/sun", fixed_w=power_w)

    async def plug(self, car: str, *, on: bool) -> None:
        """Plug a car in, or pull its plug."""
        self.before_wh = (await self.charged_wh(car)) if on else self.before_wh
        await self.scene.simulation.tell(f"/car/{car}", **{"plug" if on else "unplug": True})

    async def charged_wh(self, car: str) -> float:
        """Return what a car has got from the charger so far."""
        energy_wh: float = (await self.scene.simulation.state())["cars"][car]["charged_wh"]
        return energy_wh

    async def turn(self, *levers: Lever, on: bool) -> None:
        """Turn switches of the demo at once."""
        action = "switch.turn_on" if on else "switch.turn_off"
        for lever in levers:
            await self.stage.ha.act(action, self.scene.entities.lever(lever))

    async def expect[T](
        self,
        what: str,
        promised: str,
        ask: Callable[[], Awaitable[T]],
        good: Callable[[T], bool],
        *,
        within_s: float,
        tell: Callable[[T], str] = str,
    ) -> None:
        """Wait until an answer is as promised; note the answer and how long it took."""
        begin_s = self.now_s
        ok = True
        try:
            answer = await wait_until(ask, good, within_s=within_s)
        except TimeoutError:
            answer, ok = await ask(), False
        took_s = self.now_s - begin_s
        self.note(
            what, f"{promised} within {within_s:.0f} s", f"{tell(answer)}, {took_s:.1f} s", ok=ok
        )

    async def flows(
        self, what: str, promised: str, good: Callable[[Truth], bool], within_s: float
    ) -> None:
        """Wait until what really flows is as promised."""
        await self.expect(
            what,
            promised,
            self.truth,
            good,
            within_s=within_s,
            tell=lambda it: f"car {it.car_a:.1f} A",
        )

    async def stays(self, what: str, figure: Figure, most: float, for_s: float) -> None:
        """Watch a figure for some seconds and note its maximum."""
        end_s = self.now_s + for_s
        peak = figure.read(await self.truth())
        while self.now_s < end_s:
            await asyncio.sleep(POLL_S)
            peak = max(peak, figure.read(await self.truth()))
        promised = f"{figure.name} never above {most:g} {figure.unit} for {for_s:.0f} s"
        self.note(
            what, promised, f"{figure.name} at most {peak:.1f} {figure.unit}", ok=peak <= most
        )

    async def shows(
        self, what: str, device: Device | None, key: str, wanted: str, within_s: float
    ) -> None:
        """Wait until a sensor or binary sensor shows a state; ``key`` may name its domain."""
        domain, _, name = key.rpartition(".")
        entity_id = self.scene.entities.find(device, name, domain or "sensor")
        await self.expect(
            what, wanted, lambda: self.stage.ha.state(entity_id), wanted.__eq__, within_s=within_s
        )

    async def repair(self, what: str, key: str, within_s: float, *, there: bool) -> None:
        """Wait until a repair of the integration is there, or gone."""

        async def ask() -> bool:
            answer: Json = await self.stage.ha.command("repairs/list_issues")
            return any(
                issue["domain"] == DOMAIN and issue["translation_key"] == key
                for issue in answer["issues"]
            )

        promised = f"repair {'opened' if there else 'closed'}"
        await self.expect(
            what,
            promised,
            ask,
            lambda it: it is there,
            within_s=within_s,
            tell=lambda it: "open" if it else "none",
        )

    @property
    def now_s(self) -> float:
        """Return seconds on the clock of the event loop."""
        return asyncio.get_running_loop().time()
