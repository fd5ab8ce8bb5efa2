"""What people see and do, and what the account does in the home (MTR-3 to MTR-29)."""

from dataclasses import fields
from datetime import datetime, time, timedelta
from decimal import Decimal
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.evse_suite.account.setup import account_identifier
from custom_components.evse_suite.account.world import HAPPENINGS, Happening
from custom_components.evse_suite.billing.events import Payment, Sim, SimPart, TakeRead
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Config,
    EmergencyCredit,
    Mode,
    PeriodUnit,
    Switch,
    Tariff,
    TariffKind,
)
from custom_components.evse_suite.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.evse_suite.logbook import ACCOUNT_WORDS, async_describe_events
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from tests.account.scene import CONFIG, KEY, START, Home, account_data

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")

MAIN, HEATER = "input_boolean.main", "input_boolean.heater"
BLOCKS = Tariff(
    kind=TariffKind.COMBINATION,
    prices=(
        (Decimal("0.30"), Decimal("0.20"), Decimal("0.20"), Decimal("0.20")),
        (Decimal("0.10"), Decimal("0.05"), Decimal("0.05"), Decimal("0.05")),
        *(((Decimal("0.10"),) * 4,) * 2),
    ),
    switches=(
        Switch(start=time(7), rate=1),
        Switch(start=time(23), rate=2, relay_closed=True),
    ),
    thresholds_wh=(10_000, None, None),
    standing_per_week=Decimal("1.75"),
    period=BillingPeriod(start_day=1, start_month=1, length=1, unit=PeriodUnit.MONTHS),
)


@pytest.fixture(autouse=True)
async def switches(hass: HomeAssistant) -> None:
    """Have a main switch that is on, and a heater that is off."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"main": {"initial": True}, "heater": None}}
    )


@pytest.mark.parametrize("data", [account_data(BLOCKS, relay_switch=HEATER)])
async def test_rates_blocks_period_and_the_relay(home: Home) -> None:
    """MTR-3, MTR-5 to MTR-7, MTR-13, MTR-15: what is shown follows the tariff."""
    assert home.shows("active_rate") == "1"
    assert home.shows("active_block") == "1"
    assert home.state("sensor", "price").attributes["unit_of_measurement"] == "GBP/kWh"
    assert float(home.shows("price")) == 0.30
    assert float(home.shows("next_price")) == 0.10
    assert home.shows("next_price_change") == "2026-01-05T23:00:00+00:00"
    assert home.shows("period_start") == "2026-01-01"
    assert home.shows("period_end") == "2026-02-01"
    assert home.shows("period_day") == "5"
    assert float(home.shows("standing_charge")) == 1.75

    await home.use(12, hours=2)
    assert home.shows("active_block") == "2"
    assert float(home.shows("price")) == 0.20
    assert float(home.shows("period_usage")) == 12
    # Ten at the first block's price, two at the second's, one instalment.
    energy, instalments = 10 * 0.30 + 2 * 0.20, 1 * 0.0175
    assert float(home.shows("cost_today")) == pytest.approx(energy + instalments, abs=0.001)
    assert float(home.shows("cost")) == pytest.approx(energy + instalments, abs=0.001)
    assert float(home.shows("balance")) == pytest.approx(10 - energy - instalments, abs=0.001)
    assert float(home.shows("rate_1_register")) == 12
    assert home.shows("days_left") == "unknown"

    assert home.hass.states.is_state(HEATER, "off")
    await home.wait(hours=11, minutes=5)
    assert home.shows("active_rate") == "2"
    assert home.hass.states.is_state(HEATER, "on")
    assert home.shows("auxiliary_relay", "binary_sensor") == "on"
    await home.wait(hours=2)
    assert float(home.shows("cost_today")) < 0.03
    assert float(home.shows("days_left")) == pytest.approx(6.4 / 3.5, abs=0.2)


LOW = account_data(supply_switch=MAIN, opening={"balance": "4.00", "debt": "6.50"})


@pytest.mark.parametrize("data", [LOW])
async def test_low_credit_emergency_credit_and_the_supply(home: Home) -> None:
    """MTR-14, MTR-19, MTR-26: bell by bell, off, and on again."""
    assert float(home.shows("debt")) == 6.5
    with pytest.raises(ServiceValidationError) as refused:
        await home.press("emergency_credit")
    assert refused.value.translation_key == "account_no_emergency_credit"

    await home.use(11, hours=1)
    assert home.shows("low_credit", "binary_sensor") == "on"
    assert home.told("emergency_credit_offered")
    for _ in range(90):
        await home.wait(seconds=5)
    bells = [datetime.fromisoformat(it["at"]) for it in home.told("low_credit")]
    assert [(it - bells[0]).total_seconds() for it in bells] == [0, *range(60, 300, 30)]
    assert [it["duration_s"] for it in home.told("low_credit")] == [30] + [2] * 8
    assert home.state("event", "account").attributes["event_type"] == "low_credit"

    await home.use(10, hours=1)
    assert home.shows("supply", "binary_sensor") == "off"
    assert home.shows("off_reason") == "credit"
    assert home.hass.states.is_state(MAIN, "off")
    assert home.told("disconnected")[-1]["reason"] == "credit"
    # Whoever switches it on by hand is not supplied.
    await home.hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": MAIN}, blocking=True
    )
    await home.settle()
    assert home.hass.states.is_state(MAIN, "off")
    with pytest.raises(ServiceValidationError) as refused:
        await home.press("restore_supply")
    assert refused.value.translation_key == "account_not_offered"

    await home.press("emergency_credit")
    await home.settle()
    assert home.hass.states.is_state(MAIN, "on")
    assert home.shows("emergency_credit_in_use", "binary_sensor") == "on"
    assert float(home.shows("emergency_credit_left")) == 5
    assert float(home.shows("debt_to_clear")) == pytest.approx(0.20)
    assert "emergency_mode" in home.shows("status_flags")
    await home.use(26, hours=1)
    assert home.shows("supply", "binary_sensor") == "off"
    await home.ledger.async_do(Payment(amount=Decimal(20), reference="shop"))
    await home.settle()
    assert home.shows("restore_offered", "binary_sensor") == "on"
    assert home.hass.states.is_state(MAIN, "off")
    assert home.shows("display") == "PUSH BUTTON"
    await home.restart()
    assert home.hass.states.is_state(MAIN, "off")
    await home.press("restore_supply")
    await home.settle()
    assert home.hass.states.is_state(MAIN, "on")
    assert home.told("restored")


LIMITED = Config(mode=Mode.CREDIT, load_limit_w=5000)


@pytest.mark.parametrize("data", [account_data(config=LIMITED, supply_switch=MAIN)])
async def test_a_load_limit_that_the_suite_enforces(home: Home) -> None:
    """MTR-20: over it for long enough, off for 5 s, then the button, whenever the switch hears."""
    accounts = home.entry.runtime_data.accounts
    assert home.shows("load_limit_active", "binary_sensor") == "on"
    clock = home.hass.loop.time
    for power_w, seconds in ((5000, 60), (5001, 9), (4000, 1), (6000, 9.9)):
        accounts.note_power(power_w, clock())
        home.freezer.tick(seconds)
    accounts.note_power(6000, clock())
    await home.settle()
    assert home.shows("supply", "binary_sensor") == "on"
    home.freezer.tick(0.2)
    accounts.note_power(6000, clock())
    await home.settle()
    assert home.shows("off_reason") == "load_limit"
    assert home.hass.states.is_state(MAIN, "off")
    assert home.shows("restore_offered", "binary_sensor") == "off"
    await home.wait(seconds=6)
    assert home.shows("restore_offered", "binary_sensor") == "on"
    home.hass.states.async_set(MAIN, "unavailable")
    await home.press("restore_supply")
    await home.settle()
    home.hass.states.async_set(MAIN, "off")
    await home.settle()
    assert home.hass.states.is_state(MAIN, "on")
    # From now on it is the owner's again.
    await home.hass.services.async_call(
        "input_boolean", "turn_off", {"entity_id": MAIN}, blocking=True
    )
    await home.settle()
    assert home.hass.states.is_state(MAIN, "off")


async def test_the_logbook_has_words_for_everything(home: Home) -> None:
    """MTR-26: for whatever an account tells, with its figures."""
    described: dict[str, Any] = {}
    async_describe_events(home.hass, lambda *told: described.setdefault("by", told[2]))
    await home.ledger.async_do(Payment(amount=Decimal(5), reference="shop"))
    entry = described["by"](home.events[-1])
    assert entry["name"] == "Supply"
    assert entry["message"] == "took a payment of 5.00"
    assert entry["entity_id"] == home.entity("event", "account")
    assert ACCOUNT_WORDS.keys() == set(HAPPENINGS.values()) == set(Happening)
    for kind, happening in HAPPENINGS.items():
        data = {it.name: "some_thing" for it in fields(kind)} | {"amount": 1.0}
        about = {"type": happening, "device_id": None, "account": "Supply"}
        text = described["by"](Event("any", {**data, **about}))["message"]
        assert "{" not in text
        assert "some_thing" not in text


async def test_no_bell_rings_for_what_is_long_past(home: Home) -> None:
    """MTR-26: credit became low while nobody listened; that is told, with its time."""
    await home.stop()
    await home.wait(days=1)
    home.show(home.kwh + 42)
    await home.start()
    (offered,) = home.told("emergency_credit_offered")
    assert datetime.fromisoformat(offered["at"]) < home.account.book.at - timedelta(minutes=20)
    assert home.told("low_credit") == []


async def test_payments_and_the_display(home: Home) -> None:
    """MTR-12, MTR-28."""
    for amount in (5, 10, 20, 1):
        await home.wait(minutes=1)
        await home.ledger.async_do(Payment(amount=Decimal(amount), reference=str(amount)))
    await home.settle()
    assert home.shows("payments") == "4"
    assert [float(home.shows(f"payment_{number}")) for number in (1, 2, 3)] == [1, 20, 10]
    assert home.shows("payment_1_at") == "2026-01-05T10:04:00+00:00"
    assert float(home.shows("total_credit")) == 36
    assert home.told("payment")[-1]["amount"] == 1
    assert home.shows("display") == "PAID 1.00 £"
    await home.press("display")
    await home.settle()
    assert home.shows("display") == "CRED 46.00 £"
    await home.press("display")
    await home.settle()
    assert home.shows("display").startswith("R1")
    await home.wait(seconds=31)
    assert home.shows("display") == "CRED 46.00 £"


async def test_the_mode_is_an_administrators(home: Home) -> None:
    """MTR-11."""
    target = {"entity_id": home.entity("select", "account_mode"), "option": "credit"}
    user = MockUser(is_owner=False).add_to_hass(home.hass)
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            "select", "select_option", target, blocking=True, context=Context(user_id=user.id)
        )
    assert home.shows("account_mode", "select") == "prepayment"
    await home.hass.services.async_call("select", "select_option", target, blocking=True)
    await home.settle()
    assert home.shows("account_mode", "select") == "credit"
    with pytest.raises(ServiceValidationError) as refused:
        await home.ledger.async_do(Payment(amount=Decimal(5)))
    assert refused.value.translation_key == "account_credit_mode"
    await home.restart()
    assert home.account.book.config.mode is Mode.CREDIT


async def test_tampering_and_reads(home: Home) -> None:
    """MTR-22, MTR-24, MTR-25."""
    await home.ledger.async_do(Sim(part=SimPart.FLAP, open=True))
    await home.settle()
    assert home.shows("tamper", "binary_sensor") == "on"
    assert home.shows("sim_events") == "1"
    assert home.shows("sim_at") == START.isoformat()
    assert home.told("tampered")
    await home.ledger.async_do(TakeRead())
    assert home.told("registers_read")[-1]["kind"] == "ad_hoc"


async def test_diagnostics_name_nobody(home: Home) -> None:
    """MTR-25: what traces a penny, without the supply's number or who paid where."""
    await home.ledger.async_do(Payment(amount=Decimal(5), reference="shop on the corner"))
    device = dr.async_get(home.hass).async_get_device_by_identifier(
        ("evse_suite", account_identifier(KEY)), home.entry.entry_id
    )
    assert device is not None
    found = await async_get_device_diagnostics(home.hass, home.entry, device)
    assert found["account"]["book"]["net"] == "10.00"
    assert found["account"]["tail"][0]["command"]["amount"] == "5"
    assert found["reading"]["total_wh"] == 1_000_000
    site = await async_get_config_entry_diagnostics(home.hass, home.entry)
    for text in (json.dumps(found), json.dumps(site)):
        assert CONFIG.mpan not in text
        assert "corner" not in text


WALLET = Config(mode=Mode.SINGLE_WALLET, emergency=EmergencyCredit(enabled=False))
GAS = "sensor.gas_cost"


@pytest.mark.parametrize("data", [account_data(config=WALLET, gas_cost=GAS)])
async def test_gas_is_paid_from_the_same_wallet(home: Home) -> None:
    """MTR-11: the gas meter's cost since midnight, told each half hour."""
    for shown in ("1.20", "unavailable", "2.00", "nan", "2.00"):
        await home.wait(minutes=30)
        home.hass.states.async_set(GAS, shown)
        await home.settle()
    assert home.net == Decimal("8.00")
    written = home.journal.stat().st_size
    home.hass.states.async_set(GAS, "2.00", {"friendly_name": "Gas today"})
    await home.settle()
    assert home.journal.stat().st_size == written


async def test_few_states_are_written(home: Home) -> None:
    """A night without any use writes what the clock changes, and no more."""
    written: list[str] = []
    home.hass.bus.async_listen(
        "state_changed", lambda event: written.append(event.data["entity_id"])
    )
    await home.wait(hours=6)
    own = [it for it in written if "supply" in it]
    assert len(own) <= 2


@pytest.mark.parametrize("data", [account_data(BLOCKS)])
async def test_history_by_the_hour(recorder_mock: None, hass: HomeAssistant, home: Home) -> None:
    """MTR-21: energy and cost, with the hours in which nobody listened."""
    await home.use(6, hours=1)
    await home.stop()
    await home.wait(hours=4)
    home.show(home.kwh + 4)
    await home.start()
    await home.wait(hours=1)
    instance = get_instance(hass)
    await instance.async_block_till_done()
    energy, cost = (
        f"evse_suite:account_{KEY.lower()}_energy",
        f"evse_suite:account_{KEY.lower()}_cost",
    )
    rows: dict[str, Any] = await instance.async_add_executor_job(
        statistics_during_period,
        hass,
        START,
        None,
        {energy, cost},
        "hour",
        None,
        {"state", "sum"},
    )
    assert [row["state"] for row in rows[energy]] == [6, 1, 1, 1, 1, 0]
    assert [row["sum"] for row in rows[energy]] == [6, 7, 8, 9, 10, 10]
    assert rows[cost][-1]["sum"] == pytest.approx(float(home.account.book.spent))
    assert rows[cost][0]["state"] == pytest.approx(6 * 0.30)
