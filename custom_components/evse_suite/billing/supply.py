"""The contactor: opening, offering, closing, load limit (sections 4.6, 4.7 and 6.3).

A supply that is off comes back in two steps: it is offered, and the customer presses the orange
button. Whoever drives a real contactor follows `Book.supply_on`.
"""

from datetime import datetime, timedelta

from .book import Book, Due
from .effects import SupplyClosed, SupplyOffered, SupplyOpened
from .events import OffReason
from .gas import review_gas
from .position import limits_load, load_limit_active, may_be_on, restorable

OFF_MESSAGE = timedelta(seconds=5)
"""How long OFF is shown after the load limit tripped."""


def open_supply(book: Book, reason: OffReason, at: datetime) -> None:
    """Open the contactor."""
    if book.supply_on or book.off_reason is not reason:
        book.tell(SupplyOpened(at=at, reason=reason))
    book.supply_on, book.offered, book.off_reason = False, False, reason


def offer_supply(book: Book, at: datetime) -> None:
    """Let the customer close the contactor, unless credit forbids it: then that is the reason."""
    if not may_be_on(book):
        book.off_reason, book.offered = OffReason.CREDIT, False
    elif not book.offered:
        book.offered = True
        book.tell(SupplyOffered(at=at))


def close_supply(book: Book, at: datetime) -> None:
    """Close the contactor."""
    book.supply_on, book.offered, book.off_reason = True, False, None
    book.tell(SupplyClosed(at=at))


def review_supply(book: Book, at: datetime) -> None:
    """Open or offer the supply as the balance demands (MTR-19)."""
    if not may_be_on(book):
        if book.supply_on:
            open_supply(book, OffReason.CREDIT, at)
        book.offered = False
    elif book.off_reason is OffReason.CREDIT and (restorable(book) or limits_load(book)):
        offer_supply(book, at)
    review_gas(book, at)


def trips(book: Book, power_w: int) -> bool:
    """Return whether this power opens the supply: over an active limit; equal is not over."""
    limit_w = book.config.load_limit_w
    return book.supply_on and limit_w is not None and load_limit_active(book) and power_w > limit_w


def measure_load(book: Book, power_w: int, at: datetime) -> None:
    """Open the supply when power is over the load limit (MTR-20)."""
    if trips(book, power_w):
        open_supply(book, OffReason.LOAD_LIMIT, at)
        book.put(Due.OFF, at + OFF_MESSAGE)


def carry_off(book: Book, at: datetime) -> None:
    """End the OFF message: PUSH BUTTON."""
    book.put(Due.OFF, None)
    if book.off_reason is OffReason.LOAD_LIMIT:
        offer_supply(book, at)
