"""The simulated prepayment meter in its home: read through its port, cutting and limiting it."""

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
import voluptuous as vol

from custom_components.evse_suite.devices import probe
from custom_components.evse_suite.devices.model import MeterReading, MeterRegister
from simulator.build import Simulation, build_home
from simulator.checks import sentence
from simulator.devices.bench import BenchClamp
from simulator.devices.e470 import E470Meter
from simulator.devices.e470.settings import (
    Collection,
    Mode,
    Rules,
    Season,
    SpecialDay,
    Switch,
    Tariff,
)
from simulator.plant.wires import Phase
from simulator.remote import Remote
from simulator.schema import parse_home

HOME: dict[str, Any] = {
    "supply": {"kind": "single", "fuse_a": 60},
    "clock": {"start": "02:00"},
    "house": {"base_w": 400, "habits": False, "appliances": {"shower": None}},
    "sun": {"kwp": 6},
    "cars": {"leaf": {"type": "reacts_in_3_s"}},
    "chargers": {
        "garage": {
            "device": "lektrico_1p7k",
            "serial": 500006,
            "phases": ["L1"],
            "car": "leaf",
            "options": {"boot_s": 2},
        }
    },
    "meters": {
        "supply": {
            "device": "e470",
            "serial": "12345678",
            "channels": [{"noise_a": 0}],
            "options": {
                "pace": 0,
                "balance": 0.25,
                "kwh_at_start": [99_999.99, 12.34, 0, 0],
                "rules": {"emergency_enabled": False},
                "tariff": {"prices_pence": [[20]]},
            },
        }
    },
}


class Home:
    """A simulation on a manual clock with its panel and a client."""

    def __init__(self, simulation: Simulation, client: aiohttp.ClientSession) -> None:
        self.simulation = simulation
        self.client = client
        self.now_s = 0.0
        found = simulation.devices["supply"]
        assert isinstance(found, E470Meter)
        self.meter = found

    @property
    def mains_a(self) -> float:
        return self.simulation.home.mains_a()[Phase.L1]

    def has_charger(self) -> bool:
        """Whether the charger could be talked to."""
        return self.simulation.devices["garage"].reachable

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.simulation.step(self.now_s, 0.1)

    async def order(self, **order: object) -> str | None:
        """Return None when it was done, or the error's sentence."""
        async with self.client.post("/device/supply/fault", json=order) as response:
            error: str | None = (await response.json()).get("error")
            return error

    async def shows(self) -> dict[str, Any]:
        async with self.client.get("/state") as response:
            account: dict[str, Any] = (await response.json())["accounts"]["supply"]
            return account

    async def read(self) -> dict[str, MeterRegister]:
        """Read the meter as the suite does."""
        device = await probe(self.client, self.meter.reach)
        assert device.identity.serial == self.meter.serial
        reading = await device.read()
        assert isinstance(reading, MeterReading)
        return {register.code: register for register in reading.registers}


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    simulation = build_home(parse_home(deepcopy(HOME)))
    await simulation.start()
    remote = Remote(simulation)
    async with aiohttp.ClientSession(await remote.start()) as client:
        yield Home(simulation, client)
    await remote.stop()
    await simulation.stop()


async def test_its_registers_are_read_through_the_optical_port(home: Home) -> None:
    """MTR-1, MTR-2: five digits that roll over, counted from what flows in the home."""
    home.run(120)
    (clamp,) = home.simulation.home.clamps
    true_wh = int(clamp.value().import_wh)
    assert true_wh > 200
    assert home.meter.account.registers.rates_wh == [99_999_990 + true_wh, 12_340, 0, 0]
    registers = await home.read()
    assert registers["1.8.1"].value == (true_wh - 10) // 10 * 10
    assert (registers["1.8.1"].digits, registers["1.8.1"].decimals) == (5, 2)
    assert registers["1.8.2"].value == 12_340
    assert registers["31.7.0"].value == pytest.approx(home.mains_a, abs=0.5)


async def test_without_credit_the_whole_home_is_dark(home: Home) -> None:
    """MTR-19: house, car, sun and every device behind the contactor; a payment and a button."""
    sun = home.simulation.home.sun
    assert sun is not None
    sun.fixed_w = 300
    home.run(30)
    assert home.mains_a > 30
    assert home.has_charger()
    registers = home.meter.account.registers
    registers.rates_wh[0] += 999 - registers.rates_wh[0] % 1000
    home.run(20)
    assert (await home.shows())["supply"] == "off"
    assert (await home.shows())["display"] == "OFF"
    assert home.mains_a == 0
    (car,) = home.simulation.home.cars.values()
    assert car.current_a == 0
    assert home.simulation.home.sun_w == 0
    assert not home.has_charger()
    counted_wh = registers.total_wh
    home.run(30)
    assert registers.total_wh == counted_wh
    assert (await home.read())["1.8.2"].value == 12_340

    assert await home.order(pay=0.15) is None
    home.run(1)
    assert (await home.shows())["supply"] == "off"
    assert await home.order(pay=5) is None
    assert (await home.shows())["display"] == "PUSH BUTTON"
    assert home.mains_a == 0
    assert await home.order(press=True) is None
    home.run(30)
    assert home.has_charger()
    assert home.mains_a > 30
    assert (await home.shows())["payments"] == 2
    assert (await home.shows())["display"].startswith("CRED")


async def test_the_load_limit_opens_and_waits(home: Home) -> None:
    """MTR-20: active below zero; OFF for 5 s, then the button, and again while the load is on."""
    assert await home.order(load_limit_w=3000) is None
    home.run(30)
    assert home.mains_a > 30
    assert await home.order(adjust=-1) is None
    home.run(1)
    assert (await home.shows())["limiting_w"] == 3000
    assert home.mains_a == 0
    await home.order(press=True)
    home.run(3)
    assert (await home.shows())["supply"] == "off"
    home.run(3)
    assert (await home.shows())["supply"] == "push_button"
    await home.order(press=True)
    home.run(2)
    assert home.mains_a > 0
    home.run(30)
    # The car came back and was too much again.
    assert (await home.shows())["trips"] == 2
    (car,) = home.simulation.home.cars.values()
    car.unplug()
    await home.order(press=True)
    home.run(30)
    assert (await home.shows())["supply"] == "on"


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"pay": 1000}, "pay: expected a number from 0 to 999.99, not 1000"),
        ({"pay": 999.99}, "the meter does not take a payment of 999.99 now"),
        ({"press": False}, "press: can only be true, not False"),
        ({"debt": {"total": 5}}, "debt: per_week: required key not provided"),
        ({"plan": {"from": "soon"}}, "plan: from: expected a date like 2026-03-29, not 'soon'"),
        ({"topup": 5}, "there is no fault called 'topup'"),
    ],
)
async def test_orders_that_mean_nothing_are_answered(
    home: Home, order: dict[str, object], error: str
) -> None:
    assert await home.order(**order) == error
    assert home.meter.account.purse.balance == Decimal("0.25")


async def test_messages_of_the_supplier(home: Home) -> None:
    """MTR-8, MTR-16, MTR-19."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    tariff = {"prices_pence": [[10, 11], [20]], "thresholds_kwh": [None, 5]}
    plan = {"from": tomorrow.isoformat(), "tariff": tariff}
    assert await home.order(debt={"total": 50, "per_week": 2.5}, plan=plan, supply=False) is None
    home.run(1)
    assert home.mains_a == 0
    assert (await home.shows())["total_debt"] == "50.00"
    assert await home.order(supply=True) is None
    assert await home.order(press=True) is None
    home.run(1)
    assert home.mains_a > 0
    home.meter.account.advance(datetime.now(UTC) + timedelta(days=3))
    prices = home.meter.account.tariff.prices
    assert prices[0] == (Decimal("0.1"), *(Decimal("0.11"),) * 3)
    assert prices[3] == (Decimal("0.2"),) * 4


def test_without_power_nothing_is_collected() -> None:
    """MTR-15: the clock goes on, and the instalments of that time are gone."""
    tariff = Tariff(prices=((Decimal(1),) * 4,) * 4, standing_charge_per_week=Decimal(10))
    now = [datetime(2026, 6, 1, tzinfo=UTC)]
    meter = E470Meter(
        serial="1234",
        clamps=[BenchClamp(power_w=0.0)],
        rules=Rules(),
        tariff=tariff,
        balance=Decimal(5),
        boot_s=23 * 3600.0,
        clock=lambda: now[0],
    )
    meter.reboot()
    for hour in range(1, 49):
        now[0] += timedelta(hours=1)
        meter.step(hour * 3600.0, 3600.0)
    # 48 h have 28 instalments, of which 13 fell into the 23 h (less the last step) without power.
    assert meter.account.purse.balance == Decimal(5) - Decimal("0.1") * (28 - 13)
    assert meter.power_failures == 1


def options(**changes: object) -> dict[str, Any]:
    home = deepcopy(HOME)
    home["meters"]["supply"]["options"] |= changes
    return home


def test_everything_can_be_said_in_a_home_file() -> None:
    rules = {
        "mode": "payg",
        "switches": [{"at": "07:30", "rate": 2, "days": ["sat"], "season": "W", "relay": True}],
        "special_days": [{"day": "2026-12-25", "rate": 3, "friendly": True}],
        "period": {"start": "2026-06-05", "days": 90},
        "summer_time": False,
        "payg_disconnects_below": -12.5,
        "friendly": {"mon": ["18:00", "24:00"]},
        "standing_charge": {"always": False},
        "debt": {"spares_emergency": True},
        "debt_per_week": 2.5,
        "load_limit_w": 4600,
    }
    simulation = build_home(parse_home(options(rules=rules, total_debt=12)))
    meter = simulation.devices["supply"]
    assert isinstance(meter, E470Meter)
    made = meter.account.rules
    (switch,) = made.switches
    assert switch == Switch(
        minute=450, rate=2, days=frozenset({5}), season=Season.WINTER, relay=True
    )
    assert made.special_days[0] == SpecialDay(
        day=datetime(2026, 12, 25, tzinfo=UTC).date(), rate=3, friendly=True
    )
    assert made.mode is Mode.PAYG
    assert made.summer_time is None
    assert made.friendly == {0: (1080, 1440)}
    assert made.standing_charge == Collection(always=False)
    assert made.payg_disconnects_below == Decimal("-12.5")
    assert meter.account.purse.total_debt == 12


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"tariff": {}}, "tariff → prices_pence: required key not provided"),
        ({"rules": {"switches": [{"at": "7", "rate": 1}]}}, "at: expected a time"),
        ({"rules": {"switches": [{"at": "07:00", "rate": 5}]}}, "expected a whole number from 1"),
        ({"rules": {"period": {"start": "5 June"}}}, "start: expected a date"),
        ({"rules": {"load_limit_w": 25_000}}, "load_limit_w: expected a number from 0 to 24000"),
        ({"balance": 1000}, "balance: expected a number from -999.99 to 999.99"),
    ],
)
def test_what_is_wrong_in_a_home_file_is_named(changes: dict[str, object], error: str) -> None:
    with pytest.raises(vol.Invalid) as wrong:
        parse_home(options(**changes))
    assert error in sentence(wrong.value)
