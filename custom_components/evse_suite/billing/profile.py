"""The half-hour profile (section 6.4, MTR-21); slots go by GMT (A34).

A slot wholly without power is a power failure; energy that was apportioned to it counts in the
next one with power. After more than three days without power the whole log is cleared.
"""

from datetime import datetime, timedelta

from .book import Book, Due
from .gas import HALF_HOUR, next_half_hour

SLOTS_KEPT = 30 * 48
LONGEST_OUTAGE = timedelta(days=3)


def plan_slot(book: Book, at: datetime) -> None:
    """Begin or end profiling as it is configured."""
    if book.config.profiling is None:
        book.put(Due.SLOT, None)
    elif Due.SLOT not in book.diary:
        book.slot_start_wh, book.slot_powered = book.total_wh, book.powered
        book.slot_start_spent = book.spent
        book.put(Due.SLOT, next_half_hour(at))


def carry_slot(book: Book, at: datetime) -> None:
    """End a slot and begin the next."""
    start = at - HALF_HOUR
    profiling = book.config.profiling
    if profiling and (profiling.start is None or start.date() >= profiling.start):
        if profiling.stop is None or start.date() <= profiling.stop:
            _keep_slot(book, start)
        book.slot_start_wh = book.total_wh if book.slot_powered else book.slot_start_wh
    else:
        book.slot_start_wh = book.total_wh
    book.slot_powered, book.slot_start_spent = book.powered, book.spent
    book.put(Due.SLOT, at + HALF_HOUR)


def _keep_slot(book: Book, start: datetime) -> None:
    if book.profile_end != start:
        clear_profile(book)
    energy = book.total_wh - book.slot_start_wh if book.slot_powered else None
    cost = book.spent - book.slot_start_spent
    book.profile = (*book.profile, energy)[-SLOTS_KEPT:]
    book.profile_costs = (*book.profile_costs, cost)[-SLOTS_KEPT:]
    book.profile_end = start + HALF_HOUR


def clear_profile(book: Book) -> None:
    """Forget the log."""
    book.profile, book.profile_costs, book.profile_end = (), (), None


def change_power(book: Book, at: datetime, *, on: bool) -> None:
    """Note that the meter lost its mains or has it again."""
    if not on:
        book.power_failed_at = book.power_failed_at or at
    elif book.power_failed_at is not None:
        if at - book.power_failed_at > LONGEST_OUTAGE:
            clear_profile(book)
        book.power_failed_at = None
        book.slot_powered = True
    book.powered = on
