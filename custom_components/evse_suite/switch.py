"""Switches: the balancer as a whole, and settings of devices that are on or off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .control.model import SiteMode
from .devices.model import AutoUpdate, Lock, PhaseSwitch, PlugAndCharge, Relay
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .plan_entities import settings, tell
from .site import SiteConfigEntry
from .views import ChargerView, MeterView, Part, SiteView, View

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class SwitchDescription[V: View](SuiteDescription[V], SwitchEntityDescription):
    """Something that is on or off, and how it is switched."""

    set_fn: Callable[[V, bool], Awaitable[None]]


async def _switch_balancer(view: SiteView, on: bool) -> None:  # noqa: FBT001 - a row's set_fn
    view.site.set_mode(view.site.last_active_mode if on else SiteMode.DISABLED)


SITE_SWITCHES: Final = (
    SwitchDescription[SiteView](
        key="balancer",
        value_fn=lambda view: view.site.mode is not SiteMode.DISABLED,
        set_fn=_switch_balancer,
    ),
)


async def _force_single_phase(view: ChargerView, on: bool) -> None:  # noqa: FBT001 - a row's set_fn
    if view.spec.switches_lines:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="lines_are_automatic",
            translation_placeholders={"name": view.link.name},
        )
    await view.carry_out(PhaseSwitch, lambda it: it.set_force_single_phase(forced=on))


CHARGER_SWITCHES: Final = (
    SwitchDescription[ChargerView](
        key="plan",
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).plan_on,
        set_fn=lambda view, on: tell(view, plan_on=on),
    ),
    SwitchDescription[ChargerView](
        key="plug_and_charge",
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(PlugAndCharge),
        value_fn=lambda view: None if view.reading is None else view.reading.plug_and_charge,
        set_fn=lambda view, on: view.carry_out(
            PlugAndCharge, lambda it: it.set_plug_and_charge(enabled=on)
        ),
    ),
    SwitchDescription[ChargerView](
        key="lock",
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(Lock),
        value_fn=lambda view: None if view.reading is None else view.reading.locked,
        set_fn=lambda view, on: view.carry_out(Lock, lambda it: it.set_locked(locked=on)),
    ),
    SwitchDescription[ChargerView](
        key="auto_update",
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(AutoUpdate),
        when_told=True,
        value_fn=lambda view: None if view.reading is None else view.reading.auto_update,
        set_fn=lambda view, on: view.carry_out(
            AutoUpdate, lambda it: it.set_auto_update(enabled=on)
        ),
    ),
    SwitchDescription[ChargerView](
        key="single_phase",
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda view: view.can(PhaseSwitch),
        value_fn=lambda view: None if view.reading is None else view.reading.force_single_phase,
        set_fn=_force_single_phase,
    ),
)

METER_SWITCHES: Final = (
    SwitchDescription[MeterView](
        key="relay",
        exists_fn=lambda view: view.can(Relay),
        value_fn=lambda view: None if view.reading is None else view.reading.relay_on,
        set_fn=lambda view, on: view.carry_out(Relay, lambda it: it.set_relay(on=on)),
    ),
)


class SuiteSwitch[V: View](SuiteEntity[V], SwitchEntity):
    """One row of the tables above."""

    entity_description: SwitchDescription[V]

    @override
    def _show(self, value: Any) -> None:
        self._attr_is_on = value

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on."""
        await self.entity_description.set_fn(self.view, True)  # noqa: FBT003 - a row's set_fn

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off."""
        await self.entity_description.set_fn(self.view, False)  # noqa: FBT003 - a row's set_fn


def _switch[V: View](view: V, description: SwitchDescription[V]) -> SuiteSwitch[V]:
    return SuiteSwitch(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.sites, SITE_SWITCHES, _switch),
        *candidates(part.chargers, CHARGER_SWITCHES, _switch),
        *candidates(part.meters, METER_SWITCHES, _switch),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of a site and its devices."""
    add_entities(entry, async_add_entities, _offers)
