"""The form of a vehicle: its fields, its checks and what is stored (IND-3, PLAN-2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from homeassistant.const import (
    CONF_NAME,
    PERCENTAGE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import State
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import (
    CONF_ARRIVAL_PERCENT,
    CONF_CAPACITY_KWH,
    CONF_CAR_LINES,
    CONF_CAR_POWER_KW,
    CONF_CHARGERS,
    CONF_CONSUMPTION,
    CONF_EFFICIENCY_PERCENT,
    CONF_MAKE,
    CONF_MODEL,
    CONF_SOC,
)
from ..planning.catalogue import CATALOGUE
from ..planning.vehicles import CAPACITY_RANGE_KWH
from ..plans.cars import soc_percent
from .validate import Checked, Errors

CONF_CAR: Final = "car"
"""The choice from the catalogue; what it says is stored, not the choice."""
RANGES: Final = {
    CONF_CAPACITY_KWH: (CAPACITY_RANGE_KWH, "invalid_capacity"),
    CONF_CONSUMPTION: ((5.0, 60.0), "invalid_consumption"),
    CONF_CAR_POWER_KW: ((1.3, 22.0), "invalid_car_power"),
    CONF_ARRIVAL_PERCENT: ((0.0, 100.0), "invalid_arrival"),
    CONF_EFFICIENCY_PERCENT: ((70.0, 100.0), "invalid_efficiency"),
}
"""What a car can have, and the sentence for everything else."""
UNITS: Final = {
    CONF_CAPACITY_KWH: UnitOfEnergy.KILO_WATT_HOUR.value,
    CONF_CONSUMPTION: "kWh/100km",
    CONF_CAR_POWER_KW: UnitOfPower.KILO_WATT.value,
    CONF_ARRIVAL_PERCENT: PERCENTAGE,
    CONF_EFFICIENCY_PERCENT: PERCENTAGE,
}
LINE_CHOICES: Final = ["1", "2", "3"]
SOC_DOMAINS: Final = ["sensor", "number", "input_number"]
WH_PER_KM: Final = 10
"""Of one kWh per 100 km."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleFacts:
    """What a vehicle's form needs to know of its site."""

    chargers: Mapping[str, str] = field(default_factory=dict)
    """What the chargers are called, by subentry."""
    taken: Collection[str] = ()
    """The names of the other vehicles."""


def catalogue_schema() -> vol.Schema:
    """Return the choice of a car that is known; it can be left out."""
    options = [SelectOptionDict(value=key, label=key) for key in CATALOGUE]
    choice = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN, sort=True)
    return vol.Schema({vol.Optional(CONF_CAR): SelectSelector(choice)})


def vehicle_schema(facts: VehicleFacts) -> vol.Schema:
    """Return the form of a vehicle."""
    fields: dict[Any, Any] = {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_MAKE): TextSelector(),
        vol.Optional(CONF_MODEL): TextSelector(),
        vol.Required(CONF_CHARGERS): SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=key, label=name) for key, name in facts.chargers.items()
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        ),
        vol.Optional(CONF_SOC): EntitySelector(
            EntitySelectorConfig(filter=[{"domain": SOC_DOMAINS}])
        ),
    }
    for key, unit in UNITS.items():
        fields[vol.Optional(key)] = NumberSelector(
            NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX, unit_of_measurement=unit)
        )
    fields[vol.Optional(CONF_CAR_LINES)] = SelectSelector(
        SelectSelectorConfig(options=LINE_CHOICES, mode=SelectSelectorMode.DROPDOWN)
    )
    return vol.Schema(fields)


def vehicle_suggestions(choice: str | None, facts: VehicleFacts) -> dict[str, Any]:
    """Return what stands in the form of a new vehicle: what the catalogue says of the choice."""
    values: dict[str, Any] = {CONF_CHARGERS: list(facts.chargers)}
    car = CATALOGUE.get(choice or "")
    if car is None:
        return values
    return values | {
        CONF_NAME: _free(car.key, facts.taken),
        CONF_MAKE: car.make,
        CONF_MODEL: car.model,
        CONF_CAPACITY_KWH: car.capacity_kwh,
        CONF_CONSUMPTION: car.consumption_wh_per_km / WH_PER_KM,
        CONF_CAR_POWER_KW: car.power_kw,
        CONF_CAR_LINES: str(car.lines),
    }


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that no other vehicle has."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def check_vehicle(
    user_input: Mapping[str, Any], facts: VehicleFacts, state: State | None
) -> Checked:
    """Check a vehicle's form; ``state`` is what the entity for the state of charge shows now.

    Text that is empty is not stored.
    """
    data: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else value for key, value in user_input.items()
    }
    name = data.pop(CONF_NAME, "")
    errors: Errors = {}
    if not name:
        errors[CONF_NAME] = "name_missing"
    elif name in facts.taken:
        errors[CONF_NAME] = "name_taken"
    for key, ((least, most), sentence) in RANGES.items():
        if key in data and not least <= data[key] <= most:
            errors[key] = sentence
    if not data.get(CONF_CHARGERS):
        errors[CONF_CHARGERS] = "chargers_missing"
    if CONF_CAPACITY_KWH not in data and (CONF_SOC in data or CONF_ARRIVAL_PERCENT in data):
        errors[CONF_CAPACITY_KWH] = "capacity_missing"
    if CONF_SOC in data and (wrong := _wrong_state(state)):
        errors[CONF_SOC] = wrong
    return {key: value for key, value in data.items() if value != ""}, errors


def _wrong_state(state: State | None) -> str | None:
    """Return what is wrong with an entity as the state of charge, None if nothing is."""
    if state is None:
        return "soc_unknown"
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN) or soc_percent(state) is not None:
        return None
    return "soc_not_percent"
