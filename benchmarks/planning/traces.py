"""Homes of real prices, sun, loads and plug-in times, from a folder that the user names.

The folder has ``prices/``, ``pv/``, ``load/`` and ``sessions/`` with zipped tables; the project
ships none. Sun and load of one year are put beside the prices of another by day and time of day;
for every day one of the real sessions of that weekday is drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import gzip
from pathlib import Path
from random import Random
from typing import Final

from .home import DAY_QUARTERS, QUARTER, Charger, Home, Session, expected_house

LOCAL: Final = timedelta(hours=1)
"""Plug-in times are local, the market's day begins at 23:00 UTC."""
NOON: Final = 48
AFTERNOON: Final = 64
LONGEST: Final = 160
"""Quarters of an hour: longer stays are cut."""
LEAST_WH: Final = 1000.0
ROOF_W: Final = 6000.0
ONE_PHASE: Final = Charger(lines=1, maximum_a=32)
THREE_PHASES: Final = Charger(lines=3, maximum_a=16)

type Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What a home is made of."""

    name: str
    prices: str
    chargers: tuple[Charger, ...]
    sun: str | None = None
    cap_w: float | None = None
    published_quarter: int = NOON


REGION: Final = "pv_BE_2023_15min"
ROOF: Final = "pv_home-FR_2024-03_2025-02_30min"
LOAD: Final = "load_home-FR_2024-03_2025-02_30min"
CASES: Final = (
    _Case(name="Sweden 2021", prices="price_SE3_2021_60min", chargers=(ONE_PHASE,)),
    _Case(name="Sweden 2022", prices="price_SE3_2022_60min", chargers=(THREE_PHASES,)),
    _Case(
        name="Belgium 2023, regional sun",
        prices="price_BE_2023_60min",
        chargers=(ONE_PHASE,),
        sun=REGION,
    ),
    _Case(
        name="Agile 2020, one roof",
        prices="price_UK-A_2020_30min",
        chargers=(ONE_PHASE,),
        sun=ROOF,
        published_quarter=AFTERNOON,
    ),
    _Case(
        name="Sweden 2023, two cars, 40 A",
        prices="price_SE3_2023_60min",
        chargers=(ONE_PHASE, ONE_PHASE),
        sun=ROOF,
        cap_w=9200.0,
    ),
    _Case(name="Belgium 2025", prices="price_BE_2025Q4_15min", chargers=(THREE_PHASES,)),
)


@dataclass(frozen=True, slots=True)
class Traces:
    """The source that reads a folder."""

    folder: Path

    @property
    def title(self) -> str:
        """What kind of homes these are."""
        return "measured"

    def homes(self, days: int) -> Iterator[Home]:
        """Yield homes of so many days each, fewer where their prices end before."""
        plugs = _plugs(self._rows("sessions"))
        load = _by_time(self._rows("load", LOAD), "load_w")
        for number, case in enumerate(CASES):
            rows = self._rows("prices", case.prices)
            begin = _time(rows[0]["start_utc"]).replace(hour=0) + timedelta(days=1)
            prices = _prices(rows, begin)[: (days + 3) * DAY_QUARTERS]
            sun = self._rows("pv", case.sun) if case.sun else []
            has_load = case.sun is not None or case.cap_w is not None
            house_w = _yearly(load, begin, len(prices)) if has_load else [0.0] * len(prices)
            yield Home(
                name=case.name,
                begin=begin,
                currency=rows[0]["currency"],
                price_per_kwh=prices,
                feed_in_per_kwh=0.04,
                chargers=case.chargers,
                sessions=drawn(plugs, begin, len(prices), len(case.chargers), Random(number)),
                sun_w=_sun(sun, "actual_pu", begin, len(prices)),
                sun_expected_w=_sun(sun, "forecast_pu", begin, len(prices)),
                house_w=house_w,
                house_expected_w=expected_house(house_w),
                published_quarter=case.published_quarter,
                cap_w=case.cap_w,
                days=len(prices) // DAY_QUARTERS,
            )

    def _rows(self, kind: str, name: str = "*") -> Rows:
        found = sorted((self.folder / kind).glob(f"{name}.csv.gz"))
        if not found:
            raise FileNotFoundError(f"no {kind}/{name}.csv.gz in {self.folder}")
        with gzip.open(found[0], "rt", newline="") as file:
            return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """A real session, without its date: quarters of the local day, and energy."""

    weekday: int
    quarter: int
    length: int
    energy_wh: float


def drawn(
    plugs: Sequence[Plug], begin: datetime, quarters: int, chargers: int, random: Random
) -> tuple[Session, ...]:
    """Return one session a day and charger, drawn among those of the weekday, none overlapping."""
    by_weekday = {day: [plug for plug in plugs if plug.weekday == day] for day in range(7)}
    found: list[Session] = []
    for charger in range(chargers):
        free = 0
        for day in range(quarters // DAY_QUARTERS - 2):
            date = begin + timedelta(days=day)
            plug = random.choice(by_weekday[date.weekday()])
            first = day * DAY_QUARTERS + plug.quarter - LOCAL // QUARTER
            if first >= free:
                free = first + plug.length
                found.append(
                    Session(charger=charger, first=first, stop=free, needed_wh=plug.energy_wh)
                )
    return tuple(found)


def _plugs(rows: Rows) -> list[Plug]:
    found: list[Plug] = []
    for row in rows:
        start, end = (datetime.fromisoformat(row[key]) for key in ("plug_in", "plug_out"))
        midnight = start.replace(hour=0, minute=0, second=0)
        first, stop = -(-(start - midnight) // QUARTER), (end - midnight) // QUARTER
        energy_wh = 1000 * float(row["energy_kwh"] or 0)
        length = min(stop - first, LONGEST)
        if length > 0 and energy_wh >= LEAST_WH:
            found.append(
                Plug(weekday=start.weekday(), quarter=first, length=length, energy_wh=energy_wh)
            )
    return found


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _prices(rows: Rows, begin: datetime) -> list[float]:
    """Return the price of every quarter of an hour; where one is missing, the one before holds."""
    known = {_time(row["start_utc"]): float(row["price"]) for row in rows}
    last = max(known)
    found: list[float] = []
    at, price = begin, 0.0
    while at <= last:
        price = known.get(at, price)
        found.append(price)
        at += QUARTER
    return found


def _by_time(rows: Rows, column: str) -> dict[tuple[int, int, int, int], float]:
    """Return the values of a year by month, day, hour and minute."""
    found: dict[tuple[int, int, int, int], float] = {}
    for row in rows:
        at = _time(row["start_utc"])
        found[at.month, at.day, at.hour, at.minute] = float(row[column] or 0)
    return found


def _yearly(
    known: Mapping[tuple[int, int, int, int], float], begin: datetime, quarters: int
) -> list[float]:
    """Return the values of any year at the same day and time, the last one where there is none."""
    found: list[float] = []
    value = 0.0
    for quarter in range(quarters):
        at = begin + quarter * QUARTER
        value = known.get((at.month, at.day, at.hour, at.minute), value)
        found.append(value)
    return found


def _sun(rows: Rows, column: str, begin: datetime, quarters: int) -> list[float]:
    return [ROOF_W * each for each in _yearly(_by_time(rows, column), begin, quarters)]
