"""Standing charge and debt in hundredths of a week (sections 8.9 and 8.10, MTR-15, MTR-16).

Every 1.68 h from the opening of the account (A27). What falls due without power, or while option B
halts it, is never made up for. In emergency credit option i or ii decides; B halts at a balance of
zero or below when no emergency credit is in use (A12, A43). In credit mode nothing is prepaid, so B
halts nothing there.
"""

from datetime import datetime, timedelta

from .book import Book, Due
from .credit import Charge, debit
from .model import Collection, Mode

INSTALMENT = timedelta(seconds=6048)
_HUNDREDTH = -2


def carry_instalment(book: Book, at: datetime) -> None:
    """Collect one instalment of each and note the next."""
    book.instalments += 1
    book.put(Due.INSTALMENT, book.opened + (book.instalments + 1) * INSTALMENT)
    if not book.powered:
        return
    standing = book.tariff.standing_per_week
    if standing and not _halted(book, book.config.standing):
        spares = book.config.standing.spares_emergency_credit
        amount = standing.scaleb(_HUNDREDTH)
        debit(book, amount, at, Charge.STANDING, spares_emergency=spares)
    if book.debt and book.debt_per_week and not _halted(book, book.config.debt):
        spares = book.config.debt.spares_emergency_credit
        amount = min(book.debt_per_week.scaleb(_HUNDREDTH), book.debt)
        book.debt -= amount
        debit(book, amount, at, Charge.DEBT, spares_emergency=spares)


def _halted(book: Book, collection: Collection) -> bool:
    return (
        collection.halts_without_credit
        and book.config.mode is not Mode.CREDIT
        and book.emergency_left is None
        and book.net <= 0
    )
