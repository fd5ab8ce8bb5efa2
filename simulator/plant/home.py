"""The whole home behind one fuse, moved by one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .car import Car
from .clamp import Clamp, ClampErrors, Probe
from .habits import DAY_S, HOUR_S
from .house import House
from .noise import seed_of
from .plug import Plug
from .referee import Referee
from .sun import Sun
from .wires import Phase, Supply, Wires

NOWHERE: Final = "nothing"
PLACES: Final = ("mains", "house", "sun", NOWHERE)
"""Where a clamp can be besides the lines of a charger; ``nothing`` hangs in the air."""


@dataclass(slots=True)
class DayClock:
    """The time of day that sun and habits follow; cars and devices live in real time."""

    day_s: float = 0.0
    """Seconds since the first midnight."""
    speed: float = 1.0

    @property
    def hour(self) -> float:
        """Hour of the day, 0 to 24."""
        return self.day_s % DAY_S / HOUR_S

    def set_hour(self, hour: float) -> None:
        """Go to an hour of the present day."""
        self.day_s = self.day_s // DAY_S * DAY_S + hour * HOUR_S


class Home:
    """Supply, house, sun, cars and clamps; deterministic for its seeds and its steps."""

    def __init__(
        self,
        supply: Supply,
        house: House,
        sun: Sun | None = None,
        *,
        clock: DayClock | None = None,
        seed: int = 1,
    ) -> None:
        """Wire the home; chargers' plugs and clamps are added afterwards."""
        self.supply = supply
        self.house = house
        self.sun = sun
        self.clock = clock or DayClock()
        self.wires = Wires(supply, seed)
        self.referee = Referee(supply.fuse_a, supply.phases)
        self.plugs: dict[str, Plug] = {}
        self.cars: dict[str, Car] = {}
        self.clamps: list[Clamp] = []
        self.sun_w = 0.0
        self.elapsed_s = 0.0
        """Real seconds since the home began: the time axis of everything in it."""
        self._seed = seed

    @property
    def surplus_w(self) -> float:
        """What would flow to the grid if no car drew anything."""
        return -sum((wire.house_va.real - wire.sun_w) for wire in self.wires.conductors.values())

    def add_plug(
        self, name: str, lines: Sequence[tuple[Phase, ...]], car: Car | None = None
    ) -> Plug:
        """Add a charger's plug; ``lines`` as in ``Plug``."""
        plug = self.plugs[name] = Plug(self.wires, lines, car)
        if car is not None:
            self.cars[car.name] = car
        return plug

    def add_clamp(
        self,
        place: str,
        phase: Phase,
        *,
        errors: ClampErrors | None = None,
        voltage_phase: Phase | None = None,
    ) -> Clamp:
        """Put a clamp round one conductor.

        ``place`` is one of ``PLACES``, whose ``phase`` it measures, or the name of a charger; then
        it measures the charger's line on ``phase``. ``voltage_phase`` is where the
        meter takes its voltage if not from the same phase. Raises KeyError for a place or a phase
        that does not exist.
        """
        errors = errors or ClampErrors()
        if place == NOWHERE:
            errors = replace(errors, noise_a=0.0)
        current = self._probe(place, phase)
        voltage = self._probe("mains", voltage_phase or phase)
        seed = seed_of("clamp", self._seed, len(self.clamps))
        clamp = Clamp(current, voltage, errors, seed)
        self.clamps.append(clamp)
        return clamp

    def step(self, _now_s: float, dt_s: float) -> None:
        """Advance everything by ``dt_s``; what the clock of the caller says does not matter."""
        self.elapsed_s += dt_s
        self.clock.day_s += dt_s * self.clock.speed
        self.wires.step(self.elapsed_s)
        self._draw()
        for plug in self.plugs.values():
            plug.step(self.elapsed_s, dt_s)
        self.referee.step(self.wires.conductors.values(), dt_s)
        for clamp in self.clamps:
            clamp.step(dt_s)

    def mains_a(self) -> dict[Phase, float]:
        """Return the true current through each fuse, negative while exporting."""
        return {
            phase: wire.current_a if wire.mains_va.real >= 0 else -wire.current_a
            for phase, wire in self.wires.conductors.items()
        }

    def _draw(self) -> None:
        day_s, now_s = self.clock.day_s, self.elapsed_s
        loads = self.house.draw(day_s, now_s)
        self.sun_w = 0.0 if self.sun is None else self.sun.power_w(day_s, now_s)
        if not self.wires.live:
            # An inverter does not feed a home that the grid has left.
            loads, self.sun_w = {}, 0.0
        sunny: Mapping[Phase, float] = {}
        if self.sun is not None:
            sunny = dict.fromkeys(self.sun.phases, self.sun_w / len(self.sun.phases))
        for phase, wire in self.wires.conductors.items():
            wire.house_va = loads.get(phase, 0j)
            wire.sun_w = sunny.get(phase, 0.0)
            wire.cars_va = 0j

    def _probe(self, place: str, phase: Phase) -> Callable[[], Probe]:
        wire = self.wires[phase]
        angle_deg = self.supply.angle_deg(phase)
        if place == "mains":
            return lambda: Probe(wire.mains_va, wire.voltage_v, angle_deg)
        if place == "house":
            return lambda: Probe(wire.house_va, wire.voltage_v, angle_deg)
        if place == NOWHERE:
            return lambda: Probe(0j, wire.voltage_v, angle_deg)
        if place == "sun":
            # A clamp on the inverter's cable sees what the sun delivers as positive.
            return lambda: Probe(complex(wire.sun_w), wire.voltage_v, angle_deg)
        plug = self.plugs[place]
        index = next((n for n, line in enumerate(plug.lines) if phase in line), None)
        if index is None:
            raise KeyError(f"{place} has no line on {phase}")
        share = len(plug.lines[index])
        return lambda: Probe(plug.line_va(index) / share, wire.voltage_v, angle_deg)
