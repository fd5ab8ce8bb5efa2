"""From plug to unplug: the session of a Lektrico charger and the state that it is in."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """``extended_charger_state`` on the wire."""

    AVAILABLE = "A"
    CONNECTED = "B"
    NEED_AUTH = "B_AUTH"
    PAUSED = "B_PAUSE"
    SCHEDULED = "B_SCHEDULER"
    CHARGING = "C"
    ERROR = "E"
    UPDATING = "OTA"
    LOCKED = "LOCKED"


@dataclass(slots=True, kw_only=True)
class Session:
    """One session; a new one begins with every plug and with every restart of the charger."""

    plugged: bool = False
    authorised: bool = False
    stopped: bool = False
    schedule_overridden: bool = False
    tag: str | None = None
    energy_wh: float = 0.0
    charging_time_s: float = 0.0

    @property
    def active(self) -> bool:
        """Whether a session runs, so that a restart has to wait for its end."""
        return self.plugged and self.authorised and not self.stopped

    def authorise(self, tag: str | None = None) -> None:
        """Let the session charge, also after a stop."""
        self.authorised = True
        self.stopped = False
        self.tag = tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What besides the session decides about the state."""

    failed: bool
    updating: bool
    locked: bool
    schedule_waits: bool
    has_current: bool
    """Whether limits leave at least the minimum, and no phases are being switched."""
    car_wants: bool


def state_of(session: Session, now: Conditions) -> State:
    """Return the state: errors come first, then what forbids, then what pauses."""
    scheduled = now.schedule_waits and not session.schedule_overridden and not session.stopped
    rules = (
        (now.failed, State.ERROR),
        (now.updating, State.UPDATING),
        (now.locked and not session.authorised, State.LOCKED),
        (not session.plugged, State.AVAILABLE),
        (not session.authorised, State.NEED_AUTH),
        (scheduled, State.SCHEDULED),
        (session.stopped or not now.has_current, State.PAUSED),
        (now.car_wants, State.CHARGING),
    )
    return next((state for applies, state in rules if applies), State.CONNECTED)


def iec_letter(state: State, *, plugged: bool) -> str:
    """Return ``charger_state``, the bare letter of IEC 61851."""
    if state in (State.CHARGING, State.ERROR):
        return state.value
    return "B" if plugged else "A"
