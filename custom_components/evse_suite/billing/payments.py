"""Payments, codes and credit adjustments (sections 4.2.1, 8.2 to 8.5; MTR-12, MTR-27)."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from .book import Book, LoggedPayment
from .clock import DAY, instants, local
from .credit import Charge, add_credit, debit
from .effects import CodeRejected, PaymentTaken
from .events import Adjust, Code, Payment, PaymentSource, Reason, Refused
from .model import MAX_BALANCE, Mode
from .position import balance

LOG_LENGTH = 20
COUNT_ROLLS_AT = 65536
"""65535 is shown, then 0 (A15)."""
CREDIT_ROLLS_AT = Decimal(100_000)
CODE_DIGITS = 20
WRONG_CODES = 5
WRONG_SETS = 5
_NEW_SETS = time(0, 1)
_PENNY = -2


def is_pennies(amount: Decimal) -> bool:
    """Return whether an amount is a finite number of whole pennies."""
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _PENNY


def check_payment(book: Book, payment: Payment) -> None:
    """Refuse what cannot be taken; a balance that would not fit is refused whole (A14)."""
    if not is_pennies(payment.amount) or not 0 < payment.amount <= MAX_BALANCE:
        raise Refused(Reason.AMOUNT)
    if book.config.mode is Mode.CREDIT:
        raise Refused(Reason.CREDIT_MODE)
    if payment.reference and any(each.reference == payment.reference for each in book.payments):
        raise Refused(Reason.DUPLICATE)
    _check_room(book, payment.amount)


def _check_room(book: Book, amount: Decimal) -> None:
    after = book.net + amount
    if book.emergency_left is not None and after < 0:
        after = balance(book)
    if after > MAX_BALANCE:
        raise Refused(Reason.BALANCE_FULL)


def pay(book: Book, payment: Payment, at: datetime) -> None:
    """Add a payment to the balance, the log, the total credit and the count."""
    line = LoggedPayment(
        at=at, amount=payment.amount, source=payment.source, reference=payment.reference
    )
    book.payments = (*book.payments, line)[-LOG_LENGTH:]
    book.total_credit = (book.total_credit + payment.amount) % CREDIT_ROLLS_AT
    book.payment_count = (book.payment_count + 1) % COUNT_ROLLS_AT
    book.shown_payment = payment.amount
    book.tell(PaymentTaken(at=at, amount=payment.amount))
    add_credit(book, payment.amount, at)


def check_adjust(book: Book, adjust: Adjust) -> None:
    """Refuse an adjustment that is no amount or does not fit."""
    if not is_pennies(adjust.amount) or not 0 < abs(adjust.amount) <= MAX_BALANCE:
        raise Refused(Reason.AMOUNT)
    if adjust.amount > 0:
        _check_room(book, adjust.amount)


def carry_adjust(book: Book, adjust: Adjust, at: datetime) -> None:
    """Adjust the balance; total credit counts it too (section 8.4, A16)."""
    book.total_credit = (book.total_credit + adjust.amount) % CREDIT_ROLLS_AT
    if adjust.amount > 0:
        add_credit(book, adjust.amount, at)
    else:
        debit(book, -adjust.amount, at, Charge.ADJUSTMENT)


def _as_payment(code: Code, amount: Decimal) -> Payment:
    return Payment(amount=amount, source=PaymentSource.BUTTON, reference=code.digits)


def check_code(book: Book, code: Code, at: datetime) -> None:
    """Refuse a code while entry is locked, one that is none, and one that was used before."""
    if book.code_locked_until is not None and at < book.code_locked_until:
        raise Refused(Reason.CODE_LOCKED, until=book.code_locked_until)
    digits = code.digits
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise Refused(Reason.CODE_FORMAT)
    if code.amount is not None:
        check_payment(book, _as_payment(code, code.amount))


def enter_code(book: Book, code: Code, at: datetime) -> None:
    """Take the payment, or count the wrong code and lock entry out.

    Five wrong ones in a row lock it until the next hour, five such sets until 00:01 of the next
    day, when the count of sets begins anew (A31); a good code clears the wrong ones before it.
    """
    if book.sets_until is not None and at >= book.sets_until:
        book.wrong_sets, book.sets_until = 0, None
    if code.amount is not None:
        book.wrong_codes = book.wrong_sets = 0
        pay(book, _as_payment(code, code.amount), at)
        return
    book.wrong_codes += 1
    locked_until = None
    if book.wrong_codes == WRONG_CODES:
        book.wrong_codes = 0
        book.wrong_sets += 1
        book.sets_until = _next_day(book, at)
        locked_until = book.sets_until if book.wrong_sets == WRONG_SETS else _next_hour(book, at)
        book.code_locked_until = locked_until
    book.tell(CodeRejected(at=at, locked_until=locked_until))


def _next_hour(book: Book, at: datetime) -> datetime:
    shown = local(book.config.clock, at)
    return at + timedelta(hours=1) - (shown - shown.replace(minute=0, second=0, microsecond=0))


def _next_day(book: Book, at: datetime) -> datetime:
    shown = local(book.config.clock, at)
    day = shown.date() + (DAY if shown.time() >= _NEW_SETS else 0 * DAY)
    return instants(book.config.clock, datetime.combine(day, _NEW_SETS))[0]
