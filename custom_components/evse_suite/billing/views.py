"""What an account shows: pure functions of it, for entities, planning and the display.

Money is exact; the meter cuts off what its display does not show (A30), see `display.money`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from . import position
from .book import LoggedPayment
from .clock import DAY, local, midnight, utc
from .events import Flag
from .levy import surcharge
from .model import KWH, ZERO, Mode, Tariff
from .step import Account
from .switching import next_change, rate_at
from .tariff import active_block, block_after, price

HOURS_PER_WEEK = 168
_DAYS_LOOKED_AT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSpan:
    """A kWh's price from `start` to `end`, levy and VAT of today included."""

    start: datetime
    end: datetime
    rate: int
    price_per_kwh: Decimal


def next_due(account: Account) -> datetime:
    """Return when passing time next changes something: call `step` with a `Tick` then."""
    return account.book.next_due


def balance(account: Account) -> Decimal:
    """Return the present balance register, emergency credit in use included."""
    return position.balance(account.book)


def net(account: Account) -> Decimal:
    """Return what the customer owns, below zero owes, emergency credit left out."""
    return account.book.net


def debt_to_clear(account: Account) -> Decimal:
    """Return what has to be paid before emergency credit ends."""
    return position.debt_to_clear(account.book)


def emergency_offered(account: Account) -> bool:
    """Return whether the orange button would take emergency credit."""
    return position.emergency_offered(account.book)


def emergency_left(account: Account) -> Decimal | None:
    """Return what is left of emergency credit in use, None when none is in use."""
    return account.book.emergency_left


def active_rate(account: Account) -> int:
    """Return the active rate, 1 to 4."""
    return account.book.rate


def active_block_now(account: Account) -> int:
    """Return the active block, 1 to 4."""
    return active_block(account.book, account.book.rate)


def price_now(account: Account) -> Decimal:
    """Return what the next kWh costs, levy and VAT included."""
    book = account.book
    base = price(book.tariff, book.rate, active_block(book, book.rate))
    return base + surcharge(book, base)


def price_spans(account: Account, until: datetime) -> Iterator[PriceSpan]:
    """Yield the prices from the account's instant on, as far as the calendar knows them.

    Blocks are those of today; a future tariff counts from its date, in the block that its
    thresholds give for the use so far.
    """
    book, tariff = account.book, account.book.tariff
    clock, start, until = book.config.clock, book.at, utc(until)
    activation = midnight(clock, book.future.on) if book.future else None
    span: PriceSpan | None = None
    while start < until:
        if activation and book.future and start >= activation:
            tariff = book.future.tariff
        end = next_change(clock, tariff, book.config, start)
        rate = rate_at(book.config, tariff, local(clock, start))
        base = price(tariff, rate, _block(account, tariff, rate))
        cost = base + surcharge(book, base)
        if span and (span.rate, span.price_per_kwh) == (rate, cost):
            span = PriceSpan(start=span.start, end=end, rate=rate, price_per_kwh=cost)
        else:
            if span:
                yield span
            span = PriceSpan(start=start, end=end, rate=rate, price_per_kwh=cost)
        start = end
    if span:
        yield span


def _block(account: Account, tariff: Tariff, rate: int) -> int:
    if tariff is account.book.tariff:
        return active_block(account.book, rate)
    return block_after(tariff.thresholds_wh, account.book.usage_wh())


def next_price_change(account: Account) -> PriceSpan | None:
    """Return the next span with another price within a week, None when there is none."""
    week = account.book.at + 8 * DAY
    spans = price_spans(account, week)
    first = next(spans)
    return next((each for each in spans if each.price_per_kwh != first.price_per_kwh), None)


def cost_per_hour(account: Account, power_w: float) -> Decimal:
    """Return what an hour costs at this power, standing charge included (section 8.5, A19)."""
    energy_kwh = Decimal(str(power_w)) / KWH
    standing = account.book.tariff.standing_per_week / HOURS_PER_WEEK
    return max(energy_kwh, ZERO) * price_now(account) + standing


def cost_today(account: Account) -> Decimal:
    """Return energy, levy, VAT and standing charge taken since midnight (section 8.5)."""
    return account.book.cost_today


def energy_today_wh(account: Account) -> int:
    """Return the energy since midnight."""
    return account.book.total_wh - account.book.day_start_wh


def days_left(account: Account) -> Decimal | None:
    """Return for how many days the balance lasts at the rate of the last week.

    None without a whole day to go by, without use, or in credit mode. In pay-as-you-go it lasts
    down to the disconnection value.
    """
    book = account.book
    per_day = charges_per_day(account)
    if per_day <= 0 or book.config.mode is Mode.CREDIT:
        return None
    return max(position.balance(book) - lowest_credit(account), ZERO) / per_day


def charges_per_day(account: Account) -> Decimal:
    """Return what a day of the last week has cost; zero without a whole day to go by."""
    recent = account.book.recent_charges[-_DAYS_LOOKED_AT:]
    return sum(recent, ZERO) / len(recent) if recent else ZERO


def lowest_credit(account: Account) -> Decimal:
    """Return the credit at which the supply goes off: zero, or in pay-as-you-go less (4.6)."""
    config = account.book.config
    return config.disconnection_value if config.mode is Mode.PAY_AS_YOU_GO else ZERO


def credit_at(account: Account, until: datetime) -> Decimal | None:
    """Return the customer's own credit at an instant if the home goes on as in the last week.

    None in credit mode, in which nothing runs out.
    """
    if account.book.config.mode is Mode.CREDIT:
        return None
    days = Decimal(max(0.0, (until - account.book.at) / timedelta(days=1)))
    return net(account) - charges_per_day(account) * days


def last_payments(account: Account, count: int = 3) -> tuple[LoggedPayment, ...]:
    """Return the most recent payments, newest first."""
    return account.book.payments[::-1][:count]


def per_week(account: Account) -> Decimal:
    """Return the total weekly charge: standing charge and debt repayment (section 9.8.10)."""
    debt = account.book.debt_per_week if account.book.debt else ZERO
    return account.book.tariff.standing_per_week + debt


def period_day(account: Account) -> int:
    """Return what day of the billing period it is; the first is 1 (section 7.2.1)."""
    return (account.book.day - account.book.period_start).days + 1


def period_dates(account: Account) -> tuple[date, date]:
    """Return the first day of the billing period and that of the next."""
    return account.book.period_start, account.book.period_end


def period_usage_wh(account: Account) -> int:
    """Return the billing period usage value (section 7.2)."""
    return account.book.usage_wh()


def load_limit_active(account: Account) -> bool:
    """Return whether power over the load limit opens the supply now (MTR-20)."""
    return position.load_limit_active(account.book)


def power_limit_w(account: Account) -> int | None:
    """Return the load limit while it is active, else None: the cap of the balancer (SITE-1)."""
    return account.book.config.load_limit_w if load_limit_active(account) else None


def supply_on(account: Account) -> bool:
    """Return whether the contactor is closed."""
    return account.book.supply_on


def supply_offered(account: Account) -> bool:
    """Return whether the orange button would close the contactor."""
    return account.book.offered and position.may_be_on(account.book)


def status_flags(account: Account) -> tuple[Flag, ...]:
    """Return the meter's status flags (MTR-25)."""
    return position.status_flags(account.book)


def button_useful(account: Account) -> bool:
    """Return whether the orange button has anything to do."""
    return supply_offered(account) or emergency_offered(account)


def profile_slots(account: Account) -> Iterator[tuple[datetime, int | None]]:
    """Yield start and energy in watt-hours of the half hours kept; None: power failed."""
    end = account.book.profile_end
    if end is None:
        return
    slots = account.book.profile
    half_hour = DAY / 48
    for number, energy_wh in enumerate(slots):
        yield end - (len(slots) - number) * half_hour, energy_wh
