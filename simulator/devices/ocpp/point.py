"""The inside of a charge point: plug, permission, transaction, limits and what the meter counts."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ...ports import CarPort
from .profiles import ProfileStore
from .quirks import Quirks

MINIMUM_A = 6.0
RATED_A = 32.0
POWER_FACTOR = 0.99
NOMINAL_V = 230.0

type Payload = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A transaction; ``transaction_id`` is None until the central system has given one."""

    tag: str
    began_s: float
    start_wh: float
    transaction_id: int | None = None


@dataclass(slots=True)
class Message:
    """What waits to be sent; the id of its transaction is filled in when it goes out."""

    action: str
    payload: Payload
    transaction: Transaction | None = None


@dataclass(slots=True)
class ChargePoint:
    """What happens between the wires, the car and the meter; messages go to ``outbox``."""

    car: CarPort
    lines: int
    quirks: Quirks
    profiles: ProfileStore
    clock_error_s: float = 0.0
    """Its wall clock minus the true one."""
    error: str = "NoError"
    available: bool = True
    installed_a: float = RATED_A
    energy_wh: float = 0.0
    transaction: Transaction | None = None
    finished: bool = False
    """A transaction has ended since the car was plugged in."""
    status: str = ""
    outbox: deque[Message] = field(default_factory=deque)
    _wall_s: float = 0.0

    @property
    def wall_s(self) -> float:
        """UNIX time by its own clock."""
        return self._wall_s + self.clock_error_s

    @property
    def power_w(self) -> float:
        """Active power of all lines."""
        lines = zip(self.car.drawn_a(), self.car.voltage_v(), strict=True)
        return POWER_FACTOR * sum(current_a * voltage_v for current_a, voltage_v in lines)

    @property
    def offer(self) -> tuple[float, int]:
        """The current that is offered, and on how many lines."""
        limit_a, lines = self.installed_a, self.lines
        began_s = None if self.transaction is None else self.transaction.began_s
        running = self.transaction is not None
        for limit, phases, in_watts in self.profiles.limits(
            self.wall_s, began_s=began_s, charging=running
        ):
            used = min(phases, self.lines) if self.quirks.switches_phases else self.lines
            limit_a = min(limit_a, limit / (NOMINAL_V * used) if in_watts else limit)
            lines = min(lines, used)
        return (limit_a if limit_a >= MINIMUM_A else 0.0), lines

    def step(self, wall_s: float, dt_s: float) -> None:
        """Watch the plug, set the pilot and count energy up to UNIX time ``wall_s``."""
        self._wall_s = wall_s
        self._watch_plug()
        offered_a, lines = self.offer
        allowed = self.transaction is not None and self.error == "NoError"
        self.car.offer(offered_a if allowed else 0.0, lines)
        self.energy_wh += self.power_w * dt_s / 3600.0
        self._tell_status()

    def _watch_plug(self) -> None:
        if not self.car.plugged:
            self.finished = False
            if self.transaction is not None:
                self.stop("EVDisconnected")
                self.finished = False
        elif self.quirks.starts_freely and self.transaction is None and not self.finished:
            self.start("FREE")

    def _tell_status(self) -> None:
        status = self._status()
        if status != self.status:
            self.status = status
            self.notify_status()

    def _status(self) -> str:
        if self.error != "NoError":
            return "Faulted"
        if self.transaction is not None:
            if self.offer[0] < MINIMUM_A:
                return "SuspendedEVSE"
            return "Charging" if self.car.wants_charge else "SuspendedEV"
        if not self.available:
            return "Unavailable"
        if not self.car.plugged:
            return "Available"
        over = self.finished and not self.quirks.skips_finishing
        return "Finishing" if over else "Preparing"

    def notify_status(self) -> None:
        """Send the present status."""
        payload: Payload = {
            "connectorId": 1,
            "errorCode": self.error,
            "status": self.status,
            "timestamp": self.timestamp(),
        }
        if self.quirks.long_texts:
            payload["info"] = "a text that is far longer than fifty characters " * 4
        self.outbox.append(Message("StatusNotification", payload))

    def start(self, tag: str) -> None:
        """Begin a transaction."""
        self.transaction = Transaction(tag=tag, began_s=self.wall_s, start_wh=self.energy_wh)
        payload = {
            "connectorId": 1,
            "idTag": tag,
            "meterStart": int(self.energy_wh),
            "timestamp": self.timestamp(),
        }
        self.outbox.append(Message("StartTransaction", payload, self.transaction))

    def stop(self, reason: str) -> None:
        """End the transaction."""
        transaction, self.transaction = self.transaction, None
        if transaction is None:
            return
        self.finished = True
        self.profiles.end_transaction()
        payload: Payload = {
            "idTag": transaction.tag,
            "meterStop": int(self.energy_wh),
            "timestamp": self.timestamp(),
            "reason": reason,
        }
        if self.quirks.long_texts:
            payload["idTag"] = transaction.tag + "-" * 30
        for _ in range(2 if self.quirks.repeats_stop else 1):
            self.outbox.append(Message("StopTransaction", dict(payload), transaction))

    def timestamp(self) -> str:
        """Return the time by its own clock."""
        return datetime.fromtimestamp(self.wall_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
