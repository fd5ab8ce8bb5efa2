"""Where there is not enough for all, everybody has a turn, and none waits without an end (SITE-3).

The bound: who waits is served once each of the others has had at most one turn before it, so after
``N - 1`` turns of a quarter of an hour, with the time for a pause and a start between them.
"""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import cast

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.evse_suite.control.memory import Patience
from custom_components.evse_suite.control.sharing import Claim, share
from custom_components.evse_suite.control.turns import TURN_S, ranks
from custom_components.evse_suite.control.view import View
from tests.control.boards import charger, home
from tests.control.plant import FAST, L1, L2, L3, Charger, Plant

BETWEEN_S = 100.0
"""Pause, half a minute of certain room for each start of the last hour, and the car's start."""
CHARGES_A = 5.0
MINIMUM_A = 6


def gaps_s(plant: Plant, seconds: float) -> dict[str, float]:
    """Run, and return the longest time that each charger with a car went without current."""
    plant.dt_s = 1.0
    plant.keep_decisions = False
    last_s = {it.spec.key: plant.now_s for it in plant.chargers}
    longest_s = dict.fromkeys(last_s, 0.0)
    end_s = plant.now_s + seconds
    while plant.now_s < end_s:
        plant.step()
        for it in plant.chargers:
            key = it.spec.key
            if it.drawn_a >= CHARGES_A or not it.plugged:
                last_s[key] = plant.now_s
            longest_s[key] = max(longest_s[key], plant.now_s - last_s[key])
    return longest_s


def bound_s(chargers: int) -> float:
    """Return how long nobody waits longer than."""
    return (chargers - 1) * (TURN_S + BETWEEN_S)


@pytest.mark.parametrize("chargers", [2, 3, 6])
def test_with_room_for_one_everybody_has_a_turn(chargers: int) -> None:
    # SITE-3
    cars = [charger(f"c{number}", L1, car=FAST) for number in range(chargers)]
    plant = home(*cars, fuse_a=10.9, phases=(L1,))
    longest_s = gaps_s(plant, bound_s(chargers) + 1.5 * TURN_S)
    assert max(longest_s.values()) <= bound_s(chargers)
    # A turn lasts: none of them ends sooner.
    assert min(longest_s.values()) >= TURN_S


def test_a_car_on_all_phases_is_not_overtaken_by_those_on_one() -> None:
    # SITE-2, SITE-3: two pairs take turns on L1 and L2 at different times; the fifth car needs
    # the room of both phases at once.
    phases = {"a": L1, "b": L1, "c": L2, "d": L2}
    pairs = [charger(key, phase, car=FAST) for key, phase in phases.items()]
    big = charger("big", L1, L2, L3, car=FAST)
    plant = home(*pairs, big, fuse_a=11)
    for it in (*pairs[2:], big):
        it.plugged = False
    gaps_s(plant, TURN_S / 2)
    for it in (*pairs[2:], big):
        it.plugged = True
    longest_s = gaps_s(plant, 1.5 * bound_s(5))
    assert longest_s["big"] <= bound_s(5)
    assert max(longest_s.values()) <= bound_s(5)


def test_a_car_that_takes_less_than_it_is_offered_keeps_its_turn() -> None:
    # SITE-3: 8 A of 10 are a charge as good as any; 0 A are none.
    def plant(most_a: float) -> tuple[Plant, list[Charger]]:
        cars = [charger("a", L1, car=replace(FAST, most_a=most_a)), charger("b", L1, car=FAST)]
        return home(*cars, fuse_a=10.9, phases=(L1,)), cars

    small, cars = plant(8.0)
    gaps_s(small, TURN_S / 2)
    assert cars[0].drawn_a == pytest.approx(8.0)
    longest_s = gaps_s(small, 3 * (TURN_S + BETWEEN_S))
    assert longest_s["b"] >= TURN_S / 2
    assert max(longest_s.values()) <= bound_s(2)

    # Who is full lets the other charge, and is asked again from time to time.
    idle, cars = plant(0.0)
    longest_s = gaps_s(idle, 2 * (TURN_S + BETWEEN_S))
    assert longest_s["b"] <= 2 * BETWEEN_S


@dataclass(slots=True)
class Waiter:
    """A charger with a car, reduced to what decides on turns."""

    rows: tuple[tuple[int, int], ...]
    priority: int
    held_a: int = 0
    turn_s: float = 0.0
    since_s: float = 0.0
    longest_s: float = 0.0
    seat: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.seat = SimpleNamespace(
            spec=SimpleNamespace(priority=self.priority, minimum_a=MINIMUM_A)
        )

    @property
    def drawn_a(self) -> float:
        return float(self.held_a)

    @property
    def memory(self) -> SimpleNamespace:
        return SimpleNamespace(patience=Patience(turn_s=self.turn_s))

    def claim(self) -> Claim:
        return Claim(
            rows=self.rows,
            ceiling_a=MINIMUM_A,
            phases=len(self.rows),
            priority=self.priority,
            waits=not self.held_a,
        )

    def told(self, current_a: int, now_s: float) -> None:
        if (current_a > 0) is not (self.held_a > 0):
            self.turn_s = now_s
        self.held_a = current_a
        if current_a:
            self.since_s = now_s
        self.longest_s = max(self.longest_s, now_s - self.since_s)


ROWS = [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]
BIG_AMONG_SMALL = [(0,), (0,), (1,), (1,), (0, 1, 2)]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(ROWS), min_size=2, max_size=6),
    st.lists(st.sampled_from([6, 8, 12, 20]), min_size=3, max_size=3),
    st.integers(0, 14),
)
@example(BIG_AMONG_SMALL, [10, 10, 10], 5)
def test_whatever_they_draw_on_nobody_waits_for_more_than_a_turn_of_each_other(
    phases: list[tuple[int, ...]], room_a: list[int], apart: int
) -> None:
    # SITE-3: chargers on any phases that come one after the other, some minutes apart.
    step_s = 60.0
    waiters = [Waiter(rows=tuple((row, 1) for row in rows), priority=0) for rows in phases]
    for minute in range(20 * len(waiters) * 2):
        now_s = minute * step_s
        present = waiters[: 1 + (minute // apart if apart else len(waiters))]
        for one in waiters[len(present) :]:
            one.since_s = one.turn_s = now_s
        rank = ranks(cast("tuple[View, ...]", tuple(present)), now_s)
        for one, part in zip(
            present, share([it.claim() for it in present], room_a, rank), strict=True
        ):
            one.told(part.current_a, now_s)
    assert all(one.longest_s <= (len(waiters) - 1) * (TURN_S + 2 * step_s) for one in waiters)


def test_who_cannot_be_served_at_all_holds_up_nobody() -> None:
    # SITE-3: no turn of an equal would make room on the third phase, nor against a higher priority.
    small = Claim(rows=((0, 1),), ceiling_a=16, waits=True)
    big = Claim(rows=((0, 1), (1, 1), (2, 1)), ceiling_a=16, phases=3, waits=True)
    assert [it.current_a for it in share([big, small], [20.0, 20.0, 5.0], [0, 1])] == [0, 16]

    first = Claim(rows=((2, 1),), ceiling_a=16, priority=1)
    shares = share([first, big, small], [20.0, 20.0, 10.0], [0, 1, 2])
    assert [it.current_a for it in shares] == [10, 0, 16]

    # Beside an equal in its turn it waits for that turn to end, and the third behind it.
    equal = replace(first, priority=0)
    shares = share([equal, big, replace(small, ceiling_a=8)], [11.0, 20.0, 10.0], [0, 1, 2])
    assert [it.current_a for it in shares] == [10, 0, 0]
