"""The sun on the roof: clear sky by the day clock, clouds by the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
import math
from typing import Final, Protocol

from .habits import DAY_S, HOUR_S
from .noise import seed_of, smooth
from .wires import Phase

YIELD: Final = 0.9
"""AC watts per installed watt under 1000 W/m²."""
_CLOUDS: Final = ((1800.0, 0.75), (300.0, 0.5), (90.0, 0.25), (20.0, 0.12))
"""Clouds of all sizes: the seconds each takes to pass and its weight in the cloud field."""
_EDGE: Final = 0.05
"""How soft the edge of a cloud is, in units of the cloud field."""
_COVER_GAIN: Final = 1.3
_SHADE: Final = 0.24
"""Share of the clear sky's light under a cloud, which ripples by up to half of itself."""
_RIPPLE: Final = 0.5
_RIPPLE_S: Final = 15.0
_HORIZON: Final = 0.01
_BRIGHT: Final = 1.15
"""Light between clouds: their edges reflect more than the clear sky gives."""


class Roof(Protocol):
    """Something that delivers AC power when the sun shines."""

    def power_w(self, day_s: float, now_s: float) -> float:
        """Return watts at this time of the day clock and of real time."""
        ...


@dataclass(slots=True)
class SeededSky:
    """A sky made by dice; ``cover`` is the part of it that clouds hide, 0 is clear."""

    seed: int = 1
    cover: float = 0.45
    latitude_deg: float = 51.5
    day_of_year: int = 172
    _seeds: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Give every size of cloud dice of its own."""
        self._seeds = tuple(seed_of("cloud", self.seed, size_s) for size_s, _ in _CLOUDS)

    def irradiance(self, day_s: float, now_s: float) -> float:
        """Return W/m² on the horizontal.

        Clouds drift in real time, so that a fast day does not make them race.
        """
        clear = self.clear(day_s)
        return clear * self.clearness(now_s) if clear else 0.0

    def clear(self, day_s: float) -> float:
        """Return W/m² of the cloudless sky (Haurwitz), with noon at 12:00."""
        latitude = math.radians(self.latitude_deg)
        declination = math.radians(23.45) * math.sin(math.tau * (284 + self.day_of_year) / 365)
        hour_angle = math.tau * (day_s % DAY_S - 12 * HOUR_S) / DAY_S
        height = math.sin(latitude) * math.sin(declination)
        height += math.cos(latitude) * math.cos(declination) * math.cos(hour_angle)
        return 1098 * height * math.exp(-0.057 / height) if height > _HORIZON else 0.0

    def clearness(self, now_s: float) -> float:
        """Return what the clouds leave of the clear sky's light."""
        if self.cover <= 0:
            return 1.0
        clouds = _COVER_GAIN * (self.cover - 0.5)
        for seed, (size_s, weight) in zip(self._seeds, _CLOUDS, strict=True):
            clouds += weight * smooth(seed, now_s / size_s)
        hidden = 0.5 * (1 + math.tanh(clouds / _EDGE))
        light = _BRIGHT + (_SHADE - _BRIGHT) * hidden
        return light * (1 + _RIPPLE * hidden * smooth(self.seed, now_s / _RIPPLE_S))


@dataclass(frozen=True, slots=True)
class SkyRoof:
    """Panels under a seeded sky; the inverter is as large as the panels."""

    sky: SeededSky
    kwp: float

    def power_w(self, day_s: float, now_s: float) -> float:
        """Return watts at this time of the day clock and of real time."""
        return self.kwp * min(1000.0, YIELD * self.sky.irradiance(day_s, now_s))


class Sun:
    """Photovoltaics that feed one or more phases evenly."""

    def __init__(self, roof: Roof, phases: Sequence[Phase]) -> None:
        """Connect ``roof`` to ``phases``."""
        self.phases = tuple(phases)
        self.fixed_w: float | None = None
        """Instead of what the sky gives, e.g. for a test."""
        self._roof = roof

    def power_w(self, day_s: float, now_s: float) -> float:
        """Return the total now."""
        return self._roof.power_w(day_s, now_s) if self.fixed_w is None else self.fixed_w
