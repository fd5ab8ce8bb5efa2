"""The night charging of traktore-org/sem-community @ 437f073 (v1.4.5), with its defaults.

Re-implemented from a description. It keeps the power of all phases together below a limit; here
that is what the service fuse carries when all phases are equal. Left out: its modes that follow the
sun, the home battery, the sharing among chargers and its regulation offset of 50 W, which the
description gives without saying whether it holds at night.
"""

from dataclasses import dataclass
from math import isnan
from typing import Final

from ..contract import Commands, HomeSpec, Sight
from .alone import only_charger
from .reading import Rhythm, drawn_phase

CYCLE_S: Final = 10
STEP_A: Final = 2
"""A cycle changes the current by no more, downwards neither."""


@dataclass(slots=True)
class NightCharging:
    """Runs every 10 s on the last values, however old they are."""

    peak_w: float
    w_per_a: float
    minimum_a: int
    maximum_a: int
    rhythm: Rhythm
    offered_a: int = 0

    def step(self, sight: Sight) -> Commands:
        """Move towards the headroom, which it takes for the current that the car may have."""
        if not self.rhythm.due(sight.now_s):
            return ()
        charger = sight.chargers[0]
        if sight.meter is None or isnan(sight.meter.power_w) or charger is None:
            return ()
        if not charger.connected:
            self.offered_a = 0
            return ()
        headroom_a = (self.peak_w - max(0.0, sight.meter.power_w)) / self.w_per_a
        target_a = max(self.minimum_a, min(int(headroom_a), self.maximum_a))
        before_a = self.offered_a or self.minimum_a
        current_a = max(before_a - STEP_A, min(target_a, before_a + STEP_A))
        if current_a == self.offered_a:
            return ()
        self.offered_a = current_a
        return ((0, current_a),)


def night_charging(home: HomeSpec, seed: int) -> NightCharging:
    """Return the controller; the seed decides at which second of ten it runs."""
    place = only_charger(home)
    return NightCharging(
        peak_w=home.fuse_a * home.phases * home.voltage_v,
        w_per_a=len(place.lines) * home.voltage_v,
        minimum_a=place.minimum_a,
        maximum_a=place.maximum_a,
        rhythm=Rhythm(CYCLE_S, drawn_phase(seed, CYCLE_S)),
    )
