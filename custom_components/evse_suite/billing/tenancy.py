"""Change of tenancy or supplier (section 6.2, MTR-23): every item is an option (A29)."""

from dataclasses import replace
from datetime import datetime

from .book import Book, Due
from .credit import Charge, add_credit, debit, end_emergency, review
from .events import OffReason, SnapshotKind, Tenancy
from .model import BLOCKS, RATES, ZERO
from .periods import begin_period, end_of
from .profile import clear_profile
from .snapshots import keep
from .supply import offer_supply, open_supply


def change_tenancy(book: Book, change: Tenancy, at: datetime) -> None:
    """Keep a snapshot, then do what is asked for, at once."""
    keep(book, SnapshotKind.TENANCY, at)
    _change_money(book, change, at)
    _change_tariff(book, change, at)
    if change.clear_profile:
        clear_profile(book)
    if change.supply is False:
        open_supply(book, OffReason.COMMAND, at)
    elif change.supply and not book.supply_on:
        offer_supply(book, at)
    review(book, at)


def _change_money(book: Book, change: Tenancy, at: datetime) -> None:
    if book.emergency_left is not None:
        end_emergency(book, at, spent=False)
    book.emergency_spent = False
    if change.balance is not None:
        difference = change.balance - book.net
        if difference > 0:
            add_credit(book, difference, at)
        elif difference < 0:
            debit(book, -difference, at, Charge.ADJUSTMENT)
    if change.debt is not None:
        book.debt = change.debt
    if change.clear_payments:
        book.payments, book.shown_payment = (), None
    if change.zero_total_credit:
        book.total_credit = ZERO
    if change.zero_payment_count:
        book.payment_count = 0


def _change_tariff(book: Book, change: Tenancy, at: datetime) -> None:
    tariff = book.tariff
    if change.zero_prices:
        tariff = replace(tariff, prices=((ZERO,) * BLOCKS,) * RATES)
    if change.zero_standing:
        tariff = replace(tariff, standing_per_week=ZERO)
    book.tariff = tariff
    if change.reset_period:
        begin_period(book, book.day, end_of(tariff.period, book.day), at)
    if change.clear_future_tariff:
        book.future = None
        book.put(Due.TARIFF, None)
