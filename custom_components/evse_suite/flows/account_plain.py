"""A tariff and settings as people write them in YAML, and the line that is wrong.

The names are those of `billing.model`; weekdays are ``mon`` to ``sun``, times ``07:00``. Prices at
the end of a row, and rows at the end of the table, may be left out: they are as the one before.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..billing.codec import BadData, decode, encode
from ..billing.model import BLOCKS, RATES, Config, SpecialDay, Tariff
from ..billing.validate import (
    Impossible,
    Problem,
    check_config,
    check_tariff,
)

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES: Final = len("07:00")
DATE: Final = len("2026-12-25")
MIDNIGHT: Final = "T00:00:00"
"""What an editor makes of a date without quotation marks."""
SENTENCES: Final = {"missing": "line_missing", "nothing of this name": "line_unknown"}
"""For data that are none, by what was expected."""


def plain_tariff(tariff: Tariff) -> dict[str, Any]:
    """Return a tariff as YAML shows it."""
    data: dict[str, Any] = encode(tariff)
    for row in data["switches"]:
        row["days"] = [WEEKDAYS[day] for day in row["days"]]
        row["start"] = row["start"][:MINUTES]
    return data


def read_tariff(data: Any) -> Tariff:
    """Return a tariff as somebody wrote it.

    Raises `BadData` or `Impossible` with the lines that are wrong.
    """
    data = _changed(data, "prices", _whole_table)
    data = _changed(data, "switches", _each(lambda row: _changed(row, "days", _each(_day))))
    tariff: Tariff = decode(Tariff, data)
    check_tariff(tariff)
    return tariff


def plain_settings(settings: Config) -> dict[str, Any]:
    """Return settings as YAML shows them."""
    data: dict[str, Any] = encode(settings)
    for window in data["friendly"]:
        if window is not None:
            window |= {key: text[:MINUTES] for key, text in window.items()}
    return data


def read_settings(data: Any) -> Config:
    """Return settings as somebody wrote them; raises `BadData` or `Impossible`."""
    data = _changed(data, "special_days", _each(_dated))
    settings: Config = decode(Config, data)
    check_config(settings)
    return settings


def read_special_days(rows: Any) -> tuple[SpecialDay, ...]:
    """Return special days as somebody wrote them; raises `BadData`.

    That there are too many, or one twice, is seen when the settings are checked as a whole.
    """
    days: tuple[SpecialDay, ...] = decode(
        tuple[SpecialDay, ...], _each(_dated)(rows), "special_days"
    )
    return days


def wrong_line(error: BadData | Impossible, whole: str = "") -> tuple[str, dict[str, str]]:
    """Return the key of the sentence about the first line that is wrong, and what fills it.

    ``whole`` is what all lines together are called.
    """
    if isinstance(error, Impossible):
        problem = error.problems[0]
        return f"line_{problem.wrong}", {"line": problem.path} | limits(problem)
    key = SENTENCES.get(error.expected, "line_not_understood")
    return key, {"line": error.path or whole, "expected": error.expected}


def limits(problem: Problem, scale: int = 1) -> dict[str, str]:
    """Return the limits that a line breaks, for a sentence."""
    return {
        "low": "" if problem.low is None else f"{problem.low / scale:f}",
        "high": "" if problem.high is None else f"{problem.high / scale:f}",
    }


def _changed(data: Any, key: str, change: Callable[[Any], Any]) -> Any:
    """Return data with one value changed; what is not as expected is refused later, by name."""
    if not isinstance(data, Mapping) or key not in data:
        return data
    return {**data, key: change(data[key])}


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda rows: [change(row) for row in rows] if isinstance(rows, list) else rows


def _day(name: Any) -> Any:
    return WEEKDAYS.index(name) if name in WEEKDAYS else name


def _dated(row: Any) -> Any:
    return _changed(row, "day", _date)


def _date(day: Any) -> Any:
    return day[:DATE] if isinstance(day, str) and day[DATE:].startswith(MIDNIGHT) else day


def _whole_table(rows: Any) -> Any:
    """Return four rows of four prices."""
    return _padded(_each(lambda row: _padded(row, BLOCKS))(rows), RATES)


def _padded(values: Any, length: int) -> Any:
    if not isinstance(values, list) or not values:
        return values
    return values + values[-1:] * (length - len(values))
