"""The persistent settings of the Lektrico devices and the errors that a wrong one gives.

Keys, defaults and ranges are those of the vendor's list of February 2025.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..rpc import Params, RpcError

FAILURE = -1
MISSING = -2
TEXT_LENGTH = -3
OUT_OF_RANGE = -4
WRONG_TYPE = -5
UNKNOWN_KEY = -6
PROHIBITED = -7

INT_MAX = 2_147_483_647
LED_TEMPLATE_VALUES = 12
BRIGHTEST = 255
LONGEST_TEXT = 64

type Value = bool | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting; the type is that of the default, ``None`` standing for an unset text."""

    name: str
    default: Value
    lowest: int = 0
    highest: int = INT_MAX


CHARGER_KEYS = (
    Key(name="headless", default=True),
    Key(name="install_current", default=32, lowest=6, highest=32),
    Key(name="user_current", default=32, lowest=6, highest=32),
    Key(name="led_max_brightness", default=10, lowest=10, highest=100),
    Key(name="led_dimming_delay", default=0),
    Key(name="charger_locked", default=False),
    Key(name="auto_update", default=True),
    Key(name="led_template_enabled", default=False),
    Key(name="led_template", default=None),
    Key(name="lb_meter_offline_current", default=6, lowest=6, highest=32),
)

METER_KEYS = (
    Key(name="breaker_rating", default=32, lowest=10, highest=1000),
    Key(name="load_balancing_mode", default=0, highest=4),
    Key(name="lb_meter_type", default="Onboard"),
    Key(name="lb_pv_minimum_current", default=6, lowest=1, highest=6),
    Key(name="reverse_current", default=False),
    Key(name="lb_hybrid_current", default=6, lowest=6, highest=32),
    Key(name="lb_meter_offline_current", default=6, lowest=6, highest=32),
    Key(name="car_minimum_current", default=6, lowest=6, highest=10),
    Key(name="green_forced_single_phase", default=False),
    Key(name="hybrid_forced_single_phase", default=False),
    Key(name="auto_update", default=True),
)


class Settings:
    """Settings that survive a restart."""

    def __init__(self, keys: tuple[Key, ...], **values: Value) -> None:
        """Start from the defaults, changed by ``values``; raises RpcError for a bad one."""
        self._keys = {key.name: key for key in keys}
        self._values: dict[str, Value] = {key.name: key.default for key in keys}
        for name, value in values.items():
            self.set(name, value)

    def as_json(self) -> Mapping[str, Value]:
        """Return what ``app_config.get`` shows."""
        return dict(self._values)

    def amps(self, name: str) -> int:
        """Return a number."""
        value = self._values[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is not a number")
        return value

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self._values[name] is True

    def set(self, name: str, value: object) -> None:
        """Set one key; raises RpcError with the vendor's code."""
        key = self._keys.get(name)
        if key is None:
            raise RpcError(UNKNOWN_KEY, f"unknown key {name}")
        if isinstance(key.default, bool):
            self._values[name] = checked_flag(value, name)
        elif isinstance(key.default, int):
            self._values[name] = checked_int(value, name, key.lowest, key.highest)
        else:
            self._values[name] = checked_text(value, name)

    def set_by_rpc(self, params: Params) -> bool:
        """Do ``app_config.set``."""
        name = required(params, "config_key")
        value = required(params, "config_value")
        if not isinstance(name, str):
            raise RpcError(WRONG_TYPE, "config_key is a string")
        self.set(name, value)
        return True


def required(params: Params, name: str) -> object:
    """Return a parameter that must be there."""
    if name not in params:
        raise RpcError(MISSING, f"missing key {name}")
    return params[name]


def checked_flag(value: object, name: str) -> bool:
    """Return a bool or raise RpcError."""
    if not isinstance(value, bool):
        raise RpcError(WRONG_TYPE, f"{name} is a boolean")
    return value


def checked_int(value: object, name: str, lowest: int, highest: int) -> int:
    """Return an int within the range or raise RpcError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RpcError(WRONG_TYPE, f"{name} is an integer")
    if not lowest <= value <= highest:
        raise RpcError(OUT_OF_RANGE, f"{name} is out of range")
    return value


def checked_text(value: object, name: str) -> str:
    """Return a text that is not too long or raise RpcError; a template has twelve bytes."""
    if not isinstance(value, str):
        raise RpcError(WRONG_TYPE, f"{name} is a string")
    if len(value) > LONGEST_TEXT:
        raise RpcError(TEXT_LENGTH, f"{name} is too long")
    if name == "led_template":
        parts = value.split(",")
        if len(parts) != LED_TEMPLATE_VALUES:
            raise RpcError(TEXT_LENGTH, f"{name} has {LED_TEMPLATE_VALUES} values")
        if not all(part.strip().isdecimal() and int(part) <= BRIGHTEST for part in parts):
            raise RpcError(OUT_OF_RANGE, f"{name} has values from 0 to {BRIGHTEST}")
    return value
