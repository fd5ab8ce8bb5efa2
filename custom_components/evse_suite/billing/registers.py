"""Energy registers: what a reading adds, roll-over, and energy between two readings (MTR-2).

A register that goes backwards is not believed and adds nothing; what it shows once it has passed
its old value counts from there, so nothing is lost or counted twice. Energies are watt-hours.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .clock import local, next_of
from .effects import ReadingFault
from .events import Reading
from .model import KWH, RATES, Config, Registers, Tariff
from .switching import rate_at

MOST_HOURS: Final = 72
"""Time makes a jump of a register no more plausible than it is after these hours."""


def span_wh(registers: Registers) -> int:
    """Return at how many watt-hours a register of so many digits begins again."""
    return int(KWH * 10**registers.digits)


def rolls_at_wh(registers: Registers) -> int | None:
    """Return the same for the registers that are read, None where they never begin again."""
    return span_wh(registers) if registers.rolls_over else None


def added(before_wh: int, after_wh: int, rolls_wh: int | None) -> int | None:
    """Return the energy between two values of a register, None where it went backwards.

    A fall is a roll-over only if less than half the register's span would have been used.
    """
    if after_wh >= before_wh:
        return after_wh - before_wh
    if rolls_wh is None:
        return None
    used = (after_wh - before_wh) % rolls_wh
    return used if used < rolls_wh // 2 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Energy between two readings."""

    total_wh: int
    rates_wh: tuple[int, ...] | None
    """By rate, where both readings have rate registers."""


def use_between(config: Config, before: Reading, after: Reading) -> Use | ReadingFault:
    """Return what was used between two readings, or why the second is not believed."""
    rolls = rolls_at_wh(config.registers)
    rates: tuple[int, ...] | None = None
    total = added(before.total_wh, after.total_wh, rolls)
    if before.rates_wh is not None and after.rates_wh is not None:
        pairs = zip(before.rates_wh, after.rates_wh, strict=True)
        parts = [part for one, two in pairs if (part := added(one, two, rolls)) is not None]
        rates = tuple(parts)
        total = sum(rates) if len(rates) == RATES else None
    if total is None:
        return ReadingFault.BACKWARDS
    hours = min((after.at - before.at).total_seconds() / 3600, MOST_HOURS)
    if total > config.max_power_w * hours + KWH:
        return ReadingFault.IMPLAUSIBLE
    return Use(total_wh=total, rates_wh=rates)


@dataclass(slots=True, kw_only=True)
class Flow:
    """Energy between two readings, handed out from instant to instant.

    With rate registers each rate's energy flows evenly over the time in which the rate is active,
    and what belongs to a rate that the calendar does not know of comes at the end. Without, the
    total flows evenly and goes to the rate that is active.
    """

    start: datetime
    end: datetime
    use: Use
    active: tuple[timedelta, ...] = ()
    """Time in which each rate is active between the readings; needed with rate registers."""
    given_wh: list[int] = field(default_factory=lambda: [0] * RATES)
    elapsed: list[timedelta] = field(default_factory=lambda: [timedelta()] * RATES)

    def take(self, since: datetime, until: datetime, rate: int) -> list[tuple[int, int]]:
        """Return energy by rate, as (rate, watt-hours), for a stretch in which one is active."""
        if until >= self.end:
            return self._rest(rate)
        if self.use.rates_wh is None:
            upto = self.use.total_wh * (until - self.start) // (self.end - self.start)
            wh = upto - sum(self.given_wh)
        else:
            self.elapsed[rate - 1] += until - max(since, self.start)
            done, whole = self.elapsed[rate - 1], self.active[rate - 1]
            share = self.use.rates_wh[rate - 1] * min(done, whole) // whole if whole else 0
            wh = share - self.given_wh[rate - 1]
        self.given_wh[rate - 1] += wh
        return [(rate, wh)]

    def _rest(self, rate: int) -> list[tuple[int, int]]:
        """Return what has not been handed out yet, the active rate's last."""
        whole = self.use.rates_wh
        if whole is None:
            parts = {rate: self.use.total_wh - sum(self.given_wh)}
        else:
            others = [each for each in range(1, RATES + 1) if each != rate]
            parts = {each: whole[each - 1] - self.given_wh[each - 1] for each in (*others, rate)}
        for each, wh in parts.items():
            self.given_wh[each - 1] += wh
        return list(parts.items())


def active_times(
    config: Config, tariff: Tariff, start: datetime, end: datetime
) -> tuple[timedelta, ...]:
    """Return for how long each rate is active between two instants."""
    times = [timedelta()] * RATES
    starts = {switch.start for switch in tariff.switches}
    while start < end:
        until = min(end, next_of(config.clock, start, starts))
        times[rate_at(config, tariff, local(config.clock, start)) - 1] += until - start
        start = until
    return tuple(times)


def shown_kwh(wh: int, registers: Registers) -> str:
    """Return a register as the display shows it, with leading zeros (section 4.1)."""
    wh %= span_wh(registers)
    whole, rest = divmod(wh, KWH)
    digits = f"{whole:0{registers.digits}d}"
    if not registers.decimals:
        return digits
    return f"{digits}.{rest:03d}"[: registers.digits + 1 + registers.decimals]
