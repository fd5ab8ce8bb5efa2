"""Sharing against the optimum that trying everything finds: minima by rank, then max-min fair.

Circuits in circuits (SITE-1), several phases (SITE-2) and ranks (SITE-3), small enough to try every
allocation of whole amperes.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given, settings, strategies as st

from custom_components.evse_suite.control.sharing import Claim, share

MINIMUM_A = 6
EPSILON_A = 1e-6


def fits(claims: Sequence[Claim], room_a: Sequence[float], given_a: Sequence[int]) -> bool:
    """Whether no row carries more than its room."""
    used_a = [0.0] * len(room_a)
    for claim, current_a in zip(claims, given_a, strict=True):
        for row, lines in claim.rows:
            used_a[row] += lines * current_a
    return all(used <= room + EPSILON_A for used, room in zip(used_a, room_a, strict=True))


def served(claims: Sequence[Claim], room_a: Sequence[float], rank: Sequence[int]) -> list[bool]:
    """Return who gets the minimum: everybody for whom it fits after all of higher rank."""
    minima_a = [0] * len(claims)
    for index in rank:
        if claims[index].ceiling_a >= MINIMUM_A:
            minima_a[index] = MINIMUM_A
            if not fits(claims, room_a, minima_a):
                minima_a[index] = 0
    return [a > 0 for a in minima_a]


def allocations(
    claims: Sequence[Claim], room_a: Sequence[float], on: Sequence[bool]
) -> Iterator[tuple[int, ...]]:
    """Yield every allocation of whole amperes that fits."""
    choices = [
        range(MINIMUM_A, claim.ceiling_a + 1) if one else (0,)
        for claim, one in zip(claims, on, strict=True)
    ]
    return (any_a for any_a in product(*choices) if fits(claims, room_a, any_a))


def fairest(
    claims: Sequence[Claim], room_a: Sequence[float], rank: Sequence[int]
) -> tuple[int, ...]:
    """Return the currents of the fairest allocation, the least first."""
    on = served(claims, room_a, rank)
    return max(tuple(sorted(any_a)) for any_a in allocations(claims, room_a, on))


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[Claim], list[float], list[int]]:
    """Draw a tree of circuits on one phase, each in one of those before it, and its chargers."""
    parents = [draw(st.integers(0, number - 1)) for number in range(1, draw(st.integers(1, 4)) + 1)]
    paths: list[list[int]] = [[0]]
    for number, parent in enumerate(parents, start=1):
        paths.append([*paths[parent], number])
    claims = [
        Claim(
            rows=tuple((row, 1) for row in draw(st.sampled_from(paths))),
            ceiling_a=draw(st.sampled_from([0, 5, 6, 8, 11])),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    room_a = [draw(st.floats(0, 36)) for _ in paths]
    return claims, room_a, draw(st.permutations(range(len(claims))))


PHASES = [(0,), (1,), (2,), (0, 1), (0, 1, 2)]


@st.composite
def three_phases(draw: st.DrawFn) -> tuple[list[Claim], list[float], list[int]]:
    """Draw chargers on one, two and three phases, some behind a breaker of three poles."""
    claims = []
    for _ in range(draw(st.integers(1, 4))):
        phases = draw(st.sampled_from(PHASES))
        behind = [(phase + 3, 1) for phase in phases] if draw(st.booleans()) else []
        claims.append(
            Claim(
                rows=(*[(phase, 1) for phase in phases], *behind),
                ceiling_a=draw(st.sampled_from([0, 6, 8, 10])),
                phases=len(phases),
            )
        )
    room_a = [draw(st.floats(0, 30)) for _ in range(6)]
    return claims, room_a, draw(st.permutations(range(len(claims))))


@st.composite
def power(draw: st.DrawFn) -> tuple[list[Claim], list[float], list[int]]:
    """Draw chargers with one line or three under one limit on power."""
    lines = draw(st.lists(st.sampled_from([1, 3]), min_size=1, max_size=4))
    claims = [
        Claim(rows=((0, count),), ceiling_a=draw(st.sampled_from([6, 8, 10])), phases=count)
        for count in lines
    ]
    return claims, [draw(st.floats(0, 90))], draw(st.permutations(range(len(claims))))


def check(problem: tuple[list[Claim], list[float], list[int]]) -> None:
    """Compare the shares with the optimum."""
    claims, room_a, rank = problem
    got_a = [one.current_a for one in share(claims, room_a, rank)]
    assert fits(claims, room_a, got_a)
    assert [a > 0 for a in got_a] == served(claims, room_a, rank)
    assert tuple(sorted(got_a)) == fairest(claims, room_a, rank)


@settings(deadline=None, max_examples=150)
@given(trees())
def test_on_a_tree_of_circuits_the_shares_are_the_fairest(
    problem: tuple[list[Claim], list[float], list[int]],
) -> None:
    check(problem)


@settings(deadline=None, max_examples=150)
@given(three_phases())
def test_on_three_phases_the_shares_are_the_fairest(
    problem: tuple[list[Claim], list[float], list[int]],
) -> None:
    check(problem)


@settings(deadline=None, max_examples=100)
@given(power())
def test_under_a_limit_on_power_the_shares_are_the_fairest(
    problem: tuple[list[Claim], list[float], list[int]],
) -> None:
    check(problem)


@settings(deadline=None, max_examples=50)
@given(trees())
def test_who_is_kept_from_more_is_told_by_which_row(
    problem: tuple[list[Claim], list[float], list[int]],
) -> None:
    # Promise 7: one ampere more does not fit on the row that is named, and without a name the
    # ceiling is reached.
    claims, room_a, rank = problem
    shares = share(claims, room_a, rank)
    used_a = [0.0] * len(room_a)
    for claim, one in zip(claims, shares, strict=True):
        for row, lines in claim.rows:
            used_a[row] += lines * one.current_a
    for claim, one in zip(claims, shares, strict=True):
        if one.row is None:
            assert one.current_a in {claim.ceiling_a, 0}
        else:
            step_a = 1 if one.current_a else claim.minimum_a
            assert used_a[one.row] + step_a > room_a[one.row]
