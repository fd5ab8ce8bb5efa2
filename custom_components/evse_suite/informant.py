"""What plans know and sessions want to know: the price of now, and which car is there."""

from datetime import datetime
from typing import override

from .plans.director import Plans
from .sessions.observe import Informant
from .sessions.record import Tariff


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
        outlook = self._plans.inputs.outlook(at)
        prices = (it.price_per_kwh for it in outlook.prices if it.start <= at < it.end)
        feed_in = (it.price_per_kwh for it in outlook.feed_in if it.start <= at < it.end)
        return Tariff(
            price_per_kwh=next(prices, None),
            feed_in_per_kwh=next(feed_in, outlook.feed_in_per_kwh),
        )

    @override
    def vehicle_name(self, key: str) -> str | None:
        """Return the name of the car that the plan is made for."""
        return self._plans.vehicle(key).name or None
