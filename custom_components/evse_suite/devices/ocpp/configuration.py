"""A charge point's configuration keys, and what follows from them for control (protocol D.5).

Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..model import DeviceProtocolError
from ..parse import Fields
from .texts import text_of

KEYS: Final = (
    "SupportedFeatureProfiles",
    "NumberOfConnectors",
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleAllowedChargingRateUnit",
    "ChargingScheduleMaxPeriods",
    "ConnectorSwitch3to1PhaseSupported",
    "MeterValuesSampledData",
    "MeterValuesSampledDataMaxLength",
    "MeterValueSampleInterval",
    "ClockAlignedDataInterval",
    "WebSocketPingInterval",
)
"""Asked for one by one where a charger does not list everything."""
MOST_KEYS: Final = 1000
LONGEST_KEY: Final = 50
LONGEST_VALUE: Final = 500
HIGHEST_STACK: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key; ``value`` is None where the charge point keeps it to itself."""

    value: str | None
    read_only: bool


type Configuration = Mapping[str, Entry]


def read_configuration(answer: Fields) -> Configuration:
    """Return the keys of a GetConfiguration answer, which may be others than those asked for."""
    keys = answer.raw.get("configurationKey", [])
    if not isinstance(keys, list):
        raise DeviceProtocolError("configurationKey: an array was expected")
    found: dict[str, Entry] = {}
    for element in keys[:MOST_KEYS]:
        fields = Fields(element, "configurationKey")
        name = text_of(fields, "key", LONGEST_KEY)
        if name:
            value = text_of(fields, "value", LONGEST_VALUE) if "value" in fields else None
            found[name] = Entry(value=value, read_only=fields.raw.get("readonly") is True)
    return found


def find(configuration: Configuration, key: str) -> Entry | None:
    """Look a key up; chargers differ in upper and lower case."""
    if (entry := configuration.get(key)) is not None:
        return entry
    wanted = key.lower()
    return next((it for name, it in configuration.items() if name.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a charger can do, as far as it says so."""

    profiles: frozenset[str] = frozenset()
    """Feature profiles; empty where the charger reports none: then everything is tried."""
    in_watts: bool = False
    """Limits are told in watts because amperes are not allowed."""
    highest_stack: int = 1
    periods: int = 1
    switches_phases: bool = False

    @property
    def triggers(self) -> bool:
        """Whether messages may be asked for."""
        return not self.profiles or "RemoteTrigger" in self.profiles


def features_of(configuration: Configuration) -> Features:
    """Return what follows from the keys; what is missing or makes no sense counts as unsaid."""
    units = {it.lower() for it in _list(configuration, "ChargingScheduleAllowedChargingRateUnit")}
    watts, amperes = units & {"power", "w"}, units & {"current", "a"}
    switches = find(configuration, "ConnectorSwitch3to1PhaseSupported")
    return Features(
        profiles=frozenset(_list(configuration, "SupportedFeatureProfiles")),
        in_watts=bool(watts) and not amperes,
        highest_stack=_number(configuration, "ChargeProfileMaxStackLevel", 1),
        periods=_number(configuration, "ChargingScheduleMaxPeriods", 1),
        switches_phases=switches is not None and (switches.value or "").lower() == "true",
    )


def _list(configuration: Configuration, key: str) -> Iterable[str]:
    entry = find(configuration, key)
    parts = ((entry and entry.value) or "").split(",")
    return [part.strip() for part in parts if part.strip()]


def _number(configuration: Configuration, key: str, unsaid: int) -> int:
    entry = find(configuration, key)
    text = ((entry and entry.value) or "").strip()
    return (
        min(int(text), HIGHEST_STACK) if text.isdecimal() and len(text) <= LONGEST_KEY else unsaid
    )
