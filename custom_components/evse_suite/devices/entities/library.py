"""The profiles that come with the suite, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from homeassistant.util.yaml import parse_yaml

from .profile import Profile

FOLDER: Final = Path(__file__).parent.parent / "profiles"


@cache
def profiles() -> Mapping[str, Profile]:
    """Return all profiles by their key; the first call reads files and must not block the loop.

    Raises ValueError for a file that is no profile.
    """
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        raw = parse_yaml(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise ValueError(f"{path.name} is no mapping")  # noqa: TRY004 (it is what is in it)
        found[path.stem] = Profile.parse(path.stem, raw)
    return found
