"""From JSON as it came to values that can be relied on.

Nothing here raises anything but ``DeviceProtocolError``, whatever the reply holds.
"""

from collections.abc import Collection, Mapping
import json
from typing import Final, NoReturn, cast

from .model import DeviceProtocolError

type JsonObject = Mapping[str, object]

MAX_TEXT: Final = 255
"""Longest text that is passed on; more is not a name, a version or a state."""


def parse_json(text: str | bytes | bytearray) -> object:
    """Parse one JSON text strictly: no NaN, no infinity, no bottomless nesting."""
    try:
        return cast("object", json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise DeviceProtocolError("the reply is not valid JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


class Fields:
    """The fields of one JSON object, read with their type and their sane range.

    ``need_…`` takes a field that must be there, ``maybe_…`` gives None for one that is absent or
    null. A field of the wrong type or outside its range is an error in both.
    """

    __slots__ = ("_values", "_where")

    def __init__(self, value: object, where: str) -> None:
        """Take the parsed reply ``value``; ``where`` names it in errors."""
        if not isinstance(value, dict):
            raise DeviceProtocolError(f"{where}: an object was expected")
        self._values: JsonObject = value
        self._where = where

    def __contains__(self, key: str) -> bool:
        """Tell whether the field is there and not null."""
        return self._values.get(key) is not None

    @property
    def raw(self) -> JsonObject:
        """The object as it came."""
        return self._values

    def completed_by(self, other: Fields) -> Fields:
        """Return these fields, and those of ``other`` that are not among them."""
        known = {key: value for key, value in self._values.items() if value is not None}
        return Fields({**other._values, **known}, self._where)

    def without(self, names: Collection[str]) -> Fields:
        """Return these fields but for those called ``names``."""
        kept = {key: value for key, value in self._values.items() if key not in names}
        return Fields(kept, self._where)

    def updated_by(self, update: Fields) -> Fields:
        """Return these fields with those of ``update``, objects merged field by field."""
        values: dict[str, object] = dict(self._values)
        for key, new in update._values.items():
            old = values.get(key)
            values[key] = {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new
        return Fields(values, self._where)

    def need_float(self, key: str, low: float, high: float) -> float:
        """Return a finite number from ``low`` to ``high``."""
        return self._need(key, self.maybe_float(key, low, high))

    def maybe_float(self, key: str, low: float, high: float) -> float | None:
        """Return a finite number from ``low`` to ``high``, or None."""
        value = self._values.get(key)
        return None if value is None else self._number(key, value, low, high)

    def need_int(self, key: str, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return self._need(key, self.maybe_int(key, low, high))

    def maybe_int(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number from ``low`` to ``high``, or None; 32.0 is whole, 32.5 is not."""
        number = self.maybe_float(key, low, high)
        if number is None:
            return None
        if not number.is_integer():
            self._fail(key, "a whole number was expected")
        return int(number)

    def maybe_bool(self, key: str) -> bool | None:
        """Return true or false, or None; 0 and 1 are numbers."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, bool):
            self._fail(key, "true or false was expected")
        return value

    def need_str(self, key: str) -> str:
        """Return a short printable text that is not empty."""
        return self._need(key, self.maybe_str(key))

    def maybe_str(self, key: str) -> str | None:
        """Return a short printable text; None also where it is empty."""
        value = self._values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
            self._fail(key, "a short text was expected")
        return value

    def maybe_text_or_int(self, key: str, greatest: int) -> int | str | None:
        """Return a field that is a whole number on some firmware and a text on other."""
        if isinstance(self._values.get(key), str):
            return self.maybe_str(key)
        return self.maybe_int(key, 0, greatest)

    def floats(self, key: str, count: int, low: float, high: float) -> tuple[float | None, ...]:
        """Return the first ``count`` elements of an array of numbers; an element may be null."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) < count:
            self._fail(key, f"an array of {count} numbers was expected")
        return tuple(
            None if element is None else self._number(key, element, low, high)
            for element in value[:count]
        )

    def names(self, key: str) -> frozenset[str]:
        """Return the texts of an array, an empty set where there is none."""
        value = self._values.get(key)
        if value is None:
            return frozenset()
        if not isinstance(value, list):
            self._fail(key, "an array was expected")
        return frozenset(name for name in value if isinstance(name, str))

    def part(self, key: str) -> Fields:
        """Return the object in a field that must be there."""
        return Fields(self._values.get(key), f"{self._where}.{key}")

    def maybe_part(self, key: str) -> Fields:
        """Return the object in a field, without any field where it is absent."""
        value = self._values.get(key)
        return Fields({} if value is None else value, f"{self._where}.{key}")

    def parts(self, key: str, count: int) -> tuple[Fields, ...]:
        """Return the first ``count`` objects of an array."""
        value = self._values.get(key)
        if not isinstance(value, list) or len(value) < count:
            self._fail(key, f"an array of {count} objects was expected")
        return tuple(
            Fields(element, f"{self._where}.{key}[{index}]")
            for index, element in enumerate(value[:count])
        )

    def instances(self, component: str) -> tuple[int, ...]:
        """Return the sorted numbers of the fields called ``component:<number>``."""
        heads = (key.partition(":") for key in self._values)
        return tuple(
            sorted(
                int(number)
                for name, _, number in heads
                if name == component and number.isdecimal() and len(number) <= len("999")
            )
        )

    def _number(self, key: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._fail(key, "a number was expected")
        # Compared before it is converted: an integer may be too big for a float.
        if not low <= value <= high:
            self._fail(key, f"a number from {low:g} to {high:g} was expected")
        return float(value)

    def _need[T](self, key: str, value: T | None) -> T:
        if value is None:
            self._fail(key, "missing")
        return value

    def _fail(self, key: str, why: str) -> NoReturn:
        raise DeviceProtocolError(f"{self._where}.{key}: {why}")
