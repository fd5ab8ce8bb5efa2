"""What is remembered of running sessions, on disk: one small file for each site."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..store import async_read_or_none
from .codec import VERSION

SAVE_DELAY_S: Final = 300.0
"""What flows between two writes is not lost in a crash: the charger's counter tells it."""


class Checkpoint:
    """Reads a document at the start of a site and writes it while it changes."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, document: Callable[[], dict[str, Any]]
    ) -> None:
        """Take what makes the document; nothing is read yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.sessions", atomic_writes=True
        )
        self._document = document
        self._pending = False

    async def async_read(self) -> dict[str, Any]:
        """Return the stored document, an empty one if there is none that can be read.

        A file that is no JSON at all is set aside and reported by Home Assistant itself.
        """
        stored = await async_read_or_none(self._store, "What was charging before")
        return stored if isinstance(stored, dict) else {}

    @callback
    def keep(self) -> None:
        """Have the document written some time later, at the latest when Home Assistant stops."""
        if not self._pending:
            self._pending = True
            self._store.async_delay_save(self._take, SAVE_DELAY_S)

    def _take(self) -> dict[str, Any]:
        self._pending = False
        return self._document()

    async def async_write(self) -> None:
        """Write the document now."""
        await self._store.async_save(self._take())

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()
