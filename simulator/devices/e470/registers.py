"""The energy registers: four rates, their sum and export, counted by the Wh, section 4.1."""

from dataclasses import dataclass, field
from typing import Final

from .settings import RATES

WH_PER_KWH: Final = 1000
ROLLS_OVER_WH: Final = 100_000 * WH_PER_KWH


@dataclass(slots=True)
class Registers:
    """What the meter has counted since it was made, without roll-over."""

    rates_wh: list[int] = field(default_factory=lambda: [0] * RATES)
    export_wh: int = 0

    @property
    def total_wh(self) -> int:
        """The sum of the rates."""
        return sum(self.rates_wh)


def shown_kwh(energy_wh: int, decimals: int) -> str:
    """Return a register as the meter shows it: five digits, decimals cut off."""
    step = 10 ** (3 - decimals)
    kwh = energy_wh % ROLLS_OVER_WH // step * step / WH_PER_KWH
    width = 5 + (1 + decimals if decimals else 0)
    return f"{kwh:0{width}.{decimals}f}"
