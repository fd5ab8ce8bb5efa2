"""Servers that say what a test wants, on real sockets, and a clock that is moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
import json

from aiohttp import web

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class ManualClock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """Serve bytes: ``talk`` gets every connection after its request's head has been read."""
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError:
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/json") -> Talk:
    """Return a talk that answers with one complete HTTP reply."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return talk


class JsonServer:
    """Answers GETs by path and remembers every request; a missing path is a 404."""

    def __init__(self, replies: Mapping[str, object] | None = None) -> None:
        self.replies: dict[str, object] = dict(replies or {})
        self.asked: list[str] = []
        self.frames: list[dict[str, object]] = []
        self.result: Callable[[dict[str, object]], Mapping[str, object]] = lambda frame: {
            "id": frame["id"],
            "result": True,
        }
        self.host = ""

    async def _get(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if request.path not in self.replies:
            return web.json_response({"code": 404, "message": "No handler"}, status=404)
        return web.json_response(self.replies[request.path])

    async def _post(self, request: web.Request) -> web.Response:
        frame = json.loads(await request.text())
        self.frames.append(frame)
        return web.json_response(self.result(frame))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[JsonServer]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._get)
        app.router.add_post("/{path:.*}", self._post)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.host = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()
