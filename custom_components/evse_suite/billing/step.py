"""The door: an account, what happens to it, and what follows.

An account remembers two to three days back. A reading that arrives late is put where it belongs and
everything since is worked out again, so the same readings give the same money in whatever order,
batches and repetitions they come.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from .advance import advance, carry_waiting, settle
from .book import Book, Pending
from .clock import utc
from .commands import carry_out, check
from .effects import Effect, ReadingFault, ReadingIgnored
from .events import Command, Event, Load, Reading, Readings, ReplaceSource, Tick
from .model import KWH
from .registers import use_between
from .supply import trips
from .tariff import use_energy

CHECKPOINT: Final = timedelta(days=1)
"""How far apart the states are to which a late reading can go back; three of them are kept."""
STATES: Final = 3

type Entry = Reading | Pending
"""A reading, or a command with the instant at which it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account at one instant; `book` is its state, the rest is for late readings."""

    book: Book
    anchor: Book
    """Right after the newest reading."""
    tail: tuple[Pending, ...]
    """Commands since then."""
    checkpoints: tuple[Book, ...]
    """Older states, each right after a reading, oldest first."""
    entries: tuple[Entry, ...]
    """Everything since the oldest checkpoint."""
    told: tuple[Effect, ...] = ()
    """The effects of that time."""


def step(account: Account, event: Event, now: datetime) -> tuple[Account, tuple[Effect, ...]]:
    """Return the account after an event at `now`, and what the world is to be told.

    A clock that was set back does not turn the account back: the event then counts as happening at
    the account's own time. Raises `Refused` or `Impossible` for a command that cannot be carried
    out, and `ValueError` for an instant without time zone.
    """
    now = max(utc(now), account.book.at)
    if isinstance(event, Readings):
        return _read(account, event.readings, now)
    if isinstance(event, Tick):
        book = account.book.copy()
        advance(book, now)
        return _told(replace(account, book=book), book.drain())
    return _command(account, event, now)


def begin(book: Book) -> Account:
    """Return an account that knows nothing before this state."""
    return Account(book=book, anchor=book, tail=(), checkpoints=(book,), entries=())


def _told(account: Account, effects: Sequence[Effect]) -> tuple[Account, tuple[Effect, ...]]:
    if not effects:
        return account, ()
    oldest = account.checkpoints[0].at
    kept = tuple(each for each in account.told if each.at >= oldest)
    return replace(account, told=(*kept, *effects)), tuple(effects)


def _command(
    account: Account, command: Command, now: datetime
) -> tuple[Account, tuple[Effect, ...]]:
    book = account.book.copy()
    advance(book, now)
    check(command, book, now)
    if isinstance(command, Load) and not trips(book, command.power_w):
        return _told(replace(account, book=book), book.drain())
    carry_out(command, book, now)
    effects = book.drain()
    if isinstance(command, ReplaceSource):
        return _told(begin(book), effects)
    entry = Pending(at=now, command=command)
    tail, entries = (*account.tail, entry), (*account.entries, entry)
    return _told(replace(account, book=book, tail=tail, entries=entries), effects)


def _order(entry: Entry) -> tuple[datetime, bool, int]:
    """Put entries in order of time, readings before commands, lower before higher ones."""
    if isinstance(entry, Reading):
        return entry.at, False, entry.total_wh
    return entry.at, True, 0


def _read(
    account: Account, readings: Iterable[Reading], now: datetime
) -> tuple[Account, tuple[Effect, ...]]:
    """Take readings in; those from the future wait for nothing and count as of now."""
    newest = account.anchor.source
    normal = (_normal(each, now) for each in readings)
    fresh = sorted((each for each in normal if each != newest), key=_order)
    if fresh and fresh[0].at <= newest.at:
        return _read_late(account, fresh, now)
    entries: list[Entry] = [*account.tail, *fresh]
    if account.tail:
        entries.sort(key=_order)
    run = _Run(account.anchor, account.checkpoints)
    run.work(entries, now)
    again = account.book is not account.anchor
    return run.account(account, (*account.entries, *fresh), again=again)


def _read_late(
    account: Account, fresh: list[Reading], now: datetime
) -> tuple[Account, tuple[Effect, ...]]:
    """Go back to the last state before the oldest reading and work everything out again."""
    oldest = account.checkpoints[0].source.at
    known = frozenset(account.entries) if len(fresh) > 1 else account.entries
    new = [each for each in fresh if each.at > oldest and each not in known]
    lost = [
        ReadingIgnored(at=each.at, fault=ReadingFault.TOO_LATE)
        for each in fresh
        if each.at < oldest
    ]
    if not new:
        book = account.book.copy()
        advance(book, now)
        return _told(replace(account, book=book), (*lost, *book.drain()))
    base = next(
        (each for each in reversed(account.checkpoints) if each.source.at < new[0].at),
        account.checkpoints[0],
    )
    entries = sorted((*account.entries, *new), key=_order)
    kept = tuple(each for each in account.checkpoints if each.source.at <= base.source.at)
    run = _Run(base, kept)
    run.book.effects += lost
    run.work((each for each in entries if _after(each, base)), now)
    return run.account(account, entries, again=True)


def _after(entry: Entry, book: Book) -> bool:
    at = book.source.at
    return entry.at > at or (entry.at == at and isinstance(entry, Pending))


def _normal(reading: Reading, now: datetime) -> Reading:
    at = min(utc(reading.at), now)
    return reading if at is reading.at else replace(reading, at=at)


@dataclass(slots=True)
class _Run:
    """Carrying out entries in order from some state, and the states on the way."""

    start: Book
    checkpoints: tuple[Book, ...]
    book: Book = field(init=False)
    anchor: Book = field(init=False)
    waiting: list[Pending] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = self.start.copy()
        self.anchor = self.start

    def work(self, entries: Iterable[Entry], now: datetime) -> None:
        """Carry out entries, then what falls due until now."""
        for entry in entries:
            if isinstance(entry, Reading):
                if self.waiting or not _take_simple(self.book, entry):
                    self._take(entry)
                if entry.at >= self.checkpoints[-1].source.at + CHECKPOINT:
                    self._mark()
            else:
                self.waiting.append(entry)
        if self.waiting or self.book.next_due <= now:
            self.anchor = self._state()
            carry_waiting(self.book, self.waiting)
            advance(self.book, now)
        else:
            self.anchor = self.book

    def _take(self, reading: Reading) -> None:
        use = use_between(self.book.config, self.book.source, reading)
        if isinstance(use, ReadingFault):
            self.book.tell(ReadingIgnored(at=reading.at, fault=use))
            return
        settle(self.book, reading, use, self.waiting)
        self.waiting.clear()

    def _mark(self) -> None:
        if self.book.source.at > self.checkpoints[-1].source.at and not self.waiting:
            self.checkpoints = (*self.checkpoints, self._state())[-STATES:]

    def _state(self) -> Book:
        return self.book.copy()

    def account(
        self, before: Account, entries: Sequence[Entry], *, again: bool
    ) -> tuple[Account, tuple[Effect, ...]]:
        """Return the account as it is now, and the effects that are new."""
        effects = self.book.drain()
        if again:
            effects = list((Counter(effects) - Counter(before.told)).elements())
        oldest = self.checkpoints[0]
        if oldest is not before.checkpoints[0]:
            entries = [each for each in entries if _after(each, oldest)]
        after = Account(
            book=self.book,
            anchor=self.anchor,
            tail=tuple(self.waiting),
            checkpoints=self.checkpoints,
            entries=tuple(entries),
            told=before.told,
        )
        return _told(after, effects)


def _take_simple(book: Book, reading: Reading) -> bool:
    """Take a reading before which nothing is due; return whether it was one of these."""
    used_wh = reading.total_wh - book.source.total_wh
    if (
        reading.at >= book.next_due
        or not 0 <= used_wh <= KWH
        or reading.rates_wh is not None
        or reading.export_wh is not None
        or reading.at < book.at
    ):
        return False
    if used_wh:
        use_energy(book, book.rate, used_wh, reading.at)
    book.source = reading
    book.at = reading.at
    return True
