"""A home battery beside the chargers (SITE-7)."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from simulator.build import Simulation
from tests.integration.house import until
from tests.integration.test_limits import limited


async def test_a_battery_is_asked_to_hold_while_a_car_charges_from_the_grid(
    hass: HomeAssistant, simulation: Simulation
) -> None:
    """SITE-7: nothing that is stored goes into a car, unless its owner asks for that."""
    hass.states.async_set("sensor.battery", "0", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.charge", "60", {"unit_of_measurement": "%"})
    bands: dict[str, Any] = {"battery_charge": "sensor.charge", "battery_gives_above": 80}
    async with limited(hass, simulation, battery="sensor.battery", **bands) as home:
        await home.becomes("binary_sensor", "hold_battery", "on")
        hass.states.async_set("sensor.charge", "85", {"unit_of_measurement": "%"})
        await home.becomes("binary_sensor", "hold_battery", "off")
        hass.states.async_set("sensor.charge", "60", {"unit_of_measurement": "%"})
        await home.becomes("binary_sensor", "hold_battery", "on")
        home.car.unplug()
        await home.becomes("binary_sensor", "hold_battery", "off")


@pytest.mark.parametrize(
    ("order", "shared_w"),
    [("car_first", 2000.0), ("battery_first", 0.0), ("by_charge", 2000.0)],
)
async def test_the_surplus_is_divided_as_the_owner_wants(
    hass: HomeAssistant, simulation: Simulation, order: str, shared_w: float
) -> None:
    """SITE-7: what charges the battery is the car's first, or not; what it delivers never is."""
    hass.states.async_set("sensor.battery", "0", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.charge", "60", {"unit_of_measurement": "%"})
    async with limited(
        hass,
        simulation,
        battery="sensor.battery",
        battery_sign="charging",
        battery_order=order,
        battery_charge="sensor.charge",
        battery_first_below=50,
    ) as home:
        home.car.unplug()
        await until(lambda: home.value("surplus") == pytest.approx(-380, abs=300), "the house")
        plain_w = home.value("surplus")
        hass.states.async_set("sensor.battery", "2.0", {"unit_of_measurement": "kW"})
        await until(
            lambda: home.value("surplus") == pytest.approx(plain_w + shared_w, abs=400),
            "what the battery takes",
        )
        hass.states.async_set("sensor.battery", "-3", {"unit_of_measurement": "kW"})
        await until(
            lambda: home.value("surplus") == pytest.approx(plain_w - 3000, abs=400),
            "what it delivers",
        )
