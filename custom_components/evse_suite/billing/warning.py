"""The low-credit warning (section 4.3.1, MTR-26).

30 s of sound when emergency credit becomes available, then 2 s of it every 30 s, from 60 s to
5 minutes after the start (A35). In a friendly period it waits for the end.
"""

from datetime import datetime, timedelta

from .book import Book, Due
from .effects import Beep, EmergencyCreditOffered
from .position import emergency_offered

FIRST_S = 30
AGAIN_S = 2
EVERY = timedelta(seconds=30)
LASTS = timedelta(minutes=5)


def review_warning(book: Book, at: datetime) -> None:
    """Begin or end the warning as the balance demands."""
    if not emergency_offered(book):
        book.emergency_announced = book.warned = False
        stop_warning(book)
        return
    if not book.emergency_announced:
        book.emergency_announced = True
        book.tell(EmergencyCreditOffered(at=at))
    if not book.warned and not book.friendly and book.config.low_credit_warning:
        book.warned = True
        book.warning_since = at
        book.tell(Beep(at=at, first=True, duration_s=FIRST_S))
        book.put(Due.BEEP, at + 2 * EVERY)


def stop_warning(book: Book) -> None:
    """Silence the buzzer."""
    if book.warning_since is not None:
        book.warning_since = None
        book.put(Due.BEEP, None)


def carry_beep(book: Book, at: datetime) -> None:
    """Sound again, for as long as it lasts."""
    if book.warning_since is None or at >= book.warning_since + LASTS:
        stop_warning(book)
        return
    book.tell(Beep(at=at, first=False, duration_s=AGAIN_S))
    book.put(Due.BEEP, at + EVERY)
