"""Current clamps: a true conductor seen through a real, and perhaps badly fitted, transformer."""

import cmath
from collections.abc import Callable
from dataclasses import dataclass, field
import math
from typing import Final, override

from ..ports import ClampPort, ClampValue
from .noise import gauss

HOUR_S: Final = 3600.0
_NOTHING: Final = ClampValue(
    current_a=0, voltage_v=0, power_w=0, reactive_power_var=0, import_wh=0, export_wh=0
)


@dataclass(frozen=True, slots=True)
class Probe:
    """A place for a clamp: what flows there and the voltage of the same phase."""

    va: complex
    voltage_v: float
    angle_deg: float = 0.0
    """Of the voltage, relative to L1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClampErrors:
    """What is wrong with a clamp; the default is a good one, which still has its noise."""

    gain: float = 1.0
    reversed: bool = False
    noise_a: float = 0.05
    range_a: float | None = None
    """Where the transformer saturates."""


@dataclass(slots=True)
class Clamp(ClampPort):
    """One clamp of a meter.

    ``current`` is the conductor that it is round. ``voltage`` is the one whose voltage the
    meter takes; when it belongs to another phase the power is nonsense, as in a real meter.
    """

    current: Callable[[], Probe]
    voltage: Callable[[], Probe]
    errors: ClampErrors = field(default_factory=ClampErrors)
    seed: int = 0
    _value: ClampValue = _NOTHING
    _steps: int = 0

    @override
    def value(self) -> ClampValue:
        """Return what the clamp shows at this instant."""
        return self._value

    def step(self, dt_s: float) -> None:
        """Look at the wires and integrate energy over ``dt_s``."""
        self._steps += 1
        tap = self.voltage()
        seen_a = self._seen_a(self.current())
        # Apparent power is the voltage times the conjugate of the current.
        va = cmath.rect(tap.voltage_v, math.radians(tap.angle_deg)) * seen_a.conjugate()
        energy_wh = va.real * dt_s / HOUR_S
        self._value = ClampValue(
            current_a=abs(seen_a),
            voltage_v=tap.voltage_v,
            power_w=va.real,
            reactive_power_var=va.imag,
            import_wh=self._value.import_wh + max(0.0, energy_wh),
            export_wh=self._value.export_wh + max(0.0, -energy_wh),
        )

    def _seen_a(self, probe: Probe) -> complex:
        """Return the current as a phasor relative to L1, errors included."""
        angle = math.radians(probe.angle_deg)
        voltage_v = cmath.rect(probe.voltage_v, angle)
        current_a = (probe.va / voltage_v).conjugate()
        current_a *= -self.errors.gain if self.errors.reversed else self.errors.gain
        current_a += cmath.rect(self.errors.noise_a * gauss(self.seed, self._steps), angle)
        limit_a = self.errors.range_a
        if limit_a is not None and abs(current_a) > limit_a:
            current_a *= limit_a / abs(current_a)
        return current_a
