"""The referee's arithmetic, by hand and against the published envelopes."""

import pytest

from simulator.plant.car import CAR_TYPES, Car
from simulator.plant.home import Home
from simulator.plant.house import House, make_appliance
from simulator.plant.referee import GG_FUSE, MCB, PhaseRecord, wear_per_s
from simulator.plant.wires import Phase, Supply

L1 = Phase.L1


def judged(*currents: tuple[float, float, float]) -> PhaseRecord:
    """Judge (seconds, current, current without cars) behind 60 A, a second at a time."""
    record = PhaseRecord(60.0)
    for seconds, current_a, without_a in currents:
        for _ in range(round(seconds)):
            record.step(current_a, without_a, 1.0)
    return record


def test_only_what_cars_add_is_their_fault() -> None:
    record = judged((10, 70, 40), (5, 75, 65), (20, 66, 66), (30, 60, 30))
    assert record.over.total_s == 35
    assert record.over_a_s == 10 * 10 + 5 * 15 + 20 * 6
    assert record.cars_over.total_s == 15
    assert record.cars_over_a_s == 10 * 10 + 5 * 10
    assert record.cars_over.longest_s == 15
    assert record.peak_a == 75


def test_the_longest_run_is_without_a_break() -> None:
    record = judged((4, 61, 0), (1, 60, 0), (7, 80, 0), (3, 70, 0), (5, 20, 0))
    assert record.cars_over.longest_s == 10
    assert record.cars_far_over.longest_s == 7
    assert record.cars_over.current_s == 0


@pytest.mark.parametrize(
    ("multiple", "curve", "endures_s"),
    [
        (1.13, MCB, 3600),
        (2.55, MCB, 1),
        (3.0, MCB, 0.1),
        (1.25, GG_FUSE, 3600),
        (2.54, GG_FUSE, 10),
        (7.14, GG_FUSE, 0.1),
    ],
)
def test_a_device_endures_what_its_standard_says(
    multiple: float, curve: tuple[tuple[float, float], ...], endures_s: float
) -> None:
    assert 1 / wear_per_s(multiple, curve) == pytest.approx(endures_s)


def test_wear_rises_with_current_and_begins_above_the_rating() -> None:
    multiples = [1.0, 1.01, 1.1, 1.2, 1.3, 1.6, 2.0, 3.0, 5.0, 9.0]
    for curve in (MCB, GG_FUSE):
        wear = [wear_per_s(multiple, curve) for multiple in multiples]
        assert wear[0] == 0
        assert wear == sorted(wear)
        assert len(set(wear)) == len(wear)


def test_a_circuit_breaker_bears_141_percent_for_minutes_at_most() -> None:
    """400 s at 1.41 times the rating: the non-tripping guarantee is used up (S over 0.5)."""
    record = judged((400, 1.41 * 60, 50))
    assert 0.3 < record.mcb.worst_cars < 1.5
    assert record.fuse.worst_cars < record.mcb.worst_cars


def test_stress_cools_down_but_the_worst_is_kept() -> None:
    record = judged((60, 90, 0), (1200, 30, 0))
    assert record.mcb.cars == pytest.approx(record.mcb.worst_cars * 0.135, rel=0.01)


def test_the_house_alone_is_not_the_cars_fault_in_a_real_home() -> None:
    heater = make_appliance("heater", "load", (L1,), 1)
    home = Home(Supply(fuse_a=40), House([], [heater]))
    plug = home.add_plug("garage", [(L1,)], Car("car", CAR_TYPES["reacts_in_3_s"]))
    home.house.switch("heater", on=True, power_w=45 * 230)
    for n in range(20):
        home.step(n, 1.0)
    record = home.referee.phases[L1]
    assert record.over.total_s == 20
    assert record.cars_over_a_s == 0
    plug.offer(6, 1)
    for n in range(20):
        home.step(n, 1.0)
    assert record.cars_over.total_s == 20
    assert record.cars_over_a_s == pytest.approx(20 * 6, rel=0.05)
    home.referee.reset()
    assert home.referee.phases[L1].over.total_s == 0
