"""Sensors of the registers of a meter that is read out: one for each line it sends (MTR-2)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import EntityCategory

from .devices.model import MeterReading, MeterRegister
from .links import DeviceLink
from .quantities import (
    Apparent,
    Current,
    Energy,
    Frequency,
    Measurement,
    Power,
    Reactive,
    SensorDescription,
    Sentence,
    Voltage,
)
from .views import MeterView

POUNDS: Final = "GBP"
PRICE_DIGITS: Final = 4

type Row = SensorDescription[MeterView]

QUANTITIES: Final[Mapping[str, type[Row]]] = {
    "Wh": Energy,
    "W": Power,
    "var": Reactive,
    "VA": Apparent,
    "V": Voltage,
    "A": Current,
    "Hz": Frequency,
}
KNOWN: Final = frozenset(
    {
        "1.8.0", "1.8.1", "1.8.2", "1.8.3", "1.8.4",
        "2.8.0", "2.8.1", "2.8.2", "2.8.3", "2.8.4",
        "15.8.0", "1.7.0", "2.7.0", "16.7.0",
        "0.9.1", "0.9.2", "C.5.0", "C.7.0", "F.F",
        "unit_rate", "standing_charge",
        "gas_import", "gas_unit_rate", "gas_standing_charge",
    }
)  # fmt: skip
"""Codes that have a name of their own; the others are called by their code."""
RATES: Final = frozenset({"1.8.1", "1.8.2", "1.8.3", "1.8.4"})
SHOWN: Final = RATES | {
    "1.8.0", "2.8.0", "1.7.0", "2.7.0", "16.7.0", "unit_rate", "gas_import", "gas_unit_rate"
}  # fmt: skip
"""What people want; everything else can be enabled."""


def row_of(register: MeterRegister) -> Row:
    """Return the sensor of a register."""
    name = register.code.lower().replace(".", "_")
    known = register.code in KNOWN
    quantity = QUANTITIES.get(register.unit or "", Sentence)
    price = (register.unit or "").partition("/")[0] == POUNDS
    details: dict[str, Any] = {
        "key": f"register_{name}",
        "translation_key": f"register_{name}" if known else "register",
        "translation_placeholders": {} if known else {"code": register.code},
        "value_fn": _value_of(register.code, as_text=quantity is Sentence and not price),
        "entity_registry_enabled_default": register.code in SHOWN,
    }
    if price:
        details |= {"native_unit_of_measurement": register.unit, "digits": PRICE_DIGITS}
        return Measurement[MeterView](**details, suggested_display_precision=PRICE_DIGITS)
    if quantity is Sentence:
        details["entity_category"] = EntityCategory.DIAGNOSTIC
    return quantity(**details)


def _value_of(code: str, *, as_text: bool) -> Callable[[MeterView], float | str | None]:
    def value(view: MeterView) -> float | str | None:
        for register in () if view.reading is None else view.reading.registers:
            if register.code == code:
                return register.text if as_text else register.value
        return None

    return value


class NewRegisters:
    """Finds the registers of a meter that have no sensor yet."""

    def __init__(self, link: DeviceLink[MeterReading]) -> None:
        """Start without any."""
        self._link = link
        self._known: set[str] = set()

    def rows(self) -> list[Row]:
        """Return the rows of registers that were not seen before."""
        registers = () if self._link.reading is None else self._link.reading.registers
        fresh = [it for it in registers if it.code not in self._known]
        self._known |= {it.code for it in fresh}
        return [row_of(it) for it in fresh]
