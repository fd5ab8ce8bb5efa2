"""Charge modes and boosts, carried out by a charger (IND-5, PLAN-4, SITE-4)."""

import pytest

from custom_components.evse_suite.const import DOMAIN
from homeassistant.core import HomeAssistant
from tests.integration.house import House, until
from tests.plans.scene import Clock

pytestmark = pytest.mark.usefixtures("prompt")


async def choose(home: House, mode: str) -> None:
    await home.call(
        "select", "select_option", home.entity("select", "charge_mode", "garage"), option=mode
    )


async def test_off_solar_boost_and_back_by_itself(planned: House, clock: Clock) -> None:
    """IND-5, PLAN-4, SITE-4: Boost charges at full power within the fuse, and ends in Solar."""
    home = planned
    await choose(home, "off")
    await home.becomes("sensor", "reason", "switched_off", "garage")
    await until(lambda: home.car.current_a == 0, "the end of the charge")
    await choose(home, "solar")
    await home.becomes("sensor", "reason", "waiting_for_surplus", "garage")

    await home.call(
        "number", "set_value", home.entity("number", "boost_duration", "garage"), value=30
    )
    await home.call("button", "press", home.entity("button", "boost", "garage"))
    assert home.shows("select", "charge_mode", "boost", "garage")
    assert home.state("sensor", "boost_end", "garage").state == "2026-01-14T17:30:00+00:00"
    await until(lambda: home.shows("sensor", "reason", "boost", "garage"), "the boost", 200)
    says = "32 A of 32 A, boosted until 18:30."
    await until(lambda: home.state("sensor", "explanation", "garage").state == says, "full power")
    await until(lambda: home.car.current_a > 30, "full power")

    home.use_oven(5000)
    await home.becomes("sensor", "reason", "fuse_limit", "garage")
    await until(lambda: home.value("mains_current_l1") <= 40, "the fuse")

    clock.move_to("2026-01-14 18:31")
    await home.becomes("select", "charge_mode", "solar", "garage")
    await home.becomes("sensor", "reason", "waiting_for_surplus", "garage")
    assert home.shows("sensor", "boost_end", "unknown", "garage")


async def test_a_boost_for_an_amount_survives_a_restart_and_ends(
    hass: HomeAssistant, planned: House
) -> None:
    """PLAN-4: the charger's own counter tells how much is left, whoever watched it."""
    home = planned
    await home.becomes("sensor", "status", "charging", "garage")
    await home.call(DOMAIN, "boost", device_id=home.device_id("garage"), energy=5)
    await home.becomes("sensor", "reason", "boost", "garage")

    assert await hass.config_entries.async_unload(home.entry.entry_id)
    home.charger.point.session.energy_wh += 2000
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await home.becomes("sensor", "reason", "boost", "garage")
    key = home.site.spec.chargers[0].key

    def left_wh() -> float | None:
        boost = home.site.plans.settings(key).boost
        return None if boost is None else boost.left_wh

    await until(lambda: left_wh() == pytest.approx(3000, abs=200), "what is left")

    home.charger.point.session.energy_wh += 3000
    await home.becomes("select", "charge_mode", "smart", "garage")
    await home.becomes("sensor", "reason", "full_power", "garage")


async def test_a_boost_ends_when_it_is_cancelled_and_when_the_car_leaves(planned: House) -> None:
    """PLAN-4."""
    home = planned
    device = home.device_id("garage")
    await home.call(DOMAIN, "boost", device_id=device, duration={"hours": 2})
    assert home.shows("select", "charge_mode", "boost", "garage")
    await home.call(DOMAIN, "cancel_boost", device_id=device)
    assert home.shows("select", "charge_mode", "smart", "garage")

    await home.call(DOMAIN, "boost", device_id=device)
    home.car.unplug()
    await home.becomes("select", "charge_mode", "smart", "garage")
