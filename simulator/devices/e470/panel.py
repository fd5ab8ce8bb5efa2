"""What the customer's hands and the supplier's messages can do to the meter, given as JSON."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import voluptuous as vol

from ...checks import number, or_null, sentence, truth
from .account import Account
from .options import MOST_LOAD_W, TARIFF, a_date, as_tariff, money
from .purse import MOST_CREDIT

MOST_DEBT: Final = Decimal("9999.99")
_DEBT: Final = vol.Schema(
    {vol.Required("total"): money(MOST_DEBT), vol.Required("per_week"): money(Decimal("99.99"))}
)
_PLAN: Final = vol.Schema({vol.Required("from"): a_date, vol.Required("tariff"): TARIFF})


class Orders:
    """One order by name and value, e.g. ``pay: 10`` or ``press: true``."""

    def __init__(self, account: Account) -> None:
        """Give orders to ``account``."""
        self._account = account
        self._orders: dict[str, tuple[Callable[[object], Any], Callable[[Any], None]]] = {
            "pay": (money(MOST_CREDIT), self._pay),
            "press": (_pressed, lambda _pressed: account.press()),
            "adjust": (money(MOST_CREDIT, signed=True), account.adjust),
            "supply": (truth, lambda on: account.command_supply(on=on)),
            "debt": (_DEBT, lambda debt: account.set_debt(debt["total"], debt["per_week"])),
            "plan": (_PLAN, lambda plan: account.plan(plan["from"], as_tariff(plan["tariff"]))),
            "load_limit_w": (or_null(number(0, MOST_LOAD_W)), account.set_load_limit),
            "load_limit_patience_s": (number(0, 60), account.set_patience),
        }
        self.names = frozenset(self._orders)

    def carry_out(self, name: str, value: object) -> None:
        """Do one thing; raises ValueError with a sentence for a wrong value."""
        check, act = self._orders[name]
        try:
            act(check(value))
        except vol.Invalid as err:
            raise ValueError(f"{name}: {sentence(err)}") from err

    def _pay(self, amount: Decimal) -> None:
        if not self._account.pay(amount):
            raise ValueError(f"the meter does not take a payment of {amount} now")


def _pressed(value: object) -> bool:
    if value is not True:
        raise vol.Invalid(f"can only be true, not {value!r}")
    return True
