"""The baselines do what the balancers that they stand for did.

The expected figures come from runs of these balancers' own classes in idealised plants: three
equal phases, one fixed lag. Where a house or a lag was not told, the test says which it takes. A
tolerance of a second or two is the order of events within a tick.
"""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.control.constant_load import INSTANT, ideal_run, over_s, total_a
from benchmarks.control.contract import (
    ChargerPlace,
    ChargerSample,
    HomeSpec,
    Maker,
    MeterSample,
    Mode,
    Sight,
)
from benchmarks.control.metrics import longest
from benchmarks.control.rivals import elb
from benchmarks.control.rivals.cryptotomte import cryptotomte
from benchmarks.control.rivals.sem import night_charging
from benchmarks.control.rivals.watt_o_balancer import WattOBalancer, watt_o_balancer
from benchmarks.control.world import Amperes, ChargerKind, MeterKind, Record, run

THREE_PHASES = HomeSpec(
    fuse_a=25.0,
    phases=3,
    chargers=(ChargerPlace(lines=(0, 1, 2), maximum_a=16),),
    charger_period_s=1,
)
SINGLE_PHASE = HomeSpec(fuse_a=32.0, chargers=(ChargerPlace(maximum_a=28),), charger_period_s=1)
LAG_S = 2
ALL = (
    elb.optimised,
    elb.conservative,
    elb.conservative_mended,
    watt_o_balancer,
    cryptotomte,
    night_charging,
)


def house(*parts: tuple[float, int]) -> Amperes:
    """Return the load of a phase: amperes for so many seconds, one part after the other."""
    return np.concatenate([np.full(seconds, current_a) for current_a, seconds in parts])


def three_phases(load_a: Amperes, maker: Maker, *, lag_s: int = LAG_S, taken_a: int = 16) -> Record:
    """Run an event-free balancer; without noise the meter's whole amperes are exact."""
    car = replace(INSTANT, maximum_a=float(taken_a))
    return ideal_run(THREE_PHASES, [load_a] * 3, maker, lag_s=lag_s, car=car, noise_a=0.0)


def sent(record: Record, since_s: int = 0) -> list[tuple[int, int]]:
    """Return (second, amperes) of the commands after a second, counted from it."""
    return [
        (int(time_s) - since_s, int(current_a))
        for time_s, _, current_a in record.commands
        if time_s >= since_s
    ]


# dirkgroenen/hass-evse-load-balancer


@pytest.mark.parametrize("lag_s", [2, 10, 14])
def test_a_cut_is_undone_when_the_charger_shows_it_soon(lag_s: int) -> None:
    record = three_phases(house((4, 120), (14, 31), (4, 7049)), elb.optimised, lag_s=lag_s)

    assert [current_a for _, current_a in sent(record)] == [16, 11, 16]


@pytest.mark.parametrize("lag_s", [16, 20, 60])
def test_a_cut_that_the_charger_shows_late_is_taken_for_its_user_s_wish(lag_s: int) -> None:
    """Two hours end at 11 A; the house is told as 4 A, for half a minute 14 A."""
    record = three_phases(house((4, 120), (14, 31), (4, 7049)), elb.optimised, lag_s=lag_s)

    assert [current_a for _, current_a in sent(record)] == [16, 11]
    assert record.drawn_a[0][-1] == 11


def test_it_raises_while_the_fuse_is_overloaded() -> None:
    """26 A on a 25 A fuse, 3 A become 16 A, 42 A flow for 21 s (+-1 s)."""
    record = three_phases(house((5, 60), (22, 200), (5, 705), (26, 60)), elb.optimised)

    assert sent(record) == [(0, 16), (69, 3), (970, 16), (991, 0)]
    high = total_a(record) > 26.5
    assert total_a(record).max() == 42
    assert longest(high[300:]) == pytest.approx(21, abs=1)


OVERLOADED = house((9, 60), (20, 840))
"""The car's 16 A fit, then 11 A too much flow."""


def test_the_conservative_balancer_is_inert() -> None:
    record = three_phases(OVERLOADED, elb.conservative)

    assert sent(record, 60) == []
    assert over_s(record) == 840


def test_the_mended_conservative_balancer_cuts_at_once() -> None:
    record = three_phases(OVERLOADED, elb.conservative_mended)

    assert sent(record, 60) == [(0, 5)]
    assert over_s(record) == LAG_S


def test_the_optimised_balancer_bears_an_overload_for_a_while() -> None:
    """0.44 of the fuse too much for 10 s; the risk reaches its limit in the tenth second."""
    record = three_phases(OVERLOADED, elb.optimised)

    assert sent(record, 60) == [(9, 5)]


def test_a_car_below_its_limit_needs_three_cuts() -> None:
    """10 A of 16 A are taken: three cuts 21 s apart, 73 s of overload (+-1 s); house 19 A."""
    record = three_phases(house((5, 60), (19, 300)), elb.optimised, taken_a=10)

    cuts = [second for second, _ in sent(record, 60)]
    assert len(cuts) == 3
    assert [after - before for before, after in pairwise(cuts)] == [21, 21]
    assert over_s(record) == pytest.approx(73, abs=1)


def test_it_offers_less_than_a_car_can_take_and_recovers_late() -> None:
    """Three minutes of a kettle cost a quarter of an hour: 8.28 of 10.49 kWh (+-0.01)."""
    record = three_phases(house((9, 60), (20, 180), (9, 3600)), elb.optimised)

    assert sent(record, 60) == [(9, 5), (910, 16)]
    hour = slice(60, 3660)
    assert record.drawn_a[0][hour].sum() * 3 * 230 / 3.6e6 == pytest.approx(8.28, abs=0.01)
    fits_a = np.where(THREE_PHASES.fuse_a - record.house_a[0] >= 16, 16, 0)
    assert fits_a[hour].sum() * 3 * 230 / 3.6e6 == pytest.approx(10.49, abs=0.01)


def test_a_new_car_may_have_the_charger_s_maximum_again() -> None:
    plugged = [True] * 2000 + [False] * 60 + [True] * 1000
    record = run(
        THREE_PHASES,
        [house((4, 120), (14, 31), (4, 2909))] * 3,
        elb.optimised,
        kinds=[ChargerKind(car=replace(INSTANT, lines=3), command_s=19)],
        meter=MeterKind(latency_s=0, noise_a=0.0),
        connected=lambda now_s, _: plugged[int(now_s)],
    )

    assert sent(record) == [(0, 16), (149, 11), (2060, 16)]


def test_a_phase_that_the_charger_does_not_use_binds_it_all_the_same() -> None:
    home = replace(THREE_PHASES, chargers=(ChargerPlace(lines=(0,), maximum_a=16),))
    free_a, full_a = house((2, 120)), house((24, 120))
    record = ideal_run(home, [free_a, full_a, free_a], elb.optimised, noise_a=0.0)

    assert sent(record) == [(0, 1)]


# alexisml/Watt-O-Balancer


def balanced(maker: Maker, lag_s: int, seconds: int = 300) -> Record:
    """Run the step that needs 12 A; it comes at 60 s, and 28 A fit before it."""
    load_a = house((3.5, 60), (19.5, seconds - 60))
    return ideal_run(SINGLE_PHASE, [load_a], maker, lag_s=lag_s)


WITHOUT_STATUS: Maker = partial(watt_o_balancer, status_sensor=False)


def test_the_step_that_needs_12_a_gets_12_a_from_an_instant_car() -> None:
    record = balanced(WITHOUT_STATUS, 1)

    assert sent(record) == [(0, 28), (60, 12)]


@pytest.mark.parametrize("lag_s", [2, 3, 5, 10])
def test_any_lag_beyond_a_tick_makes_a_full_stop_of_it(lag_s: int) -> None:
    """28, 12, 0 A, and back after about 50 s (48 to 56 s here)."""
    record = balanced(WITHOUT_STATUS, lag_s)

    after = sent(record, 60)
    assert after[:2] == [(0, 12), (1, 0)]
    assert after[-1] == (46 + lag_s, 12)


def test_a_lag_of_20_s_makes_it_oscillate() -> None:
    """Between 0 and 16 A every 90 s (+-2 s), above the limit for 62 s of 300 s (+-2 s)."""
    record = balanced(WITHOUT_STATUS, 20)

    after = sent(record, 60)
    assert max(current_a for _, current_a in after[2:]) == 16
    stops = [second for second, current_a in after if current_a == 0]
    assert np.diff(stops) == pytest.approx(90, abs=2)
    assert over_s(record) == pytest.approx(62, abs=2)


def test_with_the_charger_s_status_it_oscillates_too() -> None:
    """With the status it waits for the car; that takes a lag longer each time."""
    record = balanced(watt_o_balancer, 20, seconds=600)

    stops = [second for second, current_a in sent(record, 60) if current_a == 0]
    assert np.diff(stops) == pytest.approx(110, abs=5)


def test_hours_of_silence_leave_28_a() -> None:
    """The meter dies, then the house needs 16 A more: nothing is sent, 48 A flow for 3 h."""
    meter = MeterKind(latency_s=0, fault=lambda now_s, sample: sample if now_s < 120 else None)
    record = run(
        SINGLE_PHASE,
        [house((3.5, 180), (19.5, 3 * 3600))],
        WITHOUT_STATUS,
        kinds=[ChargerKind(car=INSTANT, command_s=0)],
        meter=meter,
    )

    assert record.drawn_a[0][-1] == 28
    assert sent(record, 120) == []
    assert over_s(record) == 3 * 3600


def watts(controller: WattOBalancer, *power_w: float) -> list[int]:
    """Return the command after each of the meter's values, one a second."""
    commands = []
    for second, value_w in enumerate(power_w):
        meter = MeterSample(float(second), (value_w / 230,), value_w)
        controller.step(Sight(float(second), meter, (None,)))
        commands.append(controller.command_a)
    return commands


def test_a_house_that_draws_less_than_the_car_should_counts_with_all_of_it() -> None:
    """28 A were asked for and 20 A flow in all: it takes these for the house."""
    controller = watt_o_balancer(SINGLE_PHASE, 0)

    assert watts(controller, 2 * 230, 20 * 230) == [28, 12]


def test_an_absurd_value_is_no_value() -> None:
    controller = watt_o_balancer(SINGLE_PHASE, 0)

    assert watts(controller, 2 * 230, 300_000, 10 * 230 + 28 * 230) == [28, 28, 22]


def test_a_phase_without_a_value_hides_the_fullest_one() -> None:
    controller = watt_o_balancer(THREE_PHASES, 0)
    for second, last_a in enumerate((5.0, float("nan"))):
        meter = MeterSample(float(second), (4.0, 5.0, last_a), 9 * 230)
        controller.step(Sight(float(second), meter, (None,)))

    assert controller.command_a == 0


def test_a_meter_that_says_that_it_has_no_value_makes_it_stop() -> None:
    nothing = MeterSample(0.0, (float("nan"),), float("nan"))
    meter = MeterKind(
        latency_s=0,
        fault=lambda now_s, sample: sample if now_s < 60 else replace(nothing, time_s=now_s),
    )
    record = run(
        SINGLE_PHASE,
        [house((3.5, 120))],
        watt_o_balancer,
        kinds=[ChargerKind(car=INSTANT, command_s=0)],
        meter=meter,
    )

    assert sent(record, 60) == [(0, 0)]


# cryptotomte/ev-load-balancer


@pytest.mark.parametrize("age_s", range(5, 11))
def test_old_charger_data_make_it_hunt(age_s: int) -> None:
    """Between 6 and 16 A, over the fuse for 204 to 280 s of 600 s (+-2 s).

    The plant's lag was not told; 5 s and a house of 10.5 A give this range.
    """
    load_a = house((10.5, 600))
    record = ideal_run(THREE_PHASES, [load_a] * 3, cryptotomte, lag_s=5, data_age_s=age_s)

    assert 202 <= over_s(record) <= 282
    hunted = {current_a for _, current_a in sent(record, 60)}
    assert {6, 16} <= hunted


@pytest.mark.parametrize("lag_s", [1, 2, 5, 10])
def test_fresh_charger_data_keep_it_still(lag_s: int) -> None:
    load_a = house((10.5, 600))
    record = ideal_run(THREE_PHASES, [load_a] * 3, cryptotomte, lag_s=lag_s)

    assert [current_a for _, current_a in sent(record)] == [12]
    assert over_s(record) == 0


def test_it_pauses_after_15_s_and_resumes_after_30_s() -> None:
    load_a = house((4, 120), (20.5, 60), (4, 120))
    record = ideal_run(THREE_PHASES, [load_a] * 3, cryptotomte, lag_s=1)

    assert sent(record, 120) == [(0, 6), (15, 0), (90, 16)]


def test_a_raise_waits_for_5_s_after_the_last_command() -> None:
    load_a = house((3.5, 120), (13.5, 2), (3.5, 60))
    record = ideal_run(THREE_PHASES, [load_a] * 3, cryptotomte, lag_s=1)

    assert sent(record, 120) == [(0, 9), (5, 16)]


def test_a_pause_lasts_until_there_are_8_a() -> None:
    load_a = house((4, 120), (20.5, 60), (15.5, 120), (14.5, 60))
    record = ideal_run(THREE_PHASES, [load_a] * 3, cryptotomte, lag_s=1)

    assert sent(record, 120) == [(0, 6), (15, 0), (210, 8)]


def test_without_all_its_sensors_it_goes_to_6_a_or_pauses() -> None:
    controller = cryptotomte(THREE_PHASES, 0)
    nan = float("nan")

    def told(now_s: float, *current_a: float) -> list[tuple[int, float]]:
        meter = MeterSample(now_s, current_a, sum(current_a) * 230)
        charger = ChargerSample(now_s, True, True, (12.0,) * 3, 12)
        return list(controller.step(Sight(now_s, meter, (charger,))))

    assert told(0, 16.0, 16.0, 16.0) == []
    assert told(1, nan, 16.0, 16.0) == [(0, 6)]
    assert told(2, nan, nan, nan) == [(0, 0)]


# traktore-org/sem-community


def test_at_night_it_takes_the_headroom_for_the_target() -> None:
    """It settles at 8 to 9 A (7 A for a cycle, when noise moves it) where 17 A fit."""
    home = replace(THREE_PHASES, chargers=(ChargerPlace(lines=(0, 1, 2)),))
    record = ideal_run(home, [house((8, 1200))] * 3, night_charging, lag_s=LAG_S)

    settled_a = record.drawn_a[0][120:]
    assert 7 <= settled_a.min() <= settled_a.max() <= 9
    assert settled_a.mean() == pytest.approx(8.5, abs=0.5)


def test_it_cuts_by_2_a_in_10_s_at_most() -> None:
    load_a = house((0, 300), (24, 120))
    record = ideal_run(THREE_PHASES, [load_a] * 3, night_charging, lag_s=LAG_S)

    before_a = int(record.offered_a[0][299])
    cuts = sent(record, 300)
    assert before_a >= 12
    assert all(after[0] - before[0] == 10 for before, after in pairwise(cuts))
    steps_a = np.diff([before_a, *(current_a for _, current_a in cuts)])
    assert steps_a.min() == -2
    assert cuts[-1][1] == 6
    assert over_s(record) == 120


# all of them


@pytest.mark.parametrize("maker", ALL)
def test_a_home_beyond_a_balancer_is_refused(maker: Maker) -> None:
    with pytest.raises(ValueError, match="one charger"):
        maker(replace(THREE_PHASES, chargers=THREE_PHASES.chargers * 2), 0)
    with pytest.raises(ValueError, match="no mode green"):
        maker(replace(THREE_PHASES, mode=Mode.GREEN), 0)


@pytest.mark.parametrize("maker", ALL)
def test_nothing_is_sent_before_anything_is_known(maker: Maker) -> None:
    controller = maker(THREE_PHASES, 0)

    assert [list(controller.step(Sight(float(now), None, (None,)))) for now in range(60)] == [
        []
    ] * 60


@pytest.mark.parametrize("maker", ALL)
def test_a_meter_without_values_raises_nothing(maker: Maker) -> None:
    """What is NaN may be answered by a cut, or not at all, but never by a raise."""
    controller = maker(THREE_PHASES, 0)
    meter = MeterSample(0.0, (float("nan"),) * 3, float("nan"))
    charger = ChargerSample(0.0, True, True, (6.0,) * 3, 6)

    for now_s in range(60):
        sight = Sight(float(now_s), replace(meter, time_s=float(now_s)), (charger,))
        assert all(current_a == 0 for _, current_a in controller.step(sight))
