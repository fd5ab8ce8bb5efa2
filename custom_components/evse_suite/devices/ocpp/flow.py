"""What flows through a charger by its newest values, and which values are of the present.

Pure: event-loop seconds and wall-clock seconds are parameters.
"""

from collections.abc import Mapping
from typing import Final

from .meter_values import Quantity, Values

STALE_S: Final = 120.0
"""A value that was not repeated for so long says nothing about the present."""
LATE_S: Final = 60.0
"""Values that come so much later than others were kept while the line was down."""
STEADY_S: Final = 2.0
"""A clock that is wrong stays wrong by the same amount, kept values catch up."""
CLOCK_ERROR_S: Final = 30.0
APART_S: Final = 4.0
DERIVED_OVER_S: Final = 4.0
"""Over less time the steps of a register say too little."""
_FLOWING: Final = (Quantity.CURRENT_A, Quantity.POWER_W)


class Lateness:
    """Tells live values from kept ones, whatever time the charger believes it is."""

    def __init__(self) -> None:
        """Expect a clock that was set by our answers."""
        self._usual_s = 0.0
        self._newest: tuple[float, float] | None = None

    @property
    def clock_error_s(self) -> float:
        """By how much the charger's clock is slow; 0 for what may be the way of the messages."""
        return self._usual_s if abs(self._usual_s) > CLOCK_ERROR_S else 0.0

    def is_live(self, value_wall_s: float | None, wall_s: float, now_s: float) -> bool:
        """Whether values with this time stamp are of the present; without one they are."""
        if value_wall_s is None:
            return True
        late_s = wall_s - value_wall_s
        if self._newest is not None and late_s > self._usual_s + LATE_S:
            before_late_s, before_s = self._newest
            if abs(late_s - before_late_s) <= STEADY_S and now_s - before_s >= APART_S:
                self._usual_s = late_s
        self._usual_s = min(self._usual_s, late_s)
        self._newest = (late_s, now_s)
        return late_s <= self._usual_s + LATE_S


class Flow:
    """The newest values of each quantity."""

    def __init__(self) -> None:
        """Know nothing."""
        self._values: dict[Quantity, Mapping[int | None, float]] = {}
        self._times_s: dict[Quantity, float] = {}
        self.garbage = 0
        """Values so far that could not be read."""

    @property
    def time_s(self) -> float | None:
        """When current or power was last told, None if it is not known."""
        return max((self._times_s[it] for it in _FLOWING if it in self._times_s), default=None)

    def take(self, values: Values, now_s: float, *, live: bool) -> None:
        """Take the values of one instant; kept ones only count energy."""
        self.garbage += values.garbage
        found: dict[Quantity, dict[int | None, float]] = {}
        for sample in values.samples:
            if live or sample.quantity is Quantity.ENERGY_WH:
                found.setdefault(sample.quantity, {})[sample.line] = sample.value
        if Quantity.ENERGY_WH in found and found.keys().isdisjoint(_FLOWING) and live:
            self._derive_power(found[Quantity.ENERGY_WH], now_s)
        for quantity, by_line in found.items():
            self._values[quantity] = by_line
            self._times_s[quantity] = now_s

    def _derive_power(self, energy_wh: Mapping[int | None, float], now_s: float) -> None:
        """Take the mean power since the last register of a charger that tells nothing else."""
        before = self._fresh(Quantity.ENERGY_WH, now_s)
        past_s = now_s - self._times_s.get(Quantity.ENERGY_WH, now_s)
        if before is None or past_s < DERIVED_OVER_S or before.keys() != energy_wh.keys():
            return
        if self._fresh(Quantity.CURRENT_A, now_s) is not None:
            return
        self._values[Quantity.POWER_W] = {
            line: max(now_wh - before[line], 0.0) * 3600 / past_s
            for line, now_wh in energy_wh.items()
        }
        self._times_s[Quantity.POWER_W] = now_s

    def stop(self) -> None:
        """Forget what flowed: many chargers send no zero when they stop (protocol D.6)."""
        for quantity in _FLOWING:
            self._values.pop(quantity, None)
            self._times_s.pop(quantity, None)

    def total(self, quantity: Quantity, now_s: float) -> float | None:
        """Return the value of the whole, or the sum over the lines; None if it is not known."""
        values = self._fresh(quantity, now_s)
        if values is None:
            return None
        return values[None] if None in values else sum(values.values())

    def most(self, quantity: Quantity, now_s: float) -> float | None:
        """Return the greatest value of any line, None if it is not known."""
        values = self._fresh(quantity, now_s)
        return None if values is None else max(values.values())

    def energy_wh(self) -> float | None:
        """Return the register; it is of use however old it is."""
        values = self._values.get(Quantity.ENERGY_WH)
        if values is None:
            return None
        return values[None] if None in values else sum(values.values())

    def voltages_v(self, lines: int, nominal_v: float, now_s: float) -> tuple[float, ...]:
        """Return the voltage of each line, the nominal one where it is not told."""
        values = self._fresh(Quantity.VOLTAGE_V, now_s) or {}
        whole_v = values.get(None, nominal_v)
        return tuple(values.get(line, whole_v) or nominal_v for line in range(lines))

    def currents_a(
        self, lines: int, told_a: float, nominal_v: float, now_s: float
    ) -> tuple[float, ...] | None:
        """Return what flows on each line, never less than it may be; None if it is not known.

        A current without a phase is taken for every line. Of a power alone nobody knows on how
        many lines it flows: it is taken for one, up to the current that the charger was told.
        """
        currents = self._fresh(Quantity.CURRENT_A, now_s)
        if currents is not None:
            return _per_line(currents, lines)
        powers = self._fresh(Quantity.POWER_W, now_s)
        if powers is None:
            return None
        volts = self.voltages_v(lines, nominal_v, now_s)
        if powers.keys() == {None} and lines > 1:
            one_a = abs(powers[None]) / volts[0]
            return (min(one_a, max(told_a, one_a / lines)),) * lines
        watts = _per_line(powers, lines)
        return tuple(watt / volt for watt, volt in zip(watts, volts, strict=True))

    def _fresh(self, quantity: Quantity, now_s: float) -> Mapping[int | None, float] | None:
        if now_s - self._times_s.get(quantity, float("-inf")) > STALE_S:
            return None
        return self._values[quantity]


def _per_line(values: Mapping[int | None, float], lines: int) -> tuple[float, ...]:
    """Return a value for each line; a charger on one line may name it after the mains' phase."""
    if lines == 1 or values.keys() == {None}:
        return (max(abs(value) for value in values.values()),) * lines
    return tuple(abs(values.get(line, 0.0)) for line in range(lines))
