"""Meters that freeze and leap, second masters, lost commands and chargers that never answer.

SITE-5, SITE-6, promises 1 to 3.
"""

from collections.abc import Callable
from dataclasses import replace
import math

import pytest

from custom_components.evse_suite.control.answer import AlarmKind, MeterHealth
from custom_components.evse_suite.control.memory import Memory
from custom_components.evse_suite.control.meter import watch
from custom_components.evse_suite.control.model import (
    ChargerSpec,
    MainsSample,
    Phase,
    SiteMode,
    Wish,
)
from tests.control.faults import away
from tests.control.plant import (
    L1,
    THREE_SECONDS,
    Charger,
    MeterFault,
    Plant,
    constant,
    fuse,
    one_charger,
    stepped,
)

FAULT_S = 1060.0


def charger(key: str = "a", **kwargs: object) -> Charger:
    """Return a charger at 16 A with a car that needs 3 s."""
    made = Charger(
        spec=ChargerSpec(key=key, name=key, phases=(L1,), maximum_a=16, safe_a=6),
        device_a=16,
        car=THREE_SECONDS,
        poll_phase_s=0.4,
    )
    for name, value in kwargs.items():
        setattr(made, name, value)
    return made


def home(*, fault: MeterFault | None = None, limit_a: float = 25, house_a: float = 5.0) -> Plant:
    """Return a home with one charger that draws 16 A."""
    return one_charger(
        limit_a,
        constant(l1=house_a),
        charger=charger(),
        noise_a=0.05,
        fault=fault,
        keep_decisions=True,
        dt_s=0.2,
    )


def two(limit_a: float = 40) -> Plant:
    """Return a home with two chargers."""
    plant = home(limit_a=limit_a)
    other = charger("b")
    plant.spec = replace(
        plant.spec, chargers=(*plant.spec.chargers, other.spec), caps=(fuse(limit_a, L1),)
    )
    plant.chargers.append(other)
    return plant


def first_s(plant: Plant, kind: AlarmKind, since_s: float = FAULT_S) -> float:
    """Return when an alarm was first told, in seconds after ``since_s``; never is infinite."""
    return min(
        (
            decision.time_s - since_s
            for decision in plant.decisions
            if any(alarm.kind is kind for alarm in decision.alarms)
        ),
        default=math.inf,
    )


def tellings(plant: Plant) -> int:
    """Count how often an alarm began to be told."""
    return len(
        {
            (alarm.kind, alarm.subject, alarm.since_s)
            for decision in plant.decisions
            for alarm in decision.alarms
        }
    )


def frozen_from(time_s: float) -> MeterFault:
    """Return a meter that repeats the figures of a moment as if they were new."""
    kept: list[MainsSample] = []

    def freeze(now_s: float, sample: MainsSample) -> MainsSample:
        if now_s < time_s:
            return sample
        kept.append(sample)
        return replace(kept[0], time_s=sample.time_s)

    return freeze


@pytest.mark.parametrize("early_s", [0.0, 0.6, 1.0, 1.6])
@pytest.mark.parametrize("plugs", [False, True])
def test_a_meter_that_freezes_while_the_car_comes_or_goes_is_found(
    early_s: float, plugs: bool
) -> None:
    """The car changes in the very second, after the last true reading."""
    plant = home(fault=frozen_from(FAULT_S - early_s), limit_a=60)
    plant.chargers[0].plugged = not plugs
    if plugs:
        plant.chargers[0].device_a = 6
    plant.run(59.8 - 0.2)
    plant.chargers[0].plugged = plugs
    plant.run(60)
    assert first_s(plant, AlarmKind.METER_IMPLAUSIBLE) <= 35


def test_a_car_that_left_before_the_meter_was_heard_again() -> None:
    """As recorded: the car leaves at 0 s, as the meter freezes, and is heard of first."""
    spec = home().spec
    _, layout = Memory.initial().at(spec, -12.0)
    readings = {-8.0: 33.9, -7.0: 34.0, -6.0: 33.8, -5.0: 33.9, -4.0: 34.1}
    readings |= {-3.0: 33.9, -2.0: 34.0, -1.0: 33.9, 0.0: 34.0, 1.6: 34.03, 3.6: 34.03}
    draws = {-9.5: 32.0, -7.5: 32.0, -3.2: 32.0, -1.7: 32.0, 0.4: 0.0, 3.5: 0.0, 5.7: 0.0}
    meter, drawn = None, (-math.inf, 0.0)
    for time_s in sorted({*readings, *draws}):
        drawn = (time_s, draws[time_s]) if time_s in draws else drawn
        current_a = readings.get(time_s)
        sample = None
        if current_a is not None:
            sample = MainsSample(
                time_s=time_s,
                current_a={L1: current_a},
                power_w={L1: 230 * current_a},
                voltage_v={},
            )
        meter = watch(meter, sample, layout, draws_a=(drawn[1],), draws_s=drawn[0], now_s=time_s)
    assert meter is not None
    assert meter.doubt_s == 3.6


def test_a_step_of_the_house_that_a_cut_answers_is_no_standstill() -> None:
    """A meter of whole amperes shows the same before the step and long after the cut."""

    def coarse(_: float, sample: MainsSample) -> MainsSample:
        current_a = {phase: float(round(a)) for phase, a in sample.current_a.items()}
        power_w = {phase: 230.0 * a for phase, a in current_a.items()}
        return replace(sample, current_a=current_a, power_w=power_w)

    plant = home(fault=coarse)
    plant.noise_a = 0.0
    plant.house = stepped((0.0, 9.0), (FAULT_S, 13.0))
    plant.run(150)
    assert plant.chargers[0].device_a == 12
    assert tellings(plant) == 0


def test_a_lively_meter_that_stands_still_is_frozen_even_if_no_car_moves() -> None:
    plant = home(fault=frozen_from(1000 + 400))
    plant.run(380)
    plant.chargers[0].plugged = False
    plant.run(15)
    plant.run(180)
    assert 115 <= first_s(plant, AlarmKind.METER_IMPLAUSIBLE, 1400) <= 125


def test_a_meter_that_often_stands_still_may_do_so() -> None:
    """A coarse one: it shows whole amperes, and the house moves every 20 s."""
    plant = home(
        fault=lambda t, s: replace(
            s,
            current_a={L1: float(round(s.current_a[L1]))},
            power_w={L1: 230.0 * round(s.current_a[L1])},
        )
    )
    plant.house = lambda now_s: {Phase.L1: 5.0 + (now_s // 20) % 2}
    plant.run(3000)
    plant.house = constant(l1=5.0)
    plant.run(190)
    assert tellings(plant) == 0


def test_one_reading_beyond_the_fuse_is_a_spike_and_two_are_believed() -> None:
    leap = {L1: 110.0}
    for lasts_s, cuts in ((1.0, False), (2.0, True)):
        end_s = FAULT_S + lasts_s + 0.1

        def spike(now_s: float, sample: MainsSample, end_s: float = end_s) -> MainsSample:
            return replace(sample, current_a=leap) if FAULT_S < now_s < end_s else sample

        plant = home(fault=spike)
        plant.run(66)
        assert bool(plant.changes()) is cuts


def test_spikes_that_come_and_go_change_nothing() -> None:
    """SITE-6: nobody follows the blinking."""
    plant = home(fault=lambda t, s: replace(s, current_a={L1: 110.0}) if t % 7 < 0.9 else s)
    plant.run(600)
    assert {a for _, a in plant.changes()} <= {16}
    assert tellings(plant) == 0


def test_more_than_a_fuse_can_carry_for_ten_seconds_is_nonsense() -> None:
    plant = home(fault=lambda t, s: replace(s, current_a={L1: 110.0}) if t > FAULT_S else s)
    plant.run(90)
    assert plant.decision is not None
    assert plant.decision.meter_health is MeterHealth.IMPLAUSIBLE
    assert first_s(plant, AlarmKind.METER_IMPLAUSIBLE) <= 22


@pytest.mark.parametrize(
    "blink",
    [
        lambda t, s: replace(s, current_a={L1: math.nan}) if t % 20 < 13 else s,
        lambda t, s: None if t % 20 < 13 else s,
        lambda t, s: replace(s, current_a={L1: -900.0}) if t % 40 < 20 else s,
        lambda t, s: replace(s, current_a={L1: 1e-3}) if t % 30 < 15 else s,
    ],
    ids=["nan", "silent", "absurd", "unit"],
)
def test_a_meter_that_blinks_is_told_once(blink: MeterFault) -> None:
    """SITE-6: told at most once, and the charger does not follow the blinking."""
    plant = home(fault=lambda t, s: blink(t, s) if t > FAULT_S else s)
    plant.run(660)
    assert tellings(plant) == 1
    assert len(plant.changes()) <= 5
    plant.fault = None
    plant.run(160)
    assert plant.decision is not None
    assert plant.decision.alarms == ()
    assert plant.chargers[0].device_a == 16


def overrule(plant: Plant, current_a: Callable[[float], int | None]) -> None:
    """Run for ten minutes while somebody else sets the charger every second."""
    for _ in range(600):
        plant.run(1)
        other_a = current_a(plant.now_s)
        if other_a is not None:
            plant.chargers[0].device_a = other_a


def test_a_second_master_is_told_and_not_fought_faster_than_a_bound() -> None:
    plant = home()
    plant.wishes = {"a": Wish(mode=SiteMode.POWER, ceiling_a=10)}
    plant.run(30)
    sent = len(plant.commands)
    overrule(plant, lambda now_s: 14 if now_s % 15 < 0.5 else None)
    assert first_s(plant, AlarmKind.OVERRULED, 1030) <= 60
    assert len(plant.commands) - sent <= 600 / 30
    assert plant.over_s(1040) == 0
    assert plant.decision is not None
    assert [alarm.kind for alarm in plant.decision.alarms] == [AlarmKind.OVERRULED]
    plant.run(700)
    assert plant.decision.alarms == ()
    assert plant.chargers[0].device_a == 10


def test_the_cap_holds_against_a_second_master() -> None:
    """It sets 16 A where 9 A fit, every 30 s."""
    plant = home(house_a=15.4)
    plant.run(60)
    overrule(plant, lambda now_s: 16 if now_s % 30 < 0.5 else None)
    assert first_s(plant, AlarmKind.OVERRULED) <= 90
    assert plant.over_s(FAULT_S) <= 8


def test_somebody_who_changes_it_once_is_no_master() -> None:
    plant = home()
    plant.run(60)
    plant.chargers[0].device_a = 8
    plant.run(60)
    assert tellings(plant) == 0
    assert plant.chargers[0].device_a == 16


def test_a_command_that_is_lost_after_it_was_acknowledged_is_told_again() -> None:
    plant = home()
    plant.run(60)
    plant.house = constant(l1=15.4)
    plant.chargers[0].obeys = False
    plant.run(1.5)
    plant.chargers[0].obeys = True
    plant.run(20)
    assert plant.chargers[0].device_a == 9
    assert plant.over_s(FAULT_S) <= 15
    assert tellings(plant) <= 1


def test_nobody_is_raised_into_what_a_restarting_charger_may_take() -> None:
    """Promise 2: a charger that falls silent may come back offering all it can."""
    plant = two(limit_a=32)
    plant.wishes = {key: Wish(mode=SiteMode.POWER, ceiling_a=6) for key in "ab"}
    plant.run(60)
    plant.chargers[0].silent = True
    plant.run(20)
    plant.wishes = {"a": plant.wishes["a"]}
    plant.run(30)
    raised = [a for _, a in plant.changes(1080, "b")]
    assert max(raised, default=6) + 16 + 5 <= 32
    plant.chargers[0].silent = False
    plant.chargers[0].restart(32)
    plant.run(60)
    assert plant.over_s(1080) <= 6


def test_a_charger_that_never_answers_blocks_the_others_for_minutes_only() -> None:
    plant = two(limit_a=30)
    plant.chargers[0].silent = True
    plant.chargers[0].plugged = False
    plant.chargers[1].device_a = 6
    plant.run(120)
    assert plant.chargers[1].device_a < 16
    plant.run(300)
    assert plant.chargers[1].device_a == 16
    assert first_s(plant, AlarmKind.CHARGER_SILENT, 1000) <= 6
    # It charges all the same: the mains shows it, and the other yields as for an appliance.
    plant.chargers[0].plugged = True
    plant.chargers[0].device_a = 16
    plant.run(60)
    assert plant.over_s(1420) <= 6


def test_a_charger_whose_answers_blink_is_told_once() -> None:
    """SITE-6: nobody follows the blinking."""
    plant = home()
    plant.run(60)
    for second in range(600):
        plant.chargers[0].silent = second % 40 < 30
        plant.run(1)
    told = [alarm for it in plant.decisions for alarm in it.alarms]
    assert len({it.since_s for it in told if it.kind is AlarmKind.CHARGER_SILENT}) == 1
    assert {a for _, a in plant.changes()} <= {16}
    plant.chargers[0].silent = False
    plant.run(60)
    assert plant.decision is not None
    assert plant.decision.alarms == ()


def test_a_balancer_that_stood_still_or_was_killed_takes_over_what_it_finds() -> None:
    """SITE-5: after 30 s of standing still, and after a new start without any memory."""
    for forgets in (False, True):
        plant = home()
        plant.run(60)
        last, plant.house = plant.mains, constant(l1=15.4)
        away(plant, 30)
        assert plant.mains is not last
        if forgets:
            plant.memory = type(plant.memory).initial()
        began_s = plant.now_s
        plant.run(60)
        assert plant.over_s(began_s) <= 8
        assert plant.chargers[0].device_a in (6, 9)
