"""Which rate, relay state and billing period hold on a day of the customer's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from .clock import turn_at
from .settings import Period, Rules, Season, SpecialDay, Switch, Turn

MONTHS: Final = 12
LOOK_BACK_DAYS: Final = 370
"""A table whose switches are all of the other season was reached within a year."""
FIRST_RATE: Final = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """From ``minute`` of the day on."""

    minute: int
    rate: int
    relay: bool


def season(day: date) -> Season:
    """Return the season, which changes at 00:00 of the last Sundays of March and October."""
    begins = turn_at(Turn(month=3), day.year).date()
    ends = turn_at(Turn(month=10), day.year).date()
    return Season.SUMMER if begins <= day < ends else Season.WINTER


def special(rules: Rules, day: date) -> SpecialDay | None:
    """Return the special day that ``day`` is."""
    return next((entry for entry in rules.special_days if entry.day == day), None)


def stages(rules: Rules, day: date) -> tuple[Stage, ...]:
    """Return what the table does on ``day``; the first stage is what midnight finds."""
    table = (_at_midnight(rules, day), *(_stage(s) for s in _reached(rules, day)))
    holiday = special(rules, day)
    if holiday is None:
        return table
    return tuple(
        Stage(stage.minute, holiday.rate or stage.rate, holiday.relay or stage.relay)
        for stage in table
    )


def stage_at(table: Sequence[Stage], wall: datetime) -> Stage:
    """Return the stage that holds at a time of the day; a later row wins."""
    minute = wall.hour * 60 + wall.minute
    return next(stage for stage in reversed(table) if stage.minute <= minute)


def friendly(rules: Rules, wall: datetime) -> bool:
    """Whether the supply stays on even without credit, sections 7.1.3 and 8.6."""
    holiday = special(rules, wall.date())
    if holiday is not None and holiday.friendly:
        return True
    hours = rules.friendly.get(wall.weekday())
    return hours is not None and hours[0] <= wall.hour * 60 + wall.minute < hours[1]


def period_start(period: Period, day: date) -> date:
    """Return the first day of the billing period that ``day`` lies in."""
    if period.months is None:
        return day - timedelta(days=(day - period.start).days % period.days)
    gone = (day.year - period.start.year) * MONTHS + day.month - period.start.month
    if day.day < period.start.day:
        gone -= 1
    month = period.start.month - 1 + gone // period.months * period.months
    return date(period.start.year + month // MONTHS, month % MONTHS + 1, period.start.day)


def _reached(rules: Rules, day: date) -> list[Switch]:
    applies = (season(day), Season.ALL_YEAR)
    of_the_day = [s for s in rules.switches if s.season in applies and day.weekday() in s.days]
    return sorted(of_the_day, key=lambda switch: switch.minute)


def _stage(switch: Switch) -> Stage:
    return Stage(switch.minute, switch.rate, switch.relay)


def _at_midnight(rules: Rules, day: date) -> Stage:
    """Return what the last switch of the days before has left, as if those had been normal."""
    for back in range(1, LOOK_BACK_DAYS if rules.switches else 1):
        reached = _reached(rules, day - timedelta(days=back))
        if reached:
            return Stage(0, reached[-1].rate, reached[-1].relay)
    return Stage(0, FIRST_RATE, relay=False)
