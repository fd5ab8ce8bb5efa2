"""What a site knows from before: learnt by the balancer, and wished by persons of its chargers."""

from collections.abc import Mapping
from dataclasses import replace
import hashlib
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant

from .const import LOGGER
from .control import learnt
from .control.memory import Memory
from .control.model import SiteSpec
from .devices.model import ChargerReading, PersonsLimit
from .links import DeviceLink
from .store import LearntStore
from .translate import mains_subentry

MOST_A = 1000


class Recall:
    """Reads what was known when a site starts, and keeps what it knows now."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, chargers: Mapping[str, DeviceLink[Any]]
    ) -> None:
        """Open the file of one site; nothing is read yet."""
        self._entry = entry
        self._chargers: Mapping[str, DeviceLink[ChargerReading]] = chargers
        self._store = LearntStore(hass, entry.entry_id, learnt.VERSION)
        self._known = learnt.Learnt()
        self._persons_a: dict[str, int] = {}

    async def async_memory(self, spec: SiteSpec) -> Memory:
        """Return the memory to begin with; chargers are told what persons wanted of them."""
        document = await self._store.async_read()
        known, refused = learnt.from_json(document)
        if refused:
            LOGGER.warning(
                "%s learns anew what cannot be true: %s", self._entry.title, ", ".join(refused)
            )
        stored = document if isinstance(document, Mapping) else {}
        if stored.get("mains") != fingerprint(self._entry):
            # Another meter, or the same one set up anew: what was wrong before proves nothing.
            site = replace(known.site, clamp_faults=(), clamp_shares=())
            known = replace(known, site=site)
        persons = stored.get("persons")
        for key, current_a in persons.items() if isinstance(persons, Mapping) else ():
            control = self._control(key)
            if control is not None and type(current_a) is int and 0 <= current_a <= MOST_A:
                control.recall_persons_limit(current_a)
        self._persons_a = self._wanted()
        memory = Memory.recalling(spec, known)
        self._known = memory.all_learnt()
        return memory

    def note(self, memory: Memory) -> None:
        """Have what is new written: what protects or binds soon, what is learnt by and by."""
        before, persons_a = self._known, self._persons_a
        self._known, self._persons_a = memory.all_learnt(), self._wanted()
        judged = self._known.site.clamp_faults != before.site.clamp_faults
        if judged or self._persons_a != persons_a:
            self._store.keep(self._document, soon=True)
        elif self._known != before:
            self._store.keep(self._document)

    async def async_close(self) -> None:
        """Write what is not written yet; nothing is kept from now on."""
        await self._store.async_close()

    async def async_remove(self) -> None:
        """Delete the file of a site that is removed."""
        await self._store.async_remove()

    def _document(self) -> dict[str, Any]:
        known = learnt.to_json(self._known)
        return known | {"mains": fingerprint(self._entry), "persons": self._persons_a}

    def _control(self, key: str) -> PersonsLimit | None:
        link = self._chargers.get(key)
        return None if link is None else link.device.capability(PersonsLimit)

    def _wanted(self) -> dict[str, int]:
        """Return what persons allow at most, by charger."""
        wanted_a = {}
        for key in self._chargers:
            control = self._control(key)
            current_a = None if control is None else control.persons_limit_a()
            if current_a is not None:
                wanted_a[key] = current_a
        return wanted_a


def fingerprint(entry: ConfigEntry) -> str | None:
    """Return what tells whether the mains meter and its clamps are still set up as they were."""
    mains = mains_subentry(entry)
    if mains is None:
        return None
    line = (CONF_HOST, CONF_USERNAME, CONF_PASSWORD)
    data = {key: value for key, value in mains.data.items() if key not in line}
    text = json.dumps([mains.subentry_id, data], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
