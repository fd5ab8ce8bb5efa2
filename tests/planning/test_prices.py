"""Prices to come are read from whoever tells them, and nonsense is left out (PLAN-3)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.planning.model import PriceSlot
from custom_components.evse_suite.planning.prices import (
    PriceTrouble,
    factor,
    read_attributes,
    read_lists,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


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


SHAPES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "Nord Pool, own sensor": (
        {
            "today": [0.2, 0.3],
            "tomorrow_valid": False,
            "current_price": 0.2,
            "raw_today": [
                {"start": NOON.astimezone(BERLIN), "end": NOON + HOUR, "value": 0.2},
                {"start": NOON + HOUR, "end": NOON + 2 * HOUR, "value": 0.3},
            ],
            "raw_tomorrow": [],
        },
        "EUR/kWh",
        "EUR",
    ),
    "Nord Pool, action": (
        {
            "SE3": [
                {"start": "2026-11-20T12:00:00+00:00", "end": "2026-11-20T13:00:00Z", "price": 200},
                {
                    "start": "2026-11-20T13:00:00+00:00",
                    "end": "2026-11-20T14:00:00+00:00",
                    "price": 300.0,
                },
            ]
        },
        "SEK/MWh",
        "SEK",
    ),
    "Octopus Agile": (
        {
            "event_type": "current_day_rates",
            "min_rate": 0.2,
            "rates": [
                {
                    "start": "2026-11-20T12:00:00+00:00",
                    "end": "2026-11-20T13:00:00+00:00",
                    "value_inc_vat": 0.2,
                    "is_capped": False,
                },
                {
                    "start": "2026-11-20T13:00:00+00:00",
                    "end": "2026-11-20T14:00:00+00:00",
                    "value_inc_vat": 0.3,
                    "is_capped": False,
                },
            ],
        },
        None,
        "GBP",
    ),
    "Octopus, older, in pence": (
        {
            "rates": [
                {
                    "valid_from": "2026-11-20T12:00:00Z",
                    "valid_to": "2026-11-20T13:00:00Z",
                    "value_inc_vat": 20.0,
                },
                {
                    "valid_from": "2026-11-20T13:00:00Z",
                    "valid_to": "2026-11-20T14:00:00Z",
                    "value_inc_vat": 30.0,
                },
            ]
        },
        "p/kWh",
        "GBP",
    ),
    "Tibber, attributes": (
        {
            "today": [
                {"startsAt": "2026-11-20T13:00:00.000+01:00", "total": 0.2, "energy": 0.1},
                {"startsAt": "2026-11-20T14:00:00.000+01:00", "total": 0.3, "energy": 0.2},
            ],
            "tomorrow": [],
        },
        "EUR/kWh",
        "EUR",
    ),
    "Tibber, action": (
        {
            "Home": [
                {"start_time": "2026-11-20T13:00:00.000+01:00", "price": 0.2},
                {"start_time": "2026-11-20T14:00:00.000+01:00", "price": 0.3},
            ]
        },
        None,
        "NOK",
    ),
    "ENTSO-e": (
        {
            "prices_today": [
                {"time": "2026-11-20 13:00:00+01:00", "price": 0.2},
                {"time": "2026-11-20 14:00:00+01:00", "price": 0.3},
            ],
            "prices_tomorrow": "unknown",
            "prices": [
                {"time": "2026-11-20 13:00:00+01:00", "price": 0.2},
                {"time": "2026-11-20 14:00:00+01:00", "price": 0.3},
            ],
        },
        "€/kWh",
        "EUR",
    ),
    "EPEX Spot, net": (
        {
            "data": [
                {
                    "start_time": "2026-11-20T13:00:00+01:00",
                    "end_time": "2026-11-20T14:00:00+01:00",
                    "price_per_kwh": 0.2,
                },
                {
                    "start_time": "2026-11-20T14:00:00+01:00",
                    "end_time": "2026-11-20T15:00:00+01:00",
                    "price_per_kwh": 0.3,
                },
            ]
        },
        "€/kWh",
        "EUR",
    ),
    "EPEX Spot, older, per MWh and in cents": (
        {
            "price_ct_per_kwh": 20.0,
            "data": [
                {
                    "start_time": "2026-11-20T13:00:00+01:00",
                    "end_time": "2026-11-20T14:00:00+01:00",
                    "price_eur_per_mwh": 200.0,
                    "price_ct_per_kwh": 20.0,
                },
                {
                    "start_time": "2026-11-20T14:00:00+01:00",
                    "end_time": "2026-11-20T15:00:00+01:00",
                    "price_eur_per_mwh": 300.0,
                    "price_ct_per_kwh": 30.0,
                },
            ],
        },
        "EUR/MWh",
        "EUR",
    ),
    "Amber, seconds off": (
        {
            "channel_type": "general",
            "forecasts": [
                {
                    "duration": 60,
                    "per_kwh": 0.2,
                    "spot_per_kwh": 0.1,
                    "nem_date": "2026-11-20T23:00:00+10:00",
                    "start_time": "2026-11-20T12:00:01+00:00",
                    "end_time": "2026-11-20T13:00:00+00:00",
                },
                {
                    "duration": 60,
                    "per_kwh": 0.3,
                    "spot_per_kwh": 0.2,
                    "start_time": "2026-11-20T13:00:01+00:00",
                    "end_time": "2026-11-20T14:00:00+00:00",
                },
            ],
        },
        "$/kWh",
        "AUD",
    ),
    "aWATTar": (
        {
            "forecast": [
                {
                    "start_timestamp": 1_795_176_000_000,
                    "end_timestamp": 1_795_179_600_000,
                    "marketprice": 200.0,
                    "unit": "Eur/MWh",
                },
                {
                    "start_timestamp": 1_795_179_600_000,
                    "end_timestamp": 1_795_183_200_000,
                    "marketprice": 300,
                    "unit": "Eur/MWh",
                },
            ]
        },
        "ct/kWh",
        "EUR",
    ),
    "a template that writes JSON": (
        {
            "my_prices": '[{"start": "2026-11-20T13:00", "price": "20,0"},'
            ' {"start": "2026-11-20T14:00", "price": "30.0"}]'
        },
        "ct/kWh",
        "EUR",
    ),
    "a table by time": (
        {"prices": {"2026-11-20T12:00:00+00:00": 0.2, "2026-11-20T13:00:00+00:00": 0.3}},
        "EUR/kWh",
        "EUR",
    ),
    "seconds since 1970": (
        {"prices": [{"time": 1_795_176_000, "value": 2}, {"time": 1_795_179_600, "value": 3}]},
        "kr/Wh",
        "SEK",
    ),
}


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
