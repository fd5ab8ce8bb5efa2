"""The control panel: the truth on request, changes on command, sentences for mistakes."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.build import Simulation, build_home
from simulator.remote import Remote
from simulator.schema import parse_home

HOME = {
    "supply": {"kind": "single", "fuse_a": 60},
    "clock": {"start": "12:00"},
    "house": {"base_w": 200, "habits": False, "appliances": {"kettle": None, "shower": None}},
    "sun": {"kwp": 6},
    "cars": {"leaf": {"type": "reacts_in_3_s"}},
    "chargers": {
        "garage": {"device": "lektrico_1p7k", "serial": 500006, "phases": ["L1"], "car": "leaf"}
    },
    "meters": {"mains": {"device": "lektrico_em", "serial": 810001, "channels": [{}]}},
}


class Panel:
    """A simulation on a manual clock with its panel and a client."""

    def __init__(self, simulation: Simulation, client: aiohttp.ClientSession) -> None:
        self.simulation = simulation
        self.client = client
        self.now_s = 0.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.simulation.step(self.now_s, 0.1)

    async def state(self) -> dict[str, Any]:
        async with self.client.get("/state") as response:
            assert response.status == 200
            state: dict[str, Any] = await response.json()
            return state

    async def post(self, path: str, body: object = None) -> str | None:
        """Return None when it was done, or the error's sentence."""
        async with self.client.post(path, json=body if body is not None else {}) as response:
            reply = await response.json()
            assert (response.status == 200) == (reply == {"ok": True})
            assert response.status in (200, 400)
            error: str | None = reply.get("error")
            return error


@pytest.fixture
async def panel() -> AsyncIterator[Panel]:
    simulation = build_home(parse_home(HOME))
    await simulation.start()
    remote = Remote(simulation)
    url = await remote.start()
    assert url.startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession(url) as client:
        yield Panel(simulation, client)
    await remote.stop()
    await simulation.stop()


async def test_state_tells_the_truth(panel: Panel) -> None:
    assert await panel.post("/sun", {"fixed_w": 3000}) is None
    panel.run(20)
    state = await panel.state()
    assert state["sun_w"] == 3000
    assert state["surplus_w"] == pytest.approx(2800, abs=40)
    assert state["chargers"]["garage"] == {"current_a": [32.0], "lines": [["L1"]], "car": "leaf"}
    assert state["cars"]["leaf"]["plugged"]
    line = state["phases"]["L1"]
    assert line["mains_w"] == pytest.approx(
        line["house_w"] + line["cars_w"] - line["sun_w"], abs=0.2
    )
    assert line["mains_a"] == pytest.approx(line["mains_w"] / line["voltage_v"], rel=0.05)
    assert state["referee"]["L1"]["cars_over_s"] == 0
    async with panel.client.get(state["devices"]["garage"] + "/rpc/charger_info.get") as reply:
        assert (await reply.json())["currents"][0] == pytest.approx(32, abs=0.1)


async def test_appliances_overload_the_fuse_and_the_referee_sees_it(panel: Panel) -> None:
    panel.run(10)
    assert await panel.post("/appliance/shower", {"on": True}) is None
    panel.run(5)
    state = await panel.state()
    assert state["appliances"] == {"kettle": None, "shower": True}
    referee = state["referee"]["L1"]
    assert referee["cars_longest_s"] == pytest.approx(5, abs=0.2)
    assert referee["cars_over_a_s"] > 5 * 8
    assert await panel.post("/reset") is None
    assert await panel.post("/appliance/shower", {"on": None}) is None
    panel.run(5)
    assert (await panel.state())["referee"]["L1"]["over_s"] == 0
    assert await panel.post("/appliance/kettle", {"on": True, "power_w": 500}) is None
    panel.run(1)
    house_w = (await panel.state())["phases"]["L1"]["house_w"]
    assert house_w == pytest.approx(700, abs=40)


async def test_a_command_to_a_device_moves_the_car_and_the_meter(panel: Panel) -> None:
    """The whole way: charger's protocol, pilot, car, wires, clamp, meter's protocol."""
    urls = {name: device.url for name, device in panel.simulation.devices.items()}
    command = {"src": "test", "id": 1, "method": "dynamic_current.set"}
    for limit_a in (32, 10, 0):
        body = {**command, "params": {"dynamic_current": limit_a}}
        async with panel.client.post(urls["garage"] + "/rpc", json=body) as reply:
            assert (await reply.json())["result"] is True
        panel.run(5)
        assert (await panel.state())["chargers"]["garage"]["current_a"] == [limit_a]
        async with panel.client.get(urls["mains"] + "/rpc/Meter_info.Get") as reply:
            power_w = (await reply.json())["active_p"][0]
        home = panel.simulation.home
        car_w = limit_a * home.plugs["garage"].voltage_v()[0] * 0.99
        assert power_w == pytest.approx(car_w - home.surplus_w, abs=60)


async def test_cars(panel: Panel) -> None:
    panel.run(10)
    assert await panel.post("/car/leaf", {"soc": 75}) is None
    assert await panel.post("/car/leaf", {"unplug": True}) is None
    panel.run(2)
    state = await panel.state()
    assert not state["cars"]["leaf"]["plugged"]
    assert state["cars"]["leaf"]["soc"] == 75
    assert state["chargers"]["garage"]["current_a"] == [0]
    assert await panel.post("/car/leaf", {"plug": True}) is None
    panel.run(10)
    assert (await panel.state())["chargers"]["garage"]["current_a"] == [32]


async def test_the_day(panel: Panel) -> None:
    assert await panel.post("/day", {"hour": "18:30", "speed": 3600}) is None
    panel.run(1)
    state = await panel.state()
    assert state["hour"] == pytest.approx(19.5)
    assert state["speed"] == 3600
    assert await panel.post("/day", {"hour": 2}) is None
    assert (await panel.state())["hour"] == 2
    assert await panel.post("/sun", {"fixed_w": 500}) is None
    assert await panel.post("/sun", {"fixed_w": None}) is None
    panel.run(0.1)
    assert (await panel.state())["sun_w"] == 0


async def test_faults_reach_the_device(panel: Panel) -> None:
    assert await panel.post("/device/garage/fault", {"unauthorized": True}) is None
    url = panel.simulation.devices["garage"].url + "/rpc/charger_info.get"
    async with panel.client.get(url) as reply:
        assert reply.status == 401
    assert await panel.post("/device/garage/fault", {"clear": True}) is None
    async with panel.client.get(url) as reply:
        assert reply.status == 200


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/car/zoe", {}, "there is no zoe here, only leaf"),
        ("/car/leaf", {"soc": 101}, "soc: expected a number from 0 to 100, not 101"),
        ("/car/leaf", {"soc": "full"}, "soc: expected a number, not 'full'"),
        ("/car/leaf", {"colour": "red"}, "colour: there is no such key here"),
        ("/car/leaf", {"plug": True, "unplug": True}, "plug or unplug, not both"),
        ("/car/leaf", {"plug": 1}, "plug: expected true or false, not 1"),
        ("/car/leaf", [], "the body has to be a JSON object"),
        ("/appliance/sauna", {"on": True}, "there is no sauna here, only kettle, shower"),
        ("/appliance/kettle", {}, "on: required key not provided"),
        ("/appliance/kettle", {"on": 1}, "on: expected true or false, not 1"),
        ("/device/garage/fault", {"melts": True}, "there is no fault called 'melts'"),
        ("/device/attic/fault", {}, "there is no attic here, only garage, mains"),
        ("/day", {"speed": -1}, "speed: expected a number from 0 to 3600, not -1"),
        ("/day", {"hour": "late"}, "hour: expected a time like \"06:30\", not 'late'"),
        ("/sun", {"fixed_w": -5}, "fixed_w: expected a number from 0 to 100000, not -5"),
        ("/reset", {"all": True}, "all: there is no such key here"),
    ],
)
async def test_mistakes_get_a_sentence(
    panel: Panel, path: str, body: object, complaint: str
) -> None:
    assert await panel.post(path, body) == complaint


async def test_what_is_not_json(panel: Panel) -> None:
    async with panel.client.post("/car/leaf", data="{") as response:
        assert response.status == 400
        assert (await response.json())["error"].startswith("the body is not JSON")


async def test_a_home_without_sun() -> None:
    simulation = build_home(parse_home({"supply": {"kind": "single"}}))
    remote = Remote(simulation)
    async with aiohttp.ClientSession(await remote.start()) as client:
        simulation.step(0.1, 0.1)
        error = await Panel(simulation, client).post("/sun", {"fixed_w": 1})
    await remote.stop()
    assert error == "this home has no photovoltaics"
