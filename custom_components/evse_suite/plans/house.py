"""What the house without its chargers drew, from the statistics of the recorder (PLAN-3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from homeassistant.components.recorder.statistics import StatisticsRow, statistics_during_period
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform, UnitOfEnergy, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance

from ..const import DOMAIN, SUBENTRY_CHARGER
from ..planning.model import PowerSlot
from .dashboard import Dashboard

HOUR: Final = timedelta(hours=1)
UNITS: Final = {"power": UnitOfPower.WATT.value, "energy": UnitOfEnergy.WATT_HOUR.value}
TYPES: Final[set[Literal["change", "last_reset", "max", "mean", "min", "state", "sum"]]] = {
    "change",
    "mean",
}

type Rows = Mapping[str, Sequence[StatisticsRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """Ids of the statistics that a house's own draw is made of."""

    mains: str | None
    """Mean power at the grid connection, export negative."""
    chargers: tuple[str, ...]
    """Mean powers."""
    dashboard: Dashboard

    @property
    def ids(self) -> set[str]:
        """All statistics."""
        dashboard = self.dashboard
        energies = {*dashboard.from_grid, *dashboard.to_grid, *dashboard.from_sun}
        energies |= {*dashboard.from_battery, *dashboard.to_battery, *dashboard.to_home}
        energies |= set(self.chargers)
        return energies if self.mains is None else energies | {self.mains}


def meters(hass: HomeAssistant, entry: ConfigEntry, dashboard: Dashboard) -> Meters:
    """Return what a site's draw can be told from: its own sensors and the Energy dashboard."""
    registry = er.async_get(hass)
    chargers = {key for key, it in entry.subentries.items() if it.subentry_type == SUBENTRY_CHARGER}
    powers = [
        it.entity_id
        for it in er.async_entries_for_config_entry(registry, entry.entry_id)
        if it.domain == Platform.SENSOR
        and it.config_subentry_id in chargers
        and it.translation_key == "power"
    ]
    mains = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{entry.entry_id}_mains_power")
    return Meters(mains=mains, chargers=tuple(powers), dashboard=dashboard)


async def async_measured(
    hass: HomeAssistant, meters: Meters, start: datetime
) -> tuple[PowerSlot, ...]:
    """Return what the house drew in each hour from ``start`` on, as far as somebody knows."""
    if DATA_INSTANCE not in hass.data or not meters.ids:
        return ()
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period, hass, start, None, meters.ids, "hour", UNITS, TYPES
    )
    return tuple(house(meters, rows))


def house(meters: Meters, rows: Rows) -> Iterable[PowerSlot]:
    """Yield what the house drew without its chargers, for each hour of which enough is known."""
    chargers_w = _sum(rows, meters.chargers, "mean")
    for at, home_w in sorted((_from_parts(meters, rows) | _home(meters, rows)).items()):
        start = datetime.fromtimestamp(at, UTC)
        power_w = max(0.0, home_w - chargers_w.get(at, 0.0))
        yield PowerSlot(start=start, end=start + HOUR, power_w=power_w)


def _home(meters: Meters, rows: Rows) -> dict[float, float]:
    """Return by time what was measured of the whole home."""
    return _sum(rows, meters.dashboard.to_home, "change")


def _from_parts(meters: Meters, rows: Rows) -> dict[float, float]:
    """Return the same as grid and sun and battery, where the grid is known."""
    dashboard = meters.dashboard
    from_grid = _sum(rows, dashboard.from_grid, "change")
    to_grid = _sum(rows, dashboard.to_grid, "change")
    grid = {at: wh - to_grid.get(at, 0.0) for at, wh in from_grid.items()}
    mains = _sum(rows, () if meters.mains is None else (meters.mains,), "mean")
    sun = _sum(rows, dashboard.from_sun, "change")
    discharged = _sum(rows, dashboard.from_battery, "change")
    charged = _sum(rows, dashboard.to_battery, "change")
    return {
        at: grid_w + sun.get(at, 0.0) + discharged.get(at, 0.0) - charged.get(at, 0.0)
        for at, grid_w in (grid | mains).items()
    }


def _sum(rows: Rows, ids: Iterable[str], kind: Literal["change", "mean"]) -> dict[float, float]:
    """Return by time the mean power of some statistics: what a counter rises by in an hour is."""
    found: dict[float, float] = {}
    for each in ids:
        for row in rows.get(each, ()):
            if (value := row.get(kind)) is not None:
                found[row["start"]] = found.get(row["start"], 0.0) + value
    return found
