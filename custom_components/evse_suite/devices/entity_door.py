"""What entities say and how they are told: all that their driver asks of Home Assistant."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

SAYS_NOTHING: Final = frozenset({"", "none", "unavailable", "unknown"})
UNAVAILABLE: Final = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The state of one entity; times are seconds on the event loop's clock."""

    entity_id: str
    text: str
    unit: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    reported_s: float
    """When its integration said so last, changed or not."""
    source: str
    """Who speaks through it: a device of the registry, or the entity itself where it has none."""
    by_person: bool = False
    """A person set it in Home Assistant, and not the suite."""

    @property
    def domain(self) -> str:
        """What kind of entity it is, e.g. ``number``."""
        return self.entity_id.partition(".")[0]

    @property
    def says_nothing(self) -> bool:
        """Whether it is unknown or unavailable."""
        return self.text.lower() in SAYS_NOTHING


class EntityDoor(Protocol):
    """The entities of one Home Assistant; a reference is an id of its registry or an entity id."""

    def look(self, reference: str) -> Seen | None:
        """Return what an entity says now, None if there is no such entity."""
        ...

    def watch(
        self, references: Collection[str], on_report: Callable[[], None]
    ) -> Callable[[], None]:
        """Call ``on_report`` whenever one of them says something, until the result is called."""
        ...

    async def call(self, action: str, data: Mapping[str, Any]) -> None:
        """Carry out an action (``number.set_value``) and wait for it.

        Raises DeviceConnectionError when it is not done in time, DeviceCommandError when it fails.
        """
        ...
