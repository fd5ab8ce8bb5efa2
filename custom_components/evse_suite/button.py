"""Buttons: what a person tells a device once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_entities import borrow, restore_supply, turn_page
from .devices import OcppCharger
from .devices.model import Restart, ScheduleOverride, StartStop
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .ocpp_entities import is_ocpp
from .plan_entities import boost
from .site import SiteConfigEntry
from .views import AccountView, ChargerView, MeterView, Part, View

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ButtonDescription[V: View](SuiteDescription[V], ButtonEntityDescription):
    """Something to be told."""

    value_fn: Callable[[V], Any] = lambda _view: None
    press_fn: Callable[[V], Awaitable[None]]


CHARGER_BUTTONS: Final = (
    ButtonDescription[ChargerView](
        key="boost",
        is_decision=True,
        by_plan=True,
        press_fn=boost,
    ),
    ButtonDescription[ChargerView](
        key="start_charging",
        exists_fn=lambda view: view.can(StartStop),
        press_fn=lambda view: view.carry_out(StartStop, lambda it: it.start()),
    ),
    ButtonDescription[ChargerView](
        key="stop_charging",
        exists_fn=lambda view: view.can(StartStop),
        press_fn=lambda view: view.carry_out(StartStop, lambda it: it.stop()),
    ),
    ButtonDescription[ChargerView](
        key="override_schedule",
        exists_fn=lambda view: view.can(ScheduleOverride),
        press_fn=lambda view: view.carry_out(ScheduleOverride, lambda it: it.override_schedule()),
    ),
    ButtonDescription[ChargerView](
        key="restart",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(Restart),
        press_fn=lambda view: view.carry_out(Restart, lambda it: it.restart()),
    ),
)

OCPP_BUTTONS: Final = (
    ButtonDescription[ChargerView](
        key="unlock_connector",
        entity_category=EntityCategory.CONFIG,
        exists_fn=is_ocpp,
        press_fn=lambda view: view.carry_out(OcppCharger, lambda it: it.workshop.unlock()),
    ),
)

METER_BUTTONS: Final = (
    ButtonDescription[MeterView](
        key="restart",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(Restart),
        press_fn=lambda view: view.carry_out(Restart, lambda it: it.restart()),
    ),
)


ACCOUNT_BUTTONS: Final = (
    ButtonDescription[AccountView](key="restore_supply", press_fn=restore_supply),
    ButtonDescription[AccountView](key="emergency_credit", press_fn=borrow),
    ButtonDescription[AccountView](
        key="display", entity_category=EntityCategory.DIAGNOSTIC, press_fn=turn_page
    ),
)
"""The two buttons of the meter (MTR-14, MTR-19, MTR-28)."""


class SuiteButton[V: View](SuiteEntity[V], ButtonEntity):
    """One row of the tables above."""

    entity_description: ButtonDescription[V]

    @override
    def _show(self, value: Any) -> None:
        """Show nothing: Home Assistant keeps when the button was pressed."""

    @override
    async def async_press(self) -> None:
        """Tell the device."""
        await self.entity_description.press_fn(self.view)


def _button[V: View](view: V, description: ButtonDescription[V]) -> SuiteButton[V]:
    return SuiteButton(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.chargers, CHARGER_BUTTONS, _button),
        *candidates(part.chargers, OCPP_BUTTONS, _button),
        *candidates(part.meters, METER_BUTTONS, _button),
        *candidates(part.accounts, ACCOUNT_BUTTONS, _button),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of a site's devices."""
    add_entities(entry, async_add_entities, _offers)
