"""Selects: modes of the site, of a charger, and of a meter that balances by itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_entities import of_account, set_mode
from .billing.model import Mode
from .control.model import SiteMode
from .devices import OcppCharger, Strategy
from .devices.model import LoadBalancing, LoadBalancingMode
from .entity import Candidate, SuiteDescription, SuiteEntity, add_entities, candidates
from .helpers import async_check_admin
from .ocpp_entities import is_ocpp, told
from .plan_entities import (
    set_charge_mode,
    set_target_kind,
    set_vehicle,
    settings,
    vehicle_name,
    vehicles,
)
from .planning.model import ChargeMode, TargetKind
from .site import SiteConfigEntry
from .views import AccountView, ChargerView, MeterView, Part, SiteView, View

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class SelectDescription[V: View](SuiteDescription[V], SelectEntityDescription):
    """A choice and how it is made."""

    set_fn: Callable[[V, str], Awaitable[None]]
    options_fn: Callable[[V], list[str]] | None = None
    """The choices where they are names that people gave."""
    needs_admin: bool = False
    """It moves money or power: not everybody may choose."""


async def _set_mode(view: SiteView, option: str) -> None:
    view.site.set_mode(SiteMode(option))


async def _set_load_balancing(view: MeterView, option: str) -> None:
    await view.carry_out(
        LoadBalancing, lambda it: it.set_load_balancing_mode(LoadBalancingMode(option))
    )


SITE_SELECTS: Final = (
    SelectDescription[SiteView](
        key="mode",
        options=list(SiteMode),
        value_fn=lambda view: view.site.mode,
        set_fn=_set_mode,
    ),
)

CHARGER_SELECTS: Final = (
    SelectDescription[ChargerView](
        key="charge_mode",
        options=list(ChargeMode),
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).charge_mode,
        set_fn=set_charge_mode,
    ),
    SelectDescription[ChargerView](
        key="target_kind",
        entity_category=EntityCategory.CONFIG,
        options=list(TargetKind),
        is_decision=True,
        by_plan=True,
        value_fn=lambda view: settings(view).goal_kind,
        set_fn=set_target_kind,
    ),
    SelectDescription[ChargerView](
        key="vehicle",
        options_fn=lambda view: list(vehicles(view)),
        is_decision=True,
        by_plan=True,
        exists_fn=lambda view: len(vehicles(view)) > 1,
        value_fn=vehicle_name,
        set_fn=set_vehicle,
    ),
)
"""What people tell a charger about its plans (IND-5, PLAN-2)."""

OCPP_SELECTS: Final = (
    SelectDescription[ChargerView](
        key="ocpp_strategy",
        entity_category=EntityCategory.CONFIG,
        options=list(Strategy),
        is_decision=True,
        exists_fn=is_ocpp,
        value_fn=told(lambda it: it.station.strategy),
        set_fn=lambda view, option: view.carry_out(
            OcppCharger, lambda it: it.set_strategy(Strategy(option))
        ),
    ),
)
"""How a charger that dials in is told its current (LEK-14)."""

METER_SELECTS: Final = (
    SelectDescription[MeterView](
        key="load_balancing_mode",
        entity_category=EntityCategory.CONFIG,
        options=list(LoadBalancingMode),
        exists_fn=lambda view: view.can(LoadBalancing),
        value_fn=lambda view: None if view.reading is None else view.reading.load_balancing_mode,
        set_fn=_set_load_balancing,
    ),
)


ACCOUNT_SELECTS: Final = (
    SelectDescription[AccountView](
        key="account_mode",
        entity_category=EntityCategory.CONFIG,
        options=list(Mode),
        needs_admin=True,
        value_fn=of_account(lambda it: it.book.config.mode),
        set_fn=set_mode,
    ),
)
"""How the supply account is run (MTR-11)."""


class SuiteSelect[V: View](SuiteEntity[V], SelectEntity):
    """One row of the tables above."""

    entity_description: SelectDescription[V]

    def __init__(self, view: V, description: SelectDescription[V]) -> None:
        """Take the choices."""
        super().__init__(view, description)
        if description.options_fn is not None:
            self._attr_options = description.options_fn(view)

    @override
    def _show(self, value: Any) -> None:
        self._attr_current_option = value

    @override
    async def async_select_option(self, option: str) -> None:
        """Make a choice; raises Unauthorized for who may not."""
        if self.entity_description.needs_admin:
            await async_check_admin(self.hass, self._context)
        await self.entity_description.set_fn(self.view, option)


def _select[V: View](view: V, description: SelectDescription[V]) -> SuiteSelect[V]:
    return SuiteSelect(view, description)


def _offers(part: Part) -> list[Candidate]:
    return [
        *candidates(part.sites, SITE_SELECTS, _select),
        *candidates(part.chargers, CHARGER_SELECTS, _select),
        *candidates(part.chargers, OCPP_SELECTS, _select),
        *candidates(part.meters, METER_SELECTS, _select),
        *candidates(part.accounts, ACCOUNT_SELECTS, _select),
    ]


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SiteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects of a site and its devices."""
    add_entities(entry, async_add_entities, _offers)
