"""How the account stands: the balance that is shown, exhaustion, what is on offer.

Readings of the manual: a balance is exhausted by each mode's own words (A8), "below zero" in
prepayment, "falls to zero" in single wallet mode, below the disconnection value in pay-as-you-go;
the supply comes back above zero (A9), in pay-as-you-go at the disconnection value (A32).
"""

from decimal import Decimal

from .book import Book
from .events import Flag
from .model import ZERO, Mode

PREPAID = (Mode.PREPAYMENT, Mode.SINGLE_WALLET)


def balance(book: Book) -> Decimal:
    """Return the present balance register (section 8.2)."""
    if book.emergency_left is None:
        return book.net
    return max(book.net, ZERO) + book.emergency_left


def debt_to_clear(book: Book) -> Decimal:
    """Return the debt to clear register; zero outside emergency credit (section 8.8)."""
    return ZERO if book.emergency_left is None else max(-book.net, ZERO)


def exhausted(book: Book) -> bool:
    """Return whether what may be used is used up."""
    mode = book.config.mode
    if mode is Mode.CREDIT:
        return False
    if mode is Mode.PAY_AS_YOU_GO:
        return book.net < book.config.disconnection_value
    left = balance(book)
    return left < 0 or (left == 0 and mode is Mode.SINGLE_WALLET)


def restorable(book: Book) -> bool:
    """Return whether a supply that went off for want of credit may come back."""
    mode = book.config.mode
    if mode is Mode.CREDIT:
        return False
    if mode is Mode.PAY_AS_YOU_GO:
        return book.net >= book.config.disconnection_value
    return balance(book) > 0


def limits_load(book: Book) -> bool:
    """Return whether load limiting takes the place of disconnection (section 4.7)."""
    return book.config.load_limit_w is not None


def load_limit_active(book: Book) -> bool:
    """Return whether power over the limit opens the supply now; always in credit mode (A33)."""
    if not limits_load(book):
        return False
    mode = book.config.mode
    if mode is Mode.CREDIT:
        return True
    if mode is Mode.PAY_AS_YOU_GO:
        return book.net < book.config.disconnection_value
    return balance(book) < 0


def emergency_offered(book: Book) -> bool:
    """Return whether emergency credit can be taken (section 8.8); a level is enough (A10)."""
    emergency = book.config.emergency
    return (
        emergency.enabled
        and emergency.value > 0
        and book.config.mode in PREPAID
        and book.emergency_left is None
        and not book.emergency_spent
        and book.net < emergency.point
    )


def status_flags(book: Book) -> tuple[Flag, ...]:
    """Return the meter's status flags; emergency mode is emergency credit in use (MTR-25)."""
    mode = () if book.emergency_left is None else (Flag.EMERGENCY_MODE,)
    return (*book.flags, *mode)


def may_be_on(book: Book) -> bool:
    """Return whether credit, a friendly hour or the load limit allow supply."""
    return not exhausted(book) or book.friendly or limits_load(book)
