"""Plans, boosts and sessions put to the test: what was planned is what flows."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .homes import CAR, CHARGER
from .measure import CAR_A, Bench, Truth
from .sources import CHEAP_FROM

AHEAD = timedelta(seconds=105)
"""The cheap hour begins so soon, at the whole minute before: plans are made of minutes."""
DEPARTS_AFTER = timedelta(hours=3)
TARGET_KWH = 9
"""More than the cheap hour holds, so that all of it is used."""
BEGINS_WITHIN_S = 10
FULL_A = 31
NOTHING_A = 0.1
LEAST_A = 5.5
SAME_ENERGY = 0.03
"""A session is measured as well as the charger measures."""


async def check_plan(bench: Bench) -> None:
    """Have a plan made, watch the car wait for it, and see it carried out (PLAN-2, PLAN-5)."""
    await bench.set_mode("green")
    await bench.flows("Green at night", "no current", _is_off, within_s=60)
    await bench.shows("… is read", CHARGER, "binary_sensor.charging", "off", within_s=15)
    begin = (datetime.now(UTC) + AHEAD).replace(second=0, microsecond=0)
    await _make_cheap_from(bench, begin)
    await _depart(bench, begin + DEPARTS_AFTER)
    await bench.shows("Plan made", CHARGER, "plan_status", "on_time", within_s=15)
    await bench.shows(
        "… for the cheap hour", CHARGER, "next_charge_start", begin.isoformat(), within_s=15
    )
    await bench.set_mode("power")
    left_s = (begin - datetime.now(UTC)).total_seconds() - 1
    await bench.stays("… for which the car waits", CAR_A, NOTHING_A, for_s=max(round(left_s), 1))
    await asyncio.sleep(1)
    await bench.flows("The cheap hour begins", "car charges", _charges, within_s=BEGINS_WITHIN_S)
    await bench.shows("… says the calendar", CHARGER, "calendar.plan", "on", within_s=10)


async def check_boost(bench: Bench) -> None:
    """Switch the charger off, and boost all the same (PLAN-4)."""
    ha, entities = bench.stage.ha, bench.scene.entities
    mode = entities.find(CHARGER, "charge_mode", "select")
    await ha.act("select.select_option", mode, option="off")
    await bench.flows("Charger off", "no current", _is_off, within_s=15)
    await ha.act("button.press", entities.find(CHARGER, "boost", "button"))
    await bench.flows("Boost", "car at full power", _is_full, within_s=60)
    await ha.act("evse_suite.cancel_boost", mode)
    await bench.flows("Boost cancelled", "off again", _is_off, within_s=15)
    await ha.act("select.select_option", mode, option="smart")
    await ha.act("switch.turn_off", entities.find(CHARGER, "plan", "switch"))
    await bench.flows("Plan off", "Power holds again", _is_full, within_s=60)


async def check_session(bench: Bench) -> None:
    """Pull the plug, and compare the session with what the car has got (PLAN-6)."""
    energy_kwh = (await bench.charged_wh(CAR) - bench.before_wh) / 1000
    await bench.plug(CAR, on=False)
    await bench.shows("Car unplugged", CHARGER, "session_state", "idle", within_s=20)
    sensor = bench.scene.entities.find(CHARGER, "last_session_energy")
    await bench.expect(
        "… its session",
        f"{energy_kwh:.2f} kWh",
        lambda: bench.stage.ha.state(sensor),
        lambda it: it != "unknown" and abs(float(it) / energy_kwh - 1) < SAME_ENERGY,
        within_s=20,
        tell=lambda it: f"{it} kWh",
    )
    await bench.plug(CAR, on=True)
    await bench.flows("Car plugged in again", "car at full power", _is_full, within_s=60)


async def _make_cheap_from(bench: Bench, begin: datetime) -> None:
    await bench.stage.ha.act("input_datetime.set_datetime", CHEAP_FROM, timestamp=begin.timestamp())


async def _depart(bench: Bench, at: datetime) -> None:
    """Tell the charger that the car leaves, by the clock on the wall in the home."""
    config = await bench.stage.ha.command("get_config")
    local = at.astimezone(ZoneInfo(config["time_zone"]))
    await bench.stage.ha.act(
        "evse_suite.set_ready_by",
        bench.scene.entities.find(CHARGER, "charge_mode", "select"),
        date=local.date().isoformat(),
        time=local.strftime("%H:%M"),
        target_value=TARGET_KWH,
        target_kind="energy",
    )


def _is_full(truth: Truth) -> bool:
    return truth.car_a > FULL_A


def _charges(truth: Truth) -> bool:
    return truth.car_a > LEAST_A


def _is_off(truth: Truth) -> bool:
    return truth.car_a < NOTHING_A
