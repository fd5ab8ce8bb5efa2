"""A charger in Home Assistant: what it shows and what it can be told."""

from collections.abc import Callable
from typing import Any

import pytest

from custom_components.evse_suite import (
    alone_sensors,
    binary_sensor,
    button,
    calendar,
    links,
    number,
    plan_entities,
    select,
    sensor,
    session_entities,
    switch,
    time,
)
from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.devices.model import Relay, UserCurrent
from custom_components.evse_suite.entity import SuiteDescription
from custom_components.evse_suite.views import charger_part
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from simulator.devices.lektrico import charger as simulated_charger
from tests.integration.house import House, until

pytestmark = pytest.mark.usefixtures("prompt")

ERRORS = (
    "contactor_failure",
    "cp_diode_failure",
    "critical_temp",
    "meter_fault",
    "overcurrent",
    "overtemp",
    "overvoltage_error",
    "rcd_error",
    "state_e_activated",
    "undervoltage_error",
)


OWN_WORDS: tuple[SuiteDescription[Any], ...] = (
    *alone_sensors.ALONE_SENSORS,
    *binary_sensor.CHARGER_BINARY,
    *button.CHARGER_BUTTONS,
    *calendar.CHARGER_CALENDARS,
    *number.PLAN_NUMBERS,
    *plan_entities.PLAN_SENSORS,
    *select.CHARGER_SELECTS,
    *sensor.CHARGER_SENSORS,
    *session_entities.SESSION_SENSORS,
    *switch.CHARGER_SWITCHES,
    *time.CHARGER_TIMES,
)
"""Rows of what a charger tells and of what the suite says of it."""


def withdraw(home: House, setting: str, *, value: bool) -> None:
    """Change a setting and have the session ask for authorisation again."""
    home.charger.settings.set(setting, value=value)
    home.charger.point.session.authorised = False


SITUATIONS: dict[str, Callable[[House], Any]] = {
    "available": lambda home: home.car.unplug(),
    "need_auth": lambda home: withdraw(home, "headless", value=False),
    "paused": lambda home: home.charger.point.session.__setattr__("stopped", True),
    "paused_by_scheduler": lambda home: home.charger.inject({"schedule_waits": True}),
    "charging": lambda _home: None,
    "connected": lambda home: home.car.__setattr__("soc_percent", 100.0),
    "error": lambda home: home.charger.inject({"errors": ["rcd_error"]}),
    "locked": lambda home: withdraw(home, "charger_locked", value=True),
    "updating_firmware": lambda home: home.charger.begin_update("1.52"),
}


@pytest.mark.parametrize("status", SITUATIONS)
async def test_every_state_is_shown(home: House, status: str) -> None:
    """LEK-2."""
    await home.becomes("sensor", "status", "charging", "garage")

    SITUATIONS[status](home)

    await home.becomes("sensor", "status", status, "garage")
    cable = {"available": "off", "error": "unknown", "locked": "unknown"}.get(status, "on")
    if status == "updating_firmware":
        cable = "unknown"
    await home.becomes("binary_sensor", "connected", cable, "garage")
    charging = "on" if status == "charging" else "off"
    assert home.shows("binary_sensor", "charging", charging, "garage")
    problem = "on" if status == "error" else "off"
    assert home.shows("binary_sensor", "problem", problem, "garage")


async def test_measured_values(hass: HomeAssistant, home: House) -> None:
    """LEK-3: figures of the charger itself, in units that the Energy dashboard takes."""
    home.charger.point.total_energy_wh = 12_340.0
    home.charger.point.session.energy_wh = 2_500.0
    home.charger.point.session.charging_time_s = 600
    await until(lambda: home.car.current_a > 5.5, "the car charges")
    await until(lambda: home.value("session_energy", "garage") > 2.49, "session energy")
    await until(lambda: home.value("power", "garage") > 1_200, "power")

    assert home.value("lifetime_energy", "garage") == pytest.approx(12.34, abs=0.05)
    assert home.value("charging_time", "garage") == pytest.approx(10, abs=0.5)
    assert home.value("temperature", "garage") == pytest.approx(20, abs=1)
    await until(
        lambda: abs(home.value("current_1", "garage") - home.car.current_a) < 0.5, "the current"
    )
    shown_a = home.value("current_1", "garage")
    assert home.value("power", "garage") == pytest.approx(shown_a * 230 * 0.99, rel=0.1)
    lifetime = home.state("sensor", "lifetime_energy", "garage").attributes
    assert lifetime["device_class"] == "energy"
    assert lifetime["state_class"] == "total_increasing"
    assert lifetime["unit_of_measurement"] == "kWh"
    assert home.state("sensor", "power", "garage").attributes["state_class"] == "measurement"


@pytest.mark.parametrize("error", ERRORS)
async def test_each_error_has_its_own_sensor(home: House, error: str) -> None:
    """LEK-3."""
    key = f"error_{error}"
    assert home.shows("binary_sensor", key, "off", "garage")

    home.charger.inject({"errors": [error]})

    await home.becomes("binary_sensor", key, "on", "garage")
    await home.becomes("binary_sensor", "problem", "on", "garage")
    others = {f"error_{name}" for name in ERRORS} - {key}
    assert all(home.shows("binary_sensor", other, "off", "garage") for other in others)


async def test_lifetime_energy_never_goes_down(home: House) -> None:
    """LEK-3: a counter that loses its value would be a step in the statistics."""
    home.car.unplug()
    home.charger.point.total_energy_wh = 5_000.0
    await until(lambda: home.value("lifetime_energy", "garage") == 5.0, "5 kWh")
    reading_before = home.site.chargers[home.site.spec.chargers[0].key].reading

    home.charger.inject({"reset_counters": True})

    link = home.site.chargers[home.site.spec.chargers[0].key]
    await until(lambda: link.reading and link.reading.lifetime_energy_wh == 0, "the dip")
    assert reading_before is not link.reading
    assert home.value("lifetime_energy", "garage") == 5.0


async def test_user_limit_is_bounded_by_the_installer(home: House) -> None:
    """LEK-4, LEK-5: 6 A up to what the installer allowed, and nothing beyond from here."""
    home.charger.settings.set("install_current", 20)
    limit = home.entity("number", "user_limit", "garage")
    await until(
        lambda: home.state("number", "user_limit", "garage").attributes["max"] == 20, "20 A"
    )
    assert home.value("installation_current", "garage") == 20
    assert home.state("number", "user_limit", "garage").attributes["min"] == 6

    await home.call("number", "set_value", limit, value=16)

    assert home.charger.settings.amps("user_current") == 16
    await home.becomes("number", "user_limit", "16", "garage")
    for wrong in (5, 21):
        with pytest.raises(ServiceValidationError):
            await home.call("number", "set_value", limit, value=wrong)
    assert home.charger.settings.amps("user_current") == 16


async def test_the_driver_has_the_last_word_on_the_limit(home: House) -> None:
    """LEK-5: whoever passes the bounds of the entity ends at those of the driver."""
    (view,) = charger_part(home.site, home.site.spec.chargers[0]).chargers

    with pytest.raises(ServiceValidationError) as error:
        await view.carry_out(UserCurrent, lambda it: it.set_user_current(33))

    assert error.value.translation_key == "value_refused"
    assert home.charger.settings.amps("user_current") == 32


async def test_what_the_charger_cannot_do(home: House) -> None:
    (view,) = charger_part(home.site, home.site.spec.chargers[0]).chargers

    with pytest.raises(ServiceValidationError) as error:
        await view.carry_out(Relay, lambda it: it.set_relay(on=True))

    assert error.value.translation_key == "not_supported"


async def test_start_and_stop_by_buttons(home: House) -> None:
    """LEK-6."""
    await until(lambda: home.car.current_a > 5, "charging")

    await home.call("button", "press", home.entity("button", "stop_charging", "garage"))
    await until(lambda: home.car.current_a == 0, "stopped")
    await home.becomes("sensor", "status", "paused", "garage")

    await home.call("button", "press", home.entity("button", "start_charging", "garage"))
    await home.becomes("sensor", "status", "charging", "garage")


async def test_plug_and_charge(home: House) -> None:
    """LEK-12."""
    switch = home.entity("switch", "plug_and_charge", "garage")
    home.car.unplug()
    await home.becomes("sensor", "status", "available", "garage")

    await home.call("switch", "turn_off", switch)
    assert home.charger.settings.flag("headless") is False
    await home.becomes("switch", "plug_and_charge", "off", "garage")
    home.car.plug()
    await home.becomes("sensor", "status", "need_auth", "garage")

    await home.call("button", "press", home.entity("button", "start_charging", "garage"))
    await home.becomes("sensor", "status", "charging", "garage")
    await home.call("switch", "turn_on", switch)
    await home.becomes("switch", "plug_and_charge", "on", "garage")


async def test_settings_of_the_charger(home: House) -> None:
    """LEK-13."""
    brightness = home.entity("number", "led_brightness", "garage")
    await home.call("number", "set_value", brightness, value=70)
    assert home.charger.settings.amps("led_max_brightness") == 70
    await home.becomes("number", "led_brightness", "70", "garage")
    for wrong in (9, 101):
        with pytest.raises(ServiceValidationError):
            await home.call("number", "set_value", brightness, value=wrong)

    for key, setting in (("lock", "charger_locked"), ("auto_update", "auto_update")):
        for action, wanted in (("turn_on", True), ("turn_off", False)):
            await home.call("switch", action, home.entity("switch", key, "garage"))
            assert home.charger.settings.flag(setting) is wanted
            shown = "on" if wanted else "off"
            await home.becomes("switch", key, shown, "garage")


async def test_restart(home: House) -> None:
    """LEK-13: a restart waits for the end of the session."""
    home.car.unplug()
    booted_s = home.charger.booted_s

    await home.call("button", "press", home.entity("button", "restart", "garage"))

    await until(lambda: home.charger.booted_s > booted_s, "restarted")
    await home.becomes("sensor", "status", "available", "garage")


async def test_update_by_the_charger_itself(
    hass: HomeAssistant, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LEK-13: the version in the registry follows, and the update shows while it runs."""
    monkeypatch.setattr(simulated_charger, "UPDATE_S", 8.0)
    attributes = home.state("update", "firmware", "garage").attributes
    assert attributes["installed_version"] == "1.51"
    assert attributes["in_progress"] is False

    home.charger.begin_update("1.52")
    await until(
        lambda: home.state("update", "firmware", "garage").attributes["in_progress"], "updating"
    )
    await until(
        lambda: (
            home.state("update", "firmware", "garage").attributes.get("installed_version") == "1.52"
        ),
        "updated",
    )

    assert home.registered("garage").sw_version == "1.52"


async def test_slow_charging_explained(home: House) -> None:
    """LEK-18: limited by heat, by the user, by load balancing."""
    home.use_oven(6_000)
    await home.becomes("sensor", "limit_reason", "dynamic_limit", "garage")
    home.charger.settings.set("user_current", 6)
    await home.becomes("sensor", "limit_reason", "user_limit", "garage")
    home.charger.settings.set("user_current", 32)
    home.use_oven(0)
    home.charger.inject({"errors": ["overtemp"]})
    await home.becomes("sensor", "limit_reason", "overtemperature", "garage")


async def test_a_refused_command_is_told(home: House) -> None:
    home.charger.faults.refuse_commands = True

    with pytest.raises(HomeAssistantError) as error:
        await home.call("button", "press", home.entity("button", "stop_charging", "garage"))

    assert error.value.translation_key == "command_refused"
    assert error.value.translation_placeholders is not None
    assert error.value.translation_placeholders["name"] == "garage"


@pytest.mark.parametrize(
    ("fault", "key"),
    [("drop", "not_reachable"), ("garbage", "unexpected_reply"), ("unauthorized", "login_refused")],
)
async def test_a_command_that_fails_is_told(home: House, fault: str, key: str) -> None:
    home.charger.faults.set(fault, value=True)

    with pytest.raises(HomeAssistantError) as error:
        await home.call("switch", "turn_on", home.entity("switch", "lock", "garage"))

    assert error.value.translation_key == key
    home.charger.faults.clear()


async def test_silence_is_unavailable_and_decisions_stay(
    hass: HomeAssistant, home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SITE-5: what the charger told is gone, what the suite decided about it is not."""
    monkeypatch.setattr(links, "SHOWN_FOR_S", 0.5)
    await home.becomes("sensor", "status", "charging", "garage")

    home.charger.inject({"silent": True})

    await home.becomes("sensor", "status", "unavailable", "garage")
    entries = er.async_entries_for_device(er.async_get(hass), home.device_id("garage"))
    owner = home.owner("garage")
    kept = {f"{owner}_{row.key}" for row in OWN_WORDS if row.is_decision}

    def wrong() -> list[str]:
        return [
            entry.entity_id
            for entry in entries
            if (state := hass.states.get(entry.entity_id)) is not None
            and (state.state != "unavailable") != (entry.unique_id in kept)
        ]

    await until(lambda: not wrong(), "only decisions stay available")

    home.charger.inject({"silent": False})
    await until(lambda: not home.shows("sensor", "status", "unavailable", "garage"), "back")


async def test_device_page(hass: HomeAssistant, home: House) -> None:
    """LEK-13: who the device is."""
    device = home.registered("garage")

    assert device.manufacturer == "Lektrico"
    assert device.model == "1P7K"
    assert device.serial_number == "500006"
    assert device.via_device_id == home.device_id(None)
    assert device.configuration_url == f"http://{home.charger.host_port}/"
    assert device.config_subentry_id in home.entry.subentries
    entity = er.async_get(hass).async_get(home.entity("sensor", "status", "garage"))
    assert entity is not None
    assert entity.platform == DOMAIN
    assert entity.config_subentry_id == device.config_subentry_id
