"""The site in Home Assistant: modes, figures of the mains, and what is decided about a charger."""

import asyncio
from typing import Any

import pytest

from custom_components.evse_suite import meter_sensors, sensor
from custom_components.evse_suite.control.answer import MeterHealth
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.integration.house import House, numbers, until

pytestmark = pytest.mark.usefixtures("prompt")


async def charging(home: House, least_a: float) -> None:
    await until(lambda: home.car.current_a >= least_a, f"the car draws {least_a} A")


async def test_figures_of_the_mains(home: House) -> None:
    """SITE-1: what flows, what is left, and which limit it is."""
    home.car.unplug()
    home.use_oven(2_300)
    await until(lambda: 10 < home.value("mains_current_l1") < 15, "the oven is seen alone")
    await home.becomes("sensor", "meter_health", "ok")

    mains_a = home.value("mains_current_l1")
    assert home.value("headroom_l1") == pytest.approx(40 - mains_a, abs=0.3)
    assert home.value("current_limit_l1") == 40
    assert home.shows("sensor", "binding_cap_l1", "fuse")
    assert home.value("mains_power") == pytest.approx(2_700, rel=0.1)
    await until(lambda: home.value("surplus") == pytest.approx(-2_700, rel=0.1), "no surplus")
    assert home.shows("binary_sensor", "overload", "off")
    assert home.shows("binary_sensor", "meter_problem", "off")


async def test_power_leaves_the_fuse_alone(home: House) -> None:
    """LEK-8, LEK-11, SITE-4: 40 A for house and car; the car yields, then pauses, by itself."""
    await charging(home, 24)

    home.use_oven(6_000)
    await until(lambda: 0 < home.car.current_a <= 13, "the car yields")
    await until(lambda: sum(home.simulation.home.mains_a().values()) <= 40, "within the fuse", 5)
    await until(
        lambda: (
            home.shows("sensor", "binding_cap", "fuse", "garage")
            and home.value("set_current", "garage") <= 13
        ),
        "told",
    )

    home.use_oven(8_500)
    await home.becomes("sensor", "status", "paused_by_load_balancing", "garage")
    await until(lambda: home.value("set_current", "garage") == 0, "0 A")
    assert home.shows("sensor", "reason", "waiting_for_room", "garage")
    sentence = home.state("sensor", "explanation", "garage").state
    assert 40 in numbers(sentence), sentence
    assert home.car.plugged


async def test_disabled_sends_nothing_and_shows_everything(home: House) -> None:
    """LEK-7."""
    await home.call("select", "select_option", home.entity("select", "mode"), option="disabled")
    home.charger.point.dynamic_current_a = 20
    home.use_oven(8_000)

    await until(lambda: home.car.current_a == 20, "the charger does as it likes")
    await until(lambda: home.value("mains_current_l1") > 50, "the overload is measured")
    await asyncio.sleep(1.0)

    assert home.charger.point.dynamic_current_a == 20
    await until(lambda: home.value("current_1", "garage") == pytest.approx(20, abs=0.3), "20 A")
    assert home.shows("sensor", "reason", "disabled", "garage")
    assert home.shows("sensor", "set_current", "unknown", "garage")
    assert home.shows("binary_sensor", "overload", "on")


async def test_hybrid_keeps_the_minimum(home: House) -> None:
    """LEK-9: with no surplus the minimum goes on, and the house imports no more for the car."""
    await home.call("select", "select_option", home.entity("select", "mode"), option="hybrid")

    await home.becomes("sensor", "reason", "surplus_minimum", "garage")
    await until(lambda: home.charger.point.dynamic_current_a == 6, "the minimum is offered")
    await until(lambda: abs(home.car.current_a - 6) < 0.5, "the minimum goes on")
    await until(lambda: home.value("set_current", "garage") == 6, "told")


async def test_green_waits_for_the_sun(home: House) -> None:
    """LEK-10: nothing without surplus; with enough of it the car follows."""
    await home.call("select", "select_option", home.entity("select", "mode"), option="green")
    await home.becomes("sensor", "reason", "waiting_for_surplus", "garage")
    await until(lambda: home.charger.point.dynamic_current_a == 0, "nothing is offered")
    await until(lambda: home.car.current_a == 0, "the car pauses")


async def test_green_follows_the_sun(home: House) -> None:
    """LEK-10: starts when the surplus covers the minimum, and takes the surplus and no more."""
    home.car.unplug()
    await home.call("select", "select_option", home.entity("select", "mode"), option="green")
    home.use_oven(-5_000)
    await until(lambda: home.value("surplus") > 4_000, "surplus")

    home.car.plug()
    await charging(home, 15)

    await home.becomes("sensor", "reason", "surplus", "garage")
    imported_a = sum(home.simulation.home.mains_a().values())
    assert imported_a < 1
    assert home.value("set_current", "garage") <= 4_600 / 230


async def test_balancer_switch_returns_to_the_last_mode(home: House) -> None:
    """LEK-7, LEK-9."""
    switch = home.entity("switch", "balancer")
    await home.call("select", "select_option", home.entity("select", "mode"), option="hybrid")

    await home.call("switch", "turn_off", switch)
    assert home.shows("select", "mode", "disabled")
    assert home.shows("switch", "balancer", "off")

    await home.call("switch", "turn_on", switch)
    assert home.shows("select", "mode", "hybrid")
    assert home.entry.options["mode"] == "hybrid"


async def test_an_unknown_mode_is_refused(home: House) -> None:
    with pytest.raises(Exception, match="not valid") as error:
        await home.call("select", "select_option", home.entity("select", "mode"), option="turbo")
    assert error.type.__name__ == "ServiceValidationError"
    assert home.shows("select", "mode", "power")


async def test_a_silent_meter_is_shown(home: House) -> None:
    """SITE-5: nothing is shown as measured that is not; the charger goes to its safe current."""
    await charging(home, 12)

    home.em.inject({"silent": True})

    await home.becomes("sensor", "meter_health", "silent")
    await home.becomes("binary_sensor", "meter_problem", "on")
    await until(lambda: home.car.current_a <= 6, "safe current")
    assert home.charger.point.dynamic_current_a == 6
    await home.becomes("sensor", "mains_current_l1", "unknown")
    assert home.shows("sensor", "headroom_l1", "unknown")
    assert home.shows("sensor", "reason", "meter_silent", "garage")

    home.em.inject({"silent": False})
    await until(lambda: home.site.meter_health is MeterHealth.OK, "the meter is back")


async def test_the_explanation_does_not_tick(hass: HomeAssistant, home: House) -> None:
    """Promise 7 without a row a second: what counts seconds is left out of the sentence."""
    seen: list[str] = []
    link = home.entity("sensor", "explanation", "garage")
    hass.bus.async_listen(
        "state_changed",
        lambda event: (
            seen.append(str(event.data["new_state"].state))
            if event.data["entity_id"] == link
            else None
        ),
    )
    sentences: set[str] = set()
    for _ in range(60):
        await asyncio.sleep(0.05)
        assert home.site.decision is not None
        sentences.add(home.site.decision.chargers[0].sentence)

    assert not [text for text in seen if " in " in text and text.endswith(" s.")]
    assert len(home.state("sensor", "explanation", "garage").state) > 5


def test_sensors_of_the_site_have_classes(hass: HomeAssistant) -> None:
    """Measurements have units and classes; words are enums."""
    rows: list[Any] = [
        *sensor.SITE_SENSORS,
        *sensor.PHASE_SENSORS,
        *sensor.CHARGER_SENSORS,
        *sensor.LINE_SENSORS,
        *meter_sensors.CHANNEL_SENSORS,
    ]
    for row in rows:
        if row.key in ("explanation", "last_seen", "next_change"):
            continue
        assert row.device_class, row.key
        if row.options is None:
            assert row.state_class, row.key
            assert row.suggested_display_precision is not None, row.key
        else:
            assert row.native_unit_of_measurement is None


async def test_doubles_and_internals_are_disabled(hass: HomeAssistant, home: House) -> None:
    """What the site shows already is not recorded twice."""
    registry = er.async_get(hass)
    off = {
        entry.unique_id.removeprefix(home.owner(name) + "_")
        for name in (None, "garage", "mains")
        for entry in registry.entities.values()
        if entry.disabled and entry.unique_id.startswith(home.owner(name) + "_")
    }
    assert off == {
        "house_current_l1",
        "last_seen",
        "next_change",
        "next_change_kind",
        "voltage_1",
        "offered_current",
        "current_1",
        "power_1",
        "reading_interval",
        "lost_readings",
        "resolution",
    }
