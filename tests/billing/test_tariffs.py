"""The manual's examples of tariffs, with its figures or what its prices give."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from custom_components.evse_suite.billing import views
from custom_components.evse_suite.billing.clock import instants, local
from custom_components.evse_suite.billing.effects import RateSwitched, RelaySwitched
from custom_components.evse_suite.billing.events import Reading, Readings, SetTariff
from custom_components.evse_suite.billing.model import (
    BillingPeriod,
    Clock,
    Config,
    DaylightSaving,
    Levy,
    Mode,
    PeriodUnit,
    Season,
    SpecialDay,
    Switch,
    Tariff,
    TariffKind,
    YearlyInstant,
)
from custom_components.evse_suite.billing.periods import period_of
from custom_components.evse_suite.billing.switching import rate_at, relay_at
from tests.billing.accounts import START, Home, flat, pounds, prices, shown

WEEK = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
SCHEME = (
    Switch(season=Season.SUMMER, start=time(0), rate=1, days=WEEK, relay_closed=True),
    Switch(season=Season.SUMMER, start=time(7), rate=2, days=WEEK),
    Switch(season=Season.SUMMER, start=time(0), rate=3, days=WEEKEND, relay_closed=True),
    Switch(season=Season.WINTER, start=time(0), rate=1, relay_closed=True),
    Switch(season=Season.WINTER, start=time(7), rate=2),
)
"""Section 7.1.2."""


@pytest.mark.parametrize(
    ("now", "rate", "closed"),
    [
        (shown(2026, 7, 1, 6, 59), 1, True),
        (shown(2026, 7, 1, 7, 0), 2, False),
        (shown(2026, 7, 1, 23, 59), 2, False),
        (shown(2026, 7, 4, 0, 0), 3, True),
        (shown(2026, 7, 5, 15, 0), 3, True),
        (shown(2026, 7, 6, 0, 0), 1, True),
        (shown(2026, 1, 3, 3, 0), 1, True),
        (shown(2026, 1, 3, 12, 0), 2, False),
        (shown(2026, 3, 28, 12, 0), 2, False),
        (shown(2026, 3, 29, 12, 0), 3, True),
        (shown(2026, 10, 24, 12, 0), 3, True),
        (shown(2026, 10, 25, 12, 0), 2, False),
    ],
)
def test_the_manuals_seasonal_weekend_tariff(now: datetime, rate: int, closed: bool) -> None:
    # MTR-3
    tariff = Tariff(prices=flat("0.1"), switches=SCHEME)
    assert rate_at(Config(), tariff, now) == rate
    assert relay_at(Config(), tariff, now) is closed


def test_rate_and_relay_switch_on_time_on_both_change_days() -> None:
    # MTR-3 MTR-29
    tariff = Tariff(prices=flat("0.1"), switches=SCHEME)
    home = Home(tariff=tariff, at=datetime(2026, 3, 27, 12, tzinfo=UTC))
    effects = home.wait(days=4)
    switched = [each for each in effects if isinstance(each, RateSwitched)]
    assert [(each.at.strftime("%d %H:%M"), each.rate) for each in switched] == [
        ("28 00:00", 1),
        ("28 07:00", 2),
        ("29 00:00", 3),
        ("29 23:00", 1),
        ("30 06:00", 2),
        ("30 23:00", 1),
        ("31 06:00", 2),
    ]
    relays = [each.closed for each in effects if isinstance(each, RelaySwitched)]
    assert relays == [True, False, True, False, True, False]

    gmt = Home(
        config=Config(clock=Clock(daylight_saving=None)),
        tariff=tariff,
        at=datetime(2026, 7, 1, 6, 30, tzinfo=UTC),
    )
    assert gmt.account.book.rate == 1
    assert [each.at.hour for each in gmt.wait(hours=1) if isinstance(each, RateSwitched)] == [7]


def test_the_repeated_and_the_skipped_hour() -> None:
    # MTR-29
    clock = Clock()
    assert [each.hour for each in instants(clock, shown(2026, 10, 25, 1, 30))] == [0, 1]
    assert instants(clock, shown(2026, 3, 29, 1, 30)) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]
    assert local(clock, datetime(2026, 3, 29, 1, tzinfo=UTC)) == shown(2026, 3, 29, 2)
    assert local(clock, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == shown(2026, 3, 29, 0, 59)
    assert local(clock, datetime(2026, 10, 25, 0, 59, tzinfo=UTC)) == shown(2026, 10, 25, 1, 59)
    assert local(clock, datetime(2026, 10, 25, 1, tzinfo=UTC)) == shown(2026, 10, 25, 1)
    south = Clock(
        standard_offset_min=600,
        daylight_saving=DaylightSaving(
            start=YearlyInstant(month=10, week=1, weekday=6, at=time(2)),
            end=YearlyInstant(month=4, week=1, weekday=6, at=time(2)),
        ),
    )
    assert local(south, datetime(2026, 1, 1, 13, tzinfo=UTC)) == shown(2026, 1, 2)
    assert local(south, datetime(2026, 7, 1, 14, tzinfo=UTC)) == shown(2026, 7, 2)
    assert local(south, datetime(2026, 10, 3, 16, tzinfo=UTC)) == shown(2026, 10, 4, 3)


def test_of_two_switches_at_one_time_the_later_row_counts() -> None:
    # MTR-3
    rows = (
        Switch(start=time(7), rate=2),
        Switch(start=time(7), rate=3),
        Switch(start=time(6), rate=1),
    )
    tariff = Tariff(prices=flat("0.1"), switches=rows)
    assert rate_at(Config(), tariff, shown(2026, 1, 5, 8)) == 3
    assert rate_at(Config(), tariff, shown(2026, 1, 5, 5)) == 3


def test_special_days() -> None:
    # MTR-4
    day = date(2026, 7, 2)
    config = Config(special_days=(SpecialDay(day=day, rate=4, relay_closed=True),))
    tariff = Tariff(prices=flat("0.1"), switches=SCHEME)
    assert rate_at(config, tariff, shown(2026, 7, 2, 12)) == 4
    assert relay_at(config, tariff, shown(2026, 7, 2, 12))
    assert rate_at(config, tariff, shown(2026, 7, 3, 0)) == 1
    normal = Config(special_days=(SpecialDay(day=day, relay_closed=True),))
    assert rate_at(normal, tariff, shown(2026, 7, 2, 12)) == 2


def test_the_manuals_billing_periods() -> None:
    # MTR-5
    months = BillingPeriod(start_day=5, start_month=6, length=3)
    assert period_of(months, date(2026, 6, 5)) == (date(2026, 6, 5), date(2026, 9, 5))
    assert period_of(months, date(2026, 9, 4)) == (date(2026, 6, 5), date(2026, 9, 5))
    assert period_of(months, date(2026, 9, 5)) == (date(2026, 9, 5), date(2026, 12, 5))
    assert period_of(months, date(2027, 3, 4)) == (date(2026, 12, 5), date(2027, 3, 5))
    days = BillingPeriod(start_day=5, start_month=6, length=90, unit=PeriodUnit.DAYS)
    assert period_of(days, date(2026, 9, 2)) == (date(2026, 6, 5), date(2026, 9, 3))
    assert period_of(days, date(2026, 9, 3)) == (date(2026, 9, 3), date(2026, 12, 2))

    home = Home(
        tariff=Tariff(prices=flat("0.1"), period=months), at=datetime(2026, 9, 3, tzinfo=UTC)
    )
    home.use(3, hours=1)
    assert views.period_day(home.account) == 91
    home.wait_until(datetime(2026, 9, 4, 23, tzinfo=UTC))
    assert views.period_dates(home.account) == (date(2026, 9, 5), date(2026, 12, 5))
    assert views.period_day(home.account) == 1
    assert views.period_usage_wh(home.account) == 0
    assert home.account.book.periods[-1].energy_wh == 3000


MATRIX = prices(
    [
        ["0.20", "0.15", "0.10", "0.05"],
        ["0.30", "0.25", "0.02", "0.01"],
        ["0.40"] * 4,
        ["0.50"] * 4,
    ]
)
DAY_NIGHT = (Switch(start=time(0), rate=1), Switch(start=time(7), rate=2))


@pytest.mark.parametrize(
    ("kind", "usage_from", "charged"),
    [
        (TariffKind.TIME_OF_USE, 0, "3.90"),  # 6 at 0.20 and 9 at 0.30
        (TariffKind.BLOCK, 0, "2.15"),  # 4 at 0.20, 5 at 0.15, 6 at 0.10
        (TariffKind.COMBINATION, 0, "1.97"),  # 3 at 0.20, 0.30, 2 at 0.25, 3 at 0.15, 6 at 0.02
        (TariffKind.COMBINATION, 1, "3.50"),  # 4 at 0.20, 3 at 0.30, 2 at 0.15, 6 at 0.25
    ],
)
def test_three_uses_of_the_matrix(kind: TariffKind, usage_from: int, charged: str) -> None:
    # MTR-6 MTR-7
    tariff = Tariff(
        kind=kind,
        prices=MATRIX,
        switches=DAY_NIGHT,
        thresholds_wh=(4000, 9000, None),
        usage_from=usage_from,
    )
    home = Home(config=Config(mode=Mode.CREDIT), tariff=tariff)
    for kwh, hours in ((3, 7), (3, 17), (3, 7), (6, 17)):
        home.use(kwh, hours=hours)
    assert -home.net == pounds(charged)


def test_blocks_begin_at_their_thresholds_and_registers_are_kept_there() -> None:
    # MTR-6
    tariff = Tariff(
        kind=TariffKind.COMBINATION,
        prices=MATRIX,
        switches=DAY_NIGHT,
        thresholds_wh=(2500, 5000, None),
    )
    home = Home(config=Config(mode=Mode.CREDIT), tariff=tariff)
    home.use(2, hours=6)
    assert -home.net == pounds("0.40")
    assert views.active_block_now(home.account) == 1
    home.use(3, hours=6)  # an hour at night, five by day, and 0.5 kWh of them at night
    book = home.account.book
    assert book.rates_wh == [2500, 2500, 0, 0]
    assert [each.rates_wh for each in book.threshold_snapshots] == [
        (2500, 0, 0, 0),
        (2500, 2500, 0, 0),
    ]
    assert -home.net == pounds("0.90")  # two by day at 0.25, in block 2
    assert views.active_block_now(home.account) == 3
    assert views.price_now(home.account) == pounds("0.02")
    assert book.estimated_wh == 3000


def test_a_missing_threshold_keeps_the_block_and_zero_skips_it() -> None:
    # MTR-6
    tariff = Tariff(kind=TariffKind.BLOCK, prices=MATRIX, thresholds_wh=(0, 0, None))
    home = Home(tariff=tariff, config=Config(mode=Mode.CREDIT))
    assert views.active_block_now(home.account) == 3
    home.use(50, days=1)
    assert -home.net == pounds("5.00")


def test_the_future_tariff_comes_at_midnight_with_its_standing_charge() -> None:
    # MTR-8
    home = Home(config=Config(mode=Mode.CREDIT))
    future = Tariff(prices=flat("0.50"), standing_per_week=pounds("7.00"))
    home.do(SetTariff(tariff=future, on=date(2026, 1, 7)))
    change = views.next_price_change(home.account)
    assert change
    assert (change.start, change.price_per_kwh) == (START + timedelta(days=2), pounds("0.50"))
    home.use(10, days=2)
    assert -home.net == pounds("1.00")
    home.use(10, days=1)
    assert -home.net == pounds("6.00") + 14 * pounds("0.07")
    assert home.account.book.future is None


def test_the_five_days_of_the_daily_resolved_tariff() -> None:
    # MTR-9: section 7.7 at the prices it states, 0.20 and 0.10 (the printed 0.50, 0.90 and 1.10
    # do not follow from them); from day 3 on the calculated amounts are the printed ones
    tariff = Tariff(
        kind=TariffKind.BLOCK,
        prices=prices([["0.90", "0.90", "0.20", "0.10"]] * 4),
        thresholds_wh=(0, 0, 60_000),
        daily=True,
        period=BillingPeriod(start_day=5, start_month=1, length=30, unit=PeriodUnit.DAYS),
    )
    home = Home(config=Config(mode=Mode.CREDIT), tariff=tariff)
    charged, corrected = [], []
    for kwh in (4, 3, 1, 0, 5):
        home.use(kwh, hours=23)
        charged.append(str(-home.net))
        home.wait(hours=1)
        corrected.append(str(-home.net))
    assert charged == ["0.60", "1.10", "1.30", "1.40", "2.30"]
    assert corrected == ["0.60", "1.10", "1.40", "1.60", "2.30"]
    assert home.account.book.log_kwh[8::4] == [10, 3]


def test_daily_limits_are_exact_fractions_of_the_thresholds() -> None:
    # MTR-9: 1.9 kWh in three days are none on the first, one of two, one of three
    tariff = Tariff(
        kind=TariffKind.BLOCK,
        prices=prices([["0.10", "0.50", "0.50", "0.50"]] * 4),
        thresholds_wh=(1900, None, None),
        daily=True,
        period=BillingPeriod(start_day=5, start_month=1, length=3, unit=PeriodUnit.DAYS),
    )
    home = Home(config=Config(mode=Mode.CREDIT), tariff=tariff)
    charged = []
    for _ in range(3):
        home.use(1, hours=24)
        charged.append(str(-home.net))
    assert charged == ["0.50", "0.60", "1.10"]


def test_levy_and_second_vat_rate_count_from_the_next_day() -> None:
    # MTR-10
    levy = Levy(
        charge_per_kwh=pounds("0.00456"),
        charge_above_wh_per_day=33_000,
        vat_1=pounds("0.05"),
        vat_2=pounds("0.20"),
        vat_2_above_wh_per_day=40_000,
    )
    home = Home(config=Config(mode=Mode.CREDIT), tariff=Tariff(prices=flat("0.21"), levy=levy))
    home.use(36, days=1)
    assert -home.net == 36 * pounds("0.21")
    assert views.price_now(home.account) == pounds("0.21456")
    home.use(54, days=1)
    assert -home.net == 90 * pounds("0.21") + 54 * pounds("0.00456")
    assert views.price_now(home.account) == pounds("0.24456")  # 45 a day: 0.03 of VAT as well
    assert home.account.book.period_levy == 54 * pounds("0.00456")
    home.use(1, days=1)  # 91 kWh in three days are less than 33 a day
    assert views.price_now(home.account) == pounds("0.21")


def test_rate_registers_of_the_meter_decide_where_there_are_some() -> None:
    # MTR-2 MTR-3
    tariff = Tariff(prices=MATRIX, switches=DAY_NIGHT)
    home = Home(config=Config(mode=Mode.CREDIT), tariff=tariff, opening={"rates_wh": (0, 0, 0, 0)})
    home.at += timedelta(hours=14)
    reading = Reading(at=home.at, total_wh=10_000, rates_wh=(9000, 0, 1000, 0))
    home.do(Readings(readings=(reading,)))
    assert home.account.book.rates_wh == [9000, 0, 1000, 0]
    assert -home.net == 9 * pounds("0.20") + pounds("0.40")
    assert home.account.book.estimated_wh == 0
