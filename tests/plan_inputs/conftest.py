"""A winter's noon in a home in Brussels, and a count of what makes other plans."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.plan_inputs.gathering import NOON, ZONE, Calls


@pytest.fixture
def changes() -> Calls:
    """Count how often something makes another plan."""
    return Calls()


@pytest.fixture(autouse=True)
async def noon(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin at noon, in a home that pays in euros."""
    await hass.config.async_set_time_zone(ZONE)
    hass.config.currency = "EUR"
    freezer.move_to(NOON)
