"""The form of a limit: its fields, its checks and what is stored (SITE-1, MTR-20, DER-14)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_NAME,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfElectricCurrent,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import State
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import (
    CONF_CHARGERS,
    CONF_DIMMED,
    CONF_KIND,
    CONF_LIMIT_A,
    CONF_LIMIT_W,
    CONF_PHASES,
    CONF_SAFE_A,
    CONF_SCOPE,
    CONF_SILENT_AFTER_S,
    CONF_SOURCE,
    CONF_UNIT,
    SCOPE_CHARGERS,
    SCOPE_SITE,
)
from ..control.model import MINIMUM_CURRENT_A, CapKind
from ..limits import CONTACTS, IN_AMPERES, NUMBERS, fits, unit_of
from .validate import Checked, Errors

AMPERE: Final = UnitOfElectricCurrent.AMPERE.value
WATT: Final = UnitOfPower.WATT.value
RANGES: Final = {AMPERE: (MINIMUM_CURRENT_A, 1000), WATT: (500, 1_000_000)}
"""Less is a mistake: no car charges with it, and kilowatts are easily entered for watts."""
SILENT_RANGE_S: Final = (10, 86_400)
COLLAR_A: Final = 160
"""What a collar carries from grid and generator together (DER-14)."""
KILO: Final = 1000
LABELS: Final = {
    CapKind.CIRCUIT: "Circuit",
    CapKind.CONTRACT: "Contract",
    CapKind.LOAD_LIMIT: "Load limit",
    CapKind.CAPACITY: "Quarter of an hour",
    CapKind.EXTERNAL: "Dimming",
    CapKind.COLLAR: "Meter collar",
}
"""The beginning of a name that nobody typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFacts:
    """What a limit's form needs to know of its site."""

    chargers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is stored of each charger, by subentry."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the chargers are called, by subentry."""
    taken: Collection[str] = ()
    """The names of the other limits."""


def limit_field(kind: CapKind) -> str:
    """Return the form's field for the fixed limit."""
    return CONF_LIMIT_A if kind in IN_AMPERES else CONF_LIMIT_W


def limit_schema(kind: CapKind, facts: LimitFacts) -> vol.Schema:
    """Return the form of a limit; only what its kind has is asked."""
    fields: dict[Any, Any] = {vol.Optional(CONF_NAME): TextSelector()}
    unit = AMPERE if kind in IN_AMPERES else WATT
    if kind is CapKind.COLLAR:
        return vol.Schema(fields | {vol.Required(CONF_LIMIT_A): _number(unit)})
    if kind is CapKind.EXTERNAL:
        fields[vol.Required(CONF_SOURCE)] = _entity()
        fields[vol.Required(CONF_DIMMED)] = _number(None)
        fields[vol.Required(CONF_UNIT)] = SelectSelector(
            SelectSelectorConfig(options=[WATT, AMPERE], mode=SelectSelectorMode.DROPDOWN)
        )
        fields[vol.Required(CONF_SCOPE)] = SelectSelector(
            SelectSelectorConfig(
                options=[SCOPE_CHARGERS, SCOPE_SITE],
                translation_key=CONF_SCOPE,
                mode=SelectSelectorMode.LIST,
            )
        )
    else:
        fields[vol.Optional(limit_field(kind))] = _number(unit)
        if kind is CapKind.CIRCUIT:
            fields[vol.Required(CONF_CHARGERS)] = _chargers(facts)
        fields[vol.Optional(CONF_SOURCE)] = _entity()
        fields[vol.Optional(CONF_DIMMED)] = _number(unit)
    fields[vol.Optional(CONF_SILENT_AFTER_S)] = _number(UnitOfTime.SECONDS)
    return vol.Schema(fields)


def _number(unit: str | None) -> NumberSelector:
    config = NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _entity() -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(filter=[{"domain": [*CONTACTS, *NUMBERS]}]))


def _chargers(facts: LimitFacts) -> SelectSelector:
    options = [SelectOptionDict(value=key, label=name) for key, name in facts.names.items()]
    return SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    )


def limit_suggestions(kind: CapKind) -> dict[str, Any]:
    """Return what stands in the form of a new limit."""
    if kind is CapKind.COLLAR:
        return {CONF_LIMIT_A: COLLAR_A}
    return {CONF_UNIT: WATT, CONF_SCOPE: SCOPE_CHARGERS} if kind is CapKind.EXTERNAL else {}


def limit_stored(title: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an existing limit; a name that nobody typed follows the figures."""
    typed = {} if title.startswith(_generated(data)) else {CONF_NAME: title}
    return {**data, **typed}


def check_limit(
    kind: CapKind, user_input: Mapping[str, Any], facts: LimitFacts, state: State | None
) -> Checked:
    """Check a limit's form; ``state`` is what the chosen entity shows now, None without it."""
    data = {CONF_KIND: kind.value, **user_input}
    data.pop(CONF_NAME, None)
    errors: Errors = {}
    for check in (_check_figures, _check_source):
        errors |= check(kind, data)
    if CONF_SOURCE in data and (key := _wrong_state(state, unit_of(data))):
        errors[CONF_SOURCE] = key
    if kind is CapKind.CIRCUIT:
        errors |= _check_chargers(data, facts) if CONF_LIMIT_A not in errors else {}
    if user_input.get(CONF_NAME, "").strip() in facts.taken:
        errors[CONF_NAME] = "name_taken"
    return data, errors


def _check_figures(kind: CapKind, data: Mapping[str, Any]) -> Errors:
    """Check the fixed limit and the dimmed one."""
    unit = unit_of(data)
    least, most = RANGES[unit]
    suffix = "amperes" if unit == AMPERE else "watts"
    limit, dimmed = data.get(limit_field(kind)), data.get(CONF_DIMMED)
    errors: Errors = {}
    if limit is not None and not least <= limit <= most:
        errors[limit_field(kind)] = f"invalid_{suffix}"
    if dimmed is not None and dimmed != 0 and not least <= dimmed <= most:
        errors[CONF_DIMMED] = f"invalid_dimmed_{suffix}"
    elif limit is not None and dimmed is not None and dimmed > limit:
        errors[CONF_DIMMED] = "dimmed_above_limit"
    return errors


def _check_source(kind: CapKind, data: Mapping[str, Any]) -> Errors:
    """Check that a source and what belongs to it come together."""
    if CONF_SOURCE not in data:
        if CONF_DIMMED in data or CONF_SILENT_AFTER_S in data:
            return {CONF_SOURCE: "source_missing"}
        return {} if limit_field(kind) in data else {limit_field(kind): "limit_missing"}
    errors: Errors = {}
    if CONF_DIMMED not in data:
        errors[CONF_DIMMED] = "dimmed_missing"
    silent_after_s = data.get(CONF_SILENT_AFTER_S, SILENT_RANGE_S[0])
    if not SILENT_RANGE_S[0] <= silent_after_s <= SILENT_RANGE_S[1]:
        errors[CONF_SILENT_AFTER_S] = "invalid_silent_after"
    return errors


def _wrong_state(state: State | None, unit: str) -> str | None:
    """Return what is wrong with an entity as the source of a limit, None if nothing is."""
    if state is None:
        return "source_unknown"
    if state.domain in CONTACTS or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    suffix = "amperes" if unit == AMPERE else "watts"
    told = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return None if fits(told, unit) else f"source_not_{suffix}"


def _check_chargers(data: Mapping[str, Any], facts: LimitFacts) -> Errors:
    """Check that a circuit has chargers and carries their safe currents (SITE-5)."""
    behind = [facts.chargers[key] for key in data[CONF_CHARGERS]]
    if not behind:
        return {CONF_CHARGERS: "chargers_missing"}
    limits_a = [data[key] for key in (CONF_LIMIT_A, CONF_DIMMED) if data.get(key)]
    phases = {phase for charger in behind for phase in charger[CONF_PHASES]}
    safe_a = max(
        sum(charger[CONF_SAFE_A] for charger in behind if phase in charger[CONF_PHASES])
        for phase in phases
    )
    if limits_a and safe_a > limits_a[0]:
        return {CONF_LIMIT_A: "limit_below_safe"}
    return {}


def limit_title(user_input: Mapping[str, Any], data: Mapping[str, Any], facts: LimitFacts) -> str:
    """Return the name that was typed, or one made of kind and figure that is not taken."""
    typed: str = user_input.get(CONF_NAME, "").strip()
    if typed:
        return typed
    title = generated = _generated(data)
    number = 1
    while title in facts.taken:
        number += 1
        title = f"{generated} ({number})"
    return title


def _generated(data: Mapping[str, Any]) -> str:
    """Return e.g. ``Circuit 32 A`` or ``Dimming 4.2 kW``."""
    kind = CapKind(data[CONF_KIND])
    figure = data.get(limit_field(kind), data.get(CONF_DIMMED))
    if unit_of(data) == WATT:
        return f"{LABELS[kind]} {figure / KILO:g} kW"
    return f"{LABELS[kind]} {figure:g} A"
