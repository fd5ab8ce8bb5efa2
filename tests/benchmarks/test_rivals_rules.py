"""The rules of the baselines: delays, thresholds, sharing, and what they do without a meter.

Each follows a rule known of the system; seconds are exact, because cycles begin at second 0 and
nothing but the car takes time.
"""

from collections.abc import Callable
from dataclasses import replace
from math import log, nan

import pytest

from benchmarks.control.contract import (
    ChargerPlace,
    ChargerSample,
    HomeSpec,
    MeterSample,
    Mode,
    Sight,
)
from benchmarks.control.rivals.evcc import Evcc
from benchmarks.control.rivals.openevse import Openevse
from benchmarks.control.rivals.openwb import Openwb
from benchmarks.control.rivals.poller import Poller
from benchmarks.control.rivals.smartevse import Smartevse
from benchmarks.control.steps import During, NoNumbers, Silent
from benchmarks.control.world import MeterFault, MeterKind
from tests.benchmarks.ideal_home import LAGGING, PRESENT, SUNNY, ideal, load, offers, single_phase

DEAF_S = 120
"""From here on the meter is silent."""


FROM_THEN = During(DEAF_S, 1e9)


def deaf(begin_s: int = DEAF_S, end_s: float = 1e9) -> MeterKind:
    """Return a meter that is silent for some time."""
    return replace(PRESENT, fault=Silent(During(begin_s, end_s)))


def home_of(*places: ChargerPlace, fuse_a: float = 25.0, phases: int = 1) -> HomeSpec:
    return replace(single_phase(fuse_a=fuse_a), chargers=places, phases=phases)


def test_evcc_starts_at_once_for_a_new_car_and_else_after_a_minute() -> None:
    # Its timer counts as elapsed when a car is plugged in.
    record = ideal(Evcc, SUNNY, -load((7, 120), (-10, 300), (7, 120)))

    assert offers(record) == [(0, 6), (30, 7), (120, 6), (300, 0), (480, 6), (510, 7)]


def test_evcc_begins_its_minute_again_when_the_sun_lapses() -> None:
    record = ideal(Evcc, SUNNY, -load((0, 30), (7, 60), (5, 30), (7, 90)))

    assert offers(record) == [(180, 6)]


def test_evcc_waits_three_minutes_before_it_stops() -> None:
    record = ideal(Evcc, SUNNY, -load((7, 60), (0, 105), (7, 30), (0, 255)))

    # One turn with enough sun begins the delay anew.
    assert offers(record) == [(0, 6), (30, 7), (60, 6), (180, 7), (210, 6), (390, 0)]


def test_evcc_keeps_the_minimum_in_its_mode_with_a_minimum() -> None:
    record = ideal(Evcc, replace(SUNNY, mode=Mode.HYBRID), -load((0, 300), (9, 60)))

    assert offers(record) == [(0, 6), (300, 9)]


@pytest.mark.parametrize("kind", [Silent, NoNumbers])
def test_evcc_leaves_the_current_as_it_is_when_the_site_meter_fails(
    kind: Callable[[During], MeterFault],
) -> None:
    house = load((5, 200), (18, 600))

    record = ideal(Evcc, single_phase(), house, meter=replace(PRESENT, fault=kind(FROM_THEN)))

    assert offers(record) == [(0, 16)]


def test_evcc_pauses_a_minute_after_the_currents_alone_are_missing() -> None:
    def no_currents(now_s: float, sample: MeterSample) -> MeterSample:
        return replace(sample, current_a=(nan,)) if now_s >= DEAF_S else sample

    record = ideal(Evcc, single_phase(), load((5, 300)), meter=replace(PRESENT, fault=no_currents))

    # The circuit was last read at 90 s, and is too old when it has been more than a minute.
    assert offers(record) == [(0, 16), (180, 0)]


def test_evcc_takes_the_highest_phase_for_every_charger() -> None:
    home = replace(single_phase(), phases=3)

    record = ideal(Evcc, home, load((2, 180)), load((2, 60), (33, 120)), load((2, 180)))

    # The car is on the first phase, which has room: cutting it does not help the second.
    assert offers(record) == [(0, 16), (60, 8), (90, 0)]


def test_evcc_gives_the_sun_of_a_lower_priority_to_the_higher() -> None:
    places = (ChargerPlace(priority=0), ChargerPlace(priority=1))

    record = ideal(Evcc, replace(SUNNY, chargers=places), -load((10, 240)))

    # Turns of the second are at 30, 90, ...: what the first takes counts as its own surplus.
    assert offers(record, 1)[0] == (30, 6)


def test_evcc_holds_sun_back_for_a_higher_priority_that_is_about_to_start() -> None:
    places = (ChargerPlace(priority=0), ChargerPlace(priority=1))

    record = ideal(Evcc, replace(SUNNY, chargers=places), -load((0, 50), (14, 250)))

    # The second waits from 90 to 150 s and then takes all; alone the first would start at 120 s.
    assert offers(record, 1)[0] == (150, 6)
    assert offers(record, 0) == []


def test_evcc_counts_a_car_at_2_a_more_than_it_draws() -> None:
    car = replace(LAGGING, maximum_a=10.0)

    record = ideal(Evcc, SUNNY, -load((20, 180)), cars=[car])

    # 10 A are left over beside the 10 A that are counted as 12 A.
    assert offers(record) == [(0, 6), (30, 20), (60, 22)]


def test_evcc_counts_its_delay_anew_after_the_car_has_stopped_by_itself() -> None:
    law = Evcc(SUNNY)
    told = []
    for second in range(0, 330, 30):
        charging = 0 < second != 120
        drawn = (6.0 if charging else 0.0,)
        offered_a = 6 if second else 0
        charger = ChargerSample(
            second, connected=True, charging=charging, drawn_a=drawn, offered_a=offered_a
        )
        power_w = -1600.0 if second == 0 else 100.0
        meter = MeterSample(second, (power_w / 230,), power_w)
        told += [(second, a) for _, a in law.step(Sight(float(second), meter, (charger,)))]

    # Import began at 30 s, but the car paused at 120 s.
    assert told == [(0, 6), (300, 0)]


def test_openwb_falls_back_to_7_kw_in_the_second_bad_cycle() -> None:
    # 10 s must pass before asking the meter counts as failed: 140 s is the second cycle after that.
    record = ideal(Openwb, single_phase(), load((5, 300)), meter=deaf())

    assert offers(record) == [(0, 16), (140, round(7000 / 230 / 3, 2))]


def test_openwb_knows_the_phase_of_every_charger() -> None:
    home = home_of(
        ChargerPlace(lines=(0,), maximum_a=16), ChargerPlace(lines=(1,), maximum_a=16), phases=3
    )

    record = ideal(Openwb, home, load((2, 180)), load((2, 60), (12.5, 120)), load((2, 180)))

    assert offers(record, 0) == [(0, 16)]
    assert offers(record, 1) == [(0, 16), (60, 12.5)]


def test_openwb_divides_what_the_minima_leave() -> None:
    home = home_of(*[ChargerPlace()] * 3)

    # 23 A: three minima and 5 A among three; for 15 A the third does not get its minimum.
    record = ideal(Openwb, home, load((2, 60), (10, 60)))

    assert [offers(record, index)[0][1] for index in range(3)] == pytest.approx(
        [6 + 5 / 3] * 3, abs=0.01
    )
    assert [offers(record, index)[1] for index in range(3)] == [(60, 7.5), (60, 7.5), (60, 0)]


def test_openwb_serves_a_higher_priority_first() -> None:
    home = home_of(ChargerPlace(), ChargerPlace(priority=1))

    record = ideal(Openwb, home, load((15, 60)))

    assert (offers(record, 0), offers(record, 1)) == ([], [(0, 10)])


def test_openwb_believes_a_car_that_draws_less_after_a_minute() -> None:
    # The first car takes 16 A of its 19 A: what is left of them is the second one's from 70 s on.
    home = home_of(ChargerPlace(), ChargerPlace(), fuse_a=40.0)
    car = replace(LAGGING, maximum_a=16.0)

    record = ideal(Openwb, home, load((2, 120)), cars=(car, LAGGING))

    assert offers(record, 1) == [(0, 19), (70, 22)]


def test_openwb_follows_the_sun_in_steps_of_5_a() -> None:
    record = ideal(Openwb, SUNNY, -load((7, 60), (20, 60)))

    # 1,500 W for 30 s, then the middle of its control range, at most 5 A above what is measured.
    assert offers(record) == [(30, 6), (40, 7), (60, 12), (70, 17), (80, 20)]


def test_openwb_stops_after_a_minute_of_import_at_the_minimum() -> None:
    record = ideal(Openwb, SUNNY, -load((8, 60), (3, 100)))

    # From 70 s on the car is within 1 A of its minimum.
    assert offers(record)[-2:] == [(60, 6), (130, 0)]


def test_openwb_starts_one_car_at_a_time() -> None:
    home = replace(SUNNY, chargers=(ChargerPlace(), ChargerPlace()))

    record = ideal(Openwb, home, -load((12, 60)))

    assert offers(record, 0)[0] == (30, 6)
    assert offers(record, 1) == []


TWO_SUNNY = replace(SUNNY, chargers=(ChargerPlace(), ChargerPlace()))


def test_openwb_offers_more_to_a_car_that_leaves_some_unused() -> None:
    car = replace(LAGGING, offset_a=1.5)

    record = ideal(Openwb, SUNNY, -load((12, 180)), cars=[car])

    # 12 A drawn would need 13.5 A; with 13 A the grid is within the range, half an ampere to 0 W.
    assert int(offers(record)[-1][1]) == 13


def test_openwb_rests_within_its_control_range() -> None:
    record = ideal(Openwb, SUNNY, -load((7, 60), (7.4, 60), (7.6, 10)))

    # 0.4 A are 92 W, 0.6 A are 138 W.
    assert offers(record) == [(30, 6), (40, 7), (120, 7.6)]


def test_openwb_books_the_sun_of_a_car_that_has_not_started() -> None:
    slow = replace(LAGGING, start_s=60.0)

    record = ideal(Openwb, TWO_SUNNY, -load((12, 120)), cars=[slow, slow])

    assert offers(record, 0)[0] == (30, 6)
    assert offers(record, 1) == []


def test_openwb_hands_to_the_second_what_the_first_leaves() -> None:
    record = ideal(Openwb, TWO_SUNNY, -load((14, 60), (22, 10)))

    # Both start at 30 s, and the first takes the other 2 A; then there are 8 A more.
    assert offers(record, 0) == [(30, 6), (40, 8), (60, 13)]
    assert offers(record, 1) == [(30, 6), (60, 9)]


def test_openwb_stops_the_last_car_first() -> None:
    record = ideal(Openwb, TWO_SUNNY, -load((13.2, 60), (9, 100)))

    # Without the second car the import is gone, so that the first one's minute does not begin.
    assert all(a > 0 for _, a in offers(record, 0))
    assert offers(record, 1) == [(30, 6), (120, 0)]


def test_smartevse_stops_after_11_s_without_a_meter_and_goes_on_a_minute_later() -> None:
    record = ideal(Smartevse, single_phase(), load((5, 300)), meter=deaf(120, 150))

    told = offers(record)
    # The last sample is one of 119 s; the delay of 60 s runs from the last silent second.
    assert (130, 0) in told
    assert told[told.index((130, 0)) + 1] == (210, 6)


def test_smartevse_corrects_again_while_the_car_still_lags() -> None:
    # 7 A fit, but after 2 s the mains are as high as before, and it cuts once more.
    record = ideal(Smartevse, single_phase(), load((5, 200), (18, 3)))

    assert offers(record)[-2:] == [(200, 7), (202, 6)]


def test_smartevse_raises_by_a_quarter_of_the_room() -> None:
    record = ideal(Smartevse, single_phase(), load((5, 10)))

    # The car lags 3 s, so that the second raise sees the room of the first: 20 A, then 14 A.
    assert offers(record)[:4] == [(0, 6), (2, 11), (4, 14.5), (6, 16)]


def test_smartevse_stops_after_three_cycles_without_its_minimum() -> None:
    record = ideal(Smartevse, single_phase(), load((5, 200), (21, 70), (5, 59)))

    # It goes on a minute after it last found too little, at 268 s.
    assert offers(record)[-3:] == [(200, 6), (204, 0), (328, 6)]


def test_smartevse_stops_at_once_above_twice_the_fuse() -> None:
    record = ideal(Smartevse, single_phase(), load((5, 200), (35, 5)))

    assert offers(record)[-1] == (200, 0)


def test_smartevse_follows_the_sun() -> None:
    # 4 A of export for a minute start it, for 40 s it keeps the minimum, then +0.5 A per cycle.
    record = ideal(Smartevse, SUNNY, -load((8, 110)))

    assert offers(record) == [(60, 6), (100, 6.5), (102, 7), (104, 7.5), (106, 7.6), (108, 7.7)]


def test_smartevse_stops_after_ten_minutes_of_import_at_the_minimum() -> None:
    record = ideal(Smartevse, SUNNY, -load((8, 150), (3, 700)))

    assert offers(record)[-1][1] == 0
    assert 600 <= offers(record)[-1][0] - offers(record)[-2][0] <= 612


def test_smartevse_shares_evenly_what_the_smaller_one_leaves() -> None:
    home = home_of(ChargerPlace(maximum_a=10), ChargerPlace(), fuse_a=40.0)

    record = ideal(Smartevse, home, load((4, 60)))

    # The tenths above 36 A in all are what the pilot's whole amperes do not use.
    assert [int(offers(record, index)[-1][1]) for index in range(2)] == [10, 26]


def test_openevse_keeps_charging_for_588_s_without_sun() -> None:
    # 16 A for as long as its filter needs to have risen.
    record = ideal(Openevse, SUNNY, -load((16, 1000), (0, 700)))

    assert offers(record)[-2] == (1000, 6)
    # Found at the next message of its feed.
    stop_s, stop_a = offers(record)[-1]
    assert stop_s == pytest.approx(1000 + 600 * log(16 / 6), abs=5)
    assert stop_a == 0


def test_openevse_charges_for_ten_minutes_at_least() -> None:
    record = ideal(Openevse, SUNNY, -load((8, 60), (0, 900)))

    begun_s = offers(record)[0][0]
    # The filter, which rises with 20 s, has passed 6.5 A of 8 A.
    assert begun_s == pytest.approx(20 * log(8 / (8 - 6.5)), abs=5)
    assert offers(record)[-1] == (begun_s + 600, 0)


def test_openevse_follows_the_raw_value_while_it_charges() -> None:
    record = ideal(Openevse, SUNNY, -load((20, 100), (9.8, 5), (14.2, 5)))

    assert offers(record)[-2:] == [(100, 9), (105, 14)]


def test_openevse_pauses_for_five_minutes() -> None:
    record = ideal(Openevse, single_phase(), load((5, 100), (20, 100), (5, 300)))

    # Its filter, which has known of the lower load for 200 s, lets 15 A go on at once.
    assert offers(record)[1] == (100, 0)
    assert offers(record)[2][0] == 400


def test_openevse_pauses_after_two_minutes_without_a_message() -> None:
    record = ideal(Openevse, single_phase(), load((5, 300)), meter=deaf())

    # At 120 s it is told the sample of 119 s, the last one.
    assert offers(record) == [(0, 16), (240, 0)]


def test_poller_adds_four_fifths_of_the_room() -> None:
    record = ideal(Poller, single_phase(), load((5, 60), (15, 90)))

    # 6 A too much: 4.8 A less are 11.2 A, then 0.8 A less of 11 A.
    assert offers(record) == [(0, 16), (60, 11), (90, 10)]
