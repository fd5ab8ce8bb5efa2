"""Following the surplus with few commands: an offer is changed when keeping it has cost enough.

An offer that is off by a little for long costs as much as one that is off by much for a moment.
So what an offer is off by more than rounding is added up, what it is too low and what it is too
high each for itself, and the offers are changed when enough has come together (LEK-9, LEK-10): a
large deviation is corrected at once, a small one after a while, one that goes away by itself never.
A day has an allowance of commands; the more of it is used, the more has to come together.
"""

from collections.abc import Sequence

from .estimate import Estimate
from .memory import SunMemory
from .model import SiteMode
from .view import View

LEFT_A = 0.1
"""Left to the grid per line in Green, which is to import little."""
SPARED_A = 0.15
"""So much more is left when the day's allowance of grid energy is used up."""
OWED_AS = 1.5
"""Ampere-seconds on each line after which a deviation is corrected."""
ROUNDING_A = 0.5
"""A deviation of less is that of whole amperes and never corrected: at a steady surplus between two
of them the offers stay where they are."""
COMMANDS_PER_DAY = 1000.0
MANY = 170.0
"""After so many commands more than a day's even share, twice as much has to come together."""
GRID_WH_PER_DAY = 900.0
"""What Green may take from the grid in a day, for the sake of starts that it saves."""
DAY_S = 86400.0
LONGEST_STEP_S = 15.0
"""What happened in a longer gap between two cycles is not known."""
SAME_S = 1e-3
"""Two times that differ by less are the same."""
SHORTFALL_A = 1.0
"""A car may draw this much less than it is offered on each line and still follow."""


def taken(sun: SunMemory, grid_w: float, elapsed_s: float) -> SunMemory:
    """Book what Green takes from the grid on the day's allowance, which comes back evenly."""
    used_wh = max(0.0, grid_w) * min(elapsed_s, LONGEST_STEP_S) / 3600
    back_wh = GRID_WH_PER_DAY * min(elapsed_s, DAY_S) / DAY_S
    grid_wh = min(max(0.0, sun.grid_wh + used_wh - back_wh), GRID_WH_PER_DAY)
    if grid_wh == sun.grid_wh:
        return sun
    return SunMemory(
        short_as=sun.short_as, over_as=sun.over_as, commands=sun.commands, grid_wh=grid_wh
    )


def rested(sun: SunMemory) -> SunMemory:
    """Return the memory while nobody follows the surplus: only what was learnt lasts."""
    if not (sun.short_as or sun.over_as or sun.commands):
        return sun
    return SunMemory(grid_wh=sun.grid_wh)


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
    changed = sum([view.offer.changed_s >= now_s - elapsed_s - SAME_S for view in members])
    commands = max(0.0, sun.commands - COMMANDS_PER_DAY * elapsed_s / DAY_S) + changed
    rests = SunMemory(commands=commands, grid_wh=sun.grid_wh)
    if house is None or not members:
        return float(max(held_a, minima_a)), rests
    narrow = min(lines)
    left_a = LEFT_A + SPARED_A * (sun.grid_wh / GRID_WH_PER_DAY) ** 2
    most_a = sum([view.ceiling_a * n for view, n in zip(members, lines, strict=True)])
    wanted_a = min(
        max(_aim(members, lines, house, others_w, held_a, left_a=left_a), minima_a), most_a
    )
    # Sharing rounds down to whole amperes.
    room_a = wanted_a + narrow / 2
    if held_a < minima_a:
        return room_a, rests
    error_a = (wanted_a - held_a) / narrow
    if changed:
        # What the offers were off by before is no fault of those of now.
        sun = rests
    step_s = min(elapsed_s, LONGEST_STEP_S)
    enough_as = OWED_AS * (1 + (commands / MANY) ** 2)
    short_as = min(max(0.0, sun.short_as + (error_a - ROUNDING_A) * step_s), enough_as)
    over_as = min(max(0.0, sun.over_as - (error_a + ROUNDING_A) * step_s), enough_as)
    due = over_as >= enough_as and error_a <= -ROUNDING_A
    if error_a >= ROUNDING_A:
        due = short_as >= enough_as and not any(_young(view, now_s) for view in members)
    owed = SunMemory(short_as=short_as, over_as=over_as, commands=commands, grid_wh=sun.grid_wh)
    return room_a if due else float(held_a), owed


def _aim(
    members: Sequence[View],
    lines: Sequence[int],
    house: Estimate,
    others_w: float,
    held_a: int,
    *,
    left_a: float,
) -> float:
    """Return the line amperes to offer; ``left_a`` is left to the grid on each line in Green.

    While somebody is on the way nobody knows what is drawn now, and only what is certain counts.
    """
    extra_a = 0.0
    flying = False
    for view, n in zip(members, lines, strict=True):
        flying = flying or view.flying
        if view.flying:
            extra_a += n * view.learnt.shortfall_a
        else:
            extra_a += n * min(max(view.held_a - view.drawn_a, 0.0), SHORTFALL_A)
        if view.mode is SiteMode.GREEN:
            extra_a -= n * left_a
    if not flying:
        return (house.newest_w - others_w) / house.voltage_v + extra_a
    least_a = (house.newest_low_w - others_w) / house.voltage_v + extra_a
    most_a = (house.newest_high_w - others_w) / house.voltage_v + extra_a
    return min(max(float(held_a), least_a), most_a)


def _young(view: View, now_s: float) -> bool:
    """Whether an offer was changed so lately that it cannot rise yet."""
    return view.offered_a > 0 and now_s - view.offer.changed_s < view.seat.spec.raise_spacing_s
