"""Configuration keys of a charge point."""

from typing import Any

from .quirks import Quirks

LISTS = "MeterValuesSampledData"
INTERVAL = "MeterValueSampleInterval"


class Settings:
    """Keys that survive a restart; some are read-only."""

    def __init__(self, quirks: Quirks) -> None:
        """Start as the maker ships it."""
        self.quirks = quirks
        self.writes = 0
        self.reboot_wanted = False
        self._fixed = {
            "NumberOfConnectors": "1",
            "ChargeProfileMaxStackLevel": str(quirks.stack_levels),
            "ChargingScheduleMaxPeriods": str(quirks.periods),
            "MaxChargingProfilesInstalled": "10",
        }
        if quirks.rate_units is not None:
            self._fixed["ChargingScheduleAllowedChargingRateUnit"] = quirks.rate_units
        if quirks.feature_profiles is not None:
            self._fixed["SupportedFeatureProfiles"] = quirks.feature_profiles
        if quirks.switches_phases:
            self._fixed["ConnectorSwitch3to1PhaseSupported"] = "true"
        self.values = {
            LISTS: "Energy.Active.Import.Register",
            INTERVAL: "60",
            "ClockAlignedDataInterval": "0",
            "HeartbeatInterval": "86400",
            "WebSocketPingInterval": "0",
            "AuthorizeRemoteTxRequests": "false",
            "LightIntensity": "60",
        }

    @property
    def measurands(self) -> list[str]:
        """What is measured now and then."""
        return [it.strip() for it in self.values[LISTS].split(",") if it.strip()]

    @property
    def interval_s(self) -> int:
        """How often it is told."""
        return int(self.values[INTERVAL])

    def listed(self, keys: list[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
        """Return keys as GetConfiguration wants them, and those that are unknown."""
        both = self._fixed | self.values
        unknown = [key for key in keys or () if key not in both]
        wanted = both if not keys or self.quirks.answers_all_keys else set(keys)
        known = [
            {"key": key, "readonly": key in self._fixed, "value": value}
            for key, value in both.items()
            if key in wanted
        ]
        return known, unknown

    def change(self, key: str, value: str) -> str:
        """Write a key and return the protocol's word for what became of it."""
        if key in self._fixed:
            return "Rejected"
        if key not in self.values:
            return "NotSupported"
        if not self._fits(key, value):
            self.reboot_wanted = self.quirks.reboots_on_refusal
            return "Rejected"
        self.values[key] = value
        self.writes += 1
        return "Accepted"

    def _fits(self, key: str, value: str) -> bool:
        if key == LISTS and self.quirks.measurands is not None:
            return set(value.split(",")) <= self.quirks.measurands
        if key == INTERVAL:
            return value.isdecimal() and int(value) >= self.quirks.least_interval_s
        return True
