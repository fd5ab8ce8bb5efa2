"""What flows at the grid connection where a generator has a meter of its own (DER-14, DER-15).

On the line side the mains clamps see the house alone; the grid carries what they show together with
what the generator takes (negative while it delivers). On the load side the clamps see the balance.
A generator whose reading is too old counts at the worst: on the line side it delivers nothing, so
that there is no surplus and the grid carries all; on the load side, where only a collar feels it,
it delivers all it can.
"""

from dataclasses import replace
from math import isfinite

from .layout import Layout
from .memory import MeterMemory, Reading
from .meter import FUTURE_S, RING
from .model import GeneratorSide, MainsSample

ABSURD_FACTOR = 2
"""A generator's breaker would be open at this multiple of its rating."""


def readings(
    past: tuple[Reading, ...],
    meter: MeterMemory,
    sample: MainsSample | None,
    layout: Layout,
    now_s: float,
) -> tuple[Reading, ...]:
    """Return the newest readings of the grid connection, oldest first.

    ``sample`` is the newest one of the generator. A site without one has the meter's own ring.
    """
    if layout.spec.generator is None or meter.last is None:
        return meter.ring
    reading = _combined(meter.last, sample, layout, now_s)
    again = past and past[-1].time_s == reading.time_s
    return (*(past[:-1] if again else past[1 - RING :]), reading)


def _combined(
    reading: Reading, sample: MainsSample | None, layout: Layout, now_s: float
) -> Reading:
    """Return a reading of the mains meter put together with the generator's."""
    spec = layout.spec
    taken_a = _taken_a(reading, sample, layout, now_s)
    line_side = spec.generator is GeneratorSide.LINE
    if taken_a is None:
        worst_a = 0.0 if line_side else spec.generator_rating_a
        return replace(reading, delivered_a=(worst_a,) * len(spec.phases))
    delivered_a = tuple([-a for a in taken_a])
    if not line_side:
        return replace(reading, delivered_a=delivered_a)
    powers_w = [sample.power_w.get(phase) for phase in spec.phases] if sample else []
    taken_w = sum(
        [
            power_w if power_w is not None and isfinite(power_w) else a * v
            for power_w, a, v in zip(powers_w, taken_a, reading.voltage_v, strict=True)
        ]
    )
    return replace(
        reading,
        current_a=tuple([a + b for a, b in zip(reading.current_a, taken_a, strict=True)]),
        power_w=reading.power_w + taken_w,
        delivered_a=delivered_a,
    )


def _taken_a(
    reading: Reading, sample: MainsSample | None, layout: Layout, now_s: float
) -> tuple[float, ...] | None:
    """Return what the generator takes per phase, None if that is not known."""
    spec = layout.spec
    if sample is None:
        return None
    if not -FUTURE_S <= now_s - sample.time_s <= spec.generator_silent_after_s:
        return None
    taken_a = []
    for phase, voltage_v in zip(spec.phases, reading.voltage_v, strict=True):
        current_a = sample.current_a.get(phase)
        power_w = sample.power_w.get(phase)
        if current_a is None and power_w is not None:
            current_a = power_w / voltage_v
        most_a = ABSURD_FACTOR * spec.generator_rating_a
        if current_a is None or not -most_a <= current_a <= most_a:
            return None
        taken_a.append(current_a)
    return tuple(taken_a)
