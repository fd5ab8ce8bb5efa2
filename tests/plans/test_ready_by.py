"""Ready at seven with eighty percent: planned, shown, carried out (PLAN-2, PLAN-5, IND-20)."""

import pytest

from homeassistant.util import dt as dt_util
from tests.integration.house import House, until
from tests.plans.scene import Clock, at

pytestmark = pytest.mark.usefixtures("prompt")

NEEDED_KWH = 0.4 * 60 / 0.9


async def ready_at_seven(home: House, percent: float = 80) -> None:
    await home.call("number", "set_value", home.entity("number", "target", "garage"), value=percent)
    time = home.entity("time", "ready_by_thursday", "garage")
    await home.call("time", "set_value", time, time="07:00:00")


async def test_ready_at_seven_with_eighty_percent(planned: House, clock: Clock) -> None:
    """PLAN-2, PLAN-5, IND-20: it waits for the cheap hours, charges in them, and says both."""
    home = planned
    assert home.shows("sensor", "plan_status", "no_target", "garage")
    await home.becomes("sensor", "status", "charging", "garage")

    await ready_at_seven(home)

    assert home.shows("sensor", "plan_status", "on_time", "garage")
    assert home.shows("binary_sensor", "plan_can_be_met", "on", "garage")
    assert home.value("plan_cost", "garage") == pytest.approx(NEEDED_KWH * 0.10, rel=0.02)
    start = dt_util.parse_datetime(home.state("sensor", "next_charge_start", "garage").state)
    assert start is not None
    assert at("2026-01-15 01:00") <= start < at("2026-01-15 02:00")
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    said = home.state("sensor", "explanation", "garage").state
    assert said.startswith("Waits for its plan until 01:")
    await until(lambda: home.car.current_a == 0, "the pause")

    clock.move_to("2026-01-15 02:30")
    await home.becomes("sensor", "reason", "planned", "garage")
    await until(lambda: home.car.current_a > 30, "the cheap hours")
