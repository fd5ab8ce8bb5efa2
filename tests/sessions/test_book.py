"""What becomes of a session, whatever charger, clock and Home Assistant do (PLAN-6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from custom_components.evse_suite.sessions.record import EndReason
from tests.sessions.scene import EVENING, FULL_W, STEP_S, Scene

HOUR = 3600.0


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.look(plugged=False)
    return scene


def test_a_plain_session(scene: Scene) -> None:
    scene.run(60)
    assert scene.page.state == "waiting"
    scene.run(HOUR, FULL_W, green=0.25)
    assert scene.page.state == "charging"
    scene.leave()

    (session,) = scene.ended
    assert session.start == EVENING + timedelta(seconds=STEP_S)
    assert session.end == scene.now
    assert session.reason is EndReason.UNPLUGGED
    assert session.energy_wh == pytest.approx(7200, rel=1e-6)
    assert session.green_share == pytest.approx(0.25)
    # 5.4 kWh from the grid at 0.30, 1.8 kWh of sun that would have earned 0.05.
    assert session.cost == pytest.approx(Decimal("1.71"), abs=Decimal("0.0005"))
    assert (session.charged_s, session.most_w, session.lines) == (HOUR, FULL_W, 1)
    assert scene.page.state == "idle"


def test_a_plug_without_a_charge_makes_no_record(scene: Scene) -> None:
    scene.run(HOUR)
    scene.leave()
    assert scene.ended == []


def test_energy_and_cost_go_to_the_day_on_which_they_flow(scene: Scene) -> None:
    """It is midnight in Brussels at 23:00 UTC."""
    scene.now = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    scene.look(plugged=False)
    scene.run(2 * HOUR, FULL_W)

    first, second = scene.session.parts
    assert (first.day.isoformat(), second.day.isoformat()) == ("2026-11-30", "2026-12-01")
    assert first.energy_wh == pytest.approx(7200, rel=0.01)
    assert second.energy_wh == pytest.approx(7200, rel=0.01)
    assert first.cost == pytest.approx(Decimal("2.16"), rel=Decimal("0.01"))


def test_without_a_price_there_is_no_cost_but_all_the_energy(scene: Scene) -> None:
    scene.price_per_kwh = None
    scene.run(HOUR, FULL_W)
    assert scene.session.cost is None
    assert scene.session.unpriced_wh == pytest.approx(7200, rel=1e-6)


def test_a_short_hole_in_the_prices_hides_no_cost(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    scene.price_per_kwh = None
    scene.run(60, FULL_W)
    assert scene.session.cost == pytest.approx(Decimal("2.16"), abs=Decimal("0.001"))
    assert scene.session.unpriced_wh == pytest.approx(120, rel=1e-6)


@pytest.mark.parametrize(
    ("seen", "state", "reason"),
    [
        ({"target_reached": True, "offered": False}, "target_reached", EndReason.TARGET_REACHED),
        ({"offered": True}, "finished", EndReason.FULL),
        ({"offered": True, "stopped": True}, "finished", EndReason.STOPPED),
        ({"offered": False}, "paused", EndReason.PAUSED),
        ({"offered": False, "limited": True}, "limited", EndReason.PAUSED),
        ({"fault": True}, "paused", EndReason.FAULT),
    ],
)
def test_why_it_charged_no_more(
    scene: Scene, seen: dict[str, bool], state: str, reason: EndReason
) -> None:
    scene.run(600, FULL_W)
    scene.run(600, **seen)
    assert scene.page.state == state
    scene.leave()
    assert [session.reason for session in scene.ended] == [reason]


def test_a_car_that_pauses_for_a_moment_has_not_finished(scene: Scene) -> None:
    scene.run(600, FULL_W)
    scene.run(120)
    assert scene.page.state == "paused"
    scene.run(600, FULL_W)
    scene.leave()
    assert [session.reason for session in scene.ended] == [EndReason.UNPLUGGED]


def test_a_finished_car_that_warms_its_cabin_charges_again(scene: Scene) -> None:
    scene.run(600, FULL_W)
    scene.run(600)
    scene.run(60, offered=False, limited=True)
    assert scene.page.state == "finished"
    scene.run(60, 2000.0)
    assert scene.page.state == "charging"
    assert scene.page.why is None


def test_a_car_that_waits_for_room_before_its_first_charge(scene: Scene) -> None:
    scene.run(10, offered=False, limited=True)
    assert scene.page.state == "waiting"
    scene.run(20, offered=False, limited=True)
    assert scene.page.state == "no_room"
    scene.run(10, offered=False)
    assert scene.page.state == "waiting"


def test_a_pause_in_the_first_seconds_is_a_pause(scene: Scene) -> None:
    scene.run(STEP_S, 400.0)
    scene.run(STEP_S, offered=False, limited=True)
    assert scene.page.state == "limited"
    scene.run(STEP_S)
    assert scene.page.state == "paused"


def test_the_counter_begins_anew_with_the_session(scene: Scene) -> None:
    """It shows the last session until the new one flows."""
    scene.run(HOUR, FULL_W)
    scene.leave()
    scene.run(30)
    scene.counter_wh = 0.0
    scene.run(HOUR, FULL_W)
    assert scene.session.energy_wh == pytest.approx(7200, rel=0.01)


def test_a_charger_that_restarts_in_the_middle_loses_no_energy(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    scene.counter_wh = 0.0
    scene.run(STEP_S, FULL_W, restarted=True)
    scene.run(HOUR, FULL_W)
    assert scene.session.energy_wh == pytest.approx(14_420, abs=5)
    assert scene.ended == []


def test_a_charger_that_was_silent_for_its_restart_has_no_other_car(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    scene.counter_wh = 0.0
    scene.restart(120, power_w=FULL_W, restarted=True)
    assert scene.ended == []
    assert scene.session.energy_wh == pytest.approx(7440, abs=5)


@pytest.mark.parametrize("wrong_wh", [0.0, 5e6])
def test_a_counter_that_is_wrong_once_counts_for_nothing(scene: Scene, wrong_wh: float) -> None:
    scene.run(HOUR, FULL_W)
    right_wh, scene.counter_wh = scene.counter_wh, wrong_wh
    scene.run(STEP_S)
    scene.counter_wh = right_wh
    scene.run(HOUR, FULL_W)
    assert scene.session.energy_wh == pytest.approx(14_400, rel=0.001)


def test_a_charger_without_a_counter_is_counted_by_its_power(scene: Scene) -> None:
    scene.page = type(scene.page)()
    scene.look(plugged=False, counter_wh=None)
    scene.run(HOUR, FULL_W, counter_wh=None)
    assert scene.session.energy_wh == pytest.approx(7200, rel=0.01)


def test_a_charger_that_tells_of_its_life_between_sessions_is_counted_once(scene: Scene) -> None:
    life_wh = 1_234_567.0
    scene.run(60, counter_wh=life_wh, lifetime=True)
    scene.run(HOUR, FULL_W)
    scene.run(60, counter_wh=life_wh + 7200, lifetime=True)
    assert scene.session.energy_wh == pytest.approx(7200, rel=0.01)
    scene.restart(60, counter_wh=life_wh + 7200, lifetime=True)
    assert scene.ended == []


def test_whose_card_it_was_is_kept_with_the_session(scene: Scene) -> None:
    scene.run(60)
    scene.run(60, FULL_W, tag="04A1B2", vehicle="Kona")
    scene.run(60, FULL_W)
    scene.leave()
    assert [(it.tag, it.vehicle) for it in scene.ended] == [("04A1B2", "Kona")]


def test_what_a_person_says_of_a_session_stays_until_another_car_is_chosen(scene: Scene) -> None:
    scene.run(60, FULL_W, vehicle="Kona")
    scene.page = replace(scene.page, session=replace(scene.session, vehicle="Guest"))
    scene.run(60, FULL_W, vehicle="Kona")
    scene.restart(60, power_w=FULL_W, vehicle="Kona")
    assert scene.session.vehicle == "Guest"
    scene.run(60, FULL_W, vehicle="Zoe")
    scene.leave()
    scene.run(60, FULL_W, vehicle="Zoe")
    assert [it.vehicle for it in scene.ended] == ["Zoe"]
    assert scene.session.vehicle == "Zoe"


def test_the_same_session_goes_on_over_a_restart(scene: Scene) -> None:
    scene.run(HOUR, FULL_W, green=1.0)
    key = scene.session.key
    scene.restart(600, power_w=FULL_W, green=1.0)
    scene.run(HOUR, FULL_W)
    scene.leave()
    (session,) = scene.ended
    assert session.key == key
    assert session.energy_wh == pytest.approx(2 * 7200 + 1200, rel=0.001)
    # Nobody saw the sun while Home Assistant was down.
    assert session.green_wh == pytest.approx(7200, rel=0.01)


def test_what_happened_since_the_last_checkpoint_is_told_by_the_counter(scene: Scene) -> None:
    """A crash: nothing was stored since the car was plugged in."""
    scene.run(60, plugged=False)
    stored = scene.page
    scene.run(HOUR, FULL_W)
    scene.page = stored
    scene.restart(60, power_w=FULL_W)
    assert scene.session.energy_wh == pytest.approx(7320, rel=0.01)
    assert scene.session.start == stored.at


def test_another_car_came_while_nobody_looked(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    last_seen = scene.now
    scene.counter_wh = 0.0
    scene.restart(HOUR, power_w=3600.0)

    (first,) = scene.ended
    assert (first.end, first.reason) == (last_seen, EndReason.UNSEEN)
    assert first.energy_wh == pytest.approx(7200, rel=0.01)
    assert scene.session.key != first.key
    assert scene.session.energy_wh == pytest.approx(3600)


def test_the_car_left_while_nobody_looked(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    scene.counter_wh += 500
    scene.restart(HOUR, plugged=False)
    (session,) = scene.ended
    assert session.reason is EndReason.UNSEEN
    assert session.energy_wh == pytest.approx(7700, rel=0.01)


def test_a_whole_session_that_nobody_saw_is_noticed(scene: Scene) -> None:
    scene.restart(3 * HOUR, power_w=FULL_W, plugged=False)
    (session,) = scene.ended
    assert session.reason is EndReason.UNSEEN
    assert session.energy_wh == pytest.approx(21_600)
    scene.restart(60, plugged=False)
    assert len(scene.ended) == 1


def test_a_first_look_at_a_used_counter_charges_nobody_for_it(scene: Scene) -> None:
    fresh = Scene()
    fresh.counter_wh = 1_234_567.0
    fresh.look(gap=True)
    fresh.run(HOUR, FULL_W)
    assert fresh.session.energy_wh == pytest.approx(7200, rel=0.01)


def test_a_clock_that_is_set_right_moves_the_whole_session(scene: Scene) -> None:
    scene.now = datetime(1970, 1, 1, tzinfo=UTC)
    scene.page = type(scene.page)()
    scene.look(plugged=False)
    scene.run(600, FULL_W)
    scene.now = EVENING
    scene.run(600, FULL_W)
    assert scene.session.start == EVENING - timedelta(seconds=600 - STEP_S)
    assert scene.session.charged_s == 1200
    scene.now -= timedelta(hours=3)
    scene.leave()
    (session,) = scene.ended
    assert session.end is not None
    assert session.end - session.start == timedelta(seconds=1200)


def test_a_clock_that_was_set_back_over_a_restart_takes_no_energy_away(scene: Scene) -> None:
    scene.run(HOUR, FULL_W)
    scene.counter_wh += 2000
    scene.restart(-2 * HOUR)
    assert scene.session.energy_wh == pytest.approx(9200, rel=0.01)


def test_the_hour_that_comes_twice_is_counted_twice() -> None:
    scene = Scene(at=datetime(2026, 10, 25, 0, 0, tzinfo=UTC))
    scene.look(plugged=False)
    scene.run(3 * HOUR, FULL_W)
    (part,) = scene.session.parts
    assert part.energy_wh == pytest.approx(21_600, rel=0.001)
