"""From what entities say to a reading of a charger."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Final

from ..entity_door import UNAVAILABLE, Seen
from ..model import ChargerReading, ChargerStatus, DeviceConnectionError, LimitReason
from .controls import SELECTS, highest_a
from .roles import LINES, Role
from .setpoint import Setpoint, Told
from .setup import Setup, first
from .values import AMPERE, VOLT, WATT, WATT_HOUR, amperes, number, yes_no

DRAWS: Final = (Role.POWER, Role.CURRENT, Role.POWER_L1, Role.CURRENT_L1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What flows to the car, per line."""

    current_a: tuple[float, ...]
    voltage_v: tuple[float, ...]
    power_w: float


def status_of(setup: Setup, seen: Mapping[Role, Seen]) -> tuple[ChargerStatus | None, str]:
    """Return the state of the charger, and the words in which it was told.

    What tells it may be one word, or two contacts: is a car there, and does it charge?
    """
    word = seen.get(Role.STATUS)
    raw = "" if word is None else word.text
    if word is not None and word.domain != "binary_sensor" and not word.says_nothing:
        return setup.status(raw), raw
    connected = yes_no(seen.get(Role.CONNECTED))
    charging = yes_no(seen.get(Role.CHARGING, word))
    if charging:
        return ChargerStatus.CHARGING, raw or "charging"
    if connected is False:
        return ChargerStatus.AVAILABLE, raw or "not connected"
    if connected:
        return ChargerStatus.CONNECTED, raw or "connected"
    return None, raw


def refuse_silence(setup: Setup, seen: Mapping[Role, Seen], *, no_car: bool) -> None:
    """Raise DeviceConnectionError for an entity that is gone, unavailable or unknown.

    Without a car nothing can flow, and an integration may well say nothing of it then.
    """
    for role in setup.measured:
        it = seen.get(role)
        if it is None:
            raise DeviceConnectionError(f"the entity for {role} does not exist")
        if it.says_nothing and not (no_car and it.text != UNAVAILABLE):
            raise DeviceConnectionError(f"{it.entity_id} is {it.text}")


def drawn(
    setup: Setup, seen: Mapping[Role, Seen], lines: int, *, most_a: float, no_car: bool
) -> Drawn:
    """Return what flows; what is not told follows from what is.

    Of a power alone nobody knows on how many lines it flows: it is taken for one, up to the current
    that the charger was told.

    Raises DeviceConnectionError when nothing tells it.
    """
    voltage_v = tuple(_voltage_v(setup, seen, line) for line in range(lines))
    told_a = [number(seen.get(Role.CURRENT.line(line)), AMPERE) for line in range(lines)]
    told_w = [number(seen.get(Role.POWER.line(line)), WATT) for line in range(lines)]
    one_a, all_w = number(seen.get(Role.CURRENT), AMPERE), number(seen.get(Role.POWER), WATT)
    current_a = []
    for line, line_v in enumerate(voltage_v):
        line_a, line_w = told_a[line], told_w[line]
        if line_a is None and line_w is not None:
            line_a = line_w / line_v
        if line_a is None:
            line_a = one_a
        if line_a is None and all_w is not None:
            one_line_a = abs(all_w) / line_v
            line_a = min(one_line_a, max(most_a, one_line_a / lines))
        if line_a is None and no_car:
            line_a = 0.0
        if line_a is None:
            silent = first(seen, DRAWS)
            what = "no entity" if silent is None else f"{silent.entity_id} ({silent.text})"
            raise DeviceConnectionError(f"what the charger draws is not told: {what}")
        current_a.append(abs(line_a))
    power_w = all_w
    if power_w is None:
        parts = [
            line_a * line_v if line_w is None else line_w
            for line_a, line_v, line_w in zip(current_a, voltage_v, told_w, strict=True)
        ]
        power_w = sum(parts)
    return Drawn(current_a=tuple(current_a), voltage_v=voltage_v, power_w=abs(power_w))


def _voltage_v(setup: Setup, seen: Mapping[Role, Seen], line: int) -> float:
    for role in (Role.VOLTAGE.line(line), Role.VOLTAGE):
        if value_v := number(seen.get(role), VOLT):
            return value_v
    return setup.voltage_v


def allowed(setup: Setup, seen: Mapping[Role, Seen], role: Role = Role.ENABLE) -> bool | None:
    """Return whether a switch, a lock or a select says yes."""
    entity = seen.get(role)
    if entity is None or entity.says_nothing:
        return None
    if entity.domain in SELECTS:
        options = setup.options(role)
        return None if options is None else entity.text != options[1]
    said = entity.text == "unlocked" if entity.domain == "lock" else yes_no(entity)
    return None if said is None else said is not setup.turned(role)


def told(setup: Setup, seen: Mapping[Role, Seen], newest_a: int | None) -> Told:
    """Return the limit that is read back; a switch that is off makes it 0."""
    limit = first(seen, (Role.SHOWN_LIMIT, Role.CURRENT_LIMIT))
    switch = seen.get(Role.ENABLE)
    enabled = allowed(setup, seen)
    value_a = amperes(limit)
    limit_a = None if value_a is None else floor(value_a + 0.01)
    current_a = limit_a
    if setup.switches and not setup.sets_current:
        current_a = None if enabled is None else setup.maximum_a
    if enabled is False:
        # A switch that shows the session is off as well when the car is full.
        current_a = 0 if setup.tells_permission or newest_a == 0 else None
    elif enabled is None and newest_a == 0 and not setup.pauses_at_zero:
        # Paused by what tells nothing: the limit beside it does not count.
        current_a = None
    return Told(
        current_a=current_a,
        limit_a=limit_a,
        enabled=enabled,
        limit_by_person=limit is not None and limit.by_person,
        switch_by_person=switch is not None and switch.by_person,
        said_s=0.0 if limit is None else limit.reported_s,
    )


def charger_reading(
    setup: Setup,
    seen: Mapping[Role, Seen],
    setpoint: Setpoint,
    *,
    lines: int,
    time_s: float,
    now_s: float,
) -> ChargerReading:
    """Return the reading of a charger; raises DeviceConnectionError where it says too little."""
    status, raw_status = status_of(setup, seen)
    no_car = status is ChargerStatus.AVAILABLE
    refuse_silence(setup, seen, no_car=no_car)
    most_a = setup.maximum_a if setpoint.newest_a is None else setpoint.newest_a
    flows = drawn(setup, seen, lines, most_a=most_a, no_car=no_car)
    offered_a = setpoint.observe(told(setup, seen, setpoint.newest_a), now_s)
    if no_car:
        setpoint.unplugged()
    limits = [number(seen.get(Role.INSTALLED_LIMIT), AMPERE), highest_a(seen)]
    known = [floor(limit_a) for limit_a in limits if limit_a]
    person_a = setpoint.person_a
    return ChargerReading(
        time_s=time_s,
        status=status,
        raw_status=raw_status,
        current_a=flows.current_a,
        voltage_v=flows.voltage_v,
        power_w=flows.power_w,
        session_energy_wh=number(seen.get(Role.SESSION_ENERGY), WATT_HOUR),
        lifetime_energy_wh=number(seen.get(Role.ENERGY), WATT_HOUR),
        limit_reason=None if person_a is None else LimitReason.USER_LIMIT,
        offered_current_a=offered_a,
        user_current_a=person_a,
        install_current_a=min(known, default=None),
        has_errors=status is ChargerStatus.ERROR,
        restarts=setpoint.restarts,
        force_single_phase=None if lines < LINES else allowed(setup, seen, Role.PHASES),
    )
