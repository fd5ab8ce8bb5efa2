"""The bounds of the control benchmark against brute force and against the closed loop itself."""

from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from math import inf

from hypothesis import example, given, strategies as st
import numpy as np
import pytest

from benchmarks.control import ideal
from benchmarks.control.bounds import (
    Overload,
    Reaction,
    overload,
    reactive_a,
    room_a,
    step_bound,
    unavoidable_a,
)
from benchmarks.control.contract import ChargerPlace, Commands, HomeSpec, Sight
from benchmarks.control.days import Series
from benchmarks.control.ideal import best_on, slewed
from benchmarks.control.steps import switched_a, two_steps
from benchmarks.control.world import ChargerKind, MeterKind, run
from simulator.plant.car import CAR_TYPES

HOME = HomeSpec(fuse_a=60)
PLACE = HOME.chargers[0]
TYPICAL = CAR_TYPES["typical"]
QUICK = Reaction(dead_s=4, down_a_per_s=5.0)
SETTLED = 300


def test_the_dead_time_bound_of_the_sweep() -> None:
    first, then = step_bound(15.5, 4, 5), step_bound(9, 4, 5)
    assert first.duration_s == pytest.approx(7.1)
    assert first.charge_as + then.charge_as == pytest.approx(130, abs=0.2)


def test_the_best_reaction_to_the_sweep_second_by_second() -> None:
    # 4 s of 15.5 A and 10.5 + 5.5 + 0.5, then 4 s of 9 A and 4 A: a second's decline is done at
    # its beginning, so this is a little less than the integral.
    house = two_steps("", SETTLED, 0).make()
    drawn = reactive_a(room_a(HOME, house, PLACE), QUICK, minimum_a=6, maximum_a=31.5)
    assert overload(HOME, house, PLACE, drawn) == Overload(duration_s=7, charge_as=78.5 + 40)
    assert drawn[[SETTLED - 1, SETTLED + 100, SETTLED + 340]].tolist() == [31.5, 16, 7]


def test_the_best_reaction_pauses_rises_late_and_waits_for_the_meter() -> None:
    (house,) = switched_a(20, ((20, 35), (60, -15)), 100)
    room = 60 - house
    drawn = reactive_a(
        room,
        Reaction(dead_s=4, down_a_per_s=5, up_a_per_s=2, period_s=10),
        minimum_a=6,
        maximum_a=32,
    )
    # Measured at 20 s; off from then on at the 15 A/s of a car whose pilot went away.
    assert drawn[[23, 24, 25, 26]].tolist() == [32, 17, 2, 0]
    assert drawn[[63, 64, 65, 73, 74]].tolist() == [0, 2, 4, 20, 20]


@dataclass(slots=True)
class Perfect:
    """Answers every reading at once with all that the fuse leaves beside the true house."""

    home: HomeSpec
    house: Series
    wait_s: int = 0
    told: float = -1.0
    answers: list[tuple[float, float]] = field(default_factory=list)

    def step(self, sight: Sight) -> Commands:
        if sight.meter is not None and sight.meter.time_s != self.told:
            self.told = sight.meter.time_s
            room_a = self.home.fuse_a - self.house[int(self.told)]
            limit_a = min(32.0, np.floor(room_a))
            self.answers.append((sight.now_s + self.wait_s, limit_a if limit_a >= 6 else 0.0))
        if self.answers and self.answers[0][0] <= sight.now_s:
            return [(0, self.answers.pop(0)[1])]
        return []


def drive(
    begin_s: int, car: str, period_s: int, wait_s: int = 0
) -> tuple[tuple[Series, ...], Series, Reaction]:
    meter, kind = MeterKind(period_s=period_s, noise_a=0.0), ChargerKind(car=CAR_TYPES[car])
    house = two_steps("", begin_s, 0).make()
    record = run(
        HOME, house, lambda home, _: Perfect(home, house[0], wait_s), kinds=(kind,), meter=meter
    )
    return house, record.drawn_a[0], Reaction.of(meter, kind)


@pytest.mark.parametrize("car", ["fast", "typical", "iec5", "slow"])
@pytest.mark.parametrize(("begin_s", "period_s"), [(300, 1), (301, 5), (309, 10), (315, 15)])
def test_a_controller_that_answers_at_once_reaches_the_bound(
    car: str, begin_s: int, period_s: int
) -> None:
    house, drawn, reaction = drive(begin_s, car, period_s)
    least = unavoidable_a(room_a(HOME, house, PLACE), drawn, reaction, minimum_a=6)
    bound, real = (overload(HOME, house, PLACE, a) for a in (least, drawn))
    assert bound.charge_as > 40
    assert real.charge_as == pytest.approx(bound.charge_as)
    assert real.duration_s == bound.duration_s


def test_a_controller_that_waits_does_not() -> None:
    house, drawn, reaction = drive(300, "typical", 1, wait_s=3)
    least = unavoidable_a(room_a(HOME, house, PLACE), drawn, reaction, minimum_a=6)
    bound, real = (overload(HOME, house, PLACE, a) for a in (least, drawn))
    # Three seconds more of 15.5 and of 8.5 A.
    assert real.charge_as - bound.charge_as == pytest.approx(3 * (15.5 + 8.5))
    assert real.duration_s == bound.duration_s + 3


def test_an_overload_of_ones_own_is_not_unavoidable() -> None:
    house, drawn = np.full(60, 40.0), np.full(60, 20.0)
    drawn[30:] = 25.0
    least = unavoidable_a(60 - house, drawn, QUICK, minimum_a=6)
    assert least.max() == 20.0


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=40),
    st.lists(st.integers(0, 32), min_size=40, max_size=40),
)
def test_nothing_is_unavoidable_that_did_not_happen(house: list[int], drawn: list[int]) -> None:
    room = 60.0 - np.array(house, dtype=np.float64)
    real = np.array(drawn[: len(house)], dtype=np.float64)
    least = unavoidable_a(room, real, QUICK, minimum_a=6)
    assert (least <= real).all()
    assert (least[real <= room] == real[real <= room]).all()


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_the_slewed_course_has_the_most_energy(cap: list[int], up: int, down: int) -> None:
    def possible(course: tuple[int, ...]) -> bool:
        return all(-down <= after - before <= up for before, after in pairwise(course))

    courses = filter(possible, product(*(range(most + 1) for most in cap)))
    best = slewed(np.array(cap, dtype=np.float64), up, down)
    assert best.sum() == max(sum(course) for course in courses)
    assert possible(tuple(best.tolist()))


def brute_force(gains: list[float], cost: float, start_s: int, may_start: list[bool]) -> float:
    """Return the best sum over all ways to offer current, second by second."""
    best = 0.0
    for offered in product((False, True), repeat=len(gains)):
        total, since = 0.0, 0
        for gain, is_on, may in zip(gains, offered, may_start, strict=True):
            since = since + 1 if is_on else 0
            total -= inf if since == 1 and not may else 0.0
            total -= cost if since == start_s + 1 else 0.0
            total += gain if since > start_s else 0.0
        best = max(best, total)
    return best


GAINS = st.one_of(st.integers(-9, 9).map(float), st.just(-inf))


@given(
    st.lists(st.tuples(GAINS, st.booleans()), min_size=1, max_size=9),
    st.integers(0, 12),
    st.integers(0, 3),
)
# It pays to stop early, because a start takes a second.
@example([(0.0, True), (9.0, True), (1.0, True), (-inf, True), (9.0, True)], 0, 1)
def test_the_best_times_to_be_on(
    seconds: list[tuple[float, bool]], cost: int, start_s: int
) -> None:
    gains, may_start = [gain for gain, _ in seconds], [may for _, may in seconds]
    on = best_on(np.array(gains), cost, start_s, np.array(may_start))
    starts = np.flatnonzero(on & ~np.concatenate(([False], on[:-1])))
    value = sum(gain for gain, is_on in zip(gains, on, strict=True) if is_on) - cost * len(starts)
    assert value == brute_force(gains, cost, start_s, may_start)
    assert all(may_start[start - start_s] for start in starts)
    if all(may_start):
        assert np.array_equal(on, best_on(np.array(gains), cost, start_s))
    for start in starts:
        assert start >= start_s
        assert not on[start - start_s : start].any()


@given(st.integers(-9000, 2000))
def test_green_takes_the_best_limit_of_all(house_w: int) -> None:
    house = (np.full(60, house_w / 230),)
    best = ideal.green(HOME, house, TYPICAL, start_cost_wh=0.0)
    surplus_w = max(0, -house_w)
    gains = [2 * min(w, surplus_w) - w for w in (230 * (a - 0.5) for a in range(6, 33))]
    expected_wh = max(0.0, *gains) * (60 - TYPICAL.start_s) / 3600
    assert best.score_wh == pytest.approx(expected_wh, abs=1e-9)


def test_foreseen_starts_need_surplus_when_they_are_decided() -> None:
    # Sun at its peak from second 600 on; a start takes 8 s, so that perfect information begins
    # before the sun does, and the rule only with it.
    (house,) = switched_a(0.0, ((600, -10.5), (1200, 10.5)), 1800)
    tracked = np.where(np.arange(1800) < 605, 5.5, 9.5)
    free = ideal.green(HOME, (house,), TYPICAL)
    ruled = ideal.best_starts(HOME, (house,), TYPICAL, tracked)
    assert np.flatnonzero(free.drawn_a)[0] == 600
    assert np.flatnonzero(ruled.drawn_a)[[0, -1]].tolist() == [608, 1199]
    assert ruled.score_wh < free.score_wh
    assert ruled.from_sun_wh == pytest.approx(9.5 * 230 * 592 / 3600)


def test_starts_become_fewer_as_they_cost_more() -> None:
    dice = np.random.default_rng(5)
    surplus_w = 1500 + 900 * np.repeat(dice.standard_normal(60), 60)
    courses = [ideal.green(HOME, (-surplus_w / 230,), TYPICAL, cost) for cost in (1, 5, 20, 50)]
    starts = [course.starts for course in courses]
    assert starts == sorted(starts, reverse=True)
    assert starts[0] > starts[-1] >= 1
    for course in courses:
        assert course.from_sun_wh <= ideal.physical_wh(HOME, (-surplus_w / 230,), TYPICAL)


def test_green_follows_on_three_phases_and_stays_within_the_fuse() -> None:
    home = HomeSpec(fuse_a=16, phases=3, chargers=(ChargerPlace(lines=(0, 1, 2), maximum_a=16),))
    car = replace(TYPICAL, lines=3)
    house = (np.full(900, -25.0), np.full(900, -25.0), np.full(900, 4.0))
    best = ideal.green(home, house, car)
    # 46 A of surplus would be 15.3 A a phase, but L3 has 12 A left: a limit of 12 draws 11.5.
    assert set(best.drawn_a.tolist()) == {0.0, 11.5}
    assert best.imported_wh == 0
    assert best.energy_wh == pytest.approx(3 * 11.5 * 230 * (900 - 8) / 3600)


def test_hybrid_is_on_whenever_the_fuse_allows_and_its_minimum_is_forgiven() -> None:
    (house,) = switched_a(-9.6, ((600, 12), (1200, 55), (1500, -55)), 2400)
    best = ideal.hybrid(HOME, (house,), TYPICAL)
    assert best.drawn_a[[0, 700, 1300, 1600]].tolist() == [9.5, 5.5, 0, 5.5]
    assert best.starts == 2
    # Of 9.6 A of sun 9.5 are used; 5.5 A for 1,500 s without sun are forced.
    assert best.from_sun_wh == pytest.approx(9.5 * 230 * 600 / 3600)
    assert best.imported_wh == pytest.approx(best.forced_wh)
    assert best.avoidable_score_wh == pytest.approx(best.from_sun_wh - 2 * 20)


def test_power_takes_whole_amperes_pauses_and_comes_back_when_it_pays() -> None:
    (house,) = switched_a(
        20, ((600, 20.7), (1200, 14), (1500, -14), (1510, 14), (1800, -34.7)), 3600
    )
    best = ideal.power(HOME, (house,), TYPICAL)
    # 40 A of room for a car of 31.5; 19.3 allow a limit of 19; 5.3 nothing; ten seconds of room
    # are too short for a start.
    assert best.drawn_a[[590, 700, 1300, 1505, 1700, 2000]].tolist() == [31.5, 18.5, 0, 0, 0, 31.5]
    assert best.starts == 2
    assert best.energy_wh < ideal.most_energy_wh(HOME, (house,), [TYPICAL])


def test_the_most_energy_of_cars_that_share() -> None:
    house = (np.full(3600, 20.0),)
    two = replace(HOME, chargers=(ChargerPlace(), ChargerPlace()))
    assert ideal.most_energy_wh(two, house, [TYPICAL] * 2) == pytest.approx(40 * 230)
    assert ideal.most_energy_wh(HOME, house, [TYPICAL]) == pytest.approx(31.5 * 230)
    mixed = HomeSpec(
        fuse_a=40,
        phases=3,
        chargers=(ChargerPlace(lines=(0, 1, 2), maximum_a=16), ChargerPlace()),
    )
    three = (np.full(3600, 10.0), np.zeros(3600), np.zeros(3600))
    # L1 has 30 A for both, L2 and L3 are bounded by the car of 15.5 A.
    energy_wh = ideal.most_energy_wh(mixed, three, [replace(TYPICAL, lines=3), TYPICAL])
    assert energy_wh == pytest.approx((30 + 15.5 + 15.5) * 230)


def test_only_one_charger_has_an_ideal_course() -> None:
    two = replace(HOME, chargers=(ChargerPlace(), ChargerPlace()))
    with pytest.raises(ValueError, match="too many values"):
        ideal.power(two, (np.zeros(10),), TYPICAL)
