"""The suite's account and the meter's own agree over a quarter; the suite only reads registers.

The meter's account was written from the manual without a look at the suite's. Where the manual can
be read in more than one way both take the reading that the suite's modules name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from random import Random

import pytest

from simulator.devices.e470.account import INSTALMENT_EVERY, Account
from simulator.devices.e470.clock import wall
from simulator.devices.e470.contactor import Supply
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
from tests.account.twin import Twins

QUARTER = timedelta(days=90)
WEEKEND = frozenset((5, 6))
SWITCHES = (
    Switch(minute=0, rate=2, relay=True),
    Switch(minute=90, rate=3, season=Season.WINTER),
    Switch(minute=420, rate=1),
    Switch(minute=600, rate=4, days=WEEKEND, season=Season.SUMMER),
    Switch(minute=1350, rate=2, relay=True),
)


def matrix(*pence: str) -> tuple[tuple[Decimal, ...], ...]:
    """Return prices of four rates; each block is dearer than the one before."""
    return tuple(tuple(Decimal(each) / 100 + block * Decimal("0.011") for block in range(4))
                 for each in pence)  # fmt: skip


FIRST = Tariff(
    prices=matrix("28.32", "11.4", "9.95", "31.07"),
    thresholds_kwh=(60, 150, 200),
    standing_charge_per_week=Decimal("3.57"),
)
SECOND = replace(
    FIRST,
    prices=matrix("24.1", "13.37", "10.01", "35"),
    standing_charge_per_week=Decimal("4.11"),
)
RULES = Rules(
    switches=SWITCHES,
    period=Period(start=date(2026, 2, 5), months=1),
    emergency_point=Decimal("2.00"),
    emergency_value=Decimal("5.00"),
    friendly=dict.fromkeys(range(7), (840, 1439)),
    debt_per_week=Decimal("2.37"),
)


@dataclass
class Person:
    """Somebody who uses power, pays too little and too late, and presses the button."""

    dice: Random
    payments: int = 0
    presses: int = 0
    seen: set[str] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)

    def uses_wh(self, meter: Account, minutes: int) -> int:
        if not meter.contactor.closed:
            return 0
        big = self.dice.random() < 0.06
        return self.dice.randint(20, 55) * minutes if big else self.dice.randint(1, 6) * minutes

    def acts(self, twins: Twins) -> None:
        """Do, once an hour, what somebody in this home might do."""
        purse, supply = twins.meter.purse, twins.meter.contactor.supply
        self._note(twins.meter)
        if supply is Supply.PUSH_BUTTON or (
            purse.emergency_available and self.dice.random() < 0.04
        ):
            twins.press()
            self.presses += 1
        elif (
            purse.worth < 0
            and twins.meter.rules.mode is not Mode.CREDIT
            and self.dice.random() < 0.12
        ):
            twins.pay(Decimal(self.dice.randint(100, 3000)) / 100)
            self.payments += 1
        elif self.dice.random() < 0.01 and twins.meter.rules.mode is not Mode.CREDIT:
            twins.pay(Decimal(self.dice.randint(1, 1000)) / 100)
            self.payments += 1

    def _note(self, meter: Account) -> None:
        self.seen |= {
            meter.contactor.supply.value,
            "owed" if meter.purse.debt_to_clear else "clear",
            "own" if meter.purse.in_emergency and meter.purse.own_credit else "",
            "friendly" if meter.contactor.closed and meter.purse.balance < 0 else "",
            f"block {meter.block}",
            f"rate {meter.stage.rate}",
        }
        local = wall(meter.rules.summer_time, meter.now)
        self.hours.add(round((local - meter.now.replace(tzinfo=None)).total_seconds() / 3600))


def moments(start: datetime, minutes: int) -> Iterator[tuple[datetime, bool]]:
    """Yield when the meter is read, and whether energy has flown just then.

    Besides the rhythm these are full and half hours and the instants of instalments, so that what
    was used before a change of price or of the balance is known and not apportioned.
    """

    def every(span: timedelta, first: timedelta, *, flows: bool) -> Iterator[tuple[datetime, bool]]:
        at = start + first
        while at <= start + QUARTER:
            yield at, flows
            at += span

    rhythm = timedelta(minutes=minutes)
    half_hour = timedelta(minutes=30)
    return merge(
        every(rhythm, timedelta(seconds=30), flows=True),
        every(half_hour, half_hour, flows=False),
        every(INSTALMENT_EVERY, INSTALMENT_EVERY, flows=False),
    )


def live(twins: Twins, minutes: int, batch_h: int, seed: int) -> Person:
    """Live a quarter with both accounts; readings arrive in batches of up to ``batch_h`` hours."""
    person = Person(Random(seed))
    start = twins.meter.now
    heard = start
    for at, flows in moments(start, minutes):
        twins.meter.advance(at, person.uses_wh(twins.meter, minutes) if flows else 0)
        twins.read()
        if at.minute or at.second or flows:
            continue
        person.acts(twins)
        if at >= heard:
            twins.deliver()
            twins.compare()
            heard = at + timedelta(hours=person.dice.randint(0, batch_h))
    twins.deliver()
    twins.compare()
    return person


AUTUMN = datetime(2027, 9, 14, 9, tzinfo=UTC)
SPRING = datetime(2026, 2, 10, 9, tzinfo=UTC)
BOTH = SummerTime(start=Turn(month=10, week=1, minute=120), end=Turn(month=11, week=2, minute=30))
"""Both changes of the clock within one quarter, which the meter lets a supplier set."""
PERIOD_OF_DAYS = Period(start=date(2027, 2, 1), days=23)
HALTS = Collection(always=False, spares_emergency=True)


LATER = timedelta(days=45)


def twins_of(
    start: datetime, rules: Rules, *, has_rates: bool = True, balance: str = "12.34"
) -> Twins:
    """Return both accounts with some credit, arrears, a holiday and a tariff to come."""
    holiday = SpecialDay(day=(start + timedelta(days=40)).date(), rate=3, friendly=True)
    meter = Account(replace(rules, special_days=(holiday,)), FIRST, start)
    meter.purse.balance = Decimal(balance)
    meter.purse.total_debt = Decimal("20.05")
    twins = Twins(meter, has_rates)
    twins.plan((start + LATER).date(), SECOND)
    return twins


@pytest.mark.parametrize(
    ("start", "rules", "minutes", "has_rates", "seed"),
    [
        (AUTUMN, replace(RULES, summer_time=BOTH), 1, True, 5),
        (AUTUMN, RULES, 5, False, 6),
        (SPRING, replace(RULES, standing_charge=HALTS, debt=HALTS), 5, True, 6),
    ],
    ids=["both clock changes", "autumn, total only", "spring, halted collection"],
)
def test_both_accounts_agree_over_a_quarter(
    start: datetime, rules: Rules, minutes: int, has_rates: bool, seed: int
) -> None:
    # MTR-2 to MTR-19, MTR-29
    twins = twins_of(start, rules, has_rates=has_rates)
    person = live(twins, minutes, 30, seed)
    assert twins.meter.tariff is SECOND
    assert twins.meter.purse.total_debt == 0
    assert person.hours == {0, 1}
    assert person.payments >= 10
    assert person.presses >= 10
    assert person.seen >= {"on", "off", "owed", "own", "friendly", "block 3", "rate 4", "rate 3"}


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, mode=Mode.PAYG, payg_disconnects_below=Decimal(-6), load_limit_w=5000.0),
        replace(RULES, mode=Mode.CREDIT, debt=HALTS, summer_time=None),
        replace(RULES, emergency_enabled=False, load_limit_w=3000.0, period=PERIOD_OF_DAYS),
    ],
    ids=["pay as you go", "credit", "load limit instead of disconnection"],
)
def test_the_other_modes_agree(rules: Rules) -> None:
    # MTR-5, MTR-11, MTR-20
    twins = twins_of(AUTUMN, rules)
    live(twins, 10, 47, seed=2)


def test_a_reader_that_looks_seldom_misjudges_only_the_kwh_under_way() -> None:
    """Without readings at a change of price the kWh under way may be priced on its other side."""
    twins = twins_of(AUTUMN, RULES, balance="900")
    meter, dice = twins.meter, Random(3)
    for minute in range(0, 90 * 24 * 60, 10):
        meter.advance(AUTUMN + timedelta(minutes=minute, seconds=30), dice.randint(10, 400))
        if minute % 50 == 0:
            twins.read()
    twins.read()
    twins.deliver()
    steps = [
        abs(one - two)
        for before, after in zip(FIRST.prices, SECOND.prices, strict=True)
        for one, two in zip(before, after, strict=True)
    ]
    # A kWh is under way on either side of the change of tariff, of three new periods, and where
    # rates change at the threshold of a block, of which four periods have three each.
    bound = 2 * (max(steps) + 3 * Decimal("0.033")) + 4 * 3 * Decimal("0.011")
    assert abs(meter.purse.worth - twins.account.book.net) <= bound
