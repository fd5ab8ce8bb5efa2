"""What people tell a supply account, and what it refuses (MTR-12 to MTR-23, MTR-27, MTR-30)."""

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
import json
from pathlib import Path
import shutil
from types import MappingProxyType
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.evse_suite import account_actions
from custom_components.evse_suite.account.setup import account_identifier
from custom_components.evse_suite.billing.codec import encode
from custom_components.evse_suite.billing.events import GasCost, Load, Sim, SimPart
from custom_components.evse_suite.billing.model import Currency, Mode, TamperActions
from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from tests.account.scene import CONFIG, KEY, Home, account_data

CODE = "12345678901234567890"
TARIFF: dict[str, Any] = {
    "prices": [["0.30"], ["0.10"]],
    "standing_per_week": 1.75,
    "switches": [{"start": "00:30", "rate": 2}, {"start": "07:30", "rate": 1}],
}


@pytest.fixture
def folder(hass: HomeAssistant) -> Generator[Path]:
    """Have the folder of the suite, with nothing in it before and after."""
    path = Path(hass.config.path(DOMAIN))
    path.mkdir()
    yield path
    shutil.rmtree(path)


async def act(home: Home, action: str, /, **said: Any) -> dict[str, Any]:
    """Call an action and return its answer."""
    answer = await home.hass.services.async_call(
        DOMAIN, action, said, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


async def refused(home: Home, action: str, /, **said: Any) -> str:
    """Return the key of an error, in whose course nothing has changed."""
    before = encode(home.account.book)
    with pytest.raises(HomeAssistantError) as caught:
        await act(home, action, **said)
    assert encode(home.account.book) == before
    return caught.value.translation_key or ""


async def test_payments(home: Home) -> None:
    """MTR-12: exact to the penny, once for each reference, and kept over a restart."""
    answer = await act(home, "add_payment", amount=20.1, reference="A")
    assert answer == {
        "balance": 30.1,
        "currency": "GBP",
        "debt": 0,
        "debt_to_clear": 0,
        "emergency_credit": None,
        "supply_on": True,
    }
    assert home.net == Decimal("30.1")
    await act(home, "add_payment", amount="0.01")
    for said, key in (
        ({"amount": 20.1, "reference": " A "}, "duplicate"),
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 0.001}, "amount"),
        ({"amount": 1000}, "amount"),
        ({"amount": 980}, "balance_full"),
    ):
        assert await refused(home, "add_payment", **said) == f"account_{key}", said
    await home.restart()
    assert home.net == Decimal("30.11")
    assert [str(each.amount) for each in home.account.book.payments] == ["20.1", "0.01"]

    await home.ledger.async_set_mode(Mode.CREDIT)
    assert await refused(home, "add_payment", amount=5) == "account_credit_mode"


@pytest.mark.parametrize("amount", ["twenty", "NaN", "Infinity", None, True, [], ""])
async def test_what_is_no_amount(home: Home, amount: object) -> None:
    """MTR-12: whatever is typed, no money moves."""
    for action in ("add_payment", "adjust_credit"):
        with pytest.raises(vol.Invalid):
            await act(home, action, amount=amount)
    assert home.net == 10


async def test_a_payment_of_which_the_disk_takes_nothing(home: Home) -> None:
    """MTR-12: a payment that cannot be kept was not taken."""
    home.journal.unlink()
    home.journal.mkdir()
    assert await refused(home, "add_payment", amount=5) == "account_not_kept"
    home.journal.rmdir()


async def test_credit_is_put_right(home: Home) -> None:
    """MTR-12: up and down, and not in the log of payments."""
    assert (await act(home, "adjust_credit", amount=-2.5))["balance"] == 7.5
    assert (await act(home, "adjust_credit", amount="1"))["balance"] == 8.5
    assert home.account.book.payments == ()
    for amount, key in ((0, "amount"), (0.005, "amount"), (999, "balance_full")):
        assert await refused(home, "adjust_credit", amount=amount) == f"account_{key}"


async def test_codes_and_their_lock_outs(home: Home) -> None:
    """MTR-27: five wrong codes lock entry until the next hour."""
    answer = await act(home, "enter_code", code="1234-5678-9012 3456 7890", amount=5)
    assert answer["balance"] == 15
    assert home.account.book.payments[0].reference == CODE
    assert await refused(home, "enter_code", code=CODE, amount=5) == "account_duplicate"
    for code in ("123", CODE + "1", "x" * 20, "\u0661" * 20):
        assert await refused(home, "enter_code", code=code) == "account_code_format"
    for _ in range(4):
        with pytest.raises(ServiceValidationError, match="not taken"):
            await act(home, "enter_code", code=CODE[::-1])
    with pytest.raises(ServiceValidationError) as caught:
        await act(home, "enter_code", code=CODE[::-1])
    assert caught.value.translation_key == "account_code_rejected_and_locked"
    assert home.account.book.code_locked_until is not None
    # It stays locked over a restart, for good codes as well.
    await home.restart()
    key = await refused(home, "enter_code", code=CODE[::-1], amount=5)
    assert key == "account_code_locked"
    await home.wait(minutes=60)
    assert (await act(home, "enter_code", code=CODE[::-1], amount=5))["balance"] == 20


async def test_emergency_credit_and_the_supply(home: Home) -> None:
    """MTR-14, MTR-19: offered below its point, taken once, and the supply comes back with it."""
    action = "activate_emergency_credit"
    assert await refused(home, action) == "account_no_emergency_credit"
    assert await refused(home, "restore_supply") == "account_supply_on"
    await home.use(45, hours=2)
    assert home.shows("supply", "binary_sensor") == "on"
    answer = await act(home, action)
    assert (answer["balance"], answer["emergency_credit"]) == (6, 5)
    assert await refused(home, action) == "account_no_emergency_credit"
    await home.use(31, hours=2)
    assert home.shows("supply", "binary_sensor") == "off"
    assert await refused(home, action) == "account_no_emergency_credit"
    answer = await act(home, "add_payment", amount=50)
    assert (answer["balance"], answer["supply_on"]) == (44.8, False)
    await home.press("restore_supply")
    assert home.shows("supply", "binary_sensor") == "on"
    past = home.account.book.at - timedelta(hours=1)
    assert await refused(home, "restore_supply", at=past.isoformat()) == "account_in_the_past"


async def test_emergency_credit_while_the_supply_is_off(home: Home) -> None:
    """MTR-14, A11: one action takes the credit and closes the contactor."""
    await home.use(51, hours=2)
    assert home.shows("supply", "binary_sensor") == "off"
    answer = await act(home, "activate_emergency_credit")
    assert answer["supply_on"] is True
    assert (answer["balance"], answer["emergency_credit"], answer["debt_to_clear"]) == (5, 5, 0.2)


@pytest.mark.parametrize("data", [account_data(config=replace(CONFIG, load_limit_w=3000))])
async def test_emergency_credit_after_the_load_limit_tripped(home: Home) -> None:
    """MTR-14, MTR-20: the first press closes what had tripped, the next one takes the credit."""
    await home.use(51, hours=2)
    await home.ledger.async_do(Load(power_w=4000))
    assert home.shows("supply", "binary_sensor") == "off"
    await home.wait(seconds=6)
    answer = await act(home, "activate_emergency_credit")
    assert (answer["supply_on"], answer["emergency_credit"]) == (True, 5)
    with pytest.raises(ServiceValidationError, match="no emergency credit"):
        await home.press("emergency_credit")


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


async def test_an_account_moves_to_another_meter(home: Home, folder: Path) -> None:
    """MTR-30: exported, and restored at the registers of the new meter; nothing is charged."""
    await act(home, "add_payment", amount=20)
    await home.use(5, hours=1)
    answer = await act(home, "export_account", file_name="account.json")
    assert json.loads((folder / "account.json").read_text()) == answer["account"]
    await act(home, "adjust_credit", amount=-15)
    home.show(17)
    assert (await act(home, "restore_account", file_name="account.json"))["balance"] == 29
    await home.use(5, hours=1)
    assert home.net == 28
    await home.restart()
    assert home.net == 28
    await act(home, "restore_account", account=answer)
    assert home.net == 29


async def test_what_cannot_be_restored(home: Home, folder: Path) -> None:
    """MTR-30: an account is not replaced by what is none."""
    data = (await act(home, "export_account"))["account"]
    (folder / "torn.json").write_text(json.dumps(data)[:-5])
    (folder / "list.json").write_text("[]")
    book = data["book"]
    for said, key in (
        ({}, "account_nothing_to_restore"),
        ({"account": {}}, "account_bad_data"),
        ({"account": data | {"version": 99}}, "account_bad_data"),
        ({"account": data | {"book": book | {"net": "1000"}}}, "account_bad_data"),
        ({"file_name": "../secrets.json"}, "no_json_file_name"),
        ({"file_name": "account.yaml"}, "no_json_file_name"),
        ({"file_name": "none.json"}, "file_not_read"),
        ({"file_name": "torn.json"}, "file_not_read"),
        ({"file_name": "list.json"}, "account_bad_data"),
    ):
        assert await refused(home, "restore_account", **said) == key, said
    home.hass.states.async_set("sensor.meter_total", "unavailable")
    assert await refused(home, "restore_account", account=data) == "account_no_registers"
    (folder / "x.json").mkdir()
    assert await refused(home, "export_account", file_name="x.json") == "file_not_written"


async def test_which_account(home: Home, hass: HomeAssistant) -> None:
    """Every action needs to know the account; the only one need not be named."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, account_identifier(KEY)), home.entry.entry_id
    )
    site = registry.async_get_device_by_identifier(
        (DOMAIN, home.entry.entry_id), home.entry.entry_id
    )
    assert device is not None
    assert site is not None
    assert (await act(home, "add_payment", device_id=device.id, amount=1))["balance"] == 11
    for device_id in (site.id, "none"):
        assert await refused(home, "get_tariff", device_id=device_id) == "not_an_account"
    other = ConfigSubentry(
        data=MappingProxyType(account_data()),
        subentry_type="account",
        title="Annexe",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(home.entry, other)
    await home.settle()
    assert await refused(home, "add_payment", amount=1) == "which_account"
    assert (await act(home, "add_payment", device_id=device.id, amount=1))["balance"] == 12


async def test_money_and_power_are_for_administrators(
    home: Home, hass: HomeAssistant, hass_read_only_user: MockUser
) -> None:
    """Whoever is no administrator may ask, and changes nothing."""
    context = Context(user_id=hass_read_only_user.id)
    said: dict[str, dict[str, Any]] = {
        "add_payment": {"amount": 5},
        "adjust_credit": {"amount": 5},
        "set_debt": {"total": 1, "per_week": 1},
        "restore_supply": {},
        "set_tariff": {"tariff": TARIFF},
        "set_special_days": {"days": []},
        "change_of_tenancy": {},
        "convert_currency": {"date": "2027-01-01", "factor": 2, "currency": "EUR"},
        "set_gas_cost": {"date": "2026-01-04", "cost": 1},
        "reset_tamper": {},
        "enter_code": {"code": CODE, "amount": 5},
        "activate_emergency_credit": {},
        "export_account": {},
        "restore_account": {"account": {}},
    }
    assert said.keys() == account_actions.DEEDS.keys()
    before = encode(home.account.book)
    for action, data in said.items():
        with pytest.raises(Unauthorized):
            await hass.services.async_call(DOMAIN, action, data, blocking=True, context=context)
    assert encode(home.account.book) == before
    for action in account_actions.ANSWERS:
        answer = await hass.services.async_call(
            DOMAIN, action, {}, blocking=True, context=context, return_response=True
        )
        assert answer


async def test_before_the_registers_were_read(home: Home, hass: HomeAssistant) -> None:
    """MTR-30: an account that has not begun takes nothing."""
    await home.stop()
    for path in home.journal.parent.iterdir():
        path.unlink()
    hass.states.async_set("sensor.meter_total", "unknown")
    await home.start()
    for action, said in (
        ("add_payment", {"amount": 5}),
        ("get_tariff", {}),
        ("export_account", {}),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await act(home, action, **said)
        assert caught.value.translation_key == "account_not_open"
