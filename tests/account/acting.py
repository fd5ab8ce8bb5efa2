"""Calling the actions of a supply account."""

from typing import Any

import pytest

from custom_components.evse_suite.billing.codec import encode
from custom_components.evse_suite.const import DOMAIN
from homeassistant.exceptions import HomeAssistantError
from tests.account.scene import Home

TARIFF: dict[str, Any] = {
    "prices": [["0.30"], ["0.10"]],
    "standing_per_week": 1.75,
    "switches": [{"start": "00:30", "rate": 2}, {"start": "07:30", "rate": 1}],
}


async def act(home: Home, action: str, /, **said: Any) -> dict[str, Any]:
    """Call an action and return its answer."""
    answer = await home.hass.services.async_call(
        DOMAIN, action, said, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


async def refused(home: Home, action: str, /, **said: Any) -> str:
    """Return the key of an error, in whose course nothing has changed."""
    before = encode(home.account.book)
    with pytest.raises(HomeAssistantError) as caught:
        await act(home, action, **said)
    assert encode(home.account.book) == before
    return caught.value.translation_key or ""
