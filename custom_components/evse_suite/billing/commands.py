"""What may be done to an account, and who does it.

`check` raises `Refused` or `Impossible` for what cannot be done now and changes nothing; it is
asked once, when a command arrives. `carry_out` never refuses: what was once accepted stays so even
when a late reading changes the past.
"""

from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from .activation import activate
from .book import Book, Due, Pending
from .buttons import carry_press, check_press
from .clock import DAY, local, midnight, utc
from .credit import Charge, debit, review
from .currency import LEAST_FACTOR, MOST_FACTOR, convert
from .events import (
    Adjust,
    Code,
    Command,
    Configure,
    ConvertCurrency,
    GasCost,
    GasDay,
    Load,
    OffReason,
    OpenSupply,
    Payment,
    Power,
    Press,
    Reason,
    Refused,
    ReplaceSource,
    ResetTamper,
    RestoreSupply,
    ReverseFlow,
    SetDebt,
    SetFlag,
    SetGasMode,
    SetTariff,
    Sim,
    TakeRead,
    Tenancy,
)
from .gas import day_correction, half_hour_rise, want_mode
from .model import MAX_BALANCE, FutureTariff, Mode
from .payments import (
    carry_adjust,
    check_adjust,
    check_code,
    check_payment,
    enter_code,
    is_pennies,
    pay,
)
from .profile import change_power, plan_slot
from .snapshots import keep
from .supply import measure_load, offer_supply, open_supply
from .switching import apply_calendar
from .tamper import reset_tamper, reverse_flow, set_flag, sim_moved
from .tenancy import change_tenancy
from .validate import MAX_DEBT, check_config, check_debt, check_tariff


@singledispatch
def check(_command: Command, _book: Book, _at: datetime) -> None:
    """Raise an error for a command that cannot be carried out at this instant."""


@singledispatch
def carry_out(command: Command, _book: Book, _at: datetime) -> None:
    """Do what the command says."""
    raise TypeError(command)


@check.register
def _(command: Payment, book: Book, _at: datetime) -> None:
    check_payment(book, command)


@carry_out.register
def _(command: Payment, book: Book, at: datetime) -> None:
    pay(book, command, at)


@check.register
def _(command: Code, book: Book, at: datetime) -> None:
    check_code(book, command, at)


@carry_out.register
def _(command: Code, book: Book, at: datetime) -> None:
    enter_code(book, command, at)


@check.register
def _(command: Adjust, book: Book, _at: datetime) -> None:
    check_adjust(book, command)


@carry_out.register
def _(command: Adjust, book: Book, at: datetime) -> None:
    carry_adjust(book, command, at)


@check.register
def _(command: SetDebt, _book: Book, _at: datetime) -> None:
    check_debt(command.total, command.per_week)


@carry_out.register
def _(command: SetDebt, book: Book, _at: datetime) -> None:
    book.debt, book.debt_per_week = command.total, command.per_week


@check.register
def _(command: Press, book: Book, _at: datetime) -> None:
    check_press(book, command)


@carry_out.register
def _(command: Press, book: Book, at: datetime) -> None:
    carry_press(book, command, at)


@carry_out.register
def _(command: Load, book: Book, at: datetime) -> None:
    measure_load(book, command.power_w, at)


@carry_out.register
def _(command: Power, book: Book, at: datetime) -> None:
    change_power(book, at, on=command.on)


@carry_out.register
def _(_command: OpenSupply, book: Book, at: datetime) -> None:
    open_supply(book, OffReason.COMMAND, at)


@check.register
def _(command: RestoreSupply, book: Book, at: datetime) -> None:
    if command.at is None and book.supply_on:
        raise Refused(Reason.SUPPLY_ON)
    if command.at is not None and utc(command.at) < at:
        raise Refused(Reason.IN_THE_PAST)


@carry_out.register
def _(command: RestoreSupply, book: Book, at: datetime) -> None:
    if command.at is not None and utc(command.at) > at:
        _wait(book, utc(command.at), replace(command, at=None))
    elif not book.supply_on:
        offer_supply(book, at)


@check.register
def _(command: SetTariff, book: Book, at: datetime) -> None:
    check_tariff(command.tariff)
    if command.on is not None and command.on <= local(book.config.clock, at).date():
        raise Refused(Reason.IN_THE_PAST)


@carry_out.register
def _(command: SetTariff, book: Book, at: datetime) -> None:
    if command.on is None:
        activate(book, command.tariff, at)
        return
    book.future = FutureTariff(tariff=command.tariff, on=command.on)
    book.put(Due.TARIFF, midnight(book.config.clock, command.on))


@check.register
def _(command: Configure, _book: Book, _at: datetime) -> None:
    check_config(command.config)


@carry_out.register
def _(command: Configure, book: Book, at: datetime) -> None:
    book.config = command.config
    book.put(Due.MIDNIGHT, midnight(book.config.clock, book.day + DAY))
    if book.future:
        book.put(Due.TARIFF, midnight(book.config.clock, book.future.on))
    apply_calendar(book, at)
    plan_slot(book, at)
    review(book, at)


@check.register
def _(command: Tenancy, _book: Book, at: datetime) -> None:
    for amount, most in ((command.balance, MAX_BALANCE), (command.debt, MAX_DEBT)):
        if amount is not None and not (is_pennies(amount) and 0 <= amount <= most):
            raise Refused(Reason.AMOUNT)
    if command.at is not None and utc(command.at) < at:
        raise Refused(Reason.IN_THE_PAST)


@carry_out.register
def _(command: Tenancy, book: Book, at: datetime) -> None:
    if command.at is not None and utc(command.at) > at:
        _wait(book, utc(command.at), replace(command, at=None))
    else:
        change_tenancy(book, command, at)


@check.register
def _(command: ConvertCurrency, book: Book, at: datetime) -> None:
    if not LEAST_FACTOR <= command.factor <= MOST_FACTOR:
        raise Refused(Reason.FACTOR)
    if command.currency is book.currency:
        raise Refused(Reason.SAME_CURRENCY)
    if midnight(book.config.clock, command.on) <= at:
        raise Refused(Reason.IN_THE_PAST)


@carry_out.register
def _(command: ConvertCurrency, book: Book, at: datetime) -> None:
    due = midnight(book.config.clock, command.on)
    if due > at:
        others = tuple(
            each for each in book.pending if not isinstance(each.command, ConvertCurrency)
        )
        book.pending = others
        _wait(book, due, command)
    else:
        convert(book, command, at)
        review(book, at)


@carry_out.register
def _(command: TakeRead, book: Book, at: datetime) -> None:
    keep(book, command.kind, at)


@check.register
def _(command: GasCost, book: Book, _at: datetime) -> None:
    if book.config.mode is not Mode.SINGLE_WALLET:
        raise Refused(Reason.NOT_WALLET)
    if not 0 <= command.since_midnight <= MAX_BALANCE:
        raise Refused(Reason.AMOUNT)


@carry_out.register
def _(command: GasCost, book: Book, at: datetime) -> None:
    debit(book, half_hour_rise(book, command.since_midnight), at, Charge.GAS)


@check.register
def _(command: GasDay, book: Book, _at: datetime) -> None:
    if all(each.day != command.day for each in book.gas_days):
        raise Refused(Reason.GAS_DAY)
    if not 0 <= command.cost <= MAX_BALANCE:
        raise Refused(Reason.AMOUNT)


@carry_out.register
def _(command: GasDay, book: Book, at: datetime) -> None:
    debit(book, day_correction(book, command.day, command.cost), at, Charge.GAS)


@carry_out.register
def _(command: SetGasMode, book: Book, at: datetime) -> None:
    want_mode(book, command.mode, at)


@carry_out.register
def _(command: ReverseFlow, book: Book, at: datetime) -> None:
    reverse_flow(book, command, at)


@carry_out.register
def _(command: Sim, book: Book, at: datetime) -> None:
    sim_moved(book, command, at)


@carry_out.register
def _(command: ResetTamper, book: Book, at: datetime) -> None:
    reset_tamper(book, command, at)


@carry_out.register
def _(command: SetFlag, book: Book, _at: datetime) -> None:
    set_flag(book, command.flag, on=command.on)


@carry_out.register
def _(command: ReplaceSource, book: Book, at: datetime) -> None:
    book.source = replace(command.reading, at=at)
    if command.reading.export_wh is not None:
        book.source_export_wh = command.reading.export_wh


def _wait(book: Book, at: datetime, command: Command) -> None:
    book.pending = (*book.pending, Pending(at=at, command=command))
    book.put(Due.PENDING, min(each.at for each in book.pending))


def carry_pending(book: Book, at: datetime) -> None:
    """Carry out the commands that waited for this instant."""
    ready = [each.command for each in book.pending if each.at <= at]
    book.pending = tuple(each for each in book.pending if each.at > at)
    book.put(Due.PENDING, min((each.at for each in book.pending), default=None))
    for command in ready:
        carry_out(command, book, at)
