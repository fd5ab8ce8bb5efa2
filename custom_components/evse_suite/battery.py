"""What entities say of the home battery, and who has the surplus by its charge (SITE-7)."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.util.unit_conversion import PowerConverter

from .const import (
    BY_CHARGE,
    CONF_BATTERY,
    CONF_BATTERY_CHARGE,
    CONF_BATTERY_FIRST_BELOW,
    CONF_BATTERY_GIVES_ABOVE,
    CONF_BATTERY_ORDER,
    CONF_BATTERY_SIGN,
    DISCHARGING,
)

BAND_PERCENT: Final = 2.0
"""A charge that has passed a limit has to fall by so much to be below it again."""
FULL_PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryState:
    """The home battery as the balancer is told of it."""

    power_w: float | None
    yields: bool | None = None
    """What charges it is the cars' first; None: as the site always has it."""
    gives: bool = False
    """The cars may have what it delivers."""


class HomeBattery:
    """Looks at the battery, and remembers on which side of its limits the charge is."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Take the site that the battery belongs to."""
        self._hass = hass
        self._entry = entry
        self._yields = False
        self._gives = False

    def look(self) -> BatteryState:
        """Return the battery as it is now; one whose charge is not known comes first."""
        data = self._entry.data
        power_w = battery_w(self._hass, self._entry)
        charge = None if power_w is None else charge_percent(self._hass, self._entry)
        self._yields = is_above(charge, data.get(CONF_BATTERY_FIRST_BELOW), was=self._yields)
        self._gives = is_above(charge, data.get(CONF_BATTERY_GIVES_ABOVE), was=self._gives)
        by_charge = data.get(CONF_BATTERY_ORDER) == BY_CHARGE
        return BatteryState(
            power_w=power_w, yields=self._yields if by_charge else None, gives=self._gives
        )


def is_above(charge: float | None, limit: float | None, *, was: bool) -> bool:
    """Tell whether a charge has reached a limit and has not fallen clearly below it since."""
    if charge is None or limit is None:
        return False
    return charge >= (limit - BAND_PERCENT if was else limit)


def charge_percent(hass: HomeAssistant, entry: ConfigEntry) -> float | None:
    """Return the charge of the battery, None if nothing is said that can be one."""
    entity_id = entry.data.get(CONF_BATTERY_CHARGE)
    state = None if entity_id is None else hass.states.get(entity_id)
    try:
        percent = None if state is None else float(state.state)
    except ValueError:
        return None
    return percent if percent is not None and 0 <= percent <= FULL_PERCENT else None


def battery_w(hass: HomeAssistant, entry: ConfigEntry) -> float | None:
    """Return what the battery takes in watts, negative while it delivers.

    None if the site has none, or if nothing is said that can be a power.
    """
    entity_id = entry.data.get(CONF_BATTERY)
    state = None if entity_id is None else hass.states.get(entity_id)
    if state is None:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        number = float(state.state)
    except ValueError:
        return None
    if unit not in PowerConverter.VALID_UNITS or not isfinite(number):
        return None
    power_w = PowerConverter.convert(number, unit, UnitOfPower.WATT)
    return -power_w if entry.data.get(CONF_BATTERY_SIGN) == DISCHARGING else power_w
