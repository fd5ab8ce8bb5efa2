"""The two buttons (sections 4.2, 4.7, 6.3 and 8.8)."""

from datetime import datetime, timedelta

from .book import Book, Due
from .credit import take_emergency
from .events import Button, OffReason, Press, Reason, Refused
from .position import emergency_offered, may_be_on
from .supply import close_supply
from .warning import stop_warning

DISPLAY_REVERTS = timedelta(seconds=30)
"""The display goes back to its default page when no button was pressed for so long."""


def check_press(book: Book, press: Press) -> None:
    """Refuse the orange button when it has nothing to do."""
    if press.button is Button.DISPLAY or emergency_offered(book):
        return
    if not (book.offered and may_be_on(book)):
        raise Refused(Reason.NOT_AVAILABLE)


def carry_press(book: Book, press: Press, at: datetime) -> None:
    """Turn the page, or restore an offered supply, or else take emergency credit.

    One press takes emergency credit and closes what had opened for want of credit (A11).
    """
    if press.button is Button.DISPLAY:
        _turn_page(book, at)
    elif book.offered and may_be_on(book):
        close_supply(book, at)
    elif emergency_offered(book):
        take_emergency(book, at)
        if book.off_reason is OffReason.CREDIT and may_be_on(book):
            close_supply(book, at)


def _turn_page(book: Book, at: datetime) -> None:
    if Due.BEEP in book.diary:
        stop_warning(book)
    if book.shown_payment is not None:
        book.shown_payment = None
        return
    running = book.page_at is not None and at - book.page_at < DISPLAY_REVERTS
    book.page = book.page + 1 if running else 1
    book.page_at = at
