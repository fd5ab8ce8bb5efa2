"""The account's state: one book in which everything is written, and what it consists of.

`step` works on a copy of the book and hands it back inside a frozen `Account`; nobody else writes.
What is in a book besides its lists and its diary is immutable.
"""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from .effects import Effect
from .events import Command, Flag, OffReason, PaymentSource, Reading, SimPart, SnapshotKind
from .model import ZERO, Config, Currency, FutureTariff, GasMode, Tariff


class Due(StrEnum):
    """What falls due; things of one instant are carried out in this order."""

    SLOT = "slot"
    MIDNIGHT = "midnight"
    CALENDAR = "calendar"
    PENDING = "pending"
    TARIFF = "tariff"
    INSTALMENT = "instalment"
    READ = "read"
    GAS = "gas"
    OFF = "off"
    BEEP = "beep"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPayment:
    """One line of the payments log (section 8.3)."""

    at: datetime
    amount: Decimal
    source: PaymentSource
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Registers kept together on some occasion (sections 5.1 to 8.11)."""

    kind: SnapshotKind
    at: datetime
    mpan: str
    serial: str
    mode: str
    emergency_credit: bool
    balance: Decimal
    debt: Decimal
    total_credit: Decimal
    rates_wh: tuple[int, ...]
    total_wh: int
    export_wh: int
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord:
    """A billing period that is over (section 7.8)."""

    start: date
    end: date
    """First day of the next one."""
    at: datetime
    energy_wh: int
    charges: Decimal
    """Energy, levy, VAT and standing charge taken, corrections included."""
    levy: Decimal
    """Of these: Climate Change Levy and the VAT difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GasDayRecord:
    """What was collected for gas on one day."""

    day: date
    collected: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tamper:
    """Events of one kind, and the last of them."""

    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A command that waits for its instant."""

    at: datetime
    command: Command


@dataclass(slots=True, kw_only=True)
class Book:
    """All registers and states of an account; see the rule modules for what they mean."""

    config: Config
    tariff: Tariff
    future: FutureTariff | None = None
    opened: datetime
    at: datetime
    """Everything due until this instant, inclusive, has been carried out."""
    diary: dict[Due, datetime] = field(default_factory=dict)
    """When each thing falls due next."""
    next_due: datetime
    pending: tuple[Pending, ...] = ()

    # what the source showed, and the registers of the account
    source: Reading
    source_export_wh: int
    rates_wh: list[int]
    total_wh: int
    export_wh: int = 0
    estimated_wh: int = 0
    """Energy that was divided between rates by time for want of rate registers."""

    # money
    currency: Currency = Currency.GBP
    net: Decimal = ZERO
    """What the customer owns; below zero what is owed. Emergency credit is not part of it."""
    emergency_left: Decimal | None = None
    """What is left of emergency credit in use; None when none is."""
    emergency_spent: bool = False
    """It was used up and is not offered before the debt is cleared."""
    emergency_announced: bool = False
    credits: Decimal = ZERO
    """Everything ever put in: opening balance, payments, adjustments."""
    charges: Decimal = ZERO
    """Everything ever taken; `credits` less `charges` is `net`."""
    total_credit: Decimal = ZERO
    payment_count: int = 0
    payments: tuple[LoggedPayment, ...] = ()
    debt: Decimal = ZERO
    debt_per_week: Decimal = ZERO
    instalments: int = 0
    """Hundredths of a week since the account was opened."""

    # calendar
    day: date
    opened_day: date
    rate: int = 1
    relay_closed: bool = False
    friendly: bool = False

    # billing period, blocks, levy
    period_start: date
    period_end: date
    period_rates_wh: tuple[int, ...]
    """Registers at the start of the period."""
    period_charges: Decimal = ZERO
    period_levy: Decimal = ZERO
    periods: tuple[PeriodRecord, ...] = ()
    average_use_wh: int = 0
    average_days: int = 1
    """Use and days of the period at the last midnight; their quotient decides on the levy."""
    log_kwh: list[int] = field(default_factory=lambda: [0] * 16)
    """Daily resolved: kWh charged in the period at PPU 1 to 16."""
    day_kwh: list[int] = field(default_factory=lambda: [0] * 4)
    """Whole kWh completed today, by rate."""
    threshold_snapshots: tuple[Snapshot, ...] = ()

    # cost registers
    cost_today: Decimal = ZERO
    day_charges: Decimal = ZERO
    """All that was taken today, debt and gas included, adjustments by command left out."""
    recent_charges: tuple[Decimal, ...] = ()
    """The same of up to 28 days before, oldest first."""
    day_start_wh: int = 0
    spent: Decimal = ZERO
    """Energy, levy, VAT and standing charge ever taken, corrections included."""

    # supply
    supply_on: bool = True
    off_reason: OffReason | None = None
    offered: bool = False
    """The orange button will close the contactor."""

    # meter
    powered: bool = True
    power_failed_at: datetime | None = None
    slot_powered: bool = True
    slot_start_wh: int
    slot_start_spent: Decimal = ZERO
    profile: tuple[int | None, ...] = ()
    """Half-hour energies in watt-hours, None where power failed."""
    profile_costs: tuple[Decimal, ...] = ()
    """What was spent in each of them."""
    profile_end: datetime | None = None
    """End of the last of them."""
    snapshots: tuple[Snapshot, ...] = ()
    """The latest of each kind but thresholds."""
    flags: tuple[Flag, ...] = ()
    reverse_wh: int = 0
    """Reverse energy of the present run."""
    reverse_events: Tamper = Tamper()
    sim_events: Tamper = Tamper()
    open_sim: tuple[SimPart, ...] = ()

    # code entry
    wrong_codes: int = 0
    wrong_sets: int = 0
    code_locked_until: datetime | None = None
    sets_until: datetime | None = None
    """When the count of wrong sets begins anew."""

    # gas
    gas_mode: GasMode = GasMode.PREPAYMENT
    gas_mode_wanted: GasMode = GasMode.PREPAYMENT
    gas_open: bool = True
    gas_wanted: bool = True
    """Where it differs from `gas_open`, a message waits for the next half hour."""
    gas_since_midnight: Decimal = ZERO
    gas_days: tuple[GasDayRecord, ...] = ()

    # warning and display
    warned: bool = False
    warning_since: datetime | None = None
    page: int = 0
    page_at: datetime | None = None
    shown_payment: Decimal | None = None

    effects: list[Effect] = field(default_factory=list)
    """Of the present step; not part of what is kept."""

    def copy(self) -> Book:
        """Return a book that can be written in without changing this one."""
        new = object.__new__(Book)
        for name in _NAMES:
            setattr(new, name, getattr(self, name))
        new.diary = self.diary.copy()
        new.rates_wh = self.rates_wh.copy()
        new.log_kwh = self.log_kwh.copy()
        new.day_kwh = self.day_kwh.copy()
        new.effects = []
        return new

    def put(self, due: Due, at: datetime | None) -> None:
        """Write into the diary when something falls due next, None for no more."""
        if at is None:
            self.diary.pop(due, None)
        else:
            self.diary[due] = at
        self.next_due = min(self.diary.values())

    def usage_wh(self) -> int:
        """Return the billing period usage value: of the configured rate or of all (7.2)."""
        start = self.period_rates_wh
        if rate := self.tariff.usage_from:
            return self.rates_wh[rate - 1] - start[rate - 1]
        return sum(self.rates_wh) - sum(start)

    def tell(self, effect: Effect) -> None:
        """Add an effect to those of this step."""
        self.effects.append(effect)

    def drain(self) -> list[Effect]:
        """Return the effects of this step and forget them."""
        effects, self.effects = self.effects, []
        return effects


_NAMES = tuple(each.name for each in fields(Book))
