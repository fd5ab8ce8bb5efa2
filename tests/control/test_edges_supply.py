"""What a generator's and the mains meter's readings count for, to the second and the ampere."""

from dataclasses import replace
from math import inf, nan

import pytest

from custom_components.evse_suite.control.answer import MeterHealth
from custom_components.evse_suite.control.evidence import ClampMemory
from custom_components.evse_suite.control.layout import Layout, compile_layout
from custom_components.evse_suite.control.memory import MeterMemory, Reading
from custom_components.evse_suite.control.meter import health, watch
from custom_components.evse_suite.control.model import (
    GeneratorSide,
    MainsMeterSpec,
    MainsSample,
    SiteSpec,
)
from custom_components.evse_suite.control.net import readings
from tests.control.plant import L1, fuse

METER = MainsMeterSpec(key="m", period_s=1.0, silent_after_s=8.0)
MAINS = Reading(
    time_s=100.0, current_a=(10.0,), power_w=2300.0, active_a=(10.0,), voltage_v=(230.0,)
)


def layout(side: GeneratorSide | None = None) -> Layout:
    return compile_layout(
        SiteSpec(
            phases=(L1,),
            voltage_v=230.0,
            meter=METER,
            caps=(fuse(25, L1),),
            chargers=(),
            generator=side,
            generator_rating_a=20.0,
        )
    )


def sample(time_s: float, current_a: float, *, voltage_v: float = 230.0) -> MainsSample:
    return MainsSample(
        time_s=time_s,
        current_a={L1: current_a},
        power_w={L1: current_a * 230.0},
        voltage_v={L1: voltage_v},
    )


def grid(side: GeneratorSide, told: MainsSample | None, now_s: float = 100.0) -> Reading:
    meter = MeterMemory(started_s=0.0, last=MAINS, ring=(MAINS,))
    return readings((), meter, told, layout(side), now_s)[-1]


def test_on_the_line_side_the_grid_carries_house_and_generator_together() -> None:
    # DER-15
    reading = grid(GeneratorSide.LINE, sample(100.0, -15.0))
    assert (reading.current_a, reading.delivered_a) == ((-5.0,), (15.0,))
    assert reading.power_w == 2300.0 - 15.0 * 230.0
    behind = grid(GeneratorSide.LOAD, sample(100.0, -15.0))
    assert (behind.current_a, behind.delivered_a, behind.power_w) == ((10.0,), (15.0,), 2300.0)


@pytest.mark.parametrize(
    ("time_s", "current_a", "known"),
    [
        (90.0, -15.0, True),
        (89.9, -15.0, False),
        (101.0, -15.0, True),
        (101.1, -15.0, False),
        (100.0, -40.0, True),
        (100.0, -40.1, False),
        (100.0, 40.0, True),
        (100.0, 40.1, False),
        (100.0, nan, False),
    ],
)
def test_a_generator_that_cannot_be_believed_counts_at_the_worst(
    time_s: float, current_a: float, *, known: bool
) -> None:
    # DER-15, promise 2
    told = sample(time_s, current_a)
    line = grid(GeneratorSide.LINE, told)
    load = grid(GeneratorSide.LOAD, told)
    assert line.delivered_a == ((-current_a,) if known else (0.0,))
    assert load.delivered_a == ((-current_a,) if known else (20.0,))
    assert line.current_a == ((10.0 + current_a,) if known else (10.0,))


def test_a_generator_that_tells_only_its_power_is_believed() -> None:
    # DER-15
    told = replace(sample(100.0, -15.0), current_a={})
    assert grid(GeneratorSide.LINE, told).delivered_a == (15.0,)
    dumb = replace(told, power_w={})
    assert grid(GeneratorSide.LINE, dumb).delivered_a == (0.0,)


def seen(*samples: MainsSample) -> MeterMemory:
    meter: MeterMemory | None = None
    for one in samples:
        meter = watch(meter, one, layout(), draws_a=(0.0,), draws_s=-inf, now_s=one.time_s)
    assert meter is not None
    return meter


@pytest.mark.parametrize(
    ("now_s", "verdict"),
    [(103.0, MeterHealth.OK), (103.1, MeterHealth.LATE), (108.0, MeterHealth.LATE)],
)
def test_a_reading_is_late_after_two_periods_and_a_half(now_s: float, verdict: MeterHealth) -> None:
    # SITE-5, promise 2
    assert health(seen(sample(100.0, 5.0)), ClampMemory(), METER, now_s) is verdict


@pytest.mark.parametrize(("now_s", "lost"), [(108.0, None), (108.1, MeterHealth.SILENT)])
def test_a_reading_is_unknown_after_its_limit(now_s: float, lost: MeterHealth | None) -> None:
    # SITE-5, promise 2
    meter = watch(
        seen(sample(100.0, 5.0)), None, layout(), draws_a=(0.0,), draws_s=-inf, now_s=now_s
    )
    assert meter.lost is lost


def test_a_meter_that_never_spoke_is_starting_and_then_silent() -> None:
    # SITE-5
    meter = MeterMemory(started_s=100.0)
    assert health(meter, ClampMemory(), METER, 108.0) is MeterHealth.STARTING
    assert health(meter, ClampMemory(), METER, 108.1) is MeterHealth.SILENT
    rejected = replace(meter, rejected_s=105.0)
    assert health(rejected, ClampMemory(), METER, 113.0) is MeterHealth.IMPLAUSIBLE
    assert health(rejected, ClampMemory(), METER, 113.1) is MeterHealth.SILENT


def test_three_good_readings_end_a_silence_and_a_relapse_takes_five_times_as_many() -> None:
    # SITE-5
    meter = MeterMemory(started_s=0.0, last=MAINS, lost=MeterHealth.SILENT)
    lost = []
    for second in range(1, 5):
        told = sample(100.0 + second, 5.0 + second)
        meter = watch(meter, told, layout(), draws_a=(0.0,), draws_s=-inf, now_s=told.time_s)
        lost.append(meter.lost)
    assert lost == [MeterHealth.SILENT, MeterHealth.SILENT, None, None]
    assert meter.believed_s == 103.0
    meter = watch(meter, None, layout(), draws_a=(0.0,), draws_s=-inf, now_s=120.0)
    assert (meter.lost, meter.relapses) == (MeterHealth.SILENT, 1)
    for second in range(15):
        assert meter.lost is MeterHealth.SILENT
        told = sample(121.0 + second, 5.0 + second / 2)
        meter = watch(meter, told, layout(), draws_a=(0.0,), draws_s=-inf, now_s=told.time_s)
    assert meter.lost is None


@pytest.mark.parametrize(
    ("told", "accepted"),
    [
        (sample(101.0, 100.0), True),
        (sample(101.0, 100.1), False),
        (sample(101.0, nan), False),
        (sample(101.0, inf), False),
        (sample(100.0, 5.0), False),
        (replace(sample(101.0, 10.0), power_w={L1: 14.0 * 230.0}), True),
        (replace(sample(101.0, 10.0), power_w={L1: 14.1 * 230.0}), False),
        (replace(sample(101.0, 10.0), power_w={}), True),
        (replace(sample(101.0, 10.0), current_a={}), False),
    ],
)
def test_only_what_can_be_true_is_taken_in(told: MainsSample, *, accepted: bool) -> None:
    # SITE-5: one reading of four times the fuse's rating is a spike, more power than current a lie
    meter = watch(
        MeterMemory(started_s=0.0, last=MAINS, ring=(MAINS,)),
        told,
        layout(),
        draws_a=(0.0,),
        draws_s=-inf,
        now_s=101.0,
    )
    assert (meter.last is not MAINS) is accepted


@pytest.mark.parametrize(
    ("voltage_v", "taken_v"),
    [(49.9, 230.0), (50.0, 50.0), (460.0, 460.0), (460.1, 230.0), (nan, 230.0)],
)
def test_a_voltage_that_cannot_be_true_is_the_nominal_one(voltage_v: float, taken_v: float) -> None:
    # SITE-5
    told = replace(sample(100.0, 1.0, voltage_v=voltage_v), power_w={L1: 50.0})
    meter = seen(told)
    assert meter.last is not None
    assert meter.last.voltage_v == (taken_v,)
