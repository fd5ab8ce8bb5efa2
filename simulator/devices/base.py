"""A simulated device: an HTTP server on one port, moved by the clock of the simulation."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
import socket
from typing import ClassVar

from aiohttp import web
from aiohttp.typedefs import Middleware

from .faults import Faults, faulty

BOOT_S = 8.0
REFRESH_S = 1.0
ROUNDING_S = 1e-6


def is_due(now_s: float, last_s: float | None, every_s: float) -> bool:
    """Whether it is time again for what was done last at ``last_s``, None for never."""
    return last_s is None or now_s - last_s >= every_s - ROUNDING_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a device tells about itself by mDNS."""

    service_types: tuple[str, ...]
    """E.g. ``_http._tcp.local.``."""
    instance: str
    properties: Mapping[str, str]


class SimulatedDevice(ABC):
    """What all simulated devices have in common.

    ``start`` and ``stop`` belong to the event loop; ``step`` is plain code on the clock of the
    simulation, so that tests can move hours in an instant. A device measures continuously but
    reports values that it refreshes every ``refresh_s``, as real ones do.
    """

    BEHIND_CONTACTOR: ClassVar[bool] = True
    """Whether it is without power when the supplier's meter opens."""

    def __init__(
        self, *, serial: str, refresh_s: float = REFRESH_S, boot_s: float = BOOT_S
    ) -> None:
        """Create the device without a network; ``serial`` names it within the simulation."""
        self.serial = serial
        self.faults = Faults()
        self.refresh_s = refresh_s
        self.boot_s = boot_s
        self.now_s = 0.0
        self.first_step_s = 0.0
        self.booted_s = 0.0
        self._stepped = False
        self._reboot_wanted = False
        self._boot_left_s: float | None = None
        self._refreshed_s: float | None = None
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._reserved: socket.socket | None = None
        self._opening: asyncio.Task[None] | None = None
        self._address = ("", 0)

    @property
    @abstractmethod
    def announcement(self) -> Announcement:
        """What mDNS tells about this device."""

    @abstractmethod
    def _routes(self) -> web.RouteTableDef:
        """Return the routes of the protocol."""

    @abstractmethod
    def _work(self, dt_s: float) -> None:
        """Do what the running device does in ``dt_s`` up to ``now_s``."""

    @abstractmethod
    def _refresh(self) -> None:
        """Take the measurements that are reported until the next refresh."""

    @abstractmethod
    def _forget(self) -> None:
        """Lose everything that does not survive a restart."""

    @abstractmethod
    def reset_counters(self) -> None:
        """Set the energy counters back to zero, as after a factory reset."""

    def _rest(self, dt_s: float) -> None:  # noqa: B027 - most devices do nothing without power
        """Do what the device does in ``dt_s`` while it boots."""

    def _middlewares(self) -> list[Middleware]:
        """Return further middlewares, e.g. the login."""
        return []

    @property
    def host_port(self) -> str:
        """Where the device listens, e.g. ``127.0.0.1:40123``; known after ``start``."""
        host, port = self._address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def url(self) -> str:
        """``host_port`` as a URL."""
        return f"http://{self.host_port}"

    @property
    def reach(self) -> str:
        """What a person types to add the device."""
        return self.host_port

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where the device listens; known after ``start``."""
        return self._address

    @property
    def booting(self) -> bool:
        """Whether the device is restarting and therefore not on the network."""
        return self._boot_left_s is not None

    @property
    def uptime_s(self) -> float:
        """Seconds since the device started last."""
        return self.now_s - self.booted_s

    @property
    def reachable(self) -> bool:
        """Whether another device on the network could talk to this one."""
        return not (self.booting or self.faults.silent or self.faults.hang)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen on a loopback address and return the URL; port 0 takes a free one."""
        if not ip_address(host).is_loopback:
            raise ValueError(f"simulated devices listen on loopback only, not on {host}")
        self._settle_measurements()
        middlewares = [faulty(self.faults), *self._middlewares()]
        app = web.Application(middlewares=middlewares)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0
        )
        await self._runner.setup()
        self._reserve(host, port)
        await self._open()
        return self.url

    async def stop(self) -> None:
        """Close the port and end every connection."""
        if self._opening is not None:
            await self._opening
        self._close()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def step(self, now_s: float, dt_s: float) -> None:
        """Advance to ``now_s``, ``dt_s`` seconds after the step before."""
        self.now_s = now_s
        if not self._stepped:
            self._stepped = True
            self.first_step_s = self.booted_s = now_s - dt_s
        if self._reboot_wanted:
            self.reboot()
        if self._boot_left_s is not None:
            self._boot_left_s -= dt_s
            if self._boot_left_s > ROUNDING_S:
                self._rest(dt_s)
                self._switch_port()
                return
            self._boot_left_s = None
            self.booted_s = now_s
        self._work(dt_s)
        if is_due(now_s, self._refreshed_s, self.refresh_s) and not self.faults.frozen:
            self._refreshed_s = now_s
            self._refresh()
        self._switch_port()

    def reboot(self) -> None:
        """Restart now: off the network for ``boot_s``, and all that is volatile is lost."""
        self._reboot_wanted = False
        self._forget()
        self._boot_left_s = self.boot_s
        self._refreshed_s = None
        self._switch_port()

    def lose_power(self) -> None:
        """Be without power; the start begins anew as long as this is said at every step."""
        if not self.booting:
            self.reboot()
        self._boot_left_s = self.boot_s

    def reboot_soon(self) -> None:
        """Restart with the next step, so that the reply to the command still gets out."""
        self._reboot_wanted = True

    def inject(self, changes: Mapping[str, object]) -> None:
        """Change faults from JSON.

        Besides the names of ``Faults`` it takes ``reboot``, ``reset_counters`` and ``clear``
        (each true). Raises ValueError with a sentence for anything else.
        """
        actions = {
            "reboot": self.reboot,
            "reset_counters": self.reset_counters,
            "clear": self.faults.clear,
        }
        for name, value in changes.items():
            if name not in actions:
                self.faults.set(name, value)
            elif value is True:
                actions[name]()
            else:
                raise ValueError(f"{name} can only be true, not {value!r}")
        self._switch_port()

    def _settle_measurements(self) -> None:
        if self._refreshed_s is None:
            self._refresh()

    def _switch_port(self) -> None:
        """Have the port open or closed as it should be now."""
        if self._runner is None or self._opening is not None:
            return
        closed = self.booting or self.faults.silent
        if closed and self._server is not None:
            self._close()
            self._reserve(*self._address)
        elif not closed and self._server is None:
            if self._reserved is not None:
                self._reserved.listen()
            self._opening = asyncio.get_running_loop().create_task(self._open())

    def _reserve(self, host: str, port: int) -> None:
        """Hold the port without listening: connections are refused and nobody else takes it."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._reserved = socket.socket(family, socket.SOCK_STREAM)
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind((host, port))
        self._reserved.settimeout(0.0)
        self._address = (host, self._reserved.getsockname()[1])

    async def _open(self) -> None:
        try:
            if self._runner is None or self._runner.server is None or self._reserved is None:
                return
            listener, self._reserved = self._reserved, None
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._protocol, sock=listener)
        finally:
            self._opening = None

    def _protocol(self) -> asyncio.BaseProtocol:
        """Return what serves a new connection: HTTP, unless a device speaks something else."""
        if self._runner is None or self._runner.server is None:
            raise RuntimeError("the device has not been started")
        return self._runner.server()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._runner is not None and self._runner.server is not None:
            for connection in self._runner.server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
