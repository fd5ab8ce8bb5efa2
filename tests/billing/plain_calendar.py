"""The calendar of the plain account: London time, rates, friendly hours, billing periods."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custom_components.evse_suite.billing.model import (
    Config,
    PeriodUnit,
    Season,
    Tariff,
    TariffKind,
)

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    while day.weekday() != 6:
        day -= DAY
    return day


@dataclass
class Calendar:
    """What the clock on the wall decides, looked up by trying every switch of every day."""

    tariff: Tariff
    config: Config
    tables: dict[date, list[int]] = field(default_factory=dict)

    def wall(self, now: datetime) -> datetime:
        return now.astimezone(LONDON).replace(tzinfo=None)

    def day_table(self, day: date) -> list[tuple[time, int]]:
        summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
        rows = []
        for switch in self.tariff.switches:
            season = switch.season
            in_season = season is Season.ALL_YEAR or (season is Season.SUMMER) == summer
            if in_season and day.weekday() in switch.days:
                rows.append((switch.start, switch.rate))
        return rows

    def rate(self, shown: datetime) -> int:
        if self.tariff.kind is TariffKind.BLOCK:
            return 1
        for special in self.config.special_days:
            if special.day == shown.date() and special.rate:
                return special.rate
        key = shown.date()
        if key not in self.tables:
            self.tables[key] = self.rates_of_day(key)
        return self.tables[key][shown.hour * 60 + shown.minute]

    def rates_of_day(self, day: date) -> list[int]:
        rate = 1
        for back in range(370, 0, -1):
            if rows := sorted(self.day_table(day - back * DAY), key=lambda row: row[0]):
                rate = rows[-1][1]
        rates = []
        for minute in range(1440):
            for start, switched in self.day_table(day):
                if start == time(*divmod(minute, 60)):
                    rate = switched
            rates.append(rate)
        return rates

    def friendly(self, shown: datetime) -> bool:
        if any(each.friendly and each.day == shown.date() for each in self.config.special_days):
            return True
        today = self.config.friendly[shown.weekday()]
        yesterday = self.config.friendly[(shown.weekday() - 1) % 7]
        if today and today.start < today.end and today.start <= shown.time() < today.end:
            return True
        if today and today.start >= today.end and shown.time() >= today.start:
            return True
        return bool(yesterday and yesterday.start >= yesterday.end and shown.time() < yesterday.end)

    def period_around(self, day: date) -> tuple[date, date]:
        spec = self.tariff.period
        start = date(day.year, spec.start_month, spec.start_day)
        if start > day:
            start = date(day.year - 1, spec.start_month, spec.start_day)
        while (end := self.period_end(start)) <= day:
            start = end
        return start, end

    def period_end(self, start: date) -> date:
        spec = self.tariff.period
        if spec.unit is PeriodUnit.DAYS:
            return start + timedelta(days=spec.length)
        end = start
        for _ in range(spec.length):
            end = (end.replace(day=1) + timedelta(days=32)).replace(day=start.day)
        return end
