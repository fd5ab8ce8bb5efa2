"""The simulated newer Shelly meters, beyond what aioshelly shows (protocol B.3, B.4)."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    DigestAuthMiddleware,
)
import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchClamp, BenchClock
from simulator.devices.shelly import Profile, ShellyGen2

type Connect = Callable[[SimulatedDevice], Awaitable[Any]]

MAC = "AABBCCDDEEFF"
PASSWORD = "secret"


@pytest.fixture
def clamps() -> list[BenchClamp]:
    """Return clamps of an importing and an exporting circuit."""
    return [BenchClamp(power_w=690.0, reactive_power_var=920.0), BenchClamp(power_w=-460.0)]


@pytest.fixture
def meter(clamps: list[BenchClamp]) -> ShellyGen2:
    """Return an EM Gen3."""
    return ShellyGen2(model="S3EM-002CXCEU", mac=MAC, clamps=clamps)


@pytest.fixture
def pro(clamps: list[BenchClamp]) -> ShellyGen2:
    """Return a three-phase Pro 3EM with a password."""
    return ShellyGen2(
        model="SPEM-003CEBEU", mac=MAC, clamps=[*clamps, BenchClamp()], password=PASSWORD
    )


async def test_coherent_quantities(connect: Connect, meter: ShellyGen2) -> None:
    """Apparent power is U·I and the current unsigned; only the power has a direction."""
    client = await connect(meter)
    assert (await client.get("/rpc/EM1.GetStatus?id=0")).body == {
        "id": 0,
        "current": 5.0,
        "voltage": 230.0,
        "act_power": 690.0,
        "aprt_power": 1150.0,
        "pf": 0.6,
        "freq": 50.0,
        "calibration": "factory",
    }
    second = (await client.get("/rpc/EM1.GetStatus?id=1")).body
    assert (second["current"], second["act_power"], second["pf"]) == (2.0, -460.0, 1.0)


async def test_three_forms_of_a_request(connect: Connect, meter: ShellyGen2) -> None:
    """GET, POST to the method, and the envelope; results without it, errors with a code."""
    client = await connect(meter)
    plain = (await client.get("/rpc/EM1.GetConfig?id=1")).body
    assert (await client.post("/rpc/EM1.GetConfig", {"id": 1})).body == plain
    envelope = await client.command("EM1.GetConfig", id=1)
    assert envelope == {"id": 7, "src": meter.device_id, "dst": "test", "result": plain}
    assert (await client.command("EM1.GetStatus", id=5))["error"]["code"] == -105
    assert (await client.command("EM1.GetStatus"))["error"]["code"] == -103
    assert (await client.command("Nothing.Get"))["error"]["code"] == 404
    unknown = await client.get("/rpc/Nothing.Get")
    assert (unknown.status, unknown.body["message"]) == (404, "No handler for Nothing.Get")
    assert (await client.get("/rpc/EM1.GetStatus?id=5")).status == 500
    assert (await client.post("/rpc", 5)).status == 400
    strange = await client.post("/rpc", {"id": 1, "method": "Shelly.GetStatus", "params": 5})
    assert strange.body["error"]["code"] == -103


async def test_energy_steps_once_a_minute(
    connect: Connect, meter: ShellyGen2, clamps: list[BenchClamp]
) -> None:
    """Counters in Wh by direction, written with the minute, and reset on command."""
    client = await connect(meter)
    clock = BenchClock(*clamps, meter)

    async def exported_wh(number: int) -> float:
        data = (await client.get(f"/rpc/EM1Data.GetStatus?id={number}")).body
        value: float = data["total_act_ret_energy"]
        return value

    clock.run(59.0)
    before_wh = await exported_wh(1)
    clock.run(5.0)
    assert before_wh < 0.1 < await exported_wh(1)
    assert await exported_wh(0) == 0.0
    assert (await client.command("EM1Data.ResetCounters", id=1))["result"] is None
    assert await exported_wh(1) == 0.0


async def test_phases_are_not_netted(connect: Connect, clamps: list[BenchClamp]) -> None:
    """Import on one phase and export on another both count up at once."""
    meter = ShellyGen2(model="S3EM-003CXCEU63", mac=MAC, clamps=[*clamps, BenchClamp()])
    client = await connect(meter)
    BenchClock(*clamps, meter).run(3660.0, step_s=1.0)
    data = (await client.get("/rpc/EMData.GetStatus?id=0")).body
    assert data["total_act"] == pytest.approx(690.0, rel=0.02)
    assert data["total_act_ret"] == pytest.approx(460.0, rel=0.02)
    assert data["a_total_act_energy"] == data["total_act"]
    assert data["b_total_act_ret_energy"] == data["total_act_ret"]
    assert (await client.command("EMData.ResetCounters", id=0))["result"] is None
    assert (await client.get("/rpc/EMData.GetStatus?id=0")).body["total_act"] == 0.0


async def test_bad_values_are_marked(
    connect: Connect, meter: ShellyGen2, pro: ShellyGen2, clamps: list[BenchClamp]
) -> None:
    """LEK-15: beyond the clamp's range, nulls, and errors by name."""
    client = await connect(meter)
    clock = BenchClock(meter, pro)
    clamps[0].power_w = 60 * 230.0
    clock.run(1.1)
    status = (await client.get("/rpc/EM1.GetStatus?id=0")).body
    assert status["errors"] == ["out_of_range:current"]
    assert "errors" not in (await client.get("/rpc/EM1.GetStatus?id=1")).body
    meter.faults.invalid = True
    meter.faults.meter_errors = ("power_meter_failure",)
    status = (await client.get("/rpc/EM1.GetStatus?id=1")).body
    assert (status["current"], status["act_power"]) == (None, None)
    assert status["errors"] == ["power_meter_failure"]
    pro.login.password = None
    three = await connect(pro)
    pro.faults.meter_errors = ("phase_sequence",)
    status = (await three.get("/rpc/EM.GetStatus?id=0")).body
    assert (status["a_errors"], status["c_errors"]) == (["phase_sequence"], ["phase_sequence"])


async def test_reverse_takes_effect_with_the_restart(connect: Connect, meter: ShellyGen2) -> None:
    """`reverse` flips power and energy in the device."""
    client = await connect(meter)
    clock = BenchClock(meter)
    reply = await client.command("EM1.SetConfig", id=1, config={"reverse": True})
    assert reply["result"] == {"restart_required": True}
    clock.run(2.0)
    assert (await client.get("/rpc/EM1.GetStatus?id=1")).body["act_power"] == -460.0
    assert (await client.get("/rpc/Sys.GetStatus")).body["restart_required"] is True
    await client.command("Shelly.Reboot")
    clock.run(meter.boot_s + 2.0)
    assert (await client.get("/rpc/EM1.GetStatus?id=1")).body["act_power"] == 460.0
    assert (await client.command("EM1.SetConfig", id=1))["error"]["code"] == -103
    wrong = await client.command("EM1.SetConfig", id=1, config={"reverse": "yes"})
    assert wrong["error"]["code"] == -103


async def test_reverse_of_one_phase(connect: Connect, pro: ShellyGen2) -> None:
    """`EM.GetConfig` lists reversed phases only."""
    pro.login.password = None
    client = await connect(pro)
    await client.command("EM.SetConfig", id=0, config={"reverse": {"b": True}})
    pro.reboot()
    BenchClock(pro).run(pro.boot_s + 2.0)
    status = (await client.get("/rpc/EM.GetStatus?id=0")).body
    assert (status["a_act_power"], status["b_act_power"]) == (690.0, 460.0)


async def test_http_digest(connect: Connect, pro: ShellyGen2) -> None:
    """Aiohttp's digest middleware logs in, also with an expired nonce; identity is free."""
    client = await connect(pro)
    path = "/rpc/EM.GetStatus?id=0"
    assert (await client.get(path)).status == 401
    assert (await client.get("/shelly")).body["auth_domain"] == pro.device_id
    assert (await client.get("/rpc/Shelly.GetDeviceInfo")).status == 200
    wrong = DigestAuthMiddleware("admin", "wrong")
    assert (await client.get(path, middlewares=(wrong,))).status == 401
    right = DigestAuthMiddleware("admin", PASSWORD)
    assert (await client.get(path, middlewares=(right,))).status == 200
    seen: list[tuple[int, bool]] = []

    async def spy(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        response = await handler(request)
        seen.append((response.status, "stale=true" in response.headers.get("WWW-Authenticate", "")))
        return response

    pro.login.expire()
    assert (await client.get(path, middlewares=(right, spy))).status == 200
    assert seen == [(401, True), (200, False)]


async def test_profile(connect: Connect, clamps: list[BenchClamp]) -> None:
    """The monophase profile shows three single meters."""
    meter = ShellyGen2(
        model="SPEM-003CEBEU",
        mac=MAC,
        clamps=[*clamps, BenchClamp()],
        profile=Profile.MONOPHASE,
    )
    client = await connect(meter)
    assert (await client.get("/shelly")).body["profile"] == "monophase"
    status = (await client.get("/rpc/Shelly.GetStatus")).body
    assert {"em1:0", "em1:2", "em1data:2"} <= set(status)
    assert "em:0" not in status


async def test_relay_in_the_older_form(connect: Connect, meter: ShellyGen2) -> None:
    """`/relay/0?turn=on` works on the newer models too."""
    client = await connect(meter)
    assert (await client.get("/relay/0?turn=on")).body["ison"] is True
    assert (await client.get("/relay/0?turn=up")).status == 400
    meter.faults.refuse_commands = True
    assert (await client.get("/relay/0?turn=off")).status == 500
    meter.faults.clear()
    status = (await client.get("/rpc/Switch.GetStatus?id=0")).body
    assert (status["output"], status["source"]) == (True, "HTTP_in")
    toggled = await client.command("Switch.Toggle", id=0)
    assert toggled["result"] == {"was_on": True}
    assert (await client.command("Switch.Set", id=0))["error"]["code"] == -103
    wrong = await client.command("Switch.Set", id=0, on=True, toggle_after="soon")
    assert wrong["error"]["code"] == -103


async def test_update_without_news(connect: Connect, meter: ShellyGen2) -> None:
    """Without a newer firmware there is nothing to install."""
    client = await connect(meter)
    assert (await client.get("/rpc/Shelly.CheckForUpdate")).body == {}
    assert (await client.command("Shelly.Update"))["error"]["code"] == -114


async def test_websocket_speaks_and_stays_silent_when_it_hangs(
    connect: Connect, meter: ShellyGen2
) -> None:
    """News go to a client that has asked with a `src`; nonsense is passed over."""
    await connect(meter)
    clock = BenchClock(meter)
    async with (
        ClientSession() as session,
        session.ws_connect(f"{meter.url}/rpc") as socket,
    ):
        await socket.send_str("nonsense")
        await socket.send_json({"no": "id"})
        await socket.send_json(
            {"id": 1, "src": "me", "method": "EM1.GetStatus", "params": {"id": 1}}
        )
        assert (await socket.receive_json(timeout=5))["result"]["act_power"] == -460.0
        clock.run(1.1)
        news = await socket.receive_json(timeout=5)
        assert (news["method"], news["dst"]) == ("NotifyFullStatus", "me")
        clock.run(1.0)
        news = await socket.receive_json(timeout=5)
        assert (news["method"], set(news["params"])) == ("NotifyStatus", {"ts", "em1:0", "em1:1"})
        meter.faults.hang = True
        clock.run(5.0)
        with pytest.raises(TimeoutError):
            await socket.receive_json(timeout=0.05)
        meter.faults.hang = False
        meter.faults.garbage = True
        clock.run(1.0)
        with pytest.raises(JSONDecodeError):
            await socket.receive_json(timeout=5)


def test_unknown_model_and_number_of_clamps() -> None:
    """A sentence says what is wrong."""
    with pytest.raises(ValueError, match="is not one of"):
        ShellyGen2(model="SNSW-001X16EU", mac=MAC, clamps=[])
    with pytest.raises(ValueError, match="has 2 clamps, not 0"):
        ShellyGen2(model="S3EM-002CXCEU", mac=MAC, clamps=[])
