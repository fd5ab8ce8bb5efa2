"""The lines that a car really uses, and what becomes of the phases that it leaves alone."""

from dataclasses import replace

import pytest

from custom_components.evse_suite.control.answer import Reason
from custom_components.evse_suite.control.layout import Seat, compile_layout
from custom_components.evse_suite.control.lines import LEARN_S, learn, seated
from custom_components.evse_suite.control.memory import ChargerMemory, Draw, Offer
from custom_components.evse_suite.control.model import (
    Cap,
    CapKind,
    ChargerActivity,
    ChargerSample,
    ChargerSpec,
    MainsMeterSpec,
    Phase,
    SiteMode,
    SiteSpec,
)
from tests.control.plant import (
    L1,
    L2,
    L3,
    TYPICAL,
    VOLTAGE_V,
    constant,
    fuse,
)
from tests.control.test_modes import make, site

ONE_LINE = replace(TYPICAL, lines=1)
TWO_LINES = replace(TYPICAL, lines=2)
THREE = (L1, L2, L3)


def test_a_single_phase_car_is_not_held_by_phases_that_it_does_not_use() -> None:
    # SITE-2: the house takes 17 of 25 A on L2, the car charges on L1 alone.
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE, car=ONE_LINE))
    plant.run(20)
    assert plant.chargers[0].device_a == 7
    assert plant.decision is not None
    assert plant.decision.chargers[0].reason is Reason.FUSE_LIMIT
    plant.run(60)
    assert plant.chargers[0].device_a == 23
    assert plant.over_s() == 0


def test_a_two_phase_car_is_held_by_its_two_phases() -> None:
    # SITE-2, with a rotation: its lines are on L2 and L3.
    rotated = make("a", (L2, L3, L1), car=TWO_LINES)
    plant = site(25, constant(l1=17.0, l2=3.0, l3=10.0), rotated)
    plant.run(80)
    assert rotated.device_a == 14


def test_what_a_car_leaves_alone_is_free_for_the_others() -> None:
    # SITE-2, SITE-3
    big = make("a", THREE, car=ONE_LINE)
    small = make("b", (L2,), poll_phase_s=0.9)
    plant = site(25, constant(l1=1.0, l2=1.0, l3=1.0), big, small)
    plant.run(15)
    assert small.device_a <= 17
    plant.run(80)
    assert (big.device_a, small.device_a) == (23, 23)
    assert plant.over_s() == 0


def test_all_lines_of_a_three_phase_car_count_for_ever() -> None:
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE))
    plant.run(120)
    assert plant.chargers[0].device_a == 7


def test_a_car_that_waits_or_ends_its_charge_teaches_nothing() -> None:
    # 2 A on one line are the balancing of cells or the air conditioning, not a charge.
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE, car=ONE_LINE))
    plant.chargers[0].car = replace(ONE_LINE, most_a=2)
    plant.run(120)
    assert plant.chargers[0].device_a == 7


def test_the_next_car_is_unknown_again() -> None:
    # SITE-2: forgotten at unplugging, so that a three-phase car meets the limit of every phase.
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE, car=ONE_LINE))
    plant.run(90)
    charger = plant.chargers[0]
    assert charger.device_a == 23
    charger.plugged = False
    plant.run(10)
    charger.car = TYPICAL
    charger.plugged = True
    plant.run(120)
    assert charger.device_a == 7
    assert plant.over_s() == 0


def test_a_line_that_awakes_counts_in_the_cycle_that_sees_it() -> None:
    # Promise 1: nobody expects it of a car; it is met like a step of the house.
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE, car=ONE_LINE))
    plant.run(90)
    charger = plant.chargers[0]
    charger.car = TYPICAL
    since_s = plant.now_s
    plant.run(60)
    assert charger.device_a == 7
    cut_s, cut_a = plant.changes(since_s)[0]
    assert cut_s - since_s <= plant.meter_period_s + charger.poll_s
    assert cut_a <= 8
    assert plant.over_s(since_s) <= 7


def test_surplus_is_counted_on_one_line() -> None:
    # LEK-9: without any surplus Hybrid imports the minimum of one line, not of three.
    for car, least_w in ((ONE_LINE, 6 * 230), (TYPICAL, 18 * 230)):
        plant = site(25, constant(l1=-3.0, l2=0.0, l3=0.0), make("a", THREE, car=car))
        plant.mode = SiteMode.HYBRID
        plant.run(120)
        assert plant.chargers[0].device_a == 6
        drawn_w = sum(plant.chargers[0].line_a().values()) * VOLTAGE_V
        assert drawn_w == pytest.approx(least_w, abs=50)


def test_green_goes_on_with_one_line_s_minimum_once_the_car_is_known() -> None:
    # LEK-10: it starts with what three lines need and stays while one line's minimum is there.
    load = {"w": -5000.0}
    car = make("a", THREE, car=ONE_LINE)
    plant = site(40, lambda _: {L1: load["w"] / 230, L2: 0.0, L3: 0.0}, car)
    plant.mode = SiteMode.GREEN
    plant.run(150)
    assert plant.chargers[0].device_a in {21, 22}
    load["w"] = -2000.0
    plant.run(300)
    assert plant.chargers[0].device_a in {8, 9}


def seat_of(*, switches_lines: bool = False) -> Seat:
    """Return a rotated charger behind a breaker on two of the phases."""
    spec = ChargerSpec(key="a", name="A", phases=(L2, L3, L1), switches_lines=switches_lines)
    circuit = Cap(
        key="shed", kind=CapKind.CIRCUIT, limit_a={L2: 16.0, L3: 16.0}, chargers=frozenset({"a"})
    )
    site_spec = SiteSpec(
        phases=THREE,
        voltage_v=230,
        meter=MainsMeterSpec(key="m"),
        caps=(fuse(25, *THREE), circuit),
        chargers=(spec,),
    )
    return compile_layout(site_spec).seats[0]


def sample_of(
    time_s: float, *drawn_a: float, restarts: int = 0, lines: int | None = None
) -> ChargerSample:
    return ChargerSample(
        time_s=time_s,
        activity=ChargerActivity.CHARGING,
        drawn_a=drawn_a,
        restarts=restarts,
        lines=lines,
    )


def memory_of(time_s: float, *without_s: float) -> ChargerMemory:
    return ChargerMemory(
        draws=(Draw(time_s=time_s, drawn_a=(0.0, 0.0, 0.0)),),
        offer=Offer(current_a=10, restarts=0),
        without_s=without_s,
    )


def learnt(
    sample: ChargerSample, memory: ChargerMemory, seat: Seat, *, silent: bool = False
) -> tuple[float, ...]:
    return learn(memory, sample, seat, connected=True, silent=silent)


KNOWN = (0.0, LEARN_S, LEARN_S)


@pytest.mark.parametrize(
    ("sample", "expected_s"),
    [
        (sample_of(102, 8.0, 0.2, 0.0), (0.0, 2.0, 2.0)),
        # What happened in a gap of a minute is not known.
        (sample_of(160, 8.0, 0.2, 0.0), (0.0, 5.0, 5.0)),
        (sample_of(102, 4.9, 0.0, 0.0), ()),
        (sample_of(102, 8.0, 8.0, 8.0), ()),
        # A line that is switched off teaches nothing.
        (sample_of(102, 8.0, 0.0, 0.0, lines=1), ()),
        (sample_of(102, 8.0, 0.0, 0.0, lines=3), (0.0, 2.0, 2.0)),
        # A sample that is not new.
        (sample_of(100, 8.0, 0.0, 0.0), ()),
        # A device that does not measure each line.
        (sample_of(102, 8.0), (0.0, 2.0, 2.0)),
    ],
)
def test_what_a_sample_teaches(sample: ChargerSample, expected_s: tuple[float, ...]) -> None:
    # SITE-2
    assert learnt(sample, memory_of(100), seat_of()) == expected_s


def test_what_was_learnt_stays_over_a_pause_and_goes_with_what_may_hide_a_change() -> None:
    seat = seat_of()
    memory = memory_of(100, *KNOWN)
    assert learnt(sample_of(102, 0.0, 0.0, 0.0), memory, seat) == KNOWN
    assert learnt(sample_of(102, 8.0, 1.0, 0.0), memory, seat) == (0.0, 0.0, LEARN_S)
    assert learnt(sample_of(102, 8.0, 0.0, 0.0, restarts=1), memory, seat) == ()
    assert learnt(sample_of(102, 8.0, 0.0, 0.0), memory, seat, silent=True) == ()
    gone = sample_of(102, 0.0, 0.0, 0.0)
    assert learn(memory, gone, seat, connected=False, silent=False) == ()


def test_a_charger_that_switches_and_does_not_say_how_many_lines_are_on_teaches_nothing() -> None:
    seat = seat_of(switches_lines=True)
    assert learnt(sample_of(102, 8.0, 0.0, 0.0), memory_of(100), seat) == ()


def test_the_rows_of_a_charger_follow_its_lines() -> None:
    # SITE-1, SITE-2: rows 0 to 2 are the phases of the fuse, 3 and 4 the breaker on L2 and L3.
    seat = seat_of()

    def rows(*drawn_a: float, lines: int | None = None, switching: bool = False) -> object:
        sample = sample_of(102, *drawn_a, lines=lines)
        got = seated(seat, KNOWN, sample, silent=False, switching=switching)
        return got.used, list(got.rows)

    everything = (0, 1, 2), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]
    assert rows(8.0, 0.0, 0.0) == ((0,), [(1, 1), (3, 1)])
    assert rows(8.0, 0.0, 3.0) == ((0, 2), [(0, 1), (1, 1), (3, 1)])
    assert rows(8.0, 8.0, 8.0, lines=1) == everything
    assert rows(8.0, 0.0, 0.0, lines=1, switching=True) == everything
    forced = seated(seat, (), sample_of(102, 8.0, 0.0, 0.0, lines=1), silent=False, switching=False)
    assert forced.used == (0,)
    assert seated(seat, KNOWN, None, silent=True, switching=False) is seat


def test_a_change_in_flight_leaves_the_house_known_on_the_lines_that_are_not_used() -> None:
    # SITE-2: nobody else has to wait for a car that cannot change anything on L2.
    plant = site(25, constant(l1=1.0, l2=17.0, l3=2.0), make("a", THREE, car=ONE_LINE))
    plant.run(90)
    plant.house = constant(l1=12.0, l2=17.0, l3=2.0)
    plant.keep_decisions = True
    plant.run(6)
    assert plant.chargers[0].device_a == 13
    widths_a: dict[Phase, float] = dict.fromkeys(THREE, 0.0)
    for decision in plant.decisions:
        for it in decision.phases:
            assert it.house_low_a is not None
            assert it.house_high_a is not None
            width_a = it.house_high_a - it.house_low_a
            widths_a[it.phase] = max(widths_a[it.phase], width_a)
    assert widths_a[L1] > 5
    assert widths_a[L2] < 1
