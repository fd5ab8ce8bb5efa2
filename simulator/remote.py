"""A small control panel for the simulated home over HTTP, on this machine only.

``GET /state`` tells the truth about everything. ``POST`` with a JSON object changes it:
``/car/<name>``, ``/appliance/<name>``, ``/device/<name>/fault``, ``/day``, ``/sun`` and ``/reset``,
which clears the referee's record. A prepayment meter takes buttons and messages where devices take
faults, e.g. ``{"pay": 10}``. Whatever is wrong with a request is said in a sentence.
"""

from collections.abc import Mapping
import json
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
import voluptuous as vol

from .build import Simulation
from .checks import Validated, hour, number, or_null, sentence, speed, truth
from .devices.e470 import E470Meter
from .plant.home import Home

HOST: Final = "127.0.0.1"

_CAR: Final = vol.Schema(
    {
        vol.Optional("plug"): truth,
        vol.Optional("unplug"): truth,
        vol.Optional("soc"): number(0, 100),
    }
)
_APPLIANCE: Final = vol.Schema(
    {vol.Required("on"): or_null(truth), vol.Optional("power_w"): number(0, 100_000)}
)
_DAY: Final = vol.Schema({vol.Optional("hour"): hour, vol.Optional("speed"): speed})
_SUN: Final = vol.Schema({vol.Required("fixed_w"): or_null(number(0, 100_000))})
_EMPTY: Final = vol.Schema({})


class Remote:
    """The panel's web server."""

    def __init__(self, simulation: Simulation) -> None:
        """Create the panel without a network."""
        self._simulation = simulation
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen and return the URL; port 0 takes a free one."""
        app = web.Application(middlewares=[_explain])
        app.add_routes(
            [
                web.get("/state", self._state),
                web.post("/car/{name}", self._car),
                web.post("/appliance/{name}", self._appliance),
                web.post("/device/{name}/fault", self._fault),
                web.post("/day", self._day),
                web.post("/sun", self._sun),
                web.post("/reset", self._reset),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _state(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(state_of(self._simulation))

    async def _car(self, request: web.Request) -> web.Response:
        car = _named(request, self._simulation.home.cars)
        given = await _body(request, _CAR)
        if given.get("plug") and given.get("unplug"):
            raise vol.Invalid("plug or unplug, not both")
        if given.get("plug"):
            car.plug()
        if given.get("unplug"):
            car.unplug()
        if "soc" in given:
            car.soc_percent = given["soc"]
        return _done()

    async def _appliance(self, request: web.Request) -> web.Response:
        house = self._simulation.home.house
        appliance = _named(request, house.appliances)
        given = await _body(request, _APPLIANCE)
        house.switch(appliance.name, on=given["on"], power_w=given.get("power_w"))
        return _done()

    async def _fault(self, request: web.Request) -> web.Response:
        device = _named(request, self._simulation.devices)
        device.inject(await _body(request, vol.Schema({str: object})))
        return _done()

    async def _day(self, request: web.Request) -> web.Response:
        given, clock = await _body(request, _DAY), self._simulation.home.clock
        if "hour" in given:
            clock.set_hour(given["hour"])
        clock.speed = given.get("speed", clock.speed)
        return _done()

    async def _sun(self, request: web.Request) -> web.Response:
        given, sun = await _body(request, _SUN), self._simulation.home.sun
        if sun is None:
            raise vol.Invalid("this home has no photovoltaics")
        sun.fixed_w = given["fixed_w"]
        return _done()

    async def _reset(self, request: web.Request) -> web.Response:
        await _body(request, _EMPTY)
        self._simulation.home.referee.reset()
        return _done()


def state_of(simulation: Simulation) -> dict[str, Any]:
    """Return the truth about the home, rounded for reading."""
    home = simulation.home
    return {
        "elapsed_s": round(home.elapsed_s, 2),
        "hour": round(home.clock.hour, 4),
        "speed": home.clock.speed,
        "fuse_a": home.supply.fuse_a,
        "sun_w": round(home.sun_w, 1),
        "surplus_w": round(home.surplus_w, 1),
        "phases": _phases(home),
        "cars": {
            name: {
                "plugged": car.plugged,
                "asleep": car.asleep,
                "wants_charge": car.wants_charge,
                "soc": round(car.soc_percent, 2),
                "charged_wh": round(car.charged_wh, 1),
                "starts": car.starts,
            }
            for name, car in home.cars.items()
        },
        "chargers": {
            name: {
                "current_a": [round(current_a, 2) for current_a in plug.drawn_a()],
                "lines": [list(line) for line in plug.lines],
                "car": None if plug.car is None else plug.car.name,
            }
            for name, plug in home.plugs.items()
        },
        "accounts": {
            name: device.state()
            for name, device in simulation.devices.items()
            if isinstance(device, E470Meter)
        },
        "devices": {name: device.url for name, device in simulation.devices.items()},
        "appliances": {
            name: None if appliance.switched is None else appliance.switched.on
            for name, appliance in home.house.appliances.items()
        },
        "referee": {phase: record.as_dict() for phase, record in home.referee.phases.items()},
    }


def _phases(home: Home) -> dict[str, dict[str, float]]:
    amps = home.mains_a()
    return {
        phase: {
            "mains_a": round(amps[phase], 3),
            "mains_w": round(wire.mains_va.real, 1),
            "house_w": round(wire.house_va.real, 1),
            "sun_w": round(wire.sun_w, 1),
            "cars_w": round(wire.cars_va.real, 1),
            "voltage_v": round(wire.voltage_v, 2),
        }
        for phase, wire in home.wires.conductors.items()
    }


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what is wrong with a request into a sentence."""
    try:
        return await handler(request)
    except vol.Invalid as err:
        return web.json_response({"error": sentence(err)}, status=400)
    except ValueError as err:
        return web.json_response({"error": str(err)}, status=400)


def _named[T](request: web.Request, things: Mapping[str, T]) -> T:
    name = request.match_info["name"]
    if name not in things:
        raise vol.Invalid(f"there is no {name} here, only {', '.join(things) or 'nothing'}")
    return things[name]


async def _body(request: web.Request, schema: vol.Schema) -> Validated:
    """Return the checked JSON object of a request; an empty body is an empty object."""
    text = await request.text()
    try:
        given = json.loads(text) if text else {}
    except ValueError as err:
        raise vol.Invalid(f"the body is not JSON: {err}") from err
    if not isinstance(given, dict):
        raise vol.Invalid("the body has to be a JSON object")
    checked: Validated = schema(given)
    return checked


def _done() -> web.Response:
    return web.json_response({"ok": True})
