"""An account as plain data: to survive a restart, and to move into another meter (MTR-30).

Kept are the state right after the newest reading and the commands since then, which are carried
out again; so a kept account goes on to the penny as if it had never been away. What is forgotten
are only the older states for late readings.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from .advance import advance, carry_waiting
from .book import Book, Due, Pending
from .codec import BadData, decode, encode
from .events import Reading, ReplaceSource
from .step import Account, step
from .validate import config_problems, tariff_problems

VERSION: Final = 1
LONGEST_GAP: Final = timedelta(days=3660)
"""A meter that was silent for longer is not carried on from; to do so would take for ever."""
_MONEY: Final = ("prices.", "standing", "levy.", "emergency.", "disconnection_value")
"""Lines that a currency conversion may have taken out of what can be typed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of an account."""

    version: int
    at: datetime
    book: Book
    """Right after the newest reading."""
    tail: tuple[Pending, ...] = ()


def dump(account: Account) -> dict[str, Any]:
    """Return an account as data that JSON can hold."""
    kept = Kept(version=VERSION, at=account.book.at, book=account.anchor, tail=account.tail)
    plain: dict[str, Any] = encode(kept)
    del plain["book"]["effects"]
    return plain


def load(data: Any) -> Account:
    """Return the account that was kept; raises `BadData` for what is none.

    Effects of what is carried out again are not told again.
    """
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise BadData("version", str(VERSION))
    kept: Kept = decode(Kept, data)
    _check(kept.book)
    if kept.at - kept.book.at > LONGEST_GAP:
        raise BadData("at", "at most ten years after the newest reading")
    book = kept.book.copy()
    carry_waiting(book, kept.tail)
    advance(book, max(kept.at, book.at))
    told = tuple(book.drain())
    return Account(
        book=book,
        anchor=kept.book,
        tail=kept.tail,
        checkpoints=(kept.book,),
        entries=kept.tail,
        told=told,
    )


def _check(book: Book) -> None:
    """Refuse a book that cannot be: lists of other lengths, money that does not add up."""
    lengths = {"rates_wh": 4, "period_rates_wh": 4, "log_kwh": 16, "day_kwh": 4}
    for name, length in lengths.items():
        if len(getattr(book, name)) != length:
            raise BadData(f"book.{name}", f"list of {length}")
    if book.credits - book.charges != book.net:
        raise BadData("book.net", "credits less charges")
    if not {Due.MIDNIGHT, Due.CALENDAR, Due.INSTALMENT} <= book.diary.keys():
        raise BadData("book.diary", "missing")
    if book.next_due != min(book.diary.values()):
        raise BadData("book.next_due", "the first of the diary")
    for problem in (*config_problems(book.config), *tariff_problems(book.tariff)):
        if not problem.path.startswith(_MONEY):
            raise BadData(f"book.{problem.path}", problem.wrong)


def restore(data: Any, reading: Reading, now: datetime) -> Account:
    """Return a kept account that goes on with another meter, whose registers show this now.

    Balance, arrears, registers and everything else are as they were; what the new meter's
    registers showed before is not charged.
    """
    account, _ = step(load(data), ReplaceSource(reading=reading), now)
    return account
