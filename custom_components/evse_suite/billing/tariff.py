"""What a kWh costs: blocks, the matrix of prices, and charging (sections 7.2 to 7.4, 8.2).

A kWh is charged when its rate register passes a whole number (A6), at the price that is valid then
(A7): the block is that of its last watt-hour, so one that ends exactly on a threshold is the last
of its block. `daily` has the blocks of a daily resolved tariff.
"""

from datetime import datetime
from decimal import Decimal

from .book import Book
from .credit import Charge, debit
from .daily import block_of_next as daily_block
from .events import SnapshotKind
from .levy import surcharge
from .model import KWH, Tariff, TariffKind
from .snapshots import take


def block_after(thresholds_wh: tuple[int | None, ...], used_wh: int) -> int:
    """Return the block, 1 to 4, of the watt-hour that comes after so many in the period."""
    block = 1
    for threshold in thresholds_wh:
        if threshold is None or used_wh < threshold:
            break
        block += 1
    return block


def price(tariff: Tariff, rate: int, block: int) -> Decimal:
    """Return the price of a kWh in the matrix (MTR-7)."""
    return tariff.prices[rate - 1][block - 1]


def active_block(book: Book, rate: int) -> int:
    """Return the block in which the next energy at a rate is used (MTR-6)."""
    tariff = book.tariff
    if tariff.kind is TariffKind.TIME_OF_USE:
        return 1
    if tariff.daily:
        return daily_block(book, rate)
    return block_after(tariff.thresholds_wh, book.usage_wh())


def use_energy(book: Book, rate: int, wh: int, at: datetime) -> None:
    """Add energy to a rate register and charge every kWh that it completes.

    Exhaustion that a charge leads to happens at `at`, the end of the stretch in which the energy
    was used.
    """
    before = book.rates_wh[rate - 1]
    after = before + wh
    blocks = book.tariff.kind is not TariffKind.TIME_OF_USE
    used = book.usage_wh() if blocks else 0
    counts = book.tariff.usage_from in (0, rate)
    book.rates_wh[rate - 1] = after
    book.total_wh += wh
    if blocks and counts and not book.tariff.daily:
        _keep_thresholds(book, rate, used, wh, at)
    for number in range(before // KWH + 1, after // KWH + 1):
        into_wh = number * KWH - before - 1 if counts else 0
        _charge_kwh(book, rate, used + into_wh, at)


def _charge_kwh(book: Book, rate: int, used_wh: int, at: datetime) -> None:
    """Charge a kWh; `used_wh` is the use in the period before its last watt-hour."""
    tariff = book.tariff
    block = 1
    if tariff.kind is not TariffKind.TIME_OF_USE:
        daily = tariff.daily
        block = daily_block(book, rate) if daily else block_after(tariff.thresholds_wh, used_wh)
    book.log_kwh[4 * (block - 1) + rate - 1] += 1
    book.day_kwh[rate - 1] += 1
    amount = price(tariff, rate, block)
    extra = surcharge(book, amount)
    book.period_levy += extra
    debit(book, amount + extra, at, Charge.ENERGY)


def _keep_thresholds(book: Book, rate: int, used_wh: int, wh: int, at: datetime) -> None:
    """Keep all registers as they were at each threshold that is reached (section 7.2)."""
    for threshold in book.tariff.thresholds_wh:
        if threshold is None or used_wh + wh < threshold:
            return
        if used_wh < threshold:
            over_wh = used_wh + wh - threshold
            kept = take(book, SnapshotKind.THRESHOLD, at, ahead_wh=over_wh, rate=rate)
            book.threshold_snapshots = (*book.threshold_snapshots, kept)
