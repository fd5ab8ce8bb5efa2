"""The contactor: credit, modes, gas, friendly hours, load limit, commands."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from custom_components.evse_suite.billing import views
from custom_components.evse_suite.billing.effects import (
    GasModeChanged,
    GasValve,
    SupplyClosed,
    SupplyOffered,
    SupplyOpened,
)
from custom_components.evse_suite.billing.events import (
    GasCost,
    GasDay,
    Load,
    OffReason,
    OpenSupply,
    Payment,
    Reason,
    RestoreSupply,
    SetGasMode,
)
from custom_components.evse_suite.billing.model import (
    EmergencyCredit,
    FriendlyWindow,
    GasMode,
    Mode,
    SpecialDay,
)
from tests.billing.accounts import PRESS, START, home, kinds, pounds, refusal


def test_pay_as_you_go_down_to_its_disconnection_value() -> None:
    # MTR-11
    house = home("0.00", mode=Mode.PAY_AS_YOU_GO, disconnection_value=pounds("-1.00"))
    house.use(2, hours=2)
    assert views.supply_on(house.account)
    assert not views.emergency_offered(house.account)
    house.use(1, hours=1)
    assert not views.supply_on(house.account)
    house.do(Payment(amount=pounds("0.50")))
    assert views.supply_offered(house.account)


def test_credit_mode_takes_no_payment_and_never_disconnects() -> None:
    # MTR-11
    house = home("0.00", mode=Mode.CREDIT)
    house.use(20, hours=20)
    assert (house.net, views.supply_on(house.account)) == (pounds("-10.00"), True)
    assert refusal(house, Payment(amount=pounds("5.00"))) is Reason.CREDIT_MODE


def test_gas_in_the_single_wallet() -> None:
    # MTR-11
    house = home("2.00", mode=Mode.SINGLE_WALLET, emergency=EmergencyCredit(enabled=False))
    house.do(GasCost(since_midnight=pounds("0.30")))
    house.do(GasCost(since_midnight=pounds("0.30")))
    house.do(GasCost(since_midnight=pounds("0.50")))
    assert house.net == pounds("1.50")
    house.wait(days=1)
    for _ in range(2):
        house.do(GasDay(day=START.date(), cost=pounds("0.80")))
        assert house.net == pounds("1.20")
    house.wait(minutes=10)
    effects = house.do(GasCost(since_midnight=pounds("1.20")))
    assert kinds(effects) == [SupplyOpened]
    house.do(Payment(amount=pounds("1.00")))
    assert kinds(house.wait(minutes=30)) == []
    house.do(PRESS)
    house.do(GasCost(since_midnight=pounds("2.20")))
    assert GasValve(at=START + timedelta(days=1, hours=1), open=False) in house.wait(minutes=30)
    house.do(Payment(amount=pounds("1.00")))
    assert [each.open for each in house.wait(minutes=30) if isinstance(each, GasValve)] == [True]
    house.do(SetGasMode(mode=GasMode.CREDIT))
    assert GasModeChanged in kinds(house.wait(minutes=30))


def test_nothing_is_disconnected_in_friendly_hours() -> None:
    # MTR-18 MTR-4
    window = FriendlyWindow(start=time(22), end=time(8))
    house = home("0.50", friendly=(window, *(None,) * 6), emergency=EmergencyCredit(enabled=False))
    house.use(0, hours=22)
    house.use(4, hours=4)
    assert (house.net, views.supply_on(house.account)) == (pounds("-1.50"), True)
    effects = house.wait(hours=12)
    opened = [each.at for each in effects if isinstance(each, SupplyOpened)]
    assert opened == [datetime(2026, 1, 6, 8, tzinfo=UTC)]

    day = SpecialDay(day=START.date(), friendly=True)
    house = home("0.00", special_days=(day,), emergency=EmergencyCredit(enabled=False))
    house.use(4, hours=4)
    assert views.supply_on(house.account)
    house.wait(hours=20)
    assert not views.supply_on(house.account)


def test_the_load_limit_takes_the_place_of_disconnection() -> None:
    # MTR-20
    house = home("0.00", load_limit_w=5000, emergency=EmergencyCredit(enabled=False))
    assert views.power_limit_w(house.account) is None
    house.do(Load(power_w=9000))
    house.use(1, hours=1)
    assert views.power_limit_w(house.account) == 5000
    house.do(Load(power_w=5000))
    assert views.supply_on(house.account)
    assert house.do(Load(power_w=5001)) == (SupplyOpened(at=house.at, reason=OffReason.LOAD_LIMIT),)
    assert refusal(house, PRESS) is Reason.NOT_AVAILABLE
    assert house.wait(seconds=5) == (SupplyOffered(at=house.at),)
    house.do(PRESS)
    assert views.supply_on(house.account)
    house.do(Load(power_w=6000))
    assert not views.supply_on(house.account)


def test_disconnection_and_restoration_by_command() -> None:
    # MTR-19 MTR-11
    house = home("3.00", mode=Mode.CREDIT)
    assert refusal(house, RestoreSupply()) is Reason.SUPPLY_ON
    house.do(OpenSupply())
    assert house.account.book.off_reason is OffReason.COMMAND
    house.do(RestoreSupply(at=house.at + timedelta(hours=2)))
    assert refusal(house, PRESS) is Reason.NOT_AVAILABLE
    assert SupplyOffered(at=START + timedelta(hours=2)) in house.wait(hours=3)
    house.do(PRESS)
    assert views.supply_on(house.account)


def test_supply_goes_off_below_zero_and_comes_back_above_with_a_press() -> None:
    # MTR-11 MTR-19
    house = home("1.00", emergency=EmergencyCredit(enabled=False))
    house.use(2, hours=2)
    assert (house.net, views.supply_on(house.account)) == (Decimal(0), True)
    effects = house.use(1, hours=1)
    assert kinds(effects) == [SupplyOpened]
    assert not views.supply_on(house.account)
    house.do(Payment(amount=pounds("0.50")))
    assert refusal(house, PRESS) is Reason.NOT_AVAILABLE
    effects = house.do(Payment(amount=pounds("0.01")))
    assert SupplyOffered in kinds(effects)
    assert not views.supply_on(house.account)
    assert kinds(house.do(PRESS)) == [SupplyClosed]
    assert views.supply_on(house.account)
