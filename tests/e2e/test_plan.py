"""A homeowner's plans in the browser: a departure in the calendar, and a boost before it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import expect

from demo.browser import DASHBOARD, Window
from demo.homes import CHARGER
from demo.measure import Truth
from demo.stage import Stage
from demo.waiting import wait_until

DEPARTURE = "Airport, 30 kWh"
FULL_A = 31


async def car_a(stage: Stage) -> float:
    return Truth.of(await stage.simulation.state()).car_a


async def test_departure_and_boost(stage: Stage, window: Window, pictures: Path) -> None:
    """What is written into the calendar is planned for; a boost does not wait (PLAN-2, PLAN-4)."""
    page = window.page
    leaves = datetime.now(UTC) + timedelta(hours=8)
    calendar = stage.entities.find(CHARGER, "plan", "calendar")
    # The test before may have changed the site, which is then set up anew.
    await wait_until(lambda: stage.ha.state(calendar), lambda it: it in {"on", "off"}, within_s=60)
    await stage.ha.command(
        "calendar/event/create",
        entity_id=calendar,
        event={
            "summary": DEPARTURE,
            "dtstart": leaves.isoformat(),
            "dtend": (leaves + timedelta(minutes=15)).isoformat(),
        },
    )
    plan = stage.entities.find(CHARGER, "plan")
    await wait_until(lambda: stage.ha.state(plan), lambda it: "ready" in it, within_s=20)
    await window.open(f"{DASHBOARD}/plan")
    await expect(page.locator("ha-full-calendar").first).to_contain_text(DEPARTURE)
    await window.choose_mode("Off")
    await wait_until(lambda: car_a(stage), lambda it: it < 1, within_s=30)
    await window.tile("Boost for an hour").click()
    await wait_until(lambda: car_a(stage), lambda it: it > FULL_A, within_s=60)
    await expect(window.tile("Charge mode")).to_contain_text("Boost")
    await window.shoot(pictures / "boost.png")
    await window.choose_mode("Smart")
