"""What entities show of a supply account, and what people tell it (MTR-2 to MTR-30)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.util import dt as dt_util

from .account.refusals import refusal
from .account_actions import take_emergency_credit
from .billing import display, views
from .billing.book import LoggedPayment
from .billing.clock import midnight
from .billing.events import Button, Flag, OffReason, Press
from .billing.model import BLOCKS, RATES, Mode
from .billing.step import Account
from .publishing import Band
from .quantities import (
    Choice,
    Energy,
    Instant,
    Measurement,
    Money,
    Power,
    SensorDescription,
    Sentence,
)
from .views import AccountView

PRICE_DIGITS: Final = 5
HEADROOM_BAND: Final = Band(step=200, share=0.05, pace_s=80)
TAMPER_FLAGS: Final = frozenset({Flag.REVERSE_ENERGY, Flag.SIM_FLAP, Flag.SIM_CARRIAGE})
NOTHING: Final = "none"

type Shown[T] = Callable[[AccountView], T | None]


def of_account[T](value_fn: Callable[[Account], T]) -> Shown[T]:
    """Return what shows a value of the account, nothing before it was opened."""

    def shown(view: AccountView) -> T | None:
        return None if view.account is None else value_fn(view.account)

    return shown


def _amount(value_fn: Callable[[Account], Decimal | None]) -> Shown[float | None]:
    def shown(account: Account) -> float | None:
        amount = value_fn(account)
        return None if amount is None else float(amount)

    return of_account(shown)


def _payment[T](number: int, value_fn: Callable[[LoggedPayment], T]) -> Shown[T | None]:
    """Return what shows one of the last three payments (section 9.8.9 of the E470 manual)."""

    def shown(account: Account) -> T | None:
        payments = views.last_payments(account)
        return value_fn(payments[number - 1]) if len(payments) >= number else None

    return of_account(shown)


# What people see -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Amount(Money[AccountView]):
    """Money; how much is taken at once is decided by whole kilowatt-hours, so all is shown."""

    band: Band | None = None


@dataclass(frozen=True, kw_only=True)
class Price(Money[AccountView]):
    """What a kilowatt-hour costs; usable as a price in the Energy dashboard."""

    device_class: SensorDeviceClass | None = None
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    per: str = "/kWh"
    digits: int = PRICE_DIGITS
    suggested_display_precision: int | None = 4
    band: Band | None = None


@dataclass(frozen=True, kw_only=True)
class Count(Measurement[AccountView]):
    """How many."""

    state_class: SensorStateClass | None = None


@dataclass(frozen=True, kw_only=True)
class When(Instant[AccountView]):
    """When something happened or will, told at once: it changes seldom."""

    band: Band | None = None


@dataclass(frozen=True, kw_only=True)
class Day(SensorDescription[AccountView]):
    """A date."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.DATE


def _register(rate: int) -> Energy[AccountView]:
    return Energy(
        key=f"rate_{rate}_register",
        entity_registry_enabled_default=rate == 1,
        value_fn=of_account(lambda it: it.book.rates_wh[rate - 1]),
    )


def _last_midnight(account: Account) -> datetime:
    return midnight(account.book.config.clock, account.book.day)


def _next_price(account: Account) -> float | None:
    change = views.next_price_change(account)
    return None if change is None else float(change.price_per_kwh)


def _next_price_at(account: Account) -> datetime | None:
    change = views.next_price_change(account)
    return None if change is None else change.start


def _cost_per_hour(view: AccountView) -> float | None:
    power_w = view.site.accounts.power_w
    if view.account is None or power_w is None:
        return None
    return float(views.cost_per_hour(view.account, power_w))


def _headroom_w(view: AccountView) -> float | None:
    power_w = view.site.accounts.power_w
    limit_w = None if view.account is None else views.power_limit_w(view.account)
    return None if limit_w is None or power_w is None else limit_w - power_w


def _page(view: AccountView) -> str | None:
    """Return what stands on the meter's display (section 9)."""
    if view.account is None:
        return None
    page = display.shown(view.account, dt_util.utcnow(), view.site.accounts.power_w or 0.0)
    return " ".join(part for part in (page.header, page.text, page.unit) if part)


def _flags(account: Account) -> str:
    return ", ".join(flag.value for flag in views.status_flags(account)) or NOTHING


MONEY_SENSORS: Final = (
    Amount(key="balance", state_class=SensorStateClass.TOTAL, value_fn=_amount(views.balance)),
    Amount(key="debt_to_clear", value_fn=_amount(views.debt_to_clear)),
    Amount(key="emergency_credit_left", value_fn=_amount(views.emergency_left)),
    Amount(key="debt", value_fn=_amount(lambda it: it.book.debt)),
    Amount(
        key="debt_per_week",
        per="/week",
        device_class=None,
        value_fn=_amount(lambda it: it.book.debt_per_week),
    ),
    Amount(
        key="standing_charge",
        per="/week",
        device_class=None,
        value_fn=_amount(lambda it: it.book.tariff.standing_per_week),
    ),
    Amount(key="total_charge", per="/week", device_class=None, value_fn=_amount(views.per_week)),
    Amount(
        key="cost_today",
        state_class=SensorStateClass.TOTAL,
        value_fn=_amount(views.cost_today),
        reset_fn=of_account(_last_midnight),
    ),
    Amount(
        key="cost", state_class=SensorStateClass.TOTAL, value_fn=_amount(lambda it: it.book.spent)
    ),
    Amount(key="total_credit", value_fn=_amount(lambda it: it.book.total_credit)),
    Money[AccountView](
        key="cost_per_hour", per="/h", device_class=None, live=True, value_fn=_cost_per_hour
    ),
    Price(key="price", value_fn=_amount(views.price_now)),
    Price(key="next_price", value_fn=of_account(_next_price)),
    *(
        Amount(
            key=f"payment_{number}",
            entity_registry_enabled_default=number == 1,
            value_fn=_payment(number, lambda it: float(it.amount)),
        )
        for number in (1, 2, 3)
    ),
)

ACCOUNT_SENSORS: Final = (
    *MONEY_SENSORS,
    When(
        key="next_price_change",
        entity_category=None,
        entity_registry_enabled_default=True,
        value_fn=of_account(_next_price_at),
    ),
    *(
        When(key=f"payment_{number}_at", value_fn=_payment(number, lambda it: it.at))
        for number in (1, 2, 3)
    ),
    Count(key="payments", value_fn=of_account(lambda it: it.book.payment_count)),
    Measurement[AccountView](
        key="days_left",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        suggested_display_precision=1,
        value_fn=_amount(views.days_left),
    ),
    Choice[AccountView](
        key="active_rate",
        options=[str(rate + 1) for rate in range(RATES)],
        value_fn=of_account(lambda it: str(views.active_rate(it))),
    ),
    Choice[AccountView](
        key="active_block",
        options=[str(block + 1) for block in range(BLOCKS)],
        value_fn=of_account(lambda it: str(views.active_block_now(it))),
    ),
    *(_register(rate + 1) for rate in range(RATES)),
    Energy[AccountView](key="total_register", value_fn=of_account(lambda it: it.book.total_wh)),
    Energy[AccountView](
        key="export_register",
        exists_fn=lambda view: view.supply.ledger.setup.sources.export is not None,
        value_fn=of_account(lambda it: it.book.export_wh),
    ),
    Energy[AccountView](
        key="estimated_energy",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_account(lambda it: it.book.estimated_wh),
    ),
    Day(key="period_start", value_fn=of_account(lambda it: views.period_dates(it)[0])),
    Day(key="period_end", value_fn=of_account(lambda it: views.period_dates(it)[1])),
    Count(key="period_day", value_fn=of_account(views.period_day)),
    Energy[AccountView](
        key="period_usage",
        state_class=SensorStateClass.TOTAL,
        value_fn=of_account(views.period_usage_wh),
    ),
    Power[AccountView](
        key="load_limit", value_fn=of_account(lambda it: it.book.config.load_limit_w)
    ),
    Power[AccountView](key="load_headroom", live=True, band=HEADROOM_BAND, value_fn=_headroom_w),
    Choice[AccountView](
        key="off_reason",
        options=[NOTHING, *OffReason],
        value_fn=of_account(lambda it: it.book.off_reason or NOTHING),
    ),
    Sentence[AccountView](key="display", band=None, value_fn=_page),
    Count(
        key="reverse_energy_events",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_account(lambda it: it.book.reverse_events.count),
    ),
    When(key="reverse_energy_at", value_fn=of_account(lambda it: it.book.reverse_events.last)),
    Count(
        key="sim_events",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=of_account(lambda it: it.book.sim_events.count),
    ),
    When(key="sim_at", value_fn=of_account(lambda it: it.book.sim_events.last)),
    Sentence[AccountView](
        key="status_flags",
        entity_category=EntityCategory.DIAGNOSTIC,
        band=None,
        value_fn=of_account(_flags),
    ),
)


# What people tell ----------------------------------------------------------------------------


async def restore_supply(view: AccountView) -> None:
    """Close the supply that is offered (MTR-19)."""
    ledger = view.supply.ledger
    if not views.supply_offered(ledger.opened):
        raise refusal("account_not_offered", ledger.setup.name)
    await ledger.async_do(Press(button=Button.EMERGENCY))


async def borrow(view: AccountView) -> None:
    """Take the emergency credit that is offered (MTR-14)."""
    await take_emergency_credit(view.supply.ledger)


async def turn_page(view: AccountView) -> None:
    """Show the next page of the display (MTR-28)."""
    await view.supply.ledger.async_do(Press(button=Button.DISPLAY))


async def set_mode(view: AccountView, option: str) -> None:
    """Run the account in another mode (MTR-11)."""
    await view.supply.ledger.async_set_mode(Mode(option))


def has_tamper(account: Account) -> bool:
    """Tell whether somebody may have tampered with the meter (MTR-24)."""
    return not TAMPER_FLAGS.isdisjoint(views.status_flags(account))


def source_problem(view: AccountView) -> bool:
    """Tell whether the registers cannot be read, or are not believed."""
    return view.supply.feed.reading is None or view.supply.ledger.fault is not None


def low_credit(account: Account) -> bool:
    """Tell whether credit is low: emergency credit is offered or in use (MTR-26)."""
    return views.emergency_offered(account) or views.emergency_left(account) is not None
