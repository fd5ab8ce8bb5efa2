"""What a Glow publishes: ``STATE``, ``SENSOR/electricitymeter`` and ``SENSOR/gasmeter``.

Times are UTC, energies kWh, power kW, prices pounds for a kWh and for a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..model import MeterRegister
from ..parse import Fields, parse_json

KILO: Final = 1000.0
MOST_KWH: Final = 10_000_000.0
MOST_KW: Final = 100.0
MOST_PRICE: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One message about electricity or gas."""

    timestamp: str
    """When the meter said it; the same again means that nothing new has come."""
    import_wh: float | None
    export_wh: float | None
    power_w: float | None
    unit_rate: float | None
    standing_charge: float | None

    def registers(self, prefix: str) -> Iterator[MeterRegister]:
        """Yield prices, and for gas the energy, as registers."""
        if prefix and self.import_wh is not None:
            yield _register(f"{prefix}import", self.import_wh, "Wh")
        if self.unit_rate is not None:
            yield _register(f"{prefix}unit_rate", self.unit_rate, "GBP/kWh")
        if self.standing_charge is not None:
            yield _register(f"{prefix}standing_charge", self.standing_charge, "GBP/d")


def _register(code: str, value: float, unit: str) -> MeterRegister:
    return MeterRegister(code=code, text=f"{value:g}", value=value, unit=unit)


def meter_message(payload: str | bytes, name: str) -> Meter:
    """Read a message of ``electricitymeter`` or ``gasmeter``; raises DeviceProtocolError."""
    message = Fields(parse_json(payload), name).part(name)
    energy = message.maybe_part("energy")
    taken, given = energy.maybe_part("import"), energy.maybe_part("export")
    price = taken.maybe_part("price")
    import_kwh = taken.maybe_float("cumulative", 0, MOST_KWH)
    export_kwh = given.maybe_float("cumulative", 0, MOST_KWH)
    power_kw = message.maybe_part("power").maybe_float("value", -MOST_KW, MOST_KW)
    return Meter(
        timestamp=message.need_str("timestamp"),
        import_wh=None if import_kwh is None else import_kwh * KILO,
        export_wh=None if export_kwh is None else export_kwh * KILO,
        power_w=None if power_kw is None else power_kw * KILO,
        unit_rate=price.maybe_float("unitrate", 0, MOST_PRICE),
        standing_charge=price.maybe_float("standingcharge", 0, MOST_PRICE),
    )


def state_message(payload: str | bytes) -> tuple[str, str | None]:
    """Return the hardware and the version that a display tells; raises DeviceProtocolError."""
    state = Fields(parse_json(payload), "STATE")
    return state.need_str("hardware"), state.maybe_str("software")
