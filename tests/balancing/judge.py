"""What really happened in a home: every moment of its wires and every order that a charger heard.

Nothing here comes from the suite. Orders are taken down where they arrive in the simulated charger,
and currents are the referee's own.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import override

import pytest

from simulator.build import Simulation
from simulator.devices.lektrico import LektricoCharger
from simulator.devices.lektrico.charge_point import ONE_PHASE
from simulator.devices.rpc import MethodTable, Params
from simulator.plant.home import Home
from simulator.plant.referee import Referee, Run
from simulator.plant.wires import Conductor, Phase

REACTION_S = 5.5
"""Longest overload that a meter that is polled and a car that needs 3 s may cause."""
MINIMUM_A = 6
NOISE_A = 0.5
"""Voltage, power factor and the meter's noise move a current by this much."""
SEEN_BEFORE_S = (2.5, 8.0)
"""What the house drew in this time before a raise was measured when the raise was decided."""
SET_CURRENT = "dynamic_current.set"
COMMANDS = (SET_CURRENT, "charge.start", "charge.stop", "app_config.set", "device.reset")


@dataclass(frozen=True, slots=True)
class Moment:
    """The fuses of a home over one step; currents are negative while exporting."""

    time_s: float
    mains_a: Mapping[Phase, float]
    without_cars_a: Mapping[Phase, float]
    import_w: float
    """Active power of all phases together, negative while exporting."""
    import_without_cars_w: float


@dataclass(frozen=True, slots=True)
class Order:
    """A current that a charger was told, and whether it was more than it offered before."""

    time_s: float
    charger: str
    current_a: int
    offered_a: int
    connected: frozenset[str]
    """The chargers that had a car then."""
    lines: Mapping[str, int]
    """Lines on which the car at each charger could draw then."""

    @property
    def raises(self) -> bool:
        """Whether the charger was told to offer more."""
        return self.current_a > self.offered_a


class Scribe(Referee):
    """The referee of a home that also remembers the moments."""

    def __init__(self, home: Home) -> None:
        """Take the place of the referee of ``home``."""
        super().__init__(home.supply.fuse_a, home.supply.phases)
        self.moments: deque[Moment] = deque(maxlen=20_000)
        self.latest_s = 0.0
        """The longest step: how much the machine kept the event loop waiting."""
        self._home = home
        home.referee = self

    @override
    def step(self, conductors: Iterable[Conductor], dt_s: float) -> None:
        wires = tuple(conductors)
        super().step(wires, dt_s)
        self.latest_s = max(self.latest_s, dt_s)
        self.moments.append(
            Moment(
                self._home.elapsed_s,
                {wire.phase: _signed(wire, wire.current_a) for wire in wires},
                {wire.phase: _without_cars(wire) for wire in wires},
                sum(wire.mains_va.real for wire in wires),
                sum((wire.house_va - wire.sun_w).real for wire in wires),
            )
        )


def _signed(wire: Conductor, current_a: float) -> float:
    return current_a if wire.mains_va.real >= 0 else -current_a


def _without_cars(wire: Conductor) -> float:
    imports = (wire.house_va - wire.sun_w).real >= 0
    return wire.current_without_cars_a if imports else -wire.current_without_cars_a


class Judge:
    """Takes down what happens in one home, and says whether promises were kept."""

    def __init__(self, simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin before anything runs."""
        self.home = simulation.home
        self.scribe = Scribe(simulation.home)
        self.orders: list[Order] = []
        self.commands: list[str] = []
        """Every command of any kind that a charger heard."""
        self.chargers = {
            name: device
            for name, device in simulation.devices.items()
            if isinstance(device, LektricoCharger)
        }
        self._lines = {name: simulation.config.chargers[name].lines for name in self.chargers}
        for name, charger in self.chargers.items():
            listen = self._listener(name, charger, charger._table)
            monkeypatch.setattr(charger._table, "call", listen)

    def _listener(
        self, name: str, charger: LektricoCharger, table: MethodTable
    ) -> Callable[[str, Params], object]:
        call = table.call

        def listen(method: str, params: Params) -> object:
            if method in COMMANDS:
                self.commands.append(f"{name} {method} {dict(params)}")
            if method == SET_CURRENT:
                told = params["dynamic_current"]
                assert isinstance(told, int)
                offered_a = charger.point.dynamic_current_a
                connected = frozenset(it for it, plug in self.home.plugs.items() if plug.plugged)
                lines = {it: self._usable(it) for it in self.chargers}
                self.orders.append(
                    Order(self.home.elapsed_s, name, told, offered_a, connected, lines)
                )
            return call(method, params)

        return listen

    def _usable(self, charger: str) -> int:
        """Return on how many lines of a charger the present car can draw."""
        car = self.home.plugs[charger].car
        forced = self.chargers[charger].point.relay_mode == ONE_PHASE
        lines = ONE_PHASE if forced else len(self._lines[charger])
        return lines if car is None else min(lines, car.kind.lines)

    def restart(self) -> None:
        """Begin with a clean record."""
        self.scribe.reset()
        self.scribe.moments.clear()
        self.scribe.latest_s = 0.0
        self.orders.clear()
        self.commands.clear()

    def import_w(self) -> float:
        """Return the active power that the grid delivers now, negative while exporting."""
        return self.scribe.moments[-1].import_w

    # Verdicts --------------------------------------------------------------------------------

    def fuse_held(self, within_s: float = REACTION_S) -> None:
        """Fail if an overload that cars had a part in outlasted the reaction time (SITE-4)."""
        for phase, record in self.scribe.phases.items():
            longest_s = record.cars_over.longest_s
            # What this machine kept everybody waiting is not the suite's.
            allowed_s = within_s + self.scribe.latest_s
            assert longest_s <= allowed_s, f"{phase} was overloaded for {longest_s:.1f} s"

    def orders_are_lawful(self) -> None:
        """Fail unless all were zero or at least the minimum, and fitted (promises 1 and 4)."""
        for order in self.orders:
            assert order.current_a == 0 or MINIMUM_A <= order.current_a <= 32, order
            if order.raises:
                self._fitted(order)

    def _fitted(self, order: Order) -> None:
        """Fail unless a raise fits under what the house was seen to draw, offers counted whole."""
        newest_s, oldest_s = SEEN_BEFORE_S
        for phase in self._phases(order, order.charger):
            house_a = [
                moment.without_cars_a[phase]
                for moment in self.scribe.moments
                if newest_s <= order.time_s - moment.time_s <= oldest_s
            ]
            others_a = self._others_a(order, phase)
            total_a = max(house_a, default=0.0) + others_a + order.current_a
            assert total_a <= self.home.supply.fuse_a + NOISE_A, f"{order} makes {total_a:.1f} A"

    def _phases(self, order: Order, charger: str) -> set[Phase]:
        used = self._lines[charger][: order.lines[charger]]
        return {phase for line in used for phase in line}

    def _others_a(self, order: Order, phase: Phase) -> float:
        """Return what the other chargers with a car were told last before ``order``."""
        told: dict[str, int] = {}
        for earlier in self.orders:
            if earlier is order:
                break
            told[earlier.charger] = earlier.current_a
        return sum(
            told.get(name, 0)
            for name in order.connected - {order.charger}
            if phase in self._phases(order, name)
        )

    def longest_s(self, condition: Callable[[Moment], bool]) -> float:
        """Return the longest time without a break in which ``condition`` held."""
        run = Run()
        for before, moment in pairwise(self.scribe.moments):
            run.step(moment.time_s - before.time_s, on=condition(moment))
        return run.longest_s
