"""Meters and chargers that lie, hang or vanish (SITE-5, promises 2, 3 and 6)."""

from dataclasses import replace
import itertools
import math

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, MeterHealth, Reason
from custom_components.evse_suite.control.decide import decide
from custom_components.evse_suite.control.model import ChargerSpec, MainsSample, SiteMode, Wish
from tests.control.plant import (
    L1,
    THREE_SECONDS,
    TYPICAL,
    Car,
    Charger,
    MeterFault,
    Plant,
    constant,
    one_charger,
    stepped,
)

FAULT_S = 1060.0
BACK_S = 1120.0


def home(
    *,
    safe_a: int = 0,
    fault: MeterFault | None = None,
    house_a: float = 5.0,
    step_a: float | None = None,
    mode: SiteMode = SiteMode.POWER,
    limit_a: float = 25,
    maximum_a: int = 16,
    car: Car = TYPICAL,
) -> Plant:
    charger = Charger(
        spec=ChargerSpec(key="a", name="A", phases=(L1,), maximum_a=maximum_a, safe_a=safe_a),
        device_a=16,
        car=car,
        poll_phase_s=0.4,
    )
    house = stepped((0, house_a), (FAULT_S, house_a if step_a is None else step_a))
    return one_charger(
        limit_a,
        house,
        charger=charger,
        mode=mode,
        noise_a=0.05,
        fault=fault,
        keep_decisions=True,
        dt_s=0.2,
    )


def between(value: MainsSample | float | None) -> MeterFault:
    """Return a fault that lasts for a minute: no reading, or every current replaced."""

    def fault(now_s: float, sample: MainsSample) -> MainsSample | None:
        if not FAULT_S < now_s < BACK_S:
            return sample
        if isinstance(value, float):
            return replace(sample, current_a=dict.fromkeys(sample.current_a, value))
        return value

    return fault


@pytest.mark.parametrize("mode", [SiteMode.POWER, SiteMode.HYBRID, SiteMode.GREEN])
@pytest.mark.parametrize("safe_a", [0, 6])
def test_a_silent_meter_means_the_safe_current_in_every_mode(mode: SiteMode, safe_a: int) -> None:
    plant = home(safe_a=safe_a, fault=between(None), mode=mode, house_a=-17.0)
    plant.run(55)
    plant.chargers[0].device_a = max(plant.chargers[0].device_a, 6)
    plant.run(25)
    assert plant.chargers[0].device_a == safe_a
    silent = [d for d in plant.decisions if d.meter_health is MeterHealth.SILENT]
    assert silent[0].time_s <= FAULT_S + 10 + 2.2
    assert silent[-1].alarms[0].kind is AlarmKind.METER_SILENT
    assert silent[-1].chargers[0].reason is Reason.METER_SILENT
    assert silent[-1].phases[0].mains_a is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 900.0, -900.0])
def test_nonsense_is_no_reading(value: float) -> None:
    plant = home(safe_a=6, fault=between(value))
    plant.run(80)
    during = plant.decisions[-1]
    assert during.meter_health is MeterHealth.IMPLAUSIBLE
    assert plant.chargers[0].device_a == 6
    assert during.alarms[0].kind is AlarmKind.METER_IMPLAUSIBLE
    plant.run(80)
    assert plant.decisions[-1].meter_health is MeterHealth.OK
    assert plant.chargers[0].device_a == 16


def test_a_meter_that_was_lost_has_to_answer_three_times() -> None:
    plant = home(fault=between(None))
    plant.run(130)
    back = [d.meter_health for d in plant.decisions if d.time_s >= BACK_S]
    readings = [MeterHealth.SILENT, MeterHealth.OK]
    assert [health for n, health in enumerate(back) if n == 0 or health != back[n - 1]] == readings
    first_ok = next(d for d in plant.decisions if d.time_s > BACK_S and d.meter_health == "ok")
    assert first_ok.time_s == pytest.approx(BACK_S + 2, abs=0.3)


def test_a_single_absurd_spike_changes_nothing() -> None:
    plant = home(fault=lambda t, s: replace(s, current_a={L1: 5e3}) if 1060 < t < 1061.2 else s)
    plant.run(120)
    assert plant.changes() == []


def test_a_repeated_or_older_sample_is_no_new_one() -> None:
    # Promise 2: the figures are good, their time does not move.
    kept: list[MainsSample] = []

    def stuck(now_s: float, sample: MainsSample) -> MainsSample:
        if now_s > FAULT_S:
            kept.append(sample)
            return replace(kept[0], time_s=kept[0].time_s - len(kept) % 3)
        return sample

    plant = home(fault=stuck)
    plant.run(80)
    assert plant.decision is not None
    assert plant.decision.meter_health is MeterHealth.SILENT
    assert plant.chargers[0].device_a == 0


def test_a_meter_that_comes_and_goes_does_not_make_the_charger_flap() -> None:
    plant = home(safe_a=6, fault=lambda t, s: None if t > FAULT_S and t % 20 < 13 else s)
    plant.run(660)
    assert [a for _, a in plant.changes()] == [6]


def test_a_frozen_meter_is_found_out_when_the_car_changes_and_it_does_not() -> None:
    frozen: list[MainsSample] = []

    def freeze(now_s: float, sample: MainsSample) -> MainsSample:
        if now_s < FAULT_S:
            return sample
        frozen.append(sample)
        return replace(frozen[0], time_s=sample.time_s)

    plant = home(fault=freeze, limit_a=60, maximum_a=32)
    plant.wishes = {"a": Wish(mode=SiteMode.POWER, ceiling_a=16)}
    plant.run(70)
    plant.wishes = {}
    plant.run(30)
    # 16 to 32 A was sent, the meter did not move: safe current, no further raise.
    assert [a for _, a in plant.changes()] == [32, 0]
    assert plant.decision is not None
    assert plant.decision.meter_health is MeterHealth.IMPLAUSIBLE


def test_a_late_meter_lets_nothing_rise() -> None:
    plant = home(fault=lambda t, s: None if t > FAULT_S else s, house_a=15.4)
    plant.run(67)
    plant.house = constant(l1=0.0)
    plant.run(2.5)
    assert plant.decision is not None
    assert plant.decision.meter_health is MeterHealth.LATE
    assert all(a <= 9 for _, a in plant.changes())


def test_safe_currents_that_do_not_fit_together_are_zero() -> None:
    plant = home(safe_a=16, fault=between(None), limit_a=15.0)
    plant.run(90)
    assert plant.chargers[0].device_a == 0


def test_a_charger_that_ignores_is_told_again_then_paused_then_reported() -> None:
    # Promise 3
    plant = home(step_a=15.0)
    plant.chargers[0].obeys = False
    plant.run(100)
    sent = [(time_s - FAULT_S, command.current_a) for time_s, command in plant.commands]
    assert sent[0][1] == 9
    assert sent[0][0] <= 1.1
    assert next(at_s for at_s, a in sent if a == 0) <= 15
    assert plant.decision is not None
    assert {alarm.kind for alarm in plant.decision.alarms} == {
        AlarmKind.NOT_FOLLOWING,
        AlarmKind.OVERLOAD,
    }
    assert plant.decision.chargers[0].reason is Reason.NOT_FOLLOWING
    # It comes to its senses: after the time it is held at zero it may charge again.
    plant.chargers[0].obeys = True
    plant.run(600)
    assert not plant.decision.alarms
    assert plant.chargers[0].device_a == 9


def test_a_charger_that_ignores_a_harmless_command_is_told_twice_more() -> None:
    # It takes more than planning wants, and the cap holds: repeat, repeat, then zero.
    plant = home(limit_a=60, house_a=5.0)
    plant.run(30)
    plant.chargers[0].obeys = False
    plant.wishes = {"a": Wish(mode=SiteMode.POWER, ceiling_a=8)}
    plant.run(40)
    sent = [command.current_a for time_s, command in plant.commands if time_s > 1030]
    assert sent[:4] == [8, 8, 8, 0]


def test_a_charger_that_offers_less_than_it_was_told_is_reported_but_not_paused() -> None:
    plant = home()
    plant.run(30)
    plant.chargers[0].device_a = 6
    plant.chargers[0].obeys = False
    plant.run(60)
    assert plant.decision is not None
    assert [alarm.kind for alarm in plant.decision.alarms] == [AlarmKind.NOT_FOLLOWING]
    assert [command.current_a for _, command in plant.commands][:2] == [16, 16]
    assert plant.decision.chargers[0].target_a == 16
    plant.chargers[0].obeys = True
    plant.run(300)
    assert not plant.decision.alarms


def test_a_refused_command_is_sent_again_until_it_gets_through() -> None:
    plant = home(step_a=15.0, car=THREE_SECONDS)
    plant.run(50)
    plant.chargers[0].refuses = True
    plant.run(25)
    tries = [time_s for time_s, _ in plant.commands]
    assert len(tries) >= 6
    assert all(b - a >= 1.9 for a, b in itertools.pairwise(tries))
    plant.chargers[0].refuses = False
    plant.run(15)
    assert plant.chargers[0].device_a == 9


def test_a_charger_that_restarts_is_told_again_and_counts_at_its_most() -> None:
    plant = home(step_a=15.0)
    plant.run(100)
    assert plant.chargers[0].device_a == 9
    plant.chargers[0].restart(32)
    plant.run(6)
    assert plant.chargers[0].device_a == 9
    plant.run(200)
    assert plant.over_s(1101) <= 6


def test_limits_are_volatile_and_sent_again_now_and_then() -> None:
    plant = home(step_a=15.0)
    plant.chargers[0].tells = False
    plant.run(700)
    assert [command.current_a for _, command in plant.commands][-3:] == [9, 9, 9]


def test_a_device_that_tells_its_limit_is_hardly_reminded() -> None:
    plant = home(step_a=15.0)
    plant.run(700)
    assert [command.current_a for _, command in plant.commands] == [9]


def test_a_charger_that_falls_silent_is_never_raised_and_yields_on_the_mains_alone() -> None:
    plant = home(house_a=12.4)
    plant.run(55)
    plant.chargers[0].poll_s = 1e9
    plant.chargers[0]._next_poll_s = 1e9
    plant.run(30)
    assert plant.decision is not None
    assert plant.decision.alarms[0].kind is AlarmKind.CHARGER_SILENT
    plant.house = constant(l1=15.4)
    plant.run(60)
    # Nobody reads the charger, but it hears: one cut, one settle time apart if not enough.
    assert plant.chargers[0].device_a == 9
    assert plant.over_s(1085) <= 6
    plant.house = constant(l1=0.0)
    plant.run(120)
    assert plant.chargers[0].device_a == 9
    assert plant.decision.chargers[0].reason is Reason.CHARGER_SILENT
    # A second step is answered like the first, although nobody knows whether that was heard.
    plant.house = constant(l1=18.4)
    plant.run(60)
    assert plant.chargers[0].device_a == 6
    assert plant.over_s(1265) <= 6


def test_a_charger_with_impossible_figures_counts_as_silent() -> None:
    plant = home()
    plant.run(30)
    sample = plant.chargers[0].sample
    assert sample is not None
    plant.chargers[0].sample = replace(sample, drawn_a=(math.nan,), time_s=sample.time_s + 1)
    plant.chargers[0]._next_poll_s = 1e9
    plant.run(8)
    assert plant.decision is not None
    assert plant.decision.alarms[0].kind is AlarmKind.CHARGER_SILENT
    assert plant.decision.chargers[0].target_a == 16


def test_a_charger_that_never_answered_is_told_zero_only_in_an_overload() -> None:
    plant = home(step_a=26.0)
    plant.chargers[0].device_a = 0
    plant.chargers[0]._next_poll_s = 1e9
    plant.run(50)
    assert plant.commands == []
    plant.run(30)
    assert [command.current_a for _, command in plant.commands][:1] == [0]


def test_a_clock_that_jumps_is_survived() -> None:
    plant = home()
    plant.run(60)
    state = plant.state()
    ahead = decide(plant.spec, state, plant.memory, plant.now_s + 3600)
    assert ahead.meter_health is MeterHealth.SILENT
    assert ahead.chargers[0].target_a == 0
    back = decide(plant.spec, state, ahead.memory, plant.now_s)
    assert back.meter_health is MeterHealth.OK
    assert back.chargers[0].target_a == 16
    again = decide(plant.spec, state, back.memory, plant.now_s - 0.5)
    assert again.time_s == plant.now_s


def test_a_sample_from_another_clock_is_not_taken() -> None:
    plant = home(fault=lambda t, s: replace(s, time_s=t + 500) if t > FAULT_S else s)
    plant.run(80)
    assert plant.decision is not None
    assert plant.decision.meter_health is MeterHealth.SILENT


def test_the_house_alone_above_the_fuse_is_told_apart() -> None:
    plant = home(step_a=30.0)
    plant.run(100)
    assert plant.decision is not None
    assert [alarm.kind for alarm in plant.decision.alarms] == [AlarmKind.HOUSE_OVERLOAD]
    assert plant.decision.chargers[0].target_a == 0


def test_a_slight_over_draw_is_taken_from_the_offer() -> None:
    # The car takes 0.8 A more than the pilot: within tolerance, and still within the cap.
    plant = home(house_a=15.4, car=Car(offset_a=-0.8))
    plant.run(120)
    assert plant.over_s(1040) <= 0.5
    assert plant.chargers[0].device_a == 8
