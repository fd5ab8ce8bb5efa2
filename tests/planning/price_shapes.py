"""What others tell of prices: 0.2 and 0.3 per kWh in the two hours from noon UTC on."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")
HOUR: Final = timedelta(hours=1)
NOON: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)

SHAPES: Final[dict[str, tuple[dict[str, Any], str | None, str]]] = {
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
"""Attributes, the unit of their entity, and the home's currency."""
