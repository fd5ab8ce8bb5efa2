"""A mains meter that turns round or loses its unit in the middle of a charge (SITE-5, IND-9).

``clamps`` compares what the chargers change with what the mains makes of it. A charge that goes on
changes nothing, so that it could not say anything of a meter that turns negative, or shows a
thousandth, while the car charges. But the leap from one reading to the next is seen: hardly any
house turns a current into its opposite or into nothing at once. And no sun delivers more than the
fuse carries: what would flow to the grid without the chargers is known as well.

Either may happen by chance or for a moment, so that it proves nothing. Nothing is raised until the
meter has shown the same for as long as a charger may report late; then it counts as one comparison,
and that doubt makes the chargers go to their minimum for another one (``trials``).
"""

from dataclasses import replace
from math import inf

from .clamps import LATE_SETTLES, STEPS
from .evidence import ClampMemory, Leap, Point, Step
from .layout import ABSURD_FACTOR, Layout
from .memory import MeterMemory, Reading
from .trials import PROBE_AGAIN_S, PROBED_A

LEAP_A = 10.0
"""From less than this a reading falls to nothing in every kitchen."""
TURNED_PART, TURNED_A = 0.05, 1.0
"""The opposite of the reading before, give or take what the house did meanwhile."""
NOTHING_PART, NOTHING_A = 0.02, 0.2
"""A thousandth of it, or nothing at all, with the noise of the meter."""
BEYOND_A = 3.0
"""More than the fuse's rating by this would flow to the grid without the chargers."""
THOUSANDTH = 0.001
"""What a meter that shows nothing is told as: the two do the same harm."""
FOUND_S = 15.0
"""Chargers are heard so soon after the start."""
RING_LEAST = 2
"""Readings to be compared."""
FORGOTTEN_S = 180.0
"""The house or the chargers have moved all the time since: they have said enough."""

type Shares = tuple[float | None, ...]


def suspect(
    now: ClampMemory,
    meter: MeterMemory,
    layout: Layout,
    *,
    draws_a: tuple[float, ...],
    now_s: float,
) -> ClampMemory:
    """Notice a leap, and let it count as a comparison once the mains has been steady since.

    ``draws_a`` is what the chargers draw per phase.
    """
    leap = now.leap
    if now.faulty or now_s - now.tried_s < PROBE_AGAIN_S:
        return now if leap is None else replace(now, leap=None)
    if leap is None:
        found = now.still_s - meter.started_s < FOUND_S
        shares = _shares(meter.ring, layout, draws_a, found=found)
        return replace(now, leap=Leap(time_s=now_s, shares=shares)) if any(shares) else now
    late_s = LATE_SETTLES * max([charger.settle_s for charger in layout.spec.chargers], default=0.0)
    if now.level is None or now.level.time_s < max(leap.time_s, now.since_s) + late_s:
        return replace(now, leap=None) if now_s - leap.time_s > FORGOTTEN_S + late_s else now
    return _doubted(now, leap.shares, now.level)


def _shares(
    ring: tuple[Reading, ...], layout: Layout, draws_a: tuple[float, ...], *, found: bool
) -> Shares:
    """Return per phase what part of the current the newest reading may show, None if all of it.

    ``found``: the charge was found running at the start, so that nothing is known from before.
    """
    if len(ring) < RING_LEAST or max(draws_a, default=0.0) < PROBED_A:
        return ()
    before, after = ring[-2:]
    if min(after.current_a) > max(before.current_a) / 2 > LEAP_A / 2 and not found:
        return ()
    rating_a = layout.plausible_a / ABSURD_FACTOR
    return tuple(
        [
            None
            if drawn_a < PROBED_A
            else _share(drawn_a if found else before_a, after_a, drawn_a, rating_a)
            for before_a, after_a, drawn_a in zip(
                before.current_a, after.current_a, draws_a, strict=True
            )
        ]
    )


def _share(before_a: float, after_a: float, drawn_a: float, rating_a: float) -> float | None:
    """Return the part of the current that one phase of the meter may show now."""
    if after_a - drawn_a < -rating_a - BEYOND_A:
        return -1.0
    if before_a < LEAP_A:
        return None
    if abs(after_a + before_a) <= TURNED_PART * before_a + TURNED_A:
        return -1.0
    return THOUSANDTH if abs(after_a) <= NOTHING_PART * before_a + NOTHING_A else None


def _doubted(now: ClampMemory, shares: Shares, level: Point) -> ClampMemory:
    """Take the leap for a comparison, of what the chargers draw, where they still draw it.

    The restlessness that it was itself is forgiven: the next comparison is made for the purpose,
    and has to agree.
    """
    steps = tuple(
        [
            old
            if share is None or drawn_a < PROBED_A
            else (*old[1 - STEPS :], Step(drawn_a=drawn_a, share=share))
            for old, share, drawn_a in zip(
                now.steps or ((),) * len(shares), shares, level.drawn_a, strict=True
            )
        ]
    )
    return replace(now, leap=None, steps=steps, judged_s=level.time_s, restless_s=-inf)
