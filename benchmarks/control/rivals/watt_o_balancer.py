"""The control law of alexisml/Watt-O-Balancer @ b3e118a (v2026.3.4), with its defaults.

Re-implemented from a description. It knows one phase; a home with three gives it the fullest one,
as its manual advises. Left out: the scripts that it calls (the world delays the commands), its
retries, which real scripts never make it use, its second look at an overload after 2 s and every
5 s, which finds that the cut was made at once, and its other answers to an unavailable meter than
the default, to stop.
"""

from dataclasses import dataclass
from math import floor
from typing import Final

from ..contract import ChargerSample, Commands, HomeSpec, Sight
from .alone import only_charger
from .reading import is_complete

RAMP_HOLD_S: Final = 15.0
"""A raise has to be possible for this long."""
RAMP_STEP_A: Final = 4
ABSURD_W: Final = 200_000.0


@dataclass(slots=True)
class WattOBalancer:
    """Computes on every changed power of the mains."""

    service_a: float
    voltage_v: float
    minimum_a: int
    maximum_a: int
    """The less of what the charger and the service can take."""
    status_sensor: bool
    """Whether the charger's status is known; without it the car always counts as charging."""
    power_w: float | None = None
    seen_s: float = float("-inf")
    """When the newest measurement was made."""
    charging: bool = True
    command_a: int = 0
    ramping: bool = False
    """Set by the first cut; before it a raise is not held back."""
    raisable_since_s: float | None = None

    def step(self, sight: Sight) -> Commands:
        """Return a command when the target has changed."""
        self._read_status(sight.chargers[0])
        if sight.meter is not None and sight.meter.time_s > self.seen_s:
            self.seen_s = sight.meter.time_s
            if not is_complete(sight.meter):
                return self._unavailable()
            power_w = self.voltage_v * max(sight.meter.current_a)
            if len(sight.meter.current_a) == 1:
                power_w = sight.meter.power_w
            if power_w != self.power_w and abs(power_w) <= ABSURD_W:
                self.power_w = power_w
                return self._compute(sight.now_s, power_w)
        return ()

    def _read_status(self, charger: ChargerSample | None) -> None:
        if self.status_sensor and charger is not None:
            self.charging = charger.charging

    def _unavailable(self) -> Commands:
        """Stop: the default answer to a meter that says that it has no value."""
        self.power_w = self.raisable_since_s = None
        return self._send(0)

    def _compute(self, now_s: float, power_w: float) -> Commands:
        """Give the car what the rest of the house leaves, as if it drew what it was told to."""
        service_a = power_w / self.voltage_v
        car_a = self.command_a if self.charging else 0
        if service_a < car_a:
            car_a = 0
        available_a = self.service_a - max(0.0, service_a - car_a)
        target_a = floor(min(available_a, self.maximum_a))
        if target_a < self.minimum_a:
            target_a = 0
        if not self.charging:
            target_a = min(target_a, self.minimum_a)
        return self._send(self._ramped_a(now_s, target_a))

    def _ramped_a(self, now_s: float, target_a: int) -> int:
        """Return the next command on the way to the target."""
        if target_a <= self.command_a:
            self.raisable_since_s = None
            self.ramping = self.ramping or target_a < self.command_a
            return target_a
        if not self.ramping:
            return target_a
        if self.raisable_since_s is None:
            self.raisable_since_s = now_s
        if now_s - self.raisable_since_s < RAMP_HOLD_S:
            return self.command_a
        self.raisable_since_s = now_s
        return max(self.minimum_a, min(self.command_a + RAMP_STEP_A, target_a))

    def _send(self, current_a: int) -> Commands:
        if current_a == self.command_a:
            return ()
        self.command_a = current_a
        return ((0, current_a),)


def watt_o_balancer(home: HomeSpec, _seed: int, *, status_sensor: bool = True) -> WattOBalancer:
    """Return the balancer; it needs the charger's status to be told, which is optional in it."""
    place = only_charger(home)
    return WattOBalancer(
        service_a=home.fuse_a,
        voltage_v=home.voltage_v,
        minimum_a=place.minimum_a,
        maximum_a=min(place.maximum_a, floor(home.fuse_a)),
        status_sensor=status_sensor,
    )
