"""What is impossible, and the line that is wrong.

Ranges are those of the manual's registers (sections 4.1 to 9.9). Lines are named by path, counting
from 1 as the manual does: ``switches.3.rate`` is the rate of the third switch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Final

from .model import (
    BLOCKS,
    RATES,
    BillingPeriod,
    Clock,
    Config,
    Levy,
    Opening,
    PeriodUnit,
    Switch,
    Tariff,
    TariffKind,
    YearlyInstant,
)

SWITCHES: Final = 15
SPECIAL_DAYS: Final = 15
MAX_LOAD_LIMIT_W: Final = 24_000
MPAN_DIGITS: Final = 16
MAX_AMOUNT: Final = Decimal("99.99")
MAX_DEBT: Final = Decimal("9999.99")
MAX_PRICE: Final = Decimal("0.9999")
"""The register of prices shows 99.99 pence (section 9.8.6)."""
MAX_LEVY: Final = Decimal("0.99999")
_PENNY: Final = Decimal("0.01")


class Wrong(StrEnum):
    """What can be wrong with a line."""

    RANGE = "range"
    PENNIES = "pennies"
    COUNT = "count"
    DIGITS = "digits"
    TWICE = "twice"
    ORDER = "order"
    NO_SUCH_DAY = "no_such_day"
    NEEDS_BLOCKS = "needs_blocks"
    WHOLE_MINUTES = "whole_minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One line that is wrong; `low` and `high` are the limits it breaks, if it does."""

    path: str
    wrong: Wrong
    low: Decimal | None = None
    high: Decimal | None = None


class Impossible(Exception):  # noqa: N818 - it is an answer more than an error
    """A tariff, settings or an opening that cannot be; nothing has changed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{each.path}: {each.wrong}" for each in problems))
        self.problems = problems


type Problems = Iterator[Problem]


def _within(path: str, value: Decimal | int, low: Decimal | int, high: Decimal | int) -> Problems:
    if not Decimal(value).is_finite() or not low <= value <= high:
        yield Problem(path=path, wrong=Wrong.RANGE, low=Decimal(low), high=Decimal(high))


def _pennies(
    path: str, value: Decimal, low: Decimal | int, high: Decimal | int = MAX_AMOUNT
) -> Problems:
    problems = list(_within(path, value, low, high))
    yield from problems
    if not problems and value % _PENNY:
        yield Problem(path=path, wrong=Wrong.PENNIES)


def _minutes(path: str, value: time) -> Problems:
    if value.second or value.microsecond or value.tzinfo:
        yield Problem(path=path, wrong=Wrong.WHOLE_MINUTES)


def _count(path: str, number: int, most: int) -> Problems:
    if number > most:
        high = Decimal(most)
        yield Problem(path=path, wrong=Wrong.COUNT, low=Decimal(0), high=high)


def _switch(path: str, switch: Switch) -> Problems:
    yield from _within(f"{path}.rate", switch.rate, 1, RATES)
    yield from _minutes(f"{path}.start", switch.start)
    if not switch.days or len(set(switch.days)) != len(switch.days):
        yield Problem(path=f"{path}.days", wrong=Wrong.TWICE if switch.days else Wrong.COUNT)
    for day in switch.days:
        yield from _within(f"{path}.days", day, 0, 6)


def _prices(tariff: Tariff) -> Problems:
    if len(tariff.prices) != RATES or any(len(row) != BLOCKS for row in tariff.prices):
        yield Problem(path="prices", wrong=Wrong.COUNT)
    for rate, row in enumerate(tariff.prices, start=1):
        for block, price in enumerate(row, start=1):
            yield from _within(f"prices.{rate}.{block}", price, 0, MAX_PRICE)


def _thresholds(tariff: Tariff) -> Problems:
    if len(tariff.thresholds_wh) != BLOCKS - 1:
        yield Problem(path="thresholds_wh", wrong=Wrong.COUNT)
    before = 0
    for number, threshold in enumerate(tariff.thresholds_wh, start=1):
        if threshold is None:
            continue
        if threshold < before:
            yield Problem(path=f"thresholds_wh.{number}", wrong=Wrong.ORDER, low=Decimal(before))
        before = max(before, threshold)


def _period(period: BillingPeriod) -> Problems:
    months = period.unit is PeriodUnit.MONTHS
    yield from _within("period.length", period.length, 1, 12 if months else 115)
    problems = [
        *_within("period.start_month", period.start_month, 1, 12),
        *_within("period.start_day", period.start_day, 1, 28 if months else 31),
    ]
    yield from problems
    if not problems and not months and not _exists(period.start_month, period.start_day):
        yield Problem(path="period.start_day", wrong=Wrong.NO_SUCH_DAY)


def _exists(month: int, day: int) -> bool:
    """Return whether a day is in every year."""
    try:
        date(2001, month, day)
    except ValueError:
        return False
    return True


def _levy(levy: Levy) -> Problems:
    yield from _within("levy.charge_per_kwh", levy.charge_per_kwh, 0, MAX_LEVY)
    yield from _within("levy.vat_1", levy.vat_1, 0, 1)
    yield from _within("levy.vat_2", levy.vat_2, 0, 1)
    most = 10**9
    yield from _within("levy.charge_above_wh_per_day", levy.charge_above_wh_per_day, 0, most)
    yield from _within("levy.vat_2_above_wh_per_day", levy.vat_2_above_wh_per_day, 0, most)


def tariff_problems(tariff: Tariff) -> Problems:
    """Yield what is wrong with a tariff."""
    yield from _prices(tariff)
    yield from _count("switches", len(tariff.switches), SWITCHES)
    for number, switch in enumerate(tariff.switches, start=1):
        yield from _switch(f"switches.{number}", switch)
    yield from _thresholds(tariff)
    yield from _within("usage_from", tariff.usage_from, 0, RATES)
    if tariff.daily and tariff.kind is TariffKind.TIME_OF_USE:
        yield Problem(path="daily", wrong=Wrong.NEEDS_BLOCKS)
    yield from _period(tariff.period)
    yield from _pennies("standing_per_week", tariff.standing_per_week, 0)
    yield from _levy(tariff.levy)


def _yearly(path: str, instant: YearlyInstant) -> Problems:
    yield from _within(f"{path}.month", instant.month, 1, 12)
    yield from _within(f"{path}.week", instant.week, 1, 5)
    yield from _within(f"{path}.weekday", instant.weekday, 0, 6)
    yield from _minutes(f"{path}.at", instant.at)


def _clock(clock: Clock) -> Problems:
    yield from _within("clock.standard_offset_min", clock.standard_offset_min, -720, 840)
    if rule := clock.daylight_saving:
        path = "clock.daylight_saving"
        yield from _yearly(f"{path}.start", rule.start)
        yield from _yearly(f"{path}.end", rule.end)
        yield from _within(f"{path}.adjustment_min", rule.adjustment_min, 1, 180)
        if rule.start == rule.end:
            yield Problem(path=f"{path}.end", wrong=Wrong.TWICE)


def _calendar(config: Config) -> Problems:
    yield from _count("special_days", len(config.special_days), SPECIAL_DAYS)
    seen = set()
    for number, special in enumerate(config.special_days, start=1):
        if special.day in seen:
            yield Problem(path=f"special_days.{number}.day", wrong=Wrong.TWICE)
        seen.add(special.day)
        if special.rate is not None:
            yield from _within(f"special_days.{number}.rate", special.rate, 1, RATES)
    if len(config.friendly) != 7:  # noqa: PLR2004 - days of the week
        yield Problem(path="friendly", wrong=Wrong.COUNT)
    for number, window in enumerate(config.friendly, start=1):
        if window:
            yield from _minutes(f"friendly.{number}.start", window.start)
            yield from _minutes(f"friendly.{number}.end", window.end)


def config_problems(config: Config) -> Problems:
    """Yield what is wrong with settings."""
    mpan = config.mpan
    if mpan and not (mpan.isascii() and mpan.isdigit() and len(mpan) <= MPAN_DIGITS):
        yield Problem(path="mpan", wrong=Wrong.DIGITS, high=Decimal(MPAN_DIGITS))
    yield from _count("serial", len(config.serial), 16)
    yield from _clock(config.clock)
    yield from _calendar(config)
    yield from _pennies("emergency.point", config.emergency.point, 0)
    yield from _pennies("emergency.value", config.emergency.value, 0)
    yield from _pennies("disconnection_value", config.disconnection_value, -500, 0)
    if config.load_limit_w is not None:
        yield from _within("load_limit_w", config.load_limit_w, 0, MAX_LOAD_LIMIT_W)
    registers = config.registers
    yield from _within("registers.digits", registers.digits, 5, 6)
    most = 2 if registers.digits == 5 else 1  # noqa: PLR2004 - section 4.1
    yield from _within("registers.decimals", registers.decimals, 0, most)
    yield from _within("max_power_w", config.max_power_w, 1, 10**7)
    if config.reverse_level_a is not None:
        yield from _within("reverse_level_a", config.reverse_level_a, 1, 10)
    yield from _within("display_interval_s", config.display_interval_s, 0, 20)


def _debt(total: Decimal, per_week: Decimal) -> Problems:
    yield from _pennies("debt", total, 0, MAX_DEBT)
    yield from _pennies("debt_per_week", per_week, 0)


def _opening(opening: Opening) -> Problems:
    most = Decimal("999.99")
    yield from _pennies("balance", opening.balance, -most, most)
    yield from _debt(opening.debt, opening.debt_per_week)
    for number, wh in enumerate(opening.rates_wh or (), start=1):
        yield from _within(f"rates_wh.{number}", wh, 0, 10**12)
    yield from _within("total_wh", opening.total_wh, 0, 10**12)
    yield from _within("export_wh", opening.export_wh, 0, 10**12)


def _refuse(problems: Problems) -> None:
    if found := tuple(problems):
        raise Impossible(found)


def check_tariff(tariff: Tariff) -> None:
    """Raise `Impossible` for a tariff that no meter can hold."""
    _refuse(tariff_problems(tariff))


def check_config(config: Config) -> None:
    """Raise `Impossible` for settings out of range."""
    _refuse(config_problems(config))


def check_debt(total: Decimal, per_week: Decimal) -> None:
    """Raise `Impossible` for arrears out of range (section 8.10)."""
    _refuse(_debt(total, per_week))


def check_opening(opening: Opening) -> None:
    """Raise `Impossible` for an opening out of range."""
    _refuse(_opening(opening))
