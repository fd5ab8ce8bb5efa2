"""Accounts to try things on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from custom_components.evse_suite.billing.effects import Beep, Effect
from custom_components.evse_suite.billing.events import (
    Button,
    Event,
    Press,
    Reading,
    Readings,
    Reason,
    Refused,
    Tick,
)
from custom_components.evse_suite.billing.model import (
    Config,
    EmergencyCredit,
    Opening,
    Prices,
    Tariff,
)
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import Account, step

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday in winter, when the clock shows GMT."""


def pounds(amount: float | str) -> Decimal:
    return Decimal(str(amount))


def prices(rows: Iterable[Iterable[float | str]]) -> Prices:
    return tuple(tuple(pounds(each) for each in row) for row in rows)


def shown(*parts: int) -> datetime:
    """Return what a clock shows: no zone."""
    year, month, day, *time = parts
    hour, minute = [*time, 0, 0][:2]
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def flat(amount: float | str) -> Prices:
    return prices([[amount] * 4] * 4)


@dataclass
class Home:
    """An account with its own clock; what is done to it returns the effects."""

    config: Config = field(default_factory=Config)
    tariff: Tariff = field(default_factory=lambda: Tariff(prices=flat("0.10")))
    at: datetime = START
    opening: dict[str, Any] = field(default_factory=dict)
    wh: int = 0

    def __post_init__(self) -> None:
        opening = Opening(at=self.at, **self.opening)
        self.wh = opening.total_wh
        self.account: Account = open_account(self.config, self.tariff, opening)

    def do(self, event: Event) -> tuple[Effect, ...]:
        self.account, effects = step(self.account, event, self.at)
        book = self.account.book
        assert book.credits - book.charges == book.net
        return effects

    def use(self, kwh: float, **after: float) -> tuple[Effect, ...]:
        """Use energy evenly over a time, and read the total register then."""
        self.at += timedelta(**after)
        self.wh += round(kwh * 1000)
        return self.do(Readings(readings=(Reading(at=self.at, total_wh=self.wh),)))

    def wait(self, **time: float) -> tuple[Effect, ...]:
        self.at += timedelta(**time)
        return self.do(Tick())

    def wait_until(self, at: datetime) -> tuple[Effect, ...]:
        self.at = at
        return self.do(Tick())

    @property
    def net(self) -> Decimal:
        return self.account.book.net


PRESS = Press(button=Button.EMERGENCY)
HALF_A_POUND = Tariff(prices=flat("0.50"))
EMERGENCY = EmergencyCredit(point=pounds("1.00"), value=pounds("5.00"))


def home(balance: str = "2.00", tariff: Tariff = HALF_A_POUND, **config: Any) -> Home:
    """Return a prepayment account; a kWh costs half a pound."""
    return Home(
        config=Config(**{"emergency": EMERGENCY, **config}),
        tariff=tariff,
        opening={"balance": pounds(balance)},
    )


def kinds(effects: tuple[Effect, ...]) -> list[type[Effect]]:
    """Return what was told, beeps aside."""
    return [type(each) for each in effects if not isinstance(each, Beep)]


def refusal(house: Home, event: Event) -> Reason:
    """Return why an event is refused; nothing may have changed."""
    before = house.account
    with pytest.raises(Refused) as refused:
        house.do(event)
    assert house.account is before
    return refused.value.reason
