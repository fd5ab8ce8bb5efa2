"""Whether the entities that were chosen make a charger or a meter, and if not, why."""

from typing import Final

from ..entity_door import EntityDoor, Seen
from ..model import DeviceKind
from .controls import BUTTONS, NUMBERS, SELECTS, SWITCHES
from .roles import Role
from .setup import Setup
from .values import AMPERE, VOLT, WATT, WATT_HOUR, fits

UNITS: Final = {"power": WATT, "current": AMPERE, "voltage": VOLT, "energy": WATT_HOUR}
DRAWS: Final = frozenset({Role.POWER, Role.POWER_L1, Role.CURRENT, Role.CURRENT_L1})
MEASURES: Final = DRAWS | {Role.IMPORT_POWER, Role.IMPORT_POWER_L1}
DOMAINS: Final = {
    Role.ENABLE: frozenset(SWITCHES) | frozenset(SELECTS),
    Role.PHASES: frozenset(SWITCHES) | frozenset(SELECTS),
    Role.START: frozenset(BUTTONS),
    Role.STOP: frozenset(BUTTONS),
    Role.CURRENT_LIMIT: frozenset(NUMBERS) | frozenset(SELECTS),
}


def wrong_entities(setup: Setup, door: EntityDoor) -> dict[Role, str]:
    """Return what is wrong with single entities: the key of a sentence for each."""
    wrong: dict[Role, str] = {}
    for role, reference in setup.entities.items():
        seen = door.look(reference)
        if seen is None:
            wrong[role] = "entity_missing"
        elif role in DOMAINS:
            yes_no = role in (Role.ENABLE, Role.PHASES)
            if seen.domain not in DOMAINS[role]:
                wrong[role] = "wrong_domain"
            elif seen.domain in SELECTS and yes_no and setup.options(role) is None:
                wrong[role] = "unknown_options"
        elif (key := _wrong_unit(role, seen)) is not None:
            wrong[role] = key
    return wrong


def _wrong_unit(role: Role, seen: Seen) -> str | None:
    """Return what is wrong with a measured value's unit; one that says nothing now may have one."""
    for word, unit in UNITS.items():
        if word in role.value:
            bad = not fits(seen.unit, unit) and not (seen.unit is None and seen.says_nothing)
            return f"not_{word}" if bad else None
    return None


def missing(setup: Setup, kind: DeviceKind) -> str | None:
    """Return the key of the sentence that says what is missing, None if nothing is."""
    chosen = setup.entities.keys()
    if kind is DeviceKind.METER:
        return None if chosen & MEASURES else "nothing_measured"
    if not chosen & DRAWS:
        return "draw_missing"
    if (Role.START in chosen) is not (Role.STOP in chosen):
        return "button_missing"
    return None if setup.controls else "pause_missing"
