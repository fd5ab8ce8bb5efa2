"""Limits beside the fuse: what is stored of them, and what an entity says of one (SITE-1)."""

from collections.abc import Iterable, Iterator, Mapping
from math import inf, isfinite
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    UnitOfElectricCurrent,
    UnitOfPower,
)
from homeassistant.core import State
from homeassistant.util.unit_conversion import (
    BaseUnitConverter,
    ElectricCurrentConverter,
    PowerConverter,
)

from .const import (
    CONF_CHARGERS,
    CONF_DIMMED,
    CONF_KIND,
    CONF_LIMIT_A,
    CONF_LIMIT_W,
    CONF_SCOPE,
    CONF_SETTINGS,
    CONF_SILENT_AFTER_S,
    CONF_SOURCE,
    CONF_UNIT,
    SCOPE_CHARGERS,
    SUBENTRY_ACCOUNT,
    SUBENTRY_CHARGER,
    SUBENTRY_LIMIT,
)
from .control.model import Cap, CapKind, LimitSource, Phase

KINDS: Final = (
    CapKind.CIRCUIT,
    CapKind.CONTRACT,
    CapKind.LOAD_LIMIT,
    CapKind.CAPACITY,
    CapKind.EXTERNAL,
    CapKind.COLLAR,
)
"""What can be added to a site."""
IN_AMPERES: Final = frozenset({CapKind.CIRCUIT, CapKind.COLLAR})
"""The kinds that are given in amperes; an external limit is given in either unit."""
CONTACTS: Final = ("binary_sensor", "input_boolean", "switch")
NUMBERS: Final = ("input_number", "number", "sensor")
"""Domains of the entities that can be the source of a limit."""
CONVERTERS: Final[Mapping[str, type[BaseUnitConverter]]] = {
    UnitOfElectricCurrent.AMPERE: ElectricCurrentConverter,
    UnitOfPower.WATT: PowerConverter,
}
"""By the unit of a limit."""


def limit_subentries(entry: ConfigEntry) -> Iterator[ConfigSubentry]:
    """Yield the limits of a site."""
    return (
        subentry
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_LIMIT
    )


def unit_of(data: Mapping[str, Any]) -> str:
    """Return the unit of a limit: A or W."""
    if CONF_UNIT in data:
        return str(data[CONF_UNIT])
    in_amperes = data[CONF_KIND] in IN_AMPERES
    return UnitOfElectricCurrent.AMPERE if in_amperes else UnitOfPower.WATT


def limit_cap(entry: ConfigEntry, subentry: ConfigSubentry, phases: Iterable[Phase]) -> Cap:
    """Describe a limit for the balancer; without a fixed value only its source sets one."""
    data = subentry.data
    source = None
    if CONF_SOURCE in data:
        source = LimitSource(
            dimmed=data[CONF_DIMMED], silent_after_s=data.get(CONF_SILENT_AFTER_S, inf)
        )
    in_amperes = unit_of(data) == UnitOfElectricCurrent.AMPERE
    return Cap(
        key=subentry.subentry_id,
        name=subentry.title,
        kind=CapKind(data[CONF_KIND]),
        limit_a=dict.fromkeys(phases, data.get(CONF_LIMIT_A, inf)) if in_amperes else {},
        limit_w=None if in_amperes else data.get(CONF_LIMIT_W, inf),
        chargers=_behind(entry, data),
        source=source,
    )


def account_subentries(entry: ConfigEntry) -> Iterator[ConfigSubentry]:
    """Yield the supply accounts of a site."""
    return (it for it in entry.subentries.values() if it.subentry_type == SUBENTRY_ACCOUNT)


def load_limit_cap(account: ConfigSubentry) -> Cap:
    """Describe the load limit of a supply account: over it the meter opens (MTR-20).

    Whether it holds now, and what it is meanwhile, the account says; before it does, what was
    configured is taken to hold.
    """
    limit_w = account.data.get(CONF_SETTINGS, {}).get("load_limit_w")
    return Cap(
        key=account.subentry_id,
        name=account.title,
        kind=CapKind.LOAD_LIMIT,
        limit_w=inf,
        source=LimitSource(dimmed=inf if limit_w is None else limit_w),
    )


def _behind(entry: ConfigEntry, data: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the chargers that a limit counts, None where the house is counted as well."""
    present = frozenset(
        key for key, it in entry.subentries.items() if it.subentry_type == SUBENTRY_CHARGER
    )
    if data.get(CONF_SCOPE) == SCOPE_CHARGERS:
        return present
    return present & set(data[CONF_CHARGERS]) if CONF_CHARGERS in data else None


def said_by(state: State | None, data: Mapping[str, Any]) -> float | None:
    """Return what an entity says of a limit, in the limit's unit; None if that makes no sense.

    A contact sets the dimmed value while it is on, and no limit (infinity) while it is off. Whether
    a finite number can be true is for the balancer to judge.
    """
    if state is None:
        return None
    if state.domain in CONTACTS:
        return {STATE_ON: float(data[CONF_DIMMED]), STATE_OFF: inf}.get(state.state)
    wanted = unit_of(data)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        number = float(state.state)
    except ValueError:
        return None
    if not isfinite(number):
        # Infinity stands for no limit, which only a contact can say.
        return None
    return CONVERTERS[wanted].convert(number, unit, wanted) if fits(unit, wanted) else None


def fits(unit: str | None, wanted: str) -> bool:
    """Tell whether a value in ``unit`` can be a limit in A or W; one without a unit cannot."""
    return unit in CONVERTERS[wanted].VALID_UNITS
