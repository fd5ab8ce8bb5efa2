"""Following the surplus with few commands: what the offers miss is owed, and paid when it is due.

An offer that is off by a little for long costs as much as one that is off by much for a moment.
So the deviation is added up over time, more and less against each other, and the offers are
changed when enough is owed, or at once when the deviation is large (LEK-9, LEK-10).
"""

from collections.abc import Sequence
from math import exp

from .estimate import Estimate
from .memory import SunMemory
from .model import SiteMode
from .view import View

USUAL_S = 350.0
"""Time constant of what counts as the last minutes."""
LEFT_A = 0.2
"""Left to the grid per line in Green, which is to import little."""
RAISE_AT_ONCE_A = 2.2
CUT_AT_ONCE_A = 1.8
OWED_AS = 12.0
"""Ampere-seconds on each line after which a smaller deviation is corrected."""
WORTH_A = 0.75
"""A smaller deviation is never corrected: at a steady surplus between two whole amperes the offers
stay where they are."""
GRID_WH_PER_DAY = 900.0
"""What Green may take from the grid in a day, for the sake of starts that it saves."""
DAY_S = 86400.0
LONGEST_STEP_S = 15.0
"""What happened in a longer gap between two cycles is not known."""
SHORTFALL_A = 1.0
"""A car may draw this much less than it is offered on each line and still follow."""


def usual(sun: SunMemory, surplus_w: float, elapsed_s: float) -> SunMemory:
    """Take the newest surplus into the mean of the last minutes."""
    surplus_w = max(0.0, surplus_w)
    usual_w = surplus_w if sun.usual_w is None else sun.usual_w
    return SunMemory(
        usual_w=usual_w + (1 - exp(-elapsed_s / USUAL_S)) * (surplus_w - usual_w),
        owed_as=sun.owed_as,
        grid_wh=sun.grid_wh,
    )


def taken(sun: SunMemory, grid_w: float, elapsed_s: float) -> SunMemory:
    """Book what Green takes from the grid on the day's allowance, which comes back evenly."""
    used_wh = max(0.0, grid_w) * min(elapsed_s, LONGEST_STEP_S) / 3600
    back_wh = GRID_WH_PER_DAY * min(elapsed_s, DAY_S) / DAY_S
    grid_wh = min(max(0.0, sun.grid_wh + used_wh - back_wh), GRID_WH_PER_DAY)
    return SunMemory(usual_w=sun.usual_w, owed_as=sun.owed_as, grid_wh=grid_wh)


def rested(sun: SunMemory) -> SunMemory:
    """Return the memory while nobody follows the surplus: only what was learnt lasts."""
    if sun.usual_w is None and not sun.owed_as:
        return sun
    return SunMemory(grid_wh=sun.grid_wh)


def used_up(sun: SunMemory) -> float:
    """Return the part of the day's allowance that is used up."""
    return sun.grid_wh / GRID_WH_PER_DAY


def follow(
    members: Sequence[View],
    house: Estimate | None,
    sun: SunMemory,
    others_w: float,
    *,
    elapsed_s: float,
    now_s: float,
) -> tuple[float, SunMemory]:
    """Return line amperes for all followers together, never less than their minima.

    ``others_w`` is what chargers draw that do not follow the surplus.
    """
    lines = [len(view.seat.used) for view in members]
    held_a = sum([view.held_a * n for view, n in zip(members, lines, strict=True)])
    minima_a = sum([view.seat.spec.minimum_a * n for view, n in zip(members, lines, strict=True)])
    rested = SunMemory(usual_w=sun.usual_w, grid_wh=sun.grid_wh)
    if house is None or not members:
        return float(max(held_a, minima_a)), rested
    narrow = min(lines)
    most_a = sum([view.ceiling_a * n for view, n in zip(members, lines, strict=True)])
    wanted_a = min(max(_aim(members, lines, house, others_w, held_a), minima_a), most_a)
    # Sharing rounds down to whole amperes.
    room_a = wanted_a + narrow / 2
    if held_a < minima_a:
        return room_a, rested
    error_a = (wanted_a - held_a) / narrow
    owed_as = sun.owed_as + error_a * min(elapsed_s, LONGEST_STEP_S)
    if error_a > 0:
        due = error_a >= RAISE_AT_ONCE_A or owed_as >= OWED_AS
        due = due and not any(_young(view, now_s) for view in members)
    else:
        due = -error_a >= CUT_AT_ONCE_A or -owed_as >= OWED_AS
    if due and abs(error_a) >= WORTH_A:
        return room_a, rested
    owed_as = min(max(owed_as, -OWED_AS), OWED_AS)
    return float(held_a), SunMemory(usual_w=sun.usual_w, owed_as=owed_as, grid_wh=sun.grid_wh)


def _aim(
    members: Sequence[View], lines: Sequence[int], house: Estimate, others_w: float, held_a: int
) -> float:
    """Return the line amperes to offer.

    While somebody is on the way nobody knows what is drawn now, and only what is certain counts.
    """
    extra_a = 0.0
    flying = False
    for view, n in zip(members, lines, strict=True):
        flying = flying or view.flying
        extra_a += n * min(max(view.held_a - view.drawn_a, 0.0), SHORTFALL_A)
        if view.mode is SiteMode.GREEN:
            extra_a -= n * LEFT_A
    if not flying:
        return (house.newest_w - others_w) / house.voltage_v + extra_a
    least_a = (house.newest_low_w - others_w) / house.voltage_v + extra_a
    most_a = (house.newest_high_w - others_w) / house.voltage_v + extra_a
    return min(max(float(held_a), least_a), most_a)


def _young(view: View, now_s: float) -> bool:
    """Whether an offer was changed so lately that it cannot rise yet."""
    return view.offered_a > 0 and now_s - view.offer.changed_s < view.seat.spec.raise_spacing_s
