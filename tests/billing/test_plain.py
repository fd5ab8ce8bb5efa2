"""The engine agrees with a slow and plain re-computation over random stretches of life.

`HYPOTHESIS_PROFILE=nightly` plays ten thousand of them.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
import os

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from custom_components.evse_suite.billing import position
from custom_components.evse_suite.billing.events import (
    Adjust,
    Button,
    Command,
    ConvertCurrency,
    Event,
    Payment,
    Power,
    Press,
    Reading,
    Readings,
    Refused,
    SetDebt,
    SetTariff,
    Tick,
)
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Collection,
    Config,
    Currency,
    EmergencyCredit,
    FriendlyWindow,
    Levy,
    Mode,
    Opening,
    PeriodUnit,
    Season,
    SpecialDay,
    Switch,
    Tariff,
    TariffKind,
)
from custom_components.evse_suite.billing.opening import open_account
from custom_components.evse_suite.billing.step import Account, step
from tests.billing.plain import Case, Plain

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CASES = 10_000 if NIGHTLY else 500
SLOT = timedelta(minutes=10)
CENT_OF_A_PENNY = Decimal("0.0001")
BEGINNINGS = [
    datetime(2026, 3, 27, 13, 20, tzinfo=UTC),
    datetime(2026, 10, 23, 22, 50, tzinfo=UTC),
    datetime(2026, 12, 30, 0, 0, tzinfo=UTC),
    datetime(2028, 2, 27, 5, 40, tzinfo=UTC),
]

flags = st.booleans()
slots_of_day = st.integers(0, 143).map(lambda slot: time(slot // 6, slot % 6 * 10))
prices = st.integers(0, 9999).map(lambda number: Decimal(number).scaleb(-4))
pounds = st.integers(0, 600).map(lambda number: Decimal(number).scaleb(-2))
collections = st.builds(Collection, halts_without_credit=flags, spares_emergency_credit=flags)
switches = st.builds(
    Switch,
    season=st.sampled_from(Season),
    start=slots_of_day,
    rate=st.integers(1, 4),
    days=st.sampled_from([(0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4), (5, 6), (6,)]),
)
periods = st.builds(
    BillingPeriod,
    start_day=st.integers(1, 28),
    start_month=st.integers(1, 12),
    length=st.integers(1, 6),
    unit=st.sampled_from([PeriodUnit.DAYS, PeriodUnit.DAYS, PeriodUnit.MONTHS]),
)
levies = st.builds(
    Levy,
    charge_per_kwh=prices,
    charge_above_wh_per_day=st.sampled_from([0, 2000, 4000]),
    vat_1=st.just(Decimal("0.05")),
    vat_2=st.sampled_from([Decimal("0.05"), Decimal("0.2")]),
    vat_2_above_wh_per_day=st.sampled_from([0, 3000]),
)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    kind = draw(st.sampled_from(TariffKind))
    rows = draw(st.lists(prices, min_size=4, max_size=4))
    thresholds = sorted(draw(st.lists(st.integers(0, 9000), min_size=3, max_size=3)))
    missing = draw(st.integers(0, 3))
    return Tariff(
        kind=kind,
        prices=tuple((row, row / 2, rows[0], row) for row in rows),
        standing_per_week=draw(pounds),
        switches=tuple(draw(st.lists(switches, max_size=5))),
        thresholds_wh=(*thresholds[:missing], *(None for _ in range(3 - missing))),
        usage_from=draw(st.integers(0, 4)),
        daily=kind is not TariffKind.TIME_OF_USE and draw(flags),
        period=draw(periods),
        levy=draw(levies),
    )


@st.composite
def configs(draw: st.DrawFn, begin: datetime) -> Config:
    windows = st.none() | st.builds(FriendlyWindow, start=slots_of_day, end=slots_of_day)
    friendly = draw(st.lists(windows, min_size=2, max_size=2))
    special = SpecialDay(
        day=begin.date() + timedelta(days=draw(st.integers(0, 3))),
        rate=draw(st.none() | st.integers(1, 4)),
        friendly=draw(flags),
    )
    return Config(
        mode=draw(st.sampled_from(Mode)),
        special_days=(special,) if draw(flags) else (),
        friendly=(*friendly, None, *friendly, None, None),
        emergency=EmergencyCredit(point=draw(pounds), value=draw(pounds)),
        disconnection_value=-draw(pounds),
        standing=draw(collections),
        debt=draw(collections),
    )


def commands(begin: datetime) -> st.SearchStrategy[Command]:
    days = st.integers(1, 5).map(lambda ahead: begin.date() + timedelta(days=ahead))
    factors = st.integers(25, 400).map(lambda number: Decimal(number).scaleb(-2))
    return st.one_of(
        st.builds(Payment, amount=pounds),
        st.just(Press(button=Button.EMERGENCY)),
        st.just(Press(button=Button.EMERGENCY)),
        st.builds(Adjust, amount=st.one_of(pounds, pounds.map(lambda amount: -amount))),
        st.builds(Power, on=flags),
        st.builds(SetDebt, total=pounds, per_week=pounds),
        st.builds(SetTariff, tariff=tariffs(), on=st.none() | days),
        st.builds(ConvertCurrency, on=days, factor=factors, currency=st.just(Currency.EUR)),
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[Case, list[int]]:
    """Return a life on a ten-minute grid, and how many slots late they arrive."""
    begin = draw(st.sampled_from(BEGINNINGS))
    days = draw(st.integers(2, 4))
    slots = st.integers(1, days * 144)
    readings = [
        Reading(at=begin + slot * SLOT, total_wh=wh)
        for slot, wh in zip(
            sorted(draw(st.sets(slots, min_size=1, max_size=12))),
            sorted(draw(st.lists(st.integers(0, 14_000), min_size=12, max_size=12))),
            strict=False,
        )
    ]
    given_at = draw(st.lists(slots, max_size=8))
    opening = Opening(
        at=begin, balance=draw(pounds) - 1, debt=draw(pounds), debt_per_week=draw(pounds)
    )
    case = Case(
        config=draw(configs(begin)),
        tariff=draw(tariffs()),
        opening=opening,
        readings=readings,
        commands=[(begin + slot * SLOT, draw(commands(begin))) for slot in sorted(given_at)],
        end=begin + timedelta(days=days),
    )
    punctual = st.just([0] * 12)
    return case, draw(punctual | st.lists(st.integers(0, 144), min_size=12, max_size=12))


def play(case: Case, delays: list[int]) -> tuple[Account, Case]:
    """Play a life through the engine; each reading arrives so many slots late, in batches.

    Returns the account and the life without the commands that were refused.
    """
    account = open_account(case.config, case.tariff, case.opening)
    accepted = []
    arrivals = [
        (min(case.end, reading.at + delay * SLOT), reading)
        for reading, delay in zip(case.readings, delays, strict=False)
    ]
    moments = sorted([*case.commands, *((at, Tick()) for at, _ in arrivals[::2])], key=_at)
    for at, event in [*moments, (case.end, Tick())]:
        batch = tuple(reading for arrival, reading in arrivals if arrival <= at)
        account, _ = step(account, Readings(readings=batch[-8:]), at)
        conserve(account)
        try:
            account, _ = step(account, event, at)
        except Refused:
            continue
        conserve(account)
        if not isinstance(event, Tick):
            accepted.append((at, event))
    account, _ = step(account, Readings(readings=tuple(case.readings)), case.end)
    conserve(account)
    return account, replace(case, commands=accepted)


def _at(moment: tuple[datetime, Event]) -> datetime:
    return moment[0]


def conserve(account: Account) -> None:
    book = account.book
    assert book.credits - book.charges == book.net


@pytest.mark.timeout(7200 if NIGHTLY else 120)
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=not NIGHTLY,
    # A life takes long to shrink and is read well enough as it is.
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
@given(life=lives())
def test_the_engine_agrees_with_the_plain_account(life: tuple[Case, list[int]]) -> None:
    # MTR-3 MTR-5 MTR-6 MTR-7 MTR-8 MTR-9 MTR-10 MTR-11 MTR-12 MTR-14 MTR-15 MTR-16 MTR-18 MTR-29
    account, case = play(*life)
    book, plain = account.book, Plain(case).play()

    assert dict(enumerate(book.rates_wh, start=1)) == plain.wh
    assert abs(book.net - plain.net()) < CENT_OF_A_PENNY
    assert abs(position.balance(book) - plain.balance) < CENT_OF_A_PENNY
    assert abs(position.debt_to_clear(book) - plain.debt_to_clear) < CENT_OF_A_PENNY
    assert abs(book.debt - plain.debt) < CENT_OF_A_PENNY
    assert abs(book.cost_today - plain.cost_today) < CENT_OF_A_PENNY
    assert abs(book.period_charges - plain.period_charges) < CENT_OF_A_PENNY
    assert (book.emergency_left is not None) == plain.emergency
    assert book.supply_on == plain.supply_on
    assert book.total_credit == plain.total_credit % 100_000
    assert book.payment_count == plain.payments
    assert (book.period_start, book.period_end) == plain.period
