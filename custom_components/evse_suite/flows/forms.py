"""The forms: their fields, and what stands in them before anybody has typed."""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_USERNAME,
    PERCENTAGE,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
)
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult, section
from homeassistant.helpers.selector import (
    BooleanSelector,
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
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    BATTERY_FIRST,
    BY_CHARGE,
    CAR_FIRST,
    CHARGING,
    CONF_BATTERY,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_FIRST_BELOW,
    CONF_BATTERY_GIVES_ABOVE,
    CONF_BATTERY_ORDER,
    CONF_BATTERY_SIGN,
    CONF_CLAMP_A,
    CONF_EXPORT_LIMIT_W,
    CONF_FUSE_A,
    CONF_GENERATOR,
    CONF_MAXIMUM_A,
    CONF_MODE,
    CONF_PHASES,
    CONF_PRIORITY,
    CONF_ROLE,
    CONF_SAFE_A,
    CONF_SUPPLY,
    CONF_SWITCHES_LINES,
    CONF_UNBALANCE_A,
    CONF_VOLTAGE_V,
    DEFAULT_FUSE_A,
    DISCHARGING,
    FUSE_CHOICES_A,
    NO_PHASE,
    ROLE_GENERATOR,
    ROLE_MAINS,
    ROLE_OTHER,
)
from ..control.model import MINIMUM_CURRENT_A, GeneratorSide, SiteMode
from ..devices import can
from ..devices.model import DeviceIdentity, DeviceKind, PhaseSwitch
from .validate import (
    BOTH_LEGS,
    CIRCUIT_RANGE_A,
    NO_GENERATOR,
    Errors,
    SiteFacts,
    Supply,
    channel_field,
    line_field,
)

CONF_LOGIN: Final = "login"
CONF_SITE: Final = "site"

CLAMP_CHOICES_A: Final = (50, 120)
"""Clamps that are sold with the meters (LEK-15)."""
PRIORITY_RANGE: Final = (0, 10)
ROOM_FOR_SAFE_CURRENT_A: Final = 32
"""From this fuse on, a house can be trusted to leave room for the smallest charging current."""

SPLIT_PHASE_VOLTAGES_V: Final = {"CA": 120, "JP": 100, "MX": 120, "TW": 110, "US": 120}
THREE_PHASE_COUNTRIES: Final = frozenset(
    {"AT", "CH", "CZ", "DE", "DK", "EE", "FI", "LT", "PL", "SE", "SI", "SK"}
)
"""Where a home usually has three phases with a neutral."""
DEFAULT_VOLTAGE_V: Final = 230


def show_form[C: FlowContext, R: FlowResult[Any, Any], H: Hashable](
    flow: FlowHandler[C, R, H],
    step_id: str,
    schema: vol.Schema,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Errors | None = None,
    texts: Mapping[str, str] | None = None,
) -> R:
    """Show a form with ``values`` in it, so that nothing typed is lost after an error.

    ``texts`` fills the placeholders of the step's translations.
    """
    return flow.async_show_form(
        step_id=step_id,
        data_schema=flow.add_suggested_values_to_schema(schema, values),
        errors=errors,
        description_placeholders=texts,
    )


def _text(kind: TextSelectorType, autocomplete: str | None = None) -> TextSelector:
    config = TextSelectorConfig(type=kind)
    if autocomplete is not None:
        config["autocomplete"] = autocomplete
    return TextSelector(config)


def _amperes(least_a: int) -> NumberSelector:
    """Return a field for amperes; what is too much has a sentence of its own in ``validate``."""
    return NumberSelector(
        NumberSelectorConfig(
            min=least_a,
            step=1,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        )
    )


def _percent() -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=0, max=100, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement=PERCENTAGE
        )
    )


def _choice(key: str, options: list[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=options, translation_key=key, mode=SelectSelectorMode.DROPDOWN)
    )


def _rating(choices_a: tuple[int, ...]) -> SelectSelector:
    """Return a field that offers usual ratings and lets any other be typed."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=str(rating_a), label=f"{rating_a} A")
                for rating_a in choices_a
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def site_schema() -> vol.Schema:
    """Return the site's form (IND-2)."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): _text(TextSelectorType.TEXT),
            vol.Required(CONF_SUPPLY): _choice(CONF_SUPPLY, [supply.value for supply in Supply]),
            vol.Required(CONF_FUSE_A): _rating(FUSE_CHOICES_A),
            vol.Required(CONF_VOLTAGE_V): NumberSelector(
                NumberSelectorConfig(
                    step="any",
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement=UnitOfElectricPotential.VOLT,
                )
            ),
            vol.Required(CONF_MODE): _choice(CONF_MODE, [mode.value for mode in SiteMode]),
        }
    )


def change_site_schema(supply: Supply) -> vol.Schema:
    """Return the form of a site that exists, which asks for what few homes have as well."""
    sides = [NO_GENERATOR, *(side.value for side in GeneratorSide)]
    fields: dict[Any, Any] = {
        vol.Optional(CONF_EXPORT_LIMIT_W): NumberSelector(
            NumberSelectorConfig(
                min=0,
                step="any",
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfPower.WATT,
            )
        ),
        vol.Required(CONF_GENERATOR): _choice(CONF_GENERATOR, sides),
        vol.Optional(CONF_BATTERY): EntitySelector(
            EntitySelectorConfig(filter=[{"domain": ["sensor"], "device_class": ["power"]}])
        ),
        vol.Optional(CONF_BATTERY_SIGN): _choice(CONF_BATTERY_SIGN, [CHARGING, DISCHARGING]),
        vol.Optional(CONF_BATTERY_ORDER): _choice(
            CONF_BATTERY_ORDER, [BATTERY_FIRST, CAR_FIRST, BY_CHARGE]
        ),
        vol.Optional(CONF_BATTERY_CHARGE): EntitySelector(
            EntitySelectorConfig(filter=[{"domain": ["sensor"], "device_class": ["battery"]}])
        ),
        vol.Optional(CONF_BATTERY_FIRST_BELOW): _percent(),
        vol.Optional(CONF_BATTERY_GIVES_ABOVE): _percent(),
    }
    if supply is not Supply.SINGLE:
        fields[vol.Optional(CONF_UNBALANCE_A)] = _amperes(MINIMUM_CURRENT_A)
    return site_schema().extend(fields)


def site_suggestions(name: str, country: str | None) -> dict[str, Any]:
    """Return what a new site probably is, by its country (ISO 3166, None if unknown)."""
    supply = Supply.SINGLE
    if country in SPLIT_PHASE_VOLTAGES_V:
        supply = Supply.SPLIT
    elif country in THREE_PHASE_COUNTRIES:
        supply = Supply.THREE
    return {
        CONF_NAME: name,
        CONF_SUPPLY: supply.value,
        CONF_FUSE_A: str(DEFAULT_FUSE_A),
        CONF_VOLTAGE_V: SPLIT_PHASE_VOLTAGES_V.get(country or "", DEFAULT_VOLTAGE_V),
        CONF_MODE: SiteMode.POWER.value,
    }


def pick_site_schema(titles: Mapping[str, str]) -> vol.Schema:
    """Return the choice between sites; ``titles`` by entry id."""
    options = [SelectOptionDict(value=key, label=title) for key, title in titles.items()]
    return vol.Schema(
        {vol.Required(CONF_SITE): SelectSelector(SelectSelectorConfig(options=options))}
    )


def host_schema() -> vol.Schema:
    """Return the form for a new device's address."""
    return vol.Schema({vol.Required(CONF_HOST): _text(TextSelectorType.TEXT)})


def login_schema(*, with_username: bool) -> vol.Schema:
    """Return the form for a login; some devices have one user and only a password is asked."""
    fields: dict[Any, Any] = {}
    if with_username:
        fields[vol.Optional(CONF_USERNAME)] = _text(TextSelectorType.TEXT, "username")
    fields[vol.Required(CONF_PASSWORD)] = _text(TextSelectorType.PASSWORD, "current-password")
    return vol.Schema(fields)


def connection_schema(*, has_login: bool) -> vol.Schema:
    """Return the form for the address and the login of a device that is set up already."""
    login = vol.Schema(
        {
            vol.Optional(CONF_USERNAME): _text(TextSelectorType.TEXT, "username"),
            vol.Optional(CONF_PASSWORD): _text(TextSelectorType.PASSWORD, "current-password"),
        }
    )
    return vol.Schema(
        {
            vol.Required(CONF_HOST): _text(TextSelectorType.TEXT),
            vol.Required(CONF_LOGIN): section(login, {"collapsed": not has_login}),
        }
    )


def device_schema(identity: DeviceIdentity, site: SiteFacts) -> vol.Schema:
    """Return the form of a device's place in the site; only questions with a choice are asked."""
    fields: dict[Any, Any] = {vol.Required(CONF_NAME): _text(TextSelectorType.TEXT)}
    if identity.kind is DeviceKind.CHARGER:
        fields |= _charger_fields(identity.lines, site)
        if site.supply is not Supply.SINGLE and can(identity, PhaseSwitch):
            fields[vol.Required(CONF_SWITCHES_LINES, default=False)] = BooleanSelector()
    else:
        fields |= _meter_fields(identity.lines, site)
    return vol.Schema(fields)


def _charger_fields(lines: int, site: SiteFacts) -> dict[Any, Any]:
    fields: dict[Any, Any] = {}
    phases = [phase.value for phase in site.supply.phases]
    if site.supply is not Supply.SINGLE:
        for index in range(min(lines, len(phases))):
            options = phases if index == 0 else [*phases, NO_PHASE]
            if index == 0 and site.supply is Supply.SPLIT and lines == 1:
                options = [BOTH_LEGS, *phases]
            fields[vol.Required(line_field(index))] = _choice("line", options)
    fields[vol.Required(CONF_MAXIMUM_A)] = _amperes(MINIMUM_CURRENT_A)
    fields[vol.Required(CONF_SAFE_A)] = _amperes(0)
    fields[vol.Required(CONF_PRIORITY)] = NumberSelector(
        NumberSelectorConfig(
            min=PRIORITY_RANGE[0], max=PRIORITY_RANGE[1], step=1, mode=NumberSelectorMode.SLIDER
        )
    )
    return fields


def _meter_fields(lines: int, site: SiteFacts) -> dict[Any, Any]:
    options = [*(phase.value for phase in site.supply.phases), NO_PHASE]
    roles = [ROLE_MAINS, *([ROLE_GENERATOR] if site.has_generator else []), ROLE_OTHER]
    fields: dict[Any, Any] = {vol.Required(CONF_ROLE): _choice(CONF_ROLE, roles)}
    for index in range(lines):
        fields[vol.Required(channel_field(index))] = _choice("channel", options)
    fields[vol.Optional(CONF_CLAMP_A)] = _rating(CLAMP_CHOICES_A)
    return fields


def device_suggestions(identity: DeviceIdentity, site: SiteFacts) -> dict[str, Any]:
    """Return what a new device's place in the site probably is."""
    if identity.kind is DeviceKind.CHARGER:
        return {CONF_NAME: identity.default_name, **_charger_suggestions(identity.lines, site)}
    return {CONF_NAME: identity.default_name, **_meter_suggestions(identity.lines, site)}


def _charger_suggestions(lines: int, site: SiteFacts) -> dict[str, Any]:
    phases: list[str] = [phase.value for phase in site.supply.phases]
    if site.supply is Supply.SPLIT and lines == 1:
        phases = [BOTH_LEGS]
    return {
        **{line_field(index): phase for index, phase in enumerate(phases)},
        CONF_MAXIMUM_A: min(CIRCUIT_RANGE_A[1], site.fuse_a),
        CONF_SAFE_A: MINIMUM_CURRENT_A if site.fuse_a >= ROOM_FOR_SAFE_CURRENT_A else 0,
        CONF_PRIORITY: PRIORITY_RANGE[0],
    }


def _meter_suggestions(lines: int, site: SiteFacts) -> dict[str, Any]:
    phases = [phase.value for phase in site.supply.phases]
    mains = not site.has_mains_meter and lines >= len(phases)
    channels = [*phases, *[NO_PHASE] * lines] if mains else [NO_PHASE] * lines
    return {
        CONF_ROLE: ROLE_MAINS if mains else ROLE_OTHER,
        **{channel_field(index): channels[index] for index in range(lines)},
    }


def device_stored(
    name: str, data: Mapping[str, Any], identity: DeviceIdentity, site: SiteFacts
) -> dict[str, Any]:
    """Return the form's values of a device that is set up already."""
    values = {**device_suggestions(identity, site), **data, CONF_NAME: name}
    if CONF_CLAMP_A in data:
        values[CONF_CLAMP_A] = str(data[CONF_CLAMP_A])
    phases: list[str] = data[CONF_PHASES]
    if identity.kind is DeviceKind.METER:
        return values | {channel_field(index): phase for index, phase in enumerate(phases)}
    if len(phases) > identity.lines:
        return values | {line_field(0): BOTH_LEGS}
    lines = [*phases, *[NO_PHASE] * (identity.lines - len(phases))]
    return values | {line_field(index): phase for index, phase in enumerate(lines)}
