"""Billing periods and what happens at midnight (sections 7.2.1, 7.7, 7.8 and 8.5; MTR-5).

A period of n days or months ends at the midnight that begins the day n days or months after its
first; that first day is day 1 (A37). Midnight is that of the meter's clock (A1).
"""

from datetime import date, datetime, timedelta

from . import daily, levy
from .book import Book, Due, PeriodRecord
from .clock import DAY, midnight
from .effects import PeriodEnded
from .gas import close_gas_day
from .model import BLOCKS, RATES, ZERO, BillingPeriod, PeriodUnit
from .reads import plan_read

PERIODS_KEPT = 24
DAYS_KEPT = 28


def end_of(period: BillingPeriod, start: date) -> date:
    """Return the first day of the period after the one that starts on a day."""
    if period.unit is PeriodUnit.DAYS:
        return start + timedelta(days=period.length)
    months = start.month - 1 + period.length
    return date(start.year + months // 12, months % 12 + 1, start.day)


def period_of(period: BillingPeriod, day: date) -> tuple[date, date]:
    """Return the first day of the period that a day is in, and that of the next.

    Periods are counted from the last time the start date came round.
    """
    start = date(day.year, period.start_month, period.start_day)
    if start > day:
        start = start.replace(year=day.year - 1)
    end = end_of(period, start)
    while end <= day:
        start, end = end, end_of(period, end)
    return start, end


def begin_period(book: Book, start: date, end: date, at: datetime) -> None:
    """Keep the record of the period that ends and begin another with use zero."""
    record = PeriodRecord(
        start=book.period_start,
        end=start,
        at=at,
        energy_wh=sum(book.rates_wh) - sum(book.period_rates_wh),
        charges=book.period_charges,
        levy=book.period_levy,
    )
    book.periods = (*book.periods, record)[-PERIODS_KEPT:]
    book.period_start, book.period_end = start, end
    book.period_rates_wh = tuple(book.rates_wh)
    book.period_charges = book.period_levy = ZERO
    book.log_kwh = [0] * (RATES * BLOCKS)
    book.day_kwh = [0] * RATES
    book.threshold_snapshots = ()
    book.tell(PeriodEnded(at=at))


def carry_midnight(book: Book, at: datetime) -> None:
    """End a day: corrections, averages, cost registers, period; then begin the next."""
    day = book.day + DAY
    daily.reconcile(book, day, at)
    levy.assess(book, day)
    close_gas_day(book)
    book.recent_charges = (*book.recent_charges, book.day_charges)[-DAYS_KEPT:]
    book.cost_today = book.day_charges = ZERO
    book.day_kwh = [0] * RATES
    book.day_start_wh = book.total_wh
    book.day = day
    if day >= book.period_end:
        begin_period(book, day, end_of(book.tariff.period, day), at)
    plan_read(book, at)
    book.put(Due.MIDNIGHT, midnight(book.config.clock, day + DAY))
