"""What is put into the account and taken out of it, and emergency credit (sections 8.2, 8.8).

`net` is what the customer owns or owes. Emergency credit in use is kept beside it: the balance that
is shown is own credit plus what is left of emergency credit, the debt to clear is what `net` lacks
to zero. So whatever happens, credits less charges are `net`, and emergency credit that is left
when the debt is repaid just ends.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .book import Book
from .effects import EmergencyCreditEnded, EmergencyCreditTaken
from .model import ZERO
from .position import PREPAID, exhausted
from .supply import review_supply
from .warning import review_warning


class Charge(StrEnum):
    """For what money is taken."""

    ENERGY = "energy"
    STANDING = "standing"
    DEBT = "debt"
    GAS = "gas"
    CORRECTION = "correction"
    """Of daily resolved blocks, at midnight; negative when too much was charged."""
    ADJUSTMENT = "adjustment"
    """By command."""


_TODAY = frozenset({Charge.ENERGY, Charge.STANDING})
"""What cost today consists of (A18)."""
_PERIOD = _TODAY | {Charge.CORRECTION}


def debit(
    book: Book, amount: Decimal, at: datetime, charge: Charge, *, spares_emergency: bool = False
) -> None:
    """Take an amount, from own credit first; a negative one is given back.

    With `spares_emergency` what own credit does not cover only adds to the debt to clear (option i
    of sections 8.9 and 8.10).
    """
    own = max(book.net, ZERO)
    book.net -= amount
    book.charges += amount
    if charge is not Charge.ADJUSTMENT:
        book.day_charges += amount
    if charge in _TODAY:
        book.cost_today += amount
    if charge in _PERIOD:
        book.period_charges += amount
        book.spent += amount
    if amount < 0:
        _after_credit(book, at)
        return
    if book.emergency_left is not None and not spares_emergency:
        book.emergency_left -= max(amount - own, ZERO)
    review(book, at)


def add_credit(book: Book, amount: Decimal, at: datetime) -> None:
    """Put in a positive amount."""
    book.net += amount
    book.credits += amount
    _after_credit(book, at)


def _after_credit(book: Book, at: datetime) -> None:
    """End emergency credit when the debt is repaid, to the penny or with more (A9)."""
    if book.net >= 0:
        book.emergency_spent = False
        if book.emergency_left is not None:
            end_emergency(book, at, spent=False)
    review(book, at)


def take_emergency(book: Book, at: datetime) -> None:
    """Lend the emergency credit; a balance below zero becomes the debt to clear (MTR-14)."""
    book.emergency_left = book.config.emergency.value
    book.tell(EmergencyCreditTaken(at=at))
    review(book, at)


def end_emergency(book: Book, at: datetime, *, spent: bool) -> None:
    """Let what is owed show in the balance again."""
    book.emergency_left = None
    book.emergency_spent = spent
    book.tell(EmergencyCreditEnded(at=at, exhausted=spent))


def review(book: Book, at: datetime) -> None:
    """Draw the conclusions from a balance that changed."""
    if book.emergency_left is not None:
        if book.config.mode not in PREPAID:
            end_emergency(book, at, spent=False)
        elif exhausted(book):
            end_emergency(book, at, spent=True)
    review_supply(book, at)
    review_warning(book, at)
