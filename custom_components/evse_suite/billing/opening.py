"""A new account: what installation enters (sections 5.1 and 9.10, MTR-30)."""

from .book import Book, Due
from .clock import DAY, local, midnight, utc
from .credit import review
from .events import Reading, SnapshotKind
from .instalments import INSTALMENT
from .model import RATES, ZERO, Config, Opening, Tariff
from .periods import period_of
from .profile import plan_slot
from .snapshots import keep
from .step import Account, begin
from .switching import apply_calendar
from .validate import check_config, check_opening, check_tariff


def open_account(config: Config, tariff: Tariff, opening: Opening) -> Account:
    """Return an account that begins at an instant with a balance and registers.

    Without rate registers at the source the account's own begin at zero. An opening balance counts
    as credit when positive and as a charge when negative. Raises `Impossible` with every line that
    is wrong.
    """
    check_config(config)
    check_tariff(tariff)
    check_opening(opening)
    at = utc(opening.at)
    day = local(config.clock, at).date()
    start, end = period_of(tariff.period, day)
    rates = list(opening.rates_wh or (0,) * RATES)
    source = Reading(at=at, total_wh=opening.total_wh, rates_wh=opening.rates_wh)
    instalment = at + INSTALMENT
    book = Book(
        config=config,
        tariff=tariff,
        opened=at,
        opened_day=day,
        at=at,
        diary={Due.INSTALMENT: instalment},
        next_due=instalment,
        source=source,
        source_export_wh=opening.export_wh,
        rates_wh=rates,
        total_wh=opening.total_wh,
        export_wh=opening.export_wh,
        currency=opening.currency,
        net=opening.balance,
        credits=max(opening.balance, ZERO),
        charges=max(-opening.balance, ZERO),
        debt=opening.debt,
        debt_per_week=opening.debt_per_week,
        day=day,
        period_start=start,
        period_end=end,
        period_rates_wh=tuple(rates),
        day_start_wh=opening.total_wh,
        slot_start_wh=opening.total_wh,
    )
    book.put(Due.MIDNIGHT, midnight(config.clock, day + DAY))
    apply_calendar(book, at)
    plan_slot(book, at)
    keep(book, SnapshotKind.INSTALLATION, at)
    review(book, at)
    book.drain()
    return begin(book)
