"""Cars: late, slow, below the pilot, and sometimes stubborn."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from simulator.plant.car import CAR_TYPES, Car

DT_S = 0.1
VOLTAGE_V = 230.0


class Drive:
    """A car on a manual clock."""

    def __init__(self, kind: str = "typical", **changes: Any) -> None:
        self.car = Car("car", replace(CAR_TYPES[kind], **changes))
        self.now_s = 0.0

    def run(self, seconds: float, current_a: float | None = None, lines: int = 1) -> None:
        """Let time go by, after a new offer if one is given."""
        if current_a is not None:
            self.car.offer(current_a, lines)
        for _ in range(round(seconds / DT_S)):
            self.now_s += DT_S
            self.car.step(self.now_s, DT_S, VOLTAGE_V)

    def until(self, current_a: float) -> float:
        """Return the seconds until the car draws this much."""
        begin_s, rising = self.now_s, current_a > self.car.current_a
        while self.now_s < begin_s + 300:
            self.run(DT_S)
            if (self.car.current_a >= current_a) if rising else (self.car.current_a <= current_a):
                return self.now_s - begin_s
        raise AssertionError(f"never reached {current_a} A")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What benchmarks expect of a type of car."""

    start_s: float
    dead_s: float
    up_a_per_s: float
    down_a_per_s: float
    offset_a: float


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("fast", Reaction(5, 1, 3, 10, 0.3)),
        ("typical", Reaction(8, 2, 1.2, 5, 0.5)),
        ("iec5", Reaction(15, 2, 1.2, 5, 0.5)),
        ("slow", Reaction(20, 4, 0.5, 2, 1.0)),
    ],
)
def test_reaction_times(kind: str, wanted: Reaction) -> None:
    offset_a = wanted.offset_a
    drive = Drive(kind)
    drive.car.offer(16, 1)
    assert drive.until(0.01) == pytest.approx(wanted.start_s, abs=0.25)
    assert drive.until(16 - offset_a) == pytest.approx((16 - offset_a) / wanted.up_a_per_s, abs=0.3)
    drive.run(60)
    assert drive.car.current_a == pytest.approx(16 - offset_a)

    drive.car.offer(32, 1)
    assert drive.until(16 - offset_a + 0.01) == pytest.approx(wanted.dead_s, abs=0.25)
    assert drive.until(32 - offset_a) == pytest.approx(16 / wanted.up_a_per_s, abs=0.3)
    drive.run(10)

    drive.car.offer(6, 1)
    assert drive.until(32 - offset_a - 0.01) == pytest.approx(wanted.dead_s, abs=0.25)
    assert drive.until(6 - offset_a) == pytest.approx(26 / wanted.down_a_per_s, abs=0.3)


@pytest.mark.parametrize("step_s", [0.1, 1.0])
@pytest.mark.parametrize(("before_a", "after_a"), [(0, 32), (6, 32), (32, 6), (32, 0)])
def test_a_car_that_reacts_in_3_s(before_a: float, after_a: float, step_s: float) -> None:
    car = Car("car", CAR_TYPES["reacts_in_3_s"])
    now_s = 0.0
    for offer_a, seconds in ((before_a, 60), (after_a, 3)):
        car.offer(offer_a, 1)
        for _ in range(round(seconds / step_s)):
            now_s += step_s
            car.step(now_s, step_s, VOLTAGE_V)
        assert car.current_a == pytest.approx(offer_a)


def test_the_contactor_opens_6_s_after_the_pilot_went_off() -> None:
    drive = Drive("slow", obeys=False)
    drive.run(120, 32)
    drive.run(5.9, 0)
    assert drive.car.current_a == 32
    drive.run(0.2)
    assert drive.car.current_a == 0


def test_an_obedient_car_is_off_before_the_contactor_opens() -> None:
    drive = Drive("typical")
    drive.run(60, 16)
    drive.run(4, 0)
    assert drive.car.current_a == 0


def test_a_stubborn_car_draws_its_maximum() -> None:
    drive = Drive("typical", obeys=False)
    drive.run(60, 6)
    assert drive.car.current_a == 32


def test_the_pilot_holds_for_5_s() -> None:
    drive = Drive("iec5")
    drive.run(60, 16)
    drive.run(1, 10)
    drive.run(20, 16)
    assert drive.car.current_a == pytest.approx(15.5)
    drive.run(1, 12)
    drive.car.offer(8, 1)
    # The pilot says 12 A until 5 s after it began to, so the car comes to 11.5 A first.
    assert drive.until(11.5) < 2.5
    drive.run(2)
    assert drive.car.current_a == pytest.approx(11.5)
    drive.run(5)
    assert drive.car.current_a == pytest.approx(7.5)


def test_a_car_may_want_more_than_6_a() -> None:
    drive = Drive("typical", minimum_a=7.0)
    drive.run(60, 6)
    assert drive.car.current_a == 0
    assert drive.car.wants_charge
    drive.run(60, 7)
    assert drive.car.current_a == pytest.approx(6.5)


def test_the_battery_takes_less_above_80_percent_and_nothing_when_full() -> None:
    drive = Drive("typical", battery_kwh=10)
    drive.car.soc_percent = 79
    drive.run(60, 32)
    assert drive.car.current_a == pytest.approx(31.5)
    drive.car.soc_percent = 90
    drive.run(10)
    assert drive.car.current_a == pytest.approx(32 * (1 - 0.85 / 2), abs=0.3)
    drive.car.soc_percent = 99.99
    drive.run(60)
    assert drive.car.soc_percent == 100
    assert not drive.car.wants_charge
    assert drive.car.current_a == 0


def test_energy_goes_into_the_battery() -> None:
    drive = Drive("reacts_in_3_s", battery_kwh=40)
    drive.run(3, 32)
    before_wh, before_percent = drive.car.charged_wh, drive.car.soc_percent
    drive.run(360)
    charged_wh = drive.car.charged_wh - before_wh
    assert charged_wh == pytest.approx(32 * 230 * 0.99 / 10)
    stored_wh = (drive.car.soc_percent - before_percent) / 100 * 40_000
    assert stored_wh == pytest.approx(0.9 * charged_wh)


def test_sleeps_after_too_many_starts_until_it_is_plugged_in_again() -> None:
    drive = Drive("fast", sleep_after=2)
    for _ in range(2):
        drive.run(20, 16)
        assert drive.car.current_a > 15
        drive.run(20, 0)
    drive.run(60, 16)
    assert drive.car.asleep
    assert not drive.car.wants_charge
    assert drive.car.current_a == 0
    drive.car.unplug()
    drive.car.plug()
    drive.run(20, 16)
    assert drive.car.current_a > 15


def test_few_starts_an_hour_do_not_send_it_to_sleep() -> None:
    drive = Drive("fast", sleep_after=2)
    for _ in range(5):
        drive.run(20, 16)
        assert drive.car.current_a > 15
        drive.run(1900, 0)


def test_pulling_the_plug_ends_the_current_at_once() -> None:
    drive = Drive("typical")
    drive.run(60, 16)
    drive.car.unplug()
    assert drive.car.current_a == 0
    drive.run(60, 16)
    assert drive.car.current_a == 0
    drive.car.plug()
    drive.run(60, 16)
    assert drive.car.current_a == pytest.approx(15.5)


def test_uses_as_many_lines_as_car_and_charger_have() -> None:
    drive = Drive("typical", lines=3)
    drive.run(60, 16, lines=3)
    assert drive.car.lines_in_use == 3
    drive.run(1, 16, lines=1)
    assert drive.car.lines_in_use == 1
