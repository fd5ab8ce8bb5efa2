"""Values of this package as plain data, for JSON and YAML, and back with every value checked.

Money is text, so that nothing is lost to binary fractions; numbers are taken too. Instants and
dates are ISO 8601. A missing key takes the field's default, an unknown one is an error.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeAliasType, get_args, get_origin, get_type_hints

from .clock import utc

TYPE: Final = "type"
"""The key that names one of several kinds of command."""


YEARS: Final = range(2000, 2200)


class BadData(Exception):  # noqa: N818 - as `Impossible`
    """Plain data that are not what they should be, and where: ``switches.3.start``."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path
        self.expected = expected


def encode(value: object, *, tagged: bool = False) -> Any:
    """Return a value of this package as dicts, lists, text, numbers and None."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {each.name: _member(each, getattr(value, each.name)) for each in fields(value)}
        return {TYPE: type(value).__name__, **plain} if tagged else plain
    if isinstance(value, tuple | list):
        return [encode(each) for each in value]
    if isinstance(value, dict):
        return {str(key): encode(each) for key, each in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | time) else value


def _member(each: Field[Any], value: object) -> Any:
    return encode(value, tagged=each.name == "command")


def decode(kind: Any, data: Any, path: str = "") -> Any:
    """Return a value of a type from plain data; raises `BadData`."""
    if isinstance(kind, TypeAliasType):
        kind = kind.__value__
    if isinstance(kind, UnionType):
        return _union(kind, data, path)
    origin = get_origin(kind)
    if origin in (tuple, list):
        return _sequence(kind, data, path)
    if origin is dict:
        key_kind, value_kind = get_args(kind)
        return {
            decode(key_kind, key, path): decode(value_kind, each, _join(path, key))
            for key, each in _expect(dict, data, path, "mapping").items()
        }
    if is_dataclass(kind):
        return _record(kind, data, path)
    return _scalar(kind, data, path)


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _expect[T](kind: type[T], data: Any, path: str, name: str) -> T:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise BadData(path, name)
    return data


def _union(kind: UnionType, data: Any, path: str) -> Any:
    choices = [each for each in get_args(kind) if each is not NoneType]
    if data is None and len(choices) < len(get_args(kind)):
        return None
    if len(choices) == 1:
        return decode(choices[0], data, path)
    record = dict(_expect(dict, data, path, "mapping"))
    name = record.pop(TYPE, None)
    for each in choices:
        if each.__name__ == name:
            return decode(each, record, path)
    raise BadData(_join(path, TYPE), "choice")


def _sequence(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, list | tuple):
        raise BadData(path, "list")
    kinds = get_args(kind)
    if len(kinds) > 1 and kinds[1] is not Ellipsis:
        if len(kinds) != len(data):
            raise BadData(path, f"list of {len(kinds)}")
    else:
        kinds = (kinds[0],) * len(data)
    values = [
        decode(each, item, _join(path, number))
        for number, (each, item) in enumerate(zip(kinds, data, strict=True), start=1)
    ]
    return values if get_origin(kind) is list else tuple(values)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, data: Any, path: str) -> Any:
    record = _expect(dict, data, path, "mapping")
    hints = _hints(kind)
    for name in record:
        if name not in hints:
            raise BadData(_join(path, name), "nothing of this name")
    values = {}
    for each in fields(kind):
        if each.name in record:
            values[each.name] = decode(hints[each.name], record[each.name], _join(path, each.name))
        elif each.default is MISSING and each.default_factory is MISSING:
            raise BadData(_join(path, each.name), "missing")
    return kind(**values)


def _scalar(kind: Any, data: Any, path: str) -> Any:
    if kind in (bool, int, str):
        return _expect(kind, data, path, kind.__name__)
    read = _READERS.get(kind) or (kind if issubclass(kind, StrEnum) else None)
    if read is None:
        raise TypeError(kind)
    try:
        return read(data)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise BadData(path, "choice" if issubclass(kind, StrEnum) else kind.__name__) from error


def _decimal(data: Any) -> Decimal:
    if isinstance(data, bool):
        raise TypeError
    value = Decimal(str(data))
    if not value.is_finite():
        raise ValueError(data)
    return value


def _instant(data: Any) -> datetime:
    instant = utc(data if isinstance(data, datetime) else datetime.fromisoformat(data))
    _check_year(instant.year)
    return instant


def _date(data: Any) -> date:
    day = data if type(data) is date else date.fromisoformat(data)
    _check_year(day.year)
    return day


def _check_year(year: int) -> None:
    """Refuse what no meter has seen or will see: calculating with it would leave the calendar."""
    if year not in YEARS:
        raise ValueError(year)


def _time(data: Any) -> time:
    """Read a time of day; YAML makes the number of minutes of an unquoted 17:30."""
    if isinstance(data, int) and not isinstance(data, bool):
        return time(*divmod(data, 60))
    return data if isinstance(data, time) else time.fromisoformat(data)


_READERS: Final[dict[Any, Callable[[Any], Any]]] = {
    Decimal: _decimal,
    datetime: _instant,
    date: _date,
    time: _time,
}
