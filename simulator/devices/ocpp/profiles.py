"""Charging profiles as a charge point keeps and combines them (OCPP 1.6, section 3.13)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TX = "TxProfile"
TX_DEFAULT = "TxDefaultProfile"
MAXIMUM = "ChargePointMaxProfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One installed profile; times are UNIX time."""

    profile_id: int
    purpose: str
    stack: int
    in_watts: bool
    start_s: float | None
    """None for a schedule that is relative to the start of the transaction."""
    duration_s: float | None
    periods: tuple[tuple[float, float, int], ...]
    """Start, limit and number of phases of each period."""
    transaction_id: int | None

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Profile:
        """Read ``csChargingProfiles`` as the library hands it over."""
        schedule = payload["charging_schedule"]
        start = schedule.get("start_schedule")
        relative = payload["charging_profile_kind"] == "Relative"
        return cls(
            profile_id=payload["charging_profile_id"],
            purpose=payload["charging_profile_purpose"],
            stack=payload["stack_level"],
            in_watts=schedule["charging_rate_unit"] == "W",
            start_s=None if relative or start is None else _unix(start),
            duration_s=schedule.get("duration"),
            periods=tuple(
                (it["start_period"], float(it["limit"]), it.get("number_phases", 3))
                for it in schedule["charging_schedule_period"]
            ),
            transaction_id=payload.get("transaction_id"),
        )

    def limit(self, wall_s: float, began_s: float | None) -> tuple[float, int] | None:
        """Return limit and phases at a moment, None while the profile is not in force.

        ``began_s`` is when the transaction began, None without one.
        """
        start_s = began_s if self.start_s is None else self.start_s
        if start_s is None:
            start_s = wall_s
        past_s = wall_s - start_s
        if past_s < 0 or (self.duration_s is not None and past_s >= self.duration_s):
            return None
        reached = [period for period in self.periods if period[0] <= past_s]
        return None if not reached else reached[-1][1:]


def _unix(text: str) -> float:
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


class ProfileStore:
    """The installed profiles; ``ignored`` purposes have no effect."""

    def __init__(self, ignored: frozenset[str]) -> None:
        """Start without any."""
        self.ignored = ignored
        self.profiles: list[Profile] = []
        self.writes = 0
        """How often one was written that survives a restart."""

    def install(self, profile: Profile) -> None:
        """Put a profile in the place of one with its id, or with its purpose and level."""
        self.profiles = [
            it
            for it in self.profiles
            if it.profile_id != profile.profile_id
            and (it.purpose, it.stack) != (profile.purpose, profile.stack)
        ]
        self.profiles.append(profile)
        self.writes += profile.purpose != TX

    def clear(self, profile_id: int | None) -> bool:
        """Remove one or all, and tell whether there was any."""
        kept = [it for it in self.profiles if profile_id not in (None, it.profile_id)]
        gone = len(kept) < len(self.profiles)
        self.profiles = kept
        return gone

    def end_transaction(self) -> None:
        """Drop what belongs to a transaction."""
        self.profiles = [it for it in self.profiles if it.purpose != TX]

    def limits(
        self, wall_s: float, *, began_s: float | None, charging: bool
    ) -> Iterable[tuple[float, int, bool]]:
        """Yield the limits that hold, each with its phases and whether it is in watts."""
        for purposes in ((TX, TX_DEFAULT) if charging else (TX_DEFAULT,)), (MAXIMUM,):
            for purpose in purposes:
                found = self._prevailing(purpose, wall_s, began_s)
                if found is not None:
                    yield found
                    break

    def _prevailing(
        self, purpose: str, wall_s: float, began_s: float | None
    ) -> tuple[float, int, bool] | None:
        """Return what the highest level of a purpose says that is in force."""
        if purpose in self.ignored:
            return None
        for profile in sorted(self.profiles, key=lambda it: -it.stack):
            if profile.purpose == purpose:
                limit = profile.limit(wall_s, began_s)
                if limit is not None:
                    return (*limit, profile.in_watts)
        return None
