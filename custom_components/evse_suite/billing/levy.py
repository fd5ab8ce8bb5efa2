"""Climate Change Levy and the second VAT rate (section 7.8, MTR-10).

The VAT difference is taken of the price without VAT 1; the levy bears none (A22). The first day of
a period goes by the average of the period before (A23).
"""

from datetime import date
from decimal import Decimal

from .book import Book
from .daily import days_counted
from .model import ZERO

_EXACT = Decimal("0.000001")


def surcharge(book: Book, price: Decimal) -> Decimal:
    """Return what comes on top of a kWh's price today."""
    levy = book.tariff.levy
    used_wh, days = book.average_use_wh, book.average_days
    extra = ZERO
    if levy.charge_per_kwh and used_wh > levy.charge_above_wh_per_day * days:
        extra = levy.charge_per_kwh
    if levy.vat_2 != levy.vat_1 and used_wh > levy.vat_2_above_wh_per_day * days:
        net_price = price / (1 + levy.vat_1)
        extra += (net_price * (levy.vat_2 - levy.vat_1)).quantize(_EXACT)
    return extra


def assess(book: Book, day: date) -> None:
    """Keep the average daily use of the period so far, by which the day that begins goes."""
    book.average_days = max(1, days_counted(book, day))
    book.average_use_wh = sum(book.rates_wh) - sum(book.period_rates_wh)
