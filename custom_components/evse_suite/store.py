"""What a site has learnt, on disk: one small file for each site, written seldom."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from .const import DOMAIN, LOGGER

SAVE_DELAY_S: Final = 900.0
"""What is learnt changes little by little; a power cut loses a quarter of an hour of it."""
SAVE_SOON_S: Final = 2.0
"""A verdict on a meter, or a person's wish, that must not be lost."""


async def async_read_or_none(store: Store[dict[str, Any]], what: str) -> object:
    """Return a stored document, None if there is none that can be read.

    ``what`` it is about is for the log.
    """
    try:
        return await store.async_load()
    except (HomeAssistantError, LookupError, NotImplementedError, TypeError) as err:
        # Unreadable, of another version, or JSON without the envelope of a store.
        LOGGER.warning("%s cannot be used, it begins anew: %r", what, err)
        return None


class LearntStore:
    """Reads a document at the start of a site and writes it while and after it changes."""

    def __init__(self, hass: HomeAssistant, entry_id: str, version: int) -> None:
        """Open the store of one site; nothing is read yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, version, f"{DOMAIN}.{entry_id}", atomic_writes=True
        )
        self._pending: Callable[[], dict[str, Any]] | None = None
        self._soon = False
        self._closed = False

    async def async_read(self) -> object:
        """Return the stored document, None if there is none that can be read.

        A file that is no JSON at all is set aside and reported by Home Assistant itself.
        """
        return await async_read_or_none(self._store, "What was learnt before")

    @callback
    def keep(self, document: Callable[[], dict[str, Any]], *, soon: bool = False) -> None:
        """Have ``document`` written some time later, at the latest when Home Assistant stops."""
        if self._closed or self._soon or (self._pending is not None and not soon):
            # A second call would put the first one off.
            return
        self._pending = document
        self._soon = soon
        self._store.async_delay_save(self._take, SAVE_SOON_S if soon else SAVE_DELAY_S)

    def _take(self) -> dict[str, Any]:
        document, self._pending = self._pending, None
        self._soon = False
        return {} if document is None else document()

    async def async_close(self) -> None:
        """Write what is not written yet; nothing is kept from now on."""
        self._closed = True
        if self._pending is not None:
            await self._store.async_save(self._take())

    async def async_remove(self) -> None:
        """Delete the file."""
        self._closed = True
        await self._store.async_remove()
