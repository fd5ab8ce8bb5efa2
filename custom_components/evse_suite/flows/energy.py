"""Meters that the Energy dashboard names already, and the proof of their signs (SITE-8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder.statistics import StatisticsRow, statistics_during_period
from homeassistant.core import HomeAssistant, valid_entity_id
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
import homeassistant.util.dt as dt_util

from ..const import CHARGING, CONF_BATTERY, CONF_BATTERY_SIGN, DISCHARGING
from ..devices.entities import HomeEntities, Role, watts
from .signs import sign_by_energy, sign_now

LOOK_BACK: Final = timedelta(hours=24)
UNITS: Final = {"power": "W", "energy": "Wh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMeter:
    """A meter of the dashboard; the roles refer to entities."""

    kind: str
    """grid or solar."""
    entities: Mapping[Role, str]
    inverted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSources:
    """What the dashboard names, as far as it is an entity."""

    meters: tuple[NamedMeter, ...] = ()
    battery: Mapping[str, str] = field(default_factory=dict)
    """What the form of the site takes of a home battery."""
    producers: tuple[tuple[str, int], ...] = ()
    """Entities of what produces, with the sign that a production has."""
    all_known: bool = True
    """Everything that produces tells its power."""


async def async_named_sources(hass: HomeAssistant) -> NamedSources:
    """Return what is set up in the Energy dashboard, nothing where there is none."""
    if "energy" not in hass.config.components:
        return NamedSources(all_known=False)
    manager = await async_get_manager(hass)
    if manager.data is None:
        return NamedSources(all_known=False)
    sources: list[Any] = list(manager.data["energy_sources"])
    meters = [it for it in (_meter(source) for source in sources) if it is not None]
    batteries = [_battery(source) for source in sources if source["type"] == "battery"]
    producing = [source for source in sources if source["type"] in ("solar", "battery")]
    producers = tuple(it for source in producing for it in _producers(source))
    return NamedSources(
        meters=tuple(meters),
        battery=next((it for it in batteries if it), {}),
        producers=producers,
        all_known=len({entity for entity, _ in producers}) >= len(producing),
    )


async def async_known_battery(hass: HomeAssistant) -> Mapping[str, str]:
    """Return what the form of a site takes of the dashboard's home battery (SITE-7)."""
    return (await async_named_sources(hass)).battery


def _meter(source: Mapping[str, Any]) -> NamedMeter | None:
    """Return the meter of a grid connection or of a solar system."""
    if source["type"] not in ("grid", "solar"):
        return None
    rate = _rate(source)
    wanted = {
        Role.POWER: rate.get("stat_rate") or rate.get("stat_rate_inverted"),
        Role.IMPORT_POWER: rate.get("stat_rate_from"),
        Role.EXPORT_POWER: rate.get("stat_rate_to"),
        Role.ENERGY: source.get("stat_energy_from"),
        Role.EXPORT_ENERGY: source.get("stat_energy_to"),
    }
    entities = {role: it for role, it in wanted.items() if it and valid_entity_id(it)}
    if not entities.keys() & {Role.POWER, Role.IMPORT_POWER}:
        return None
    inverted = "stat_rate_inverted" in rate
    return NamedMeter(kind=source["type"], entities=entities, inverted=inverted)


def _rate(source: Mapping[str, Any]) -> Mapping[str, str]:
    """Return how a source's power is told; what its owner chose goes before what was made of it."""
    chosen: Mapping[str, str] = source.get("power_config") or {}
    if chosen:
        return chosen
    return {"stat_rate": source["stat_rate"]} if source.get("stat_rate") else {}


def _battery(source: Mapping[str, Any]) -> dict[str, str]:
    """Return the battery's entity; in the dashboard a positive power means discharging."""
    rate = _rate(source)
    for key, sign in (("stat_rate", DISCHARGING), ("stat_rate_inverted", CHARGING)):
        if (entity_id := rate.get(key)) and valid_entity_id(entity_id):
            return {CONF_BATTERY: entity_id, CONF_BATTERY_SIGN: sign}
    return {}


def _producers(source: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    rate = _rate(source)
    signs = {"stat_rate": 1, "stat_rate_inverted": -1, "stat_rate_from": 1}
    for key, sign in signs.items():
        if (entity_id := rate.get(key)) and valid_entity_id(entity_id):
            yield entity_id, sign
            return


async def async_prove_sign(hass: HomeAssistant, entities: Mapping[Role, str]) -> bool | None:
    """Tell whether a positive power means import, None if nothing proves it.

    First by the present values, then by the counters of the last day.
    """
    door = HomeEntities(hass)
    named = await async_named_sources(hass)
    grid_w = watts(door.look(entities[Role.POWER]))
    produced = [(watts(door.look(entity_id)), sign) for entity_id, sign in named.producers]
    if named.all_known and grid_w is not None and all(it is not None for it, _ in produced):
        produced_w = sum(max(0.0, (it or 0.0) * sign) for it, sign in produced)
        if (proof := sign_now(grid_w, produced_w)) is not None:
            return proof
    return await _async_prove_by_energy(hass, door, entities)


async def _async_prove_by_energy(
    hass: HomeAssistant, door: HomeEntities, entities: Mapping[Role, str]
) -> bool | None:
    seen = {
        role: door.look(entities[role])
        for role in (Role.POWER, Role.ENERGY, Role.EXPORT_ENERGY)
        if role in entities
    }
    ids = {role: it.entity_id for role, it in seen.items() if it is not None}
    if Role.POWER not in ids or len(ids) == 1 or DATA_INSTANCE not in hass.data:
        return None
    start = dt_util.utcnow() - LOOK_BACK
    rows = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass, start, None, set(ids.values()), "5minute", UNITS, {"change", "mean"}
        )
    )
    return sign_by_energy(_periods(rows, ids))


def _periods(
    rows: Mapping[str, list[StatisticsRow]], ids: Mapping[Role, str]
) -> Iterator[tuple[float, float]]:
    """Yield the mean power and the net energy of every period that has both."""
    net_wh: dict[float, float] = {}
    for role, sign in ((Role.ENERGY, 1), (Role.EXPORT_ENERGY, -1)):
        for row in rows.get(ids.get(role, ""), ()):
            if (change_wh := row.get("change")) is not None:
                net_wh[row["start"]] = net_wh.get(row["start"], 0.0) + sign * change_wh
    for row in rows.get(ids[Role.POWER], ()):
        mean_w = row.get("mean")
        if mean_w is not None and row["start"] in net_wh:
            yield mean_w, net_wh[row["start"]]
