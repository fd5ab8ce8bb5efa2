"""Currency conversion at 00:00 of a date (section 8.11).

Everything that is money is multiplied (A20), except the payments log and a future tariff, which are
in the currency of their own date. Results are kept to a millionth.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from .book import Book, GasDayRecord
from .events import ConvertCurrency, SnapshotKind
from .model import ZERO, Config, Tariff
from .snapshots import keep

LEAST_FACTOR = Decimal("0.25")
MOST_FACTOR = Decimal(4)
_EXACT = Decimal("0.000001")


def convert(book: Book, order: ConvertCurrency, at: datetime) -> None:
    """Keep a snapshot, convert, and begin total credit and the count of payments anew."""
    keep(book, SnapshotKind.CURRENCY, at)
    factor = order.factor
    book.net = _times(book.net, factor)
    book.credits = _times(book.credits, factor)
    book.charges = book.credits - book.net
    if book.emergency_left is not None:
        book.emergency_left = _times(book.emergency_left, factor)
    book.debt = _times(book.debt, factor)
    book.debt_per_week = _times(book.debt_per_week, factor)
    book.period_charges = _times(book.period_charges, factor)
    book.period_levy = _times(book.period_levy, factor)
    book.cost_today = _times(book.cost_today, factor)
    book.day_charges = _times(book.day_charges, factor)
    book.spent = _times(book.spent, factor)
    book.slot_start_spent = _times(book.slot_start_spent, factor)
    book.profile_costs = tuple(_times(each, factor) for each in book.profile_costs)
    book.recent_charges = tuple(_times(each, factor) for each in book.recent_charges)
    book.gas_since_midnight = _times(book.gas_since_midnight, factor)
    book.gas_days = tuple(
        GasDayRecord(day=each.day, collected=_times(each.collected, factor))
        for each in book.gas_days
    )
    book.tariff = _tariff(book.tariff, factor)
    book.config = _config(book.config, factor)
    book.total_credit, book.payment_count = ZERO, 0
    book.currency = order.currency


def _times(amount: Decimal, factor: Decimal) -> Decimal:
    return (amount * factor).quantize(_EXACT)


def _tariff(tariff: Tariff, factor: Decimal) -> Tariff:
    levy = replace(tariff.levy, charge_per_kwh=_times(tariff.levy.charge_per_kwh, factor))
    return replace(
        tariff,
        prices=tuple(tuple(_times(each, factor) for each in row) for row in tariff.prices),
        standing_per_week=_times(tariff.standing_per_week, factor),
        levy=levy,
    )


def _config(config: Config, factor: Decimal) -> Config:
    emergency = config.emergency
    return replace(
        config,
        emergency=replace(
            emergency,
            point=_times(emergency.point, factor),
            value=_times(emergency.value, factor),
        ),
        disconnection_value=_times(config.disconnection_value, factor),
    )
