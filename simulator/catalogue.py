"""Every device that a home file can name, with the options it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
import re
from typing import Any, Final, Literal

import voluptuous as vol

from .checks import as_tuple, number, truth, whole
from .devices import SimulatedDevice
from .devices.e470 import E470Meter
from .devices.e470.options import RULES, TARIFF, as_rules, as_tariff, money
from .devices.iec62056 import OpticalMeter
from .devices.lektrico import LektricoCharger, LektricoMeter
from .devices.ocpp import OcppCharger, Quirks
from .devices.shelly import MODELS, Profile, ShellyGen1, ShellyGen2
from .ports import CarPort, ClampPort

type Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerModel:
    """A charger that can be built for a plug with ``lines`` lines."""

    lines: int
    serial: Callable[[object], Any]
    options: vol.Schema
    build: Callable[[Any, CarPort, Options], SimulatedDevice]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterModel:
    """A meter for one of the numbers of clamps in ``channels``."""

    channels: tuple[int, ...]
    serial: Callable[[object], Any]
    options: vol.Schema
    build: Callable[[Any, Sequence[ClampPort], Sequence[SimulatedDevice], Options], SimulatedDevice]
    can_balance: bool = False
    """Whether it can limit chargers by itself; ``build`` gets them before the options."""


_TIMING: Final[Mapping[str, Any]] = {"refresh_s": number(0.05, 60), "boot_s": number(0, 600)}
_LEKTRICO: Final[Mapping[str, Any]] = {
    **_TIMING,
    "board_revision": str,
    "fw_version": str,
    "credentials": vol.All([str], vol.Length(2, 2), as_tuple),
}
_SHELLY: Final[Mapping[str, Any]] = {**_TIMING, "firmware": str, "password": str}
_PRICE: Final = Decimal("0.25")
"""Pounds per kWh where the home file has no tariff."""
_LEKTRICO_SERIAL: Final = whole(1, 9_999_999)


def _lektrico_charger(model: Literal["1p7k", "3p22k"], lines: int) -> ChargerModel:
    options = {
        **_LEKTRICO,
        "old_firmware": truth,
        "install_current": whole(6, 32),
        "user_current": whole(6, 32),
    }
    return ChargerModel(
        lines=lines,
        serial=_LEKTRICO_SERIAL,
        options=vol.Schema(options),
        build=lambda serial, plug, given: LektricoCharger(
            model=model, serial=serial, car=plug, **given
        ),
    )


def _ocpp_charger(lines: int) -> ChargerModel:
    def build(serial: str, plug: CarPort, given: Options) -> SimulatedDevice:
        options = dict(given)
        quirks = Quirks(**options.pop("quirks", {}))
        return OcppCharger(serial=serial, car=plug, lines=lines, quirks=quirks, **options)

    names = {field.name for field in fields(Quirks)}
    return ChargerModel(
        lines=lines,
        serial=vol.All(str, vol.Length(1, 48)),
        options=vol.Schema({**_TIMING, "password": str, "quirks": {vol.In(names): _quirk}}),
        build=build,
    )


def _quirk(value: object) -> object:
    """Take lists for the sets that some quirks are."""
    return frozenset(value) if isinstance(value, list) else value


def _lektrico_meter(*channels: int) -> MeterModel:
    options = {
        **_LEKTRICO,
        "breaker_rating": whole(10, 1000),
        "reverse_current": truth,
    }

    def build(
        serial: int,
        clamps: Sequence[ClampPort],
        balanced: Sequence[SimulatedDevice],
        given: Options,
    ) -> SimulatedDevice:
        chargers = [charger for charger in balanced if isinstance(charger, LektricoCharger)]
        return LektricoMeter(serial=serial, clamps=clamps, chargers=chargers, **given)

    return MeterModel(
        channels=channels,
        serial=_LEKTRICO_SERIAL,
        options=vol.Schema(options),
        build=build,
        can_balance=True,
    )


def _mac(value: object) -> str:
    if not isinstance(value, str) or re.fullmatch("[0-9A-Fa-f]{12}", value) is None:
        raise vol.Invalid(f"expected a MAC address of 12 hexadecimal digits, not {value!r}")
    return value.upper()


def _shelly_gen1(model: Literal["SHEM", "SHEM-3"], channels: int) -> MeterModel:
    return MeterModel(
        channels=(channels,),
        serial=_mac,
        options=vol.Schema({**_SHELLY, "reports_power_factor": truth}),
        build=lambda mac, clamps, _balanced, given: ShellyGen1(
            model=model, mac=mac, clamps=clamps, **given
        ),
    )


def _shelly(code: str) -> MeterModel:
    options = {**_SHELLY, "name": str}
    if MODELS[code].profiles:
        options["profile"] = vol.Coerce(Profile)
    return MeterModel(
        channels=(MODELS[code].clamps,),
        serial=_mac,
        options=vol.Schema(options),
        build=lambda mac, clamps, _balanced, given: ShellyGen2(
            model=code, mac=mac, clamps=clamps, **given
        ),
    )


def _optical(*channels: int) -> MeterModel:
    return MeterModel(
        channels=channels,
        serial=vol.All(str, vol.Length(4, 16)),
        options=vol.Schema(
            {**_TIMING, "kwh_at_start": number(0, 999_999.999), "pace": number(0, 1)}
        ),
        build=lambda serial, clamps, _balanced, given: OpticalMeter(
            serial=serial, clamps=clamps, **given
        ),
    )


def _e470() -> MeterModel:
    schema: dict[str, Any] = {
        **_TIMING,
        "pace": number(0, 1),
        "decimals": whole(0, 3),
        "kwh_at_start": vol.All([number(0, 99_999.999)], vol.Length(4, 4)),
        "balance": money(Decimal("999.99"), signed=True),
        "total_debt": money(Decimal("9999.99")),
        "rules": RULES,
        "tariff": TARIFF,
    }

    def build(
        serial: str, clamps: Sequence[ClampPort], _balanced: object, given: Options
    ) -> SimulatedDevice:
        options = dict(given)
        rules = as_rules(options.pop("rules", {}))
        tariff = as_tariff(options.pop("tariff", {"prices_pence": [[_PRICE]]}))
        return E470Meter(serial=serial, clamps=clamps, rules=rules, tariff=tariff, **options)

    return MeterModel(
        channels=(1,),
        serial=vol.All(str, vol.Length(4, 16)),
        options=vol.Schema(schema),
        build=build,
    )


CHARGERS: Final[Mapping[str, ChargerModel]] = {
    "lektrico_1p7k": _lektrico_charger("1p7k", 1),
    "lektrico_3p22k": _lektrico_charger("3p22k", 3),
    "ocpp_1p": _ocpp_charger(1),
    "ocpp_3p": _ocpp_charger(3),
}
METERS: Final[Mapping[str, MeterModel]] = {
    "e470": _e470(),
    "lektrico_em": _lektrico_meter(1),
    "lektrico_3em": _lektrico_meter(2, 3),
    "optical_meter": _optical(1, 3),
    "shelly_em": _shelly_gen1("SHEM", 2),
    "shelly_3em": _shelly_gen1("SHEM-3", 3),
    "shelly_em_gen3": _shelly("S3EM-002CXCEU"),
    "shelly_em_gen4": _shelly("S4EM-002CXCEU"),
    "shelly_em_mini_gen4": _shelly("S4EM-001PXCEU16"),
    "shelly_em63_gen4": _shelly("S4EM-001CXCEU63"),
    "shelly_pro_em50": _shelly("SPEM-002CEBEU50"),
    "shelly_pro_3em": _shelly("SPEM-003CEBEU"),
    "shelly_3em63_gen3": _shelly("S3EM-003CXCEU63"),
}
