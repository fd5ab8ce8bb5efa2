"""A supply account whose meter is an entity, at a time that the test sets."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.account.scene import START, Home, account_data
from tests.integration.conftest import entity_registry_enabled_by_default

__all__ = ["entity_registry_enabled_by_default"]


@pytest.fixture
def begin() -> datetime:
    """Tell when the test begins."""
    return START


@pytest.fixture
def data() -> dict[str, Any]:
    """Return what the forms stored; a test may change it."""
    return account_data()


@pytest.fixture
async def home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, begin: datetime, data: dict[str, Any]
) -> AsyncGenerator[Home]:
    """Set up a site with one account, whose meter shows 1000 kWh."""
    freezer.move_to(begin)
    home = Home(hass, freezer, data)
    home.show(1000)
    await home.start()
    yield home
    await home.stop()
