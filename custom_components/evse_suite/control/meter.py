"""Is the mains measurement to be believed, and how old is it? (promise 2, SITE-5).

A reading that is absurd, repeated or out of order is as good as none: the age of the last good one
keeps growing. A meter is frozen, and its readings count for nothing either, when it keeps answering
the same figures while the chargers' draw changes, or for much longer than it ever did. Whether its
clamps tell the truth is for ``clamps`` to find out.
"""

from dataclasses import replace
from itertools import repeat
from math import inf, isfinite
from operator import truediv

from .answer import MeterHealth
from .evidence import ClampMemory
from .layout import Layout
from .memory import MeterMemory, Reading, Trail
from .model import MainsMeterSpec, MainsSample

RING = 16
GOOD_AGAIN = 3
"""Good readings in a row before a meter that was lost is believed again."""
RELAPSE_S = 120.0
RELAPSE_FACTOR, RELAPSES = 5, 2
"""One that is lost again within this time has to be good for so many times as long."""
LATE_PERIODS = 2.5
LATE_GRACE_S = 0.5
FUTURE_S = 1.0
"""A time stamp this far ahead is another clock's."""
FROZEN_CHANGE_A = 3.0
FROZEN_AFTER_S = 10.0
FROZEN_ALIGN_S = 1.5
"""A charger may report a change this much later than the meter did."""
BEFORE_S = 2.5
"""So much before the readings stopped the meter was surely alive."""
AGREE_A = 1.0
"""A draw that was about the same before a reading and after it was so at the reading."""
TRAIL = 8
TRAIL_STEP_S = 1.5
STANDSTILL_S = 120.0
STANDSTILL_TIMES = 10
"""Figures that do not change for so many times the longest standstill seen are frozen."""
LIVELY_MOVES = 200
"""Changes that must have been seen before a standstill is judged by itself."""
LEAP_PART = 5
"""A fuse carries this part of what is absurd, i.e. four times its rating, for a few seconds: one
such reading is a spike unless the next one says the same, and if it lasts it is nonsense."""
LEAP_LASTS_S = 10.0
POWER_FACTOR_MOST, POWER_SPARE_A = 1.3, 1.0
"""Active power is never more than voltage times current; the voltage may be the nominal one."""
LEAST_VOLTAGE_V = 50.0
FINITE_A = 1e9
"""No current at all is beyond this, whatever the fuse."""


def watch(
    past: MeterMemory | None,
    sample: MainsSample | None,
    layout: Layout,
    *,
    draws_a: tuple[float, ...],
    draws_s: float,
    now_s: float,
) -> MeterMemory:
    """Take the newest sample in and keep the books of the meter's health.

    ``draws_a`` is what the chargers draw per phase as far as known, all of it measured at
    ``draws_s`` or later.
    """
    meter = past or MeterMemory(started_s=now_s)
    last_s = meter.last.time_s if meter.last else -inf
    trail = _trailed(meter.trail, draws_a, draws_s)
    if sample is not None and last_s < sample.time_s <= now_s + FUTURE_S:
        meter = _accept(meter, sample, layout, now_s, trail)
    if meter.last is None:
        return meter
    if trail is not meter.trail:
        meter = replace(meter, trail=trail)
    meter = _suspect(meter, draws_a, draws_s, now_s)
    lost = _lost(meter, layout.spec.meter, now_s)
    if lost is not None:
        return _lose(meter, lost, now_s)
    if meter.lost is not None and meter.good >= GOOD_AGAIN * RELAPSE_FACTOR**meter.relapses:
        return replace(meter, lost=None, believed_s=now_s)
    return meter


def _lose(meter: MeterMemory, lost: MeterHealth, now_s: float) -> MeterMemory:
    """Stop believing the meter, for longer if it was believed again only a moment ago."""
    if meter.lost is not None:
        return meter if lost is meter.lost and not meter.good else replace(meter, lost=lost, good=0)
    relapses = 0
    if now_s - meter.believed_s < RELAPSE_S:
        relapses = min(RELAPSES, meter.relapses + 1)
    return replace(meter, lost=lost, good=0, relapses=relapses)


def health(
    meter: MeterMemory, clamps: ClampMemory, spec: MainsMeterSpec, now_s: float
) -> MeterHealth:
    """Return the verdict for this cycle; only OK lets a current rise."""
    if meter.lost is not None:
        return meter.lost
    if meter.last is None:
        if now_s - meter.started_s <= spec.silent_after_s:
            return MeterHealth.STARTING
        return _silence(meter, now_s, spec)
    if clamps.faulty:
        return MeterHealth.IMPLAUSIBLE
    late = now_s - meter.last.time_s > LATE_PERIODS * spec.period_s + LATE_GRACE_S
    doubted = meter.doubt_s < inf or clamps.leap is not None
    return MeterHealth.LATE if late or doubted else MeterHealth.OK


def _accept(
    meter: MeterMemory, sample: MainsSample, layout: Layout, now_s: float, trail: Trail
) -> MeterMemory:
    """Add a new sample, and what the chargers drew, unless its figures cannot be true."""
    reading = _reading(sample, layout)
    if reading is None:
        return replace(meter, rejected_s=now_s, good=0)
    leap_s = meter.leap_s
    if max(map(abs, reading.current_a)) <= layout.plausible_a / LEAP_PART:
        leap_s = inf
    elif leap_s in (inf, reading.time_s):
        # The next one has to say the same.
        return meter if leap_s < inf else replace(meter, leap_s=reading.time_s)
    elif reading.time_s - leap_s > LEAP_LASTS_S:
        return replace(meter, rejected_s=now_s, good=0)
    last = meter.last
    same = (
        last is not None and last.current_a == reading.current_a and last.power_w == reading.power_w
    )
    stands = same and last is not None and last.voltage_v == reading.voltage_v
    stood_s = meter.stood_s
    if not stands and last is not None:
        stood_s = max(stood_s, last.time_s - meter.stands_since_s)
    return MeterMemory(
        started_s=meter.started_s,
        last=reading,
        ring=(*meter.ring[1 - RING :], reading),
        good=meter.good + 1,
        lost=meter.lost,
        believed_s=meter.believed_s,
        relapses=meter.relapses,
        rejected_s=meter.rejected_s,
        leap_s=leap_s,
        same_since_s=meter.same_since_s if same else reading.time_s,
        same_draw_a=meter.same_draw_a if same else None,
        doubt_s=meter.doubt_s if same else inf,
        stands_since_s=meter.stands_since_s if stands else reading.time_s,
        stood_s=stood_s,
        moves=meter.moves if stands else min(meter.moves + 1, LIVELY_MOVES),
        trail=trail,
    )


def _reading(sample: MainsSample, layout: Layout) -> Reading | None:
    """Return the sample in the site's order of phases, None if a current is missing or absurd."""
    phases = layout.spec.phases
    currents = tuple(map(sample.current_a.get, phases, repeat(inf)))
    # A sum with NaN is NaN.
    if not isfinite(sum(currents)) or max(map(abs, currents)) > min(layout.plausible_a, FINITE_A):
        return None
    nominal_v = layout.spec.voltage_v
    most_v = 2 * nominal_v
    measured = map(sample.voltage_v.get, phases, repeat(nominal_v))
    # Where the measured one cannot be true the nominal one counts.
    voltages = tuple([v if LEAST_VOLTAGE_V <= v <= most_v else nominal_v for v in measured])
    powers_w = tuple(map(sample.power_w.get, phases, repeat(inf)))
    power_w = sum(powers_w)
    if not isfinite(power_w):
        power_w = sum([a * v for a, v in zip(currents, voltages, strict=True)])
        actives = currents
    else:
        actives = tuple(map(truediv, powers_w, voltages, strict=True))
        for active_a, current_a in zip(actives, currents, strict=True):
            if abs(active_a) > POWER_FACTOR_MOST * abs(current_a) + POWER_SPARE_A:
                return None
    return Reading(
        time_s=sample.time_s,
        current_a=currents,
        active_a=actives,
        power_w=power_w,
        voltage_v=voltages,
    )


def _trailed(trail: Trail, draws_a: tuple[float, ...], draws_s: float) -> Trail:
    """Keep the newest draws of the chargers, to know what they were when the meter stopped."""
    if draws_s == -inf:
        return ()
    if trail and draws_s < trail[-1][0] + TRAIL_STEP_S:
        return trail
    return (*trail[1 - TRAIL :], (draws_s, draws_a))


def _suspect(
    meter: MeterMemory, draws_a: tuple[float, ...], draws_s: float, now_s: float
) -> MeterMemory:
    """Compare a meter that does not move with chargers that do, and with its own past."""
    if meter.doubt_s < inf or draws_s < meter.same_since_s + FROZEN_ALIGN_S:
        return meter
    if meter.same_draw_a is None:
        missed = _missed(meter, draws_a)
        return replace(meter, same_draw_a=draws_a, doubt_s=now_s if missed else inf)
    change_a = max([abs(a - b) for a, b in zip(draws_a, meter.same_draw_a, strict=True)])
    if change_a > FROZEN_CHANGE_A or _missed(meter, draws_a):
        return replace(meter, doubt_s=now_s)
    return meter


def _missed(meter: MeterMemory, draws_a: tuple[float, ...]) -> bool:
    """Whether the chargers changed about when the readings stopped, and no reading shows it.

    Where a reading moved nothing is sure: a cut follows a step of the house.
    """
    if meter.last is None or meter.last.time_s == meter.same_since_s:
        return False
    for phase, drawn_a in enumerate(draws_a):
        known = _known(meter, phase)
        if known is None or abs(drawn_a - known[1]) <= FROZEN_CHANGE_A:
            continue
        shown_a = [it.current_a[phase] for it in meter.ring if it.time_s >= known[0]]
        if max(shown_a) - min(shown_a) < FROZEN_CHANGE_A / 2:
            return True
    return False


def _known(meter: MeterMemory, phase: int) -> tuple[float, float] | None:
    """Return the newest moment before the readings stopped, and what was surely drawn then.

    That is a reading between two draws that agree. The newest reading need not be one: a car that
    left may have been heard before the first reading that stood still.
    """
    for reading in reversed(meter.ring):
        if reading.time_s > meter.same_since_s - BEFORE_S:
            continue
        known_s = reading.time_s - FROZEN_ALIGN_S
        earlier = [a[phase] for time_s, a in meter.trail if time_s <= known_s]
        later = [
            a[phase] for time_s, a in meter.trail if reading.time_s <= time_s <= meter.same_since_s
        ]
        if earlier and later and abs(later[0] - earlier[-1]) < AGREE_A:
            return reading.time_s, earlier[-1]
    return None


def _lost(meter: MeterMemory, spec: MainsMeterSpec, now_s: float) -> MeterHealth | None:
    """Return why the meter cannot be believed now, None if it can."""
    if meter.last is None or now_s - meter.last.time_s > spec.silent_after_s:
        return _silence(meter, now_s, spec)
    if now_s - meter.doubt_s > FROZEN_AFTER_S and meter.last.time_s > meter.doubt_s:
        return MeterHealth.IMPLAUSIBLE
    if meter.moves >= LIVELY_MOVES:
        longest_s = max(STANDSTILL_S, STANDSTILL_TIMES * meter.stood_s)
        if meter.last.time_s - meter.stands_since_s > longest_s:
            return MeterHealth.IMPLAUSIBLE
    return None


def _silence(meter: MeterMemory, now_s: float, spec: MainsMeterSpec) -> MeterHealth:
    """Tell a meter that says nothing from one that says nonsense."""
    nonsense = now_s - meter.rejected_s <= spec.silent_after_s
    return MeterHealth.IMPLAUSIBLE if nonsense else MeterHealth.SILENT
