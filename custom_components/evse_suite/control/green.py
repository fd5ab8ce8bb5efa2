"""Green's start and stop: decided by the last half minute, because nobody knows the next (LEK-10).

Charging by surplus has a price to enter (the ramp, the electronics on board, the contactor) and
a price to stay (what the grid adds while the surplus is below the minimum). Both are small beside
what is lost by waiting: a sun that is back mostly stays for longer than a start takes to pay, and
a cloud that is dearer to bridge than a start lasts for longer than half a minute. So a charge
starts once the surplus covers the minimum now and covered most of it lately, and stops when the
mean of the last half minute is below what makes staying worth its import. Moments beyond a bright
one count no more than that, so that no short burst carries a long gap.

A day has an allowance of starts: the more of it is used, the longer the time becomes of which the
mean is taken, so that restless skies start and stop hardly more often than calm ones.
"""

from dataclasses import dataclass
from math import exp, inf, log

from .memory import Green
from .model import ChargerActivity
from .sun import DAY_S
from .view import View

RECENT_S = 30.0
"""Time constant of the mean that decides, on a day with few starts; on measured days 20 s and 60 s
are as good within 0.2 % of J."""
START_AT = 0.7
"""Part of the minimum that the mean must reach before a charge starts; now, all of it is there."""
STOP_AT = 0.5
"""Part of the minimum below which the mean ends a charge: there half of the energy is the sun's."""
BRIGHT = 3.0
"""More surplus than this multiple of the minimum counts as so much."""
PATIENCE_WH = 450.0
"""Imported below the minimum before it stops, however little is missing at a time: half of what a
day may take."""
STARTS_PER_DAY = 8.0
RARER = 10.0
"""After as many starts as a day may have, the mean is taken over a time longer by this multiple."""
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
    recent_w: float
    """Mean of the last half minute, or of a longer time."""
    recent_s: float
    """Time constant of that mean."""
    starts: float
    """Starts of late."""
    between_s: float
    """Least time between start and stop, for this charger."""
    on_since_s: float
    """Since when it has been on, for that time."""
    step_s: float
    """Since the cycle before."""
    now_s: float

    def reached_s(self, level_w: float) -> float:
        """Return when the mean reaches a level if the surplus stays as it is."""
        goal_w = min(self.spare_w, BRIGHT * self.minimum_w)
        if (level_w - self.recent_w) * (goal_w - level_w) <= 0:
            return inf
        return self.recent_s * log((goal_w - self.recent_w) / (goal_w - level_w))


def advance(
    view: View,
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
    fresh = not green.running and green.recent_w is None and green.since_s == -inf
    if fresh and view.sample and view.sample.activity is ChargerActivity.CHARGING:
        # It was charging before this mode: it goes on until the surplus says otherwise.
        return Green(running=True, since_s=now_s - BETWEEN_S + TAKEN_OVER_S, starts=starts)
    if spare_w is None:
        return green
    minimum_w *= 1 - view.memory.learnt.shortfall_a / view.seat.spec.minimum_a
    spare_w = max(0.0, spare_w)
    recent_s = RECENT_S * (1 + RARER * (starts / STARTS_PER_DAY) ** 2)
    step_s = min(elapsed_s, LONGEST_STEP_S)
    recent_w = green.recent_w
    if recent_w is None:
        # Nothing is known yet: a charge that runs was worth it so far, one that waits was not.
        recent_w = minimum_w if green.running else 0.0
    recent_w += (1 - exp(-step_s / recent_s)) * (min(spare_w, BRIGHT * minimum_w) - recent_w)
    sky = Sky(
        spare_w=spare_w,
        minimum_w=minimum_w,
        recent_w=recent_w,
        recent_s=recent_s,
        starts=starts,
        between_s=max(BETWEEN_S, view.seat.spec.minimum_on_s),
        on_since_s=_on_since_s(view, green),
        step_s=step_s,
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
    """Go on while that is worth its import."""
    worth_w = STOP_AT * sky.minimum_w
    missing_w = sky.minimum_w - sky.spare_w
    imported_wh = max(0.0, green.imported_wh + missing_w * sky.step_s / 3600)
    too_much = sky.recent_w <= worth_w or imported_wh >= PATIENCE_WH
    if too_much and sky.now_s - sky.on_since_s >= sky.between_s:
        return Green(since_s=sky.now_s, recent_w=sky.recent_w, starts=sky.starts)
    left_s = 0.0 if too_much else sky.reached_s(worth_w)
    if missing_w > 0 and not too_much:
        left_s = min(left_s, 3600 * (PATIENCE_WH - imported_wh) / missing_w)
    return Green(
        running=True,
        since_s=green.since_s,
        recent_w=sky.recent_w,
        imported_wh=imported_wh,
        left_s=left_s,
        starts=sky.starts,
    )


def _waiting(green: Green, sky: Sky) -> Green:
    """Start when the surplus covers the minimum now and covered most of it lately."""
    level_w = START_AT * sky.minimum_w
    enough, covered = sky.recent_w >= level_w, sky.spare_w >= sky.minimum_w
    if enough and covered and sky.now_s - green.since_s >= BETWEEN_S:
        return Green(running=True, since_s=sky.now_s, recent_w=sky.recent_w, starts=sky.starts + 1)
    left_s = inf
    if covered:
        left_s = 0.0 if enough else sky.reached_s(level_w)
    return Green(since_s=green.since_s, recent_w=sky.recent_w, left_s=left_s, starts=sky.starts)
