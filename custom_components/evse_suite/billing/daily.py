"""Daily resolved blocks and their correction at midnight (section 7.7, MTR-9).

Each rate is taken by itself (A25), in whole kWh that were charged (A26): a day's kWh number n is
in the first block whose limit for one day it does not exceed. Limits are exact fractions of the
period's thresholds. At midnight the kWh of the period so far are put in the blocks that the limits
for all its days allow, and the difference at present prices is corrected.
"""

from datetime import date, datetime
from itertools import pairwise

from .book import Book
from .credit import Charge, debit
from .model import BLOCKS, KWH, RATES, ZERO, TariffKind


def days_counted(book: Book, day: date) -> int:
    """Return how many days of the period are over when a day begins, within the account (A44)."""
    return (day - max(book.period_start, book.opened_day)).days


def block_of_next(book: Book, rate: int) -> int:
    """Return the block, 1 to 4, of the kWh that is being used at a rate."""
    number = book.day_kwh[rate - 1] + 1
    return 1 + sum(limit < number for limit in _limits_kwh(book, 1))


def _limits_kwh(book: Book, days: int) -> list[int]:
    """Return the last whole kWh within blocks 1, 2 and 3 for so many days of the period."""
    period_days = (book.period_end - book.period_start).days
    limits = []
    for threshold in book.tariff.thresholds_wh:
        if threshold is None:
            break
        limits.append(threshold * days // (period_days * KWH))
    return limits


def split(kwh: int, limits_kwh: list[int]) -> list[int]:
    """Return how many kWh fall in each of four blocks with these upper limits."""
    edges = [0, *(min(kwh, limit) for limit in limits_kwh), kwh]
    parts = [upper - lower for lower, upper in pairwise(edges)]
    return parts + [0] * (BLOCKS - len(parts))


def reconcile(book: Book, day: date, at: datetime) -> None:
    """Correct the charges of the period so far, at the midnight that begins a day."""
    if not book.tariff.daily or book.tariff.kind is TariffKind.TIME_OF_USE:
        return
    limits = _limits_kwh(book, days_counted(book, day))
    correction = ZERO
    for rate in range(1, RATES + 1):
        charged = book.log_kwh[rate - 1 :: RATES]
        right = split(sum(charged), limits)
        for block, (was, now) in enumerate(zip(charged, right, strict=True)):
            correction += (now - was) * book.tariff.prices[rate - 1][block]
        book.log_kwh[rate - 1 :: RATES] = right
    if correction:
        debit(book, correction, at, Charge.CORRECTION)
