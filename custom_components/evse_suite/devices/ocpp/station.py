"""One charge point: who it is, what it said last, and the line to it while there is one.

It outlives lines, restarts of the charge point and reloads of its site. Its device object
(``charger``) reads and steers through it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..http import Clock
from ..model import DeviceCommandError, DeviceConnectionError, DeviceProtocolError
from ..parse import Fields
from .configuration import LONGEST_VALUE, Configuration, Entry, Features, features_of
from .connection import Connection, Counters
from .flow import Flow, Lateness
from .quirks import Quirks, quirks_of
from .steps import Strategy
from .tags import OWN_TAG, TagList
from .texts import text_of
from .transactions import Ledger

ACCEPTED: Final = "Accepted"
STARTS: Final = 3
"""How often charging is started by itself for one car."""
LONGEST_STATUS: Final = 50
WITHOUT_FLOW: Final = frozenset(
    {"Available", "Finishing", "Preparing", "Reserved", "SuspendedEV", "SuspendedEVSE"}
)
"""In these states nothing flows, whatever was told last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the site wants of a charge point."""

    lines: int = 1
    safe_a: int = 0
    """Allowed while nobody controls: 0 or at least 6."""
    maximum_a: int = 32
    line_voltage_v: float = 230.0


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a charge point told of itself when it started."""

    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a connector said last of its state."""

    status: str
    error_code: str = "NoError"
    vendor_error: str = ""


class Station:
    """A charge point that may or may not be connected."""

    def __init__(
        self, identity: str, clock: Clock, wall: Clock, on_remember: Callable[[], None]
    ) -> None:
        """Know nothing but the name; ``wall`` gives UNIX time.

        ``on_remember`` is called when something has changed that is to survive a restart.
        """
        self.identity = identity
        self.clock = clock
        self.wall = wall
        self.place: Place | None = None
        """None until its owner accepted it; until then it is told to wait."""
        self.about = About()
        self.connection: Connection | None = None
        self.counters = Counters()
        self.booted = asyncio.Event()
        """Set when it introduced itself on the present line."""
        self.told_to_wait = False
        """Whether it was, when it introduced itself on the present line."""
        self.boots = 0
        self.ready = False
        """Whether the present line has been brought up."""
        self.said: dict[int, Said] = {}
        """By connector; 0 is the charge point as a whole."""
        self.said_s = float("-inf")
        self.firmware_status: str | None = None
        self.diagnostics_status: str | None = None
        self.configuration: Configuration = {}
        self.flow = Flow()
        self.lateness = Lateness()
        self.ledger = Ledger()
        self.began_s = float("-inf")
        """When the newest transaction began."""
        self.tags = TagList()
        self.plug_and_charge = True
        self.strategy = Strategy.AUTO
        self.proved: Strategy | None = None
        """What it was seen to follow."""
        self.measurands: str | None = None
        """What its owner wants to be measured, None for the suite's own choice."""
        self.measured: str | None = None
        """What the charger was found to measure when the suite chose."""
        self.starts_left = STARTS
        """How often charging may still be started by itself for the car that is plugged in."""
        self._watchers: list[Callable[[], None]] = []
        self._on_remember = on_remember

    # What it is ------------------------------------------------------------------------------

    @property
    def quirks(self) -> Quirks:
        """What is special about its make."""
        return quirks_of(self.about.vendor)

    @property
    def features(self) -> Features:
        """What it can do."""
        return features_of(self.configuration)

    @property
    def status(self) -> str | None:
        """The status of its connector, of the whole where that is worse or all that is told."""
        whole, connector = self.said.get(0), self.said.get(1)
        if connector is None or (whole is not None and whole.status in ("Faulted", "Unavailable")):
            return None if whole is None else whole.status
        return connector.status

    @property
    def charging(self) -> bool:
        """Whether it says that energy flows."""
        return self.status == "Charging"

    def add_watcher(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call ``watcher`` after every change; the returned function ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def changed(self) -> None:
        """Tell everybody that something is new."""
        for watcher in tuple(self._watchers):
            watcher()

    def remember(self) -> None:
        """Tell everybody, and keep what is new over a restart."""
        self._on_remember()
        self.changed()

    # The line --------------------------------------------------------------------------------

    def attach(self, connection: Connection) -> Connection | None:
        """Use a new line and return the one that it takes the place of."""
        old, self.connection = self.connection, connection
        self.counters.connections += 1
        self.booted = asyncio.Event()
        self.told_to_wait = False
        self.ready = False
        if old is not None:
            self.counters.replaced += 1
            old.end()
        self.changed()
        return old

    def detach(self, connection: Connection) -> None:
        """Note that a line is closed, unless another one is in use already."""
        connection.end()
        if self.connection is connection:
            self.connection = None
            self.ready = False
            self.changed()

    def line(self) -> Connection:
        """Return the open line; raises DeviceConnectionError while there is none."""
        if self.connection is None:
            raise DeviceConnectionError(f"{self.identity} is not connected")
        return self.connection

    async def call(
        self, action: str, payload: Mapping[str, object], *, urgent: bool = False
    ) -> str:
        """Call it and return the status in its answer; raises as ``Connection.call``."""
        answer = await self.line().call(action, payload, urgent=urgent)
        return text_of(answer, "status", LONGEST_STATUS)

    async def command(
        self,
        action: str,
        payload: Mapping[str, object],
        *,
        urgent: bool = False,
        accepted: frozenset[str] = frozenset({ACCEPTED}),
    ) -> None:
        """Call it; raises DeviceCommandError when it does not accept."""
        status = await self.call(action, payload, urgent=urgent)
        if status not in accepted:
            raise DeviceCommandError(f"{action}: {status or 'no status'}")

    async def start_transaction(self, tag: str = OWN_TAG) -> None:
        """Have a session begin."""
        await self.command("RemoteStartTransaction", {"connectorId": 1, "idTag": tag})

    async def stop_transaction(self) -> None:
        """Have the session end; raises DeviceCommandError while there is none."""
        transaction = self.ledger.current
        if transaction is None:
            raise DeviceCommandError("no session is running")
        await self.command(
            "RemoteStopTransaction", {"transactionId": transaction.transaction_id}, urgent=True
        )

    # What survives ---------------------------------------------------------------------------

    def to_json(self) -> dict[str, object]:
        """Return what survives a restart."""
        return {
            "ledger": self.ledger.to_json(),
            "tags": self.tags.to_json(),
            "plug_and_charge": self.plug_and_charge,
            "strategy": self.strategy.value,
            "proved": None if self.proved is None else self.proved.value,
            "said": {str(key): said.status for key, said in self.said.items()},
            "starts_left": self.starts_left,
            "measurands": self.measurands,
            "measured": self.measured,
            "about": {
                "vendor": self.about.vendor,
                "model": self.about.model,
                "serial": self.about.serial,
                "firmware": self.about.firmware,
            },
        }

    def recall(self, stored: Fields) -> None:
        """Take over what was stored; raises DeviceProtocolError for what cannot be true."""
        self.ledger = Ledger.from_json(stored.maybe_part("ledger").raw)
        self.tags = TagList.from_json(stored.maybe_part("tags").raw)
        self.plug_and_charge = stored.maybe_bool("plug_and_charge") is not False
        # A charge point tells its state only when it has changed, even after a lost line.
        said = stored.maybe_part("said")
        self.said = {
            int(key): Said(status=said.need_str(key)) for key in said.raw if key in ("0", "1")
        }
        left = stored.maybe_int("starts_left", 0, STARTS)
        self.starts_left = STARTS if left is None else left
        self.measurands = text_of(stored, "measurands", LONGEST_VALUE) or None
        self.measured = text_of(stored, "measured", LONGEST_VALUE) or None
        about = stored.maybe_part("about")
        self.about = About(
            vendor=about.maybe_str("vendor") or "",
            model=about.maybe_str("model") or "",
            serial=about.maybe_str("serial") or "",
            firmware=about.maybe_str("firmware"),
        )
        try:
            self.strategy = Strategy(stored.maybe_str("strategy") or Strategy.AUTO)
            proved = stored.maybe_str("proved")
            self.proved = None if proved is None else Strategy(proved)
        except ValueError as error:
            raise DeviceProtocolError(str(error)) from error

    def keep(self, key: str, entry: Entry) -> None:
        """Note the value of a configuration key."""
        self.configuration = {**self.configuration, key: entry}
