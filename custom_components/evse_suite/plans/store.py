"""What people have told a site's chargers, on disk: written before they hear that it is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..planning.model import Plan
from ..store import async_read_or_none
from . import carbon, records, visits
from .settings import ChargerSettings
from .visits import Visit

VERSION: Final = 1
SAVE_DELAY_S: Final = 5.0
"""A plan that is lost is made again; a boost that has just ended must not begin again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that outlives a restart, by the keys of the chargers."""

    settings: Mapping[str, ChargerSettings] = field(default_factory=dict)
    visits: Mapping[str, Visit] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)


class PlanStore:
    """One small file for each site, replaced as a whole: never half of the old and of the new."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Open the store of one site; nothing is read yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.plans", atomic_writes=True
        )

    async def async_read(self, title: str) -> Kept:
        """Return what is kept; what cannot be used is left out and named in the log.

        A file that is no JSON at all is set aside and reported by Home Assistant itself.
        """
        document = await async_read_or_none(self._store, f"{title}: what its chargers were told")
        settings: dict[str, ChargerSettings] = {}
        for key, raw in _parts(document, "chargers").items():
            settings[key], refused = records.from_json(raw)
            if refused:
                LOGGER.warning(
                    "%s: of what charger %s was told this cannot be read: %s",
                    title,
                    key,
                    ", ".join(refused),
                )
        stays = {key: visits.from_json(raw) for key, raw in _parts(document, "visits").items()}
        plans = {key: carbon.from_json(raw) for key, raw in _parts(document, "plans").items()}
        return Kept(
            settings=settings,
            visits={key: it for key, it in stays.items() if it is not None},
            plans={key: it for key, it in plans.items() if it is not None},
        )

    async def async_save(self, kept: Kept) -> None:
        """Write all of it; it is on disk when this returns."""
        await self._store.async_save(_document(kept))

    @callback
    def save_soon(self, kept: Callable[[], Kept]) -> None:
        """Write what nobody waits for: some time later, at the latest when Home Assistant stops."""
        self._store.async_delay_save(lambda: _document(kept()), SAVE_DELAY_S)

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()


def _document(kept: Kept) -> dict[str, Any]:
    return {
        "chargers": {key: records.to_json(it) for key, it in kept.settings.items()},
        "visits": {key: visits.to_json(it) for key, it in kept.visits.items()},
        "plans": {key: carbon.to_json(it) for key, it in kept.plans.items()},
    }


def _parts(document: object, name: str) -> Mapping[str, object]:
    part = document.get(name) if isinstance(document, Mapping) else None
    return part if isinstance(part, Mapping) else {}
