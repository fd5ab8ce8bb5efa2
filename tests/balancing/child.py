"""A Home Assistant with one site in a process of its own, to be killed.

Reads the site as JSON from the standard input, says ``ready``, and runs until it is ended.
"""

import asyncio
import json
import sys
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from custom_components.evse_suite.const import DOMAIN
from homeassistant import loader
from homeassistant.setup import async_setup_component


async def live(site: dict[str, Any]) -> None:
    """Run the site for ever."""
    async with async_test_home_assistant() as hass:
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        assert await async_setup_component(hass, "network", {})
        entry = MockConfigEntry(domain=DOMAIN, title="Home", **site)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(live(json.loads(sys.stdin.readline())))
