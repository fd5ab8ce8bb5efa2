"""What happens to an account, what follows from it, and why something is refused.

An event says what happened; `step` is told when. Only readings carry their own instants, as they
may arrive late.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from .model import Config, Currency, GasMode, Tariff


class Button(StrEnum):
    """The two buttons of the meter (section 4.2)."""

    DISPLAY = "display"
    """Blue: the next page of the display."""
    EMERGENCY = "emergency"
    """Orange: emergency credit, and power again."""


class PaymentSource(StrEnum):
    """How a payment came (section 8.3)."""

    MESSAGE = "message"
    BUTTON = "button"


class SimPart(StrEnum):
    """The two detectors around the SIM card (section 4.4.2)."""

    FLAP = "flap"
    CARRIAGE = "carriage"


class Flag(StrEnum):
    """Meter status flags (section 6.2)."""

    WATCHDOG_ERROR = "watchdog_error"
    CLOCK_ERROR = "clock_error"
    MEMORY_ERROR = "memory_error"
    PROGRAM_DOWNLOAD = "program_download"
    EMERGENCY_MODE = "emergency_mode"
    REVERSE_ENERGY = "reverse_energy"
    SIM_FLAP = "sim_flap"
    SIM_CARRIAGE = "sim_carriage"
    FINGERPRINT_STATS = "fingerprint_stats"
    FINGERPRINT_OTHER = "fingerprint_other"


class SnapshotKind(StrEnum):
    """On what occasion registers were kept together."""

    AD_HOC = "ad_hoc"
    SCHEDULED = "scheduled"
    THRESHOLD = "threshold"
    CURRENCY = "currency"
    TENANCY = "tenancy"
    INSTALLATION = "installation"
    EXCHANGE = "exchange"
    REMOVAL = "removal"


class OffReason(StrEnum):
    """Why the supply is off."""

    CREDIT = "credit"
    LOAD_LIMIT = "load_limit"
    COMMAND = "command"
    TAMPER = "tamper"


class Reason(StrEnum):
    """Why an event was refused; the account is as before."""

    AMOUNT = "amount"
    """Not a positive number of whole pennies within the register."""
    CREDIT_MODE = "credit_mode"
    """Payments are not taken in credit mode (section 4.6.1)."""
    BALANCE_FULL = "balance_full"
    """The payment would take the balance over 999.99 (section 8.2)."""
    DUPLICATE = "duplicate"
    """A payment with this reference is in the log."""
    CODE_FORMAT = "code_format"
    """Not twenty digits."""
    CODE_LOCKED = "code_locked"
    """Too many wrong codes; the refusal says until when (section 4.2.1)."""
    NOT_AVAILABLE = "not_available"
    """The button has nothing to do now: no emergency credit, no supply to restore."""
    FACTOR = "factor"
    """A conversion factor outside 0.25 to 4 (section 8.11)."""
    SAME_CURRENCY = "same_currency"
    IN_THE_PAST = "in_the_past"
    NOT_WALLET = "not_wallet"
    """Gas costs are only taken in single wallet mode."""
    GAS_DAY = "gas_day"
    """A day's gas cost for a day that is not over or longer ago than 28 days."""
    SUPPLY_ON = "supply_on"


class Refused(Exception):  # noqa: N818 - it is an answer more than an error
    """An event that cannot be carried out; nothing has changed."""

    def __init__(self, reason: Reason, *, until: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Registers of the source at one instant, in watt-hours as they are shown."""

    at: datetime
    total_wh: int
    rates_wh: tuple[int, int, int, int] | None = None
    export_wh: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """One or more readings in any order; late ones and ones already known may be among them."""

    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A credit top-up; `reference` tells two payments of one amount apart."""

    amount: Decimal
    source: PaymentSource = PaymentSource.MESSAGE
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Twenty digits that were typed; the caller knows what they are worth, None if nothing."""

    digits: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """A credit adjust command; negative takes credit away (section 8.2)."""

    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDebt:
    """Arrears and what is repaid of them per week (section 8.10)."""

    total: Decimal
    per_week: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button of the meter was pressed."""

    button: Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The power that is drawn now, for the load limit (section 4.7)."""

    power_w: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The meter lost its mains, or has it again."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSupply:
    """Disconnect by command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSupply:
    """Let the customer close the contactor, now or at an instant (section 6.3)."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTariff:
    """A tariff from now, or from 00:00 of a date."""

    tariff: Tariff
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """New settings."""

    config: Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """A change of tenancy or supplier (section 6.2); each item is done if it is asked for."""

    at: datetime | None = None
    """None: now."""
    balance: Decimal | None = Decimal(0)
    """The balance to begin with; None keeps it (emergency credit in use ends either way)."""
    debt: Decimal | None = Decimal(0)
    """Arrears to begin with; None keeps them."""
    clear_payments: bool = True
    supply: bool | None = None
    """False opens the contactor, True lets it be closed again, None leaves it."""
    zero_prices: bool = False
    reset_period: bool = False
    zero_standing: bool = True
    zero_total_credit: bool = True
    zero_payment_count: bool = True
    clear_future_tariff: bool = False
    clear_profile: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertCurrency:
    """Multiply all money by a factor at 00:00 of a date (section 8.11)."""

    on: date
    factor: Decimal
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRead:
    """Keep the registers now (sections 5.2 and 6.1)."""

    kind: SnapshotKind = SnapshotKind.AD_HOC


@dataclass(frozen=True, slots=True, kw_only=True)
class GasCost:
    """The gas meter's half-hour message: its cost since the start of the day (section 4.6.3)."""

    since_midnight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GasDay:
    """The gas meter's cost of a whole day, which counts above the half-hour messages."""

    day: date
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGasMode:
    """Change the mode of the paired gas meter (section 4.6.5)."""

    mode: GasMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseFlow:
    """Current that ran backwards and the energy of it since the last such report."""

    current_a: Decimal
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sim:
    """A detector of the SIM holder."""

    part: SimPart
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetTamper:
    """Clear the tamper flags; what they disconnected may be closed again."""

    counters: bool = False
    """Count from zero again as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFlag:
    """A status flag that only the meter can know."""

    flag: Flag
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSource:
    """Another register is read from now on, and shows this; its past is not charged."""

    reading: Reading


type Command = (
    Payment | Code | Adjust | SetDebt | Press | Load | Power | OpenSupply | RestoreSupply
    | SetTariff | Configure | Tenancy | ConvertCurrency | TakeRead | GasCost | GasDay | SetGasMode
    | ReverseFlow | Sim | ResetTamper | SetFlag | ReplaceSource
)  # fmt: skip
"""Every event but readings and the passing of time."""
type Event = Command | Readings | Tick
