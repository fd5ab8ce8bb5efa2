"""Reads a home file; everything in it is checked and nothing is silently ignored."""

from collections.abc import Callable, Hashable, Mapping
import contextlib
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, cast, override

import voluptuous as vol
import yaml

from .catalogue import CHARGERS, METERS
from .checks import (
    Validated,
    as_tuple,
    empty_as_keys,
    hour,
    number,
    one_of,
    sentence,
    several,
    speed,
    truth,
    whole,
)
from .config import (
    ApplianceConfig,
    CarConfig,
    ChannelConfig,
    ChargerConfig,
    ClockConfig,
    HomeConfig,
    HouseConfig,
    MeterConfig,
    SunConfig,
)
from .consistency import check_consistency
from .plant.car import CAR_TYPES
from .plant.clamp import ClampErrors
from .plant.habits import HABITS
from .plant.wires import Phase, Supply, SupplyKind

SPLIT_V: Final = 120.0


class ConfigError(Exception):
    """The file does not describe a home; the message says where and why."""


def read_home(path: Path) -> HomeConfig:
    """Read one file; raises ConfigError with a sentence that names the place in it."""
    try:
        # The loader is a safe one that also refuses repeated keys.
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        raise ConfigError(f"{path}: {err}") from err
    try:
        return parse_home(tree)
    except vol.Invalid as err:
        raise ConfigError(f"{path}: {sentence(err)}") from err


def parse_home(tree: object) -> HomeConfig:
    """Check the contents of a file; raises vol.Invalid."""
    home: HomeConfig = _HOME(tree)
    check_consistency(home)
    return home


class _Loader(yaml.SafeLoader):
    """Plain YAML in which a key stands only once."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} stands there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _phase(value: object) -> Phase:
    return Phase(one_of(*Phase)(value))


def _loopback(value: object) -> str:
    with contextlib.suppress(ValueError):
        if isinstance(value, str) and ip_address(value).is_loopback:
            return value
    raise vol.Invalid(f"expected an address of this machine like 127.0.0.1, not {value!r}")


def _optional(checks: Mapping[str, object]) -> dict[vol.Marker, object]:
    return {vol.Optional(name): check for name, check in checks.items()}


def _supply(given: Validated) -> Supply:
    """Make the supply; the nominal voltage follows from its kind."""
    kind = SupplyKind(given.pop("kind"))
    defaults = {"voltage_v": SPLIT_V} if kind is SupplyKind.SPLIT else {}
    return Supply(kind=kind, **defaults | given)


def _house(given: Validated) -> HouseConfig:
    if "trace" in given and not given.keys().isdisjoint({"base_w", "habits"}):
        raise vol.Invalid("a trace takes the place of base_w and habits: leave them out")
    return HouseConfig(**given)


def _appliances(given: Mapping[str, Validated]) -> Mapping[str, ApplianceConfig]:
    """Take an appliance's name for its kind where it has none."""
    appliances = {}
    for name, appliance in given.items():
        try:
            kind = one_of(*HABITS)(appliance.get("kind", name))
        except vol.Invalid as err:
            raise vol.Invalid(err.error_message, [name, "kind"]) from err
        appliances[name] = ApplianceConfig(**{**appliance, "kind": kind})
    return appliances


def _car(given: Validated) -> CarConfig:
    """Start from a type of car and change what the file changes."""
    kind = CAR_TYPES[given.pop("type", "typical")]
    state = {key: given.pop(key) for key in ("soc_percent", "plugged") if key in given}
    return CarConfig(kind=replace(kind, **given), **state)


def _channel(given: Validated) -> ChannelConfig:
    place = {key: given.pop(key) for key in ("place", "phase", "voltage_phase") if key in given}
    return ChannelConfig(errors=ClampErrors(**given), **place)


def _charger(given: Validated) -> ChargerConfig:
    model = CHARGERS[given["device"]]
    return ChargerConfig(**_for_model(given, model.serial, model.options))


def _meter(given: Validated) -> MeterConfig:
    model = METERS[given["device"]]
    if len(given["channels"]) not in model.channels:
        counts = " or ".join(str(count) for count in model.channels)
        raise vol.Invalid(
            f"{given['device']} has {counts} channels, not {len(given['channels'])}", ["channels"]
        )
    if "balances" in given and not model.can_balance:
        raise vol.Invalid(f"{given['device']} does not balance chargers", ["balances"])
    return MeterConfig(**_for_model(given, model.serial, model.options))


def _for_model(
    given: Validated, serial: Callable[[object], object], options: vol.Schema
) -> Validated:
    checked = vol.Schema(
        {"serial": serial, vol.Optional("options"): options}, extra=vol.ALLOW_EXTRA
    )
    return cast("Validated", checked(given))


_NAME: Final = vol.Match(
    r"^[a-z][a-z0-9_]*$", msg="names have lower-case letters, digits and underscores"
)
_PHASES: Final = several(_phase)
_WATTS: Final = number(0, 100_000)
_FRACTION: Final = number(0, 1)
_AMPS: Final = number(0, 1000)
_SECONDS: Final = number(0, 3600)
_LISTENS: Final = {
    vol.Required("serial"): object,
    vol.Optional("host"): _loopback,
    vol.Optional("port"): whole(0, 65535),
    vol.Optional("options"): dict,
}

_SUPPLY: Final = {
    vol.Required("kind"): one_of(*SupplyKind),
    **_optional({"voltage_v": number(90, 300), "fuse_a": number(1, 1000)}),
}
_CLOCK: Final = _optional({"start": hour, "speed": speed})
_APPLIANCE: Final = vol.All(empty_as_keys, _optional({"kind": str, "phases": _PHASES}))
_HOUSE: Final = _optional(
    {
        "base_w": _WATTS,
        "habits": truth,
        "appliances": vol.All({_NAME: _APPLIANCE}, _appliances),
        "trace": several(str),
    }
)
_SUN: Final = {
    vol.Required("kwp"): number(0, 1000),
    **_optional(
        {
            "phases": _PHASES,
            "cover": _FRACTION,
            "latitude": number(-65, 65),
            "day_of_year": whole(1, 366),
            "trace": str,
            "begins": hour,
        }
    ),
}
_CAR: Final = _optional(
    {
        "type": one_of(*CAR_TYPES),
        "soc_percent": number(0, 100),
        "plugged": truth,
        "dead_s": _SECONDS,
        "up_a_per_s": number(0.01, 1000),
        "down_a_per_s": number(0.01, 1000),
        "offset_a": number(-10, 10),
        "start_s": _SECONDS,
        "hold_s": _SECONDS,
        "minimum_a": _AMPS,
        "maximum_a": _AMPS,
        "lines": whole(1, 3),
        "battery_kwh": number(0.1, 1000),
        "sleep_after": whole(0, 1000),
        "obeys": truth,
    }
)
_CHANNEL: Final = _optional(
    {
        "place": str,
        "phase": _phase,
        "voltage_phase": _phase,
        "gain": number(0, 10),
        "reversed": truth,
        "noise_a": number(0, 10),
        "range_a": number(0.1, 10_000),
    }
)
_CHARGER: Final = {
    **_LISTENS,
    vol.Required("device"): one_of(*CHARGERS),
    vol.Required("phases"): _PHASES,
    vol.Optional("car"): str,
}
_METER: Final = {
    **_LISTENS,
    vol.Required("device"): one_of(*METERS),
    vol.Required("channels"): vol.All([vol.All(_CHANNEL, _channel)], as_tuple),
    vol.Optional("balances"): several(str),
}
_HOME: Final = vol.Schema(
    vol.All(
        {
            vol.Required("supply"): vol.All(_SUPPLY, _supply),
            **_optional(
                {
                    "seed": whole(0, 2**31),
                    "clock": vol.All(_CLOCK, lambda given: ClockConfig(**given)),
                    "house": vol.All(_HOUSE, _house),
                    "sun": vol.All(_SUN, lambda given: SunConfig(**given)),
                    "cars": {_NAME: vol.All(empty_as_keys, _CAR, _car)},
                    "chargers": {_NAME: vol.All(_CHARGER, _charger)},
                    "meters": {_NAME: vol.All(_METER, _meter)},
                }
            ),
        },
        lambda given: HomeConfig(**given),
    )
)
