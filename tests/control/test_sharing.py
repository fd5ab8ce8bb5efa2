"""Sharing is feasible and max-min fair, checked against every possible allocation (SITE-3)."""

from itertools import product

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.evse_suite.control.sharing import Claim, Share, share


def currents(shares: list[Share]) -> list[int]:
    return [got.current_a for got in shares]


def test_one_phase_is_split_evenly() -> None:
    claims = [Claim(rows=((0, 1),), ceiling_a=32) for _ in range(3)]
    assert currents(share(claims, [25.0], [0, 1, 2])) == [9, 8, 8]


def test_a_small_ceiling_leaves_its_rest_to_the_others() -> None:
    claims = [Claim(rows=((0, 1),), ceiling_a=limit_a) for limit_a in (7, 32, 32)]
    got = share(claims, [31.0], [0, 1, 2])
    assert currents(got) == [7, 12, 12]
    assert [one.row for one in got] == [None, 0, 0]


def test_three_phases_take_the_same_and_the_tightest_phase_binds() -> None:
    # SITE-2: three-phase beside a single-phase charger on L2.
    three = Claim(rows=((0, 1), (1, 1), (2, 1)), ceiling_a=16, phases=3)
    single = Claim(rows=((1, 1),), ceiling_a=32)
    got = share([three, single], [25.0, 22.0, 25.0], [0, 1])
    assert currents(got) == [11, 11]
    assert got[0].row == 1


def test_a_nested_breaker_binds_only_its_own() -> None:
    behind = Claim(rows=((0, 1), (1, 1)), ceiling_a=32)
    free = Claim(rows=((0, 1),), ceiling_a=32)
    got = share([behind, behind, free], [60.0, 16.0], [0, 1, 2])
    assert currents(got) == [8, 8, 32]
    assert got[0].row == 1


def test_where_not_all_fit_the_rank_decides_and_nobody_gets_less_than_the_minimum() -> None:
    claims = [Claim(rows=((0, 1),), ceiling_a=32) for _ in range(3)]
    assert currents(share(claims, [14.0], [2, 0, 1])) == [7, 0, 7]


def test_a_car_with_little_demand_leaves_room_until_nobody_wants_it() -> None:
    modest = Claim(rows=((0, 1),), ceiling_a=32, demand_a=8)
    hungry = Claim(rows=((0, 1),), ceiling_a=16)
    assert currents(share([modest, hungry], [24.0], [0, 1])) == [8, 16]
    assert currents(share([modest, hungry], [30.0], [0, 1])) == [14, 16]


@pytest.mark.parametrize("room_a", [float("inf"), float("-inf"), 0.0, 5.9])
def test_room_without_limit_or_without_any(room_a: float) -> None:
    claims = [Claim(rows=((0, 1),), ceiling_a=32)]
    expected = 32 if room_a == float("inf") else 0
    assert currents(share(claims, [room_a], [0])) == [expected]


ROWS = [
    ((0, 1),),
    ((1, 1),),
    ((0, 1), (1, 1)),
    ((0, 1), (2, 1)),
    ((0, 2),),
]
"""Two phases and a breaker on the first; a 240 V charger twice on the same phase."""


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Claim], list[float]]:
    rows = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=3))
    claims = [
        Claim(
            rows=mine,
            ceiling_a=draw(st.sampled_from([0, 6, 7, 9])),
            phases=len({row for row, _ in mine if row < 2}),
        )
        for mine in rows
    ]
    room_a = [draw(st.floats(0, 24)) for _ in range(3)]
    return claims, room_a


def feasible(claims: list[Claim], room_a: list[float], given_a: tuple[int, ...]) -> bool:
    used_a = [0.0, 0.0, 0.0]
    for claim, current_a in zip(claims, given_a, strict=True):
        for row, lines in claim.rows:
            used_a[row] += lines * current_a
    return all(used <= room + 1e-6 for used, room in zip(used_a, room_a, strict=True))


@settings(deadline=None, max_examples=150)
@given(problems())
def test_the_result_is_the_fairest_of_all_that_fit(
    problem: tuple[list[Claim], list[float]],
) -> None:
    claims, room_a = problem
    got = tuple(currents(share(claims, room_a, range(len(claims)))))
    assert feasible(claims, room_a, got)
    served = [current_a > 0 for current_a in got]
    choices = [
        range(claim.minimum_a, claim.ceiling_a + 1) if on else (0,)
        for claim, on in zip(claims, served, strict=True)
    ]
    best = max(sorted(any_a) for any_a in product(*choices) if feasible(claims, room_a, any_a))
    # A 240 V charger with both lines on one phase weighs double: there only the least counts.
    if any(lines == 2 for claim in claims for _, lines in claim.rows):
        assert min(got) == best[0]
    else:
        assert sorted(got) == best
    for index, claim in enumerate(claims):
        if not served[index] and claim.ceiling_a:
            more = tuple(claim.minimum_a if n == index else a for n, a in enumerate(got))
            floor = tuple(
                min(a, claims[n].minimum_a) if n < index else (a if n == index else 0)
                for n, a in enumerate(more)
            )
            assert not feasible(claims, room_a, floor), "the minimum would have fitted in its turn"


@given(problems())
def test_who_is_alone_gets_what_a_neighbour_that_wants_nothing_leaves(
    problem: tuple[list[Claim], list[float]],
) -> None:
    # SITE-3: a lone charger is served without the steps of sharing.
    claims, room_a = problem
    for claim in claims:
        nothing = Claim(rows=claim.rows, ceiling_a=0)
        assert share([claim], room_a, [0]) == share([claim, nothing], room_a, [0, 1])[:1]
