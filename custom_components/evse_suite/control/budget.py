"""What the network tariff's window of a quarter of an hour still bears (CAPACITY).

Net import is counted over the window; what is not known of it (a restart, a silent meter) counts at
the worst that could have flowed. The rest of the budget, spread over the rest of the window, is
what may flow. It is never used for more than the limit itself, so that no burst at the end of a
window has to be cut at the start of the next; and while the budget bears it, a kettle cuts nobody.
"""

from math import inf

from .layout import Layout
from .memory import Budget, Reading
from .model import CapKind

WINDOW_S = 900.0
HORIZON_S = 120.0
"""While the budget bears this much more of what flows now, with the chargers at their minima for
the rest of the window, nobody is cut."""
STEADY_S = 15.0
"""Power that lasts shorter does not cut."""


def count(
    past: Budget | None,
    reading: Reading | None,
    layout: Layout,
    *,
    end_s: float | None,
    now_s: float,
) -> Budget:
    """Advance the window to the newest believed reading.

    ``end_s`` is the end of the present window by the tariff's clock; without it windows follow each
    other from the start.
    """
    end_s = _end_s(past, end_s, now_s)
    start_s = end_s - WINDOW_S
    worst_w = _worst_w(layout)
    if past is None:
        unknown_s = now_s - start_s
        return Budget(
            since_s=start_s,
            end_s=end_s,
            counted_s=now_s,
            power_w=reading.power_w if reading else worst_w,
            used_ws=worst_w * unknown_s if unknown_s > 0 else 0.0,
        )
    since_s, counted_s, used_ws = past.since_s, past.counted_s, past.used_ws
    if start_s >= counted_s:
        since_s, used_ws = start_s, 0.0
    elif start_s < since_s:
        used_ws += worst_w * (since_s - start_s)
        since_s = start_s
    power_w = past.power_w
    if reading is not None and reading.time_s > counted_s:
        gap_s = reading.time_s - counted_s
        mean_w = (max(0.0, power_w) + max(0.0, reading.power_w)) / 2
        if gap_s > layout.spec.meter.silent_after_s:
            mean_w = worst_w
        used_ws += mean_w * max(0.0, reading.time_s - max(counted_s, since_s))
        counted_s, power_w = reading.time_s, reading.power_w
    return Budget(
        since_s=since_s, end_s=end_s, counted_s=counted_s, power_w=power_w, used_ws=used_ws
    )


def _end_s(past: Budget | None, end_s: float | None, now_s: float) -> float:
    """Return the end of the window that contains ``now_s``."""
    if end_s is None:
        end_s = now_s + WINDOW_S if past is None else past.end_s
    if end_s <= now_s:
        end_s += WINDOW_S * ((now_s - end_s) // WINDOW_S + 1)
    return end_s


def _worst_w(layout: Layout) -> float:
    """Return the most that can flow without anything opening the supply."""
    fuses_w = sum([layout.rows[p].limit_a for p in layout.grid_rows]) * layout.spec.voltage_v
    loads_w = [cap.limit_w for cap in layout.spec.caps if cap.kind is CapKind.LOAD_LIMIT]
    return min([fuses_w, *[limit_w for limit_w in loads_w if limit_w is not None]])


def allowed_w(budget: Budget, limit_w: float) -> float:
    """Return the mean that the rest of the window bears; negative when the limit is broken."""
    rest_s = max(1.0, budget.end_s - budget.counted_s)
    return (limit_w * WINDOW_S - budget.used_ws) / rest_s if limit_w < inf else inf


def bears(budget: Budget, limit_w: float, *, steady_w: float, floor_w: float) -> bool:
    """Whether what flows now may go on for a while, if at least ``floor_w`` flows after that."""
    rest_s = max(0.0, budget.end_s - budget.counted_s)
    soon_s = min(rest_s, HORIZON_S)
    wanted_ws = max(0.0, steady_w) * soon_s + max(0.0, floor_w) * (rest_s - soon_s)
    return limit_w == inf or budget.used_ws + wanted_ws <= limit_w * WINDOW_S
