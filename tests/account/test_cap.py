"""The account and the car: the meter's load limit, a low balance, the tariff (MTR-20, SITE-1)."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from copy import deepcopy
from datetime import time, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.account.ledger import Ledger
from custom_components.evse_suite.billing.codec import encode
from custom_components.evse_suite.billing.events import Configure, Payment
from custom_components.evse_suite.billing.model import Config, Mode, Switch, Tariff
from custom_components.evse_suite.planning.model import Plan, PlanVerdict, TargetKind
from custom_components.evse_suite.plans.told import ChargerPlan, PlanStatus, with_credit
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulator.build import Simulation
from simulator.devices.e470 import E470Meter
from tests.account.scene import FLAT, KEY
from tests.integration.conftest import prompt, quick_time, simulation
from tests.integration.house import SINGLE_PHASE, House, site_entry, stored, until

__all__ = ["prompt", "quick_time", "simulation"]

LIMIT_W = 5000
E470: dict[str, Any] = {
    "device": "e470",
    "serial": "12345678",
    "channels": [{"place": "mains", "phase": "L1"}],
    "options": {
        "pace": 0.01,
        "boot_s": 0.5,
        "rules": {"mode": "credit"},
        "tariff": {"prices_pence": [[20]]},
        "kwh_at_start": [1000, 0, 0, 0],
    },
}


@pytest.fixture(autouse=True)
def short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a paused charge resume soon; how long it rests is tested with the balancer."""
    monkeypatch.setattr("custom_components.evse_suite.control.turns.RESUME_S", 2.0)
    monkeypatch.setattr("custom_components.evse_suite.control.limits.RECOVER_S", 5.0)


@pytest.fixture
def layout() -> dict[str, Any]:
    """Return a house behind a prepayment meter."""
    layout = deepcopy(SINGLE_PHASE)
    layout["meters"]["supply"] = deepcopy(E470)
    return layout


@pytest.fixture
async def home(hass: HomeAssistant, simulation: Simulation) -> AsyncGenerator[House]:
    """Set up the site: the charger, the clamp at the mains, the meter's optical port."""
    subentries = await stored(hass, simulation)
    for subentry in subentries:
        if subentry["title"] == "supply":
            phases = ["none"] * subentry["data"]["lines"]
            subentry["data"] = {**subentry["data"], "role": "other", "phases": phases}
    entry = site_entry(simulation, subentries)
    entry.add_to_hass(hass)
    hass.config.currency = "GBP"
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = House(hass, simulation, entry)
    yield home
    await hass.config_entries.async_unload(entry.entry_id)


def meter(home: House) -> E470Meter:
    found = home.device("supply")
    assert isinstance(found, E470Meter)
    return found


def ledger(home: House) -> Ledger:
    supply = home.site.accounts.of(KEY)
    assert supply is not None
    return supply.ledger


async def add_account(home: House, config: Config, **more: Any) -> None:
    """Add a supply account that is fed by the meter's own register."""
    unique_id = f"{home.owner('supply')}_register_1_8_0"
    registry = er.async_get(home.hass)
    await until(
        lambda: registry.async_get_entity_id("sensor", "evse_suite", unique_id), "a register"
    )
    data = {
        "total": registry.async_get_entity_id("sensor", "evse_suite", unique_id),
        "settings": encode(config),
        "tariff": encode(FLAT),
        "opening": {"balance": "10.00"},
        **more,
    }
    home.hass.config_entries.async_add_subentry(
        home.entry,
        ConfigSubentry(
            data=MappingProxyType(data),
            subentry_id=KEY,
            subentry_type="account",
            title="account",
            unique_id=None,
        ),
    )
    await home.hass.async_block_till_done()
    await until(lambda: ledger(home).account is not None, "the account")


@pytest.mark.usefixtures("prompt")
async def test_the_load_limit_is_a_cap(home: House) -> None:
    """MTR-20, SITE-1: with it the charger yields and the meter stays closed; without, it opens."""
    await add_account(home, Config(mode=Mode.CREDIT))
    await until(lambda: home.car.current_a > 25, "full power")
    limited = Configure(config=Config(mode=Mode.CREDIT, load_limit_w=LIMIT_W))
    await ledger(home).async_do(limited)
    await until(lambda: home.car.current_a < 21, "a car that yields", 20)
    assert home.shows("binary_sensor", "load_limit_active", "on", "account")
    meter(home).inject({"load_limit_w": LIMIT_W})

    await home.becomes("sensor", "binding_cap", "load_limit", "garage")
    assert "5.0 kW" in home.state("sensor", "explanation", "garage").state
    await stays(lambda: meter(home).account.contactor.closed, 30)
    assert home.car.current_a > 15
    assert 0 <= home.value("load_headroom", "account") < LIMIT_W
    assert home.value("cost_per_hour", "account") == pytest.approx(0.2 * 4.7, abs=0.2)

    await ledger(home).async_do(Configure(config=Config(mode=Mode.CREDIT)))
    await until(lambda: not meter(home).account.contactor.closed, "an open meter", 60)


async def stays(condition: Callable[[], object], seconds: float) -> None:
    """Fail as soon as something no longer holds."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + seconds
    while loop.time() < end_s:
        assert condition()
        await asyncio.sleep(0.1)


@pytest.mark.usefixtures("prompt")
async def test_a_low_balance_pauses_charging(home: House) -> None:
    """MTR-12: charging pauses at the level that was set, says why, and a payment ends that."""
    await add_account(home, Config(), pause_below="9.90")
    await until(lambda: home.car.current_a > 25, "full power")
    meter(home).account.registers.rates_wh[0] += 1_001
    next(it for it in home.site.meters.values() if it.name == "supply").poll_soon()
    await until(lambda: home.car.current_a < 1, "a pause")
    await home.becomes("sensor", "reason", "low_balance", "garage")
    text = "Paused: the balance of the supply account is low."
    await home.becomes("sensor", "explanation", text, "garage")
    assert home.shows("binary_sensor", "charging_paused", "on", "account")
    await ledger(home).async_do(Payment(amount=Decimal(5)))
    await until(lambda: home.car.current_a > 25, "full power again", 90)
    assert home.shows("binary_sensor", "charging_paused", "off", "account")


async def test_the_tariff_is_what_plans_are_made_with(home: House) -> None:
    """PLAN-3: where no price entity is set, the account tells the prices to come."""
    tariff = Tariff(
        prices=((Decimal("0.30"),) * 4, (Decimal("0.10"),) * 4, *FLAT.prices[:2]),
        switches=(Switch(start=time(7), rate=1), Switch(start=time(23), rate=2)),
    )
    await add_account(home, Config(), tariff=encode(tariff))
    now = dt_util.utcnow()
    prices = home.site.plans.inputs.outlook(now).prices
    assert prices[0].start <= now < prices[0].end
    assert {slot.price_per_kwh for slot in prices} == {0.10, 0.30}
    assert all(one.end == two.start for one, two in pairwise(prices))
    assert prices[-1].end - now > timedelta(days=7)
    cheap = next(slot for slot in prices[1:] if slot.price_per_kwh == 0.10)
    london = cheap.start.astimezone(ZoneInfo("Europe/London"))
    assert london.hour == 23


@pytest.mark.usefixtures("prompt")
async def test_a_plan_that_the_credit_does_not_pay(home: House) -> None:
    """PLAN-3, MTR-13: said with what is lacking, until a payment covers it."""
    await add_account(home, Config(), opening={"balance": "2.00"})
    key = next(iter(home.site.chargers))
    goal = {"goal_kind": TargetKind.ENERGY, "goals": {TargetKind.ENERGY: 20_000.0}}
    await home.site.plans.async_tell(key, weekly=dict.fromkeys(range(7), time(7)), **goal)
    await home.becomes("binary_sensor", "plan_can_be_met", "off", "garage")
    told = home.site.plans.told(key)
    assert told is not None
    assert told.cost is not None
    # Twenty kilowatt-hours at 0.20.
    assert told.cost == pytest.approx(4.0, abs=0.3)
    assert told.short_by == pytest.approx(told.cost - 2.0, abs=0.3)
    assert "the credit lacks 2." in home.state("sensor", "plan", "garage").state
    await ledger(home).async_do(Payment(amount=Decimal(10)))
    await home.becomes("binary_sensor", "plan_can_be_met", "on", "garage")
    assert "lacks" not in home.state("sensor", "plan", "garage").state


def test_chargers_share_the_credit() -> None:
    """PLAN-3: the first plan is paid, the second lacks what is left."""
    now = dt_util.utcnow()
    plans = {
        key: ChargerPlan(
            made_at=now,
            status=PlanStatus.ON_TIME,
            plan=Plan(
                key=key,
                made_at=now,
                slots=(),
                verdict=PlanVerdict.ON_TIME,
                needed_wh=1.0,
                planned_wh=1.0,
                cost=3.0,
            ),
        )
        for key in ("one", "two")
    }
    paid = with_credit(plans, 5.0)
    assert [it.short_by for it in paid.values()] == [None, 1.0]
    assert [it.can_be_met for it in paid.values()] == [True, False]
    assert with_credit(plans, None) == plans
    assert [it.short_by for it in with_credit(plans, -2.0).values()] == [3.0, 3.0]
