"""Prices to come, from what others tell in the attributes of an entity or answer to an action.

Everybody has another shape: the names of the list, of its times and of its price, with or without
an end, in the currency or a hundredth of it, per kWh or per MWh. Read are the shapes of Nord Pool
(``raw_today`` and ``raw_tomorrow``, and the answer of its action), Octopus Agile (``rates``),
Tibber (``start_time`` or ``startsAt``), ENTSO-e (``prices_today``), EPEX Spot (``data``), Amber
(``forecasts``), aWATTar (``marketprice``), and any list of times and prices (PLAN-3).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
import json
from math import isfinite
import re
from typing import Any, Final

from .model import PriceSlot

LIST_KEYS: Final = (
    "raw_today",
    "raw_tomorrow",
    "prices_today",
    "prices_tomorrow",
    "prices",
    "rates",
    "data",
    "forecast",
    "forecasts",
    "today",
    "tomorrow",
)
"""Attributes that are prices where they look like it; others are tried when there is none."""
START_KEYS: Final = (
    "start",
    "start_time",
    "startsAt",
    "starts_at",
    "from",
    "valid_from",
    "start_timestamp",
    "time",
    "datetime",
    "timestamp",
    "hour",
)
END_KEYS: Final = ("end", "end_time", "ends_at", "till", "to", "valid_to", "end_timestamp")
PRICE_KEYS: Final = ("value_inc_vat", "total", "price", "value", "rate")
"""In the unit of the entity."""
SCALED_KEYS: Final = {
    "price_per_kwh": 1.0,
    "per_kwh": 1.0,
    "price_eur_per_kwh": 1.0,
    "price_ct_per_kwh": 0.01,
    "price_pence_per_kwh": 0.01,
    "price_eur_per_mwh": 0.001,
    "price_gbp_per_mwh": 0.001,
    "marketprice": 0.001,
}
"""In a unit of their own, as factors to the currency per kWh."""

ENERGIES: Final = {"wh": 1000.0, "kwh": 1.0, "mwh": 0.001}
HUNDREDTHS: Final = frozenset(
    {"c", "ct", "cent", "cents", "¢", "p", "pence", "öre", "øre", "ore", "gr", "snt", "stotinki"}
)
SIGNS: Final = {"€": "EUR", "£": "GBP"}
CURRENCY_CODE: Final = re.compile(r"[A-Z]{3}")
UNIT: Final = re.compile(r"\s*(?P<money>[^/\s]+?)\.?\s*(?:/|per)\s*(?P<energy>[kKmM]?[wW][hH])\s*")

MILLISECONDS_FROM: Final = 1e11
"""A number of seconds as large as this is a number of milliseconds."""
MOST_PER_KWH: Final = 1e6
"""Higher prices are mistakes in every currency."""
YEARS: Final = range(2000, 2200)
"""What is told of other years is a mistake."""
USUAL_STEP: Final = timedelta(hours=1)
LONGEST_STEP: Final = timedelta(days=1)


class PriceTrouble(StrEnum):
    """Why no prices can be read."""

    NO_PRICES = "no_prices"
    """There is no list of times and prices."""
    UNIT = "unit"
    """The unit is not money per energy."""
    CURRENCY = "currency"
    """The prices are in another currency than the home's."""


def factor(unit: str | None, currency: str) -> float | PriceTrouble:
    """Return what turns a price in ``unit`` into ``currency`` (ISO 4217) per kWh.

    Without a unit the price is taken for one per kWh. Signs that several currencies share (``$``,
    ``kr``) are taken for the home's.
    """
    if not unit:
        return 1.0
    match = UNIT.fullmatch(unit)
    if match is None:
        return PriceTrouble.UNIT
    money = match["money"]
    energy = ENERGIES[match["energy"].lower()]
    if money.lower() in HUNDREDTHS:
        return energy / 100
    code = SIGNS.get(money, money)
    if CURRENCY_CODE.fullmatch(code) and code != currency:
        return PriceTrouble.CURRENCY
    return energy


def read_attributes(
    attributes: Mapping[str, Any], unit: str | None, *, zone: tzinfo, currency: str
) -> tuple[PriceSlot, ...] | PriceTrouble:
    """Return the prices that an entity tells in its attributes, sorted and without overlaps.

    ``unit`` is the entity's, ``zone`` that of times without one, ``currency`` the home's. What
    makes no sense is left out.
    """
    preferred = [attributes[key] for key in LIST_KEYS if key in attributes]
    others = [value for key, value in attributes.items() if key not in LIST_KEYS]
    read: tuple[PriceSlot, ...] | PriceTrouble = PriceTrouble.NO_PRICES
    for lists in (preferred, others):
        read = read_lists(lists, unit, zone=zone, currency=currency)
        if read is not PriceTrouble.NO_PRICES:
            break
    return read


def read_lists(
    lists: Iterable[object], unit: str | None, *, zone: tzinfo, currency: str
) -> tuple[PriceSlot, ...] | PriceTrouble:
    """Return the prices in some lists, as ``read_attributes`` does."""
    scale = factor(unit, currency)
    slots: list[PriceSlot] = []
    found = False
    for told in lists:
        rows = _rows(told)
        priced = [(row, price) for row in rows if (price := _price(row)) is not None]
        timed = _timed(priced, zone)
        found = found or bool(timed)
        slots += _slots(timed, scale if isinstance(scale, float) else None)
    if slots:
        return merged(slots)
    return scale if found and isinstance(scale, PriceTrouble) else PriceTrouble.NO_PRICES


def _rows(told: object) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a list, of a list in JSON, or of a table of prices by time."""
    if isinstance(told, str) and told.lstrip().startswith(("[", "{")):
        try:
            told = json.loads(told)
        except ValueError:
            return ()
    if isinstance(told, Mapping):
        return [{"start": start, "price": price} for start, price in told.items()]
    if isinstance(told, list | tuple):
        return [row for row in told if isinstance(row, Mapping)]
    return ()


type _Price = tuple[float, bool]
"""A price, and whether it is in the unit of the entity; otherwise it is per kWh already."""


def _price(row: Mapping[str, Any]) -> _Price | None:
    for key, scale in SCALED_KEYS.items():
        if (number := _number(row.get(key))) is not None:
            return number * scale, False
    for key in PRICE_KEYS:
        if (number := _number(row.get(key))) is not None:
            return number, True
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.replace(",", ".") if isinstance(value, str) else value)
    except ValueError, OverflowError:
        return None
    return number if isfinite(number) and abs(number) < MOST_PER_KWH else None


type _Timed = tuple[datetime, datetime | None, _Price]
"""Start, end where one is told, and price."""


def _timed(rows: Iterable[tuple[Mapping[str, Any], _Price]], zone: tzinfo) -> list[_Timed]:
    """Return the rows that have a start; the hour that comes twice is told apart by its order."""
    clock = _Clock(zone)
    ends = _Clock(zone)
    found: list[_Timed] = []
    for row, price in rows:
        start = clock.read(_first(row, START_KEYS))
        end = ends.read(_first(row, END_KEYS))
        if start is not None:
            found.append((start, end, price))
    return found


def _first(row: Mapping[str, Any], keys: Iterable[str]) -> object:
    return next((row[key] for key in keys if key in row), None)


class _Clock:
    """Reads times; of a wall-clock time without a zone that comes twice the second is the later."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._seen: set[datetime] = set()

    def read(self, value: object) -> datetime | None:
        """Return a time in UTC to the minute, None for what is no time."""
        try:
            moment = self._moment(value)
            if moment is None:
                return None
            # Some begin their slots a second late.
            rounded = moment.astimezone(UTC) + timedelta(seconds=30)
        except ValueError, OverflowError, OSError:
            return None
        if rounded.year not in YEARS:
            return None
        return rounded.replace(second=0, microsecond=0)

    def _moment(self, value: object) -> datetime | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(
                value / 1000 if abs(value) >= MILLISECONDS_FROM else value, UTC
            )
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        if not isinstance(value, datetime):
            return None
        if value.tzinfo is not None:
            return value
        fold = int(value in self._seen)
        self._seen.add(value)
        return value.replace(tzinfo=self._zone, fold=fold)


def _slots(rows: Sequence[_Timed], scale: float | None) -> Iterator[PriceSlot]:
    """Yield what has a length; without ``scale`` only prices in a unit of their own."""
    starts = sorted({start for start, _, _ in rows})
    following = dict(pairwise(starts))
    step = _step(starts)
    for start, told_end, (price, in_unit) in rows:
        if in_unit and scale is None:
            continue
        end = told_end or min(start + step, following.get(start, start + step))
        if start < end:
            per_kwh = price * scale if in_unit and scale is not None else price
            yield PriceSlot(start=start, end=end, price_per_kwh=round(per_kwh, 6))


def _step(starts: Sequence[datetime]) -> timedelta:
    """Return the usual distance between two starts."""
    gaps = Counter(later - start for start, later in pairwise(starts))
    if not gaps:
        return USUAL_STEP
    usual = min(gaps, key=lambda gap: (-gaps[gap], gap))
    return min(usual, LONGEST_STEP)


def merged(slots: Iterable[PriceSlot]) -> tuple[PriceSlot, ...]:
    """Return the slots in their order without overlaps; the shorter counts, then the last told."""
    distinct = {(slot.start, slot.end): slot for slot in slots}
    ordered = sorted(distinct.values(), key=lambda slot: (slot.start, slot.end))
    if all(one.end <= two.start for one, two in pairwise(ordered)):
        return tuple(ordered)
    edges = sorted({edge for slot in ordered for edge in (slot.start, slot.end)})
    by_length = sorted(ordered, key=lambda slot: slot.end - slot.start)
    pieces: list[tuple[PriceSlot, datetime, datetime]] = []
    for start, end in pairwise(edges):
        slot = next((it for it in by_length if it.start <= start and end <= it.end), None)
        if slot is None:
            continue
        goes_on = bool(pieces) and pieces[-1][0] is slot and pieces[-1][2] == start
        pieces.append((slot, pieces.pop()[1] if goes_on else start, end))
    return tuple(
        PriceSlot(start=start, end=end, price_per_kwh=slot.price_per_kwh)
        for slot, start, end in pieces
    )


def updated(known: Iterable[PriceSlot], told: Sequence[PriceSlot]) -> tuple[PriceSlot, ...]:
    """Return what is told now and, where it says nothing, what was known; both have no overlaps."""
    ends = [slot.end for slot in told]
    beside = []
    for slot in known:
        index = bisect_right(ends, slot.start)
        if index == len(told) or slot.end <= told[index].start:
            beside.append(slot)
    return tuple(sorted((*beside, *told), key=lambda slot: slot.start))
