"""What is refused, and commands that change settings."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from custom_components.evse_suite.billing import display, views
from custom_components.evse_suite.billing.effects import PeriodEnded, TariffActivated
from custom_components.evse_suite.billing.events import (
    Adjust,
    Code,
    Command,
    Configure,
    ConvertCurrency,
    Event,
    GasCost,
    GasDay,
    OpenSupply,
    Payment,
    Reason,
    RestoreSupply,
    SetDebt,
    SetTariff,
    Tenancy,
)
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Config,
    Currency,
    Mode,
    PeriodUnit,
    Switch,
    Tariff,
)
from custom_components.evse_suite.billing.validate import Impossible
from tests.billing.accounts import EMERGENCY, PRESS, START, Home, flat, home, pounds, refusal

YESTERDAY = START - timedelta(days=1)
TOMORROW = date(2026, 1, 6)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (RestoreSupply(at=YESTERDAY), Reason.IN_THE_PAST),
        (SetTariff(tariff=Tariff(prices=flat("0.1")), on=START.date()), Reason.IN_THE_PAST),
        (Tenancy(at=YESTERDAY), Reason.IN_THE_PAST),
        (Tenancy(balance=pounds("-1")), Reason.AMOUNT),
        (Tenancy(debt=pounds("0.005")), Reason.AMOUNT),
        (
            ConvertCurrency(on=START.date(), factor=Decimal(1), currency=Currency.EUR),
            Reason.IN_THE_PAST,
        ),
        (GasCost(since_midnight=pounds("-1")), Reason.AMOUNT),
        (GasDay(day=TOMORROW, cost=pounds("1")), Reason.GAS_DAY),
        (Adjust(amount=pounds("0")), Reason.AMOUNT),
        (Adjust(amount=pounds("999")), Reason.BALANCE_FULL),
        (Code(digits="²" * 20), Reason.CODE_FORMAT),
        (PRESS, Reason.NOT_AVAILABLE),
    ],
)
def test_a_command_that_cannot_be_is_refused(command: Command, reason: Reason) -> None:
    # MTR-8 MTR-11 MTR-12 MTR-17 MTR-19 MTR-23 MTR-27
    assert refusal(home(mode=Mode.SINGLE_WALLET), command) is reason


def test_gas_costs_and_debts_out_of_place() -> None:
    # MTR-11 MTR-16
    house = home()
    assert refusal(house, GasCost(since_midnight=pounds("1"))) is Reason.NOT_WALLET
    with pytest.raises(Impossible):
        house.do(SetDebt(total=pounds("10000"), per_week=pounds("1")))


def test_other_billing_periods_begin_at_once() -> None:
    # MTR-5 MTR-8
    house = Home(config=Config(mode=Mode.CREDIT))
    house.use(30, days=3)
    period = BillingPeriod(start_day=6, start_month=1, length=7, unit=PeriodUnit.DAYS)
    effects = house.do(SetTariff(tariff=Tariff(prices=flat("0.2"), period=period)))
    assert {type(each) for each in effects} == {TariffActivated, PeriodEnded}
    assert views.period_dates(house.account) == (date(2026, 1, 8), date(2026, 1, 13))
    assert views.period_usage_wh(house.account) == 0


def test_a_tenancy_that_clears_everything() -> None:
    # MTR-23
    house = home("-5.00")
    future = SetTariff(tariff=Tariff(prices=flat("0.2")), on=TOMORROW)
    house.do(future)
    house.use(1, hours=1)
    house.do(Tenancy(balance=pounds("2.00"), zero_prices=True, clear_future_tariff=True))
    house.use(100, days=2)
    assert house.net == pounds("2.00")
    assert house.account.book.future is None
    assert views.supply_offered(house.account)
    house.do(Tenancy(balance=pounds("1.00"), debt=None))
    assert house.net == pounds("1.00")


def test_settings_that_change_while_emergency_credit_is_in_use() -> None:
    # MTR-11 MTR-14
    house = home("0.50")
    house.do(PRESS)
    house.use(3, hours=3)
    assert views.emergency_left(house.account) == pounds("4.00")
    house.do(Configure(config=Config(mode=Mode.CREDIT, emergency=EMERGENCY, profiling=None)))
    assert views.balance(house.account) == pounds("-1.00")
    assert views.emergency_left(house.account) is None
    house.do(Configure(config=Config(mode=Mode.PREPAYMENT, emergency=EMERGENCY)))
    assert not views.supply_on(house.account)
    house.do(Configure(config=Config(load_limit_w=4000, emergency=EMERGENCY)))
    assert views.supply_offered(house.account)


def test_opened_by_command_and_without_credit_only_credit_brings_it_back() -> None:
    # MTR-19
    house = home("0.20", emergency=EMERGENCY)
    house.do(OpenSupply())
    house.use(1, hours=1)
    house.do(RestoreSupply())
    assert not views.supply_offered(house.account)
    house.do(Payment(amount=pounds("1.00")))
    assert views.supply_offered(house.account)


def test_prices_to_come() -> None:
    # MTR-7 MTR-8
    rates = tuple((pounds(each),) * 4 for each in ("0.10", "0.30", "0.10", "0.10"))
    switches = tuple(
        Switch(start=START.replace(hour=hour).time(), rate=rate) for hour, rate in ((0, 1), (7, 2))
    )
    house = Home(tariff=Tariff(prices=rates, switches=switches))
    house.do(SetTariff(tariff=Tariff(prices=flat("0.20")), on=date(2026, 1, 7)))
    spans = list(views.price_spans(house.account, START + timedelta(days=3)))
    assert [(each.start - START, each.price_per_kwh) for each in spans] == [
        (timedelta(), pounds("0.10")),
        (timedelta(hours=7), pounds("0.30")),
        (timedelta(hours=24), pounds("0.10")),
        (timedelta(hours=31), pounds("0.30")),
        (timedelta(hours=48), pounds("0.20")),
    ]
    change = views.next_price_change(house.account)
    assert change == spans[1]


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_has_a_display(mode: Mode) -> None:
    # MTR-28
    event: Event = RestoreSupply(at=START + timedelta(hours=1))
    house = home("1.00", mode=mode, disconnection_value=pounds("-1.00"))
    house.do(event)
    pages = display.pages(house.account, house.at, 1000)
    assert len({each.name for each in pages}) == len(pages)
    assert ("total_credit" in {each.name for each in pages}) is (mode is not Mode.CREDIT)
    assert display.shown(house.account, house.at) == display.default_page(house.account)
