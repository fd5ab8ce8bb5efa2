"""What the Energy dashboard of Home Assistant knows already, so that nobody has to enter it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Prices are per kWh in the home's currency; the others are ids of statistics in energy."""

    price_entity: str | None = None
    fixed_price: float | None = None
    feed_in_entity: str | None = None
    feed_in: float | None = None
    forecasts: tuple[str, ...] = ()
    """Config entries that forecast the sun."""
    from_grid: tuple[str, ...] = ()
    to_grid: tuple[str, ...] = ()
    from_sun: tuple[str, ...] = ()
    from_battery: tuple[str, ...] = ()
    to_battery: tuple[str, ...] = ()
    to_home: tuple[str, ...] = ()
    """What the whole home draws, chargers included, where one meter measures just that."""


async def async_dashboard(hass: HomeAssistant) -> Dashboard:
    """Return what is set up in the Energy dashboard, nothing where there is none."""
    if "energy" not in hass.config.components:
        return Dashboard()
    manager = await async_get_manager(hass)
    if manager.data is None:
        return Dashboard()
    sources: list[Any] = list(manager.data["energy_sources"])
    grid = [source for source in sources if source["type"] == "grid"]
    sun = [source for source in sources if source["type"] == "solar"]
    homes = [source for source in sources if source["type"] == "home"]
    batteries = [source for source in sources if source["type"] == "battery"]
    return Dashboard(
        price_entity=_first(grid, "entity_energy_price"),
        fixed_price=_first(grid, "number_energy_price"),
        feed_in_entity=_first(grid, "entity_energy_price_export"),
        feed_in=_first(grid, "number_energy_price_export"),
        forecasts=tuple(
            entry_id for it in sun for entry_id in it.get("config_entry_solar_forecast") or ()
        ),
        from_grid=tuple(_all(grid, "stat_energy_from")),
        to_grid=tuple(_all(grid, "stat_energy_to")),
        from_sun=tuple(_all(sun, "stat_energy_from")),
        from_battery=tuple(_all(batteries, "stat_energy_from")),
        to_battery=tuple(_all(batteries, "stat_energy_to")),
        to_home=tuple(_all(homes, "stat_energy_to")),
    )


def _all(sources: list[Any], key: str) -> Iterator[Any]:
    return (source[key] for source in sources if source.get(key) is not None)


def _first(sources: list[Any], key: str) -> Any:
    return next(_all(sources, key), None)
