"""Time and energy: everything due is carried out in order, at its own instant.

Energy between two readings is charged stretch by stretch, so what fell due in between finds the
registers as they were then.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from .activation import carry_tariff
from .book import Book, Due, Pending
from .clock import utc
from .commands import carry_out, carry_pending
from .events import Reading
from .gas import carry_gas
from .instalments import carry_instalment
from .periods import carry_midnight
from .profile import carry_slot
from .reads import carry_read
from .registers import Flow, Use, active_times, added, rolls_at_wh
from .supply import carry_off, review_supply
from .switching import apply_calendar
from .tariff import use_energy
from .warning import carry_beep, review_warning


def _carry_calendar(book: Book, at: datetime) -> None:
    """Look at the calendar; the end of a friendly period lets wait no longer (section 8.6)."""
    was_friendly = book.friendly
    apply_calendar(book, at)
    if was_friendly and not book.friendly:
        review_supply(book, at)
        review_warning(book, at)


CARRY: Final[dict[Due, Callable[[Book, datetime], None]]] = {
    Due.SLOT: carry_slot,
    Due.MIDNIGHT: carry_midnight,
    Due.CALENDAR: _carry_calendar,
    Due.PENDING: carry_pending,
    Due.TARIFF: carry_tariff,
    Due.INSTALMENT: carry_instalment,
    Due.READ: carry_read,
    Due.GAS: carry_gas,
    Due.OFF: carry_off,
    Due.BEEP: carry_beep,
}


def advance(book: Book, until: datetime, flow: Flow | None = None) -> None:
    """Carry out what falls due until an instant, inclusive, while energy flows."""
    while book.next_due <= until:
        at = book.next_due
        _move(book, at, flow)
        for due, carry in CARRY.items():
            if book.diary.get(due) == at:
                carry(book, at)
    _move(book, until, flow)


def _move(book: Book, until: datetime, flow: Flow | None) -> None:
    if flow is not None and (until > flow.start or until >= flow.end):
        for rate, wh in flow.take(book.at, until, book.rate):
            if wh:
                use_energy(book, rate, wh, until)
    book.at = max(book.at, until)


def carry_waiting(book: Book, waiting: Iterable[Pending], flow: Flow | None = None) -> None:
    """Carry out commands, each at its instant."""
    for each in waiting:
        advance(book, each.at, flow)
        carry_out(each.command, book, each.at)


def settle(book: Book, reading: Reading, use: Use, waiting: Sequence[Pending]) -> None:
    """Charge the energy up to a reading, with the commands that were given in between."""
    start, end = book.source.at, utc(reading.at)
    parted = use.rates_wh is not None and (book.next_due <= end or any(waiting))
    active = active_times(book.config, book.tariff, start, end) if parted else ()
    flow = Flow(start=start, end=end, use=use, active=active)
    carry_waiting(book, waiting, flow)
    advance(book, end, flow)
    _count_export(book, reading)
    book.source = reading
    if use.rates_wh is None and sum(wh > 0 for wh in flow.given_wh) > 1:
        book.estimated_wh += use.total_wh


def _count_export(book: Book, reading: Reading) -> None:
    """Add what was exported since a reading last told; a register that fell adds nothing."""
    if reading.export_wh is None:
        return
    rolls = rolls_at_wh(book.config.registers)
    exported = added(book.source_export_wh, reading.export_wh, rolls)
    if exported is not None:
        book.export_wh += exported
        book.source_export_wh = reading.export_wh
