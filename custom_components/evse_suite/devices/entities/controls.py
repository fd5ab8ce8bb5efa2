"""How entities are told: the action for each kind of control, and what it is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import ceil, floor
from typing import Any, Final, NamedTuple

from ..entity_door import Seen
from ..model import DeviceConnectionError
from .profile import Action
from .roles import Role
from .setup import Setup
from .values import AMPERE, CONVERTERS, amperes, attribute, fits

MINIMUM_A: Final = 6
SWITCHES: Final[Mapping[str, tuple[str, str]]] = {
    "input_boolean": ("turn_on", "turn_off"),
    "lock": ("unlock", "lock"),
    "switch": ("turn_on", "turn_off"),
}
SELECTS: Final = ("input_select", "select")
NUMBERS: Final = ("input_number", "number")
BUTTONS: Final = ("button", "input_button")


class Call(NamedTuple):
    """An action with its data."""

    action: str
    data: Mapping[str, Any]


def control(seen: Mapping[Role, Seen], role: Role) -> Seen:
    """Return the entity to be written to.

    Raises DeviceConnectionError while it cannot take anything: Home Assistant would say nothing.
    """
    found = seen.get(role)
    if found is None:
        raise DeviceConnectionError(f"there is no entity for {role}")
    unavailable = found.text == "unavailable"
    if unavailable:
        raise DeviceConnectionError(f"{found.entity_id} is unavailable")
    return found


def limit_call(setup: Setup, seen: Mapping[Role, Seen], current_a: int) -> Call:
    """Return what sets a limit."""
    if (action := setup.actions.get(Role.CURRENT_LIMIT)) is not None:
        return action_call(action, seen, current_a)
    entity = control(seen, Role.CURRENT_LIMIT)
    target = {"entity_id": entity.entity_id}
    if entity.domain in SELECTS:
        option = _option(entity, current_a)
        return Call(f"{entity.domain}.select_option", target | {"option": option})
    return Call(f"{entity.domain}.set_value", target | {"value": _value(entity, current_a)})


def _option(entity: Seen, current_a: int) -> str:
    """Return the highest option that is not more than the current."""
    below = {value_a: it for value_a, it in _options(entity).items() if value_a <= current_a}
    if not below:
        raise DeviceConnectionError(f"{entity.entity_id} has no option of {current_a} A or less")
    return below[max(below)]


def _options(entity: Seen) -> dict[float, str]:
    """Return the options of a select by the amperes that they stand for."""
    found = {}
    for option in entity.attributes.get("options", ()):
        value_a = amperes(replace(entity, text=str(option), unit=None))
        if value_a is not None:
            found[value_a] = str(option)
    return found


def _value(entity: Seen, current_a: int) -> float:
    """Return what a number takes: in its own unit and in its steps, rounded down."""
    least = attribute(entity, "min")
    value = float(current_a)
    if entity.unit is not None and fits(entity.unit, AMPERE):
        value = CONVERTERS[AMPERE].convert(value, AMPERE, entity.unit)
    step = attribute(entity, "step")
    if step:
        base = least or 0.0
        value = base + floor((value - base) / step + 1e-6) * step
    return value


def least_a(seen: Mapping[Role, Seen]) -> int | None:
    """Return the least current above zero that the entity for the limit takes."""
    return _bound_a(seen, "min", min, ceil)


def highest_a(seen: Mapping[Role, Seen]) -> int | None:
    """Return the most that the entity for the limit takes, None if it does not say."""
    return _bound_a(seen, "max", max, floor)


def _bound_a(
    seen: Mapping[Role, Seen],
    name: str,
    of_options: Callable[[Iterable[float]], float],
    rounded: Callable[[float], int],
) -> int | None:
    entity = seen.get(Role.CURRENT_LIMIT)
    if entity is None:
        return None
    if entity.domain in SELECTS:
        options = [value_a for value_a in _options(entity) if value_a > 0]
        return rounded(of_options(options)) if options else None
    bound = attribute(entity, name)
    if not bound:
        return None
    if entity.unit is not None and fits(entity.unit, AMPERE):
        bound = CONVERTERS[AMPERE].convert(bound, entity.unit, AMPERE)
    return rounded(bound)


def switch_call(setup: Setup, seen: Mapping[Role, Seen], *, on: bool) -> Call:
    """Return what allows charging, or forbids it."""
    if Role.ENABLE in setup.entities:
        return toggle_call(setup, control(seen, Role.ENABLE), Role.ENABLE, on=on)
    role = Role.START if on else Role.STOP
    if (action := setup.actions.get(role)) is not None:
        return action_call(action, seen, None)
    button = control(seen, role)
    return Call(f"{button.domain}.press", {"entity_id": button.entity_id})


def toggle_call(setup: Setup, entity: Seen, role: Role, *, on: bool) -> Call:
    """Return what brings a switch or a select to yes or no."""
    target = {"entity_id": entity.entity_id}
    if entity.domain in SELECTS:
        options = setup.options(role)
        if options is None:
            raise DeviceConnectionError(f"nobody knows the options of {entity.entity_id}")
        return Call(f"{entity.domain}.select_option", target | {"option": options[not on]})
    if entity.domain not in SWITCHES:
        raise DeviceConnectionError(f"{entity.entity_id} cannot be switched")
    names = SWITCHES[entity.domain]
    return Call(f"{entity.domain}.{names[on is setup.turned(role)]}", target)


def action_call(action: Action, seen: Mapping[Role, Seen], current_a: int | None) -> Call:
    """Return an action of the integration itself."""
    data = dict(action.data)
    if action.field is not None:
        data[action.field] = current_a
    if action.target is not None:
        device = next((it.source for it in seen.values() if it.source != it.entity_id), None)
        if device is None:
            raise DeviceConnectionError(f"the device for {action.action} is gone")
        data[action.target] = device
    return Call(action.action, data)
