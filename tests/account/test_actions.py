"""What people tell a supply account, and what it refuses (MTR-12, MTR-14, MTR-27, MTR-30)."""

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
from custom_components.evse_suite.billing.events import Load
from custom_components.evse_suite.billing.model import Mode
from custom_components.evse_suite.const import DOMAIN
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from tests.account.acting import TARIFF, act, refused
from tests.account.scene import CONFIG, KEY, Home, account_data

CODE = "12345678901234567890"


@pytest.fixture
def folder(hass: HomeAssistant) -> Generator[Path]:
    """Have the folder of the suite, with nothing in it before and after."""
    path = Path(hass.config.path(DOMAIN))
    path.mkdir()
    yield path
    shutil.rmtree(path)


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
