"""Times, prices and a car for tests of plans."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

ZONE = "Europe/Brussels"
SOC = "sensor.car_soc"
PRICE = "sensor.price"
HOUR = timedelta(hours=1)
CHEAP_HOURS = range(1, 5)


def at(text: str) -> datetime:
    """Return a wall-clock time of the home."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


class Clock:
    """The wall clock of Home Assistant; it stands still until the test moves it."""

    def __init__(self, now: datetime) -> None:
        """Set the clock."""
        self._now = now.astimezone(UTC)

    def utcnow(self) -> datetime:
        """Return what the clock shows."""
        return self._now

    def now(self, time_zone: tzinfo | None = None) -> datetime:
        """Return the same as the home's wall shows it."""
        return self._now.astimezone(time_zone or dt_util.get_default_time_zone())

    def move_to(self, text: str) -> None:
        """Set the clock, forward or back, to a time of the home."""
        self._now = at(text).astimezone(UTC)


def night_rate(start: datetime) -> float:
    """Return what a kWh costs in an hour: little from one to five in the night."""
    return 0.10 if start.astimezone(ZoneInfo(ZONE)).hour in CHEAP_HOURS else 0.40


def tell_prices(
    hass: HomeAssistant,
    start: datetime,
    hours: int = 30,
    rate: Callable[[datetime], float] = night_rate,
) -> None:
    """Have the price sensor tell the hours to come."""
    first = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    slots = [first + n * HOUR for n in range(hours)]
    prices = [
        {"start": it.isoformat(), "end": (it + HOUR).isoformat(), "price": rate(it)} for it in slots
    ]
    if not hours:
        hass.states.async_set(PRICE, "unavailable")
        return
    attributes = {"unit_of_measurement": "EUR/kWh", "prices": prices}
    hass.states.async_set(PRICE, str(rate(first)), attributes)


def car_subentry(name: str, capacity_kwh: float) -> ConfigSubentryDataWithId:
    """Return a car that tells its state of charge."""
    return ConfigSubentryDataWithId(
        subentry_id=name,
        subentry_type="vehicle",
        title=name,
        unique_id=None,
        data={
            "capacity_kwh": capacity_kwh,
            "consumption": 18.0,
            "efficiency_percent": 90.0,
            "soc": SOC,
            "chargers": [],
        },
    )


def prices_subentry() -> ConfigSubentryDataWithId:
    """Return where the prices come from."""
    return ConfigSubentryDataWithId(
        subentry_id="prices",
        subentry_type="prices",
        title="Prices",
        unique_id=None,
        data={"price": [PRICE], "feed_in": 0.05},
    )


def charger_plan(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the only charger's part of what `get_plan` answers."""
    (found,) = answer["chargers"]
    assert isinstance(found, dict)
    return found
