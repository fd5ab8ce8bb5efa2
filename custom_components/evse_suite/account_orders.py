"""What people may tell a supply account, and the command that it makes (MTR-12 to MTR-23)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import voluptuous as vol

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .billing.events import (
    Adjust,
    Command,
    Configure,
    ConvertCurrency,
    GasDay,
    Payment,
    ResetTamper,
    RestoreSupply,
    SetDebt,
    SetTariff,
    Tenancy,
)
from .billing.model import Currency
from .billing.step import Account
from .flows.account_plain import read_special_days, read_tariff

CONF_AMOUNT: Final = "amount"
CONF_REFERENCE: Final = "reference"
CONF_TOTAL: Final = "total"
CONF_PER_WEEK: Final = "per_week"
CONF_AT: Final = "at"
CONF_TARIFF: Final = "tariff"
CONF_DATE: Final = "date"
CONF_DAYS: Final = "days"
CONF_FACTOR: Final = "factor"
CONF_CURRENCY: Final = "currency"
CONF_COST: Final = "cost"
CONF_COUNTERS: Final = "counters"
CONF_SUPPLY: Final = "supply"
CONF_KEEP: Final = "keep"
SUPPLY: Final = {"leave": None, "off": False, "on": True}
TENANCY_MONEY: Final = ("balance", "debt")
TENANCY_OPTIONS: Final = {
    "clear_payments": True,
    "zero_total_credit": True,
    "zero_payment_count": True,
    "zero_standing": True,
    "zero_prices": False,
    "reset_period": False,
    "clear_future_tariff": False,
    "clear_profile": True,
}
"""What a change of tenancy does unless it is told otherwise (section 6.2 of the E470 manual)."""

type Fields = Mapping[vol.Marker, Any]
type Order = Callable[[Mapping[str, Any], Account], Command]
"""Makes a command of what was said; may raise `BadData` or `Impossible`."""


def amount(value: Any) -> Decimal:
    """Validate an amount of money or a factor, exactly as it was written."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise vol.Invalid("expected a number such as 12.34")
    return number


def _payment(said: Mapping[str, Any], _account: Account) -> Command:
    return Payment(amount=said[CONF_AMOUNT], reference=said[CONF_REFERENCE].strip())


def _adjust(said: Mapping[str, Any], _account: Account) -> Command:
    return Adjust(amount=said[CONF_AMOUNT])


def _debt(said: Mapping[str, Any], _account: Account) -> Command:
    return SetDebt(total=said[CONF_TOTAL], per_week=said[CONF_PER_WEEK])


def _restore_supply(said: Mapping[str, Any], _account: Account) -> Command:
    return RestoreSupply(at=_instant(said))


def _tariff(said: Mapping[str, Any], _account: Account) -> Command:
    return SetTariff(tariff=read_tariff(said[CONF_TARIFF]), on=said.get(CONF_DATE))


def _special_days(said: Mapping[str, Any], account: Account) -> Command:
    days = read_special_days(said[CONF_DAYS])
    return Configure(config=replace(account.book.config, special_days=days))


def _tenancy(said: Mapping[str, Any], _account: Account) -> Command:
    kept = dict.fromkeys(said[CONF_KEEP])
    money: dict[str, Decimal | None] = {key: said[key] for key in TENANCY_MONEY} | kept
    return Tenancy(
        at=_instant(said),
        supply=SUPPLY[said[CONF_SUPPLY]],
        balance=money["balance"],
        debt=money["debt"],
        **{key: said[key] for key in TENANCY_OPTIONS},
    )


def _convert(said: Mapping[str, Any], _account: Account) -> Command:
    return ConvertCurrency(
        on=said[CONF_DATE], factor=said[CONF_FACTOR], currency=Currency(said[CONF_CURRENCY])
    )


def _gas_day(said: Mapping[str, Any], _account: Account) -> Command:
    return GasDay(day=said[CONF_DATE], cost=said[CONF_COST])


def _reset_tamper(said: Mapping[str, Any], _account: Account) -> Command:
    return ResetTamper(counters=said[CONF_COUNTERS])


def _instant(said: Mapping[str, Any]) -> datetime | None:
    """Return the instant that is meant; a time without zone is that of the home."""
    at: datetime | None = said.get(CONF_AT)
    return None if at is None else dt_util.as_utc(at)


ORDERS: Final[dict[str, tuple[Fields, Order]]] = {
    "add_payment": (
        {
            vol.Required(CONF_AMOUNT): amount,
            vol.Optional(CONF_REFERENCE, default=""): vol.All(cv.string, vol.Length(max=100)),
        },
        _payment,
    ),
    "adjust_credit": ({vol.Required(CONF_AMOUNT): amount}, _adjust),
    "set_debt": (
        {vol.Required(CONF_TOTAL): amount, vol.Required(CONF_PER_WEEK): amount},
        _debt,
    ),
    "restore_supply": ({vol.Optional(CONF_AT): cv.datetime}, _restore_supply),
    "set_tariff": (
        {vol.Required(CONF_TARIFF): dict, vol.Optional(CONF_DATE): cv.date},
        _tariff,
    ),
    "set_special_days": ({vol.Required(CONF_DAYS): vol.All(cv.ensure_list, [dict])}, _special_days),
    "change_of_tenancy": (
        {
            vol.Optional(CONF_AT): cv.datetime,
            **{vol.Optional(key, default=0): amount for key in TENANCY_MONEY},
            vol.Optional(CONF_KEEP, default=[]): vol.All(cv.ensure_list, [vol.In(TENANCY_MONEY)]),
            vol.Optional(CONF_SUPPLY, default="leave"): vol.In(SUPPLY),
            **{
                vol.Optional(key, default=usual): cv.boolean
                for key, usual in TENANCY_OPTIONS.items()
            },
        },
        _tenancy,
    ),
    "convert_currency": (
        {
            vol.Required(CONF_DATE): cv.date,
            vol.Required(CONF_FACTOR): amount,
            vol.Required(CONF_CURRENCY): vol.In([currency.value for currency in Currency]),
        },
        _convert,
    ),
    "set_gas_cost": (
        {vol.Required(CONF_DATE): cv.date, vol.Required(CONF_COST): amount},
        _gas_day,
    ),
    "reset_tamper": (
        {vol.Optional(CONF_COUNTERS, default=False): cv.boolean},
        _reset_tamper,
    ),
}
"""For each action that is one command what it takes, and the command."""
