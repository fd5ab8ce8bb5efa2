"""The account on board of the simulated prepayment meter does what the manual says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from simulator.devices.e470.account import Account
from simulator.devices.e470.calendar import period_start, stage_at, stages
from simulator.devices.e470.clock import midnight_after, offset, wall
from simulator.devices.e470.registers import Registers, shown_kwh
from simulator.devices.e470.settings import (
    Collection,
    Mode,
    Period,
    Rules,
    Season,
    SpecialDay,
    SummerTime,
    Switch,
    Tariff,
    Turn,
)

WEEKDAYS = frozenset(range(5))
WEEKEND = frozenset((5, 6))
START = datetime(2026, 6, 1, tzinfo=UTC)
GMT = Rules(summer_time=None)
PENNY = Decimal("0.01")


def flat(pounds: str) -> tuple[tuple[Decimal, ...], ...]:
    return ((Decimal(pounds),) * 4,) * 4


FLAT = Tariff(prices=flat("0.10"))


def account(balance: str, rules: Rules = GMT, tariff: Tariff = FLAT) -> Account:
    made = Account(rules, tariff, START)
    made.purse.balance = Decimal(balance)
    return made


def use(meter: Account, *kwh: float) -> None:
    """Use energy, one amount a minute."""
    for amount in kwh:
        meter.advance(meter.now + timedelta(minutes=1), round(amount * 1000))


def powered(meter: Account) -> bool:
    return meter.contactor.closed


def supply(meter: Account) -> str:
    return meter.contactor.supply.value


def money(meter: Account) -> tuple[str, str]:
    """Return present balance and debt to clear."""
    return f"{meter.purse.balance:.2f}", f"{meter.purse.debt_to_clear:.2f}"


def test_the_switching_example_of_the_manual() -> None:
    # MTR-3, section 7.1.2
    table = (
        Switch(season=Season.SUMMER, minute=0, rate=1, days=WEEKDAYS, relay=True),
        Switch(season=Season.SUMMER, minute=420, rate=2, days=WEEKDAYS),
        Switch(season=Season.SUMMER, minute=0, rate=3, days=WEEKEND, relay=True),
        Switch(season=Season.WINTER, minute=0, rate=1, relay=True),
        Switch(season=Season.WINTER, minute=420, rate=2),
    )
    rules = Rules(switches=table, special_days=(SpecialDay(day=date(2026, 6, 2), rate=4),))

    def found(month: int, day: int, hour: int, minute: int) -> tuple[int, bool]:
        at = datetime(2026, month, day, hour, minute, tzinfo=UTC)
        stage = stage_at(stages(rules, at.date()), at)
        return stage.rate, stage.relay

    assert found(6, 1, 6, 59) == (1, True)
    assert found(6, 1, 7, 0) == (2, False)
    assert found(6, 6, 12, 0) == (3, True)
    assert found(1, 10, 3, 0) == (1, True)
    assert found(1, 10, 12, 0) == (2, False)
    assert found(6, 2, 6, 0) == (4, True)
    assert found(6, 2, 12, 0) == (4, False)
    assert found(3, 28, 12, 0) == (2, False)
    assert found(3, 29, 12, 0) == (3, True)
    assert found(10, 24, 12, 0) == (3, True)
    assert found(10, 25, 12, 0) == (2, False)


def test_the_clock_of_the_customer() -> None:
    # MTR-29
    europe = SummerTime()
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert wall(europe, before).hour == 0
    assert wall(europe, before + timedelta(minutes=1)).hour == 2
    assert offset(europe, datetime(2026, 10, 25, 0, 59, tzinfo=UTC)) == timedelta(hours=1)
    assert offset(europe, datetime(2026, 10, 25, 1, 0, tzinfo=UTC)) == timedelta()
    assert offset(None, datetime(2026, 7, 1, tzinfo=UTC)) == timedelta()
    assert midnight_after(europe, START) == datetime(2026, 6, 1, 23, tzinfo=UTC)
    assert midnight_after(None, START) == datetime(2026, 6, 2, tzinfo=UTC)
    # Half a year later south of the equator, and a rule that changes at midnight itself.
    south = SummerTime(start=Turn(month=10, week=1), end=Turn(month=4, week=1))
    assert offset(south, datetime(2026, 1, 1, tzinfo=UTC))
    assert not offset(south, datetime(2026, 7, 1, tzinfo=UTC))
    strict = SummerTime(start=Turn(month=6, week=2, weekday=2, minute=0))
    assert midnight_after(strict, datetime(2026, 6, 9, 12, tzinfo=UTC)) == datetime(
        2026, 6, 10, tzinfo=UTC
    )


def test_the_periods_of_the_manual() -> None:
    # MTR-5, section 7.2.1: three months, and 90 days, from 5 June
    quarters = Period(start=date(2026, 6, 5), months=3)
    assert period_start(quarters, date(2026, 9, 4)) == date(2026, 6, 5)
    assert period_start(quarters, date(2026, 9, 5)) == date(2026, 9, 5)
    assert period_start(quarters, date(2027, 3, 4)) == date(2026, 12, 5)
    days = Period(start=date(2026, 6, 5), days=90)
    assert period_start(days, date(2026, 9, 2)) == date(2026, 6, 5)
    assert period_start(days, date(2026, 9, 3)) == date(2026, 9, 3)


def test_whole_kilowatt_hours_are_charged_at_their_rate_and_block() -> None:
    # MTR-2, MTR-6, MTR-7, MTR-12
    prices = tuple(tuple(Decimal(r * 10 + b) / 100 for b in range(1, 5)) for r in range(1, 5))
    rules = replace(GMT, switches=(Switch(minute=0, rate=1), Switch(minute=3, rate=2)))
    meter = account("10", rules, Tariff(prices=prices, thresholds_kwh=(2, 4, None)))
    use(meter, 0.999)
    assert money(meter) == ("10.00", "0.00")
    use(meter, 0.001)
    assert money(meter) == ("9.89", "0.00")
    # Minute 3 is rate 2's, whose register begins at 0: total 3.5, of which 2 to 3 in block 2.
    use(meter, 2.5)
    assert meter.registers.rates_wh == [1000, 2500, 0, 0]
    assert money(meter) == (f"{Decimal('9.89') - Decimal('0.21') - Decimal('0.22'):.2f}", "0.00")
    assert (meter.stage.rate, meter.block) == (2, 2)
    assert shown_kwh(100_000_010, 2) == "00000.01"
    assert shown_kwh(99_999_999, 2) == "99999.99"
    assert shown_kwh(12_345, 0) == "00012"


def test_emergency_credit_above_zero() -> None:
    # MTR-14, section 9.5: 0.40 left and 5.00 lent
    meter = account("1.40")
    meter.press()
    assert not meter.purse.in_emergency
    use(meter, 10)
    meter.press()
    assert money(meter) == ("5.40", "0.00")
    use(meter, 3)
    assert money(meter) == ("5.10", "0.00")
    # Own credit is spent before anything is owed.
    use(meter, 3)
    assert money(meter) == ("4.80", "0.20")
    assert meter.pay(Decimal("0.15"))
    assert money(meter) == ("4.80", "0.05")
    assert meter.pay(Decimal("2.05"))
    assert money(meter) == ("2.00", "0.00")
    assert not meter.purse.in_emergency
    assert meter.purse.payments == 2
    assert meter.purse.total_credit == Decimal("2.20")


def test_unused_emergency_credit_is_given_back() -> None:
    meter = account("0.40")
    meter.press()
    meter.pay(Decimal(3))
    assert money(meter) == ("3.40", "0.00")


def test_emergency_credit_below_zero_and_its_exhaustion() -> None:
    # MTR-14, MTR-19, section 8.8
    meter = account("0.30")
    use(meter, 5)
    assert money(meter) == ("-0.20", "0.00")
    assert supply(meter) == "off"
    meter.press()
    assert money(meter) == ("5.00", "0.20")
    assert powered(meter)
    use(meter, 50)
    assert money(meter) == ("0.00", "5.20")
    assert powered(meter)
    use(meter, 1)
    assert money(meter) == ("-5.30", "0.00")
    assert supply(meter) == "off"
    assert not meter.purse.emergency_available
    meter.pay(Decimal("5.30"))
    assert supply(meter) == "off"
    meter.pay(PENNY)
    assert supply(meter) == "push_button"
    meter.press()
    assert powered(meter)
    assert meter.purse.emergency_available


@pytest.mark.parametrize(
    ("how", "balance", "debt"),
    [
        (Collection(spares_emergency=False), "4.98", "0.02"),
        (Collection(spares_emergency=True), "5.00", "0.02"),
        (Collection(always=False, spares_emergency=True), "5.00", "0.02"),
    ],
)
def test_instalments_in_emergency_credit(how: Collection, balance: str, debt: str) -> None:
    # MTR-15, MTR-16: 1.00 a week each, 1.68 hours later
    rules = replace(GMT, standing_charge=how, debt=how)
    meter = account("0", rules, replace(FLAT, standing_charge_per_week=Decimal(1)))
    meter.set_debt(Decimal("0.015"), Decimal(1))
    meter.press()
    meter.advance(START + timedelta(hours=1.67))
    assert money(meter) == ("5.00", "0.00")
    meter.advance(START + timedelta(hours=1.68))
    assert money(meter) == (balance, debt)
    assert meter.purse.total_debt == Decimal("0.005")


def test_instalments_stop_without_credit_or_power() -> None:
    rules = replace(GMT, standing_charge=Collection(always=False), emergency_enabled=False)
    tariff = replace(FLAT, standing_charge_per_week=Decimal(10))
    meter = account("0.15", rules, tariff)
    meter.advance(START + timedelta(days=1))
    assert money(meter) == ("-0.05", "0.00")
    meter = account("5", rules, tariff)
    meter.sleep(START + timedelta(days=6))
    meter.advance(START + timedelta(days=7))
    # 600 / 7 = 85.7 instalments went by without power.
    assert money(meter) == ("3.50", "0.00")


def test_a_friendly_evening_and_its_end() -> None:
    # MTR-18
    rules = replace(GMT, friendly={0: (0, 60)}, emergency_enabled=False)
    meter = account("0.10", rules)
    use(meter, 2, 3)
    assert money(meter) == ("-0.40", "0.00")
    assert powered(meter)
    meter.advance(START + timedelta(minutes=59))
    assert powered(meter)
    meter.advance(START + timedelta(minutes=60))
    assert not powered(meter)
    meter.advance(START + timedelta(days=7))
    assert not powered(meter)


def test_other_modes() -> None:
    # MTR-11
    payg = replace(GMT, mode=Mode.PAYG, payg_disconnects_below=Decimal(-2))
    meter = account("0", payg)
    use(meter, 20)
    assert powered(meter)
    assert not meter.purse.emergency_available
    use(meter, 1)
    assert supply(meter) == "off"
    meter.pay(Decimal(1))
    assert supply(meter) == "push_button"
    meter = account("0", replace(GMT, mode=Mode.CREDIT))
    use(meter, 20)
    assert powered(meter)
    assert not meter.pay(Decimal(1))
    meter.command_supply(on=False)
    assert supply(meter) == "off"
    meter.command_supply(on=True)
    assert supply(meter) == "push_button"


def test_the_load_limit() -> None:
    # MTR-20: 5 kW, OFF for 5 s, then the button
    meter = account("0.05", replace(GMT, load_limit_w=5000.0))
    meter.measure(9000, 1)
    assert powered(meter)
    use(meter, 1)
    assert money(meter) == ("-0.05", "0.00")
    meter.measure(5000, 1)
    assert powered(meter)
    meter.measure(5001, 1)
    assert supply(meter) == "off"
    meter.press()
    for _ in range(4):
        meter.measure(0, 1)
    assert supply(meter) == "off"
    meter.measure(0, 1)
    assert supply(meter) == "push_button"
    meter.press()
    assert powered(meter)
    meter.measure(5001, 1)
    meter.pay(Decimal(1))
    assert not powered(meter)
    assert meter.limiting_w is None
    assert meter.contactor.trips == 2


def test_a_meter_that_lets_the_limit_be_passed_for_a_while() -> None:
    # MTR-20
    rules = replace(GMT, mode=Mode.CREDIT, load_limit_w=5000.0, load_limit_patience_s=3.0)
    meter = account("0", rules)
    for power_w in (6000, 6000, 6000, 4999, 6000, 6000, 6000):
        meter.measure(power_w, 1)
    assert powered(meter)
    meter.measure(6000, 1)
    assert supply(meter) == "off"


def test_a_tariff_that_is_to_come() -> None:
    # MTR-8
    meter = account("10")
    meter.plan(date(2026, 6, 2), Tariff(prices=flat("0.20"), standing_charge_per_week=Decimal(7)))
    meter.advance(START + timedelta(hours=23, minutes=59), 1000)
    meter.advance(START + timedelta(hours=24), 500)
    meter.advance(START + timedelta(hours=25), 500)
    assert money(meter) == ("9.70", "0.00")
    meter.advance(START + timedelta(hours=26))
    assert money(meter) == ("9.63", "0.00")


def test_payments_that_the_meter_refuses_and_the_log() -> None:
    meter = account("990")
    assert not meter.pay(Decimal(10))
    assert meter.pay(Decimal("9.99"))
    meter.adjust(Decimal(-500))
    assert meter.purse.total_credit == (Decimal("9.99") - 500) % 100_000
    for _ in range(25):
        meter.pay(PENNY)
    assert len(meter.purse.log) == 20
    assert meter.purse.payments == 26


def test_registers_carry_on_from_where_they_were() -> None:
    meter = Account(GMT, FLAT, START, registers=Registers(rates_wh=[99_999_990, 0, 0, 0]))
    use(meter, 0.01)
    assert meter.registers.total_wh == 100_000_000
    assert money(meter) == ("-0.10", "0.00")
