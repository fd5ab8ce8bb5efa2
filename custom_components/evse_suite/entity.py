"""What all entities of the suite have in common."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .publishing import Band, Published
from .site import SiteConfigEntry
from .views import AccountView, DeviceView, Part, View, parts


def _always(_view: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class SuiteDescription[V: View](EntityDescription):
    """A row of a platform's table; ``value_fn`` gives what the entity shows."""

    value_fn: Callable[[V], Any]
    exists_fn: Callable[[V], bool] = _always
    """Whether the device can do this."""
    when_told: bool = False
    """Make the entity only when the device has told a value: not every firmware does."""
    enabled_fn: Callable[[V], bool] = _always
    """Whether a new entity is enabled, where that depends on the place of the device."""
    is_decision: bool = False
    """The suite's own words about a device: available even while the device is silent."""
    by_plan: bool = False
    """It changes with settings and plans alone: looked at when they do, not in every cycle."""
    live: bool = False
    """Of a supply account: it changes with every cycle, not only with what happens to it."""
    band: Band | None = None
    """How much the value must change to be published; None publishes every change at once."""
    pace_fn: Callable[[V], object] | None = None
    """With a band: what it looks at in place of the value, which is then written with it."""
    urgent_fn: Callable[[V], object] | None = None
    """With a band: a change of this is published at once all the same."""

    def exists(self, view: V) -> bool:
        """Return whether there is to be an entity; asked with every reading until there is."""
        if not self.exists_fn(view):
            return False
        return not self.when_told or self.value_fn(view) is not None


class SuiteEntity[V: View](Entity):
    """Shows one value of a view and publishes only what is worth it."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description: SuiteDescription[V]

    def __init__(self, view: V, description: SuiteDescription[V]) -> None:
        """Take the view and the row of the table; nothing is read before Home Assistant asks."""
        self.view = view
        self.entity_description = description
        self._published = Published(description.band, siblings=view.siblings)
        self._urgent: object = None
        self._attr_unique_id = f"{view.owner}_{description.key}{view.suffix}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, view.owner)})
        self._attr_translation_key = description.translation_key or description.key
        if not description.enabled_fn(view):
            self._attr_entity_registry_enabled_default = False
        if view.label is not None:
            self._attr_translation_key += "_phase"
            self._attr_translation_placeholders = {"phase": view.label}

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the cycles of the site and, for quick feedback, the readings of the device."""
        await super().async_added_to_hass()
        if self.entity_description.by_plan:
            self.async_on_remove(self.view.site.plans.add_listener(self._publish))
            self._take()
            return
        if isinstance(self.view, AccountView) and not self.entity_description.live:
            self.async_on_remove(self.view.supply.ledger.add_listener(self._publish))
            self._take()
            return
        self.async_on_remove(self.view.site.add_listener(self._publish))
        if isinstance(self.view, DeviceView):
            self.async_on_remove(self.view.link.add_listener(self._publish))
        self._take()

    @callback
    def _publish(self) -> None:
        if self._take():
            self.async_write_ha_state()

    def _take(self) -> bool:
        """Look at the present value and return whether it is to be published."""
        available = self.entity_description.is_decision or self.view.available
        value = self._read() if available else None
        urgent = (available, self._urgent_part() if available else None)
        now_s = self.view.site.hass.loop.time()
        pace_fn = self.entity_description.pace_fn
        judged, rest = (value, None) if pace_fn is None else (pace_fn(self.view), value)
        if not self._published.offer(judged, now_s, at_once=urgent != self._urgent, rest=rest):
            return False
        self._urgent = urgent
        self._attr_available = available
        if available:
            self._show(value)
        return True

    def _urgent_part(self) -> object:
        urgent_fn = self.entity_description.urgent_fn
        return None if urgent_fn is None else urgent_fn(self.view)

    def _read(self) -> Any:
        """Return all that the entity shows, as one comparable value."""
        return self.entity_description.value_fn(self.view)

    @abstractmethod
    def _show(self, value: Any) -> None:
        """Keep what ``_read`` returned as what the platform shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entity that is made as soon as it makes sense."""

    exists: Callable[[], bool]
    make: Callable[[], Entity]


def candidates[V: View, D: SuiteDescription[Any]](
    views: Iterable[V], descriptions: Iterable[D], make: Callable[[V, D], Entity]
) -> list[Candidate]:
    """Return an entity for each view and each row of a table."""
    table = tuple(descriptions)
    return [
        Candidate(exists=partial(row.exists, view), make=partial(make, view, row))
        for view in views
        for row in table
    ]


def add_entities(
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    offers: Callable[[Part], list[Candidate]],
) -> None:
    """Add a platform's entities of all parts of a site, later ones as soon as they show up.

    What a device can tell is known for sure only after its first reading, which may come long
    after the set-up.
    """
    for part in parts(entry.runtime_data):
        _add_part(entry, async_add_entities, part, offers(part))


def _add_part(
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    part: Part,
    pending: list[Candidate],
) -> None:
    @callback
    def add_what_exists() -> None:
        if not pending:
            return
        found = [candidate for candidate in pending if candidate.exists()]
        if found:
            pending[:] = [candidate for candidate in pending if candidate not in found]
            async_add_entities(
                [candidate.make() for candidate in found], config_subentry_id=part.subentry_id
            )

    add_what_exists()
    if pending and part.link is not None:
        entry.async_on_unload(part.link.add_listener(add_what_exists))


@callback
def only_of_key(hass: HomeAssistant, entity_ids: Iterable[str], key: str) -> set[str]:
    """Return which entities are the suite's own of a key, whatever people call them."""
    registry = er.async_get(hass)
    known = {entity_id: registry.async_get(entity_id) for entity_id in entity_ids}
    return {
        entity_id
        for entity_id, entry in known.items()
        if entry is not None and entry.platform == DOMAIN and entry.translation_key == key
    }
