"""The plug of a charger: where a car, the lines of the charger and the mains' phases meet."""

from collections.abc import Sequence
from typing import Final, override

from ..ports import CarPort
from .car import POWER_FACTOR, Car
from .wires import Phase, Wires

_CAR_VA: Final = complex(POWER_FACTOR, (1 - POWER_FACTOR**2) ** 0.5)
"""Apparent power of a car per volt-ampere."""


class Plug(CarPort):
    """One charger's socket and the car that may hang on it.

    ``lines`` has, for each line of the charger in its own order, the mains phases that the line
    lies on: one phase against neutral, or two legs of a split supply.
    """

    def __init__(
        self, wires: Wires, lines: Sequence[tuple[Phase, ...]], car: Car | None = None
    ) -> None:
        """Connect the lines; ``car`` may be exchanged at any time."""
        self.lines = tuple(lines)
        self.car = car
        self._wires = wires

    @property
    @override
    def plugged(self) -> bool:
        """Whether a car is connected."""
        return self.car is not None and self.car.plugged

    @property
    @override
    def wants_charge(self) -> bool:
        """Whether the car would draw if it were offered current."""
        return self.car is not None and self.car.wants_charge

    @override
    def offer(self, current_a: float, lines: int) -> None:
        """Set the pilot: amperes on ``lines`` closed conductors, 0 means none is offered."""
        if self.car is not None:
            self.car.offer(current_a, min(lines, len(self.lines)))

    @override
    def drawn_a(self) -> tuple[float, ...]:
        """Return the true current on each line of the charger."""
        in_use = 0 if self.car is None else self.car.lines_in_use
        current_a = 0.0 if self.car is None else self.car.current_a
        return tuple(current_a if n < in_use else 0.0 for n in range(len(self.lines)))

    @override
    def voltage_v(self) -> tuple[float, ...]:
        """Return the voltage on each line of the charger."""
        return tuple(sum(self._wires[p].voltage_v for p in line) for line in self.lines)

    def line_va(self, line: int) -> complex:
        """Return what one line of the charger draws."""
        return self.drawn_a()[line] * self.voltage_v()[line] * _CAR_VA

    def step(self, now_s: float, dt_s: float) -> None:
        """Move the car and add what it draws to the wires."""
        if self.car is None:
            return
        if not self._wires.live:
            self.car.lose_supply()
        self.car.step(now_s, dt_s, self.voltage_v()[0])
        for line, current_a in zip(self.lines, self.drawn_a(), strict=True):
            for phase in line:
                wire = self._wires[phase]
                wire.cars_va += current_a * wire.voltage_v * _CAR_VA
