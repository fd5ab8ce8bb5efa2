"""Shelly EM and 3EM of the first generation: REST over HTTP (protocol B.2)."""

from collections.abc import Callable, Mapping, Sequence
import math
from typing import Literal, override

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ...ports import ClampPort
from ..base import BOOT_S, REFRESH_S, Announcement
from ..basic_auth import basic_login
from .coiot import DEFAULT_PORT, CoiotServer, description, values
from .server import Channel, ShellyDevice

FIRMWARE = "20230913-114150/v1.14.0-gcb84623"
USER = "admin"


class ShellyGen1(ShellyDevice):
    """``SHEM`` with two clamps on one phase, or ``SHEM-3`` with three."""

    def __init__(
        self,
        *,
        model: Literal["SHEM", "SHEM-3"],
        mac: str,
        clamps: Sequence[ClampPort],
        password: str | None = None,
        firmware: str = FIRMWARE,
        reports_power_factor: bool = True,
        coiot: bool = False,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the meter; raises ValueError for a wrong number of clamps.

        With ``coiot`` it also answers CoIoT requests, which needs its fixed UDP port to be free.
        """
        wanted = 2 if model == "SHEM" else 3
        if len(clamps) != wanted:
            raise ValueError(f"a {model} has {wanted} clamps, not {len(clamps)}")
        super().__init__(
            mac=mac,
            clamps=clamps,
            password=password,
            count_every_s=refresh_s,
            refresh_s=refresh_s,
            boot_s=boot_s,
        )
        self.model = model
        self.firmware = firmware
        self.reports_power_factor = reports_power_factor
        self._coiot = CoiotServer(self._coiot_reply) if coiot else None
        prefix = "shellyem" if model == "SHEM" else "shellyem3"
        self.hostname = f"{prefix}-{self.mac[-6:] if model == 'SHEM' else self.mac}"

    @property
    @override
    def announcement(self) -> Announcement:
        """The name and the TXT record."""
        return Announcement(
            service_types=("_http._tcp.local.",),
            instance=self.hostname,
            properties={"id": self.hostname, "fw_id": self.firmware, "arch": "esp8266"},
        )

    @override
    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        url = await super().start(host, port)
        if self._coiot is not None:
            await self._coiot.start(host, DEFAULT_PORT)
        return url

    @override
    async def stop(self) -> None:
        if self._coiot is not None:
            self._coiot.stop()
        await super().stop()

    def _coiot_reply(self, path: str) -> tuple[str, Mapping[str, object]] | None:
        """Return device id and payload for ``cit/d`` and ``cit/s``, None to stay silent."""
        if not self.reachable:
            return None
        payload = {
            "d": lambda: description(self.model),
            "s": lambda: values(self.model, self.relay, self.channels),
        }[path]()
        return f"{self.model}#{self.mac[-6:]}#2", payload

    @override
    def _middlewares(self) -> list[Middleware]:
        return [
            basic_login(
                lambda: None if self.password is None else (USER, self.password),
                realm=self.hostname,
                open_paths=frozenset({"/shelly"}),
            )
        ]

    @override
    def _routes(self) -> web.RouteTableDef:
        routes = web.RouteTableDef()
        reads = {"/shelly": self._shelly, "/status": self._status, "/settings": self._settings}
        for path, read in reads.items():
            routes.get(path)(_answering(read))
        routes.get("/cit/d")(_answering(lambda: description(self.model)))
        routes.get("/emeter/{channel}")(self._emeter)
        routes.get("/relay/0")(self._relay)
        routes.get("/settings/relay/0")(_answering(self._relay_settings))
        routes.get("/settings/emeter/{channel}")(self._emeter_settings_of)
        routes.get("/reset_data")(self._reset_data)
        routes.get("/reboot")(self._reboot)
        routes.get("/ota")(self._ota)
        return routes

    def _shelly(self) -> Mapping[str, object]:
        return {
            "type": self.model,
            "mac": self.mac,
            "auth": self.password is not None,
            "fw": self.firmware,
            "discoverable": True,
            "longid": 1,
            "num_outputs": 1,
            "num_meters": 0,
            "num_emeters": len(self.channels),
        }

    def _status(self) -> Mapping[str, object]:
        host = self.address[0]
        status: dict[str, object] = {
            "wifi_sta": {"connected": True, "ssid": "home", "ip": host, "rssi": -55},
            "cloud": {"enabled": False, "connected": False},
            "mqtt": {"connected": False},
            "time": self.time_of_day,
            "unixtime": int(self.wall_s),
            "serial": 1,
            "has_update": self.new_firmware is not None,
            "mac": self.mac,
            "cfg_changed_cnt": 0,
            "relays": [self._relay_status()],
            "emeters": [self._channel(channel) for channel in self.channels],
            "update": self._update(),
            "ram_total": 51072,
            "ram_free": 35660,
            "fs_size": 233681,
            "fs_free": 156373,
            "uptime": round(self.uptime_s),
        }
        if self.model == "SHEM-3":
            total_w = sum(channel.last.power_w for channel in self.channels)
            status["total_power"] = round(total_w, 2)
            neutral = {"current": 0.0, "ixsum": 0.0, "mismatch": False, "is_valid": False}
            status["emeter_n"] = neutral
        return status

    def _channel(self, channel: Channel) -> Mapping[str, object]:
        value, valid = channel.last, not self.faults.invalid
        apparent_va = math.hypot(value.power_w, value.reactive_power_var)
        factor = value.power_w / apparent_va if apparent_va else 0.0
        import_wh, export_wh = channel.energy_wh
        return {
            "power": round(value.power_w, 2) if valid else 0.0,
            **self._further(channel, valid=valid),
            **({"pf": round(factor, 2)} if self.reports_power_factor else {}),
            "voltage": round(value.voltage_v, 2) if valid else 0.0,
            "is_valid": valid,
            "total": round(import_wh, 1),
            "total_returned": round(export_wh, 1),
        }

    def _further(self, channel: Channel, *, valid: bool) -> Mapping[str, object]:
        """Return what only one of the models tells: reactive power, or current."""
        if self.model == "SHEM":
            return {"reactive": round(channel.last.reactive_power_var, 2) if valid else 0.0}
        return {"current": round(channel.last.current_a, 2) if valid else 0.0}

    def _update(self) -> Mapping[str, object]:
        pending = self.new_firmware is not None
        return {
            "status": "pending" if pending else "idle",
            "has_update": pending,
            "new_version": self.new_firmware or self.firmware,
            "old_version": self.firmware,
        }

    def _settings(self) -> Mapping[str, object]:
        return {
            "device": {
                "type": self.model,
                "mac": self.mac,
                "hostname": self.hostname,
                "num_outputs": 1,
                "num_meters": 0,
                "num_emeters": len(self.channels),
            },
            "name": None,
            "fw": self.firmware,
            "login": {"enabled": self.password is not None, "unprotected": False, "username": USER},
            "coiot": {"enabled": True, "update_period": 15, "peer": ""},
            "led_status_disable": False,
            "eco_mode_enabled": False,
            "relays": [self._relay_settings()],
            "emeters": [self._emeter_settings() for _channel in self.channels],
        }

    def _relay_settings(self) -> Mapping[str, object]:
        return {
            "name": None,
            "appliance_type": "General",
            "default_state": "off",
            "auto_on": 0.0,
            "auto_off": 0.0,
            "has_timer": self.relay.timer_duration_s > 0,
            "ison": self.relay.on,
            "schedule": False,
            "schedule_rules": [],
        }

    def _emeter_settings(self) -> Mapping[str, object]:
        return {"appliance_type": "General", "ctraf_type": 50, "max_power": 0}

    def _relay_status(self) -> Mapping[str, object]:
        return self.relay.as_gen1(self.now_s, self.wall_offset_s)

    def _asked_channel(self, request: web.Request) -> Channel:
        name = request.match_info["channel"]
        if not name.isdecimal() or int(name) >= len(self.channels):
            raise web.HTTPNotFound(text="Not Found")
        return self.channels[int(name)]

    async def _emeter(self, request: web.Request) -> web.Response:
        channel = self._asked_channel(request)
        if request.query.get("reset_totals") in {"1", "true"} and self._obeys():
            channel.reset()
        return web.json_response(self._channel(channel))

    async def _emeter_settings_of(self, request: web.Request) -> web.Response:
        self._asked_channel(request)
        return web.json_response(self._emeter_settings())

    async def _relay(self, request: web.Request) -> web.Response:
        turn = request.query.get("turn")
        if turn is not None and self._obeys():
            timer = request.query.get("timer")
            try:
                on, undo_after_s = self.relay.turned(turn), float(timer) if timer else None
            except ValueError as error:
                raise web.HTTPBadRequest(text=str(error)) from error
            self.relay.switch(on=on, now_s=self.now_s, source="http", undo_after_s=undo_after_s)
        return web.json_response(self._relay_status())

    async def _reset_data(self, _request: web.Request) -> web.Response:
        if self._obeys():
            self.reset_counters()
        return web.json_response({"reset_data": 1})

    async def _reboot(self, _request: web.Request) -> web.Response:
        if self._obeys():
            self.reboot_soon()
        return web.json_response({"ok": True})

    async def _ota(self, request: web.Request) -> web.Response:
        if request.query.get("update") == "true" and self._obeys():
            self.firmware, self.new_firmware = self.new_firmware or self.firmware, None
            self.reboot_soon()
        return web.json_response(self._update())

    def _obeys(self) -> bool:
        """Return whether a command is carried out; a refusing device answers 500."""
        if self.faults.refuse_commands:
            raise web.HTTPInternalServerError(text="Command refused")
        return not self.faults.ignore_commands


def _answering(read: Callable[[], Mapping[str, object]]) -> Handler:
    """Return a handler that shows what ``read`` returns."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(read())

    return answer
