"""Prices of integrations that tell them in the answer of an action and not in their entities.

The shapes are those of Home Assistant's own integrations: Nord Pool, Tibber, Amber, EnergyZero and
easyEnergy (PLAN-3).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import LOGGER

FAULTS: Final = (HomeAssistantError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What goes wrong in somebody else's integration, above all before its prices have come."""
DAYS: Final = (timedelta(), timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Lists of times and prices, and their unit; None is the home's currency per kWh."""

    lists: tuple[object, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose prices are asked for: those that belong to one entity."""

    hass: HomeAssistant
    entity: er.RegistryEntry
    unit: str | None
    """Of the entity."""

    async def ask(self, action: str, data: Mapping[str, object]) -> Mapping[str, Any]:
        """Call an action of the entity's integration; without an answer nothing is returned."""
        try:
            answer = await self.hass.services.async_call(
                self.entity.platform, action, dict(data), blocking=True, return_response=True
            )
        except FAULTS as err:
            LOGGER.debug("%s tells no prices: %r", self.entity.entity_id, err)
            return {}
        return answer or {}

    def days(self) -> Iterable[date]:
        """Return today and tomorrow."""
        today = dt_util.now().date()
        return (today + day for day in DAYS)


async def _nord_pool(question: Question) -> Answer:
    """Ask for both days; prices are per MWh, of each area that is set up."""
    area = question.entity.unique_id.partition("-")[0]
    lists = []
    for day in question.days():
        told = await question.ask(
            "get_prices_for_date",
            {"config_entry": question.entity.config_entry_id, "date": day.isoformat()},
        )
        lists.append(told.get(area) or next(iter(told.values()), ()))
    money = (question.unit or "").partition("/")[0]
    return Answer(lists=tuple(lists), unit=f"{money}/MWh" if money else None)


async def _tibber(question: Question) -> Answer:
    """Ask for both days at once; homes are told apart by their names, which devices have too."""
    start = dt_util.start_of_local_day()
    end = dt_util.start_of_local_day(start.date() + timedelta(days=2))
    told = await question.ask("get_prices", {"start": start.isoformat(), "end": end.isoformat()})
    homes = told.get("prices") or {}
    device_id = question.entity.device_id
    device = dr.async_get(question.hass).async_get(device_id) if device_id else None
    name = None if device is None else device.name
    chosen = [homes[name]] if name in homes else list(homes.values())[:1]
    return Answer(lists=tuple(chosen))


async def _amber(question: Question) -> Answer:
    """Ask for the channel of the entity."""
    channel = "feed_in" if "feed_in" in question.entity.unique_id else "general"
    told = await question.ask(
        "get_forecasts",
        {"config_entry_id": question.entity.config_entry_id, "channel_type": channel},
    )
    return Answer(lists=(told.get("forecasts"),))


def _dutch(action: str) -> Callable[[Question], Awaitable[Answer]]:
    """Return how EnergyZero and easyEnergy are asked, who answer alike."""

    async def ask(question: Question) -> Answer:
        lists = []
        for day in question.days():
            told = await question.ask(
                action,
                {
                    "config_entry": question.entity.config_entry_id,
                    "incl_vat": True,
                    "start": day.isoformat(),
                    "end": day.isoformat(),
                },
            )
            lists.append(told.get("prices"))
        return Answer(lists=tuple(lists))

    return ask


ACTIONS: Final[Mapping[str, Callable[[Question], Awaitable[Answer]]]] = {
    "nordpool": _nord_pool,
    "tibber": _tibber,
    "amberelectric": _amber,
    "energyzero": _dutch("get_energy_prices"),
    "easyenergy": _dutch("get_energy_usage_prices"),
}
"""By integration."""
