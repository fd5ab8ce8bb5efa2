"""A meter that is made of entities."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Final, override

from ..base import signed_current
from ..entity_door import Seen
from ..model import DeviceConnectionError, MeterChannel, MeterReading
from .device import EntityDevice
from .roles import LINES, Role
from .setup import Setup
from .values import AMPERE, VOLT, WATT, WATT_HOUR, number

PER_LINE: Final = (
    Role.POWER,
    Role.IMPORT_POWER,
    Role.EXPORT_POWER,
    Role.CURRENT,
    Role.VOLTAGE,
)


class EntityMeter(EntityDevice[MeterReading]):
    """Reads a meter's entities: signed power, a pair for each direction, currents, or a mixture."""

    @override
    def _reading(self) -> MeterReading:
        seen = self._setup.look(self._door)
        for role in self._setup.measured:
            if role not in seen:
                raise DeviceConnectionError(f"the entity for {role} does not exist")
            if seen[role].says_nothing:
                raise DeviceConnectionError(f"{seen[role].entity_id} is {seen[role].text}")
        time_s = self._fresh.time_s([seen[it] for it in self._setup.measured], self._clock())
        return MeterReading(time_s=time_s, channels=channels(self._setup, seen))


def channels(setup: Setup, seen: Mapping[Role, Seen]) -> tuple[MeterChannel, ...]:
    """Return the channels of a meter, import positive.

    Raises DeviceConnectionError when a value is no number, or in a unit that does not fit.
    """
    if setup.lines == 1:
        found = [_channel(setup, _as_one(seen), None)]
    else:
        found = [_channel(setup, seen, line) for line in range(LINES)]
        if not any(base.line(0) in seen for base in (Role.POWER, Role.IMPORT_POWER)):
            found = _directed(found, _power_w(setup, seen, None))
    counted = replace(
        found[0],
        energy_import_wh=number(seen.get(Role.ENERGY), WATT_HOUR),
        energy_export_wh=number(seen.get(Role.EXPORT_ENERGY), WATT_HOUR),
    )
    return (counted, *found[1:])


def _as_one(seen: Mapping[Role, Seen]) -> dict[Role, Seen]:
    """Return the values of a meter with one line, which may be told as those of L1."""
    firsts = {base: seen[base.line(0)] for base in PER_LINE if base.line(0) in seen}
    return {**firsts, **seen}


def _channel(setup: Setup, seen: Mapping[Role, Seen], line: int | None) -> MeterChannel:
    """Return what is told of one line, or of all for None, and what follows from it."""
    power_w = _power_w(setup, seen, line)
    current_a = _told(seen, _of(Role.CURRENT, line), AMPERE)
    told_v = number(seen.get(_of(Role.VOLTAGE, line)), VOLT) or number(seen.get(Role.VOLTAGE), VOLT)
    voltage_v = told_v or setup.voltage_v
    if power_w is None and current_a is not None:
        power_w = current_a * voltage_v
    elif power_w is not None:
        current_a = power_w / voltage_v if current_a is None else signed_current(current_a, power_w)
    return MeterChannel(current_a=current_a, voltage_v=told_v, power_w=power_w)


def _of(role: Role, line: int | None) -> Role:
    return role if line is None else role.line(line)


def _power_w(setup: Setup, seen: Mapping[Role, Seen], line: int | None) -> float | None:
    """Return the power of one line or of all, from one signed value or from one per direction."""
    power_w = _told(seen, _of(Role.POWER, line), WATT)
    if power_w is not None:
        return -power_w if setup.turned(Role.POWER) else power_w
    import_w = _told(seen, _of(Role.IMPORT_POWER, line), WATT)
    export_w = _told(seen, _of(Role.EXPORT_POWER, line), WATT)
    if import_w is None and export_w is None:
        return None
    return (import_w or 0.0) - (export_w or 0.0)


def _told(seen: Mapping[Role, Seen], role: Role, wanted: str) -> float | None:
    """Return a value; None if there is no such entity.

    Raises DeviceConnectionError for an entity whose value cannot be used: it must not pass for
    one that is not there.
    """
    it = seen.get(role)
    if it is None:
        return None
    value = number(it, wanted)
    if value is None:
        raise DeviceConnectionError(f"{it.entity_id} says {it.text!r} in {it.unit}, not {wanted}")
    return value


def _directed(found: list[MeterChannel], total_w: float | None) -> list[MeterChannel]:
    """Give currents without a sign the directions that add up to the power of all.

    Where several fit equally well, the one with most import counts: it leaves the fuse least room.
    """
    if total_w is None:
        return found

    def misses(signs: Iterable[int]) -> tuple[float, int]:
        powers_w = [(it.power_w or 0.0) * sign for it, sign in zip(found, signs, strict=True)]
        return round(abs(sum(powers_w) - total_w)), -sum(signs)

    best = min(product((1, -1), repeat=len(found)), key=misses)
    return [
        replace(it, current_a=(it.current_a or 0.0) * sign, power_w=(it.power_w or 0.0) * sign)
        for it, sign in zip(found, best, strict=True)
    ]
