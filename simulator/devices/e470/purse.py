"""Present balance, emergency credit, debt to clear and payments, sections 8.2 to 8.10.

While emergency credit is in use the present balance holds what is left of it, above whatever own
credit there was, and the debt to clear holds all that is owed.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from .settings import NOTHING, Collection, Mode, Rules

LOGGED_PAYMENTS: Final = 20
MOST_CREDIT: Final = Decimal("999.99")
TOTAL_CREDIT_ROLLS: Final = Decimal(100_000)
PAYMENTS_ROLL: Final = 65_536
INSTALMENTS: Final = 100


@dataclass(frozen=True, slots=True)
class Payment:
    """One line of the payments log."""

    at: datetime
    amount: Decimal


@dataclass(slots=True)
class Purse:
    """The money of the meter; ``rules`` may change at any time."""

    rules: Callable[[], Rules]
    balance: Decimal = NOTHING
    debt_to_clear: Decimal = NOTHING
    in_emergency: bool = False
    emergency_spent: bool = False
    """Not offered again before the debt is repaid."""
    total_debt: Decimal = NOTHING
    total_credit: Decimal = NOTHING
    payments: int = 0
    log: deque[Payment] = field(default_factory=lambda: deque(maxlen=LOGGED_PAYMENTS))
    cost_today: Decimal = NOTHING

    @property
    def own_credit(self) -> Decimal:
        """What is left of the customer's own money."""
        if self.in_emergency:
            return max(NOTHING, self.balance - self.rules().emergency_value)
        return max(NOTHING, self.balance)

    @property
    def worth(self) -> Decimal:
        """Own credit less what is owed: what remains if the emergency credit is given back."""
        return self.own_credit - self.debt_to_clear if self.in_emergency else self.balance

    @property
    def emergency_available(self) -> bool:
        """Whether the button would give emergency credit now."""
        rules = self.rules()
        return (
            rules.mode is Mode.PREPAYMENT
            and rules.emergency_enabled
            and not self.in_emergency
            and not self.emergency_spent
            and self.balance < rules.emergency_point
        )

    def charge(self, amount: Decimal) -> None:
        """Take a charge for energy."""
        self.cost_today += amount
        self._debit(amount)

    def collect_standing_charge(self, per_week: Decimal) -> None:
        """Take one of the week's 100 instalments of the standing charge."""
        amount = per_week / INSTALMENTS
        if self._collects(self.rules().standing_charge):
            self.cost_today += amount
            self._instalment(amount, self.rules().standing_charge)

    def collect_debt(self) -> None:
        """Take one instalment of the debt, at most what is left of it."""
        amount = min(self.rules().debt_per_week / INSTALMENTS, self.total_debt)
        if self._collects(self.rules().debt):
            self.total_debt -= amount
            self._instalment(amount, self.rules().debt)

    def pay(self, at: datetime, amount: Decimal) -> bool:
        """Take a payment; return False where the meter ignores or refuses it."""
        if self.rules().mode is Mode.CREDIT or self.balance + amount > MOST_CREDIT:
            return False
        self.payments = (self.payments + 1) % PAYMENTS_ROLL
        self.log.append(Payment(at, amount))
        self._credit(amount)
        return True

    def adjust(self, amount: Decimal) -> None:
        """Carry out a credit adjust command of either sign."""
        if amount >= 0:
            self._credit(amount)
            return
        self.total_credit = (self.total_credit + amount) % TOTAL_CREDIT_ROLLS
        self._debit(-amount)

    def take_emergency_credit(self) -> None:
        """Add the emergency credit to what there is, or put it in the place of a debt."""
        value = self.rules().emergency_value
        self.in_emergency = True
        if self.balance >= 0:
            self.balance += value
            return
        self.debt_to_clear = -self.balance
        self.balance = value

    def _credit(self, amount: Decimal) -> None:
        self.total_credit = (self.total_credit + amount) % TOTAL_CREDIT_ROLLS
        if not self.in_emergency:
            self.balance += amount
        elif amount < self.debt_to_clear:
            self.debt_to_clear -= amount
            return
        else:
            self.balance = self.own_credit + amount - self.debt_to_clear
            self._leave_emergency()
        if self.balance >= 0:
            self.emergency_spent = False

    def _collects(self, how: Collection) -> bool:
        prepaid = self.rules().mode is not Mode.CREDIT
        return how.always or not prepaid or self.in_emergency or self.balance > 0

    def _instalment(self, amount: Decimal, how: Collection) -> None:
        if not (self.in_emergency and how.spares_emergency):
            self._debit(amount)
            return
        own = min(amount, self.own_credit)
        self.balance -= own
        self.debt_to_clear += amount - own

    def _debit(self, amount: Decimal) -> None:
        """Take an amount from the balance, and from own credit before it becomes a debt."""
        if self.in_emergency:
            self.debt_to_clear += amount - min(amount, self.own_credit)
        self.balance -= amount
        self._settle()

    def _settle(self) -> None:
        """End emergency credit that is exhausted: what is owed becomes the balance."""
        if self.in_emergency and self.balance < 0:
            self.balance = -self.debt_to_clear
            self._leave_emergency()
            self.emergency_spent = True

    def _leave_emergency(self) -> None:
        self.in_emergency = False
        self.debt_to_clear = NOTHING
