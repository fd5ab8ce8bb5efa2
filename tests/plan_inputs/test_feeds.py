"""What plans are made of is gathered from whoever tells it, and a silent feed harms nobody.

Rows PLAN-3 and SITE-1.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.evse_suite.planning.model import PriceSlot
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from tests.plan_inputs.gathering import HOUR, NOON, Calls, dashboard, later, site, started, subentry

EUR = {"unit_of_measurement": "EUR/kWh"}


def row(start: datetime, price: float) -> dict[str, Any]:
    return {"start": start.isoformat(), "end": (start + HOUR).isoformat(), "price": price}


def plain(slots: tuple[PriceSlot, ...]) -> list[tuple[float, float]]:
    """Return hours from noon and price."""
    return [((it.start - NOON) / HOUR, it.price_per_kwh) for it in slots]


async def test_a_late_feed(hass: HomeAssistant, changes: Calls) -> None:
    """PLAN-3: no prices, then prices, then silence: what is known is kept, no ticks are told."""
    inputs = await started(hass, changes, site(hass, subentry("prices", price=["sensor.price"])))
    assert inputs.outlook(NOON).prices == ()
    assert changes.taken() == 0
    hass.states.async_set("sensor.price", "unavailable")
    await hass.async_block_till_done()
    today = {"raw_today": [row(NOON, 0.3), row(NOON + HOUR, 0.2)], "raw_tomorrow": []} | EUR
    hass.states.async_set("sensor.price", "0.3", today)
    await hass.async_block_till_done()
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.3), (1, 0.2)]
    assert changes.taken() == 1
    hass.states.async_set("sensor.price", "0.2", today)
    await hass.async_block_till_done()
    assert changes.taken() == 0
    hass.states.async_set(
        "sensor.price", "0.2", today | {"raw_tomorrow": [row(NOON + 24 * HOUR, 1)]}
    )
    await hass.async_block_till_done()
    assert changes.taken() == 1
    hass.states.async_set("sensor.price", "unavailable")
    await hass.async_block_till_done()
    hass.states.async_remove("sensor.price")
    await hass.async_block_till_done()
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.3), (1, 0.2), (24, 1)]
    assert changes.taken() == 0


async def test_two_entities_tax_and_surcharge(hass: HomeAssistant, changes: Calls) -> None:
    """PLAN-3: today and tomorrow of Octopus are two entities; what is paid is more than that."""
    hass.states.async_set("event.today", "x", {"rates": [row(NOON, 0.2)]})
    hass.states.async_set("event.tomorrow", "x", {"rates": [row(NOON + 12 * HOUR, -0.1)]})
    prices = subentry(
        "prices", price=["event.today", "event.tomorrow"], tax_percent=20.0, surcharge=0.15
    )
    inputs = await started(hass, changes, site(hass, prices))
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.39), (12, 0.03)]


async def test_what_was_paid_is_remembered_for_a_week(
    hass: HomeAssistant, changes: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """A price that is missing is guessed from the days before."""
    inputs = await started(hass, changes, site(hass, subentry("prices", price=["sensor.price"])))
    for day in range(12):
        told = {"prices": [row(NOON + 24 * HOUR * day, day)]} | EUR
        hass.states.async_set("sensor.price", "1", told)
        await hass.async_block_till_done()
        freezer.tick(24 * HOUR)
    assert [it.price_per_kwh for it in inputs.outlook(NOON).prices] == list(range(3, 12))


def own_entity(
    hass: HomeAssistant, platform: str, unique_id: str, device: str | None = None
) -> tuple[str, str]:
    """Add another integration's price entity; return its id and that of its config entry."""
    other = MockConfigEntry(domain=platform)
    other.add_to_hass(hass)
    device_id = None
    if device is not None:
        found = dr.async_get(hass).async_get_or_create(
            config_entry_id=other.entry_id, identifiers={(platform, device)}, name=device
        )
        device_id = found.id
    entity = er.async_get(hass).async_get_or_create(
        "sensor", platform, unique_id, config_entry=other, device_id=device_id
    )
    hass.states.async_set(entity.entity_id, "0.3", EUR)
    return entity.entity_id, other.entry_id


def answers(
    hass: HomeAssistant, action: str, answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Register an action; return what it is asked."""
    asked: list[dict[str, Any]] = []

    async def handle(call: ServiceCall) -> dict[str, Any]:
        asked.append(dict(call.data))
        return answer(dict(call.data))

    domain, _, name = action.partition(".")
    hass.services.async_register(domain, name, handle, supports_response=SupportsResponse.ONLY)
    return asked


async def test_prices_are_asked_for(
    hass: HomeAssistant, changes: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """PLAN-3: Nord Pool of Home Assistant answers per MWh, for tomorrow in the afternoon."""
    entity_id, entry_id = own_entity(hass, "nordpool", "DE-current_price")
    tomorrow: list[dict[str, Any]] = []

    def answer(data: dict[str, Any]) -> dict[str, Any]:
        if data["date"] == "2026-01-14":
            return {"AT": [row(NOON, 999)], "DE": [row(NOON, 300), row(NOON + HOUR, 200)]}
        if not tomorrow:
            raise ServiceValidationError("Not published yet")
        return {"DE": tomorrow}

    asked = answers(hass, "nordpool.get_prices_for_date", answer)
    inputs = await started(hass, changes, site(hass, subentry("prices", price=[entity_id])))
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.3), (1, 0.2)]
    assert changes.taken() == 1
    assert asked == [
        {"config_entry": entry_id, "date": "2026-01-14"},
        {"config_entry": entry_id, "date": "2026-01-15"},
    ]
    # The entity goes on to show the present price alone.
    hass.states.async_set(entity_id, "0.2", EUR)
    tomorrow += [row(NOON + HOUR * hour, 100) for hour in range(12, 36)]
    await later(hass, freezer, timedelta(minutes=15))
    assert len(inputs.outlook(NOON).prices) == 26
    assert changes.taken() == 1
    # With enough known ahead once an hour will do.
    asked.clear()
    await later(hass, freezer, timedelta(minutes=15), times=8)
    assert len(asked) == 4
    assert changes.taken() == 0
    # Who tells it without being asked is not asked any more.
    asked.clear()
    hass.states.async_set(entity_id, "0.2", {"prices": [row(NOON, 0.3)]} | EUR)
    await later(hass, freezer, timedelta(minutes=15), times=4)
    assert asked == []


@pytest.mark.parametrize(
    ("unique_id", "action", "answer"),
    [
        (
            "home-1",
            "tibber.get_prices",
            lambda _: {
                "prices": {
                    "Cabin": [{"start_time": NOON.isoformat(), "price": 0.9}],
                    "House": [{"start_time": NOON.isoformat(), "price": 0.25}],
                }
            },
        ),
        (
            "site-general-price",
            "amberelectric.get_forecasts",
            lambda data: {
                "forecasts": [
                    {
                        "start_time": NOON.isoformat(),
                        "end_time": (NOON + HOUR).isoformat(),
                        "per_kwh": {"general": 0.25, "feed_in": 0.1}[data["channel_type"]],
                        "spot_per_kwh": 0.1,
                    }
                ]
            },
        ),
        (
            "today_energy_current_hour_price",
            "energyzero.get_energy_prices",
            lambda data: {
                "prices": [
                    {"timestamp": f"{data['start']} 12:00:00+01:00", "price": 0.25},
                ]
            },
        ),
        (
            "today_energy_usage_current_hour_price",
            "easyenergy.get_energy_usage_prices",
            lambda data: {
                "prices": [{"timestamp": f"{data['start']} 12:00:00+01:00", "price": 0.25}]
            },
        ),
    ],
)
async def test_others_who_answer_only_when_asked(
    hass: HomeAssistant,
    changes: Calls,
    unique_id: str,
    action: str,
    answer: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """PLAN-3: of two homes the one whose device the entity belongs to."""
    entity_id, _ = own_entity(hass, action.partition(".")[0], unique_id, "House")
    answers(hass, action, answer)
    inputs = await started(hass, changes, site(hass, subentry("prices", price=[entity_id])))
    assert plain(inputs.outlook(NOON).prices)[0] == (0, 0.25)


async def test_nobody_answers(hass: HomeAssistant, changes: Calls) -> None:
    """Whatever goes wrong elsewhere, plans go on without."""
    first, _ = own_entity(hass, "tibber", "home-1")
    second, _ = own_entity(hass, "nordpool", "DE-current_price")

    def broken(_: dict[str, Any]) -> dict[str, Any]:
        raise AttributeError("runtime_data")

    answers(hass, "nordpool.get_prices_for_date", broken)
    entry = site(hass, subentry("prices", price=[first, second], forecast=["gone"]))
    inputs = await started(hass, changes, entry)
    outlook = inputs.outlook(NOON)
    # What is shown now is all that is known.
    assert plain(outlook.prices) == [(0, 0.3)]
    assert (outlook.sun, outlook.house) == ((), ())
    assert changes.taken() == 0


@pytest.mark.parametrize(
    ("stored", "known", "expected"),
    [
        ({}, {}, ((), 0.0)),
        ({"fixed_price": 0.35}, {}, ((0.35,), 0.0)),
        ({}, {"number_energy_price": 0.31, "number_energy_price_export": 0.07}, ((0.31,), 0.07)),
        ({"fixed_price": 0.35}, {"entity_energy_price": "sensor.price"}, ((0.35,), 0.0)),
        ({}, {"entity_energy_price": "sensor.price"}, ((0.3,), 0.0)),
        ({"price": ["sensor.none"]}, {"number_energy_price": 0.31}, ((), 0.0)),
        ({"feed_in": 0.08}, {"number_energy_price_export": 0.07}, ((), 0.08)),
        ({"feed_in": 0.0}, {"entity_energy_price_export": "sensor.earned"}, ((), 0.0)),
        ({"feed_in_entity": "sensor.earned"}, {"number_energy_price_export": 0.07}, ((), 0.06)),
        ({}, {"entity_energy_price_export": "sensor.earned"}, ((), 0.06)),
        ({"feed_in_entity": "sensor.none"}, {}, ((), 0.0)),
        ({"feed_in_entity": "sensor.odd"}, {}, ((), 0.0)),
    ],
)
async def test_price_and_feed_in_price(
    hass: HomeAssistant,
    changes: Calls,
    stored: dict[str, Any],
    known: dict[str, Any],
    expected: tuple[tuple[float, ...], float],
) -> None:
    """PLAN-3: what is entered, else what the Energy dashboard knows."""
    hass.states.async_set("sensor.price", "0.3", {"prices": [row(NOON, 0.3)]} | EUR)
    hass.states.async_set("sensor.earned", "6", {"unit_of_measurement": "ct/kWh"})
    hass.states.async_set("sensor.odd", "inf", EUR)
    await dashboard(hass, {"type": "grid", "stat_energy_from": "sensor.import"} | known)
    inputs = await started(hass, changes, site(hass, subentry("prices", **stored)))
    outlook = inputs.outlook(NOON)
    assert tuple(it.price_per_kwh for it in outlook.prices) == expected[0]
    assert outlook.feed_in_per_kwh == pytest.approx(expected[1])
    if "fixed_price" in stored:
        (fixed,) = outlook.prices
        assert fixed.start <= NOON
        assert fixed.end >= NOON + timedelta(days=8)


async def test_the_energy_dashboard_is_changed(
    hass: HomeAssistant, changes: Calls, freezer: FrozenDateTimeFactory
) -> None:
    """PLAN-3: what is changed there counts within the hour; who was replaced is not heard."""
    for name, price in (("old", 0.3), ("new", 0.2)):
        hass.states.async_set(f"sensor.{name}", "1", {"prices": [row(NOON, price)]} | EUR)
    grid: dict[str, Any] = {"type": "grid", "entity_energy_price": "sensor.old"}
    await dashboard(hass, grid)
    inputs = await started(hass, changes, site(hass))
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.3)]
    grid["entity_energy_price"] = "sensor.new"
    await later(hass, freezer, timedelta(minutes=15), times=4)
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.2)]
    hass.states.async_set("sensor.old", "1", {"prices": [row(NOON + HOUR, 9)]} | EUR)
    await hass.async_block_till_done()
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.2)]
    hass.states.async_set("sensor.new", "1", {"prices": [row(NOON + HOUR, 0.1)]} | EUR)
    await hass.async_block_till_done()
    assert plain(inputs.outlook(NOON).prices) == [(0, 0.2), (1, 0.1)]


async def test_a_feed_in_price_that_changes(hass: HomeAssistant, changes: Calls) -> None:
    hass.states.async_set(
        "sensor.earned", "0.1", {"prices": [row(NOON, 0.1), row(NOON + HOUR, 0)]} | EUR
    )
    entry = site(hass, subentry("prices", feed_in_entity="sensor.earned"))
    inputs = await started(hass, changes, entry)
    assert plain(inputs.outlook(NOON).feed_in) == [(0, 0.1), (1, 0)]
    assert inputs.outlook(NOON).feed_in_per_kwh == 0.1
