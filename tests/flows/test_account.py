"""Setting up a supply account as the meter is installed, and changing it (MTR-3 to MTR-30)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.account.setup import Setup
from custom_components.evse_suite.billing.clock import local
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Clock,
    Currency,
    Mode,
    PeriodUnit,
    Season,
    SpecialDay,
    Switch,
    TariffKind,
)
from custom_components.evse_suite.billing.validate import check_config, check_tariff
from custom_components.evse_suite.flows.account import clock_of
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .accounts import begin, change, choose, through
from .conftest import Setup as Seen, add, add_site, only, suggestions

SWITCHES: list[dict[str, Any]] = [
    {
        "season": "s",
        "start": "00:00:00",
        "rate": "1",
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "relay_closed": True,
    },
    {"season": "a", "start": "07:00:00", "rate": "2", "days": ["sat", "sun"]},
]
METER = {
    "name": " Meter ",
    "mpan": "12 0000 1234 5670",
    "mpan_again": "1200001234 5670",
    "serial": "E470-1",
    "total": "sensor.total",
    "rates": ["sensor.rate_1", "sensor.rate_2"],
    "supply_switch": "switch.supply",
}


async def test_an_account_as_the_meter_is_installed(hass: HomeAssistant, setup: Seen) -> None:
    """MTR-30: MPAN typed twice, opening balance, arrears, tariff, switching table."""
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), **METER)
    assert form["step_id"] == "terms"
    typed = {
        "mode": "pay_as_you_go",
        "currency": "EUR",
        "balance": 12.34,
        "debt": 60,
        "debt_per_week": 4.2,
        "emergency_credit": True,
        "emergency_point": 1,
        "emergency_value": 5,
        "disconnection_value": -25,
        "load_limit_kw": 7.36,
        "pause_below": 2.5,
    }
    form = await add(hass, form, **typed)
    typed = {"standing_per_week": 1.75, "period_length": 90, "period_unit": "days"}
    form = await add(hass, form, **typed, period_day=5, period_month=6)
    assert form["step_id"] == "prices"
    form = await add(hass, form, ppu_1=0.0745, ppu_2=0.2457)
    days = [
        {"day": "2026-12-25", "rate": "1", "friendly": True},
        {"day": "2026-12-26", "rate": "normal", "relay_closed": True},
    ]
    menu = await add(hass, form, switches=SWITCHES, special_days=days)
    assert menu["step_id"] == "overview"
    assert not entry.subentries
    result = await choose(hass, menu, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Meter"
    await hass.async_block_till_done()
    assert setup.updated == [entry.entry_id]

    known = Setup.of(only(entry))
    assert known.sources.entities == ("sensor.total", "sensor.rate_1", "sensor.rate_2")
    assert (known.supply_switch, known.relay_switch) == ("switch.supply", None)
    assert (known.start.balance, known.start.debt) == (Decimal("12.34"), Decimal(60))
    assert (known.start.debt_per_week, known.start.currency) == (Decimal("4.2"), Currency.EUR)
    assert known.pause_below == Decimal("2.5")
    assert (known.settings.mpan, known.settings.serial) == ("1200001234" + "5670", "E470-1")
    assert known.settings.mode is Mode.PAY_AS_YOU_GO
    assert known.settings.load_limit_w == 7360
    assert known.settings.special_days == (
        SpecialDay(day=date(2026, 12, 25), rate=1, friendly=True),
        SpecialDay(day=date(2026, 12, 26), relay_closed=True),
    )
    tariff = known.tariff
    assert tariff.switches == (
        Switch(
            season=Season.SUMMER, start=time(0), rate=1, days=(0, 1, 2, 3, 4), relay_closed=True
        ),
        Switch(start=time(7), rate=2, days=(5, 6)),
    )
    assert [row[0] for row in tariff.prices][:2] == [Decimal("0.0745"), Decimal("0.2457")]
    assert tariff.standing_per_week == Decimal("1.75")
    assert tariff.period == BillingPeriod(
        start_day=5, start_month=6, length=90, unit=PeriodUnit.DAYS
    )
    check_config(known.settings)
    check_tariff(tariff)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("time_of_use", [1, 2, 3, 4]),
        ("block", [1, 5, 9, 13]),
        ("combination", list(range(1, 17))),
    ],
)
async def test_a_kind_asks_for_the_prices_it_uses(
    hass: HomeAssistant, kind: str, shown: list[int]
) -> None:
    """MTR-7: PPU 1 to 4, 1, 5, 9 and 13, or all sixteen."""
    entry = await add_site(hass)
    form = await through(hass, entry, kind)
    assert list(suggestions(form)) == [f"ppu_{number}" for number in shown]
    prices = {f"ppu_{number}": number / 100 for number in shown}
    menu = await add(hass, await add(hass, form, **prices))
    await choose(hass, menu, "finish")
    tariff = Setup.of(only(entry)).tariff
    assert tariff.kind is TariffKind(kind)
    for number in range(1, 17):
        price = tariff.prices[(number - 1) % 4][(number - 1) // 4]
        assert price == (Decimal(number) / 100 if number in shown else 0)


async def test_blocks(hass: HomeAssistant) -> None:
    """MTR-6, MTR-9: thresholds in kWh, from one register, resolved by day."""
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), name="Meter", total="sensor.total")
    form = await add(hass, await add(hass, form), tariff_kind="combination")
    assert form["step_id"] == "blocks"
    typed = {"threshold_1_kwh": 500.5, "threshold_2_kwh": 400}
    form = await add(hass, form, **typed)
    assert form["errors"] == {"threshold_2_kwh": "order"}
    assert form["description_placeholders"]["low"] == "500.5"
    assert suggestions(form)["threshold_1_kwh"] == 500.5
    form = await add(hass, form, threshold_2_kwh=800, usage_from="2", daily=True)
    await choose(hass, await add(hass, await add(hass, form)), "finish")
    tariff = Setup.of(only(entry)).tariff
    assert tariff.thresholds_wh == (500_500, 800_000, None)
    assert (tariff.usage_from, tariff.daily) == (2, True)

    # A tariff by time of use has no days to resolve.
    form = await choose(hass, await change(hass, entry), "tariff")
    form = await add(hass, form, tariff_kind="time_of_use")
    assert form["step_id"] == "prices"
    result = await choose(hass, await add(hass, form), "finish")
    assert result["reason"] == "reconfigure_successful"
    assert Setup.of(only(entry)).tariff.daily is False


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"mpan_again": "1200001234567"}, {"mpan_again": "mpan_differs"}),
        ({"mpan": "12A", "mpan_again": "12A"}, {"mpan": "digits"}),
        ({"mpan": "1" * 17, "mpan_again": "1" * 17}, {"mpan": "digits"}),
        ({"serial": "S" * 17}, {"serial": "count"}),
        ({"name": " "}, {"name": "name_missing"}),
        ({"name": "Old"}, {"name": "name_taken"}),
        ({"total": "sensor.power"}, {"total": "not_energy"}),
        ({"total": "sensor.none"}, {"total": "not_energy"}),
        ({"export": "sensor.total"}, {"export": "entity_twice"}),
        ({"rates": ["sensor.rate_1", "sensor.rate_1"]}, {"rates": "entity_twice"}),
        ({"rates": ["sensor.power"]}, {"rates": "not_energy"}),
    ],
)
async def test_mistakes_with_the_meter(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    """MTR-30: a mistake is told beside its field, and nothing typed is lost."""
    entry = await add_site(hass)
    form = await through(hass, entry)
    await choose(hass, await add(hass, await add(hass, form)), "finish")
    hass.config_entries.async_update_subentry(entry, only(entry), title="Old")
    form = await add(hass, await begin(hass, entry), **METER | typed)
    assert form["errors"] == errors
    assert suggestions(form) == METER | typed
    right = {"mpan": "1", "mpan_again": "1", "serial": "", "name": "New", "rates": []}
    form = await add(hass, form, **right, total="sensor.sleeping", export="sensor.export")
    assert form["step_id"] == "terms"


@pytest.mark.parametrize(
    ("typed", "errors", "low"),
    [
        ({"load_limit_kw": 24.01}, {"load_limit_kw": "range"}, "0"),
        ({"load_limit_kw": -1}, {"load_limit_kw": "range"}, "0"),
        ({"balance": 1000}, {"balance": "range"}, "-999.99"),
        ({"balance": 1.005}, {"balance": "pennies"}, ""),
        ({"debt": 10_000}, {"debt": "range"}, "0"),
        ({"debt_per_week": 100}, {"debt_per_week": "range"}, "0"),
        ({"emergency_point": -1}, {"emergency_point": "range"}, "0"),
        ({"emergency_value": 0.001}, {"emergency_value": "pennies"}, ""),
        ({"disconnection_value": 5}, {"disconnection_value": "range"}, "-500"),
        ({"pause_below": 2000}, {"pause_below": "range"}, "-999.99"),
    ],
)
async def test_mistakes_with_the_terms(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str], low: str
) -> None:
    """MTR-14, MTR-20, MTR-30: the limits of the meter's registers are told."""
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), name="Meter", total="sensor.total")
    form = await add(hass, form, **typed)
    assert form["errors"] == errors
    assert form["description_placeholders"]["low"] == low
    assert suggestions(form).items() >= typed.items()


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"period_length": 13}, {"period_length": "range"}),
        ({"period_length": 1.5}, {"period_length": "whole_number"}),
        ({"period_day": 29}, {"period_day": "range"}),
        (
            {"period_day": 30, "period_month": 2, "period_unit": "days"},
            {"period_day": "no_such_day"},
        ),
        ({"standing_per_week": 100}, {"standing_per_week": "range"}),
    ],
)
async def test_mistakes_with_the_period(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    """MTR-5: what no billing period can be."""
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), name="Meter", total="sensor.total")
    form = await add(hass, await add(hass, form), **typed)
    assert form["errors"] == errors


async def test_mistakes_in_rows_name_the_row(hass: HomeAssistant) -> None:
    """MTR-3, MTR-4: the switching table and the special days, and the line that is wrong."""
    entry = await add_site(hass)
    form = await add(hass, await through(hass, entry), ppu_1=1.5)
    assert form["errors"] == {"ppu_1": "range"}
    form = await add(hass, form, ppu_1=0.5)
    row = SWITCHES[1]
    for rows, error, line in (
        ([row] * 16, "line_count", "switches"),
        ([row, row | {"days": []}], "line_count", "switches.2.days"),
        ([row | {"start": "07:00:30"}], "line_whole_minutes", "switches.1.start"),
    ):
        form = await add(hass, form, switches=rows)
        assert form["errors"] == {"switches": error}
        assert form["description_placeholders"]["line"] == line
        assert suggestions(form)["switches"] == rows
    day = {"day": "2026-12-25", "rate": "1"}
    for rows, error, line in (
        ([day, day], "line_twice", "special_days.2.day"),
        ([day | {"day": f"2026-12-{n:02}"} for n in range(1, 17)], "line_count", "special_days"),
    ):
        form = await add(hass, form, switches=[row], special_days=rows)
        assert form["errors"] == {"special_days": error}
        assert form["description_placeholders"]["line"] == line
    menu = await add(hass, form, special_days=[day])
    assert menu["step_id"] == "overview"


async def test_an_account_is_changed(hass: HomeAssistant) -> None:
    """MTR-30: the forms show what is stored; each comes back to the menu."""
    entry = await add_site(hass)
    form = await add(hass, await begin(hass, entry), **METER)
    form = await add(hass, form, balance=5, load_limit_kw=3)
    menu = await add(hass, await add(hass, await add(hass, form)))
    await choose(hass, menu, "finish")

    form = await choose(hass, await change(hass, entry), "meter")
    shown = suggestions(form)
    assert shown["mpan"] == shown["mpan_again"] == "1200001234" + "5670"
    assert shown["name"] == "Meter"
    menu = await add(hass, form, name="House", rates=[])
    assert menu["description_placeholders"]["name"] == "House"
    form = await choose(hass, menu, "terms")
    assert suggestions(form)["balance"] == 5
    assert suggestions(form)["load_limit_kw"] == 3
    menu = await add(hass, form, balance=7)
    result = await choose(hass, menu, "finish")
    assert result["reason"] == "reconfigure_successful"
    known = Setup.of(only(entry))
    assert only(entry).title == "House"
    assert known.sources.rates == ()
    assert known.start.balance == 7
    assert known.settings.mpan == "1200001234" + "5670"


@pytest.mark.parametrize(
    "name",
    ["Europe/London", "Europe/Dublin", "Europe/Berlin", "Europe/Athens", "UTC", "Asia/Kolkata"],
)
def test_rates_go_by_the_clock_on_the_wall(name: str) -> None:
    """MTR-29: every hour of two years, both changes of the clock included."""
    zone = ZoneInfo(name)
    clock = clock_of(zone)
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(2 * 365 * 24):
        assert local(clock, instant) == instant.astimezone(zone).replace(tzinfo=None)
        instant += timedelta(hours=1)


def test_other_rules_of_daylight_saving_are_left_to_the_yaml() -> None:
    assert clock_of(ZoneInfo("Europe/London")) == Clock()
    for name, offset_min in (("America/New_York", -300), ("Australia/Sydney", 600)):
        clock = clock_of(ZoneInfo(name))
        assert clock == Clock(standard_offset_min=offset_min, daylight_saving=None)


async def test_a_new_account_has_the_clock_of_the_home(hass: HomeAssistant) -> None:
    """MTR-29."""
    await hass.config.async_set_time_zone("Europe/Paris")
    entry = await add_site(hass)
    menu = await add(hass, await add(hass, await through(hass, entry)))
    await choose(hass, menu, "finish")
    assert Setup.of(only(entry)).settings.clock == clock_of(ZoneInfo("Europe/Paris"))
