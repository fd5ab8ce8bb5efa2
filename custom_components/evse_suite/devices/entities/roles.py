"""What an entity is to a charger or a meter."""

from enum import StrEnum
from typing import Final

LINES: Final = 3


class Role(StrEnum):
    """The part that one entity plays; those that end in a line's number have one for each line."""

    STATUS = "status"
    CONNECTED = "connected"
    CHARGING = "charging"
    ENABLE = "enable"
    START = "start"
    STOP = "stop"
    CURRENT_LIMIT = "current_limit"
    SHOWN_LIMIT = "shown_limit"
    """Tells the limit of a charger that is set by an action or by another entity."""
    INSTALLED_LIMIT = "installed_limit"
    PHASES = "phases"
    POWER = "power"
    POWER_L1 = "power_l1"
    POWER_L2 = "power_l2"
    POWER_L3 = "power_l3"
    CURRENT = "current"
    CURRENT_L1 = "current_l1"
    CURRENT_L2 = "current_l2"
    CURRENT_L3 = "current_l3"
    VOLTAGE = "voltage"
    VOLTAGE_L1 = "voltage_l1"
    VOLTAGE_L2 = "voltage_l2"
    VOLTAGE_L3 = "voltage_l3"
    ENERGY = "energy"
    SESSION_ENERGY = "session_energy"
    IMPORT_POWER = "import_power"
    IMPORT_POWER_L1 = "import_power_l1"
    IMPORT_POWER_L2 = "import_power_l2"
    IMPORT_POWER_L3 = "import_power_l3"
    EXPORT_POWER = "export_power"
    EXPORT_POWER_L1 = "export_power_l1"
    EXPORT_POWER_L2 = "export_power_l2"
    EXPORT_POWER_L3 = "export_power_l3"
    EXPORT_ENERGY = "export_energy"
    DISPATCHING = "dispatching"
    """A supplier charges the car now: cheap for the whole home."""

    def line(self, index: int) -> Role:
        """Return the same part for one line, counted from 0 (``POWER.line(1)`` is POWER_L2)."""
        return Role(f"{self}_l{index + 1}")


CONTROLS: Final = frozenset({Role.ENABLE, Role.START, Role.STOP, Role.CURRENT_LIMIT, Role.PHASES})
"""What is written to, and so must be there at the moment of a command only."""
AIDS: Final = frozenset(
    {
        *(Role.ENERGY, Role.SESSION_ENERGY, Role.EXPORT_ENERGY),
        *(Role.VOLTAGE, Role.VOLTAGE_L1, Role.VOLTAGE_L2, Role.VOLTAGE_L3),
        *(Role.SHOWN_LIMIT, Role.INSTALLED_LIMIT),
    }
)
"""Without them the rest is still worth a lot."""
