"""Balance, emergency credit, instalments, payments and codes, case by case of the manual."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from custom_components.evse_suite.billing import views
from custom_components.evse_suite.billing.effects import (
    Beep,
    CodeRejected,
    EmergencyCreditEnded,
    EmergencyCreditOffered,
    SupplyClosed,
)
from custom_components.evse_suite.billing.events import (
    Adjust,
    Button,
    Code,
    Configure,
    ConvertCurrency,
    OffReason,
    Payment,
    PaymentSource,
    Power,
    Press,
    Reason,
    SetDebt,
    Tenancy,
)
from custom_components.evse_suite.billing.model import (
    Collection,
    Config,
    Currency,
    FriendlyWindow,
    Tariff,
)
from tests.billing.accounts import PRESS, START, flat, home, kinds, pounds, refusal

INSTALMENT = timedelta(seconds=6048)


def test_emergency_credit_taken_with_own_credit_left() -> None:
    # MTR-14: section 9.5's 0.40 and 5.00
    house = home("1.40")
    assert EmergencyCreditOffered in kinds(house.use(2, hours=2))
    house.do(PRESS)
    assert views.balance(house.account) == pounds("5.40")
    assert views.debt_to_clear(house.account) == 0
    house.use(1, hours=1)
    assert views.balance(house.account) == pounds("4.90")
    assert views.debt_to_clear(house.account) == pounds("0.10")
    house.do(Payment(amount=pounds("0.04")))
    assert views.balance(house.account) == pounds("4.90")
    assert views.debt_to_clear(house.account) == pounds("0.06")
    assert EmergencyCreditEnded in kinds(house.do(Payment(amount=pounds("3.06"))))
    assert views.balance(house.account) == pounds("3.00")
    assert views.emergency_left(house.account) is None


def test_a_payment_while_own_credit_is_left_takes_emergency_credit_back() -> None:
    # MTR-14
    house = home("0.90")
    house.do(PRESS)
    assert views.balance(house.account) == pounds("5.90")
    house.do(Payment(amount=pounds("2.00")))
    assert views.balance(house.account) == pounds("2.90")


def test_repayment_to_the_penny_ends_emergency_credit() -> None:
    # MTR-14
    house = home("0.40")
    house.do(PRESS)
    house.use(1, hours=1)
    assert views.debt_to_clear(house.account) == pounds("0.10")
    assert EmergencyCreditEnded in kinds(house.do(Payment(amount=pounds("0.10"))))
    assert (views.balance(house.account), views.supply_on(house.account)) == (pounds(0), True)


def test_emergency_credit_taken_in_debt_and_used_up() -> None:
    # MTR-14 MTR-19
    house = home("1.00")
    house.use(3, hours=3)
    assert not views.supply_on(house.account)
    effects = house.do(PRESS)
    assert effects[-1] == SupplyClosed(at=house.at)
    assert views.balance(house.account) == pounds("5.00")
    assert views.debt_to_clear(house.account) == pounds("0.50")
    house.use(10, hours=5)
    assert views.balance(house.account) == 0
    assert views.supply_on(house.account)
    effects = house.use(1, hours=1)
    assert EmergencyCreditEnded(at=house.at, exhausted=True) in effects
    assert views.balance(house.account) == pounds("-6.00")
    assert views.debt_to_clear(house.account) == 0
    assert not views.supply_on(house.account)
    house.do(Payment(amount=pounds("5.00")))
    assert not views.emergency_offered(house.account)
    assert refusal(house, PRESS) is Reason.NOT_AVAILABLE
    house.do(Payment(amount=pounds("1.50")))
    assert views.balance(house.account) == pounds("0.50")
    assert views.emergency_offered(house.account)


@pytest.mark.parametrize(("spares", "balance"), [(True, pounds("4.50")), (False, pounds("4.43"))])
def test_options_i_and_ii_in_emergency_credit(spares: bool, balance: Decimal) -> None:
    # MTR-15
    tariff = Tariff(prices=flat("0.50"), standing_per_week=pounds("7.00"))
    house = home("0.00", tariff, standing=Collection(spares_emergency_credit=spares))
    house.do(PRESS)
    house.use(1, hours=1)
    house.wait_until(START + INSTALMENT)
    assert views.balance(house.account) == balance
    assert views.debt_to_clear(house.account) == pounds("0.57")


def test_instalments_of_a_week_their_halt_and_power_cuts() -> None:
    # MTR-15 MTR-16
    tariff = Tariff(prices=flat("0.50"), standing_per_week=pounds("7.00"))
    house = home("10.00", tariff)
    house.do(SetDebt(total=pounds("1.03"), per_week=pounds("2.00")))
    house.wait_until(START + INSTALMENT - timedelta(seconds=1))
    assert house.net == 10
    house.wait(seconds=1)
    assert house.net == pounds("9.91")
    house.wait_until(START + timedelta(weeks=1))
    assert house.net == pounds("10.00") - pounds("7.00") - pounds("1.03")
    assert house.account.book.debt == 0
    assert views.per_week(house.account) == pounds("7.00")
    house.do(Power(on=False))
    house.wait(days=7)
    house.do(Power(on=True))
    assert house.net == pounds("1.97")
    house.do(Configure(config=Config(standing=Collection(halts_without_credit=True))))
    house.wait(weeks=1)
    assert house.net == pounds("-0.06")


def test_payments_their_log_and_their_limits() -> None:
    # MTR-12
    house = home("0.00")
    for number in range(25):
        house.wait(minutes=1)
        house.do(Payment(amount=pounds("1.01"), reference=str(number)))
    book = house.account.book
    assert len(book.payments) == 20
    assert (book.payment_count, book.total_credit) == (25, pounds("25.25"))
    assert [each.reference for each in views.last_payments(house.account)] == ["24", "23", "22"]
    assert refusal(house, Payment(amount=pounds("1.00"), reference="24")) is Reason.DUPLICATE
    assert refusal(house, Payment(amount=pounds("0.001"))) is Reason.AMOUNT
    assert refusal(house, Payment(amount=pounds("-5"))) is Reason.AMOUNT
    assert refusal(house, Payment(amount=Decimal("NaN"))) is Reason.AMOUNT
    assert refusal(house, Payment(amount=pounds("974.75"))) is Reason.BALANCE_FULL
    house.do(Payment(amount=pounds("974.74")))
    house.do(Adjust(amount=pounds("-999.99")))
    assert house.net == 0
    assert house.account.book.total_credit == 0


def test_wrong_codes_lock_entry_as_in_the_manuals_example() -> None:
    # MTR-27: section 4.2.1, from 1 pm on
    house = home("0.00")
    assert refusal(house, Code(digits="123")) is Reason.CODE_FORMAT
    wrong = Code(digits="0" * 20)
    locks = []
    for hour in range(13, 18):
        house.wait_until(START + timedelta(hours=hour))
        for _ in range(5):
            effects = house.do(wrong)
        locks += [each.locked_until for each in effects if isinstance(each, CodeRejected)]
        assert refusal(house, wrong) is Reason.CODE_LOCKED
    expected = [START + timedelta(hours=hour) for hour in (14, 15, 16, 17)]
    assert locks == [*expected, START + timedelta(days=1, minutes=1)]
    house.wait_until(START + timedelta(days=1, minutes=1))
    good = Code(digits="1" * 20, amount=pounds("5.00"))
    house.do(good)
    assert house.net == pounds("5.00")
    assert house.account.book.payments[-1].source is PaymentSource.BUTTON
    assert refusal(house, good) is Reason.DUPLICATE


def test_the_low_credit_warning_its_timing_and_its_end() -> None:
    # MTR-26
    house = home("1.40")
    effects = house.use(1, hours=1)
    assert Beep(at=house.at, first=True, duration_s=30) in effects
    start = house.at
    beeps = [each for each in house.wait(minutes=10) if isinstance(each, Beep)]
    seconds = [int((each.at - start).total_seconds()) for each in beeps]
    assert seconds == [60, 90, 120, 150, 180, 210, 240, 270]
    assert {each.duration_s for each in beeps} == {2}

    window = FriendlyWindow(start=time(0), end=time(6))
    house = home("1.40", friendly=(window, *(None,) * 6))
    house.use(1, hours=1)
    effects = house.wait_until(START + timedelta(hours=6, seconds=60))
    assert [each.first for each in effects if isinstance(each, Beep)] == [True, False]
    house.do(Press(button=Button.DISPLAY))
    assert not house.wait(minutes=5)


def test_option_b_halts_at_exactly_nothing() -> None:
    # MTR-15 MTR-16
    tariff = Tariff(prices=flat("0.50"), standing_per_week=pounds("7.00"))
    halts = Collection(halts_without_credit=True)
    house = home("0.07", tariff, standing=halts, debt=halts)
    house.do(SetDebt(total=pounds("5.00"), per_week=pounds("5.00")))
    house.wait(days=2)
    assert (house.net, house.account.book.debt) == (pounds(0), pounds("5.00"))


def test_cost_today_cost_per_hour_and_days_left() -> None:
    # MTR-13
    tariff = Tariff(prices=flat("0.50"), standing_per_week=pounds("16.80"))
    house = home("100.00", tariff)
    house.use(8, hours=24)
    house.use(4, hours=12)
    assert views.cost_today(house.account) == 4 * pounds("0.50") + 7 * pounds("0.168")
    assert views.energy_today_wh(house.account) == 4000
    assert views.cost_per_hour(house.account, 3000) == pounds("1.60")
    left = views.days_left(house.account)
    yesterday = 8 * pounds("0.50") + 14 * pounds("0.168")
    assert left == house.net / yesterday
    # PLAN-3: what will be left, for plans.
    tomorrow = house.account.book.at + timedelta(days=1)
    assert views.credit_at(house.account, tomorrow) == house.net - yesterday
    assert views.credit_at(house.account, tomorrow - timedelta(days=9)) == house.net


def test_money_is_converted_at_midnight_debt_to_clear_included() -> None:
    # MTR-17
    house = home("0.90", disconnection_value=pounds("-10.00"))
    house.do(SetDebt(total=pounds("10.00"), per_week=pounds("0.00")))
    house.do(PRESS)
    house.do(Payment(amount=pounds("0.01")))
    house.do(PRESS)
    house.use(4, hours=4)
    assert views.debt_to_clear(house.account) == pounds("1.09")
    order = ConvertCurrency(on=date(2026, 1, 6), factor=pounds("1.2"), currency=Currency.EUR)
    house.do(order)
    house.wait(days=1)
    book = house.account.book
    assert book.currency is Currency.EUR
    assert views.debt_to_clear(house.account) == pounds("1.308")
    assert views.balance(house.account) == pounds("3.91") * pounds("1.2")
    assert book.debt == 12
    assert views.price_now(house.account) == pounds("0.60")
    assert (book.config.emergency.point, book.config.emergency.value) == (
        pounds("1.2"),
        pounds("6.00"),
    )
    assert (book.total_credit, book.payment_count) == (pounds(0), 0)
    assert {each.kind for each in book.snapshots} >= {"currency"}
    assert refusal(house, order) is Reason.SAME_CURRENCY
    again = ConvertCurrency(on=date(2026, 2, 1), factor=pounds("5"), currency=Currency.GBP)
    assert refusal(house, again) is Reason.FACTOR


def test_a_change_of_tenancy_does_what_it_is_asked_for() -> None:
    # MTR-23
    tariff = Tariff(prices=flat("0.50"), standing_per_week=pounds("7.00"))
    house = home("0.90", tariff)
    house.do(SetDebt(total=pounds("10.00"), per_week=pounds("1.00")))
    house.do(Payment(amount=pounds("0.05")))
    house.do(PRESS)
    house.use(4, hours=1)
    change = Tenancy(
        at=START + timedelta(hours=12), balance=pounds("3.00"), supply=False, reset_period=True
    )
    house.do(change)
    house.wait(hours=11)
    book = house.account.book
    assert views.emergency_left(house.account) is None
    assert (views.balance(house.account), book.debt) == (pounds(3), pounds(0))
    assert (book.payments, book.total_credit, book.payment_count) == ((), pounds(0), 0)
    assert book.tariff.standing_per_week == 0
    assert book.off_reason is OffReason.COMMAND
    assert book.period_start == START.date()
    assert book.rates_wh == [4000, 0, 0, 0]
    kept = next(each for each in book.snapshots if each.kind == "tenancy")
    assert kept.at == START + timedelta(hours=12)
    house.do(Tenancy(balance=None, debt=None, supply=True))
    house.do(PRESS)
    assert (views.balance(house.account), views.supply_on(house.account)) == (pounds(3), True)
