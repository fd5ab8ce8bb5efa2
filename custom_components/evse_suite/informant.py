"""What plans know and sessions want to know: the price of now, and which car is there."""

from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.util import dt as dt_util

from .plans.director import Plans
from .sessions.observe import Informant
from .sessions.record import Tariff

PRESENT: Final = timedelta(minutes=2)
"""A price that is only shown now is not that of an earlier time."""


class PlanInformant(Informant):
    """Asks the plans of a site; a question that was asked last is answered from memory."""

    def __init__(self, plans: Plans) -> None:
        """Take the plans of the site; they are asked only when something flows."""
        self._plans = plans
        self._minute: datetime | None = None
        self._tariff = Tariff()

    @override
    def tariff(self, at: datetime) -> Tariff:
        """Return what a kWh costs at an instant, to the minute."""
        minute = at.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._tariff = minute, self._ask(minute)
        return self._tariff

    def _ask(self, at: datetime) -> Tariff:
        inputs = self._plans.inputs
        outlook = inputs.outlook(at)
        prices = (it.price_per_kwh for it in outlook.prices if it.start <= at < it.end)
        feed_in = (it.price_per_kwh for it in outlook.feed_in if it.start <= at < it.end)
        price_per_kwh = next(prices, None)
        now = dt_util.utcnow()
        if price_per_kwh is None and now - at < PRESENT:
            price_per_kwh = inputs.shown_price_per_kwh(now)
        return Tariff(
            price_per_kwh=price_per_kwh,
            feed_in_per_kwh=next(feed_in, outlook.feed_in_per_kwh),
        )

    @override
    def vehicle_name(self, key: str) -> str | None:
        """Return the name of the car that the plan is made for."""
        return self._plans.vehicle(key).name or None
