"""Binary sensors: what is connected, running or wrong."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_entities import has_tamper, low_credit, of_account, source_problem
from .billing import views as standing
from .const import CONF_BATTERY
from .control.answer import MeterHealth, Reason
from .devices.model import ChargerStatus
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .plan_entities import can_be_met
from .site import SiteConfigEntry
from .translate import CABLE, DRAWING_A
from .views import AccountView, ChannelView, ChargerView, LimitView, Part, SiteView, View

PARALLEL_UPDATES = 0

FROM_SURPLUS: Final = frozenset({Reason.SURPLUS, Reason.EXPORT_LIMIT})
"""Whoever charges for another reason takes what the grid, or a home battery, delivers."""
METER_PROBLEM: Final = {
    MeterHealth.OK: False,
    MeterHealth.LATE: False,
    MeterHealth.SILENT: True,
    MeterHealth.IMPLAUSIBLE: True,
}


@dataclass(frozen=True, kw_only=True)
class BinaryDescription[V: View](SuiteDescription[V], BinarySensorEntityDescription):
    """A binary sensor, published at every change."""


def _connected(view: ChargerView) -> bool | None:
    reading = view.reading
    return None if reading is None or reading.status is None else CABLE.get(reading.status)


def _charging(view: ChargerView) -> bool | None:
    reading = view.reading
    if reading is None or reading.status is None:
        return None
    return reading.status is ChargerStatus.CHARGING


def _problem(view: ChargerView) -> bool | None:
    reading = view.reading
    if reading is None:
        return None
    return reading.has_errors or reading.status is ChargerStatus.ERROR


def _error(name: str, view: ChargerView) -> bool | None:
    """Return whether an error is active; unknown where the charger has one and tells no names."""
    reading = view.reading
    if reading is None or (reading.has_errors and not reading.errors):
        return None
    return name in reading.errors


def _errors(view: ChargerView) -> list[BinaryDescription[ChargerView]]:
    """Return a row for each error that the charger can name (LEK-3)."""
    return [
        BinaryDescription(
            key=f"error_{name}",
            device_class=BinarySensorDeviceClass.PROBLEM,
            entity_category=EntityCategory.DIAGNOSTIC,
            value_fn=partial(_error, name),
        )
        for name in view.link.device.error_names
    ]


def _has_battery(view: SiteView) -> bool:
    return CONF_BATTERY in view.site.entry.data


def _battery_is_to_hold(view: SiteView) -> bool | None:
    """Return whether what the home battery delivers would go into a car (SITE-7)."""
    decision = view.site.decision
    if decision is None:
        return None
    return not view.site.battery.gives and any(
        it.target_a
        and it.reason not in FROM_SURPLUS
        and max(it.drawn_a.values(), default=0.0) > DRAWING_A
        for it in decision.chargers
    )


SITE_BINARY: Final = (
    BinaryDescription[SiteView](
        key="hold_battery", exists_fn=_has_battery, value_fn=_battery_is_to_hold
    ),
    BinaryDescription[SiteView](
        key="overload",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda view: None if view.site.decision is None else view.site.decision.overload,
    ),
    BinaryDescription[SiteView](
        key="meter_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda view: (
            None if view.site.meter_health is None else METER_PROBLEM.get(view.site.meter_health)
        ),
    ),
)

CHARGER_BINARY: Final = (
    BinaryDescription[ChargerView](
        key="connected", device_class=BinarySensorDeviceClass.PLUG, value_fn=_connected
    ),
    BinaryDescription[ChargerView](
        key="charging", device_class=BinarySensorDeviceClass.BATTERY_CHARGING, value_fn=_charging
    ),
    BinaryDescription[ChargerView](
        key="plan_can_be_met", is_decision=True, by_plan=True, value_fn=can_be_met
    ),
    BinaryDescription[ChargerView](
        key="problem", device_class=BinarySensorDeviceClass.PROBLEM, value_fn=_problem
    ),
)

CHANNEL_BINARY: Final = (
    BinaryDescription[ChannelView](
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda view: (
            None if view.channel is None else bool(view.channel.flaws) or not view.channel.usable
        ),
    ),
)


LIMIT_BINARY: Final = (
    BinaryDescription[LimitView](
        key="dimmed",
        exists_fn=lambda view: view.cap.source is not None,
        value_fn=lambda view: view.is_dimmed,
    ),
    BinaryDescription[LimitView](
        key="source_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=lambda view: view.cap.source is not None,
        value_fn=lambda view: None if view.decision is None else view.decision.dimmed,
    ),
)


ACCOUNT_BINARY: Final = (
    BinaryDescription[AccountView](
        key="supply",
        device_class=BinarySensorDeviceClass.POWER,
        value_fn=of_account(standing.supply_on),
    ),
    BinaryDescription[AccountView](
        key="restore_offered", value_fn=of_account(standing.supply_offered)
    ),
    BinaryDescription[AccountView](key="low_credit", value_fn=of_account(low_credit)),
    BinaryDescription[AccountView](
        key="emergency_credit_offered", value_fn=of_account(standing.emergency_offered)
    ),
    BinaryDescription[AccountView](
        key="emergency_credit_in_use",
        value_fn=of_account(lambda it: standing.emergency_left(it) is not None),
    ),
    BinaryDescription[AccountView](
        key="load_limit_active", value_fn=of_account(standing.load_limit_active)
    ),
    BinaryDescription[AccountView](
        key="charging_paused",
        exists_fn=lambda view: view.supply.ledger.setup.pause_below is not None,
        value_fn=lambda view: view.supply.ledger.is_low,
    ),
    BinaryDescription[AccountView](
        key="auxiliary_relay", value_fn=of_account(lambda it: it.book.relay_closed)
    ),
    BinaryDescription[AccountView](
        key="tamper",
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_account(has_tamper),
    ),
    BinaryDescription[AccountView](
        key="source_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_decision=True,
        value_fn=source_problem,
    ),
)
"""What the supply account says: the supply, credit, the meter (MTR-14, MTR-19, MTR-24)."""


class SuiteBinarySensor[V: View](SuiteEntity[V], BinarySensorEntity):
    """One row of the tables above."""

    entity_description: BinaryDescription[V]

    @override
    def _show(self, value: Any) -> None:
        self._attr_is_on = value


def _binary[V: View](view: V, description: BinaryDescription[V]) -> SuiteBinarySensor[V]:
    return SuiteBinarySensor(view, description)


def _offers(part: Part) -> list[Candidate]:
    offers = [
        *candidates(part.sites, SITE_BINARY, _binary),
        *candidates(part.chargers, CHARGER_BINARY, _binary),
        *candidates(part.channels, CHANNEL_BINARY, _binary),
        *candidates(part.limits, LIMIT_BINARY, _binary),
        *candidates(part.accounts, ACCOUNT_BINARY, _binary),
    ]
    for charger in part.chargers:
        offers += candidates([charger], _errors(charger), _binary)
    return offers


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of a site and its devices."""
    add_entities(entry, async_add_entities, _offers)
