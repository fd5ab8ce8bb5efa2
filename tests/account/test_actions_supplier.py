"""What a supplier does to an account: tariffs, tenancy, currency, gas, reads (MTR-4 to MTR-24)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from custom_components.evse_suite.billing.events import GasCost, Sim, SimPart
from custom_components.evse_suite.billing.model import Currency, Mode, TamperActions
from homeassistant.exceptions import ServiceValidationError
from tests.account.acting import TARIFF, act, refused
from tests.account.scene import CONFIG, Home, account_data


async def test_debt(home: Home) -> None:
    """MTR-16: arrears and what is collected of them."""
    assert (await act(home, "set_debt", total=60, per_week=4.2))["debt"] == 60
    await home.wait(hours=24)
    assert home.account.book.debt < 60
    assert await refused(home, "set_debt", total=10_000, per_week=1) == "account_impossible"
    assert await refused(home, "set_debt", total=1, per_week=0.001) == "account_impossible"


async def test_a_tariff_now_and_at_a_date(home: Home) -> None:
    """MTR-7, MTR-8: what was set comes back as it can be set again."""
    await act(home, "set_tariff", tariff=TARIFF)
    assert home.account.book.tariff.standing_per_week == Decimal("1.75")
    known = await act(home, "get_tariff")
    assert known["tariff"]["prices"][1] == ["0.10"] * 4
    assert known["future"] is None
    before = home.account.book.tariff
    await act(home, "set_tariff", tariff=known["tariff"])
    assert home.account.book.tariff == before

    await act(home, "set_tariff", tariff=TARIFF | {"prices": [[0.5]]}, date="2026-01-06")
    known = await act(home, "get_tariff")
    assert known["future"]["date"] == "2026-01-06"
    assert known["future"]["tariff"]["prices"][3] == ["0.5"] * 4
    assert home.account.book.tariff == before
    await home.wait(hours=15)
    assert home.account.book.tariff.prices[0][0] == Decimal("0.5")
    await home.restart()
    assert home.account.book.tariff.prices[0][0] == Decimal("0.5")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"prices": [[0.3, "cheap"]]}, "prices.1.2"),
        ({"prices": [[1.5]]}, "prices.1.1"),
        ({"switches": [{"start": "00:30", "rate": 2}, {"start": "7", "rate": 1}]}, "switches.2"),
        ({"switches": [{"start": "00:30", "rate": 5}]}, "switches.1.rate"),
        ({"switches": [{"start": "00:30", "rate": 1, "days": ["moon"]}]}, "switches.1.days.1"),
        ({"thresholds_wh": [2000, 1000, None]}, "thresholds_wh.2"),
        ({"period": {"length": 13}}, "period.length"),
        ({"price": 3}, "price"),
    ],
)
async def test_an_impossible_tariff_names_the_line(
    home: Home, change: dict[str, Any], line: str
) -> None:
    """MTR-3, MTR-6, MTR-7: nothing of it is taken."""
    before = home.account.book.tariff
    with pytest.raises(ServiceValidationError, match=line.replace(".", r"\.")) as caught:
        await act(home, "set_tariff", tariff=TARIFF | change)
    assert caught.value.translation_key in ("account_impossible", "account_bad_data")
    assert home.account.book.tariff == before


async def test_dates_that_have_passed(home: Home) -> None:
    """MTR-8, MTR-17, MTR-23: today has begun, so it is too late for it."""
    past = {"date": "2026-01-05"}
    for action, said in (
        ("set_tariff", {"tariff": TARIFF, **past}),
        ("convert_currency", {"factor": 1.2, "currency": "EUR", **past}),
        ("change_of_tenancy", {"at": "2026-01-04 12:00:00"}),
    ):
        assert await refused(home, action, **said) == "account_in_the_past"


async def test_special_days(home: Home) -> None:
    """MTR-4: they replace those before, and the rate holds all day."""
    await act(home, "set_tariff", tariff=TARIFF)
    days = [{"day": "2026-01-06", "rate": 2, "relay_closed": True}, {"day": "2026-12-25"}]
    await act(home, "set_special_days", days=days)
    told = (await act(home, "get_tariff"))["special_days"]
    assert [day["day"] for day in told] == ["2026-01-06", "2026-12-25"]
    await home.wait(hours=26)
    assert home.account.book.rate == 2
    assert home.account.book.relay_closed
    for wrong, key in (
        ([{"day": "2026-12-25"}] * 2, "impossible"),
        ([{"day": f"2026-12-{day:02}"} for day in range(1, 17)], "impossible"),
        ([{"day": "2026-12-25", "rate": 5}], "impossible"),
        ([{"day": "Christmas"}], "bad_data"),
        ([{"date": "2026-12-25"}], "bad_data"),
    ):
        assert await refused(home, "set_special_days", days=wrong) == f"account_{key}"
    await act(home, "set_special_days", days=[])
    assert home.account.book.config.special_days == ()


async def test_another_tenant(home: Home) -> None:
    """MTR-23: what is asked for is cleared, what is not stays."""
    await act(home, "set_tariff", tariff=TARIFF)
    await act(home, "add_payment", amount=20)
    await act(home, "set_debt", total=60, per_week=4.2)
    for said in ({"balance": -1}, {"debt": 0.001}, {"balance": 1000}, {"debt": 10_000}):
        assert await refused(home, "change_of_tenancy", **said) == "account_amount", said
    options = {"clear_payments": False, "zero_standing": False}
    answer = await act(home, "change_of_tenancy", keep=["debt"], balance=5, **options)
    assert (answer["balance"], answer["debt"], answer["supply_on"]) == (5, 60, True)
    book = home.account.book
    assert len(book.payments) == 1
    assert book.total_credit == 0
    assert book.payment_count == 0
    assert book.tariff.standing_per_week == Decimal("1.75")

    later: dict[str, Any] = {"at": "2026-01-05 12:00:00", "supply": "off", "zero_prices": True}
    await act(home, "change_of_tenancy", **later)
    assert home.account.book.net == 5
    await home.wait(hours=24)
    book = home.account.book
    assert book.debt == 0
    assert not book.supply_on
    assert not book.payments
    assert {price for row in book.tariff.prices for price in row} == {0}
    assert (await act(home, "change_of_tenancy", supply="on"))["supply_on"] is False


async def test_another_currency(home: Home) -> None:
    """MTR-17: at midnight of the date, with a factor of 0.25 to 4."""
    said: dict[str, Any] = {"date": "2026-01-06", "currency": "EUR"}
    for factor in (0.24, 4.01, -1):
        assert await refused(home, "convert_currency", factor=factor, **said) == "account_factor"
    wrong = said | {"currency": "GBP"}
    assert await refused(home, "convert_currency", factor=2, **wrong) == "account_same_currency"
    await act(home, "convert_currency", factor="1.5", **said)
    assert home.net == 10
    await home.wait(hours=15)
    assert home.net == 15
    assert home.account.book.currency is Currency.EUR


@pytest.mark.parametrize("data", [account_data(config=replace(CONFIG, mode=Mode.SINGLE_WALLET))])
async def test_the_gas_of_a_day(home: Home) -> None:
    """MTR-11: the day's cost counts above the half-hour messages, however often it is told."""
    await home.ledger.async_do(GasCost(since_midnight=Decimal("1.50")))
    await home.wait(hours=24)
    for _ in range(2):
        answer = await act(home, "set_gas_cost", date="2026-01-05", cost="2.25")
        assert answer["balance"] == 7.75
    for said, key in (
        ({"date": "2026-01-06", "cost": 1}, "gas_day"),
        ({"date": "2025-01-05", "cost": 1}, "gas_day"),
        ({"date": "2026-01-05", "cost": -1}, "amount"),
        ({"date": "2026-01-05", "cost": 1000}, "amount"),
    ):
        assert await refused(home, "set_gas_cost", **said) == f"account_{key}"


@pytest.mark.parametrize(
    "data", [account_data(config=replace(CONFIG, tamper=TamperActions(open_contactor=True)))]
)
async def test_tampering_is_forgotten_by_command_only(home: Home) -> None:
    """MTR-24: flags first, counters only if that is asked for; then the supply may come back."""
    await home.ledger.async_do(Sim(part=SimPart.FLAP, open=True))
    await home.restart()
    assert home.shows("tamper", "binary_sensor") == "on"
    assert home.shows("supply", "binary_sensor") == "off"
    await act(home, "reset_tamper")
    assert home.shows("tamper", "binary_sensor") == "off"
    assert home.shows("sim_events") == "1"
    await home.press("restore_supply")
    assert home.shows("supply", "binary_sensor") == "on"
    await act(home, "reset_tamper", counters=True)
    assert home.shows("sim_events") == "0"


async def test_reads_and_half_hours(home: Home) -> None:
    """MTR-21, MTR-22: registers kept together, and the energy of each half hour."""
    await home.use(1.5, minutes=20)
    read = await act(home, "ad_hoc_read")
    assert (read["kind"], read["total_wh"], read["mpan"]) == (
        "ad_hoc",
        1_001_500,
        "1200012345678",
    )
    assert Decimal(read["balance"]) == home.net
    await home.use(2, minutes=30)
    await home.use(4, hours=24)
    await home.wait(minutes=30)
    profile = await act(home, "get_profile")
    assert profile["slot_minutes"] == 30
    known = [slot["energy_wh"] for slot in profile["slots"]]
    assert sum(known) == 7500
    assert len(known) > 48
    day = profile["slots"][-1]["start"][:10]
    part = (await act(home, "get_profile", start_date=day))["slots"]
    assert {slot["start"][:10] for slot in part} == {day}
    before = (await act(home, "get_profile", end_date="2025-12-31"))["slots"]
    assert before == []
