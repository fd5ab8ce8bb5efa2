"""Charging profiles: what is sent to have a charger follow a current (protocol D.4).

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import math
from typing import Final

from .texts import time_text

START_EARLIER_S: Final = 60
"""A profile begins a minute ago, so that it is in force by a clock that is a little slow."""


LONG_AGO: Final = "2020-01-01T00:00:00Z"
"""The base is in force by every clock."""


class Purpose(StrEnum):
    """``chargingProfilePurpose``."""

    TX = "TxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    CHARGE_POINT_MAX = "ChargePointMaxProfile"


PROFILE_IDS: Final[Mapping[Purpose, int]] = {
    Purpose.TX: 12,
    Purpose.TX_DEFAULT: 13,
    Purpose.CHARGE_POINT_MAX: 14,
}
BASE_IDS: Final[Mapping[Purpose, int]] = {
    Purpose.TX_DEFAULT: 11,
    Purpose.CHARGE_POINT_MAX: 15,
}
"""Profiles with the safe current, which lie under the others."""
CONNECTOR: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a charger wants its profiles; ``volts`` is of all lines together."""

    in_watts: bool
    relative: bool
    stack: int
    """Level of the profiles that control; the base lies at 0."""
    lines: int
    line_voltage_v: float

    def limit(self, current_a: int) -> float:
        """Return a current in the charger's unit; watts are rounded down."""
        if not self.in_watts:
            return float(current_a)
        return float(math.floor(current_a * self.line_voltage_v * self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a profile is to say.

    It ends after ``duration_s``, or leaves ``then_a`` after that time where nothing lies under it;
    None is for ever.
    """

    purpose: Purpose
    current_a: int
    duration_s: int | None = None
    then_a: int | None = None
    transaction_id: int | None = None
    base: bool = False


def set_profile(wanted: Wanted, terms: Terms, wall_s: float) -> Mapping[str, object]:
    """Return the payload of SetChargingProfile; ``wall_s`` is UNIX time by the charger's clock."""
    profile: dict[str, object] = {
        "chargingProfileId": (BASE_IDS if wanted.base else PROFILE_IDS)[wanted.purpose],
        "stackLevel": 0 if wanted.base else terms.stack,
        "chargingProfilePurpose": wanted.purpose,
        "chargingProfileKind": "Relative" if terms.relative else "Absolute",
        "chargingSchedule": _schedule(wanted, terms, wall_s),
    }
    if wanted.transaction_id is not None:
        profile["transactionId"] = wanted.transaction_id
    whole = wanted.purpose is Purpose.CHARGE_POINT_MAX
    return {"connectorId": 0 if whole else CONNECTOR, "csChargingProfiles": profile}


def _schedule(wanted: Wanted, terms: Terms, wall_s: float) -> Mapping[str, object]:
    periods = [_period(0, wanted.current_a, terms)]
    schedule: dict[str, object] = {
        "chargingRateUnit": "W" if terms.in_watts else "A",
        "chargingSchedulePeriod": periods,
    }
    if terms.relative:
        return schedule
    schedule["startSchedule"] = LONG_AGO if wanted.base else time_text(wall_s - START_EARLIER_S)
    if wanted.duration_s is not None:
        end_s = wanted.duration_s + START_EARLIER_S
        if wanted.then_a is None:
            schedule["duration"] = end_s
        else:
            periods.append(_period(end_s, wanted.then_a, terms))
    return schedule


def _period(start_s: int, current_a: int, terms: Terms) -> Mapping[str, object]:
    return {
        "startPeriod": start_s,
        "limit": terms.limit(current_a),
        "numberPhases": terms.lines,
    }


def clear_profile(purpose: Purpose, *, base: bool = False) -> Mapping[str, object]:
    """Return the payload of ClearChargingProfile for one of ours."""
    return {"id": (BASE_IDS if base else PROFILE_IDS)[purpose]}
