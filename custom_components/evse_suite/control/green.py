"""Green's start and stop: decided by energy, because the sky's next minutes are not known (LEK-10).

Charging by surplus has a price to enter (the ramp, the electronics on board, the contactor) and
a price to stay (what the grid adds while the surplus is below the minimum). Which of the two is
dearer depends on how long a cloud lasts, and that nobody knows; to leave once the regret of
staying has grown to what a start costs is never worse than three times the best. What the last
minutes were like makes it better: when they were bright a cloud is taken for a passing one and the
regret may grow larger, when they were dull a gap between clouds has to last longer. And a day has
an allowance of starts and one of grid energy: the more of the first is used, the longer Green stays
as it is; the more of the second, the sooner it stops.
"""

from dataclasses import dataclass
from math import inf

from .memory import Green, SunMemory
from .model import ChargerActivity
from .sun import DAY_S, used_up
from .view import View

START_WH = 10.0
"""Gain that is missed before a charge starts, after minutes as bright as the minimum."""
STOP_WH = 4.0
"""Regret before it stops, after minutes as bright as the minimum."""
START_BY_HABIT = 0.8
STOP_BY_HABIT = 1.2
"""Exponents of how bright the last minutes were, as a multiple of the minimum."""
DULL, BRIGHT = 0.3, 3.0
"""Bounds of that multiple."""
WORTH_STARTING = 0.33
"""Part of the minimum from which missed energy counts; it starts only when all of it is covered."""
WORTH_STAYING = 0.5
"""Part of the minimum from which staying is no regret: there half of the energy is the sun's."""
STRICTER = 0.3
"""That part is larger by this when the day's allowance of grid energy is used up."""
PATIENCE_WH = 200.0
"""Imported below the minimum before it stops, however little is missing at a time."""
STARTS_PER_DAY = 8.0
RARER = 3.0
"""After as many starts as a day may have, start and stop need more energy by this multiple."""
BETWEEN_S = 120.0
"""Least time between start and stop; only a cap may break it."""
TAKEN_OVER_S = 10.0
"""A charge that ran before Green goes on for this long at least."""
LONGEST_STEP_S = 15.0
"""The energy of a longer gap between two cycles is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """What one charger sees of the surplus in one cycle."""

    spare_w: float
    minimum_w: float
    """What the car draws at the least."""
    habit: float
    """How bright the last minutes were, as a multiple of the minimum."""
    used_up: float
    """Part of the day's allowance of grid energy."""
    starts: float
    """Starts of late."""
    between_s: float
    """Least time between start and stop, for this charger."""
    on_since_s: float
    """Since when it has been on, for that time."""
    hours: float
    """Since the cycle before."""
    now_s: float


def advance(
    view: View,
    sun: SunMemory,
    *,
    spare_w: float | None,
    minimum_w: float,
    elapsed_s: float,
    now_s: float,
) -> Green:
    """Advance the start and stop of one charger; ``spare_w`` None means that it is unknown."""
    green = view.memory.green
    starts = max(0.0, green.starts - STARTS_PER_DAY * elapsed_s / DAY_S) if green.starts else 0.0
    if not view.connected or view.ceiling_a == 0:
        return Green(starts=starts)
    fresh = not green.running and green.left_wh == inf and green.since_s == -inf
    if fresh and view.sample and view.sample.activity is ChargerActivity.CHARGING:
        # It was charging before this mode: it goes on until the surplus says otherwise.
        return Green(running=True, since_s=now_s - BETWEEN_S + TAKEN_OVER_S, starts=starts)
    if spare_w is None:
        return green
    minimum_w *= 1 - view.memory.learnt.shortfall_a / view.seat.spec.minimum_a
    sky = Sky(
        spare_w=max(0.0, spare_w),
        minimum_w=minimum_w,
        habit=min(max((sun.usual_w or 0.0) / minimum_w, DULL), BRIGHT),
        used_up=used_up(sun),
        starts=starts,
        between_s=max(BETWEEN_S, view.seat.spec.minimum_on_s),
        on_since_s=_on_since_s(view, green),
        hours=min(elapsed_s, LONGEST_STEP_S) / 3600,
        now_s=now_s,
    )
    return _running(green, sky) if green.running else _waiting(green, sky)


def _on_since_s(view: View, green: Green) -> float:
    """Return since when it has been on; one that must stay on for long counts from its contactor.

    While that has to rest, nothing was started and nothing has to last.
    """
    if not view.seat.spec.minimum_on_s:
        return green.since_s
    return view.offer.changed_s if view.offered_a else -inf


def _running(green: Green, sky: Sky) -> Green:
    """Count what it costs to go on; stop when that is too much."""
    most_wh = STOP_WH * sky.habit**STOP_BY_HABIT * _rarer(sky)
    worth_w = (WORTH_STAYING + STRICTER * sky.used_up**2) * sky.minimum_w
    lost_wh = max(0.0, green.lost_wh + (worth_w - sky.spare_w) * sky.hours)
    imported_wh = max(0.0, green.imported_wh + (sky.minimum_w - sky.spare_w) * sky.hours)
    too_much = lost_wh >= most_wh or imported_wh >= PATIENCE_WH
    if too_much and sky.now_s - sky.on_since_s >= sky.between_s:
        return Green(since_s=sky.now_s, starts=sky.starts)
    left_wh = max(0.0, min(most_wh - lost_wh, PATIENCE_WH - imported_wh))
    return Green(
        running=True,
        since_s=green.since_s,
        lost_wh=lost_wh,
        imported_wh=imported_wh,
        left_wh=left_wh,
        starts=sky.starts,
    )


def _waiting(green: Green, sky: Sky) -> Green:
    """Count what it costs to wait; start when that is too much and the surplus covers it now."""
    enough_wh = START_WH / sky.habit**START_BY_HABIT * _rarer(sky)
    gained_wh = (sky.spare_w - WORTH_STARTING * sky.minimum_w) * sky.hours
    missed_wh = min(enough_wh, max(0.0, green.missed_wh + gained_wh))
    ready = missed_wh >= enough_wh and sky.spare_w >= sky.minimum_w
    if ready and sky.now_s - green.since_s >= BETWEEN_S:
        return Green(running=True, since_s=sky.now_s, starts=sky.starts + 1)
    return Green(
        since_s=green.since_s,
        missed_wh=missed_wh,
        left_wh=enough_wh - missed_wh,
        starts=sky.starts,
    )


def _rarer(sky: Sky) -> float:
    """Return by what the energies of start and stop grow with the starts of late."""
    return 1 + RARER * (sky.starts / STARTS_PER_DAY) ** 2
