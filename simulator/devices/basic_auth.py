"""HTTP Basic login, as the Lektrico and the older Shelly devices have it."""

from collections.abc import Callable

from aiohttp import encode_basic_auth, hdrs, web
from aiohttp.typedefs import Handler, Middleware

type Credentials = tuple[str, str]
"""User name and password."""


def basic_login(
    credentials: Callable[[], Credentials | None], *, realm: str, open_paths: frozenset[str]
) -> Middleware:
    """Return a middleware that wants a login wherever ``credentials`` returns one."""

    @web.middleware
    async def login(request: web.Request, handler: Handler) -> web.StreamResponse:
        wanted = credentials()
        if wanted is None or request.path in open_paths or _logged_in(request, wanted):
            return await handler(request)
        return web.Response(status=401, headers={hdrs.WWW_AUTHENTICATE: f'Basic realm="{realm}"'})

    return login


def _logged_in(request: web.Request, wanted: Credentials) -> bool:
    return request.headers.get(hdrs.AUTHORIZATION) == encode_basic_auth(*wanted)
