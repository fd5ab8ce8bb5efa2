"""Weekly windows and ready-by times, on the days when clocks change as well (PLAN-1, PLAN-2)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.evse_suite.planning.model import Span, WeekWindow
from custom_components.evse_suite.planning.week import merged, next_ready_by, spans

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))
SPRING = datetime(2026, 3, 29, tzinfo=UTC)
"""At 01:00 UTC the clock goes from 02:00 to 03:00."""
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)
"""At 01:00 UTC the clock goes from 03:00 back to 02:00."""


def window(start: str, end: str, weekdays: frozenset[int] = EVERY_DAY) -> WeekWindow:
    return WeekWindow(
        weekdays=weekdays, start=time.fromisoformat(start), end=time.fromisoformat(end)
    )


def local(day: datetime, *windows: WeekWindow) -> list[str]:
    """Return what is open from midnight to midnight of one local day, by its clock."""
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    end = datetime(day.year, day.month, day.day + 1, tzinfo=BERLIN)
    return [
        f"{it.start.astimezone(BERLIN):%H:%M}-{it.end.astimezone(BERLIN):%H:%M}"
        f" {(it.end - it.start) / timedelta(hours=1):g} h"
        for it in spans(windows, start, end, BERLIN)
    ]


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        (SPRING, "01:00", "05:00", ["01:00-05:00 3 h"]),
        (SPRING, "02:00", "03:00", []),
        (SPRING, "02:30", "03:30", ["03:00-03:30 0.5 h"]),
        (SPRING, "01:30", "02:30", ["01:30-03:00 0.5 h"]),
        (AUTUMN, "01:00", "05:00", ["01:00-05:00 5 h"]),
        (AUTUMN, "02:00", "03:00", ["02:00-03:00 2 h"]),
        (AUTUMN, "02:30", "02:45", ["02:30-02:45 1.25 h"]),
        (AUTUMN, "22:00", "06:00", ["00:00-06:00 7 h", "22:00-00:00 2 h"]),
        (SPRING, "22:00", "06:00", ["00:00-06:00 5 h", "22:00-00:00 2 h"]),
    ],
)
def test_windows_when_clocks_change(
    day: datetime, start: str, end: str, expected: list[str]
) -> None:
    # PLAN-1
    assert local(day, window(start, end)) == expected


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    # PLAN-1: Friday 22:00 to Saturday 06:00.
    friday = frozenset({4})
    saturday = datetime(2026, 11, 21, tzinfo=UTC)
    assert local(saturday, window("22:00", "06:00", friday)) == ["00:00-06:00 6 h"]
    assert local(saturday, window("22:00", "06:00", frozenset({5}))) == ["22:00-00:00 2 h"]


def test_windows_that_touch_or_overlap_are_one() -> None:
    # PLAN-1
    day = datetime(2026, 11, 21, tzinfo=UTC)
    found = local(day, window("10:00", "12:00"), window("12:00", "13:00"), window("09:00", "11:00"))
    assert found == ["09:00-13:00 4 h"]
    assert local(day, window("00:00", "00:00")) == ["00:00-00:00 24 h"]
    assert merged([]) == ()


def test_spans_are_clipped_and_in_utc() -> None:
    # PLAN-1
    start = datetime(2026, 11, 21, 10, 17, tzinfo=UTC)
    found = spans([window("00:00", "00:00")], start, start + timedelta(hours=1), BERLIN)
    assert found == (Span(start=start, end=start + timedelta(hours=1)),)
    assert found[0].start.tzinfo is UTC


WEEKLY = {day: time(7) for day in range(5)}
"""Monday to Friday."""


def ready(now: str, *departures: str) -> str | None:
    zone_now = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    times = [datetime.fromisoformat(each).replace(tzinfo=BERLIN) for each in departures]
    found = next_ready_by(WEEKLY, times, zone_now, BERLIN)
    return None if found is None else f"{found.astimezone(BERLIN):%a %H:%M}"


def test_the_next_time_to_be_ready() -> None:
    # PLAN-2, IND-20
    assert ready("2026-11-20T06:59") == "Fri 07:00"
    assert ready("2026-11-20T07:00") == "Mon 07:00"
    assert ready("2026-11-20T07:00", "2026-11-21T10:30") == "Sat 10:30"


def test_a_departure_replaces_the_weekly_time_of_its_day() -> None:
    # PLAN-2
    assert ready("2026-11-22T20:00", "2026-11-23T09:00") == "Mon 09:00"
    assert ready("2026-11-23T06:00", "2026-11-23T05:00") == "Tue 07:00"


def test_no_time_to_be_ready() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert next_ready_by({}, [], now, BERLIN) is None
    assert next_ready_by({}, [now - timedelta(hours=1)], now, BERLIN) is None
    assert next_ready_by({4: time(0)}, [], now, UTC) == now + timedelta(days=7)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (SPRING, time(2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (SPRING, time(7), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (AUTUMN, time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (AUTUMN, time(7), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_ready_by_when_clocks_change(day: datetime, at: time, expected: datetime) -> None:
    # PLAN-2: never later than the clock shows the time first.
    assert next_ready_by({6: at}, [], day - timedelta(hours=4), BERLIN) == expected
