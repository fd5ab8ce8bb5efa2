"""What a charge point measures, in the shape that its maker thought of."""

from collections.abc import Iterator
from typing import Any, Final

from .point import ChargePoint

type Sampled = dict[str, Any]

KILO: Final = 1000.0
FLOWS: Final = frozenset({"Current.Import", "Power.Active.Import"})


def sampled_values(point: ChargePoint, measurands: list[str], context: str) -> list[Sampled]:
    """Return the values of the chosen measurands."""
    quirks = point.quirks
    found: list[Sampled] = []
    for measurand in measurands:
        if quirks.silent_when_idle and measurand in FLOWS and point.power_w <= 0:
            continue
        found += [
            {"context": context, "measurand": measurand, **it} for it in _of(point, measurand)
        ]
    if quirks.garbage:
        found.insert(0, {"measurand": "Voltage", "value": "n/a", "unit": "V"})
        found.append({"measurand": "Current.Import", "value": "--.-", "unit": "A", "phase": "L1"})
        for value in found:
            value["value"] = f" {value['value']} {value.get('unit', '')}"
    return found


def _of(point: ChargePoint, measurand: str) -> Iterator[Sampled]:
    kilo = point.quirks.in_kilo
    if measurand == "Current.Import":
        yield from _lines(point, [f"{it:.2f}" for it in point.car.drawn_a()], "A")
    elif measurand == "Voltage":
        yield from _lines(point, [f"{it:.1f}" for it in point.car.voltage_v()], "V")
    elif measurand == "Power.Active.Import":
        power = point.power_w / KILO if kilo else point.power_w
        yield {"value": f"{power:.3f}" if kilo else f"{power:.1f}", "unit": "kW" if kilo else "W"}
    elif measurand == "Energy.Active.Import.Register":
        energy = point.energy_wh / KILO if kilo else point.energy_wh
        # The standard's unit is Wh where none is told.
        yield {"value": f"{energy:.3f}", "unit": "kWh"} if kilo else {"value": f"{energy:.2f}"}
    elif measurand == "Current.Offered":
        yield {"value": f"{point.offer[0]:.1f}", "unit": "A"}
    elif measurand == "SoC":
        yield {"value": "55", "unit": "Percent", "location": "EV"}


def _lines(point: ChargePoint, texts: list[str], unit: str) -> Iterator[Sampled]:
    names = point.quirks.phase_names
    if names is None:
        yield {"value": texts[0], "unit": unit}
        return
    for name, text in zip(names, texts, strict=False):
        yield {"value": text, "unit": unit, "phase": name}
