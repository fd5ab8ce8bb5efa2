"""Validators that the home file and the control API share; their errors are sentences."""

from collections.abc import Callable
from datetime import time
from typing import Any, Final

import voluptuous as vol


def number(low: float, high: float) -> Callable[[object], float]:
    """Return a validator for a number from ``low`` to ``high``."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise vol.Invalid(f"expected a number, not {value!r}")
        if not low <= value <= high:
            raise vol.Invalid(f"expected a number from {low:g} to {high:g}, not {value:g}")
        return float(value)

    return check


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return a validator for a whole number from ``low`` to ``high``."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise vol.Invalid(f"expected a whole number, not {value!r}")
        if not low <= value <= high:
            raise vol.Invalid(f"expected a whole number from {low} to {high}, not {value}")
        return value

    return check


def one_of(*choices: str) -> Callable[[object], str]:
    """Return a validator for one of a few words."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise vol.Invalid(f"expected one of {', '.join(choices)}, not {value!r}")
        return value

    return check


def truth(value: object) -> bool:
    """Validate true or false."""
    if not isinstance(value, bool):
        raise vol.Invalid(f"expected true or false, not {value!r}")
    return value


def or_null[T](check: Callable[[object], T]) -> Callable[[object], T | None]:
    """Return a validator that also takes nothing at all."""
    return lambda value: None if value is None else check(value)


def empty_as_keys(value: object) -> object:
    """Take nothing at all for a set of keys without any."""
    return {} if value is None else value


def hour(value: object) -> float:
    """Validate an hour of the day, 0 to 24 or a text like "06:30"."""
    if isinstance(value, str):
        try:
            moment = time.fromisoformat(value)
        except ValueError as err:
            raise vol.Invalid(f'expected a time like "06:30", not {value!r}') from err
        return moment.hour + moment.minute / 60 + moment.second / 3600
    return number(0, 24)(value)


def speed(value: object) -> float:
    """Validate a speed of the day clock; 0 stands still."""
    return number(0, 3600)(value)


_PLAIN: Final = {
    "extra keys not allowed": "there is no such key here",
    "not a valid option": "there is no such key here",
    "expected a dictionary": "expected keys with values",
    "expected a mapping": "expected keys with values",
}
"""Plainer words, and the same ones for voluptuous and for Home Assistant's successor of it."""


def sentence(error: vol.Invalid) -> str:
    """Return an error with the place where it is, e.g. ``cars → leaf → type: …``."""
    first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
    place = " → ".join(str(part) for part in first.path)
    message = first.error_message
    for original, plain in _PLAIN.items():
        message = message.replace(original, plain)
    return f"{place}: {message}" if place else message


def as_tuple(given: list[Any]) -> tuple[Any, ...]:
    """Return a checked list as a tuple; voluptuous takes the bare ``tuple`` for a type check."""
    return tuple(given)


def several(check: object) -> vol.Schema:
    """Return a validator that makes a tuple of a list of one or more different things."""
    return vol.Schema(vol.All([check], _different, as_tuple))


def _different(given: list[Any]) -> list[Any]:
    if not given:
        raise vol.Invalid("the list is empty")
    for value in given:
        if given.count(value) > 1:
            raise vol.Invalid(f"{value} stands there twice")
    return given


type Validated = dict[str, Any]
"""What a schema returns; its keys and types are those of the schema."""
