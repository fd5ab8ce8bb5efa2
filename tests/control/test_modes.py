"""Disabled, Power, Hybrid and Green with the manual's figures, alone and several together."""

import itertools
import math

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerSpec,
    MainsMeterSpec,
    Phase,
    SiteMode,
    SiteSpec,
    Wish,
)
from tests.control.plant import (
    L1,
    L2,
    L3,
    TYPICAL,
    VOLTAGE_V,
    Car,
    Charger,
    HouseLoad,
    Plant,
    constant,
    fuse,
    one_charger,
    stepped,
)


def make(
    key: str = "a",
    phases: tuple[Phase, ...] = (L1,),
    *,
    maximum_a: int = 32,
    priority: int = 0,
    plugged: bool = True,
    car: Car = TYPICAL,
    poll_phase_s: float = 0.3,
) -> Charger:
    return Charger(
        spec=ChargerSpec(key=key, name=key, phases=phases, maximum_a=maximum_a, priority=priority),
        plugged=plugged,
        car=car,
        poll_phase_s=poll_phase_s,
    )


def solar(mode: SiteMode, house: HouseLoad) -> Plant:
    return one_charger(
        60, house, charger=make(), mode=mode, noise_a=0.05, dt_s=0.2, keep_decisions=True
    )


def site(
    limit_a: float, house: HouseLoad, *chargers: Charger, circuits: tuple[Cap, ...] = ()
) -> Plant:
    phases = (L1, L2, L3)
    spec = SiteSpec(
        phases=phases,
        voltage_v=VOLTAGE_V,
        meter=MainsMeterSpec(key="m"),
        caps=(fuse(limit_a, *phases), *circuits),
        chargers=tuple(charger.spec for charger in chargers),
    )
    return Plant(spec=spec, house=house, chargers=list(chargers), noise_a=0.03, dt_s=0.2)


def imported_wh(plant: Plant, since_s: float = 0.0) -> float:
    return sum(
        max(0.0, mains_a[L1]) * VOLTAGE_V * plant.dt_s / 3600
        for time_s, mains_a, _ in plant.log
        if time_s >= since_s
    )


def test_disabled_sends_nothing_and_still_measures() -> None:
    # LEK-7
    plant = solar(SiteMode.DISABLED, stepped((0, -9.0), (1060, 70.0)))
    plant.run(50)
    assert plant.decision is not None
    assert plant.decision.surplus_w == pytest.approx(9 * 230, abs=40)
    plant.run(60)
    assert plant.commands == []
    assert plant.decision.overload
    assert plant.decision.phases[0].mains_a == pytest.approx(70, abs=0.5)
    assert plant.decision.phases[0].headroom_a == pytest.approx(-10, abs=0.5)
    assert plant.decision.chargers[0].target_a is None
    assert plant.decision.chargers[0].reason is Reason.DISABLED


def test_disabled_without_a_meter_sends_nothing_either() -> None:
    plant = solar(SiteMode.DISABLED, constant(l1=0.0))
    plant.fault = lambda _, __: None
    plant.run(60)
    assert plant.commands == []


def test_power_gives_what_the_fuse_leaves() -> None:
    # LEK-8
    plant = one_charger(60, constant(l1=41.5), charger=make(), dt_s=0.2)
    plant.run(60)
    assert [a for _, a in plant.changes()] == [18]
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.FUSE_LIMIT
    assert plant.decision.chargers[0].binding_cap == "fuse"
    # The house takes 41.5 A.
    assert plant.decision.chargers[0].sentence in {
        "18 A of 32 A: the house uses 42 of 60 A on L1.",
        "18 A of 32 A: the house uses 41 of 60 A on L1.",
    }


def test_hybrid_without_surplus_imports_the_minimum_and_never_more() -> None:
    # LEK-9
    plant = solar(SiteMode.HYBRID, constant(l1=0.0))
    plant.run(300)
    assert [a for _, a in plant.changes()] == [6]
    assert max(mains_a[L1] for _, mains_a, _ in plant.log) <= 6.1
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.SURPLUS_MINIMUM


def test_hybrid_gives_all_surplus_to_the_car() -> None:
    # LEK-9
    plant = solar(SiteMode.HYBRID, constant(l1=-12.4))
    plant.run(300)
    assert [a for _, a in plant.changes()] == [12]
    assert imported_wh(plant) == 0


@pytest.mark.parametrize("mode", [SiteMode.HYBRID, SiteMode.GREEN])
@pytest.mark.parametrize("surplus_a", [8.0, 8.2, 8.35, 8.5, 8.65, 8.8])
def test_a_steady_surplus_means_a_steady_current(mode: SiteMode, surplus_a: float) -> None:
    # SITE-6: wherever it lies between two whole amperes.
    plant = solar(mode, constant(l1=-surplus_a))
    plant.run(900)
    assert len(plant.changes(1120)) <= 1
    assert plant.chargers[0].device_a in {8, 9}


def test_green_starts_when_the_surplus_covers_the_minimum_and_did_of_late() -> None:
    # LEK-10: the mean of the last half minute is 0.7 of the minimum after 31 s at 6.5 A; at 16 A
    # that takes 9 s, but a raise needs the house of the last 10 s.
    started_s = {}
    for surplus_a in (5.5, 6.5, 16.4):
        plant = solar(SiteMode.GREEN, constant(l1=-surplus_a))
        plant.run(120)
        started_s[surplus_a] = [time_s - 1000 for time_s, a in plant.changes() if a]
    assert started_s[5.5] == []
    assert started_s[6.5][0] == pytest.approx(33, abs=3)
    assert started_s[16.4][0] == pytest.approx(12.5, abs=3)


def test_green_follows_the_surplus_and_imports_next_to_nothing() -> None:
    # LEK-10
    plant = solar(SiteMode.GREEN, lambda now_s: {L1: -11 - 4 * math.sin(now_s / 120)})
    plant.run(1800)
    # The decline is 2 A a minute at its steepest; the followers are one meter and one car late.
    assert imported_wh(plant) < 16
    given_a = [charger.drawn_a for charger in plant.chargers]
    assert given_a[0] > 5
    reversals = sum(
        1
        for (_, a), (_, b), (_, c) in zip(
            plant.changes(), plant.changes()[1:], plant.changes()[2:], strict=False
        )
        if (b - a) * (c - b) < 0
    )
    assert reversals <= 8


def test_green_stops_after_a_minute_without_sun_and_not_in_a_short_cloud() -> None:
    # LEK-10
    plant = solar(SiteMode.GREEN, stepped((0, -10.4), (1300, 0.0), (1320, -10.4), (1600, 0.0)))
    plant.run(700)
    changes = plant.changes()
    assert [a for _, a in changes] == [10, 6, 10, 6, 0]
    # The mean of about half a minute falls from 1.7 to 0.5 of the minimum.
    assert changes[-1][0] - 1600 == pytest.approx(43, abs=6)
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.WAITING_FOR_SURPLUS
    assert plant.decision.chargers[0].sentence == (
        "Waits for enough surplus: it needs 1.4 kW for a while, there is 0.0 kW."
    )


def test_green_keeps_two_minutes_between_start_and_stop() -> None:
    plant = solar(SiteMode.GREEN, lambda now_s: {L1: -10.4 if now_s % 100 < 40 else 0.0})
    plant.run(1500)
    on_off = [(time_s, a) for time_s, a in plant.changes() if True]
    edges = [
        time_s
        for (_, a), (time_s, b) in zip([(0, 0), *on_off], on_off, strict=False)
        if (a == 0) != (b == 0)
    ]
    assert all(b - a >= 119 for a, b in itertools.pairwise(edges))


def test_only_a_cap_breaks_the_two_minutes() -> None:
    plant = solar(SiteMode.GREEN, stepped((0, -10.4), (1050, 58.0)))
    plant.run(60)
    assert [a for _, a in plant.changes()][-1] == 0


def test_a_change_of_mode_takes_effect_at_once() -> None:
    plant = solar(SiteMode.POWER, constant(l1=3.0))
    plant.run(100)
    assert plant.chargers[0].device_a == 32
    plant.mode = SiteMode.GREEN
    plant.run(4)
    assert plant.chargers[0].device_a == 6
    plant.run(120)
    # It goes on for a moment, because that might be a cloud, then it stops.
    assert plant.chargers[0].device_a == 0
    plant.mode = SiteMode.POWER
    plant.run(20)
    assert plant.chargers[0].device_a == 32


def test_wishes_override_the_mode_but_not_the_fuse() -> None:
    # SITE-4: boost on a green site, above the fuse it is cut like everything else.
    plant = solar(SiteMode.GREEN, stepped((0, 3.0), (1100, 45.0)))
    plant.wishes = {"a": Wish(mode=SiteMode.POWER)}
    plant.run(60)
    assert plant.chargers[0].device_a == 32
    plant.run(60)
    assert plant.chargers[0].device_a in {14, 15}
    plant.wishes = {"a": Wish(mode=SiteMode.POWER, ceiling_a=0)}
    plant.run(5)
    assert plant.chargers[0].device_a == 0
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.NOT_WANTED


def test_one_charger_can_be_left_alone_and_still_counts() -> None:
    free, mine = make("free"), make("mine", poll_phase_s=0.7)
    free.device_a = 20
    plant = site(40, constant(l1=5.0, l2=0.0, l3=0.0), free, mine)
    plant.wishes = {"free": Wish(mode=SiteMode.DISABLED)}
    plant.run(120)
    assert {command.key for _, command in plant.commands} == {"mine"}
    assert mine.device_a in {14, 15}


def test_a_charger_without_a_car_keeps_the_minimum_ready_while_it_fits() -> None:
    plant = one_charger(25, stepped((0, 5), (1100, 20)), charger=make(plugged=False), dt_s=0.2)
    plant.run(95)
    assert [a for _, a in plant.changes()] == [6]
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.NO_CAR
    plant.run(30)
    assert plant.chargers[0].device_a == 0
    plant.chargers[0].plugged = True
    plant.run(60)
    assert plant.chargers[0].drawn_a == 0


def test_green_keeps_nothing_ready() -> None:
    plant = one_charger(
        25, constant(l1=5), charger=make(plugged=False), dt_s=0.2, mode=SiteMode.GREEN
    )
    plant.run(95)
    assert plant.commands == []


def test_two_chargers_share_on_any_phases() -> None:
    # SITE-2, SITE-3: three phases rotated beside one phase.
    three, single = make("three", (L2, L3, L1)), make("single", (L2,), poll_phase_s=0.7)
    plant = site(25, constant(l1=2.5, l2=3.5, l3=4.5), three, single)
    plant.run(120)
    assert (three.device_a, single.device_a) == (10, 11)
    assert plant.over_s() == 0
    assert plant.decision is not None
    assert {one.reason for one in plant.decision.chargers} == {Reason.SHARED}


def test_a_breaker_in_front_of_two_is_a_cap_of_its_own() -> None:
    # SITE-1: nested caps, the tightest is named.
    circuit = Cap(
        key="garage",
        kind=CapKind.CIRCUIT,
        limit_a={L1: 16.0},
        chargers=frozenset({"a", "b"}),
    )
    a, b, c = make("a"), make("b", poll_phase_s=0.9), make("c", poll_phase_s=1.4)
    plant = site(60, constant(l1=5.5, l2=0.0, l3=0.0), a, b, c, circuits=(circuit,))
    plant.run(120)
    assert (a.device_a, b.device_a, c.device_a) == (8, 8, 32)
    assert plant.decision is not None
    assert plant.decision.chargers[0].binding_cap == "garage"


def test_when_not_all_fit_they_take_turns_and_priority_goes_first() -> None:
    # SITE-3: room for one of two equals; the third has priority and never waits.
    first = make("first", (L2,), priority=1)
    a, b = make("a", poll_phase_s=0.9), make("b", poll_phase_s=1.4)
    plant = site(20, constant(l1=12.0, l2=12.0, l3=0.0), first, a, b)
    plant.run(4000)
    assert plant.changes(key="first") == [plant.changes(key="first")[0]]
    charged_s = {"a": 0.0, "b": 0.0}
    for key in charged_s:
        changes = [*plant.changes(key=key), (plant.now_s, 0)]
        for (from_s, current_a), (to_s, _) in itertools.pairwise(changes):
            charged_s[key] += (to_s - from_s) * (current_a > 0)
    assert min(charged_s.values()) > 1200
    assert plant.over_s() == 0


def test_a_full_car_gives_its_room_to_a_hungry_one() -> None:
    full = make("full", car=Car(most_a=6))
    hungry = make("hungry", poll_phase_s=0.9)
    plant = site(40, constant(l1=3.5, l2=0.0, l3=0.0), full, hungry)
    plant.run(240)
    assert hungry.device_a >= 27
    assert full.device_a >= 6
    assert plant.over_s() == 0


def test_several_share_the_surplus() -> None:
    plant = site(60, constant(l1=-14.4, l2=-3.0, l3=0.0), make("a"), make("b", poll_phase_s=0.9))
    plant.mode = SiteMode.GREEN
    plant.run(300)
    # 17.4 A net of the phases: 8 and 9 A; import on one phase is export on another.
    assert sorted(charger.device_a for charger in plant.chargers) == [8, 9]
    # The sun is enough for one only.
    plant.house = constant(l1=-8.4, l2=0.0, l3=0.0)
    plant.run(300)
    assert sorted(charger.device_a for charger in plant.chargers) == [0, 8]


def test_a_boosting_charger_takes_its_part_of_the_surplus_first() -> None:
    boost, green = make("boost", maximum_a=8), make("green", poll_phase_s=0.9)
    plant = site(60, constant(l1=-16.4, l2=0.0, l3=0.0), boost, green)
    plant.mode = SiteMode.GREEN
    plant.wishes = {"boost": Wish(mode=SiteMode.POWER)}
    plant.run(300)
    assert (boost.device_a, green.device_a) == (8, 8)


def test_a_single_phase_car_on_three_lines_takes_its_surplus_on_one() -> None:
    plant = site(25, constant(l1=-20.4, l2=0.0, l3=0.0), make("a", (L1, L2, L3), car=Car(lines=1)))
    plant.mode = SiteMode.GREEN
    plant.run(300)
    assert plant.chargers[0].device_a == 20
