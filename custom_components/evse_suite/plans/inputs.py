"""What plans of a site are made of: prices, sun, the house, and the cars (PLAN-2, PLAN-3, IND-3)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..planning.model import Outlook, Vehicle
from ..planning.vehicles import Delivery


def _nobody_counts(_charger_key: str) -> None:
    """Say of no charger what it does."""


class PlanInputs:
    """Listens to what tells prices, sun and cars; a feed that is late or missing leaves a hole.

    ``outlook`` and ``vehicle`` are cheap and never fail. Everything ends when the entry is unloaded.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        on_change: Callable[[], None],
        delivered: Callable[[str], Delivery | None] = _nobody_counts,
    ) -> None:
        """Take what is configured in ``entry``; nobody is asked before ``async_start``.

        ``on_change`` is called in the event loop when something has changed that makes another plan
        (not for every tick of a sensor). ``delivered`` returns what a charger does for the car
        that is plugged in, by the key of the charger's subentry, None without a car or a reading.
        """
        self._hass = hass
        self._entry = entry
        self._on_change = on_change
        self._delivered = delivered

    async def async_start(self) -> None:
        """Take what is known now, and listen until the entry is unloaded."""

    @property
    def currency(self) -> str:
        """The currency of all prices and costs (ISO 4217)."""
        return self._hass.config.currency

    def outlook(self, now: datetime) -> Outlook:
        """Return what is known at ``now`` of the hours to come."""
        return Outlook(now=now)

    def vehicles(self, charger_key: str) -> Mapping[str, str]:
        """Return the names of the cars that come to a charger, by their subentries' ids."""
        return {}

    def vehicle(self, charger_key: str, chosen: str | None = None) -> Vehicle:
        """Return the car at a charger: the chosen one, or the first that comes to this charger.

        ``chosen`` is the id of a vehicle's subentry. A nameless vehicle without a capacity is
        returned where none is configured.
        """
        return Vehicle()
