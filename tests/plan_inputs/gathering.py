"""A site of which nothing runs but what gathers the inputs of its plans."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.planning.vehicles import Delivery
from custom_components.evse_suite.plans.inputs import PlanInputs
from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

ZONE: Final = "Europe/Brussels"
HOUR: Final = timedelta(hours=1)
NOON: Final = datetime(2026, 1, 14, 12, tzinfo=ZoneInfo(ZONE))


class Calls:
    """Counts how often something was told to have changed."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0

    def __call__(self) -> None:
        """Count one more."""
        self.count += 1

    def taken(self) -> int:
        """Return the count since it was looked at last."""
        count, self.count = self.count, 0
        return count


def subentry(subentry_type: str, **data: Any) -> ConfigSubentryData:
    """Return a subentry as it is stored."""
    return ConfigSubentryData(
        data=data, subentry_type=subentry_type, title=subentry_type, unique_id=None
    )


def site(hass: HomeAssistant, *subentries: ConfigSubentryData, **data: Any) -> MockConfigEntry:
    """Add a site to Home Assistant that is not set up: only its inputs run."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"supply": "three", "fuse_a": 25, "voltage_v": 230.0} | data,
        subentries_data=subentries,
    )
    entry.add_to_hass(hass)
    return entry


async def started(
    hass: HomeAssistant,
    on_change: Callable[[], None],
    entry: MockConfigEntry,
    delivered: Callable[[str], Delivery | None] = lambda _: None,
) -> PlanInputs:
    """Run the inputs of a site until everything that was asked has answered."""
    inputs = PlanInputs(hass, entry, on_change, delivered)

    async def unload(_event: object) -> None:
        await entry._async_process_on_unload(hass)

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, unload)
    await inputs.async_start()
    await hass.async_block_till_done(wait_background_tasks=True)
    return inputs


async def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, step: timedelta, times: int = 1
) -> None:
    """Let time pass, some times."""
    for _ in range(times):
        freezer.tick(step)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)


async def dashboard(hass: HomeAssistant, *sources: dict[str, Any]) -> None:
    """Set up the Energy dashboard."""
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    manager.data = cast("Any", {"energy_sources": list(sources), "device_consumption": []})
