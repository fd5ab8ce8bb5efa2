"""Circuits in circuits, limits on power, and balance of the phases."""

from dataclasses import replace
import random

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.evse_suite.control.answer import AlarmKind, Reason
from custom_components.evse_suite.control.model import (
    CapKind,
    MainsSample,
    Phase,
)
from tests.control.boards import charger, circuit, home, power, told
from tests.control.plant import (
    FAST,
    L1,
    L2,
    L3,
    TYPICAL,
    VOLTAGE_V,
    Car,
    Plant,
    constant,
)


def test_a_circuit_in_a_circuit_in_a_circuit_holds_on_every_floor() -> None:
    # SITE-1: 40 A for the sub-board, 27 A for the garage in it, 16 A for the carport in that.
    cars = [charger(key, L1) for key in "abcd"]
    plant = home(
        *cars,
        caps=(
            circuit("board", 40, "a", "b", "c", "d"),
            circuit("garage", 27, "b", "c", "d"),
            circuit("carport", 16, "c", "d"),
        ),
    )
    plant.run(150)
    assert {key: target_a for key, (target_a, _, _) in told(plant).items()} == {
        "a": 13,
        "b": 11,
        "c": 8,
        "d": 8,
    }
    assert {key: cap for key, (_, _, cap) in told(plant).items()} == {
        "a": "board",
        "b": "garage",
        "c": "carport",
        "d": "carport",
    }
    assert plant.over_s() == 0


def test_circuits_are_kept_on_each_phase_whatever_the_rotation() -> None:
    # SITE-1, SITE-2: three phases turned by one, and a single-phase charger on its second line.
    plant = home(
        charger("a", L2, L3, L1),
        charger("b", L3),
        caps=(circuit("board", 24, "a", "b", phases=(L1, L2, L3)),),
    )
    plant.run(120)
    assert {key: one[0] for key, one in told(plant).items()} == {"a": 12, "b": 12}
    assert told(plant)["a"][1:] == (Reason.SHARED, "board")


@pytest.mark.parametrize("kind", [CapKind.CONTRACT, CapKind.LOAD_LIMIT])
def test_a_limit_on_power_counts_all_phases_and_the_house(kind: CapKind) -> None:
    # SITE-1, MTR-20: 8 kW, the house takes 2.07 kW on one phase: 5.9 kW are 8 A on three.
    plant = home(
        charger("a", L1, L2, L3),
        caps=(power(kind, 8000),),
        house=constant(l1=9.0, l2=0.0, l3=0.0),
    )
    plant.run(120)
    assert told(plant)["a"] == (8, Reason.POWER_LIMIT, kind.value)
    assert plant.decision is not None
    name = {CapKind.CONTRACT: "the contract", CapKind.LOAD_LIMIT: "the load limit of the meter"}
    assert plant.decision.chargers[0].sentence == (
        f"8 A of 32 A: {name[kind]} allows 8.0 kW, the house uses 2.1 kW."
    )
    (cap,) = plant.decision.caps
    assert cap.power_w == pytest.approx(2070 + 8 * 690, abs=150)
    assert cap.limit_w == 8000


def test_power_that_flows_out_on_another_phase_is_counted_against_it() -> None:
    # SITE-1: net power, unlike the fuse, of which every phase is one.
    plant = home(
        charger("a", L1),
        caps=(power(CapKind.CONTRACT, 4000),),
        house=constant(l1=5.0, l2=-10.0, l3=0.0),
    )
    plant.run(90)
    assert told(plant)["a"][0] == 22
    assert told(plant)["a"][2] == "contract"


def over_power_s(plant: Plant, limit_w: float, since_s: float = 0.0) -> float:
    """Return the longest run above a limit of net power."""
    longest = run = 0.0
    for time_s, mains_a, _ in plant.log:
        over = time_s >= since_s and sum(mains_a.values()) * VOLTAGE_V > limit_w + 20
        run = run + plant.dt_s if over else 0.0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("poll_s", [1.0, 5.0])
def test_an_overload_of_power_cuts_at_once_and_once(poll_s: float) -> None:
    # MTR-20, promise 1 and 5: a 3 kW kettle on a 9 kW limit.
    car = charger("a", L1, L2, L3, car=FAST)
    car.poll_s = poll_s
    plant = home(
        car,
        caps=(power(CapKind.LOAD_LIMIT, 9000),),
        house=lambda now_s: {L1: 3.0 if now_s < 1100.35 else 16.0, L2: 0.0, L3: 0.0},
    )
    plant.run(200)
    changes = plant.changes(1100)
    assert [a for _, a in changes] == [7]
    assert changes[0][0] - 1100.35 <= 1.5
    assert over_power_s(plant, 9000, 1010) <= 4.5
    urgent = [one.urgent for at_s, one in plant.commands if at_s >= 1100]
    assert urgent == [True]


def raises_without_room(plant: Plant, limit_w: float, seconds: float) -> list[tuple[float, float]]:
    """Run, and return (time, power) of raises that the newest measurement left no room for.

    Every charger counts at the most of what it draws, was told before and is told now.
    """
    broken = []
    before_a = {one.spec.key: 0 for one in plant.chargers}
    end_s = plant.now_s + seconds
    while plant.now_s < end_s:
        seen = len(plant.commands)
        plant.step()
        told_a = before_a | {one.key: one.current_a for _, one in plant.commands[seen:]}
        if any(told_a[key] > before_a[key] for key in told_a) and plant.mains is not None:
            power_w = sum(plant.house(plant.mains.time_s).values()) * VOLTAGE_V
            for one in plant.chargers:
                worst_a = max(one.drawn_a, told_a[one.spec.key], before_a[one.spec.key])
                power_w += worst_a * len(one.spec.phases) * VOLTAGE_V
            if power_w > limit_w + 30:
                broken.append((plant.now_s, power_w))
        before_a = told_a
    return broken


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(
    house=st.lists(
        st.tuples(st.floats(-12, 12), st.floats(-12, 12), st.floats(0, 12)), min_size=3, max_size=5
    ),
    poll_s=st.sampled_from([1.0, 2.0, 5.0]),
    period_s=st.sampled_from([1.0, 3.0]),
    car=st.sampled_from([FAST, TYPICAL]),
)
def test_no_raise_and_no_overload_breaks_a_limit_on_power(
    house: list[tuple[float, float, float]], poll_s: float, period_s: float, car: Car
) -> None:
    # Promise 1 for power: three-phase and single-phase chargers, a house that jumps.
    cars = [charger("a", L1, L2, L3, car=car), charger("b", L2, car=car)]
    for phase_s, one in enumerate(cars):
        one.poll_s, one.poll_phase_s = poll_s, 0.3 + phase_s

    def load(now_s: float) -> dict[Phase, float]:
        step = house[min(len(house) - 1, max(0, int((now_s - 1000) // 70)))]
        return dict(zip((L1, L2, L3), step, strict=True))

    plant = home(*cars, caps=(power(CapKind.CONTRACT, 9000),), house=load)
    plant.meter_period_s = period_s
    assert raises_without_room(plant, 9000, 70.0 * len(house)) == []
    # Meter, way, dead time, slew from 32 A, half a second of steps; one step may follow another.
    bound_s = period_s + 0.3 + car.dead_s + 32 / car.down_a_per_s + 0.75
    assert over_power_s(plant, 9000, 1070) <= bound_s


def test_an_overload_of_power_that_stays_is_told() -> None:
    plant = home(charger("a", L1, car=FAST), caps=(power(CapKind.LOAD_LIMIT, 4000),))
    plant.chargers[0].obeys = False
    plant.chargers[0].device_a = 32
    plant.run(60)
    assert plant.decision is not None
    assert plant.decision.overload
    assert (AlarmKind.OVERLOAD, "load_limit") in {
        (one.kind, one.subject) for one in plant.decision.alarms
    }


def test_a_circuit_may_be_limited_in_watts() -> None:
    # SITE-1: 4.2 kW for all chargers together, the house does not count.
    plant = home(
        charger("a", L1, L2, L3),
        charger("b", L2),
        caps=(power(CapKind.EXTERNAL, 5600, "a", "b"),),
        house=constant(l1=20.0, l2=20.0, l3=20.0),
    )
    plant.run(90)
    got = told(plant)
    assert got["a"] == (6, Reason.EXTERNAL_LIMIT, "external")
    assert got["b"][0] == 6
    assert plant.decision is not None
    assert plant.decision.caps[0].power_w == pytest.approx(4 * 6 * VOLTAGE_V, abs=50)


@pytest.mark.parametrize("voltage_v", [207.0, 222.0, 238.0, 253.0])
@pytest.mark.parametrize("kind", [CapKind.EXTERNAL, CapKind.CONTRACT])
def test_watts_are_watts_whatever_the_voltage(kind: CapKind, voltage_v: float) -> None:
    # SITE-1: a car draws amperes; the limit holds at the voltage that is measured, and is used.
    behind = ("a",) if kind is CapKind.EXTERNAL else ()
    plant = home(charger("a", L1, L2, L3), caps=(power(kind, 8000, *behind),))
    plant.fault = lambda _, sample: at_voltage(sample, voltage_v)
    plant.run(90)
    ampere_w = 3 * voltage_v
    settled = [sum(mains_a.values()) for at_s, mains_a, _ in plant.log if at_s > 1060]
    house_a = 0.0 if kind is CapKind.CONTRACT else 3 * 0.4
    assert max(settled) - house_a <= 8000 / voltage_v
    assert plant.chargers[0].device_a >= 8000 / ampere_w - 1.5
    assert plant.decision is not None
    (told_of,) = plant.decision.caps
    shown_w = sum(plant.chargers[0].line_a().values()) * voltage_v
    assert told_of.power_w == pytest.approx(shown_w, rel=0.05)
    assert len(plant.changes(1060)) == 0


def test_a_limit_that_is_made_for_the_minimum_leaves_it_at_any_usual_voltage() -> None:
    # SITE-1: 4.2 kW carry three times 6 A at 230 V; some volts more do not end the charge, and
    # allow nothing that needs less.
    for lines, most_a in (((L1, L2, L3), 6), ((L1,), 4200 / 253)):
        plant = home(charger("a", *lines), caps=(power(CapKind.EXTERNAL, 4200, "a"),))
        plant.fault = lambda _, sample: at_voltage(sample, 253.0)
        plant.run(90)
        assert plant.chargers[0].device_a == int(most_a)


def test_a_voltage_that_trembles_does_not_make_the_charger_tremble() -> None:
    plant = home(charger("a", L1), caps=(power(CapKind.EXTERNAL, 4200, "a"),))
    noise = random.Random(4)
    plant.fault = lambda _, sample: at_voltage(sample, 4200 / 18 + noise.gauss(0, 0.5))
    plant.run(300)
    assert len(plant.changes(1060)) <= 1


def at_voltage(sample: MainsSample, voltage_v: float) -> MainsSample:
    """Return what a meter shows where this is the voltage."""
    return replace(
        sample,
        power_w={phase: a * voltage_v for phase, a in sample.current_a.items()},
        voltage_v=dict.fromkeys(sample.current_a, voltage_v),
    )


def drawn_a(plant: Plant, phase: Phase) -> float:
    return sum(one.line_a().get(phase, 0.0) for one in plant.chargers)


def test_one_phase_alone_is_kept_within_the_balance() -> None:
    # SITE-1, VDE-AR-N 4100: 20 A between any two phases.
    plant = home(charger("a", L1), unbalance_a=20.0)
    plant.run(90)
    assert told(plant)["a"] == (19, Reason.UNBALANCE_LIMIT, "unbalance")
    assert plant.decision is not None
    assert "L1 may carry 20 A more than L2" in plant.decision.chargers[0].sentence


def test_the_balance_follows_what_is_drawn_on_the_other_phases() -> None:
    cars = [charger(key, phase, car=FAST) for key, phase in zip("abc", (L1, L2, L3), strict=True)]
    plant = home(*cars, unbalance_a=20.0)
    plant.run(200)
    assert all(car.device_a == 32 for car in cars)
    # One leaves: the others yield within the reaction time of car and meter.
    cars[2].plugged = False
    plant.run(10)
    for phase in (L1, L2):
        assert drawn_a(plant, phase) - drawn_a(plant, L3) <= 20.1
    # A car on all phases is no trouble for the balance.
    plant = home(charger("a", L1, L2, L3), unbalance_a=20.0)
    plant.run(90)
    assert told(plant)["a"][0] == 32


def test_a_charger_that_does_not_answer_balances_nothing() -> None:
    # Promise 2: its car may have gone; for the others' limit the worst is that it draws nothing.
    cars = [charger(key, phase, car=FAST) for key, phase in zip("abc", (L1, L2, L3), strict=True)]
    plant = home(*cars, unbalance_a=20.0)
    plant.run(200)
    assert all(car.device_a == 32 for car in cars)
    cars[2].silent = True
    cars[2].plugged = False
    plant.run(25)
    for phase in (L1, L2):
        assert drawn_a(plant, phase) - drawn_a(plant, L3) <= 20.1
    assert told(plant)["a"] == (20, Reason.UNBALANCE_LIMIT, "unbalance")
    cars[2].silent = False
    cars[2].plugged = True
    plant.run(120)
    assert all(car.drawn_a == 32 for car in cars)


def test_a_single_phase_car_on_three_lines_is_kept_within_the_balance_once_it_shows() -> None:
    # SITE-2: it counts on the lines that it uses.
    plant = home(charger("a", L1, L2, L3, car=replace(FAST, lines=1)), unbalance_a=20.0)
    plant.run(150)
    assert drawn_a(plant, L1) <= 20.1
