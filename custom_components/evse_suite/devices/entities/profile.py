"""Device profiles: what is known of chargers and meters that come with entities. They are data.

A profile says how the entities of an integration are recognised, what its words mean, how a charge
is paused, how often it may be written to, and what the device does without Home Assistant (IND-8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import re
from typing import Any, Final, Self

from ..model import Alone, ChargerStatus
from .roles import Role

NO_KEY: Final = "-"
MARK: Final = re.compile(r"(?P<domain>[a-z_]+)(?:\.(?P<key>-|\w+))?(?:\*(?P<suffix>\S+))?")


class ProfileKind(StrEnum):
    """What a profile describes."""

    CHARGER = "charger"
    METER = "meter"
    SIGNAL = "signal"
    """Neither: something that plans listen to."""


class Budget(StrEnum):
    """What a write costs the device or those behind it."""

    VOLATILE = "volatile"
    LOCAL = "local"
    FLASH = "flash"
    """Every write wears out its memory."""
    CLOUD = "cloud"
    """Its maker counts the requests."""


class Enable(StrEnum):
    """What the entity that switches a charger tells about it."""

    PERMISSION = "permission"
    """Whether charging is allowed."""
    SESSION = "session"
    """Whether it charges now: it is off as well when the car is full or has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How an entity is recognised: by its translation key, the end of its unique id, or both.

    The key ``-`` means one without a translation key, which is named after its device class.
    """

    domain: str
    key: str | None = None
    suffix: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``sensor.cp_state``, ``sensor*_status`` or ``sensor.-*_power``."""
        match = MARK.fullmatch(text)
        if match is None or not (match["key"] or match["suffix"]):
            raise ValueError(f"{text!r} does not say how an entity is recognised")
        return cls(**match.groupdict())

    def fits(self, domain: str, key: str | None, unique_id: str) -> bool:
        """Tell whether an entity of the registry is the one."""
        return (
            domain == self.domain
            and (self.key is None or (key or NO_KEY) == self.key)
            and (self.suffix is None or unique_id.lower().endswith(self.suffix.lower()))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action that does what no entity does."""

    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    field: str | None = None
    """Takes the current, in amperes."""
    target: str | None = None
    """Takes the device of the registry, e.g. ``device_id``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of one integration's devices; the key is the name of its file."""

    key: str
    name: str
    kind: ProfileKind
    integration: str
    core: bool
    """It comes with Home Assistant."""
    entities: Mapping[Role, tuple[Mark, ...]]
    needs: tuple[Role, ...]
    """Without these a device of the integration is none of this kind."""
    interval_s: float
    """How often it says something."""
    settle_s: float
    """Command, device and the way back need this long together."""
    quiet_s: float
    """It reports changes only: while its entities are available, so old a word still holds."""
    budget: Budget
    enable: Enable
    inverted: frozenset[Role]
    """Switches that are on while charging is not allowed, and powers of the other sign."""
    options: Mapping[Role, tuple[str, str]]
    """The options of a select that mean yes and no."""
    pauses_at_zero: bool
    actions: Mapping[Role, Action]
    status: Mapping[str, ChargerStatus]
    """Status words in lower case."""
    minimum_on_s: float
    minimum_off_s: float
    alone: Alone
    alone_note: str
    caveats: tuple[str, ...]

    @classmethod
    def parse(cls, key: str, raw: Mapping[str, Any]) -> Self:
        """Read a profile's file; raises ValueError that says what is wrong with it."""
        if unknown := raw.keys() - KNOWN:
            raise ValueError(f"{key}: unknown fields {sorted(unknown)}")
        if missing := NEEDED - raw.keys():
            raise ValueError(f"{key}: missing fields {sorted(missing)}")
        interval_s = float(raw["interval_s"])
        try:
            return cls(
                key=key,
                name=raw["name"],
                kind=ProfileKind(raw["kind"]),
                integration=raw["integration"],
                core=raw.get("core", False),
                entities={Role(role): _marks(marks) for role, marks in raw["entities"].items()},
                needs=tuple(Role(role) for role in raw["needs"]),
                interval_s=interval_s,
                settle_s=float(raw.get("settle_s", 2 * interval_s + 5)),
                quiet_s=float(raw.get("quiet_s", 0)),
                budget=Budget(raw.get("budget", Budget.LOCAL)),
                enable=Enable(raw.get("enable", Enable.PERMISSION)),
                inverted=frozenset(Role(role) for role in raw.get("inverted", ())),
                options={Role(role): _pair(it) for role, it in raw.get("options", {}).items()},
                pauses_at_zero=raw.get("pauses_at_zero", False),
                actions={Role(role): Action(**it) for role, it in raw.get("actions", {}).items()},
                status={
                    str(word).lower(): ChargerStatus(status)
                    for status, words in raw.get("status", {}).items()
                    for word in words
                },
                minimum_on_s=float(raw.get("minimum_on_s", 0)),
                minimum_off_s=float(raw.get("minimum_off_s", 0)),
                alone=Alone(raw["alone"]["does"]),
                alone_note=raw["alone"]["note"],
                caveats=tuple(raw.get("caveats", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            raise ValueError(f"{key}: {err}") from err


KNOWN: Final = frozenset(Profile.__dataclass_fields__) - {"key", "alone_note"}
NEEDED: Final = frozenset(
    {"alone", "entities", "integration", "interval_s", "kind", "name", "needs"}
)


def _marks(marks: str | list[str]) -> tuple[Mark, ...]:
    texts = [marks] if isinstance(marks, str) else marks
    return tuple(Mark.parse(text) for text in texts)


def _pair(pair: list[object]) -> tuple[str, str]:
    yes, no = pair
    return str(yes), str(no)
