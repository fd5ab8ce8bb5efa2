"""A charger that dials in to a central system and charges the car of the plant."""

import asyncio
import contextlib
from datetime import datetime
import time
from typing import Any, Final, override

import aiohttp
from aiohttp import web
from ocpp.charge_point import camel_to_snake_case
from ocpp.exceptions import OCPPError
from ocpp.v16 import call

from ...ports import CarPort
from ..base import BOOT_S, REFRESH_S, Announcement, SimulatedDevice, is_due
from .client import SUBPROTOCOL, Client, Lost
from .point import ChargePoint, Message
from .profiles import MAXIMUM, TX, Profile, ProfileStore
from .quirks import Quirks
from .settings import Settings
from .values import Sampled, sampled_values

REDIAL_S: Final = 2.0
WAITS_S: Final = 0.2
OFFLINE_KEPT: Final = frozenset({"StartTransaction", "StopTransaction"})
"""Messages that are sent later when they could not be sent at once."""
TRIGGERED: Final = frozenset({"BootNotification", "MeterValues", "StatusNotification", "Heartbeat"})


class OcppCharger(SimulatedDevice):
    """A charge point with one connector; its inside is ``point``."""

    def __init__(
        self,
        *,
        serial: str,
        car: CarPort,
        lines: int = 1,
        quirks: Quirks | None = None,
        password: str | None = None,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create a charge point called ``serial``; with a password it uses Basic."""
        self.quirks = quirks or Quirks()
        self.settings = Settings(self.quirks)
        self.profiles = ProfileStore(self.quirks.ignores)
        self.point = ChargePoint(car=car, lines=lines, quirks=self.quirks, profiles=self.profiles)
        self.password = password
        self.accepted = False
        self.client: Client | None = None
        self.starts_refused = 0
        self.shown: list[Sampled] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._life: asyncio.Task[None] | None = None
        self._ever_booted = False
        self._hung = False
        self._sampled_s: float | None = None
        self._wall_minus_now_s = 0.0
        self._wall_known = False
        super().__init__(serial=serial, refresh_s=refresh_s, boot_s=boot_s)

    # The device ------------------------------------------------------------------------------

    @property
    @override
    def announcement(self) -> Announcement:
        """Nothing: it dials in."""
        return Announcement(service_types=(), instance=self.serial, properties={})

    @property
    @override
    def reach(self) -> str:
        return self.serial

    @property
    @override
    def url(self) -> str:
        return f"ws://{self.host_port}/ocpp/{self.serial}"

    @override
    def _routes(self) -> web.RouteTableDef:
        return web.RouteTableDef()

    @override
    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Dial in there, again and again; port 0 waits for ``dial``."""
        self._address = (host, port)
        self._life = asyncio.create_task(self._live())
        return self.url

    def dial(self, port: int) -> None:
        """Dial in at another port from the next time on."""
        self._address = (self._address[0], port)

    @override
    async def stop(self) -> None:
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
            self._life = None

    @override
    def _work(self, dt_s: float) -> None:
        if self.settings.reboot_wanted:
            self.settings.reboot_wanted = False
            self.reboot()
            return
        self.point.step(self.wall_s, dt_s)
        interval_s = self.settings.interval_s
        running = self.point.transaction is not None
        if running and interval_s and is_due(self.now_s, self._sampled_s, interval_s):
            self._sampled_s = self.now_s
            self._send_values("Sample.Periodic")

    @override
    def _rest(self, dt_s: float) -> None:
        self.point.car.offer(0.0, self.point.lines)

    @override
    def _refresh(self) -> None:
        self.shown = sampled_values(self.point, self.settings.measurands, "Sample.Periodic")

    @override
    def _forget(self) -> None:
        self.point.stop("Reboot")
        self.point.finished = False
        self.point.status = ""
        self._ever_booted = False
        self.accepted = False
        if self.quirks.forgets_profiles:
            self.profiles.profiles.clear()
        self.hang_up()

    @override
    def reset_counters(self) -> None:
        self.point.energy_wh = 0.0

    @override
    def _switch_port(self) -> None:
        if self.faults.hang:
            self._hung = True
            self.freeze()
        elif self._hung:
            self._hung = False
            self._thaw()
        elif not self.reachable:
            self.hang_up()

    @property
    def wall_s(self) -> float:
        """UNIX time as the central system told it, the machine's before that."""
        if not self._wall_known:
            return time.time()
        return self._wall_minus_now_s + self.now_s

    def skip(self, seconds: float) -> None:
        """Have its own clock go on by so much in an instant."""
        self._wall_minus_now_s += seconds

    # The line --------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """Lose the line."""
        if self._socket is not None:
            response = self._socket._response  # noqa: SLF001 - a line is cut, not closed
            if response.connection is not None and response.connection.transport is not None:
                response.connection.transport.abort()

    def freeze(self) -> None:
        """Hang: the line stays open and nothing is read from it any more."""
        if self.client is not None:
            self.client.line.awake.clear()

    def _thaw(self) -> None:
        """Read again, and find out whether the line is still there."""
        if self.client is not None:
            self.client.line.awake.set()

    async def _live(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                if self.reachable and self._address[1]:
                    with contextlib.suppress(aiohttp.ClientError, OSError, Lost, TimeoutError):
                        await self._connect(session)
                self.client = self._socket = None
                self.accepted = False
                await asyncio.sleep(REDIAL_S)

    async def _connect(self, session: aiohttp.ClientSession) -> None:
        headers = {}
        if self.password is not None:
            login = aiohttp.encode_basic_auth(self.serial, self.password)
            headers["Authorization"] = login
        protocols = (SUBPROTOCOL,) if self.quirks.subprotocol else ()
        async with session.ws_connect(self.url, protocols=protocols, headers=headers) as socket:
            self._socket = socket
            self.client = client = Client(self.serial, socket, self)
            tasks = [asyncio.create_task(it) for it in (client.serve(), self._talk(client))]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _talk(self, client: Client) -> None:
        """Introduce itself and send what there is to send until the line ends."""
        with contextlib.suppress(Lost, ConnectionError, TimeoutError):
            if self.quirks.boots_once and self._ever_booted:
                self.accepted = True
            while client is self.client:
                if not self.accepted:
                    await self._boot(client)
                elif self.point.outbox:
                    await self._send(client, self.point.outbox[0])
                else:
                    await asyncio.sleep(WAITS_S)

    async def _boot(self, client: Client) -> None:
        quirks = self.quirks
        vendor = quirks.vendor + " of a very long name" * quirks.long_texts
        reply = await client.call(
            call.BootNotification(
                charge_point_model=quirks.model,
                charge_point_vendor=vendor,
                charge_point_serial_number=f"SN-{self.serial}"[:25],
                firmware_version="1.2.3",
            ),
            suppress=False,
            skip_schema_validation=quirks.long_texts,
        )
        self._set_clock(reply.current_time)
        self.accepted = reply.status == "Accepted"
        if self.accepted:
            self._ever_booted = True
            self.point.notify_status()
        else:
            await asyncio.sleep(min(reply.interval, REDIAL_S))

    def _set_clock(self, text: str) -> None:
        self._wall_known = True
        self._wall_minus_now_s = datetime.fromisoformat(text).timestamp() - self.now_s

    async def _send(self, client: Client, message: Message) -> None:
        """Send one message; what matters stays first in line until it is answered."""
        outbox, kept = self.point.outbox, message.action in OFFLINE_KEPT
        if not kept:
            outbox.popleft()
        payload = dict(message.payload)
        transaction = message.transaction
        if transaction is not None and message.action != "StartTransaction":
            payload["transactionId"] = transaction.transaction_id or 0
        request = getattr(call, message.action)(**camel_to_snake_case(payload))
        try:
            reply = await client.call(
                request, suppress=False, skip_schema_validation=self.quirks.long_texts
            )
        except OCPPError:
            reply = None
        if kept:
            outbox.popleft()
        if message.action == "StartTransaction" and reply is not None and transaction is not None:
            transaction.transaction_id = reply.transaction_id
            if reply.id_tag_info["status"] != "Accepted" and self.point.transaction is transaction:
                self.point.stop("DeAuthorized")
        if message.action == "StopTransaction" and self.quirks.closing_values:
            self._send_values("Transaction.End", message)

    def _send_values(self, context: str, of: Message | None = None) -> None:
        transaction = self.point.transaction if of is None else of.transaction
        values = [{**it, "context": context} for it in self.shown]
        if self.faults.invalid:
            values = [{**it, "value": "NaN"} for it in values]
        payload: dict[str, Any] = {
            "connectorId": 1,
            "meterValue": [{"timestamp": self.point.timestamp(), "sampledValue": values}],
        }
        if values:
            self.point.outbox.append(Message("MeterValues", payload, transaction))

    def tap(self, tag: str) -> None:
        """Present a tag at the reader; it starts or stops when the central system agrees."""
        asyncio.get_running_loop().create_task(self._tap(tag))

    async def _tap(self, tag: str) -> None:
        if self.client is None:
            return
        reply = await self.client.call(call.Authorize(id_tag=tag), suppress=False)
        if reply.id_tag_info["status"] != "Accepted":
            self.starts_refused += 1
        elif self.point.transaction is not None:
            self.point.stop("Local")
        elif self.point.car.plugged:
            self.point.start(tag)

    # What it is told -------------------------------------------------------------------------

    def get_configuration(self, keys: list[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
        """Return known keys and unknown ones."""
        if not keys and not self.quirks.lists_keys:
            return [], []
        return self.settings.listed(keys)

    def change_configuration(self, key: str, value: str) -> str:
        """Write a key."""
        return self.settings.change(key, value)

    def remote_start(self, tag: str) -> str:
        """Begin a transaction with the car that is plugged in."""
        point = self.point
        stuck = self.quirks.finishing_for_ever and point.finished
        if not self.accepted or point.transaction is not None or not point.car.plugged or stuck:
            return "Rejected"
        point.start(tag)
        return "Accepted"

    def remote_stop(self, transaction_id: int) -> str:
        """End the transaction."""
        running = self.point.transaction
        if running is None or running.transaction_id != transaction_id:
            return "Rejected"
        self.point.stop("Remote")
        return "Accepted"

    def set_profile(self, connector: int, profile: dict[str, Any]) -> str:
        """Install a profile, if it keeps to the rules."""
        found = Profile.read(profile)
        running = self.point.transaction
        wrong = (
            self.faults.refuse_commands
            or found.purpose in self.quirks.refuses
            or found.stack > self.quirks.stack_levels
            or len(found.periods) > self.quirks.periods
            or (found.purpose == MAXIMUM) is not (connector == 0)
            or (found.start_s is not None and self.quirks.only_relative)
            or ("W" if found.in_watts else "A") not in self._units()
        )
        if found.purpose == TX:
            wrong = wrong or running is None or running.transaction_id != found.transaction_id
        if wrong:
            return "Rejected"
        if not self.faults.ignore_commands:
            self.profiles.install(found)
        return "Accepted"

    def _units(self) -> set[str]:
        text = self.quirks.rate_units or "Current"
        return {"A" if it.strip() in ("Current", "A") else "W" for it in text.split(",")}

    def clear_profile(self, profile_id: int | None) -> str:
        """Remove a profile."""
        return "Accepted" if self.profiles.clear(profile_id) else "Unknown"

    def change_availability(self, connector: int, kind: str) -> str:
        """Go out of service or back into it."""
        if not self.quirks.knows_availability:
            self.reboot_soon()
            return "Rejected"
        if connector == 0 and not self.quirks.whole_has_availability:
            return "Rejected"
        self.point.available = kind == "Operative"
        return "Scheduled" if self.point.transaction is not None else "Accepted"

    def trigger(self, message: str) -> str:
        """Send a message soon."""
        if not self.quirks.triggers or message not in TRIGGERED:
            return "NotImplemented"
        if message == "BootNotification":
            self.accepted = False
        elif message == "StatusNotification":
            self.point.notify_status()
        elif message == "MeterValues":
            self._refresh()
            self._send_values("Trigger")
        return "Accepted"

    def reset(self, kind: str) -> str:
        """Restart after the answer is out."""
        del kind
        self.reboot_soon()
        if not self.quirks.answers_reset:
            self.hang_up()
        return "Accepted"

    def unlock(self) -> str:
        """Open the lock of the plug."""
        return "Unlocked"
