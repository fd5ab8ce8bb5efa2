"""When a meter that answers is not believed, and when it is again, to the second (SITE-5).

Promise 2: a frozen meter, one that leaps and one that comes and goes.
"""

from dataclasses import dataclass, field

import pytest

from custom_components.evse_suite.control.answer import MeterHealth
from custom_components.evse_suite.control.evidence import ClampMemory
from custom_components.evse_suite.control.layout import compile_layout
from custom_components.evse_suite.control.memory import MeterMemory
from custom_components.evse_suite.control.meter import RING, health, watch
from custom_components.evse_suite.control.model import MainsMeterSpec, MainsSample, SiteSpec
from tests.control.plant import L1, L2, fuse

SPEC = MainsMeterSpec(key="m", period_s=1.0, silent_after_s=8.0)
LAYOUT = compile_layout(
    SiteSpec(phases=(L1, L2), voltage_v=230.0, meter=SPEC, caps=(fuse(25, L1, L2),), chargers=())
)
IMPLAUSIBLE, SILENT = MeterHealth.IMPLAUSIBLE, MeterHealth.SILENT


@dataclass
class Line:
    """A meter that is read every second and chargers that are read every other."""

    now_s: float = 1000.0
    drawn_a: float = 0.0
    """By the chargers on L2."""
    house_a: float = 5.0
    wobbles: bool = True
    meter: MeterMemory = field(default_factory=lambda: MeterMemory(started_s=1000.0))
    frozen_a: float | None = None

    def reads(self, seconds: int, *, silent: bool = False) -> Line:
        for _ in range(seconds):
            self.now_s += 1
            shown_a = self.house_a + self.drawn_a + (0.1 * (self.now_s % 7) if self.wobbles else 0)
            if self.frozen_a is not None:
                shown_a = self.frozen_a
            self.takes(None if silent else (5.0, shown_a))
        return self

    def takes(self, current_a: tuple[float, float] | None, *, ahead_s: float = 0.0) -> None:
        told = None
        if current_a is not None:
            told = MainsSample(
                time_s=self.now_s + ahead_s,
                current_a=dict(zip((L1, L2), current_a, strict=True)),
                power_w={L1: 230 * current_a[0], L2: 230 * current_a[1]},
                voltage_v={L1: 230.0, L2: 230.0},
            )
        self.meter = watch(
            self.meter,
            told,
            LAYOUT,
            draws_a=(0.0, self.drawn_a),
            draws_s=self.now_s - self.now_s % 2,
            now_s=self.now_s,
        )

    def freezes(self) -> Line:
        """Let the meter repeat what it said last from now on."""
        assert self.meter.last is not None
        self.frozen_a = self.meter.last.current_a[1]
        return self

    @property
    def lost(self) -> MeterHealth | None:
        return self.meter.lost

    @property
    def health(self) -> MeterHealth:
        return health(self.meter, ClampMemory(), SPEC, self.now_s)


@pytest.mark.parametrize(("change_a", "found"), [(3.1, True), (-3.1, True), (3.0, False)])
def test_a_meter_that_stands_still_while_cars_change_is_frozen(
    change_a: float, *, found: bool
) -> None:
    line = Line(drawn_a=10.0).reads(20).freezes().reads(6)
    assert line.health is MeterHealth.OK
    line.drawn_a += change_a
    line.reads(2)
    assert line.health is (MeterHealth.LATE if found else MeterHealth.OK)
    # Ten seconds of it, and not a reading of somebody slow.
    assert line.reads(9).lost is None
    assert line.reads(2).lost is (IMPLAUSIBLE if found else None)


def test_doubt_ends_with_the_first_reading_that_moves() -> None:
    line = Line(drawn_a=10.0).reads(20).freezes().reads(6)
    line.drawn_a = 16.0
    assert line.reads(6).health is MeterHealth.LATE
    line.frozen_a = None
    assert line.reads(1).health is MeterHealth.OK
    assert line.reads(20).lost is None


def test_a_car_that_changed_about_when_the_readings_stopped_was_missed() -> None:
    # The meter stops, and the car had changed a moment before: no reading shows that.
    line = Line(drawn_a=10.0).reads(20).freezes()
    line.drawn_a = 16.0
    assert line.reads(4).health is MeterHealth.LATE
    assert line.reads(12).lost is IMPLAUSIBLE
    # Where the newest readings show it, the meter was alive.
    alive = Line(drawn_a=10.0).reads(20)
    alive.drawn_a = 16.0
    assert alive.reads(4).freezes().reads(20).lost is None


def test_three_good_readings_are_enough_the_first_time() -> None:
    line = Line().reads(20).reads(9, silent=True)
    assert line.lost is SILENT
    assert line.reads(2).lost is SILENT
    assert line.reads(1).lost is None


@pytest.mark.parametrize(("calm_s", "needed"), [(100, 15), (115, 3)])
def test_who_is_lost_again_soon_has_to_be_good_for_longer(calm_s: int, needed: int) -> None:
    # It counts as lost 9 s after its last reading; two minutes after it was believed is late.
    line = Line().reads(20).reads(9, silent=True).reads(3)
    assert line.lost is None
    line.reads(calm_s).reads(9, silent=True)
    assert line.reads(needed - 1).lost is SILENT
    assert line.reads(1).lost is None


def test_the_wait_grows_twice_and_no_more() -> None:
    line = Line().reads(20)
    waits = []
    for _ in range(5):
        line.reads(9, silent=True)
        waits.append(0)
        while line.lost is not None:
            line.reads(1)
            waits[-1] += 1
        line.reads(5)
    assert waits == [3, 15, 75, 75, 75]


def test_a_hole_in_a_row_of_good_readings_begins_it_anew() -> None:
    line = Line().reads(20).reads(9, silent=True).reads(2)
    line.now_s += 1
    line.takes((float("nan"), 5.0))
    assert line.reads(2).lost is not None
    assert line.reads(1).lost is None


def test_a_lively_meter_that_stands_for_two_minutes_is_frozen() -> None:
    line = Line().reads(201).freezes().reads(120)
    assert line.lost is None
    assert line.reads(1).lost is IMPLAUSIBLE
    # One that has not shown yet that it is lively may stand as long as it likes.
    assert Line().reads(199).freezes().reads(300).lost is None


def test_a_meter_that_often_stood_may_stand_ten_times_as_long() -> None:
    line = Line().reads(150).freezes().reads(20)
    line.frozen_a = None
    line.reads(60).freezes().reads(200)
    assert line.lost is None
    assert line.reads(11).lost is IMPLAUSIBLE


def test_a_voltage_that_moves_shows_that_a_meter_lives() -> None:
    line = Line(wobbles=False).reads(2)
    for _ in range(400):
        line.now_s += 1
        told = MainsSample(
            time_s=line.now_s,
            current_a={L1: 0.0, L2: 0.0},
            power_w={L1: 0.0, L2: 0.0},
            voltage_v={L1: 230.0 + line.now_s % 3, L2: 230.0},
        )
        line.meter = watch(
            line.meter, told, LAYOUT, draws_a=(0.0, 0.0), draws_s=line.now_s, now_s=line.now_s
        )
    assert line.lost is None


def test_a_spike_is_left_out_and_what_is_said_twice_is_taken_in_for_ten_seconds() -> None:
    line = Line().reads(20)
    before = line.meter.last
    line.now_s += 1
    line.takes((101.0, 5.0))
    assert line.meter.last is before
    assert line.reads(1).meter.last is not before
    taken = []
    for _ in range(14):
        line.now_s += 1
        line.takes((101.0 + line.now_s % 2, 5.0))
        assert line.meter.last is not None
        taken.append(line.meter.last.time_s == line.now_s)
    assert taken == [False, *[True] * 10, False, False, False]
    # Four times the fuse is the most that is no spike.
    line.reads(1)
    line.now_s += 1
    line.takes((100.0, 5.0))
    line.now_s += 1
    line.takes((-100.5, 5.0))
    assert line.meter.last is not None
    assert line.meter.last.current_a == (100.0, 5.0)


@pytest.mark.parametrize(("ahead_s", "taken"), [(1.0, True), (1.1, False), (-1.0, False)])
def test_a_time_of_another_clock_is_not_believed(ahead_s: float, *, taken: bool) -> None:
    line = Line().reads(20)
    before = line.meter.last
    if ahead_s > 0:
        line.now_s += 1
    line.takes((7.0, 7.0), ahead_s=ahead_s)
    assert (line.meter.last is not before) is taken


def test_only_the_newest_readings_are_kept() -> None:
    line = Line().reads(100)
    assert [it.time_s for it in line.meter.ring] == [line.now_s - n for n in range(RING)][::-1]
