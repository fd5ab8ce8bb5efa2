"""Scheduled reads at a random offset after midnight (section 6.5, MTR-22).

Chance has no place here: the offset of a day follows from the account's seed.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from .book import Book, Due
from .events import SnapshotKind
from .model import ReadSchedule
from .snapshots import keep

LATEST_S = 2 * 60 * 60


def plan_read(book: Book, midnight: datetime) -> None:
    """Note the read of the day that begins, if its schedule has one."""
    day = book.day
    due = {
        ReadSchedule.NEVER: False,
        ReadSchedule.DAILY: True,
        ReadSchedule.WEEKLY: day.weekday() == 0,
        ReadSchedule.MONTHLY: day.day == 1,
        ReadSchedule.BILLING_PERIOD: day == book.period_start,
    }[book.config.reads]
    if due:
        digest = sha256(f"{book.config.read_seed}:{day}".encode()).digest()
        offset = int.from_bytes(digest[:4]) % (LATEST_S + 1)
        book.put(Due.READ, midnight + timedelta(seconds=offset))


def carry_read(book: Book, at: datetime) -> None:
    """Take the read; the last one is kept."""
    book.put(Due.READ, None)
    keep(book, SnapshotKind.SCHEDULED, at)
