"""Who may charge: a list of RFID tags, and the tags that were tapped and are not on it (LEK-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..model import DeviceProtocolError

OWN_TAG: Final = "EVSESUITE"
"""The tag of sessions that the suite starts; short, because some units corrupt long ones."""
LONGEST_TAG: Final = 20
MOST_TAGS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """A tag that was presented and is not on the list; ``wall_s`` is UNIX time."""

    tag: str
    wall_s: float


class TagList:
    """The tags of one charge point; upper and lower case do not matter, as the protocol says."""

    def __init__(self) -> None:
        """Know no tag."""
        self._names: dict[str, str] = {}
        self.last_unknown: Tap | None = None

    @property
    def names(self) -> Mapping[str, str]:
        """What each allowed tag is called, by the tag in capitals."""
        return self._names

    def knows(self, tag: str) -> bool:
        """Whether a tag may charge."""
        return tag.upper() == OWN_TAG or tag.upper() in self._names

    def tapped(self, tag: str, wall_s: float) -> None:
        """Remember an unknown tag, so that its owner can allow it without typing its number."""
        if not self.knows(tag):
            self.last_unknown = Tap(tag=tag.upper(), wall_s=wall_s)

    def allow(self, tag: str, name: str = "") -> None:
        """Put a tag on the list; raises ValueError for one that cannot be."""
        key = tag.strip().upper()
        if not key or len(key) > LONGEST_TAG or not key.isprintable():
            raise ValueError(f"a tag has 1 to {LONGEST_TAG} characters")
        if key not in self._names and len(self._names) >= MOST_TAGS:
            raise ValueError(f"the list is full: {MOST_TAGS} tags")
        self._names[key] = name.strip()
        if self.last_unknown is not None and self.last_unknown.tag == key:
            self.last_unknown = None

    def forget(self, tag: str) -> None:
        """Take a tag off the list; raises ValueError for one that is not on it."""
        if self._names.pop(tag.strip().upper(), None) is None:
            raise ValueError(f"{tag} is not on the list")

    def to_json(self) -> dict[str, object]:
        """Return what survives a restart."""
        return dict(self._names)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> TagList:
        """Rebuild a list; raises DeviceProtocolError for what cannot be one."""
        tags = cls()
        for tag, name in stored.items():
            try:
                tags.allow(tag, name if isinstance(name, str) else "")
            except ValueError as error:
                raise DeviceProtocolError(str(error)) from error
        return tags
