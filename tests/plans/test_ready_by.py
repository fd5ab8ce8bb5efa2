"""Ready at seven with eighty percent: planned, shown, carried out (PLAN-2, PLAN-5, IND-20)."""

import pytest

from homeassistant.util import dt as dt_util
from tests.integration.house import House, until
from tests.plans.scene import Clock, at

pytestmark = pytest.mark.usefixtures("prompt")

KIND = ("select", "target_kind")
TARGET = ("number", "target")
NEEDED_KWH = 0.4 * 60 / 0.9


async def ready_at_seven(home: House, percent: float = 80) -> None:
    await home.call("number", "set_value", home.entity("number", "target", "garage"), value=percent)
    time = home.entity("time", "ready_by_thursday", "garage")
    await home.call("time", "set_value", time, time="07:00:00")


@pytest.mark.parametrize("cars", [{"Estate": 60.0, "Mini": 30.0}])
async def test_whose_car_it_is_and_in_what_the_target_is_given(planned: House) -> None:
    """PLAN-2, IND-3: two cars come to the charger; percent, kWh and kilometres are kept apart."""
    home = planned
    await ready_at_seven(home)
    costs = home.value("plan_cost", "garage")
    vehicle = home.entity("select", "vehicle", "garage")
    assert home.state("select", "vehicle", "garage").attributes["options"] == ["Estate", "Mini"]
    await home.call("select", "select_option", vehicle, option="Mini")
    assert home.shows("select", "vehicle", "Mini", "garage")
    assert home.value("plan_cost", "garage") == pytest.approx(costs / 2, rel=0.02)

    kind, target = (home.entity(*it, "garage") for it in (KIND, TARGET))
    for option, unit, value, needed_kwh in (
        ("energy", "kWh", 6, 6),
        ("range", "km", 100, (100 * 0.18 - 0.4 * 30) / 0.9),
    ):
        await home.call("select", "select_option", kind, option=option)
        assert home.shows("sensor", "plan_status", "no_target", "garage")
        await home.call("number", "set_value", target, value=value)
        assert home.state(*TARGET, "garage").attributes["unit_of_measurement"] == unit
        assert home.value("plan_cost", "garage") == pytest.approx(needed_kwh / 10, rel=0.05)
    await home.call("select", "select_option", kind, option="percent")
    assert home.state(*TARGET, "garage").state == "80.0"

    await home.call("switch", "turn_off", home.entity("switch", "plan", "garage"))
    assert home.shows("sensor", "plan_status", "off", "garage")
    assert home.state("sensor", "plan", "garage").state == (
        "The plan is switched off: the charger follows the site's mode."
    )
    assert home.shows("sensor", "plan_cost", "unknown", "garage")


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
