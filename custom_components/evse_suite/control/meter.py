"""Is the mains measurement to be believed, and how old is it? (promise 2, SITE-5).

A reading that is absurd, repeated or out of order is as good as none: the age of the last good one
keeps growing. A meter that keeps answering the same figures while the chargers' draw changes is
frozen, and its readings count for nothing either.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import inf, isfinite

from .layout import Layout
from .memory import MeterMemory, Reading
from .model import MainsMeterSpec, MainsSample, MeterHealth, Phase

RING = 16
GOOD_AGAIN = 3
"""Good readings in a row before a meter that was lost is believed again."""
LATE_PERIODS = 2.5
LATE_GRACE_S = 0.5
FUTURE_S = 1.0
"""A time stamp this far ahead is another clock's."""
FROZEN_CHANGE_A = 3.0
FROZEN_AFTER_S = 10.0
FROZEN_ALIGN_S = 1.5
"""A charger may report a change this much later than the meter did."""
LEAST_VOLTAGE_V = 50.0


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
    if sample is not None and last_s < sample.time_s <= now_s + FUTURE_S:
        meter = _accept(meter, sample, layout, now_s)
    if meter.last is None:
        return meter
    meter = _suspect(meter, draws_a, draws_s, now_s)
    lost = _lost(meter, layout.spec.meter, now_s)
    if lost is not None:
        return meter if lost is meter.lost and not meter.good else replace(meter, lost=lost, good=0)
    if meter.lost is not None and meter.good >= GOOD_AGAIN:
        return replace(meter, lost=None)
    return meter


def health(meter: MeterMemory, spec: MainsMeterSpec, now_s: float) -> MeterHealth:
    """Return the verdict for this cycle; only OK lets a current rise."""
    if meter.lost is not None:
        return meter.lost
    if meter.last is None:
        if now_s - meter.started_s <= spec.silent_after_s:
            return MeterHealth.STARTING
        return _silence(meter, now_s, spec)
    late = now_s - meter.last.time_s > LATE_PERIODS * spec.period_s + LATE_GRACE_S
    return MeterHealth.LATE if late or meter.doubt_s < inf else MeterHealth.OK


def _accept(meter: MeterMemory, sample: MainsSample, layout: Layout, now_s: float) -> MeterMemory:
    """Add a new sample, unless its figures cannot be true."""
    reading = _reading(sample, layout)
    if reading is None:
        return replace(meter, rejected_s=now_s, good=0)
    last = meter.last
    same = (
        last is not None and last.current_a == reading.current_a and last.power_w == reading.power_w
    )
    return MeterMemory(
        started_s=meter.started_s,
        last=reading,
        ring=(*meter.ring[1 - RING :], reading),
        good=meter.good + 1,
        lost=meter.lost,
        rejected_s=meter.rejected_s,
        same_since_s=meter.same_since_s if same else reading.time_s,
        same_draw_a=meter.same_draw_a if same else None,
        doubt_s=meter.doubt_s if same else inf,
    )


def _reading(sample: MainsSample, layout: Layout) -> Reading | None:
    """Return the sample in the site's order of phases, None if a current is missing or absurd."""
    phases = layout.spec.phases
    currents = tuple([sample.current_a.get(phase, inf) for phase in phases])
    for current_a in currents:
        # A comparison with NaN is false, infinity is beyond every limit.
        if not -layout.plausible_a <= current_a <= layout.plausible_a or not isfinite(current_a):
            return None
    nominal_v = layout.spec.voltage_v
    voltages = tuple([_voltage(sample.voltage_v, phase, nominal_v) for phase in phases])
    power_w = sum([sample.power_w.get(phase, inf) for phase in phases])
    if not isfinite(power_w):
        power_w = sum([a * v for a, v in zip(currents, voltages, strict=True)])
    return Reading(time_s=sample.time_s, current_a=currents, power_w=power_w, voltage_v=voltages)


def _voltage(voltage_v: Mapping[Phase, float], phase: Phase, nominal_v: float) -> float:
    """Return the measured voltage, or the nominal one where the measured one cannot be true."""
    measured = voltage_v.get(phase, nominal_v)
    return measured if LEAST_VOLTAGE_V <= measured <= 2 * nominal_v else nominal_v


def _suspect(
    meter: MeterMemory, draws_a: tuple[float, ...], draws_s: float, now_s: float
) -> MeterMemory:
    """Compare a meter that does not move with chargers that do."""
    if meter.same_draw_a is None:
        if draws_s >= meter.same_since_s + FROZEN_ALIGN_S:
            return replace(meter, same_draw_a=draws_a)
        return meter
    change_a = max([abs(a - b) for a, b in zip(draws_a, meter.same_draw_a, strict=True)])
    if change_a > FROZEN_CHANGE_A and meter.doubt_s == inf:
        return replace(meter, doubt_s=now_s)
    return meter


def _lost(meter: MeterMemory, spec: MainsMeterSpec, now_s: float) -> MeterHealth | None:
    """Return why the meter cannot be believed now, None if it can."""
    if meter.last is None or now_s - meter.last.time_s > spec.silent_after_s:
        return _silence(meter, now_s, spec)
    if now_s - meter.doubt_s > FROZEN_AFTER_S and meter.last.time_s > meter.doubt_s:
        return MeterHealth.IMPLAUSIBLE
    return None


def _silence(meter: MeterMemory, now_s: float, spec: MainsMeterSpec) -> MeterHealth:
    """Tell a meter that says nothing from one that says nonsense."""
    nonsense = now_s - meter.rejected_s <= spec.silent_after_s
    return MeterHealth.IMPLAUSIBLE if nonsense else MeterHealth.SILENT
