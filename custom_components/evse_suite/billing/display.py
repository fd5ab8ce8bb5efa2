"""The meter's display as pages of text (section 9, MTR-28).

Which pages there are depends on the mode; the default page is the balance in prepayment and the
active rate's register in credit mode. Digits that are not shown are cut off (A30).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final

from . import position
from .book import Book
from .buttons import DISPLAY_REVERTS
from .clock import local, utc
from .events import Flag, OffReason, SimPart
from .model import KWH, RATES, Currency, Mode
from .registers import shown_kwh
from .step import Account
from .tariff import active_block, price
from .views import cost_per_hour, per_week


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its name, the header of the starburst characters, and what is shown."""

    name: str
    header: str
    text: str
    unit: str = ""


def money(amount: Decimal) -> str:
    """Return an amount as it is displayed: two decimals, the rest cut off."""
    return str(amount.quantize(Decimal("0.01"), rounding=ROUND_DOWN))


def _symbol(book: Book) -> str:
    return "£" if book.currency is Currency.GBP else "€"


def _amount(name: str, header: str, amount: Decimal, book: Book) -> Page:
    return Page(name=name, header=header, text=money(amount), unit=_symbol(book))


def _balance(book: Book) -> Page:
    shown = position.balance(book)
    header = "DEBT" if shown < 0 else "CRED"
    emergency = position.emergency_offered(book) or book.emergency_left is not None
    text = money(abs(shown)) + (" E" if emergency else "")
    return Page(name="balance", header=header, text=text, unit=_symbol(book))


def _rate_register(book: Book, rate: int) -> Page:
    text = shown_kwh(book.rates_wh[rate - 1], book.config.registers)
    return Page(name=f"rate_{rate}_register", header=f"R{rate}", text=text, unit="kWh")


def _price(book: Book, rate: int) -> Page:
    block = active_block(book, rate)
    pence = money(price(book.tariff, rate, block) * 100)
    return Page(name=f"rate_{rate}_price", header=f"R{rate}", text=pence, unit="Pence/kWh")


def _total(book: Book) -> Page:
    text = shown_kwh(book.total_wh, book.config.registers)
    return Page(name="total_register", header="TOT", text=text, unit="kWh")


def _export(book: Book) -> Page:
    text = shown_kwh(book.export_wh, book.config.registers)
    return Page(name="export_register", header="EXP", text=text, unit="kWh")


def _payments(book: Book) -> list[Page]:
    pages = []
    for number in range(1, 4):
        paid = book.payments[-number] if len(book.payments) >= number else None
        shown = local(book.config.clock, paid.at).strftime("%d.%m.%y") if paid else ""
        amount = money(paid.amount) if paid else ""
        name = f"payment_{number}"
        pages.append(Page(name=name, header=f"PAY{number}", text=amount, unit=_symbol(book)))
        pages.append(Page(name=f"{name}_date", header=f"PAY{number}", text=shown))
    return pages


def _clock_pages(book: Book, now: datetime) -> list[Page]:
    shown = local(book.config.clock, now)
    return [
        Page(name="test", header="8888", text="8888888"),
        Page(name="time", header="TIME", text=shown.strftime("%H.%M")),
        Page(name="date", header="DATE", text=shown.strftime("%d.%m.%y")),
    ]


def _prepayment_pages(book: Book) -> list[Page]:
    emergency = book.config.emergency
    return [
        _amount("debt_per_week", "DEBT /Wk", book.debt_per_week, book),
        _amount("debt", "DEBT", book.debt, book),
        _amount("emergency_value", "EMER", emergency.value, book),
        _amount("emergency_point", "EAVL", emergency.point, book),
    ]


def pages(account: Account, now: datetime, power_w: float = 0) -> tuple[Page, ...]:
    """Return the display cycle in its order; `power_w` is for the cost per hour."""
    book, now = account.book, utc(now)
    prepaid = book.config.mode is not Mode.CREDIT
    cycle: list[Page] = []
    if prepaid and book.emergency_left is not None:
        cycle.append(_amount("debt_to_clear", "DCLR", position.debt_to_clear(book), book))
    cycle += [_price(book, rate) for rate in range(1, RATES + 1)]
    cycle += _clock_pages(book, now)
    if prepaid:
        cycle += _payments(book)
    cycle.append(_amount("standing_per_week", "STCH /Wk", book.tariff.standing_per_week, book))
    if prepaid:
        cycle += _prepayment_pages(book)
        cycle.append(_amount("total_per_week", "TOT /Wk", per_week(account), book))
    cycle += [_rate_register(book, rate) for rate in range(1, RATES + 1)]
    cycle += [_total(book), _export(book)]
    cycle.append(_amount("cost_per_hour", "COST /Hr", cost_per_hour(account, power_w), book))
    cycle.append(_amount("cost_today", "COST DAY", book.cost_today, book))
    if prepaid:
        cycle.append(_amount("total_credit", "CRED TOT", book.total_credit, book))
    wanted = book.config.display
    return tuple(each for each in cycle if not wanted or each.name in wanted)


def default_page(account: Account) -> Page:
    """Return the page that is shown when nobody presses a button."""
    book = account.book
    if book.config.mode is Mode.CREDIT:
        return _rate_register(book, book.rate)
    return _balance(book)


_OFF: Final = Page(name="off", header="OFF", text="")
_PUSH: Final = Page(name="push_button", header="PUSH", text="BUTTON")


def message(account: Account) -> Page | None:
    """Return the message that comes before everything else, if there is one."""
    book = account.book
    if book.offered:
        return _PUSH
    if book.off_reason in (OffReason.COMMAND, OffReason.LOAD_LIMIT, OffReason.TAMPER):
        return _OFF
    if book.shown_payment is not None:
        return _amount("payment_received", "PAID", book.shown_payment, book)
    return None


def warnings(account: Account) -> tuple[Page, ...]:
    """Return the messages that alternate with the default page: load limit, RED, TAMPER."""
    book = account.book
    found = []
    if position.load_limit_active(book) and book.config.load_limit_w is not None:
        limit_kw = Decimal(book.config.load_limit_w) / KWH
        found.append(Page(name="load_limit", header="LIM", text=money(limit_kw), unit="kW"))
    if Flag.REVERSE_ENERGY in book.flags:
        found.append(Page(name="reverse_energy", header="RED", text=""))
    if book.config.tamper.display and SimPart.FLAP in book.open_sim:
        found.append(Page(name="tamper", header="TAMPER", text=""))
    return tuple(found)


def shown(account: Account, now: datetime, power_w: float = 0) -> Page:
    """Return the page that is on the display at an instant.

    Pages follow the blue button and go back to the default 30 s after it was pressed last; with an
    interval they follow each other by themselves.
    """
    urgent = message(account)
    if urgent:
        return urgent
    book, now = account.book, utc(now)
    number = _page_number(book, now)
    cycle = pages(account, now, power_w)
    if not number or not cycle:
        return default_page(account)
    number = (number - 1) % (len(cycle) + 1)
    return cycle[number] if number < len(cycle) else Page(name="end", header="END", text="DISPLAY")


def _page_number(book: Book, now: datetime) -> int:
    """Return the page of the cycle, from 1; 0 for the default page."""
    if book.page_at is not None and now - book.page_at < DISPLAY_REVERTS:
        return book.page
    interval_s = book.config.display_interval_s
    if not interval_s:
        return 0
    return int((now - (book.page_at or book.opened)).total_seconds()) // interval_s + 1
