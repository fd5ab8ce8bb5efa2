"""What a person has to mend, as the site sees it now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from homeassistant.const import CONF_PORT
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from .calibration.fitness import Fitness
from .central import central_of
from .const import CONF_SOURCE, CONF_TOTAL, SUBENTRY_SERVER
from .control.answer import Alarm, AlarmKind, Decision, MeterHealth
from .control.model import Phase, SiteMode
from .devices.model import (
    Alone,
    DeviceAuthError,
    DeviceMismatchError,
    LoadBalancingMode,
    MeterFlaw,
    MeterReading,
)
from .links import DeviceLink
from .site import Site
from .translate import clamp_range_a
from .views import Link, all_links

COMPETING_MODES: Final = frozenset(
    {LoadBalancingMode.HYBRID, LoadBalancingMode.GREEN, LoadBalancingMode.POWER_SHARE}
)
"""Modes in which a meter steers chargers by itself; in Power it is a second line of defence."""


CHARGER_TROUBLES: Final = {
    AlarmKind.NOT_FOLLOWING: ("charger_not_following", IssueSeverity.ERROR),
    AlarmKind.NOT_SWITCHING: ("charger_not_switching", IssueSeverity.WARNING),
    AlarmKind.OVERRULED: ("charger_overruled", IssueSeverity.WARNING),
}
CLAMP_TROUBLES: Final = {
    AlarmKind.METER_BLIND: "clamp_blind",
    AlarmKind.METER_REVERSED: "clamp_reversed",
    AlarmKind.METER_SCALED: "clamp_scaled",
    AlarmKind.WRONG_PHASE: "wrong_phase",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong now; ``key`` is its translation key."""

    key: str
    subject: str
    """Id of the device's subentry, or the phase."""
    placeholders: dict[str, str] = field(default_factory=dict)
    severity: IssueSeverity = IssueSeverity.ERROR
    fixable: bool = False


def troubles(site: Site) -> Iterator[Trouble]:
    """Yield what is wrong with the site and its devices now."""
    balancing = site.mode is not SiteMode.DISABLED
    for link in all_links(site):
        yield from _of_link(link, silence_is_told=balancing and link is site.mains)
    for meter in site.meters.values():
        yield from _of_clamps(site, meter)
        if balancing:
            yield from _of_second_controller(meter)
    yield from _of_server(site)
    yield from _of_accounts(site)
    if balancing:
        yield from _of_chargers_alone(site)
        yield from _of_protection(site)
        yield from _of_fitness(site)
        yield from _of_alarms(site)
        yield from _of_prices(site)
        yield from _of_plans(site)


def _of_link(link: Link, *, silence_is_told: bool) -> Iterator[Trouble]:
    error = link.health.error
    name = {"name": link.name}
    if isinstance(error, DeviceMismatchError):
        yield Trouble(key="wrong_device", subject=link.key, placeholders=name)
    elif error is None or isinstance(error, DeviceAuthError) or silence_is_told:
        # A refused login starts a flow of its own.
        return
    else:
        yield Trouble(key="device_unreachable", subject=link.key, placeholders=name)


def _of_clamps(site: Site, link: DeviceLink[MeterReading]) -> Iterator[Trouble]:
    reading = link.reading
    subentry = site.entry.subentries.get(link.key)
    if subentry is None or reading is None or not link.available:
        return
    range_a = clamp_range_a(subentry, reading)
    for channel in reading.channels:
        beyond = range_a is not None and abs(channel.current_a or 0.0) > range_a
        if beyond or MeterFlaw.OUT_OF_RANGE in channel.flaws:
            known = "?" if range_a is None else f"{range_a:g}"
            placeholders = {"name": link.name, "range": known}
            yield Trouble(key="clamp_range", subject=link.key, placeholders=placeholders)
            return


def _of_second_controller(link: DeviceLink[MeterReading]) -> Iterator[Trouble]:
    if link.reading is not None and link.reading.load_balancing_mode in COMPETING_MODES:
        yield Trouble(
            key="two_controllers",
            subject=link.key,
            placeholders={"name": link.name},
            severity=IssueSeverity.WARNING,
            fixable=True,
        )


def _of_chargers_alone(site: Site) -> Iterator[Trouble]:
    """Yield the chargers that go to full power when nobody watches the fuse (IND-8)."""
    for link in site.chargers.values():
        known = site.traits[link.key]
        if known.alone is Alone.FULL:
            yield Trouble(
                key="full_when_alone",
                subject=link.key,
                placeholders={"name": link.name, "detail": known.alone_note},
                severity=IssueSeverity.WARNING,
            )


def _of_protection(site: Site) -> Iterator[Trouble]:
    if not site.chargers:
        return
    if site.mains is None:
        yield Trouble(key="no_mains_meter", subject="site", placeholders={"name": site.entry.title})
    elif site.meter_health is MeterHealth.SILENT or (
        site.mains.reading is None and site.mains.health.error is not None
    ):
        yield Trouble(
            key="meter_silent", subject=site.mains.key, placeholders={"name": site.mains.name}
        )


def _of_server(site: Site) -> Iterator[Trouble]:
    """Tell that charge points cannot dial in; the site that has the server says so."""
    error = central_of(site.hass).error
    for subentry in site.entry.subentries.values():
        if error is not None and subentry.subentry_type == SUBENTRY_SERVER:
            told = {"port": str(subentry.data[CONF_PORT]), "detail": error}
            yield Trouble(key="ocpp_server", subject=subentry.subentry_id, placeholders=told)


def _of_fitness(site: Site) -> Iterator[Trouble]:
    """Tell that the fuse's meter has proved too slow, or too unreliable, to guard it."""
    if site.mains is None or not site.chargers:
        return
    conduct = site.mains.observer.conduct
    if conduct.fitness in (Fitness.SUN, Fitness.ACCOUNT):
        told = {
            "name": site.mains.name,
            "period": f"{conduct.period_s or 0.0:.1f}",
            "lost": f"{100 * conduct.dropout_share:.0f}",
        }
        yield Trouble(
            key="meter_unfit",
            subject=site.mains.key,
            placeholders=told,
            severity=IssueSeverity.WARNING,
        )


def _of_alarms(site: Site) -> Iterator[Trouble]:
    if site.decision is None:
        return
    for alarm in site.decision.alarms:
        if alarm.kind in CHARGER_TROUBLES and alarm.subject in site.chargers:
            key, severity = CHARGER_TROUBLES[alarm.kind]
            name = {"name": site.chargers[alarm.subject].name}
            yield Trouble(key=key, subject=alarm.subject, placeholders=name, severity=severity)
        elif alarm.kind is AlarmKind.LIMIT_SILENT:
            yield from _of_limit(site, alarm.subject)
        elif alarm.kind is AlarmKind.HOUSE_OVERLOAD:
            yield _house_overload(site.decision, Phase(alarm.subject))
        elif site.mains is None:
            continue
        elif alarm.kind is AlarmKind.METER_IMPLAUSIBLE:
            yield Trouble(
                key="meter_implausible",
                subject=site.mains.key,
                placeholders={"name": site.mains.name},
            )
        elif alarm.kind in CLAMP_TROUBLES:
            yield _clamp(alarm, site.mains.name)


def _clamp(alarm: Alarm, name: str) -> Trouble:
    """Tell what is wrong with one clamp, and by how much."""
    share = "?" if alarm.share is None else f"{100 * alarm.share:.0f}"
    return Trouble(
        key=CLAMP_TROUBLES[alarm.kind],
        subject=alarm.subject,
        placeholders={"name": name, "phase": alarm.subject.upper(), "share": share},
    )


def _of_accounts(site: Site) -> Iterator[Trouble]:
    """Tell an account whose file cannot be read: nothing is opened in its place."""
    for supply in site.accounts.all:
        if supply.ledger.unreadable:
            yield Trouble(
                key="account_unreadable",
                subject=supply.ledger.key,
                placeholders={"name": supply.ledger.setup.name},
            )


def _of_limit(site: Site, key: str) -> Iterator[Trouble]:
    """Tell a limit whose source cannot be believed, so that its dimmed value holds."""
    limit = site.entry.subentries.get(key)
    if limit is not None:
        # The load limit of a supply account holds until its registers were read.
        source = limit.data.get(CONF_SOURCE) or limit.data[CONF_TOTAL]
        told = {"name": limit.title, "source": source}
        yield Trouble(
            key="limit_silent", subject=key, placeholders=told, severity=IssueSeverity.WARNING
        )


def _house_overload[Memory](decision: Decision[Memory], phase: Phase) -> Trouble:
    """Tell that no charger is left to yield, with the limit that is in force there."""
    limit_a = next(it.limit_a for it in decision.phases if it.phase is phase)
    return Trouble(
        key="house_overload",
        subject=phase,
        placeholders={"phase": phase.upper(), "limit": f"{limit_a:g}"},
    )


def _of_prices(site: Site) -> Iterator[Trouble]:
    """Tell that plans are made without prices, though somebody was chosen to tell them."""
    if silent := site.plans.inputs.silent_prices(dt_util.utcnow()):
        yield Trouble(
            key="prices_silent",
            subject="site",
            placeholders={"source": ", ".join(silent)},
            severity=IssueSeverity.WARNING,
        )


def _of_plans(site: Site) -> Iterator[Trouble]:
    """Tell that the planner fails: chargers go by their last plan, then by the site's mode."""
    if site.plans.failing:
        yield Trouble(key="plan_failed", subject="site", placeholders={"name": site.entry.title})
