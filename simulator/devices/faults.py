"""What can go wrong with a simulated device, switched on and off while it runs."""

import asyncio
from dataclasses import dataclass, fields
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

NEVER_S = 3600.0
NOT_JSON = '{"charger_state":"C","voltages":[230.1,nan'


@dataclass(slots=True, kw_only=True)
class Faults:
    """Faults of one device; every one is off by default and may be changed at any time."""

    hang: bool = False
    """Accept requests and never answer them."""
    delay_s: float = 0.0
    """Answer this many real seconds later."""
    garbage: bool = False
    """Answer with something that breaks off like JSON from a full buffer."""
    unauthorized: bool = False
    """Answer 401 whatever login is given."""
    drop: bool = False
    """Cut the connection in the middle of a reply."""
    silent: bool = False
    """Close the port; the device itself goes on working."""
    frozen: bool = False
    """Keep reporting the measurements of the moment the fault began."""
    refuse_commands: bool = False
    """Answer every command with the protocol's error."""
    ignore_commands: bool = False
    """Acknowledge every command and do nothing."""
    invalid: bool = False
    """Report measurements as the protocol marks bad ones: nulls, or ``is_valid: false``."""
    meter_errors: tuple[str, ...] = ()
    """Error names that a Shelly meter reports on each channel, e.g. ``ct_type_not_set``."""

    def clear(self) -> None:
        """Switch every fault off."""
        healthy = Faults()
        for field in fields(self):
            setattr(self, field.name, getattr(healthy, field.name))

    def set(self, name: str, value: object) -> None:
        """Set one fault from JSON; raises ValueError with a sentence for a wrong name or type."""
        if name not in {field.name for field in fields(self)}:
            raise ValueError(f"there is no fault called {name!r}")
        if name == "delay_s":
            setattr(self, name, _seconds(value))
        elif name == "meter_errors":
            setattr(self, name, _names(value))
        elif isinstance(value, bool):
            setattr(self, name, value)
        else:
            raise ValueError(f"{name} is true or false, not {value!r}")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= NEVER_S:
        raise ValueError(f"delay_s is a number of seconds from 0 to {NEVER_S:g}, not {value!r}")
    return float(value)


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"meter_errors is a list of error names, not {value!r}")
    return tuple(cast("list[str]", value))


def faulty(faults: Faults) -> Middleware:
    """Return the middleware that makes a web server suffer from ``faults``."""

    @web.middleware
    async def suffer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if faults.hang:
            await asyncio.sleep(NEVER_S)
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        if faults.unauthorized:
            return web.Response(status=401)
        if faults.garbage:
            return web.Response(text=NOT_JSON, content_type="application/json")
        if faults.drop:
            return await _half_a_reply(request)
        return await handler(request)

    return suffer


async def _half_a_reply(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 400
    await response.prepare(request)
    await response.write(NOT_JSON.encode())
    if request.transport is not None:
        request.transport.abort()
    return response
