"""A test bench: a car, a clamp and a clock that do exactly what they are told, without a home."""

import math
from typing import override

from ..ports import CarPort, ClampPort, ClampValue, Steppable

STEP_S = 0.1


class BenchClock:
    """Moves parts by hand: hours pass as fast as they can be computed."""

    def __init__(self, *parts: Steppable, now_s: float = 1000.0) -> None:
        """Start at some instant, as the clock of an event loop does."""
        self.parts = list(parts)
        self.now_s = now_s

    def run(self, seconds: float, step_s: float = STEP_S) -> None:
        """Let ``seconds`` pass in equal steps."""
        steps = round(seconds / step_s)
        for _ in range(steps):
            self.now_s += step_s
            for part in self.parts:
                part.step(self.now_s, step_s)


class BenchCar(CarPort):
    """A car that follows the pilot with a ramp; ``step`` moves it."""

    def __init__(self, *, lines: int = 1, ramp_a_per_s: float = math.inf) -> None:
        """Create an unplugged car on a charger with ``lines`` lines."""
        self.lines = lines
        self.ramp_a_per_s = ramp_a_per_s
        self.is_plugged = False
        self.is_full = False
        self.obeys = True
        self.line_voltage_v = 230.0
        self.offered = (0.0, lines)
        self.current_a = 0.0

    @property
    @override
    def plugged(self) -> bool:
        return self.is_plugged

    @property
    @override
    def wants_charge(self) -> bool:
        return self.is_plugged and not self.is_full

    @override
    def offer(self, current_a: float, lines: int) -> None:
        if self.obeys or current_a == 0.0:
            self.offered = (current_a, lines)
        if math.isinf(self.ramp_a_per_s):
            self.current_a = self._target_a

    @override
    def drawn_a(self) -> tuple[float, ...]:
        used = self.offered[1]
        return tuple(self.current_a if line < used else 0.0 for line in range(self.lines))

    @override
    def voltage_v(self) -> tuple[float, ...]:
        return (self.line_voltage_v,) * self.lines

    def step(self, _now_s: float, dt_s: float) -> None:
        """Move the current towards the pilot; taken away, it falls at once."""
        if self._target_a == 0.0:
            self.current_a = 0.0
            return
        most_a = self.ramp_a_per_s * dt_s
        self.current_a += max(-most_a, min(most_a, self._target_a - self.current_a))

    @property
    def _target_a(self) -> float:
        return self.offered[0] if self.wants_charge else 0.0


class BenchClamp(ClampPort):
    """A clamp whose values are set by hand."""

    def __init__(self, *, power_w: float = 0.0, reactive_power_var: float = 0.0) -> None:
        """Create a clamp on 230 V."""
        self.power_w = power_w
        self.reactive_power_var = reactive_power_var
        self.line_voltage_v = 230.0
        self.import_wh = 0.0
        self.export_wh = 0.0

    @override
    def value(self) -> ClampValue:
        apparent_va = math.hypot(self.power_w, self.reactive_power_var)
        return ClampValue(
            current_a=apparent_va / self.line_voltage_v,
            voltage_v=self.line_voltage_v,
            power_w=self.power_w,
            reactive_power_var=self.reactive_power_var,
            import_wh=self.import_wh,
            export_wh=self.export_wh,
        )

    def step(self, _now_s: float, dt_s: float) -> None:
        """Count energy by direction."""
        energy_wh = self.power_w * dt_s / 3600.0
        self.import_wh += max(energy_wh, 0.0)
        self.export_wh += max(-energy_wh, 0.0)
