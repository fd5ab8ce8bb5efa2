"""Skies made by dice, as restless as measured ones: the light of a whole day at once.

The simulated home has one kind of weather; days to judge by need more. Here fronts come and go
within hours and clouds within minutes, a cloud is thin or thick, and all of it is now lively and
now calm. The numbers were found by a search that brought the figures of ``character`` together with
those of seven measured cloudy days; no controller took part.
"""

from typing import Final

import numpy as np

from simulator.plant.noise import seed_of, smooth
from simulator.plant.sun import SeededSky

from .days import DAY_S, Series

COVERS: Final = (0.2, 0.3, 0.45, -0.35, 0.9, 1.0, 0.55)
"""How cloudy the days of a week are: from a bright one with some clouds to a dull one."""
_FRONTS: Final = ((7200.0, 0.8), (1800.0, 0.4))
_CLOUDS: Final = ((600.0, 0.42), (180.0, 1.15), (60.0, 0.12), (20.0, 0.35))
"""Clouds of all sizes: the seconds each takes to pass and its weight in the cloud field."""
_CALM: Final = 0.48
_LIVELY_S: Final = 3600.0
"""Smaller clouds are from so much to 1 as large; that changes within the hour."""
_EDGE: Final = 0.05
"""How soft the edge of a cloud is, in units of the cloud field."""
_SHADE: Final = 0.56
_DEPTH: Final = 0.32
"""Share of the clear sky's light under the edge of a cloud, and how it falls towards its middle."""
_THICK: Final = (1500.0, 0.5)
_RIPPLES: Final = ((180.0, 0.41), (20.0, 0.09), (7.0, 0.05))
"""The light under a cloud wavers: the seconds and the size of each in its logarithm."""
_BRIGHT: Final = 1.18
_GLEAM: Final = (400.0, 0.02)
"""Light between clouds: their edges reflect more than the clear sky gives, now more, now less."""


def irradiance(seed: int, cover: float) -> Series:
    """Return a day of W/m² on the horizontal; more ``cover`` is less light."""
    lively = _CALM + (1 - _CALM) * ((1 + curve(seed_of("lively", seed), _LIVELY_S)) / 2) ** 2
    field = cover + _sum("cloud", seed, _FRONTS) + lively * _sum("cloud", seed, _CLOUDS)
    hidden = (1 + np.tanh(field / _EDGE)) / 2
    wavers = _sum("thick", seed, (_THICK,)) + lively * _sum("cloud", seed, _RIPPLES)
    shade = _SHADE * np.exp(wavers - _DEPTH * np.maximum(0.0, field))
    bright = _BRIGHT + lively * _sum("bright", seed, (_GLEAM,))
    light = bright - np.maximum(0.0, bright - shade) * hidden
    sky = SeededSky()
    return np.asarray(light * [sky.clear(second) for second in range(DAY_S)])


def curve(seed: int, period_s: float) -> Series:
    """Return ``noise.smooth`` at every second, in units of ``period_s``."""
    position = np.arange(DAY_S) / period_s
    knots = np.array([smooth(seed, float(knot)) for knot in range(int(DAY_S / period_s) + 2)])
    left = position.astype(np.intp)
    weight = position - left
    weight *= weight * (3 - 2 * weight)
    return np.asarray(knots[left] + (knots[left + 1] - knots[left]) * weight)


def _sum(kind: str, seed: int, parts: tuple[tuple[float, float], ...]) -> Series:
    """Return weighted noise of several periods; the same period is the same noise."""
    total = np.zeros(DAY_S)
    for period_s, weight in parts:
        total += weight * curve(seed_of(kind, seed, round(period_s)), period_s)
    return total
