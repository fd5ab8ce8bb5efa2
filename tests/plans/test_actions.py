"""Actions of plans: what they do, and what they say to what makes no sense (PLAN-1 to PLAN-5)."""

from datetime import time
from typing import Any

import pytest

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.planning.model import TargetKind
from custom_components.evse_suite.plans.settings import ChargerSettings
from homeassistant.exceptions import ServiceValidationError
from tests.integration.house import House
from tests.plans.scene import Clock, at, charger_plan

pytestmark = pytest.mark.usefixtures("prompt")


async def act(home: House, action: str, **data: Any) -> None:
    await home.call(DOMAIN, action, device_id=home.device_id("garage"), **data)


async def ask(home: House, **data: Any) -> dict[str, Any]:
    answer = await home.hass.services.async_call(
        DOMAIN, "get_plan", data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


def told(home: House) -> ChargerSettings:
    return home.site.plans.settings(home.site.spec.chargers[0].key)


async def test_ready_once_with_a_target_of_its_own(planned: House, clock: Clock) -> None:
    """PLAN-2: the next seven o'clock that the clock shows; the plan is told slot by slot."""
    home = planned
    await act(home, "set_ready_by", time="07:00", target_value=50, target_kind="percent")

    (departure,) = told(home).departures
    assert departure.at == at("2026-01-15 07:00")
    answer = await ask(home, device_id=home.device_id("garage"))
    plan = charger_plan(answer)
    assert answer["currency"] == "EUR"
    assert plan["status"] == "on_time"
    assert plan["ready_by"] == "2026-01-15T07:00:00+01:00"
    assert plan["target"] == {"kind": "percent", "value": 50.0}
    energy_kwh = sum(slot["energy_kwh"] for slot in plan["plan"]["slots"])
    assert energy_kwh == pytest.approx(0.1 * 60 / 0.9, rel=0.02)
    assert all(slot["start"] >= "2026-01-15T01:00" for slot in plan["plan"]["slots"])
    assert plan["sentence"].startswith("Charges 0")

    await act(
        home, "set_ready_by", time="09:30", date="2026-01-16", target_value=20, target_kind="energy"
    )
    assert [it.at for it in told(home).departures] == [
        at("2026-01-15 07:00"),
        at("2026-01-16 09:30"),
    ]


async def test_ready_every_week_and_windows(planned: House) -> None:
    """PLAN-1, PLAN-2: weekdays keep the target; windows hold the charger between them."""
    home = planned
    await home.call("select", "select_option", mode(home), option="off")
    await act(
        home,
        "set_ready_by",
        time="07:15",
        weekdays=["mon", "fri"],
        target_value=12,
        target_kind="energy",
    )
    assert told(home).weekly == {0: time(7, 15), 4: time(7, 15)}
    assert told(home).goals == {TargetKind.ENERGY: 12000.0}
    assert home.shows("select", "charge_mode", "smart", "garage")

    windows = [{"weekdays": ["wed"], "start": "22:00", "end": "06:00"}]
    await act(home, "set_schedule", windows=windows, ready_by={"mon": None, "tue": "08:00"})
    assert told(home).weekly == {1: time(8, 0)}
    await home.becomes("sensor", "reason", "waiting_for_plan", "garage")
    plan = charger_plan(await ask(home))
    assert all(it["start"][10:] >= "T22:00" or it["start"][10:] < "T06:00" for it in plan["times"])

    await act(home, "set_schedule", windows=[], ready_by={})
    await home.call("number", "set_value", home.entity("number", "target", "garage"), value=0)
    assert home.shows("sensor", "plan_status", "no_target", "garage")


def mode(home: House) -> str:
    return home.entity("select", "charge_mode", "garage")


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("set_ready_by", {"time": "07:00"}, "no_target"),
        ("set_ready_by", {"time": "07:00", "target_value": 101}, "target_out_of_range"),
        ("set_ready_by", {"time": "07:00", "target_value": 0}, "target_out_of_range"),
        (
            "set_ready_by",
            {"time": "07:00", "target_value": 201, "target_kind": "energy"},
            "target_out_of_range",
        ),
        (
            "set_ready_by",
            {"time": "17:00", "date": "2026-01-14", "target_value": 80},
            "departure_has_passed",
        ),
        (
            "set_ready_by",
            {"time": "17:00", "date": "2026-01-15", "weekdays": ["mon"], "target_value": 80},
            "date_or_weekdays",
        ),
        ("boost", {"duration": {"hours": 25}}, "boost_time_out_of_range"),
        ("boost", {"energy": 0}, "boost_energy_out_of_range"),
        (
            "set_schedule",
            {"windows": [{"start": "01:00", "end": "02:00"}] * 51},
            "too_many_windows",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(
    planned: House, action: str, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as error:
        await act(planned, action, **data)
    assert error.value.translation_key == key
    assert told(planned) == ChargerSettings()
