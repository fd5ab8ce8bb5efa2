"""What is configured of a supply account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from homeassistant.config_entries import ConfigSubentry

from ..billing.codec import decode
from ..billing.events import Reading
from ..billing.model import ZERO, Config, Currency, Opening, Tariff
from ..const import (
    CONF_EDITED,
    CONF_EXPORT,
    CONF_GAS_COST,
    CONF_OPENING,
    CONF_PAUSE_BELOW,
    CONF_RATES,
    CONF_RELAY_SWITCH,
    CONF_SETTINGS,
    CONF_SUPPLY_SWITCH,
    CONF_TARIFF,
    CONF_TOTAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The money that an account begins with (section 5.1 of the E470 manual)."""

    balance: Decimal = ZERO
    debt: Decimal = ZERO
    debt_per_week: Decimal = ZERO
    currency: Currency = Currency.GBP

    def opening(self, reading: Reading, at: datetime) -> Opening:
        """Return what the account begins with at an instant, with its registers."""
        return Opening(
            at=at,
            balance=self.balance,
            debt=self.debt,
            debt_per_week=self.debt_per_week,
            currency=self.currency,
            total_wh=reading.total_wh,
            rates_wh=reading.rates_wh,
            export_wh=reading.export_wh or 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The entities that are the account's registers."""

    total: str
    rates: tuple[str, ...] = ()
    export: str | None = None

    @property
    def entities(self) -> tuple[str, ...]:
        """All of them."""
        export = () if self.export is None else (self.export,)
        return (self.total, *self.rates, *export)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A supply account as its forms stored it."""

    key: str
    """The id of its subentry."""
    name: str
    sources: Sources
    settings: Config
    tariff: Tariff
    start: Start
    edited: str = ""
    gas_cost: str | None = None
    supply_switch: str | None = None
    relay_switch: str | None = None
    pause_below: Decimal | None = None

    @classmethod
    def of(cls, subentry: ConfigSubentry) -> Self:
        """Return what is stored; raises `BadData` where that is not what it should be."""
        data = subentry.data
        return cls(
            key=subentry.subentry_id,
            name=subentry.title,
            sources=Sources(
                total=data[CONF_TOTAL],
                rates=tuple(data.get(CONF_RATES, ())),
                export=data.get(CONF_EXPORT),
            ),
            settings=decode(Config, data.get(CONF_SETTINGS, {}), CONF_SETTINGS),
            tariff=decode(Tariff, data[CONF_TARIFF], CONF_TARIFF),
            start=decode(Start, data.get(CONF_OPENING, {}), CONF_OPENING),
            edited=data.get(CONF_EDITED, ""),
            gas_cost=data.get(CONF_GAS_COST),
            supply_switch=data.get(CONF_SUPPLY_SWITCH),
            relay_switch=data.get(CONF_RELAY_SWITCH),
            pause_below=_amount(data, CONF_PAUSE_BELOW),
        )


def _amount(data: Mapping[str, Any], key: str) -> Decimal | None:
    return None if data.get(key) is None else decode(Decimal, data[key], key)


def account_identifier(subentry_id: str) -> str:
    """Return the identifier of an account's device."""
    return f"account_{subentry_id}"
