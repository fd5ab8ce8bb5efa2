"""What energy costs, and to which day it belongs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from .record import DayPart, Tariff

PIECE: Final = timedelta(minutes=15)
"""No tariff changes its price more often; a gap is cut at least this finely."""
SMALLEST: Final = Decimal("0.000001")
"""Costs add up exactly in millionths."""
LONGEST: Final = timedelta(days=7)
"""Of a longer gap the last days count: a clock that was years behind makes no years of work."""

type Prices = Callable[[datetime], Tariff]
"""The tariff at an instant."""


def add_energy(
    parts: tuple[DayPart, ...],
    energy_wh: float,
    *,
    begin: datetime,
    end: datetime,
    green: float,
    prices: Prices,
    zone: tzinfo,
) -> tuple[DayPart, ...]:
    """Return the parts with energy added that flowed evenly from ``begin`` to ``end``.

    ``green`` is its share from surplus, 0 to 1. Sun costs what it would have earned.
    """
    if energy_wh <= 0.0:
        return parts
    begin = min(max(begin, end - LONGEST), end)
    by_day = {part.day: part for part in parts}
    whole_s = (end - begin).total_seconds()
    for middle, length_s in _pieces(begin, end):
        share = length_s / whole_s if whole_s > 0 else 1.0
        day = middle.astimezone(zone).date()
        part = by_day.get(day) or DayPart(day=day)
        by_day[day] = _with(part, energy_wh * share, green, prices(middle))
    return tuple(by_day[day] for day in sorted(by_day, key=date.toordinal))


def _pieces(begin: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield the middles and lengths in seconds of the quarter hours of a span."""
    at = begin
    while True:
        into = timedelta(seconds=at.timestamp() % PIECE.total_seconds())
        until = min(end, at - into + PIECE)
        yield at + (until - at) / 2, max((until - at).total_seconds(), 0.0)
        if until >= end:
            return
        at = until


def _with(part: DayPart, energy_wh: float, green: float, tariff: Tariff) -> DayPart:
    green_wh = energy_wh * green
    grid_wh = energy_wh - green_wh
    cost = _cost(green_wh, tariff.feed_in_per_kwh)
    unpriced_wh = 0.0
    if tariff.price_per_kwh is None:
        unpriced_wh = grid_wh
    else:
        cost += _cost(grid_wh, tariff.price_per_kwh)
    return replace(
        part,
        energy_wh=part.energy_wh + energy_wh,
        green_wh=part.green_wh + green_wh,
        cost=part.cost + cost,
        unpriced_wh=part.unpriced_wh + unpriced_wh,
    )


def _cost(energy_wh: float, price_per_kwh: float) -> Decimal:
    return (Decimal(energy_wh) * Decimal(str(price_per_kwh)) / 1000).quantize(SMALLEST)
