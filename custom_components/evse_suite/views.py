"""What entities look at: the site, one of its phases, a device, or one of a device's lines."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import ServiceValidationError

from .account.keeper import SupplyAccount
from .account.setup import account_identifier
from .billing.step import Account
from .const import (
    CONF_DRIVER,
    CONF_PHASES,
    CONF_SERIAL,
    DOMAIN,
    NO_PHASE,
    SUBENTRY_ACCOUNT,
    SUBENTRY_LIMIT,
    SUBENTRY_VEHICLE,
)
from .control.answer import CapDecision, ChargerDecision, PhaseDecision
from .control.model import Cap, CapKind, ChargerSpec, Phase
from .devices.model import ChargerReading, MeterChannel, MeterReading, Reading
from .helpers import readable_errors
from .limits import limit_subentries
from .links import DeviceLink
from .site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What all entities need: whose they are and whether they can be believed."""

    site: Site
    owner: str
    """Identifier of the device in the registry and beginning of the unique ids of its entities."""

    @property
    def available(self) -> bool:
        """Whether the device answers; the site's own decisions are always available."""
        return True

    @property
    def suffix(self) -> str:
        """End of the unique id, where one device has several of a kind."""
        return ""

    @property
    def label(self) -> str | None:
        """What tells several of a kind apart, for a person."""
        return None

    @property
    def siblings(self) -> int:
        """How many of a kind one device has; together they are published at one pace."""
        return 1

    @property
    def currency(self) -> str:
        """The currency of its money (ISO 4217)."""
        return self.site.hass.config.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView(View):
    """The site as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseView(View):
    """One phase of the mains."""

    phase: Phase

    @property
    @override
    def suffix(self) -> str:
        return f"_{self.phase}"

    @property
    @override
    def label(self) -> str | None:
        return self.phase.upper() if self.siblings > 1 else None

    @property
    @override
    def siblings(self) -> int:
        return len(self.site.spec.phases)

    @property
    def decision(self) -> PhaseDecision | None:
        """The newest arithmetic of this phase."""
        if self.site.decision is None:
            return None
        return next(it for it in self.site.decision.phases if it.phase is self.phase)

    @property
    def mains(self) -> MeterChannel | None:
        """The mains meter's channel on this phase while its reading can be shown."""
        return next(mains_channels(self.site, self.phase), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView[R: Reading](View):
    """A charger or a meter."""

    link: DeviceLink[R]
    subentry: ConfigSubentry

    @property
    @override
    def available(self) -> bool:
        return self.link.available

    @property
    def reading(self) -> R | None:
        """The newest reading, None before the first."""
        return self.link.reading

    def can[C](self, wanted: type[C]) -> bool:
        """Whether the device has a capability."""
        return self.link.device.capability(wanted) is not None

    async def carry_out[C](self, wanted: type[C], action: Callable[[C], Awaitable[None]]) -> None:
        """Use a capability and read the result back.

        Raises HomeAssistantError when the device fails, ServiceValidationError when it cannot.
        """
        capability = self.link.device.capability(wanted)
        if capability is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_supported",
                translation_placeholders={"name": self.link.name},
            )
        with readable_errors(self.link.name):
            await self.link.command(action(capability))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerView(DeviceView[ChargerReading]):
    """A charger."""

    spec: ChargerSpec

    @property
    def decision(self) -> ChargerDecision | None:
        """What was decided last for this charger."""
        if self.site.decision is None:
            return None
        return next(it for it in self.site.decision.chargers if it.key == self.spec.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView(ChargerView):
    """One line of a charger."""

    line: int

    @property
    @override
    def suffix(self) -> str:
        return f"_{self.line + 1}"

    @property
    @override
    def label(self) -> str | None:
        return self.spec.phases[self.line].upper() if self.siblings > 1 else None

    @property
    @override
    def siblings(self) -> int:
        return line_count(self.spec, self.link)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterView(DeviceView[MeterReading]):
    """A meter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView(MeterView):
    """One channel of a meter."""

    index: int

    @property
    @override
    def suffix(self) -> str:
        return f"_{self.index + 1}"

    @property
    @override
    def label(self) -> str | None:
        if self.siblings == 1:
            return None
        phase: str = self.subentry.data[CONF_PHASES][self.index]
        return str(self.index + 1) if phase == NO_PHASE else phase.upper()

    @property
    @override
    def siblings(self) -> int:
        return self.link.device.identity.lines

    @property
    def channel(self) -> MeterChannel | None:
        """The newest values of this channel."""
        return None if self.reading is None else self.reading.channels[self.index]

    @property
    def is_mains(self) -> bool:
        """Whether the site shows this channel's current and power already."""
        on_phase = self.subentry.data[CONF_PHASES][self.index] != NO_PHASE
        return self.link is self.site.mains and on_phase


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitView(View):
    """A limit beside the main fuse."""

    cap: Cap

    @property
    def decision(self) -> CapDecision | None:
        """What holds of it now; None for a plain breaker, which nothing but its rating sets."""
        if self.site.decision is None:
            return None
        return next((it for it in self.site.decision.caps if it.key == self.cap.key), None)

    @property
    def limit_a(self) -> float | None:
        """What holds now on every phase, infinity while nothing does; None for one in watts."""
        fixed_a = min(self.cap.limit_a.values(), default=None)
        return self.decision.limit_a if self.decision else fixed_a

    @property
    def limit_w(self) -> float | None:
        """What holds now; None for a limit in amperes."""
        return self.decision.limit_w if self.decision else self.cap.limit_w

    @property
    def is_dimmed(self) -> bool:
        """Whether the source leaves less now than is fixed."""
        said = self.site.dimmed_to(self.cap.key)
        fixed = min(self.cap.limit_a.values(), default=self.cap.limit_w)
        return said is not None and fixed is not None and said < fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView(View):
    """A supply account."""

    supply: SupplyAccount

    @property
    @override
    def available(self) -> bool:
        return self.account is not None

    @property
    def account(self) -> Account | None:
        """The account as it is now, None before its registers were read."""
        return self.supply.ledger.account

    @property
    @override
    def currency(self) -> str:
        start = self.supply.ledger.setup.start
        return start.currency if self.account is None else self.account.book.currency


def line_count(spec: ChargerSpec, link: DeviceLink[ChargerReading]) -> int:
    """Return how many lines of a charger are in use; one may lie across two legs (DER-16)."""
    return min(len(spec.phases), link.device.identity.lines)


type Link = DeviceLink[ChargerReading] | DeviceLink[MeterReading]


def all_links(site: Site) -> list[Link]:
    """Return the lines to the chargers, then those to the meters."""
    return [*site.chargers.values(), *site.meters.values()]


def device_identifier(subentry: ConfigSubentry) -> str:
    """Return the identifier of a subentry's device; that of a real one outlives the subentry."""
    if subentry.subentry_type == SUBENTRY_LIMIT:
        return f"limit_{subentry.subentry_id}"
    if subentry.subentry_type == SUBENTRY_ACCOUNT:
        return account_identifier(subentry.subentry_id)
    if subentry.subentry_type == SUBENTRY_VEHICLE:
        return f"vehicle_{subentry.subentry_id}"
    return f"{subentry.data[CONF_DRIVER]}_{subentry.data[CONF_SERIAL]}"


def mains_channels(site: Site, wanted: Phase | None = None) -> Iterator[MeterChannel]:
    """Yield what the mains meter measures on one phase or on all, while it can be shown."""
    link = site.mains
    subentry = None if link is None else site.entry.subentries.get(link.key)
    if link is None or subentry is None or link.reading is None or not link.available:
        return
    phases = subentry.data[CONF_PHASES]
    for phase, channel in zip(phases, link.reading.channels, strict=False):
        if phase != NO_PHASE and wanted in (None, phase):
            yield channel


def cap_kind(site: Site, key: str | None) -> CapKind | None:
    """Return what kind of limit a cap is; control names caps by their keys (SITE-1)."""
    if key == CapKind.UNBALANCE:
        # A limit between phases: it belongs to the site and not to one of its points.
        return CapKind.UNBALANCE
    return next((cap.kind for cap in site.spec.caps if cap.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One device of the site with everything of it that has entities."""

    subentry_id: str | None
    link: Link | None = None
    sites: tuple[SiteView, ...] = ()
    phases: tuple[PhaseView, ...] = ()
    chargers: tuple[ChargerView, ...] = ()
    lines: tuple[LineView, ...] = ()
    meters: tuple[MeterView, ...] = ()
    channels: tuple[ChannelView, ...] = ()
    limits: tuple[LimitView, ...] = ()
    accounts: tuple[AccountView, ...] = ()


def parts(site: Site) -> Iterator[Part]:
    """Yield the site itself, then its chargers, meters, limits and accounts."""
    owner = site.entry.entry_id
    yield Part(
        subentry_id=None,
        sites=(SiteView(site=site, owner=owner),),
        phases=tuple(PhaseView(site=site, owner=owner, phase=phase) for phase in site.spec.phases),
    )
    for spec in site.spec.chargers:
        yield charger_part(site, spec)
    for link in site.meters.values():
        yield meter_part(site, link)
    for limit in limit_subentries(site.entry):
        cap = next(it for it in site.spec.caps if it.key == limit.subentry_id)
        view = LimitView(site=site, owner=device_identifier(limit), cap=cap)
        yield Part(subentry_id=limit.subentry_id, limits=(view,))
    for supply in site.accounts.all:
        key = supply.ledger.key
        account = AccountView(site=site, owner=account_identifier(key), supply=supply)
        yield Part(subentry_id=key, accounts=(account,))


def charger_part(site: Site, spec: ChargerSpec) -> Part:
    """Return the views of one charger."""
    link = site.chargers[spec.key]
    subentry = site.entry.subentries[spec.key]
    owner = device_identifier(subentry)
    view = ChargerView(site=site, owner=owner, link=link, subentry=subentry, spec=spec)
    lines = (
        LineView(site=site, owner=owner, link=link, subentry=subentry, spec=spec, line=line)
        for line in range(line_count(spec, link))
    )
    return Part(subentry_id=spec.key, link=link, chargers=(view,), lines=tuple(lines))


def meter_part(site: Site, link: DeviceLink[MeterReading]) -> Part:
    """Return the views of one meter."""
    subentry = site.entry.subentries[link.key]
    owner = device_identifier(subentry)
    channels = (
        ChannelView(
            site=site,
            owner=owner,
            link=link,
            subentry=subentry,
            index=index,
        )
        for index in range(link.device.identity.lines)
    )
    view = MeterView(site=site, owner=owner, link=link, subentry=subentry)
    return Part(subentry_id=link.key, link=link, meters=(view,), channels=tuple(channels))
