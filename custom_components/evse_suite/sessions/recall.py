"""What a checkpoint says of the time before a restart; a bad part of it costs no other."""

from collections.abc import Mapping
from typing import Any

from ..const import LOGGER
from .book import Page
from .codec import BadRecordError, page_from_json, session_from_json
from .record import Session


def pages(stored: Mapping[str, Any]) -> dict[str, Page]:
    """Return what is remembered of chargers."""
    found: dict[str, Page] = {}
    chargers = stored.get("chargers")
    for charger, page in chargers.items() if isinstance(chargers, dict) else ():
        try:
            found[charger] = page_from_json(page)
        except BadRecordError as err:
            LOGGER.warning("The running session of %s cannot be gone on with: %s", charger, err)
    return found


def unwritten(stored: Mapping[str, Any]) -> list[Session]:
    """Return the sessions that had ended and could not be written."""
    found: list[Session] = []
    sessions = stored.get("unwritten")
    for session in sessions if isinstance(sessions, list) else ():
        try:
            found.append(session_from_json(session))
        except BadRecordError as err:
            LOGGER.warning("A session that was not written yet cannot be read: %s", err)
    return found
