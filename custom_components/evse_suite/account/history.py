"""Energy and cost of an account by the hour, in Home Assistant's long-term statistics (MTR-21).

They are made of the half-hour profile, so the hours in which nobody listened are there as well, and
what a late reading changes is corrected.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import DATA_INSTANCE
from homeassistant.util.unit_conversion import EnergyConverter

from ..billing.events import SnapshotKind
from ..billing.model import KWH
from ..billing.step import Account
from ..const import DOMAIN
from .ledger import Ledger

HALF_HOUR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What was used and spent in an hour, and since the account was opened."""

    start: datetime
    energy_wh: int
    cost: Decimal
    energy_sum_wh: int
    cost_sum: Decimal


def hours(account: Account) -> Iterator[Hour]:
    """Yield the whole hours of the profile, newest first."""
    book = account.book
    if book.profile_end is None:
        return
    opening = (it for it in book.snapshots if it.kind is SnapshotKind.INSTALLATION)
    first_wh = next((it.total_wh for it in opening), 0)
    end, energy_sum_wh, cost_sum = (
        book.profile_end,
        book.slot_start_wh - first_wh,
        book.slot_start_spent,
    )
    slots = [(wh or 0, cost) for wh, cost in zip(book.profile, book.profile_costs, strict=True)]
    if end.minute:
        wh, cost = slots.pop()
        end, energy_sum_wh, cost_sum = end - HALF_HOUR, energy_sum_wh - wh, cost_sum - cost
    for number, (late, early) in enumerate(pairwise(reversed(slots))):
        if number % 2:
            continue
        hour = Hour(
            start=end - 2 * HALF_HOUR,
            energy_wh=late[0] + early[0],
            cost=late[1] + early[1],
            energy_sum_wh=energy_sum_wh,
            cost_sum=cost_sum,
        )
        yield hour
        end, energy_sum_wh = hour.start, energy_sum_wh - hour.energy_wh
        cost_sum -= hour.cost


class History:
    """Hands the hours of an account to the recorder, each once and again where it has changed."""

    def __init__(self, hass: HomeAssistant, ledger: Ledger) -> None:
        """Take the account; nothing is written before ``look``."""
        self._hass = hass
        self._ledger = ledger
        self._written: dict[datetime, Hour] = {}
        self._seen: tuple[datetime | None, tuple[int | None, ...]] = (None, ())

    @callback
    def look(self) -> None:
        """Write what is new; looks at nothing while no half hour has ended."""
        account = self._ledger.account
        if account is None or DATA_INSTANCE not in self._hass.data:
            return
        seen = account.book.profile_end, account.book.profile
        if seen == self._seen:
            return
        self._seen = seen
        known = {hour.start: hour for hour in hours(account)}
        fresh = [hour for hour in known.values() if self._written.get(hour.start) != hour]
        self._written = known
        if fresh:
            self._write(sorted(fresh, key=lambda it: it.start), account.book.currency)

    def _write(self, fresh: list[Hour], currency: str) -> None:
        async_add_external_statistics(
            self._hass,
            self._about("energy", UnitOfEnergy.KILO_WATT_HOUR, EnergyConverter.UNIT_CLASS),
            [
                StatisticData(
                    start=hour.start,
                    state=hour.energy_wh / KWH,
                    sum=hour.energy_sum_wh / KWH,
                )
                for hour in fresh
            ],
        )
        async_add_external_statistics(
            self._hass,
            self._about("cost", currency, None),
            [
                StatisticData(start=hour.start, state=float(hour.cost), sum=float(hour.cost_sum))
                for hour in fresh
            ],
        )

    def _about(self, what: str, unit: str, unit_class: str | None) -> StatisticMetaData:
        return StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{self._ledger.setup.name} {what}",
            source=DOMAIN,
            statistic_id=f"{DOMAIN}:account_{self._ledger.key.lower()}_{what}",
            unit_class=unit_class,
            unit_of_measurement=unit,
        )
