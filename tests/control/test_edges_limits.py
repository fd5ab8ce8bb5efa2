"""A limit from outside and the lines of a charger, to the second and the ampere."""

from dataclasses import replace
from math import inf, nan

import pytest

from custom_components.evse_suite.control.layout import Layout, Seat, compile_layout
from custom_components.evse_suite.control.limits import RECOVER_S, in_force
from custom_components.evse_suite.control.lines import (
    can_switch,
    car_lines,
    fewest,
    learn,
    may_switch,
    seated,
    switched_on,
)
from custom_components.evse_suite.control.memory import (
    ChargerMemory,
    Draw,
    LimitsMemory,
    Offer,
    Switching,
)
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    LimitSample,
    LimitSource,
    MainsMeterSpec,
    SiteSpec,
)
from tests.control.plant import L1, L2, L3, fuse

SOURCE = LimitSource(dimmed=10.0, silent_after_s=30.0)
NOW_S = 1000.0


def site(*caps: Cap, charger: ChargerSpec | None = None) -> Layout:
    return compile_layout(
        SiteSpec(
            phases=(L1, L2, L3),
            voltage_v=230.0,
            meter=MainsMeterSpec(key="m"),
            caps=(fuse(40, L1, L2, L3), *caps),
            chargers=(charger,) if charger else (),
        )
    )


DIMMED = site(
    Cap(key="operator", kind=CapKind.EXTERNAL, limit_a={L1: 32.0, L2: 32.0}, source=SOURCE)
)


def heard(
    limit: float | None,
    past: LimitsMemory | None = None,
    *,
    now_s: float = NOW_S,
    age_s: float = 0.0,
    layout: Layout = DIMMED,
    key: str = "operator",
) -> LimitsMemory:
    said = {} if limit is None else {key: LimitSample(time_s=now_s - age_s, limit=limit)}
    return in_force(layout, said, past, now_s)


def limits_a(memory: LimitsMemory) -> list[float]:
    return [row.limit_a for row in memory.layout.rows[:3]]


@pytest.mark.parametrize(
    ("limit", "age_s", "believed"),
    [
        (20.0, 0.0, True),
        (20.0, 30.0, True),
        (20.0, 30.1, False),
        (20.0, -1.0, True),
        (20.0, -1.1, False),
        (0.0, 0.0, True),
        (-0.1, 0.0, False),
        (inf, 0.0, True),
        (nan, 0.0, False),
        (-inf, 0.0, False),
        # Twenty times the fuse is no limit that anybody would set.
        (800.0, 0.0, True),
        (800.1, 0.0, False),
        (None, 0.0, False),
    ],
)
def test_who_cannot_be_believed_counts_as_dimmed(
    limit: float | None, age_s: float, *, believed: bool
) -> None:
    # SITE-1
    memory = heard(limit, age_s=age_s)
    assert memory.said["operator"].dimmed is not believed
    wanted_a = limit if believed and limit is not None else 10.0
    # The third phase is not the operator's; what is configured holds as well.
    assert limits_a(memory) == [min(32.0, wanted_a), min(32.0, wanted_a), 40.0]


def test_a_limit_in_watts_may_be_as_large_as_all_phases_bear() -> None:
    source = LimitSource(dimmed=2000.0)
    layout = site(Cap(key="operator", kind=CapKind.EXTERNAL, limit_w=inf, source=source))
    most_w = 800 * 3 * 230.0
    for limit_w, believed in ((4200.0, True), (most_w, True), (most_w + 1, False)):
        row = heard(limit_w, layout=layout).layout.rows[3]
        assert row.limit_w == (limit_w if believed else 2000.0)
        assert row.limit_a == pytest.approx((limit_w if believed else 2000.0) / 230)


def test_a_limit_in_watts_lowers_its_own_row_alone() -> None:
    caps = (
        Cap(key="contract", kind=CapKind.CONTRACT, limit_w=9000.0),
        Cap(
            key="operator",
            kind=CapKind.EXTERNAL,
            limit_w=8000.0,
            source=LimitSource(dimmed=1000.0),
        ),
    )
    layout = site(*caps)
    for limit_w, expected_w in ((5000.0, 5000.0), (8500.0, 8000.0)):
        rows = heard(limit_w, layout=layout).layout.rows
        assert [row.limit_w for row in rows] == [None, None, None, 9000.0, expected_w]
        assert [row.limit_a for row in rows[:3]] == [40.0, 40.0, 40.0]


def test_a_limit_falls_at_once_and_says_so_and_rises_with_patience() -> None:
    first = heard(20.0)
    assert first.lowered == frozenset()
    fallen = heard(14.0, first)
    assert limits_a(fallen) == [14.0, 14.0, 40.0]
    assert fallen.lowered == {0, 1}
    # Only what fell in this very cycle is told.
    assert heard(14.0, fallen, now_s=NOW_S + 1).lowered == frozenset()
    waits = heard(25.0, fallen, now_s=NOW_S + 1)
    assert limits_a(waits) == [14.0, 14.0, 40.0]
    almost = heard(25.0, waits, now_s=NOW_S + 1 + RECOVER_S - 0.1)
    assert limits_a(almost) == [14.0, 14.0, 40.0]
    risen = heard(25.0, almost, now_s=NOW_S + 1 + RECOVER_S)
    assert limits_a(risen) == [25.0, 25.0, 40.0]
    assert risen.lowered == frozenset()


def test_it_rises_to_the_least_that_was_said_meanwhile_and_then_waits_again() -> None:
    low = heard(10.0)
    since_s = NOW_S + 1
    first = heard(30.0, low, now_s=since_s)
    between = heard(16.0, first, now_s=since_s + 1)
    assert limits_a(between)[0] == 10.0
    least = heard(30.0, between, now_s=since_s + RECOVER_S)
    assert limits_a(least)[0] == 16.0
    assert limits_a(heard(30.0, least, now_s=since_s + 2 * RECOVER_S - 0.1))[0] == 16.0
    again = heard(30.0, least, now_s=since_s + 2 * RECOVER_S)
    assert limits_a(again)[0] == 30.0
    # A limit that falls back to where it is ends the wait; the next one begins anew.
    back = heard(10.0, first, now_s=since_s + 1)
    late = heard(30.0, back, now_s=since_s + RECOVER_S)
    assert limits_a(late)[0] == 10.0


def test_a_site_that_was_set_up_anew_has_its_own_limits() -> None:
    old = heard(20.0)
    wider = replace(DIMMED.spec, caps=(fuse(63, L1, L2, L3), *DIMMED.spec.caps[1:]))
    assert limits_a(heard(20.0, old, layout=compile_layout(wider))) == [20.0, 20.0, 63.0]


SPEC = ChargerSpec(key="a", name="A", phases=(L2, L3, L1), switches_lines=True)


def seat(spec: ChargerSpec = SPEC) -> Seat:
    return site(charger=spec).seats[0]


def sample(*drawn_a: float, lines: int | None = 3, time_s: float = NOW_S) -> ChargerSample:
    return ChargerSample(
        time_s=time_s, activity=ChargerActivity.CHARGING, drawn_a=drawn_a, lines=lines
    )


def memory(*without_s: float, seen_s: float = NOW_S - 2) -> ChargerMemory:
    return ChargerMemory(
        offer=Offer(restarts=0),
        draws=(Draw(time_s=seen_s, drawn_a=(10.0, 0.0, 0.0)),),
        without_s=without_s,
    )


def learnt(past: ChargerMemory, new: ChargerSample, **states: bool) -> tuple[float, ...]:
    known = {"connected": True, "silent": False} | states
    return learn(past, new, seat(), connected=known["connected"], silent=known["silent"])


@pytest.mark.parametrize(
    ("drawn_a", "without_s"),
    [
        ((10.0, 0.0, 0.0), (0.0, 7.0, 7.0)),
        ((10.0, 0.9, 0.0), (0.0, 7.0, 7.0)),
        ((10.0, 1.0, 0.0), (0.0, 0.0, 7.0)),
        # Less than the minimum by more than an ampere is a car that begins or ends.
        ((5.0, 0.0, 0.0), (0.0, 7.0, 7.0)),
        ((4.9, 0.0, 0.0), (0.0, 5.0, 5.0)),
        # A charger that measures fewer lines than it has draws nothing on the others.
        ((10.0,), (0.0, 7.0, 7.0)),
    ],
)
def test_a_line_without_current_is_learnt_while_the_car_charges(
    drawn_a: tuple[float, ...], without_s: tuple[float, ...]
) -> None:
    assert learnt(memory(0.0, 5.0, 5.0), sample(*drawn_a)) == without_s


def test_a_gap_counts_for_five_seconds_and_all_for_fifteen() -> None:
    one = sample(10.0, 0.0, 0.0)
    assert learnt(memory(seen_s=NOW_S - 60), one) == (0.0, 5.0, 5.0)
    assert learnt(memory(seen_s=NOW_S - 4.5), one) == (0.0, 4.5, 4.5)
    assert learnt(memory(0.0, 14.0, 15.0), one) == (0.0, 15.0, 15.0)
    # The first sample has no gap before it, and the same one twice neither.
    assert learnt(replace(memory(), draws=()), one) == ()
    assert learnt(memory(0.0, 3.0, 3.0, seen_s=NOW_S), one) == (0.0, 3.0, 3.0)


def test_what_is_not_known_is_forgotten() -> None:
    past, one = memory(0.0, 9.0, 9.0), sample(10.0, 0.0, 0.0)
    assert learnt(past, one, connected=False) == ()
    assert learnt(past, one, silent=True) == ()
    assert learnt(past, replace(one, restarts=1)) == ()
    assert learn(past, None, seat(), connected=True, silent=False) == ()
    # Nobody knows whether the lines of one that does not tell them are on.
    assert learnt(past, replace(one, lines=None)) == (0.0, 9.0, 9.0)
    # A line that is off proves nothing of the car.
    assert learnt(past, replace(one, lines=2)) == (0.0, 11.0, 9.0)


def test_lines_that_are_off_or_not_used_do_not_count() -> None:
    full = seat()
    for without_s, new, used in (
        ((), sample(10.0, 10.0, 10.0), (0, 1, 2)),
        ((0.0, 15.0, 15.0), sample(10.0, 0.0, 0.0), (0,)),
        ((0.0, 14.9, 15.0), sample(10.0, 0.0, 0.0), (0, 1)),
        ((), sample(10.0, 0.0, 0.0, lines=1), (0,)),
        ((), sample(10.0, 0.0, 0.0, lines=0), (0,)),
        ((), sample(10.0, 0.0, 0.0, lines=7), (0, 1, 2)),
        # Whatever was learnt, a line with current counts.
        ((0.0, 15.0, 15.0), sample(10.0, 0.0, 1.0), (0, 2)),
        ((), sample(10.0, 1.0, 0.9, lines=1), (0, 1)),
    ):
        present = seated(full, without_s, new, silent=False, switching=False)
        assert present.used == used, (without_s, new)
        assert seated(full, without_s, new, silent=True, switching=False) is full
        assert seated(full, without_s, new, silent=False, switching=True) is full
    assert [switched_on(full, sample(1.0, lines=told)) for told in (None, 0, 1, 2, 3, 4)] == [
        3, 1, 1, 2, 3, 3,
    ]  # fmt: skip
    assert [car_lines(full, told) for told in ((), (0.0, 15.0, 14.0), (0.0, 15.0, 15.0))] == [
        3, 2, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("past", "spares", "protects"),
    [
        (Switching(), True, True),
        (Switching(switches_s=(400.0,)), True, True),
        (Switching(switches_s=(400.1,)), False, True),
        (Switching(switches_s=(1.0, 2.0, 400.0)), True, True),
        (Switching(switches_s=(1.0, 2.0, 3.0, 4.0)), False, False),
        (Switching(refused_s=1.0), False, False),
    ],
)
def test_switches_are_spaced_and_bounded(past: Switching, *, spares: bool, protects: bool) -> None:
    assert may_switch(past, NOW_S) is spares
    assert may_switch(past, NOW_S, protects=True) is protects


def test_who_can_switch_may_soon_need_one_line_only() -> None:
    three = sample(10.0, 10.0, 10.0)
    assert fewest(seat(), three, Switching(), NOW_S, silent=False) == 1
    assert fewest(seat(), three, Switching(aim=1), NOW_S, silent=False) == 1
    assert fewest(seat(), three, Switching(aim=3), NOW_S, silent=False) == 3
    assert fewest(seat(), three, Switching(aim=2), NOW_S, silent=False) == 3
    assert fewest(seat(), three, Switching(refused_s=1.0), NOW_S, silent=False) == 3
    assert fewest(seat(), three, Switching(), NOW_S, silent=True) == 3
    assert fewest(seat(), None, Switching(), NOW_S, silent=False) == 3
    assert not can_switch(seat(), replace(three, lines=None))
    fixed = seat(replace(SPEC, switches_lines=False))
    assert fewest(fixed, three, Switching(), NOW_S, silent=False) == 3
    alone = seat(ChargerSpec(key="a", name="A", phases=(L1,), switches_lines=True))
    assert not can_switch(alone, three)
