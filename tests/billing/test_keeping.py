"""Accounts as plain data: kept, moved, refused when broken; tariffs and settings out of range."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
import json
from typing import Any

import pytest

from custom_components.evse_suite.billing import views
from custom_components.evse_suite.billing.codec import BadData, decode, encode
from custom_components.evse_suite.billing.events import (
    Button,
    Configure,
    ConvertCurrency,
    Payment,
    Press,
    Reading,
    Readings,
    SetDebt,
    SetTariff,
    Tenancy,
)
from custom_components.evse_suite.billing.keeping import dump, load, restore
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Config,
    Currency,
    EmergencyCredit,
    FriendlyWindow,
    Levy,
    Opening,
    PeriodUnit,
    SpecialDay,
    Switch,
    Tariff,
    TariffKind,
)
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import step
from custom_components.evse_suite.billing.validate import Impossible, Wrong, tariff_problems
from tests.billing.accounts import START, Home, flat, pounds, prices

TARIFF = Tariff(
    kind=TariffKind.COMBINATION,
    prices=prices([["0.10", "0.20", "0.30", "0.40"]] * 4),
    standing_per_week=pounds("2.50"),
    switches=(Switch(start=time(0), rate=1), Switch(start=time(7, 30), rate=2, relay_closed=True)),
    thresholds_wh=(2000, 4000, None),
    levy=Levy(charge_per_kwh=pounds("0.00456")),
)
WINDOW = FriendlyWindow(start=time(20), end=time(8))
CONFIG = Config(
    mpan="1234567890123",
    emergency=EmergencyCredit(point=pounds("1.00"), value=pounds("5.00")),
    special_days=(SpecialDay(day=date(2026, 1, 6), rate=3, friendly=True),),
    friendly=(WINDOW, *(None,) * 6),
)


def lived() -> Home:
    """Return an account to which much has happened, some of it since its newest reading."""
    home = Home(config=CONFIG, tariff=TARIFF, opening={"balance": pounds("1.20")})
    home.do(SetDebt(total=pounds("20.00"), per_week=pounds("1.00")))
    home.use(3, hours=10)
    home.do(Press(button=Button.EMERGENCY))
    home.do(SetTariff(tariff=replace(TARIFF, daily=True), on=date(2026, 1, 7)))
    home.do(ConvertCurrency(on=date(2026, 1, 8), factor=pounds("1.15"), currency=Currency.EUR))
    home.do(Tenancy(at=START + timedelta(days=9), balance=None))
    home.use(2, hours=20)
    home.wait(hours=3)
    home.do(Payment(amount=pounds("3.00"), reference="a"))
    home.wait(hours=5)
    return home


def test_a_kept_account_goes_on_to_the_penny() -> None:
    # MTR-30
    home = lived()
    kept = load(json.loads(json.dumps(dump(home.account))))
    assert kept.book == home.account.book
    later = home.at + timedelta(days=8)
    readings = Readings(readings=(Reading(at=later, total_wh=home.wh + 9000),))
    assert step(kept, readings, later)[0].book == step(home.account, readings, later)[0].book
    converted = step(kept, readings, later)[0]
    assert converted.book.currency is Currency.EUR
    again = load(json.loads(json.dumps(dump(converted))))
    assert again.book == converted.book


def test_an_account_moves_into_another_meter() -> None:
    # MTR-30
    home = lived()
    reading = Reading(at=home.at, total_wh=123)
    moved = restore(dump(home.account), reading, home.at)
    before = views.net(home.account)
    assert views.net(moved) == before
    later = home.at + timedelta(minutes=1)
    moved, _ = step(moved, Readings(readings=(Reading(at=later, total_wh=1123),)), later)
    assert before - views.net(moved) == views.price_now(home.account)
    assert moved.book.total_wh == home.account.book.total_wh + 1000


def alter(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(dump(lived().account)))
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda data: data.update(version=2), "version"),
        (lambda data: data["book"].pop("source"), "book.source"),
        (lambda data: data["book"].update(net="1e400000000"), "book.net"),
        (lambda data: data["book"].update(net="NaN"), "book.net"),
        (lambda data: data["book"].update(net="17.00"), "book.net"),
        (lambda data: data["book"].update(money=1), "book.money"),
        (lambda data: data["book"].update(rates_wh=[1, 2]), "book.rates_wh"),
        (lambda data: data["book"].update(rates_wh=[1, 2, 3, True]), "book.rates_wh.4"),
        (lambda data: data["book"].update(diary={}), "book.diary"),
        (lambda data: data["book"].update(next_due="2026-01-05T00:00:00"), "book.next_due"),
        (lambda data: data["book"]["tariff"]["switches"][1].update(rate=5), "book.switches.2.rate"),
        (lambda data: data["tail"][0]["command"].update(type="Gift"), "tail.1.command.type"),
        (lambda data: data["tail"][0].update(at="yesterday"), "tail.1.at"),
    ],
)
def test_broken_data_are_refused_with_the_place(change: Any, path: str) -> None:
    # MTR-30
    with pytest.raises(BadData) as error:
        load(alter(change))
    assert error.value.path == path


def test_a_tariff_as_yaml_would_give_it() -> None:
    # MTR-3 MTR-7
    assert decode(Tariff, json.loads(json.dumps(encode(TARIFF)))) == TARIFF
    plain = {
        "prices": [[0.1] * 4] * 4,
        "switches": [{"start": "07:30", "rate": 2}, {"start": 17 * 60 + 30, "rate": 1}],
    }
    tariff = decode(Tariff, plain)
    assert tariff.prices == flat("0.1")
    assert [each.start for each in tariff.switches] == [time(7, 30), time(17, 30)]
    with pytest.raises(BadData) as error:
        decode(Tariff, {**plain, "switches": [{"start": "25:00", "rate": 1}]})
    assert (error.value.path, error.value.expected) == ("switches.1.start", "time")


@pytest.mark.parametrize(
    ("change", "path", "wrong"),
    [
        ({"switches": (Switch(start=time(0), rate=5),)}, "switches.1.rate", Wrong.RANGE),
        (
            {"switches": (Switch(start=time(0, 0, 1), rate=1),)},
            "switches.1.start",
            Wrong.WHOLE_MINUTES,
        ),
        ({"switches": (Switch(start=time(0), rate=1, days=()),)}, "switches.1.days", Wrong.COUNT),
        ({"switches": (Switch(start=time(0), rate=1),) * 16}, "switches", Wrong.COUNT),
        ({"prices": flat("1.00")}, "prices.1.1", Wrong.RANGE),
        ({"prices": flat("NaN")}, "prices.1.1", Wrong.RANGE),
        ({"prices": flat("0.1")[:3]}, "prices", Wrong.COUNT),
        ({"thresholds_wh": (2000, 1000, None)}, "thresholds_wh.2", Wrong.ORDER),
        ({"thresholds_wh": (-1, None, None)}, "thresholds_wh.1", Wrong.ORDER),
        ({"daily": True, "kind": TariffKind.TIME_OF_USE}, "daily", Wrong.NEEDS_BLOCKS),
        ({"period": BillingPeriod(start_day=29)}, "period.start_day", Wrong.RANGE),
        ({"period": BillingPeriod(length=116, unit=PeriodUnit.DAYS)}, "period.length", Wrong.RANGE),
        (
            {"period": BillingPeriod(start_day=29, start_month=2, unit=PeriodUnit.DAYS)},
            "period.start_day",
            Wrong.NO_SUCH_DAY,
        ),
        ({"standing_per_week": pounds("100")}, "standing_per_week", Wrong.RANGE),
        ({"standing_per_week": pounds("0.001")}, "standing_per_week", Wrong.PENNIES),
        ({"levy": Levy(vat_2=pounds("20"))}, "levy.vat_2", Wrong.RANGE),
    ],
)
def test_an_impossible_tariff_is_refused_with_the_line(
    change: dict[str, Any], path: str, wrong: Wrong
) -> None:
    # MTR-3 MTR-5 MTR-6 MTR-7
    tariff = replace(TARIFF, **change)
    first = next(tariff_problems(tariff))
    assert (first.path, first.wrong) == (path, wrong)
    home = Home()
    before = home.account
    with pytest.raises(Impossible):
        home.do(SetTariff(tariff=tariff))
    assert home.account is before


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"mpan": "12345678901234567"}, "mpan"),
        ({"mpan": "12a"}, "mpan"),
        ({"load_limit_w": 24_010}, "load_limit_w"),
        ({"disconnection_value": pounds("-500.01")}, "disconnection_value"),
        ({"emergency": EmergencyCredit(value=pounds("100"))}, "emergency.value"),
        ({"special_days": (SpecialDay(day=date(2026, 1, 1)),) * 2}, "special_days.2.day"),
        ({"friendly": (None,) * 6}, "friendly"),
        ({"reverse_level_a": Decimal("0.5")}, "reverse_level_a"),
        ({"display_interval_s": 21}, "display_interval_s"),
    ],
)
def test_impossible_settings_are_refused_with_the_line(change: dict[str, Any], path: str) -> None:
    # MTR-30
    with pytest.raises(Impossible) as error:
        Home().do(Configure(config=replace(CONFIG, **change)))
    assert [each.path for each in error.value.problems] == [path]


def test_an_impossible_opening_is_refused() -> None:
    # MTR-30
    with pytest.raises(Impossible) as error:
        Home(opening={"balance": pounds("1000"), "debt": pounds("10000"), "total_wh": -1})
    assert [each.path for each in error.value.problems] == ["balance", "debt", "total_wh"]
    with pytest.raises(ValueError, match="zone"):
        open_account(CONFIG, TARIFF, Opening(at=datetime.now(tz=UTC).replace(tzinfo=None)))
