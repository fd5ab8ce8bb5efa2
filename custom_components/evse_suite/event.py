"""Events: what goes wrong with the mains meter, a charger or the fuse, and when it is over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.world import Happening as AccountHappening, Told
from .control.answer import AlarmKind
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .site import Site, SiteConfigEntry
from .views import AccountView, Part, SiteView

PARALLEL_UPDATES = 0

METER_KINDS: Final = frozenset(
    {
        AlarmKind.METER_SILENT,
        AlarmKind.METER_IMPLAUSIBLE,
        AlarmKind.METER_REVERSED,
        AlarmKind.METER_SCALED,
        AlarmKind.METER_BLIND,
        AlarmKind.WRONG_PHASE,
    }
)
OVERLOAD_KINDS: Final = frozenset({AlarmKind.OVERLOAD, AlarmKind.HOUSE_OVERLOAD})
METER_RESTORED, CHARGER_RESTORED, LIMIT_RESTORED, OVERLOAD_OVER = (
    "meter_restored",
    "charger_restored",
    "limit_restored",
    "overload_over",
)
EVENT_TYPES: Final = [
    *AlarmKind,
    METER_RESTORED,
    CHARGER_RESTORED,
    LIMIT_RESTORED,
    OVERLOAD_OVER,
]

type Condition = tuple[AlarmKind, str]
"""Kind and subject of an alarm."""
type Happening = tuple[str, str]
"""Event type and subject."""


@dataclass(frozen=True, kw_only=True)
class EventDescription(SuiteDescription[SiteView], EventEntityDescription):
    """What happens to a site; ``value_fn`` gives the conditions that hold now."""


def _conditions(view: SiteView) -> frozenset[Condition]:
    decision = view.site.decision
    return frozenset((it.kind, it.subject) for it in (decision.alarms if decision else ()))


def happenings(before: frozenset[Condition], now: frozenset[Condition]) -> Iterator[Happening]:
    """Yield what has begun, then what is over; a part that has another trouble is not restored."""
    yield from sorted(now - before)
    ended = sorted({_part(condition) for condition in before - now})
    troubled = {_part(condition) for condition in now}
    yield from (part for part in ended if part not in troubled)


def _part(condition: Condition) -> Happening:
    """Return how the end of a condition is told, and of what."""
    kind, subject = condition
    if kind in METER_KINDS:
        return METER_RESTORED, ""
    if kind in OVERLOAD_KINDS:
        return OVERLOAD_OVER, subject
    if kind is AlarmKind.LIMIT_SILENT:
        return LIMIT_RESTORED, subject
    return CHARGER_RESTORED, subject


SITE_EVENTS: Final = (
    EventDescription(
        key="alarm", event_types=[str(it) for it in EVENT_TYPES], value_fn=_conditions
    ),
)


class SuiteEvent(SuiteEntity[SiteView], EventEntity):
    """Fires once for every change."""

    entity_description: EventDescription

    def __init__(self, view: SiteView, description: EventDescription) -> None:
        """Begin with a site to which nothing has happened."""
        super().__init__(view, description)
        self._holding: frozenset[Condition] = frozenset()

    @override
    def _show(self, value: Any) -> None:
        before, self._holding = self._holding, value
        waiting = False
        for event_type, subject in happenings(before, value):
            if waiting:
                # Several at once: the last of them is written by whoever asked.
                self.async_write_ha_state()
            self._trigger_event(event_type, {"subject": _name(self.view.site, subject)})
            waiting = True


def _name(site: Site, subject: str) -> str:
    """Return what a person calls the subject: a device or limit by its name, a phase as L1."""
    links = {link.key: link.name for link in site.links}
    links |= {cap.key: cap.name for cap in site.spec.caps if cap.name}
    meter = "" if site.mains is None else site.mains.name
    return links.get(subject, subject.upper() if subject else meter)


@dataclass(frozen=True, kw_only=True)
class AccountEventDescription(SuiteDescription[AccountView], EventEntityDescription):
    """What happens to a supply account."""

    value_fn: Callable[[AccountView], Any] = lambda _view: None


ACCOUNT_EVENTS: Final = (
    AccountEventDescription(key="account", event_types=list(AccountHappening), is_decision=True),
)
"""Everything that the meter would show, sound or send (MTR-14, MTR-19, MTR-22, MTR-26)."""


class AccountEvent(SuiteEntity[AccountView], EventEntity):
    """Fires with everything that the account tells."""

    entity_description: AccountEventDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what is told."""
        await super().async_added_to_hass()
        self.async_on_remove(self.view.supply.world.add_listener(self._hear))

    @callback
    def _hear(self, told: Told) -> None:
        happening, data = told
        self._trigger_event(happening, data)
        self.async_write_ha_state()

    @override
    def _show(self, value: Any) -> None:
        """Show nothing: Home Assistant keeps what was told last."""


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.sites, SITE_EVENTS, SuiteEvent),
        *candidates(part.accounts, ACCOUNT_EVENTS, AccountEvent),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of a site."""
    add_entities(entry, async_add_entities, _offers)
