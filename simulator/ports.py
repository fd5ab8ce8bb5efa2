"""Where the physical home and the simulated devices touch.

The plant (house, sun, car, wires) knows nothing of protocols and the device servers know nothing of
physics; they meet in these few calls. Seconds are real seconds on the monotonic axis of the
running loop unless a test passes its own. Import and consumption are positive.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ClampValue:
    """What one clamp and its voltage tap show now, errors of the clamp included."""

    current_a: float
    """RMS, never negative; the direction is the sign of ``power_w``."""
    voltage_v: float
    power_w: float
    reactive_power_var: float
    import_wh: float
    export_wh: float


class ClampPort(Protocol):
    """A current clamp around one conductor of the home."""

    def value(self) -> ClampValue:
        """Return what the clamp shows at this instant."""
        ...


class CarPort(Protocol):
    """The plug of a charger, with or without a car in it."""

    @property
    def plugged(self) -> bool:
        """Whether a car is connected."""
        ...

    @property
    def wants_charge(self) -> bool:
        """Whether the car would draw if it were offered current (IEC 61851 state C)."""
        ...

    def offer(self, current_a: float, lines: int) -> None:
        """Set the pilot: amperes on ``lines`` closed conductors, 0 means none is offered."""
        ...

    def drawn_a(self) -> tuple[float, ...]:
        """Return the true current on each line of the charger."""
        ...

    def voltage_v(self) -> tuple[float, ...]:
        """Return the voltage on each line of the charger."""
        ...


class SupplyPort(Protocol):
    """The conductors behind the contactor of a supplier's meter."""

    live: bool
    """Whether the home has power; the meter itself always has."""


class Steppable(Protocol):
    """A part of the simulation that moves with time."""

    def step(self, now_s: float, dt_s: float) -> None:
        """Advance to ``now_s``, ``dt_s`` after the step before."""
        ...
