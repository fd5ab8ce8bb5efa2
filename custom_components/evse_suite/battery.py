"""What an entity says of the home battery (SITE-7)."""

from math import isfinite

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.util.unit_conversion import PowerConverter

from .const import CONF_BATTERY, CONF_BATTERY_SIGN, DISCHARGING


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
