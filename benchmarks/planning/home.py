"""A home over months: what things cost and give in every quarter of an hour, and who plugs in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

QUARTER: Final = timedelta(minutes=15)
HOURS: Final = 0.25
DAY_QUARTERS: Final = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A car is plugged in from the quarter ``first`` up to ``stop``, and wants some energy."""

    charger: int
    first: int
    stop: int
    needed_wh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """One charger and its car."""

    lines: int
    maximum_a: int
    minimum_a: int = 6
    voltage_v: float = 230.0

    @property
    def ampere_w(self) -> float:
        """The power of one ampere on all lines."""
        return self.lines * self.voltage_v

    @property
    def most_w(self) -> float:
        """The highest power."""
        return self.maximum_a * self.ampere_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What is, and what was expected: one value for each quarter of an hour from ``begin``."""

    name: str
    begin: datetime
    currency: str
    price_per_kwh: Sequence[float]
    feed_in_per_kwh: float
    chargers: tuple[Charger, ...]
    sessions: tuple[Session, ...]
    sun_w: Sequence[float]
    sun_expected_w: Sequence[float]
    house_w: Sequence[float]
    house_expected_w: Sequence[float]
    """The mean of the same quarter of an hour of the days before."""
    published_quarter: int
    """From this quarter of the UTC day on, the prices of the next day are known."""
    cap_w: float | None = None
    days: int = field(default=0)

    def at(self, quarter: int) -> datetime:
        """Return when a quarter begins."""
        return self.begin + quarter * QUARTER

    def surplus_w(self, quarter: int) -> float:
        """Return what the sun really gives beyond the house."""
        return max(0.0, self.sun_w[quarter] - self.house_w[quarter])

    def known_until(self, quarter: int) -> int:
        """Return up to which quarter prices are known: the market's days end at 23:00 UTC."""
        today = quarter // DAY_QUARTERS
        ends = (today + 1) * DAY_QUARTERS - 4
        time_of_day = quarter % DAY_QUARTERS
        if time_of_day >= self.published_quarter or quarter >= ends:
            ends += DAY_QUARTERS
        return min(ends, len(self.price_per_kwh))


@dataclass(slots=True, kw_only=True)
class Car:
    """A session as it goes."""

    session: Session
    charger: Charger
    got_wh: float = 0.0
    charging: bool = False

    @property
    def missing_wh(self) -> float:
        """What the car still wants."""
        return max(0.0, self.session.needed_wh - self.got_wh)


def expected_house(house_w: Sequence[float], days: int = 7) -> list[float]:
    """Return what a home that only looks back expects: the mean of the same time of past days."""
    result: list[float] = []
    for quarter in range(len(house_w)):
        past = [
            house_w[quarter - back * DAY_QUARTERS]
            for back in range(1, days + 1)
            if quarter >= back * DAY_QUARTERS
        ]
        result.append(sum(past) / len(past) if past else house_w[quarter])
    return result


def possible_wh(home: Home, session: Session) -> float:
    """Return the most that a charger can give in a session when it has the cap for itself."""
    charger = home.chargers[session.charger]
    total_wh = 0.0
    for quarter in range(session.first, session.stop):
        room_w = charger.most_w
        if home.cap_w is not None:
            room_w = min(room_w, home.cap_w - home.house_w[quarter])
        amperes = int(room_w / charger.ampere_w)
        if amperes >= charger.minimum_a:
            total_wh += amperes * charger.ampere_w * HOURS
    return total_wh
