"""Home Assistant as a user's browser talks to it: over HTTP and over its WebSocket."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from itertools import count
from typing import Any, Self

import aiohttp

from .process import DemoError

type Json = dict[str, Any]

USER = "demo"
PASSWORD = "demo"  # noqa: S105 - printed for everybody to see


class ApiError(DemoError):
    """Home Assistant answered with an error; the text says to what and why."""


class HomeAssistant:
    """A client of one Home Assistant, logged in as the demo's user."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Talk to the server at ``url``, without a path or a slash at its end."""
        self.url = url
        self._session = session
        self._headers: dict[str, str] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = count(1)
        self._lock = asyncio.Lock()

    async def answers(self) -> bool:
        """Return whether the server serves its pages."""
        try:
            async with self._session.get(f"{self.url}/api/onboarding") as response:
                return response.ok or response.status == HTTPStatus.NOT_FOUND
        except aiohttp.ClientError:
            return False

    async def enter(self) -> Self:
        """Create the user when there is none, log in and open the WebSocket."""
        steps = await self._onboarding()
        if any(step["step"] == "user" and not step["done"] for step in steps):
            await self.post(
                "/api/onboarding/users",
                {
                    "client_id": f"{self.url}/",
                    "name": "Demo",
                    "username": USER,
                    "password": PASSWORD,
                    "language": "en",
                },
            )
        token = await self._log_in()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._socket = await self._session.ws_connect(
            f"{self.url}/api/websocket", max_msg_size=0, heartbeat=20
        )
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": token})
        if (answer := await self._socket.receive_json())["type"] != "auth_ok":
            raise ApiError(f"the WebSocket refused the login: {answer}")
        return self

    async def _onboarding(self) -> list[Json]:
        async with self._session.get(f"{self.url}/api/onboarding") as response:
            # The page is gone once a server is onboarded.
            steps: list[Json] = await response.json() if response.ok else []
            return steps

    async def _log_in(self) -> str:
        client_id = f"{self.url}/"
        flow = await self.post(
            "/auth/login_flow",
            {"client_id": client_id, "handler": ["homeassistant", None], "redirect_uri": client_id},
        )
        done = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": client_id, "username": USER, "password": PASSWORD},
        )
        form = {"grant_type": "authorization_code", "code": done["result"], "client_id": client_id}
        async with self._session.post(f"{self.url}/auth/token", data=form) as response:
            token: str = (await response.json())["access_token"]
        return token

    async def get(self, path: str) -> Any:
        """Return the JSON at a path of the HTTP API."""
        return await self._request("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON to a path of the HTTP API and return its JSON."""
        return await self._request("POST", path, body)

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        async with self._session.request(
            method, self.url + path, json=body, headers=self._headers
        ) as response:
            if not response.ok:
                raise ApiError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json()

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command over the WebSocket and return its result.

        Raises ApiError when Home Assistant refuses it.
        """
        if self._socket is None:
            raise ApiError("not logged in")
        async with self._lock:
            number = next(self._ids)
            await self._socket.send_json({"id": number, "type": kind, **fields})
            while (answer := await self._socket.receive_json()).get("id") != number:
                pass
        if not answer["success"]:
            raise ApiError(f"{kind}: {answer['error']['message']}")
        return answer["result"]

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        state: str = (await self.get(f"/api/states/{entity_id}"))["state"]
        return state

    async def act(self, action: str, entity_id: str, **data: Any) -> None:
        """Perform an action such as ``select.select_option`` on an entity."""
        domain, name = action.split(".")
        await self.command(
            "call_service",
            domain=domain,
            service=name,
            service_data=data,
            target={"entity_id": entity_id},
        )
