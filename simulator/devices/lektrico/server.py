"""What the Lektrico charger and meter have in common: JSON-RPC over HTTP and the identity."""

from abc import abstractmethod
from collections.abc import Iterable
import json
from typing import override

from aiohttp import web
from aiohttp.typedefs import Middleware

from ..base import BOOT_S, REFRESH_S, Announcement, SimulatedDevice
from ..basic_auth import Credentials, basic_login
from ..rpc import Method, MethodTable, Params, RpcError, UnknownMethodError, query_params
from .settings import FAILURE, MISSING, PROHIBITED

FIRMWARE_ID = "20260212-101500/v{version}-0-g0000000"


def acknowledge(_params: Params) -> bool:
    """Return what a command answers when it succeeded."""
    return True


class LektricoDevice(SimulatedDevice):
    """A device whose methods answer to ``GET /rpc/<Method>`` and to ``POST /rpc``."""

    def __init__(
        self,
        *,
        model: str,
        serial: int,
        board_revision: str,
        fw_version: str,
        credentials: Credentials | None,
        refresh_s: float = REFRESH_S,
        boot_s: float = BOOT_S,
    ) -> None:
        """Create the device; ``model`` is the prefix of the device id, e.g. ``1p7k``."""
        super().__init__(serial=str(serial), refresh_s=refresh_s, boot_s=boot_s)
        self.model = model
        self.device_id = f"{model}_{serial}"
        self.board_revision = board_revision
        self.fw_version = fw_version
        self.credentials = credentials
        refusal = RpcError(PROHIBITED, "prohibited action")
        self._table = MethodTable([*self._common(), *self._methods()], self.faults, refusal)

    @abstractmethod
    def _methods(self) -> Iterable[Method]:
        """Return the methods of this kind of device."""

    @property
    @override
    def announcement(self) -> Announcement:
        """The name and the TXT record, in the form of a real charger's."""
        return Announcement(
            service_types=("_http._tcp.local.",),
            instance=f"Lektrico-{self.model}-{self.serial}",
            properties={
                "id": self.device_id,
                "fw_id": FIRMWARE_ID.format(version=self.fw_version),
            },
        )

    def _common(self) -> Iterable[Method]:
        identity = {"serial_number": int(self.serial), "board_revision": self.board_revision}
        config = "M2w_config.Get" if self.model.startswith("m2w") else "charger_config.get"
        yield Method(name="Device_id.Get", handle=lambda _params: {"device_id": self.device_id})
        yield Method(name=config, handle=lambda _params: identity)

    @override
    def _middlewares(self) -> list[Middleware]:
        return [basic_login(lambda: self.credentials, realm=self.device_id, open_paths=frozenset())]

    @override
    def _routes(self) -> web.RouteTableDef:
        routes = web.RouteTableDef()
        routes.get("/rpc/{method}")(self._get)
        routes.post("/rpc/{method}")(self._post_bare)
        routes.post("/rpc")(self._post_envelope)
        return routes

    async def _get(self, request: web.Request) -> web.Response:
        return self._bare(request.match_info["method"], query_params(request.query))

    async def _post_bare(self, request: web.Request) -> web.Response:
        try:
            params = await _object(request)
        except RpcError as error:
            return web.json_response({"error": error.as_json()}, status=400)
        return self._bare(request.match_info["method"], params)

    def _bare(self, method: str, params: Params) -> web.Response:
        try:
            return web.json_response(self._table.call(method, params))
        except UnknownMethodError:
            error = RpcError(404, f"No handler for {method}")
            return web.json_response(error.as_json(), status=404)
        except RpcError as error:
            return web.json_response({"error": error.as_json()}, status=400)

    async def _post_envelope(self, request: web.Request) -> web.Response:
        reply: dict[str, object] = {"id": None, "src": self.device_id}
        try:
            frame = await _object(request)
            reply |= {"id": frame.get("id"), "dst": frame.get("src")}
            reply["result"] = self._call(frame)
        except RpcError as error:
            reply["error"] = error.as_json()
        return web.json_response(reply)

    def _call(self, frame: Params) -> object:
        method, params = frame.get("method"), frame.get("params", {})
        if not isinstance(method, str) or not isinstance(params, dict):
            raise RpcError(MISSING, "a request has a method and an object of params")
        try:
            return self._table.call(method, params)
        except UnknownMethodError:
            raise RpcError(FAILURE, f"No handler for {method}") from None


async def _object(request: web.Request) -> dict[str, object]:
    try:
        frame = await request.json(loads=json.loads)
    except ValueError:
        frame = None
    if not isinstance(frame, dict):
        raise RpcError(MISSING, "the body is a JSON object")
    return frame
