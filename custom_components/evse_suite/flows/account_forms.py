"""The forms of a supply account: their fields, and what stands in them (MTR-3 to MTR-14)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import CONF_MODE, CONF_NAME, UnitOfEnergy, UnitOfPower
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    SelectOptionDict,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..billing.model import (
    BLOCKS,
    KWH,
    RATES,
    Config,
    Currency,
    Mode,
    PeriodUnit,
    Season,
    Tariff,
    TariffKind,
)
from ..const import (
    CONF_EXPORT,
    CONF_GAS_COST,
    CONF_PAUSE_BELOW,
    CONF_RATES,
    CONF_RELAY_SWITCH,
    CONF_SERIAL,
    CONF_SETTINGS,
    CONF_SUPPLY_SWITCH,
    CONF_TARIFF,
    CONF_TOTAL,
    DOMAIN,
)
from .account_plain import WEEKDAYS, plain_settings, plain_tariff

CONF_MPAN: Final = "mpan"
CONF_MPAN_AGAIN: Final = "mpan_again"
CONF_CURRENCY: Final = "currency"
CONF_BALANCE: Final = "balance"
CONF_DEBT: Final = "debt"
CONF_DEBT_PER_WEEK: Final = "debt_per_week"
CONF_EMERGENCY: Final = "emergency_credit"
CONF_EMERGENCY_POINT: Final = "emergency_point"
CONF_EMERGENCY_VALUE: Final = "emergency_value"
CONF_DISCONNECTION: Final = "disconnection_value"
CONF_LOAD_LIMIT_KW: Final = "load_limit_kw"
CONF_WARNING: Final = "low_credit_warning"
CONF_KIND: Final = "tariff_kind"
CONF_STANDING: Final = "standing_per_week"
CONF_PERIOD_LENGTH: Final = "period_length"
CONF_PERIOD_UNIT: Final = "period_unit"
CONF_PERIOD_DAY: Final = "period_day"
CONF_PERIOD_MONTH: Final = "period_month"
CONF_THRESHOLDS_KWH: Final = ("threshold_1_kwh", "threshold_2_kwh", "threshold_3_kwh")
CONF_USAGE_FROM: Final = "usage_from"
CONF_DAILY: Final = "daily"
CONF_SWITCHES: Final = "switches"
CONF_SPECIAL_DAYS: Final = "special_days"
NORMAL: Final = "normal"
"""The rate of a special day on which the switching table holds."""
TOTAL: Final = "total"
CONF_RATE: Final = "rate"
SEASONS: Final = [season.lower() for season in Season]
REGISTERS: Final = ["sensor", "input_number", "number"]
SWITCHED: Final = ["switch", "input_boolean"]


def meter_schema() -> vol.Schema:
    """Return the form that says which meter it is, and which entities are its registers."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_MPAN): TextSelector(),
            vol.Optional(CONF_MPAN_AGAIN): TextSelector(),
            vol.Optional(CONF_SERIAL): TextSelector(),
            vol.Required(CONF_TOTAL): _entity(REGISTERS),
            vol.Optional(CONF_RATES): _entity(REGISTERS, multiple=True),
            vol.Optional(CONF_EXPORT): _entity(REGISTERS),
            vol.Optional(CONF_GAS_COST): _entity(REGISTERS),
            vol.Optional(CONF_SUPPLY_SWITCH): _entity(SWITCHED),
            vol.Optional(CONF_RELAY_SWITCH): _entity(SWITCHED),
        }
    )


def terms_schema(*, new: bool) -> vol.Schema:
    """Return the form of mode, credit and limits; a new account has an opening as well."""
    fields: dict[vol.Marker, Any] = {vol.Required(CONF_MODE): _choice("account_mode", list(Mode))}
    if new:
        fields |= {
            vol.Required(CONF_CURRENCY): _choice(None, list(Currency)),
            vol.Required(CONF_BALANCE): _number(),
            vol.Required(CONF_DEBT): _number(),
            vol.Required(CONF_DEBT_PER_WEEK): _number(),
        }
    return vol.Schema(
        {
            **fields,
            vol.Required(CONF_EMERGENCY): BooleanSelector(),
            vol.Required(CONF_EMERGENCY_POINT): _number(),
            vol.Required(CONF_EMERGENCY_VALUE): _number(),
            vol.Required(CONF_DISCONNECTION): _number(),
            vol.Required(CONF_WARNING): BooleanSelector(),
            vol.Optional(CONF_LOAD_LIMIT_KW): _number(UnitOfPower.KILO_WATT),
            vol.Optional(CONF_PAUSE_BELOW): _number(),
        }
    )


def terms_values(settings: Config) -> dict[str, Any]:
    """Return what stands in that form, but for the opening and the pause."""
    values = {
        CONF_MODE: settings.mode.value,
        CONF_EMERGENCY: settings.emergency.enabled,
        CONF_EMERGENCY_POINT: float(settings.emergency.point),
        CONF_EMERGENCY_VALUE: float(settings.emergency.value),
        CONF_DISCONNECTION: float(settings.disconnection_value),
        CONF_WARNING: settings.low_credit_warning,
    }
    if settings.load_limit_w is not None:
        values[CONF_LOAD_LIMIT_KW] = settings.load_limit_w / KWH
    return values


def tariff_schema() -> vol.Schema:
    """Return the form of the kind of tariff, its standing charge and its billing period."""
    return vol.Schema(
        {
            vol.Required(CONF_KIND): _choice(CONF_KIND, list(TariffKind)),
            vol.Required(CONF_STANDING): _number(),
            vol.Required(CONF_PERIOD_LENGTH): _number(),
            vol.Required(CONF_PERIOD_UNIT): _choice(CONF_PERIOD_UNIT, list(PeriodUnit)),
            vol.Required(CONF_PERIOD_DAY): _number(),
            vol.Required(CONF_PERIOD_MONTH): _number(),
        }
    )


def tariff_values(tariff: Tariff) -> dict[str, Any]:
    """Return what stands in that form."""
    return {
        CONF_KIND: tariff.kind.value,
        CONF_STANDING: float(tariff.standing_per_week),
        CONF_PERIOD_LENGTH: tariff.period.length,
        CONF_PERIOD_UNIT: tariff.period.unit.value,
        CONF_PERIOD_DAY: tariff.period.start_day,
        CONF_PERIOD_MONTH: tariff.period.start_month,
    }


def blocks_schema() -> vol.Schema:
    """Return the form that says where blocks begin."""
    return vol.Schema(
        {
            **{
                vol.Optional(key): _number(UnitOfEnergy.KILO_WATT_HOUR)
                for key in CONF_THRESHOLDS_KWH
            },
            vol.Required(CONF_USAGE_FROM): _choice(CONF_USAGE_FROM, [TOTAL, *_rates()]),
            vol.Required(CONF_DAILY): BooleanSelector(),
        }
    )


def blocks_values(tariff: Tariff) -> dict[str, Any]:
    """Return what stands in that form."""
    thresholds = zip(CONF_THRESHOLDS_KWH, tariff.thresholds_wh, strict=True)
    return {
        **{key: threshold / KWH for key, threshold in thresholds if threshold is not None},
        CONF_USAGE_FROM: str(tariff.usage_from or TOTAL),
        CONF_DAILY: tariff.daily,
    }


def price_fields(kind: TariffKind) -> dict[str, tuple[int, int]]:
    """Return rate and block of the prices that a kind of tariff uses, by the form's fields."""
    rates = 1 if kind is TariffKind.BLOCK else RATES
    blocks = 1 if kind is TariffKind.TIME_OF_USE else BLOCKS
    return {
        f"ppu_{block * RATES + rate + 1}": (rate, block)
        for block in range(blocks)
        for rate in range(rates)
    }


def prices_schema(kind: TariffKind) -> vol.Schema:
    """Return the form of the prices that a kind of tariff uses."""
    return vol.Schema({vol.Required(key): _number() for key in price_fields(kind)})


def prices_values(tariff: Tariff) -> dict[str, Any]:
    """Return what stands in that form."""
    fields = price_fields(tariff.kind)
    return {key: float(tariff.prices[rate][block]) for key, (rate, block) in fields.items()}


def switching_schema(texts: Mapping[str, str]) -> vol.Schema:
    """Return the form of the switching table and the special days.

    ``texts`` are the selectors' translations: in the window of a row the frontend has none.
    """
    rates = _labelled(CONF_RATE, _rates(), texts)
    days = _labelled("weekdays", WEEKDAYS, texts)
    days["multiple"] = True
    switch = {
        "start": _field({"time": {}}, required=True),
        CONF_RATE: _field(SelectSelector(rates), required=True),
        "season": _field(SelectSelector(_labelled("season", SEASONS, texts)), required=True),
        "days": _field(SelectSelector(days), required=True),
        "relay_closed": _field(BooleanSelector()),
    }
    special_rates = _labelled(CONF_RATE, [NORMAL, *_rates()], texts)
    special = {
        "day": _field({"date": {}}, required=True),
        CONF_RATE: _field(SelectSelector(special_rates), required=True),
        "relay_closed": _field(BooleanSelector()),
        "friendly": _field(BooleanSelector()),
    }
    return vol.Schema(
        {
            vol.Optional(CONF_SWITCHES): _rows("switch_row", switch, "start"),
            vol.Optional(CONF_SPECIAL_DAYS): _rows("special_day_row", special, "day"),
        }
    )


def switching_values(tariff: Tariff, settings: Config) -> dict[str, Any]:
    """Return what stands in that form."""
    special_days = plain_settings(settings)["special_days"]
    return {
        CONF_SWITCHES: [
            row | {"rate": str(row["rate"]), "season": row["season"].lower()}
            for row in plain_tariff(tariff)["switches"]
        ],
        CONF_SPECIAL_DAYS: [row | {"rate": str(row["rate"] or NORMAL)} for row in special_days],
    }


def yaml_schema() -> vol.Schema:
    """Return the form that holds everything as YAML."""
    return vol.Schema(
        {
            vol.Required(CONF_TARIFF): ObjectSelector(),
            vol.Required(CONF_SETTINGS): ObjectSelector(),
        }
    )


def yaml_values(tariff: Tariff, settings: Config) -> dict[str, Any]:
    """Return what stands in that form."""
    return {CONF_TARIFF: plain_tariff(tariff), CONF_SETTINGS: plain_settings(settings)}


def _entity(domains: list[str], *, multiple: bool = False) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(filter=[{"domain": domains}], multiple=multiple))


def _number(unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _choice(key: str | None, options: Sequence[str]) -> SelectSelector:
    """Return a choice whose options have labels under ``key``, or none."""
    config = SelectSelectorConfig(
        options=[str(option) for option in options], mode=SelectSelectorMode.DROPDOWN
    )
    if key is not None:
        config["translation_key"] = key
    return SelectSelector(config)


def _labelled(key: str, options: Sequence[str], texts: Mapping[str, str]) -> SelectSelectorConfig:
    """Return a choice that brings its labels along."""
    names = f"component.{DOMAIN}.selector.{key}.options"
    labels = [
        SelectOptionDict(value=option, label=texts.get(f"{names}.{option}", option))
        for option in options
    ]
    return SelectSelectorConfig(options=labels, mode=SelectSelectorMode.DROPDOWN)


def _rates() -> list[str]:
    return [str(rate) for rate in range(1, RATES + 1)]


def _field(
    selector: Selector[Any] | dict[str, Any], *, required: bool = False
) -> ObjectSelectorField:
    return ObjectSelectorField(selector=selector, required=required)


def _rows(key: str, fields: dict[str, ObjectSelectorField], label: str) -> ObjectSelector:
    """Return a table whose rows are added, changed and removed one by one."""
    return ObjectSelector(
        ObjectSelectorConfig(
            multiple=True,
            fields=fields,
            label_field=label,
            description_field=CONF_RATE,
            translation_key=key,
        )
    )
