"""Tariffs that come into force (section 7.6, MTR-8)."""

from datetime import datetime

from .book import Book, Due
from .effects import TariffActivated
from .model import Tariff
from .periods import begin_period, period_of
from .switching import apply_calendar


def activate(book: Book, tariff: Tariff, at: datetime) -> None:
    """Let a tariff be the active one; other billing periods begin at once with use zero."""
    new_periods = tariff.period != book.tariff.period
    book.tariff = tariff
    book.tell(TariffActivated(at=at))
    if new_periods:
        begin_period(book, book.day, period_of(tariff.period, book.day)[1], at)
    apply_calendar(book, at)


def carry_tariff(book: Book, at: datetime) -> None:
    """Let the future tariff overwrite the active one."""
    book.put(Due.TARIFF, None)
    if book.future:
        future, book.future = book.future, None
        activate(book, future.tariff, at)
