"""Tables of sessions as files, in a folder of the configuration that is the suite's own."""

from pathlib import Path
import re
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import DOMAIN

FILE_NAME: Final = re.compile(r"[A-Za-z0-9][\w .-]{0,99}\.csv", re.ASCII)


def export_folder(hass: HomeAssistant) -> Path:
    """Return the only folder that tables are written to."""
    return Path(hass.config.path(DOMAIN))


def is_file_name(name: str) -> bool:
    """Tell whether a name stays within the folder and is one of a table."""
    return FILE_NAME.fullmatch(name) is not None and ".." not in name


def save(folder: Path, name: str, table: str) -> Path:
    """Write a table, in whole or not at all; blocks.

    Raises OSError if the disk does not take it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    draft = path.with_name(f".{name}.draft")
    draft.write_text(table, encoding="utf-8", newline="")
    return draft.replace(path)
