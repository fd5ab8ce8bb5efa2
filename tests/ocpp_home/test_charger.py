"""A charger that dials in, in Home Assistant (LEK-12, LEK-14)."""

from homeassistant.core import HomeAssistant
from tests.integration.house import until
from tests.ocpp_home.homes import CHARGER, ocpp_house


async def test_a_discovered_charger_is_accepted_charges_and_yields(hass: HomeAssistant) -> None:
    """LEK-14, SITE-4: from dialling in to a kettle that takes the room."""
    async with ocpp_house(hass) as house:
        await until(house.flows, "a discovered charger")
        assert not house.point.accepted, "it waits until somebody accepts it"
        assert house.point.profiles.writes == 0
        (flow,) = house.flows()
        assert flow["context"]["title_placeholders"]["name"] == "Simulated Wallbox 22 CP-1"
        await house.accept()

        await house.becomes("sensor", "status", "available", CHARGER)
        await house.charge()
        await until(lambda: house.car.current_a > 30, "the full current")
        assert house.point.profiles.writes == 1

        house.use_oven(6000)
        await until(lambda: house.car.current_a < 14, "the charger yields")
        assert house.shows("sensor", "ocpp_strategy_in_use", "tx_profile", CHARGER)
