"""The newer Shelly meters: components behind RPC over HTTP and WebSocket (protocol B.3, B.4)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import override

from aiohttp import hdrs, web

from ...ports import ClampPort
from ..base import BOOT_S, REFRESH_S, Announcement, is_due
from ..rpc import Method, MethodTable, Params, RpcError, UnknownMethodError, query_params
from . import meters
from .auth import DigestLogin, Verdict
from .component import INVALID_ARGUMENT, UNAVAILABLE, Component, methods_of
from .hub import Hub
from .models import MODELS, Profile
from .server import MINUTE_S, ShellyDevice
from .system import connectivity, switch

FIRMWARE = "1.6.1"
FIRMWARE_DATE = "20250508-110717"
FULL_STATUS_EVERY_S = 60.0
OPEN_METHODS = frozenset({"shelly.getdeviceinfo"})
UNKNOWN = 404


class ShellyGen2(ShellyDevice):
    """A meter of the second to fourth generation; ``model`` is one of ``MODELS``."""

    def __init__(
        self,
        *,
        model: str,
        mac: str,
        clamps: Sequence[ClampPort],
        profile: Profile = Profile.TRIPHASE,
        name: str | None = None,
        password: str | None = None,
        firmware: str = FIRMWARE,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the meter; raises ValueError for an unknown model or wrong number of clamps."""
        if model not in MODELS:
            raise ValueError(f"{model} is not one of {', '.join(MODELS)}")
        self.model = MODELS[model]
        if len(clamps) != self.model.clamps:
            raise ValueError(f"a {model} has {self.model.clamps} clamps, not {len(clamps)}")
        super().__init__(
            mac=mac,
            clamps=clamps,
            password=password,
            count_every_s=MINUTE_S,
            refresh_s=refresh_s,
            boot_s=boot_s,
        )
        self.device_id = f"{self.model.id_prefix}-{self.mac.lower()}"
        self.profile = profile if self.model.profiles else None
        self.name = name
        self.firmware = firmware
        self.login = DigestLogin(self.device_id)
        self.login.password = password
        self.components = {component.key: component for component in self._components()}
        refusal = RpcError(UNAVAILABLE, "Resource unavailable")
        methods = [*methods_of(self.components.values()), *self._device_methods()]
        self._table = MethodTable(methods, self.faults, refusal)
        self._hub = Hub(self)
        self._pushed: Mapping[str, object] = {}
        self._full_status_s: float | None = None

    @property
    @override
    def announcement(self) -> Announcement:
        """The name and the TXT record."""
        return Announcement(
            service_types=("_http._tcp.local.", "_shelly._tcp.local."),
            instance=self.device_id,
            properties={
                "gen": str(self.model.generation),
                "app": self.model.app,
                "ver": self.firmware,
                "arch": "esp32",
            },
        )

    def device_info(self) -> Mapping[str, object]:
        """Return what ``/shelly`` shows."""
        info: dict[str, object] = {
            "name": self.name,
            "id": self.device_id,
            "mac": self.mac,
            "slot": 0,
            "model": self.model.code,
            "gen": self.model.generation,
            "fw_id": f"{FIRMWARE_DATE}/{self.firmware}-g8dbd358",
            "ver": self.firmware,
            "app": self.model.app,
            "auth_en": self.login.password is not None,
            "auth_domain": self.device_id if self.login.password is not None else None,
        }
        return info if self.profile is None else info | {"profile": self.profile.value}

    def status(self) -> dict[str, object]:
        """Return the status of every component."""
        return {key: component.status() for key, component in self.components.items()}

    def call(self, name: str, params: Params) -> object:
        """Call a method, from whatever channel; raises RpcError."""
        try:
            return self._table.call(name, params)
        except UnknownMethodError:
            raise RpcError(UNKNOWN, f"No handler for {name}") from None

    def open_to_all(self, method: str) -> bool:
        """Whether a method needs no login."""
        return method.lower() in OPEN_METHODS

    def _components(self) -> Iterable[Component]:
        ct_type, wired = self.model.ct_type, self.model.wired
        yield Component(kind="Sys", status=self._sys_status, config=self._sys_config())
        yield from connectivity(self.device_id, lambda: self.address[0], wired=wired)
        if self.profile is Profile.TRIPHASE:
            yield meters.em(self.channels, self.faults, ct_type)
            yield meters.em_data(self.channels)
        else:
            for number, channel in enumerate(self.channels):
                yield meters.em1(number, channel, self.faults, ct_type)
                yield meters.em1_data(number, channel)
        if self.model.relay:
            yield switch(self.relay, lambda: self.now_s, lambda: self.wall_offset_s)

    def _sys_status(self) -> Mapping[str, object]:
        newer = self.new_firmware
        return {
            "mac": self.mac,
            "restart_required": self._reverse_wanted() != self._reverse_used(),
            "time": self.time_of_day,
            "unixtime": int(self.wall_s),
            "uptime": round(self.uptime_s),
            "ram_size": 247524,
            "ram_free": 113080,
            "fs_size": 524288,
            "fs_free": 180224,
            "cfg_rev": 1,
            "available_updates": {"stable": {"version": newer}} if newer else {},
            "reset_reason": 3,
        }

    def _sys_config(self) -> dict[str, object]:
        profile = {} if self.profile is None else {"profile": self.profile.value}
        return {
            "device": {
                "name": self.name,
                "mac": self.mac,
                "fw_id": self.device_info()["fw_id"],
                "discoverable": True,
                "eco_mode": False,
                **profile,
            },
            "location": {"tz": "UTC", "lat": None, "lon": None},
            "debug": {"level": 2},
            "ui_data": {},
            "rpc_udp": {"dst_addr": None, "listen_port": None},
            "sntp": {"server": None},
            "cfg_rev": 1,
        }

    def _device_methods(self) -> Iterable[Method]:
        configs = self.components
        reads = {
            "GetDeviceInfo": lambda _params: self.device_info(),
            "GetStatus": lambda _params: self.status(),
            "GetConfig": lambda _params: {key: item.config for key, item in configs.items()},
            "ListMethods": lambda _params: {"methods": self._table.names},
            "CheckForUpdate": lambda _params: self._sys_status()["available_updates"],
            "GetComponents": lambda _params: {
                "components": [],
                "cfg_rev": 1,
                "offset": 0,
                "total": 0,
            },
        }
        for name, read in reads.items():
            yield Method(name=f"Shelly.{name}", handle=read)
        for name, command in {"Reboot": self._reboot, "Update": self._install}.items():
            yield Method(name=f"Shelly.{name}", handle=command, acknowledge=lambda _params: None)
        yield Method(name="Script.List", handle=lambda _params: {"scripts": []})

    def _reboot(self, _params: Params) -> None:
        self.reboot_soon()

    def _install(self, _params: Params) -> None:
        if self.new_firmware is None:
            raise RpcError(UNAVAILABLE, "No update info!")
        self.firmware, self.new_firmware = self.new_firmware, None
        self.reboot_soon()

    def _reverse_wanted(self) -> list[bool]:
        if self.profile is Profile.TRIPHASE:
            reverse = self.components["em:0"].config["reverse"]
            known = reverse if isinstance(reverse, dict) else {}
            return [known.get(phase) is True for phase in meters.PHASES]
        return [
            self.components[f"em1:{number}"].config["reverse"] is True
            for number in range(len(self.channels))
        ]

    def _reverse_used(self) -> list[bool]:
        return [channel.reverse for channel in self.channels]

    @override
    def _forget(self) -> None:
        super()._forget()
        for channel, reverse in zip(self.channels, self._reverse_wanted(), strict=True):
            channel.reverse = reverse

    @override
    def _refresh(self) -> None:
        super()._refresh()
        status = self.status()
        params: dict[str, object] = {"ts": round(self.wall_s, 2)}
        if is_due(self.now_s, self._full_status_s, FULL_STATUS_EVERY_S):
            self._full_status_s = self.now_s
            self._hub.push("NotifyFullStatus", params | status)
        else:
            self._hub.push("NotifyStatus", params | self._news(status))
        self._pushed = status

    def _news(self, status: Mapping[str, object]) -> dict[str, object]:
        """Return the measurements and all that changed; the clock in ``sys`` is no news."""
        return {
            key: value
            for key, value in status.items()
            if key.startswith(("em:", "em1:")) or (key != "sys" and value != self._pushed.get(key))
        }

    @override
    def _routes(self) -> web.RouteTableDef:
        routes = web.RouteTableDef()
        routes.get("/shelly")(self._shelly)
        routes.get("/rpc")(self._hub.serve)
        routes.post("/rpc")(self._post_envelope)
        routes.get("/rpc/{method}")(self._get)
        routes.post("/rpc/{method}")(self._post_bare)
        if self.model.relay:
            routes.get("/relay/0")(self._relay)
        return routes

    async def _shelly(self, _request: web.Request) -> web.Response:
        return web.json_response(self.device_info())

    async def _get(self, request: web.Request) -> web.Response:
        return self._bare(request, query_params(request.query))

    async def _post_bare(self, request: web.Request) -> web.Response:
        return self._bare(request, await _body(request))

    def _bare(self, request: web.Request, params: Params) -> web.Response:
        method = request.match_info["method"]
        self._let_in(request, method)
        try:
            return web.json_response(self.call(method, params))
        except RpcError as error:
            status = 404 if error.code == UNKNOWN else 500
            return web.json_response(error.as_json(), status=status)

    async def _post_envelope(self, request: web.Request) -> web.Response:
        frame = await _body(request)
        self._let_in(request, str(frame.get("method")))
        return web.json_response(self.reply(frame))

    def reply(self, frame: Params) -> dict[str, object]:
        """Answer a request frame."""
        reply: dict[str, object] = {"id": frame.get("id"), "src": self.device_id}
        if "src" in frame:
            reply["dst"] = frame["src"]
        try:
            reply["result"] = self.call(str(frame.get("method")), _params(frame))
        except RpcError as error:
            reply["error"] = error.as_json()
        return reply

    async def _relay(self, request: web.Request) -> web.Response:
        """Answer the older form of switching, which these models understand as well."""
        self._let_in(request, "Switch.Set")
        turn = request.query.get("turn")
        try:
            if turn is not None:
                timer = query_params(request.query).get("timer")
                params = {"id": 0, "on": self.relay.turned(turn), "toggle_after": timer}
                self.call("Switch.Set", params)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        except RpcError as error:
            return web.json_response(error.as_json(), status=500)
        return web.json_response(self.relay.as_gen1(self.now_s, self.wall_offset_s))

    def _let_in(self, request: web.Request, method: str) -> None:
        """Raise the 401 of a request without a good login."""
        if self.open_to_all(method):
            return
        authorization = request.headers.get(hdrs.AUTHORIZATION, "")
        verdict = self.login.check_http(authorization, request.method)
        if verdict is not Verdict.GOOD:
            header = self.login.header(stale=verdict is Verdict.STALE)
            raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: header})


def _params(frame: Params) -> Params:
    params = frame.get("params")
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise RpcError(INVALID_ARGUMENT, "Invalid argument 'params'!")
    return params


async def _body(request: web.Request) -> dict[str, object]:
    try:
        frame = await request.json()
    except ValueError:
        frame = None
    if not isinstance(frame, dict):
        raise web.HTTPBadRequest(text="The body is a JSON object")
    return frame
