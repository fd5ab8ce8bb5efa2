"""Which rate is active, whether the relay is closed, whether the hour is friendly (section 7.1).

A function of what the clock shows, so in the repeated hour of autumn the table counts again.
Readings of the manual: seasons change at 00:00 of the last Sunday (A2); after a special day the
rate is as if the day had been normal (A4); of two switches at one time the later row counts, and
before any switch was reached the last one of any earlier day does, or rate 1 (A5).
"""

from datetime import date, datetime, time

from .book import Book, Due
from .clock import DAY, local, next_of, nth_weekday
from .effects import RateSwitched, RelaySwitched
from .model import Clock, Config, FriendlyWindow, Season, SpecialDay, Switch, Tariff, TariffKind

_LOOK_BACK = 366
"""Days after which a switch that was once reached comes round again."""


def is_summer(day: date) -> bool:
    """Return whether a day is from the last Sunday of March to that of October."""
    return nth_weekday(day.year, 3, 5, 6) <= day < nth_weekday(day.year, 10, 5, 6)


def _counts(switch: Switch, day: date) -> bool:
    if day.weekday() not in switch.days:
        return False
    if switch.season is Season.ALL_YEAR:
        return True
    return is_summer(day) == (switch.season is Season.SUMMER)


def reached(switches: tuple[Switch, ...], shown: datetime) -> Switch | None:
    """Return the switch that was reached last when the clock shows this."""
    day, before = shown.date(), shown.time()
    for _ in range(_LOOK_BACK if switches else 0):
        found: Switch | None = None
        for switch in switches:
            if switch.start <= before and _counts(switch, day):
                found = switch if found is None or switch.start >= found.start else found
        if found:
            return found
        day, before = day - DAY, time.max
    return None


def special_day(config: Config, day: date) -> SpecialDay | None:
    """Return the rule of a special day."""
    return next((each for each in config.special_days if each.day == day), None)


def rate_at(config: Config, tariff: Tariff, shown: datetime) -> int:
    """Return the active rate, 1 to 4, when the clock shows this (MTR-3, MTR-4)."""
    if tariff.kind is TariffKind.BLOCK:
        return 1
    special = special_day(config, shown.date())
    if special and special.rate is not None:
        return special.rate
    switch = reached(tariff.switches, shown)
    return switch.rate if switch else 1


def relay_at(config: Config, tariff: Tariff, shown: datetime) -> bool:
    """Return whether the auxiliary relay is closed when the clock shows this."""
    special = special_day(config, shown.date())
    if special and special.relay_closed:
        return True
    switch = reached(tariff.switches, shown)
    return switch is not None and switch.relay_closed


def _within(window: FriendlyWindow | None, shown: time, *, yesterday: bool) -> bool:
    if window is None:
        return False
    if window.start < window.end:
        return not yesterday and window.start <= shown < window.end
    return shown < window.end if yesterday else shown >= window.start


def friendly_at(config: Config, shown: datetime) -> bool:
    """Return whether the supply may not be disconnected when the clock shows this (MTR-18)."""
    special = special_day(config, shown.date())
    if special and special.friendly:
        return True
    today, now = shown.weekday(), shown.time()
    return _within(config.friendly[today], now, yesterday=False) or _within(
        config.friendly[today - 1], now, yesterday=True
    )


def next_change(clock: Clock, tariff: Tariff, config: Config, after: datetime) -> datetime:
    """Return the next instant at which any of the three may change."""
    times = {switch.start for switch in tariff.switches}
    for window in config.friendly:
        if window:
            times |= {window.start, window.end}
    return next_of(clock, after, times)


def apply_calendar(book: Book, at: datetime) -> None:
    """Set rate, relay and friendly hour as of an instant, and note when to look again."""
    shown = local(book.config.clock, at)
    rate = rate_at(book.config, book.tariff, shown)
    closed = relay_at(book.config, book.tariff, shown)
    if rate != book.rate:
        book.tell(RateSwitched(at=at, rate=rate))
    if closed != book.relay_closed:
        book.tell(RelaySwitched(at=at, closed=closed))
    book.rate, book.relay_closed = rate, closed
    book.friendly = friendly_at(book.config, shown)
    book.put(Due.CALENDAR, next_change(book.config.clock, book.tariff, book.config, at))
