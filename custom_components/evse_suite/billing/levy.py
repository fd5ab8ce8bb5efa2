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
    extra = levy.charge_per_kwh if book.levy_on else ZERO
    if book.vat_2_on:
        net_price = price / (1 + levy.vat_1)
        extra += (net_price * (levy.vat_2 - levy.vat_1)).quantize(_EXACT)
    return extra


def assess(book: Book, day: date) -> None:
    """Decide by the average use of the period so far what the day that begins is charged."""
    levy = book.tariff.levy
    days = max(1, days_counted(book, day))
    used_wh = sum(book.rates_wh) - sum(book.period_rates_wh)
    book.levy_on = levy.charge_per_kwh != 0 and used_wh > levy.charge_above_wh_per_day * days
    book.vat_2_on = levy.vat_2 != levy.vat_1 and used_wh > levy.vat_2_above_wh_per_day * days
