"""What is known of a car, and what its charging teaches about it (PLAN-2, IND-3).

Bounded in every way: what is learnt is a few numbers, counts only with some evidence behind it,
never leaves what is physically sensible, and forgets slowly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isfinite
from typing import Any, Final

CAPACITY_RANGE_KWH: Final = (4.4, 200.0)
"""Smallest and largest battery that a charger of this kind is set up for (IND-3)."""
EFFICIENCY_RANGE: Final = (0.75, 0.98)
"""Of the way from the socket into the battery."""
USUAL_EFFICIENCY: Final = 0.9
PRIOR_WH: Final = 20_000.0
"""As much as this has to be charged until what is seen counts as much as what is usual."""
REMEMBERED_WH: Final = 200_000.0
"""Of more than this the older half is forgotten, so that a battery may age."""
LEAST_GAIN_PERCENT: Final = 10.0
"""States of charge are told in whole percent: smaller steps teach nothing."""

BIN_PERCENT: Final = 5
BINS: Final = 100 // BIN_PERCENT
LEAST_DRAW_W: Final = 500.0
"""A car that draws less is not charging."""
FULL_SHARE: Final = 0.93
"""A car that draws less than this of what it is offered is limited by itself."""
ENOUGH_SAMPLES: Final = 3
KEPT_SAMPLES: Final = 20
"""A mean over as many forgets slowly."""
MOST_POWER_W: Final = 22_080.0
"""Three lines of 32 A at 230 V: no charger here gives more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a charger does for the car that is plugged in."""

    energy_wh: float
    """Delivered since it was plugged in."""
    since: datetime | None = None
    """When it was plugged in, None when not known."""
    power_w: float = 0.0
    offered_w: float | None = None
    """What the car could draw by the current that is set, None when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What charging has shown of one car."""

    charged_wh: float = 0.0
    """At the socket, between two states of charge that were told."""
    gained_percent: float = 0.0
    """What the state of charge rose by with it."""
    powers_w: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    """For each five percent of charge: samples that the car limited itself, and their mean."""


def gained(seen: Seen, charged_wh: float, percent: float) -> Seen:
    """Return what is known after ``charged_wh`` at the socket have raised the charge."""
    if percent < LEAST_GAIN_PERCENT or charged_wh <= 0:
        return seen
    share = 0.5 if seen.charged_wh > REMEMBERED_WH else 1.0
    return replace(
        seen,
        charged_wh=seen.charged_wh * share + charged_wh,
        gained_percent=seen.gained_percent * share + percent,
    )


def drawn(seen: Seen, soc_percent: float, delivery: Delivery) -> Seen:
    """Return what is known after a look at a car that is charging."""
    offered_w = delivery.offered_w
    if offered_w is None or not LEAST_DRAW_W <= delivery.power_w < offered_w * FULL_SHARE:
        return seen
    index = min(max(int(soc_percent // BIN_PERCENT), 0), BINS - 1)
    count, mean_w = seen.powers_w.get(index, (0, 0.0))
    count = min(count + 1, KEPT_SAMPLES)
    mean_w += (delivery.power_w - mean_w) / count
    return replace(seen, powers_w={**seen.powers_w, index: (count, mean_w)})


def efficiency(seen: Seen, capacity_wh: float | None, told: float | None = None) -> float:
    """Return energy in the battery by energy from the socket.

    ``told`` is what the owner entered and is not argued with.
    """
    if told is not None:
        return told
    if capacity_wh is None:
        return USUAL_EFFICIENCY
    stored_wh = seen.gained_percent / 100 * capacity_wh
    mixed = (USUAL_EFFICIENCY * PRIOR_WH + stored_wh) / (PRIOR_WH + seen.charged_wh)
    least, most = EFFICIENCY_RANGE
    return min(max(mixed, least), most)


def curve(seen: Seen, power_w: float | None = None) -> tuple[tuple[float, float], ...]:
    """Return from which state of charge on, in percent, the car takes at most so many watts.

    ``power_w`` is what its charger on board takes, None when not known. Empty when nothing is
    known at all.
    """
    most_w = MOST_POWER_W if power_w is None else power_w
    learnt_w = {
        index: min(mean_w, most_w)
        for index, (count, mean_w) in seen.powers_w.items()
        if count >= ENOUGH_SAMPLES
    }
    if not learnt_w and power_w is None:
        return ()
    steps: list[tuple[float, float]] = []
    for index in range(BINS):
        here_w = learnt_w.get(index, most_w)
        if not steps or steps[-1][1] != here_w:
            steps.append((float(index * BIN_PERCENT), here_w))
    return tuple(steps)


def to_json(seen: Seen) -> dict[str, Any]:
    """Return what is kept of a car."""
    return {
        "charged_wh": seen.charged_wh,
        "gained_percent": seen.gained_percent,
        "powers_w": {str(index): list(mean) for index, mean in seen.powers_w.items()},
    }


def from_json(stored: object) -> Seen:
    """Return what was kept of a car; what cannot be true is learnt anew."""
    if not isinstance(stored, Mapping):
        return Seen()
    charged_wh = _positive(stored.get("charged_wh"))
    gained_percent = _positive(stored.get("gained_percent"))
    powers = stored.get("powers_w")
    found: dict[int, tuple[int, float]] = {}
    for key, mean in powers.items() if isinstance(powers, Mapping) else ():
        match mean:
            case [int(count), int() | float() as mean_w] if key in _KEYS:
                if 0 < count <= KEPT_SAMPLES and LEAST_DRAW_W <= mean_w <= MOST_POWER_W:
                    found[int(key)] = (count, float(mean_w))
    if charged_wh is None or gained_percent is None:
        charged_wh = gained_percent = 0.0
    return Seen(charged_wh=charged_wh, gained_percent=gained_percent, powers_w=found)


_KEYS: Final = frozenset(str(index) for index in range(BINS))


def _positive(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and value >= 0 else None
