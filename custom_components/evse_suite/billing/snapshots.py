"""Registers kept together on an occasion (MTR-22, MTR-23, MTR-30)."""

from datetime import datetime

from .book import Book, Snapshot
from .effects import SnapshotTaken
from .events import SnapshotKind
from .position import balance, status_flags


def take(
    book: Book, kind: SnapshotKind, at: datetime, *, ahead_wh: int = 0, rate: int = 1
) -> Snapshot:
    """Return the registers, as they were `ahead_wh` before at one rate, and tell of it."""
    rates = list(book.rates_wh)
    rates[rate - 1] -= ahead_wh
    book.tell(SnapshotTaken(at=at, kind=kind))
    return Snapshot(
        kind=kind,
        at=at,
        mpan=book.config.mpan,
        serial=book.config.serial,
        mode=book.config.mode,
        emergency_credit=book.emergency_left is not None,
        balance=balance(book),
        debt=book.debt,
        total_credit=book.total_credit,
        rates_wh=tuple(rates),
        total_wh=book.total_wh - ahead_wh,
        export_wh=book.export_wh,
        flags=status_flags(book),
    )


def keep(book: Book, kind: SnapshotKind, at: datetime) -> None:
    """Take a snapshot and keep it in place of the one before of its kind."""
    others = tuple(each for each in book.snapshots if each.kind != kind)
    book.snapshots = (*others, take(book, kind, at))
