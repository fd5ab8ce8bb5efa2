"""Meter values as chargers really send them: texts, with and without units and phases.

Pure; raises only DeviceProtocolError (protocol D.2, D.3, D.6).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
import math
import re
from typing import Final

from ..model import DeviceProtocolError
from ..parse import Fields

MOST_VALUES: Final = 500
"""In one message; a charger with three phases and everything switched on sends about 60."""
_NUMBER: Final = re.compile(
    r"\s*([-+]?\d{1,15}(?:[.,]\d{1,15})?(?:[eE][-+]?\d{1,2})?)\s*[A-Za-z%]*\s*"
)
_LINES: Final = {"L1": 0, "L2": 1, "L3": 2}


class Quantity(StrEnum):
    """What is made use of."""

    CURRENT_A = "Current.Import"
    OFFERED_A = "Current.Offered"
    POWER_W = "Power.Active.Import"
    OFFERED_W = "Power.Offered"
    ENERGY_WH = "Energy.Active.Import.Register"
    VOLTAGE_V = "Voltage"
    SOC_PERCENT = "SoC"
    TEMPERATURE_C = "Temperature"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value; ``line`` is 0 to 2, None for the whole or for a charger that tells no phase."""

    quantity: Quantity
    line: int | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The values of one instant; ``wall_s`` is the charger's own UNIX time, None if unreadable."""

    wall_s: float | None
    samples: tuple[Sample, ...]
    garbage: int
    """Values that were no numbers."""


_LIMITS: Final[Mapping[Quantity, tuple[float, float]]] = {
    Quantity.CURRENT_A: (-1000, 1000),
    Quantity.OFFERED_A: (0, 1000),
    Quantity.POWER_W: (-1e6, 1e6),
    Quantity.OFFERED_W: (0, 1e6),
    Quantity.ENERGY_WH: (0, 1e12),
    Quantity.VOLTAGE_V: (0, 1000),
    Quantity.SOC_PERCENT: (0, 100),
    Quantity.TEMPERATURE_C: (-100, 300),
}
_FACTORS: Final = {"kW": 1e3, "kWh": 1e3, "kVA": 1e3, "mA": 1e-3}
_KELVIN_C: Final = -273.15


def number_of(text: object) -> float | None:
    """Return the number in a value, None if there is none; a unit behind it does not matter."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        try:
            number = float(text)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    match = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    return None if match is None else float(match[1].replace(",", "."))


def read_values(message: Fields) -> Iterator[Values]:
    """Yield the instants of a MeterValues message, or of a transaction's data, in their order."""
    instants = message.raw.get("meterValue", message.raw.get("transactionData"))
    if not isinstance(instants, list):
        raise DeviceProtocolError("meterValue: an array was expected")
    left = MOST_VALUES
    for element in instants:
        fields = Fields(element, "meterValue")
        sampled = fields.raw.get("sampledValue")
        if not isinstance(sampled, list):
            raise DeviceProtocolError("sampledValue: an array was expected")
        yield _instant(fields.raw.get("timestamp"), sampled[:left])
        left -= min(left, len(sampled))


def _instant(timestamp: object, sampled: list[object]) -> Values:
    samples: dict[tuple[Quantity, int | None], Sample] = {}
    garbage = 0
    # What is measured at the inlet counts only where the outlet is not measured.
    for element in sorted(sampled, key=_is_outlet):
        try:
            sample = _sample(Fields(element, "sampledValue"))
        except DeviceProtocolError:
            garbage += 1
            continue
        if sample is not None:
            samples[sample.quantity, sample.line] = sample
    return Values(wall_s=read_time(timestamp), samples=tuple(samples.values()), garbage=garbage)


def _is_outlet(element: object) -> bool:
    return isinstance(element, dict) and element.get("location", "Outlet") == "Outlet"


def _sample(fields: Fields) -> Sample | None:
    """Return one value; None for what is not made use of."""
    measurand = fields.maybe_str("measurand") or Quantity.ENERGY_WH
    if measurand not in frozenset(Quantity):
        return None
    quantity = Quantity(measurand)
    number = number_of(fields.raw.get("value"))
    if number is None:
        raise DeviceProtocolError(f"{measurand} is no number")
    unit = fields.maybe_str("unit") or ""
    value = _in_base_unit(number, unit)
    phase = fields.maybe_str("phase")
    if phase is not None and "-" in phase and phase.endswith(("L1", "L2", "L3")):
        # Between two lines; what counts is a line to neutral.
        value, phase = value / math.sqrt(3), phase.partition("-")[0]
    line = None if phase is None else _LINES.get(phase.partition("-")[0])
    if phase is not None and line is None:
        return None
    low, high = _LIMITS[quantity]
    if not low <= value <= high:
        raise DeviceProtocolError(f"{measurand} of {value:g} cannot be")
    return Sample(quantity, line, value)


def _in_base_unit(number: float, unit: str) -> float:
    if unit == "Fahrenheit":
        return (number - 32) / 1.8
    if unit == "K":
        return number + _KELVIN_C
    return number * _FACTORS.get(unit, 1.0)


def read_time(timestamp: object) -> float | None:
    """Return a time stamp as UNIX time, without a zone as UTC; None if it cannot be read."""
    if not isinstance(timestamp, str):
        return None
    try:
        time = datetime.fromisoformat(timestamp.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except ValueError, OverflowError:
        return None
