"""What an entity says of the home battery (SITE-7)."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.evse_suite.battery import BatteryState, HomeBattery, battery_w
from homeassistant.core import HomeAssistant

BATTERY = "sensor.battery_power"
CHARGE = "sensor.battery_charge"


def site(**data: Any) -> MockConfigEntry:
    return MockConfigEntry(domain="evse_suite", data={"battery": BATTERY, **data})


@pytest.mark.parametrize(
    ("shown", "unit", "taken_w"),
    [
        ("1500", "W", 1500.0),
        ("-1.5", "kW", -1500.0),
        ("0", "W", 0.0),
        ("1500", None, None),
        ("1500", "Wh", None),
        ("unknown", "W", None),
        ("unavailable", "W", None),
        ("nan", "W", None),
        ("inf", "W", None),
    ],
)
async def test_power_with_its_unit(
    hass: HomeAssistant, shown: str, unit: str | None, taken_w: float | None
) -> None:
    hass.states.async_set(BATTERY, shown, {"unit_of_measurement": unit} if unit else {})
    assert battery_w(hass, site()) == taken_w


async def test_either_sign(hass: HomeAssistant) -> None:
    hass.states.async_set(BATTERY, "800", {"unit_of_measurement": "W"})
    assert battery_w(hass, site(battery_sign="charging")) == 800
    assert battery_w(hass, site(battery_sign="discharging")) == -800


async def test_no_battery(hass: HomeAssistant) -> None:
    assert battery_w(hass, site()) is None
    assert battery_w(hass, MockConfigEntry(domain="evse_suite", data={})) is None


async def test_who_is_first_by_its_charge(hass: HomeAssistant) -> None:
    """SITE-7: below 50 % the battery, then the car; from 90 % on it may be emptied."""
    hass.states.async_set(BATTERY, "800", {"unit_of_measurement": "W"})
    battery = HomeBattery(
        hass,
        site(
            battery_order="by_charge",
            battery_charge=CHARGE,
            battery_first_below=50,
            battery_gives_above=90,
        ),
    )
    for charge, yields, gives in (
        ("unknown", False, False),
        ("49.9", False, False),
        ("50", True, False),
        ("48.5", True, False),
        ("47.9", False, False),
        ("90", True, True),
        ("88", True, True),
        ("87.9", True, False),
        ("nan", False, False),
        ("101", False, False),
    ):
        hass.states.async_set(CHARGE, charge)
        assert battery.look() == BatteryState(power_w=800, yields=yields, gives=gives), charge


async def test_without_bands_the_site_s_order_holds(hass: HomeAssistant) -> None:
    """SITE-7."""
    hass.states.async_set(BATTERY, "800", {"unit_of_measurement": "W"})
    hass.states.async_set(CHARGE, "99")
    battery = HomeBattery(hass, site(battery_order="car_first", battery_charge=CHARGE))
    assert battery.look() == BatteryState(power_w=800)
