"""Prices to come are read from whoever tells them, and nonsense is left out (PLAN-3)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.evse_suite.planning.model import PriceSlot
from custom_components.evse_suite.planning.prices import (
    PriceTrouble,
    factor,
    read_attributes,
    read_lists,
    updated,
)
from tests.planning.price_shapes import BERLIN, HOUR, NOON, SHAPES


def read(
    attributes: dict[str, Any], unit: str | None = "EUR/kWh", currency: str = "EUR"
) -> tuple[PriceSlot, ...]:
    """Return what is read of an entity that tells prices."""
    slots = read_attributes(attributes, unit, zone=BERLIN, currency=currency)
    assert not isinstance(slots, PriceTrouble)
    return slots


def plain(slots: tuple[PriceSlot, ...]) -> list[tuple[str, float, float]]:
    """Return start in UTC, minutes and price of each slot."""
    return [
        (f"{it.start:%dT%H:%M}", (it.end - it.start) / timedelta(minutes=1), it.price_per_kwh)
        for it in slots
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(shape: str) -> None:
    """PLAN-3: whoever tells them, these are 0.2 and 0.3 per kWh from noon UTC on."""
    attributes, unit, currency = SHAPES[shape]
    scale = 10_000 if unit == "kr/Wh" else 1
    assert plain(read(attributes, unit, currency)) == [
        ("20T12:00", 60, 0.2 * scale),
        ("20T13:00", 60, 0.3 * scale),
    ]


@pytest.mark.parametrize(
    ("unit", "currency", "expected"),
    [
        (None, "EUR", 1.0),
        ("", "EUR", 1.0),
        ("EUR/kWh", "EUR", 1.0),
        ("€/MWh", "EUR", 0.001),
        ("ct/kWh", "EUR", 0.01),
        ("Cent / kWh", "EUR", 0.01),
        ("c/kWh", "USD", 0.01),
        ("p/kWh", "GBP", 0.01),
        ("øre/kWh", "NOK", 0.01),
        ("kr./kWh", "DKK", 1.0),
        ("kr/kWh", "SEK", 1.0),
        ("SEK per kWh", "SEK", 1.0),
        ("$/kWh", "AUD", 1.0),
        ("EUR/Wh", "EUR", 1000.0),
        ("SEK/kWh", "EUR", PriceTrouble.CURRENCY),
        ("£/kWh", "EUR", PriceTrouble.CURRENCY),
        ("kWh", "EUR", PriceTrouble.UNIT),
        ("EUR", "EUR", PriceTrouble.UNIT),
        ("EUR/m³", "EUR", PriceTrouble.UNIT),
        ("%", "EUR", PriceTrouble.UNIT),
    ],
)
def test_units(unit: str | None, currency: str, expected: float | PriceTrouble) -> None:
    assert factor(unit, currency) == expected


def rows(*starts: datetime | str, **more: Any) -> dict[str, Any]:
    """Return prices that begin at these times and are numbered from 1."""
    return {
        "prices": [{"start": at, "price": number, **more} for number, at in enumerate(starts, 1)]
    }


def test_quarters_halves_and_blocks_end_where_the_next_begins() -> None:
    quarter = timedelta(minutes=15)
    assert [it[1] for it in plain(read(rows(*(NOON + quarter * n for n in range(5)))))] == [15] * 5
    half = timedelta(minutes=30)
    assert [it[1] for it in plain(read(rows(NOON + half, NOON)))] == [30, 30]
    assert [it[1] for it in plain(read(rows(NOON)))] == [60]
    block = timedelta(hours=6)
    assert [it[1] for it in plain(read(rows(NOON, NOON + block)))] == [360, 360]


def test_a_hole_stays_a_hole() -> None:
    hours = [NOON, NOON + HOUR, NOON + 4 * HOUR]
    assert plain(read(rows(*hours))) == [
        ("20T12:00", 60, 1),
        ("20T13:00", 60, 2),
        ("20T16:00", 60, 3),
    ]


def test_unsorted_and_twice_told() -> None:
    assert plain(read(rows(NOON + HOUR, NOON, NOON + HOUR))) == [
        ("20T12:00", 60, 2),
        ("20T13:00", 60, 3),
    ]


def test_where_slots_overlap_the_shorter_counts() -> None:
    """A day's flat rate with an hour of its own in it, as saving sessions are told."""
    told = [
        {"start": NOON, "end": NOON + 6 * HOUR, "value": 0.3},
        {"start": NOON + 2 * HOUR, "end": NOON + 3 * HOUR, "value": 0.1},
        {"start": NOON + 5 * HOUR, "end": NOON + 7 * HOUR, "value": 0.2},
    ]
    assert plain(read({"rates": told})) == [
        ("20T12:00", 120, 0.3),
        ("20T14:00", 60, 0.1),
        ("20T15:00", 120, 0.3),
        ("20T17:00", 120, 0.2),
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_of_the_clock_change(day: str, hours: int) -> None:
    """Times with a zone are plain; those without one are the home's, each hour once."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    instants = [midnight.astimezone(UTC) + HOUR * n for n in range(hours)]
    expected = [(f"{at:%dT%H:%M}", 60, number) for number, at in enumerate(instants, 1)]
    local = [at.astimezone(BERLIN) for at in instants]
    assert plain(read(rows(*(at.isoformat() for at in local)))) == expected
    assert plain(read(rows(*(at.replace(tzinfo=None) for at in local)))) == expected


def test_wall_clock_times_with_ends_on_the_day_of_25_hours() -> None:
    walls = [datetime(2026, 10, 25, hour) for hour in (0, 1, 2, 2, 3)]  # noqa: DTZ001
    told = [{"start": at, "end": at + HOUR, "price": n} for n, at in enumerate(walls)]
    assert plain(read({"prices": told})) == [
        ("24T22:00", 60, 0),
        ("24T23:00", 60, 1),
        ("25T00:00", 60, 2),
        ("25T01:00", 60, 3),
        ("25T02:00", 60, 4),
    ]


def test_garbage_is_left_out() -> None:
    later = NOON + HOUR
    told = [
        None,
        7,
        "price",
        {},
        {"start": NOON, "price": None},
        {"start": NOON, "price": "unknown"},
        {"start": NOON, "price": True},
        {"start": NOON, "price": float("nan")},
        {"start": NOON, "price": 1e9},
        {"start": NOON, "price": 10**400},
        {"start": "soon", "price": 1},
        {"start": True, "price": 1},
        {"start": 1e300, "price": 1},
        {"start": None, "price": 1},
        {"start": datetime.max.replace(tzinfo=UTC), "price": 1},
        {"start": NOON, "end": NOON, "price": 1},
        {"start": NOON, "end": NOON - HOUR, "price": 1},
        {"price": 1},
        {"start": later, "end": later + HOUR, "price": -0.5},
    ]
    assert plain(read({"prices": told})) == [("20T13:00", 60, -0.5)]


@pytest.mark.parametrize(
    ("attributes", "unit", "trouble"),
    [
        ({}, "EUR/kWh", PriceTrouble.NO_PRICES),
        ({"friendly_name": "Price", "icon": "[x"}, "EUR/kWh", PriceTrouble.NO_PRICES),
        ({"today": [0.1, 0.2], "raw_today": None}, "EUR/kWh", PriceTrouble.NO_PRICES),
        ({"forecast": [{"datetime": NOON, "temperature": 7}]}, "°C", PriceTrouble.NO_PRICES),
        (rows(NOON), "°C", PriceTrouble.UNIT),
        (rows(NOON), "SEK/kWh", PriceTrouble.CURRENCY),
    ],
)
def test_why_nothing_can_be_read(
    attributes: dict[str, Any], unit: str, trouble: PriceTrouble
) -> None:
    assert read_attributes(attributes, unit, zone=BERLIN, currency="EUR") is trouble


def test_a_unit_of_their_own_needs_none_of_the_entity() -> None:
    told = {"data": [{"start_time": NOON, "price_ct_per_kwh": 25}]}
    assert plain(read(told, "%")) == [("20T12:00", 60, 0.25)]


def test_lists_of_two_entities_become_one() -> None:
    """Octopus tells today and tomorrow in an entity each."""
    lists = [rows(NOON)["prices"], rows(NOON + HOUR)["prices"]]
    slots = read_lists(lists, None, zone=BERLIN, currency="GBP")
    assert not isinstance(slots, PriceTrouble)
    assert plain(slots) == [("20T12:00", 60, 1), ("20T13:00", 60, 1)]


def test_what_is_told_now_replaces_what_was_known_of_the_same_time() -> None:
    quarter = timedelta(minutes=15)
    known = read(rows(*(NOON + quarter * n for n in range(12))))
    told = read(rows(NOON + HOUR))
    after = [("20T12:00", 15), ("20T12:15", 15), ("20T12:30", 15), ("20T12:45", 15)]
    after += [("20T13:00", 60), ("20T14:00", 15), ("20T14:15", 15)]
    after += [("20T14:30", 15), ("20T14:45", 15)]
    assert [it[:2] for it in plain(updated(known, told))] == after
    assert updated((), told) == updated(told, told) == updated(told, ()) == told
    tomorrow = read(rows(NOON + 24 * HOUR))
    assert updated(tomorrow, told) == (*told, *tomorrow)
