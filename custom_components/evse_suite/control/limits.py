"""Limits that somebody else sets: the network operator, the meter, a contract (SITE-1).

The tightest of the configured limit and of what the source says is in force. A source that is
silent, unreadable or says what cannot be true dims the site: silence is danger (promise 2). A lower
limit is in force at once; a higher one after it was said for a while, so that a source that flaps
does not make the chargers flap.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from .layout import Gauge, Layout, Row, through_grid
from .memory import LimitsMemory, Said
from .meter import FUTURE_S
from .model import Cap, LimitSample, LimitSource

RECOVER_S = 60.0
"""A limit rises to the lowest that was said over this time."""


def in_force(
    layout: Layout, samples: Mapping[str, LimitSample], past: LimitsMemory | None, now_s: float
) -> LimitsMemory:
    """Return the site with the limits that are in force now; ``layout`` is as configured."""
    before = past.said if past is not None else {}
    said = {
        cap.key: _heard(before.get(cap.key), _believed(layout, cap, samples, now_s), now_s)
        for cap in layout.sources
    }
    if past is None or past.layout.spec is not layout.spec:
        return LimitsMemory(layout=_lowered(layout, said), said=said)
    if all(one.limit == before[key].limit for key, one in said.items()):
        return LimitsMemory(layout=past.layout, said=said)
    present = _lowered(layout, said)
    pairs = zip(present.rows, past.layout.rows, strict=True)
    lowered = [index for index, (row, old) in enumerate(pairs) if row.limit_a < old.limit_a]
    return LimitsMemory(layout=present, said=said, lowered=frozenset(lowered))


def _believed(
    layout: Layout, cap: Cap, samples: Mapping[str, LimitSample], now_s: float
) -> tuple[float, bool]:
    """Return the limit that a source sets now, and whether it is only the dimmed one."""
    source = cap.source or LimitSource(dimmed=inf)
    sample = samples.get(cap.key)
    most = layout.plausible_a
    if not cap.limit_a:
        most *= layout.spec.voltage_v * len(layout.spec.phases)
    if sample is None or not -FUTURE_S <= now_s - sample.time_s <= source.silent_after_s:
        return source.dimmed, True
    # A comparison with NaN is false.
    if sample.limit == inf or 0 <= sample.limit <= most:
        return sample.limit, False
    return source.dimmed, True


def _heard(past: Said | None, believed: tuple[float, bool], now_s: float) -> Said:
    """Lower the limit at once, raise it with patience."""
    limit, dimmed = believed
    if past is None or limit <= past.limit:
        return Said(limit=limit, dimmed=dimmed, since_s=inf, rest=inf)
    since_s = min(past.since_s, now_s)
    rest = min(past.rest, limit)
    if now_s - since_s < RECOVER_S:
        return Said(limit=past.limit, dimmed=dimmed, since_s=since_s, rest=rest)
    waits = rest < limit
    return Said(
        limit=rest,
        dimmed=dimmed,
        since_s=now_s if waits else inf,
        rest=limit if waits else inf,
    )


def _lowered(layout: Layout, said: Mapping[str, Said]) -> Layout:
    """Return the layout with every row at the tightest of what is configured and said."""
    rows = list(layout.rows)
    for cap in layout.sources:
        limit = said[cap.key].limit
        for index, row in enumerate(rows):
            if cap.limit_a:
                if limit < row.limit_a and _carries(layout, row, cap):
                    rows[index] = replace(row, cap=cap.key, kind=cap.kind, limit_a=limit)
            elif row.cap == cap.key and row.limit_w is not None and limit < row.limit_w:
                rows[index] = replace(row, limit_w=limit, limit_a=limit / layout.spec.voltage_v)
    return replace(layout, rows=tuple(rows))


def _carries(layout: Layout, row: Row, cap: Cap) -> bool:
    """Whether a row is one of a cap's currents; those of the grid connection share their rows."""
    if row.limit_w is not None or row.phase not in cap.limit_a:
        return False
    shared = row.gauge is Gauge.PHASE and through_grid(layout.spec, cap)
    return shared or row.cap == cap.key
