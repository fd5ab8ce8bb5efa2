"""Homes that anybody can make: prices, sun with its forecast, load and plug-in times from a seed.

Prices have the two peaks of a day, a weekly rhythm, noise that stays for hours and noons that the
sun of the land makes cheap. A cloud cover that changes over hours makes the sun; its forecast has
the day's cover right only on average. Most cars come in the evening and leave in the morning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import cos, exp, pi, sin
from random import Random
from typing import Final

from .home import DAY_QUARTERS, Charger, Home, expected_house
from .traces import NOON, ONE_PHASE, ROOF_W, THREE_PHASES, Plug, drawn

BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
YEAR_DAYS: Final = 365
FREEZING: Final = 0.99
"""Of the noise of prices and clouds, from one quarter of an hour to the next."""


@dataclass(frozen=True, slots=True)
class Generator:
    """The source that needs no files."""

    title: str = "made"

    def homes(self, days: int) -> Iterator[Home]:
        """Yield homes of so many days each."""
        cases: tuple[tuple[str, int, tuple[Charger, ...], float | None], ...] = (
            ("hours", 4, (ONE_PHASE,), None),
            ("quarters, three phases", 1, (THREE_PHASES,), None),
            ("half hours, 40 A", 2, (ONE_PHASE,), 9200.0),
        )
        for seed, (name, length, chargers, cap_w) in enumerate(cases):
            random = Random(seed)
            quarters = (days + 3) * DAY_QUARTERS
            house_w = [_house_w(quarter, random) for quarter in range(quarters)]
            sun_w, expected_w = _sun(quarters, random)
            yield Home(
                name=name,
                begin=BEGIN,
                currency="EUR",
                price_per_kwh=_prices(quarters, length, random),
                feed_in_per_kwh=0.06,
                chargers=chargers,
                sessions=drawn(_plugs(random), BEGIN, quarters, len(chargers), random),
                sun_w=sun_w,
                sun_expected_w=expected_w,
                house_w=house_w,
                house_expected_w=expected_house(house_w),
                published_quarter=NOON,
                cap_w=cap_w,
                days=days,
            )


def _prices(quarters: int, length: int, random: Random) -> list[float]:
    found: list[float] = []
    noise = 0.0
    for quarter in range(quarters):
        noise = FREEZING * noise + random.gauss(0, 0.004)
        if quarter % length == 0:
            hour, day = quarter % DAY_QUARTERS / 4, quarter // DAY_QUARTERS
            peaks = exp(-(((hour - 8) / 2) ** 2)) + 1.4 * exp(-(((hour - 18.5) / 2.5) ** 2))
            noon = max(0.0, -cos(2 * pi * day / YEAR_DAYS)) * exp(-(((hour - 12.5) / 3) ** 2))
            weekend = 0.85 if day % 7 > 4 else 1.0  # noqa: PLR2004 (Saturday and Sunday)
            price = weekend * (0.16 + 0.09 * peaks - 0.14 * noon + noise)
        found.append(round(price, 4))
    return found


def _sun(quarters: int, random: Random) -> tuple[list[float], list[float]]:
    """Return what the roof gives and what was expected the day before."""
    actual, expected = [], []
    cloud = 0.5
    covers: list[float] = []
    for _ in range(quarters):
        cloud = min(1.0, max(0.0, 0.5 + FREEZING * (cloud - 0.5) + random.gauss(0, 0.05)))
        covers.append(cloud)
    for quarter, cover in enumerate(covers):
        day, hour = divmod(quarter, DAY_QUARTERS)
        season = 0.55 - 0.4 * cos(2 * pi * day / YEAR_DAYS)
        clear_w = ROOF_W * season * max(0.0, sin(pi * (hour / 4 - 6) / 13))
        mean = sum(covers[day * DAY_QUARTERS : (day + 1) * DAY_QUARTERS]) / DAY_QUARTERS
        actual.append(clear_w * (1 - 0.85 * cover))
        expected.append(clear_w * (1 - 0.85 * mean))
    return actual, expected


def _house_w(quarter: int, random: Random) -> float:
    hour = quarter % DAY_QUARTERS / 4
    evening = 700 * exp(-(((hour - 18) / 2.5) ** 2)) + 400 * exp(-(((hour - 6) / 1.5) ** 2))
    cooking = 1500 if random.random() < evening / 5000 else 0
    return 250 + evening * random.uniform(0.5, 1.5) + cooking


def _plugs(random: Random) -> list[Plug]:
    found: list[Plug] = []
    for number in range(700):
        evening = random.random() < 0.7  # noqa: PLR2004 (the others come by day)
        quarter = int(random.gauss(70, 8) if evening else random.gauss(44, 10))
        length = int(random.gauss(54, 8) if evening else random.uniform(6, 60))
        found.append(
            Plug(
                weekday=number % 7,
                quarter=max(4, min(quarter, DAY_QUARTERS - 1)),
                length=max(4, length),
                energy_wh=min(60_000.0, 2000 + random.expovariate(1 / 12_000)),
            )
        )
    return found
