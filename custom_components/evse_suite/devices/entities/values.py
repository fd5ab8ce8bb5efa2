"""What an entity's text means: numbers in their unit, yes or no, amperes in an option.

A unit is read from the entity and never assumed: a sensor in kW taken for one in W leaves a fuse
without protection, and the other way round keeps the charger at zero.
"""

from collections.abc import Mapping
from math import isfinite
import re
from typing import Final

from homeassistant.const import (
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.util.unit_conversion import (
    BaseUnitConverter,
    ElectricCurrentConverter,
    ElectricPotentialConverter,
    EnergyConverter,
    PowerConverter,
)

from ..entity_door import Seen

AMPERE: Final = UnitOfElectricCurrent.AMPERE
VOLT: Final = UnitOfElectricPotential.VOLT
WATT: Final = UnitOfPower.WATT
WATT_HOUR: Final = UnitOfEnergy.WATT_HOUR

CONVERTERS: Final[Mapping[str, type[BaseUnitConverter]]] = {
    AMPERE: ElectricCurrentConverter,
    VOLT: ElectricPotentialConverter,
    WATT: PowerConverter,
    WATT_HOUR: EnergyConverter,
}
YES: Final = frozenset({"on", "true", "1", "yes", "active", "home", "charging", "connected"})
NO: Final = frozenset({"off", "false", "0", "no", "inactive", "not_home", "idle", "disconnected"})
FIRST_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
BARE: Final = frozenset({"input_number", "number"})
"""Helpers of a person often have no unit; a limit in them is in amperes."""


def fits(unit: str | None, wanted: str) -> bool:
    """Tell whether a value in ``unit`` can be converted to A, V, W or Wh."""
    return unit in CONVERTERS[wanted].VALID_UNITS


def number(seen: Seen | None, wanted: str) -> float | None:
    """Return a value in the wanted unit; None for one that is unknown, no number or has no unit."""
    if seen is None or seen.says_nothing or not fits(seen.unit, wanted):
        return None
    value = _float(seen.text)
    return None if value is None else CONVERTERS[wanted].convert(value, seen.unit, wanted)


def watts(seen: Seen | None) -> float | None:
    """Return a power in W."""
    return number(seen, WATT)


def amperes(seen: Seen | None) -> float | None:
    """Return the limit that a number, a helper or an option (``16 A``) stands for."""
    if seen is None or seen.says_nothing:
        return None
    if seen.domain in BARE and seen.unit is None:
        return _float(seen.text)
    if seen.unit is not None:
        return number(seen, AMPERE)
    found = FIRST_NUMBER.search(seen.text)
    return None if found is None else float(found[0])


def yes_no(seen: Seen | None) -> bool | None:
    """Return what a switch or a binary sensor says, None if that is neither yes nor no."""
    if seen is None or seen.says_nothing:
        return None
    text = seen.text.lower()
    return True if text in YES else False if text in NO else None


def attribute(seen: Seen | None, name: str) -> float | None:
    """Return a number among an entity's attributes, e.g. ``max``."""
    value = None if seen is None else seen.attributes.get(name)
    return _float(str(value)) if value is not None else None


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
