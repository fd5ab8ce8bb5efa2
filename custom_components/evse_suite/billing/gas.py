"""Gas in single wallet mode, and the gas meter's valve and mode (sections 4.6.3 and 4.6.5).

The gas meter sends its cost since midnight every half hour; the rise is taken from the balance. A
value that falls takes nothing and is forgotten (A39): the day's cost, sent after midnight, puts
right whatever was missed, and sent twice it changes nothing. Messages to the gas meter wait for
the next half hour; one that is no longer wanted by then is not sent.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from .book import Book, Due, GasDayRecord
from .effects import GasModeChanged, GasValve
from .model import ZERO, GasMode, Mode
from .position import restorable

HALF_HOUR = timedelta(minutes=30)
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
DAYS_KEPT = 28


def next_half_hour(after: datetime) -> datetime:
    """Return the next half hour by GMT."""
    return after + HALF_HOUR - (after - _EPOCH) % HALF_HOUR


def review_gas(book: Book, at: datetime) -> None:
    """Want the valve as the supply is: closed without credit, open when there is credit again."""
    if book.config.mode is Mode.SINGLE_WALLET:
        if not book.supply_on and not book.offered:
            book.gas_wanted = False
        elif book.supply_on or restorable(book):
            book.gas_wanted = True
    _plan(book, at)


def want_mode(book: Book, mode: GasMode, at: datetime) -> None:
    """Change the gas meter's mode with the next message."""
    book.gas_mode_wanted = mode
    _plan(book, at)


def _plan(book: Book, at: datetime) -> None:
    waits = book.gas_wanted != book.gas_open or book.gas_mode_wanted is not book.gas_mode
    if waits != (Due.GAS in book.diary):
        book.put(Due.GAS, next_half_hour(at) if waits else None)


def carry_gas(book: Book, at: datetime) -> None:
    """Send what waits."""
    if book.gas_wanted != book.gas_open:
        book.gas_open = book.gas_wanted
        book.tell(GasValve(at=at, open=book.gas_open))
    if book.gas_mode_wanted is not book.gas_mode:
        book.gas_mode = book.gas_mode_wanted
        book.tell(GasModeChanged(at=at, mode=book.gas_mode))
    book.put(Due.GAS, None)


def half_hour_rise(book: Book, since_midnight: Decimal) -> Decimal:
    """Keep the gas cost of the day so far and return what to take for it."""
    rise = max(since_midnight - book.gas_since_midnight, ZERO)
    book.gas_since_midnight += rise
    return rise


def close_gas_day(book: Book) -> None:
    """Keep what was collected on the day that ends."""
    record = GasDayRecord(day=book.day, collected=book.gas_since_midnight)
    if book.config.mode is Mode.SINGLE_WALLET:
        book.gas_days = (*book.gas_days, record)[-DAYS_KEPT:]
    book.gas_since_midnight = ZERO


def day_correction(book: Book, day: date, cost: Decimal) -> Decimal:
    """Keep the day's cost as collected and return what was missing."""
    missing = ZERO
    records = []
    for record in book.gas_days:
        if record.day == day:
            missing = cost - record.collected
            records.append(GasDayRecord(day=day, collected=cost))
        else:
            records.append(record)
    book.gas_days = tuple(records)
    return missing
