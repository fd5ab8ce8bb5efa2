"""One clamp of a Shelly meter, from the components of its status (protocol B.2, B.3).

The functions are pure; they raise only DeviceProtocolError.
"""

from collections.abc import Mapping
from math import hypot
from typing import Final

from ..base import signed_current
from ..model import MeterChannel, MeterFlaw
from ..parse import Fields

_GREATEST_CURRENT_A: Final = 10_000
_GREATEST_VOLTAGE_V: Final = 1000
_GREATEST_POWER: Final = 10_000_000
_GREATEST_ENERGY_WH: Final = 1e13
_GREATEST_FACTOR: Final = 1.1
_LEAST_VOLTAGE_V: Final = 50
"""A meter lives on the mains that it measures: with less, a current derived from it is void."""

_FLAWS: Final[Mapping[str, MeterFlaw]] = {
    "power_meter_failure": MeterFlaw.METER_FAILURE,
    "ct_type_not_set": MeterFlaw.CT_NOT_SET,
    "phase_sequence": MeterFlaw.PHASE_SEQUENCE,
}
_BLINDING: Final = frozenset({MeterFlaw.METER_FAILURE, MeterFlaw.CT_NOT_SET})
"""Flaws with which no value of the channel means anything."""


def gen1_channel(emeter: Fields) -> MeterChannel:
    """Read one element of ``emeters``; a sample that is not valid is discarded whole."""
    if emeter.maybe_bool("is_valid") is False:
        return _blind(MeterFlaw.INVALID)
    power_w = _power(emeter, "power")
    voltage_v = emeter.maybe_float("voltage", 0, _GREATEST_VOLTAGE_V)
    reactive_var = _power(emeter, "reactive")
    power_factor = emeter.maybe_float("pf", -_GREATEST_FACTOR, _GREATEST_FACTOR)
    current_a = emeter.maybe_float("current", -_GREATEST_CURRENT_A, _GREATEST_CURRENT_A)
    apparent_va = _apparent(power_w, reactive_var, power_factor)
    if "current" not in emeter and apparent_va is not None and voltage_v is not None:
        # The EM does not tell its current (protocol B.2).
        current_a = apparent_va / voltage_v if voltage_v >= _LEAST_VOLTAGE_V else None
    return MeterChannel(
        current_a=_signed(current_a, power_w),
        voltage_v=voltage_v,
        power_w=power_w,
        power_factor=power_factor,
        reactive_power_var=reactive_var,
        apparent_power_va=apparent_va,
        energy_import_wh=_energy(emeter, "total"),
        energy_export_wh=_energy(emeter, "total_returned"),
        flaws=_nulls(current_a, voltage_v, power_w),
    )


def rpc_channel(
    status: Fields, data: Fields, phase: str = "", shared_errors: frozenset[str] = frozenset()
) -> MeterChannel:
    """Read one ``em1`` with its ``em1data``, or one ``phase`` (``a_``…) of ``em`` and ``emdata``.

    ``current`` has no sign on the wire; it gets that of the active power. ``shared_errors`` are
    those that an ``em`` reports for all its phases.
    """
    errors = status.names(f"{phase}errors") | shared_errors
    flaws = frozenset(_FLAWS[name] for name in errors if name in _FLAWS)
    if flaws & _BLINDING:
        return _blind(*flaws)
    bad = frozenset(name.partition(":")[2] for name in errors if name.startswith("out_of_range:"))
    if bad:
        flaws |= {MeterFlaw.OUT_OF_RANGE}

    def value(key: str, low: float, high: float) -> float | None:
        return None if key in bad else status.maybe_float(f"{phase}{key}", low, high)

    power_w = value("act_power", -_GREATEST_POWER, _GREATEST_POWER)
    current_a = value("current", -_GREATEST_CURRENT_A, _GREATEST_CURRENT_A)
    voltage_v = value("voltage", 0, _GREATEST_VOLTAGE_V)
    counting = "count_disabled" not in status.names("flags")
    return MeterChannel(
        current_a=_signed(current_a, power_w),
        voltage_v=voltage_v,
        power_w=power_w,
        power_factor=value("pf", -_GREATEST_FACTOR, _GREATEST_FACTOR),
        apparent_power_va=value("aprt_power", 0, _GREATEST_POWER),
        frequency_hz=value("freq", 0, _GREATEST_FACTOR * 1000),
        energy_import_wh=_energy(data, f"{phase}total_act_energy") if counting else None,
        energy_export_wh=_energy(data, f"{phase}total_act_ret_energy") if counting else None,
        flaws=flaws if bad else flaws | _nulls(current_a, voltage_v, power_w),
    )


def _blind(*flaws: MeterFlaw) -> MeterChannel:
    return MeterChannel(current_a=None, voltage_v=None, power_w=None, flaws=frozenset(flaws))


def _power(fields: Fields, key: str) -> float | None:
    return fields.maybe_float(key, -_GREATEST_POWER, _GREATEST_POWER)


def _energy(fields: Fields, key: str) -> float | None:
    return fields.maybe_float(key, 0, _GREATEST_ENERGY_WH)


def _apparent(
    power_w: float | None, reactive_var: float | None, power_factor: float | None
) -> float | None:
    """Return the apparent power; with neither reactive power nor power factor it is unknown."""
    if power_w is None:
        return None
    if reactive_var is not None:
        return hypot(power_w, reactive_var)
    return abs(power_w / power_factor) if power_factor else None


def _signed(current_a: float | None, power_w: float | None) -> float | None:
    """Without the power the direction is unknown, and so is the current."""
    return None if current_a is None or power_w is None else signed_current(current_a, power_w)


def _nulls(*values: float | None) -> frozenset[MeterFlaw]:
    return frozenset({MeterFlaw.NULL}) if None in values else frozenset()
