"""The simulated Lektrico charger: every state, limit, method and error of protocol section A."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientConnectionError
import pytest

from simulator.devices import SimulatedDevice
from simulator.devices.bench import BenchCar, BenchClock
from simulator.devices.lektrico import LektricoCharger
from simulator.devices.lektrico.limits import CRITICAL_C, OVERTEMP_C, Reason

type Connect = Callable[[SimulatedDevice], Awaitable[Any]]

INFO = "/rpc/charger_info.get"


@pytest.fixture
def car() -> BenchCar:
    """Return an unplugged car that follows at once."""
    return BenchCar()


@pytest.fixture
def charger(car: BenchCar) -> LektricoCharger:
    """Return a 1P7K."""
    return LektricoCharger(model="1p7k", serial=500006, car=car)


@pytest.fixture
def clock(charger: LektricoCharger) -> BenchClock:
    """Return what moves the charger."""
    return BenchClock(charger)


async def test_shape_of_the_live_data(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """LEK-3: all fields of A.4 with their units; unused lines are zero."""
    client = await connect(charger)
    car.is_plugged = True
    clock.run(36.0)
    info = (await client.get(INFO)).body
    assert info["currents"] == [32.0, 0.0, 0.0]
    assert info["voltages"] == [230.0, 0.0, 0.0]
    assert info["session_energy"] == pytest.approx(72.9, abs=2.1)
    assert info["total_charged_energy"] == pytest.approx(0.073, abs=0.003)
    assert set(info) == {
        "charger_state",
        "extended_charger_state",
        "session_energy",
        "charging_time",
        "instant_power",
        "currents",
        "voltages",
        "temperature",
        "total_charged_energy",
        "dynamic_current",
        "relay_mode",
        "install_current",
        "current_limit_reason",
        "has_active_errors",
        "charger_is_paused",
        "headless",
        "fw_version",
    }


async def test_values_are_refreshed_every_second(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """The state changes at once, the measurement with the next refresh."""
    client = await connect(charger)
    clock.run(1.1)
    car.is_plugged = True
    clock.run(0.5)
    info = (await client.get(INFO)).body
    assert (info["extended_charger_state"], info["currents"][0]) == ("C", 0.0)
    clock.run(0.7)
    assert (await client.get(INFO)).body["currents"][0] == 32.0


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "C"),
        ({"full": True}, "B"),
        ({"unplugged": True}, "A"),
        ({"headless": False}, "B_AUTH"),
        ({"charger_locked": True}, "LOCKED"),
        ({"dynamic": 0}, "B_PAUSE"),
        ({"schedule": True}, "B_SCHEDULER"),
        ({"error": "cp_diode_failure"}, "E"),
        ({"update": "1.60"}, "OTA"),
    ],
)
async def test_states(
    connect: Connect, charger: LektricoCharger, car: BenchCar, change: dict[str, Any], state: str
) -> None:
    """LEK-2: every state, and no current in any but charging."""
    client = await connect(charger)
    for key in ("headless", "charger_locked"):
        if key in change:
            reply = await client.command("app_config.set", config_key=key, config_value=change[key])
            assert reply["result"] is True
    car.is_plugged = "unplugged" not in change
    car.is_full = "full" in change
    charger.point.schedule_waits = "schedule" in change
    if "dynamic" in change:
        await client.command("dynamic_current.set", dynamic_current=change["dynamic"])
    if "error" in change:
        charger.point.errors.add(change["error"])
    if "update" in change:
        charger.begin_update(change["update"])
    BenchClock(charger).run(5.0)
    info = (await client.get(INFO)).body
    assert info["extended_charger_state"] == state
    assert (car.current_a > 0) is (state == "C")
    letter = {"A": "A", "C": "C", "E": "E"}.get(state, "B")
    assert info["charger_state"] == letter


async def test_every_limit_gives_its_reason(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """LEK-18: the tightest limit binds and is named, at the very instant it changes."""
    client = await connect(charger)
    car.is_plugged = True
    clock.run(2.0)

    async def seen() -> tuple[int, Reason]:
        info = (await client.get(INFO)).body
        return charger.point.limit.current_a, Reason(info["current_limit_reason"])

    assert await seen() == (32, Reason.NO_LIMIT)
    await client.command("app_config.set", config_key="install_current", config_value=25)
    assert await seen() == (25, Reason.INSTALLATION_CURRENT)
    await client.command("app_config.set", config_key="user_current", config_value=20)
    assert await seen() == (20, Reason.USER_LIMIT)
    await client.command("dynamic_current.set", dynamic_current=20)
    assert await seen() == (20, Reason.USER_LIMIT)
    await client.command("dynamic_current.set", dynamic_current=16)
    assert await seen() == (16, Reason.DYNAMIC_LIMIT)
    charger.point.balance(10)
    assert await seen() == (10, Reason.EM)
    clock.run(11.0)
    assert await seen() == (6, Reason.EM_OFFLINE)
    charger.point.balance(None)
    charger.point.schedule_waits = True
    assert await seen() == (0, Reason.SCHEDULE)
    clock.run(1.0)
    assert car.current_a == 0.0


async def test_heat_throttles_and_then_stops(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """LEK-18: a hot room reduces the current, a hotter one ends in an error."""
    client = await connect(charger)
    car.is_plugged = True
    charger.point.thermal.ambient_c = 60.0
    clock.run(3600.0, step_s=1.0)
    info = (await client.get(INFO)).body
    assert info["current_limit_reason"] == Reason.OVERTEMPERATURE
    assert OVERTEMP_C <= info["temperature"] < CRITICAL_C
    assert 6.0 <= info["currents"][0] < 32.0
    flags = (await client.get("/rpc/active_errors.get")).body
    assert {name for name, active in flags.items() if active} == {"overtemp"}
    charger.point.thermal.ambient_c = 90.0
    clock.run(3600.0, step_s=1.0)
    info = (await client.get(INFO)).body
    assert (info["extended_charger_state"], info["currents"][0]) == ("E", 0.0)
    charger.point.thermal.ambient_c = 20.0
    clock.run(7200.0, step_s=1.0)
    assert (await client.get(INFO)).body["currents"][0] == 32.0


@pytest.mark.parametrize("method", ["charger_info.get", "Charger_Info.Get", "CHARGER_INFO.GET"])
async def test_methods_in_any_case(connect: Connect, charger: LektricoCharger, method: str) -> None:
    """A.1: method names appear in mixed case."""
    client = await connect(charger)
    assert (await client.get(f"/rpc/{method}")).body["fw_version"] == "1.51"


async def test_forms_of_a_command(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """A.1: envelope, GET with a query, and POST to the method with bare parameters."""
    client = await connect(charger)
    car.is_plugged = True
    clock.run(1.0)
    envelope = await client.command("Dynamic_Current.Set", dynamic_current=10)
    assert envelope == {"id": 7, "src": "1p7k_500006", "dst": "test", "result": True}
    assert (await client.get("/rpc/Charge.Stop")).body is True
    clock.run(1.0)
    assert car.current_a == 0.0
    assert (await client.get("/rpc/Charge.Start")).body is True
    body = {"config_key": "led_max_brightness", "config_value": 40}
    assert (await client.post("/rpc/app_config.Set", body)).body is True
    assert (await client.get("/rpc/app_config.get")).body["led_max_brightness"] == 40
    assert (await client.get("/rpc/dynamic_current.set?dynamic_current=12")).body is True
    clock.run(1.0)
    assert car.current_a == 12.0


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("dynamic_current.set", {}, -2),
        ("dynamic_current.set", {"dynamic_current": 1}, -4),
        ("dynamic_current.set", {"dynamic_current": 5}, -4),
        ("dynamic_current.set", {"dynamic_current": 33}, -4),
        ("dynamic_current.set", {"dynamic_current": -1}, -4),
        ("dynamic_current.set", {"dynamic_current": "10"}, -5),
        ("dynamic_current.set", {"dynamic_current": True}, -5),
        ("dynamic_current.set", {"dynamic_current": 10.5}, -5),
        ("dynamic_current.set", {"dynamic_current": 10, "relay_mode": 1}, -7),
        ("app_config.set", {"config_key": "headless"}, -2),
        ("app_config.set", {"config_value": True}, -2),
        ("app_config.set", {"config_key": 5, "config_value": True}, -5),
        ("app_config.set", {"config_key": "nonsense", "config_value": True}, -6),
        ("app_config.set", {"config_key": "headless", "config_value": 1}, -5),
        ("app_config.set", {"config_key": "user_current", "config_value": 0}, -4),
        ("app_config.set", {"config_key": "led_max_brightness", "config_value": 5}, -4),
        ("app_config.set", {"config_key": "led_template", "config_value": "1,2"}, -3),
        ("app_config.set", {"config_key": "led_template", "config_value": "9" * 80}, -3),
        ("app_config.set", {"config_key": "led_template", "config_value": "999," * 11 + "0"}, -4),
        ("app_config.set", {"config_key": "led_template", "config_value": 7}, -5),
        ("charge.start", {"tag": 5}, -5),
        ("charge.start", {"tag": "HASS"}, -7),
        ("no.such.method", {}, -1),
    ],
)
async def test_errors_of_a_command(
    connect: Connect, charger: LektricoCharger, method: str, params: dict[str, Any], code: int
) -> None:
    """A.6: the vendor's codes, and nothing changes."""
    client = await connect(charger)
    before = (await client.get("/rpc/app_config.get")).body
    reply = await client.command(method, **params)
    assert "result" not in reply
    assert (reply["error"]["code"], reply["dst"]) == (code, "test")
    assert (await client.get("/rpc/app_config.get")).body == before
    assert charger.point.dynamic_current_a == 32


async def test_malformed_requests(connect: Connect, charger: LektricoCharger) -> None:
    """Nothing that is not a request gets more than an error."""
    client = await connect(charger)
    assert (await client.post("/rpc", [1, 2])).body["error"]["code"] == -2
    assert (await client.post("/rpc", {"method": 5})).body["error"]["code"] == -2
    assert (await client.post("/rpc/app_config.set", 5)).status == 400
    unknown = await client.get("/rpc/Nothing.Get")
    assert (unknown.status, unknown.body["code"]) == (404, 404)
    wrong = await client.get("/rpc/dynamic_current.set?dynamic_current=3")
    assert (wrong.status, wrong.body["error"]["code"]) == (400, -4)


async def test_restart_forgets_what_is_volatile(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """A.7: dynamic limit and session are gone, settings and lifetime energy stay."""
    client = await connect(charger)
    car.is_plugged = True
    await client.command("app_config.set", config_key="user_current", config_value=20)
    await client.command("dynamic_current.set", dynamic_current=8)
    clock.run(3600.0)
    charger.reboot()
    assert car.current_a == 0.0
    with pytest.raises(ClientConnectionError):
        await client.get(INFO)
    clock.run(charger.boot_s / 2)
    with pytest.raises(ClientConnectionError):
        await client.get(INFO)
    clock.run(charger.boot_s / 2 + 2.0)
    info = (await client.get(INFO)).body
    assert (info["dynamic_current"], info["currents"][0]) == (32, 20.0)
    assert info["session_energy"] < 10.0
    assert info["total_charged_energy"] == pytest.approx(1.82, abs=0.02)


async def test_authorisation(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """LEK-12: without plug and charge every session needs its own start."""
    client = await connect(charger)
    await client.command("app_config.set", config_key="headless", config_value=False)
    for tag in ("first", "second"):
        car.is_plugged = True
        clock.run(1.0)
        assert (await client.get(INFO)).body["extended_charger_state"] == "B_AUTH"
        assert (await client.command("charge.start", tag=tag))["result"] is True
        clock.run(1.0)
        assert charger.point.session.tag == tag
        assert (await client.get(INFO)).body["extended_charger_state"] == "C"
        car.is_plugged = False
        clock.run(1.0)
    counters = (await client.get("/rpc/Counters_config.Get")).body
    assert counters["last_session_energy"] == pytest.approx(2.0, abs=0.3)


async def test_lock_spares_the_running_session(
    connect: Connect, charger: LektricoCharger, car: BenchCar, clock: BenchClock
) -> None:
    """Locked means that no session can start; the running one goes on."""
    client = await connect(charger)
    car.is_plugged = True
    clock.run(1.0)
    await client.command("app_config.set", config_key="charger_locked", config_value=True)
    clock.run(1.0)
    assert car.current_a == 32.0
    car.is_plugged = False
    clock.run(1.0)
    assert (await client.get(INFO)).body["extended_charger_state"] == "LOCKED"
    car.is_plugged = True
    clock.run(1.0)
    assert car.current_a == 0.0
    assert (await client.command("charge.start"))["error"]["code"] == -7


async def test_firmware_update(
    connect: Connect, charger: LektricoCharger, clock: BenchClock
) -> None:
    """LEK-13: the update ends with a restart and the new version."""
    client = await connect(charger)
    charger.inject({"update": "1.60"})
    clock.run(31.0)
    with pytest.raises(ClientConnectionError):
        await client.get(INFO)
    clock.run(charger.boot_s)
    info = (await client.get(INFO)).body
    assert (info["fw_version"], info["extended_charger_state"]) == ("1.60", "A")


async def test_old_firmware(connect: Connect, car: BenchCar) -> None:
    """A.4: scalars instead of arrays, no reason, another name for one error."""
    charger = LektricoCharger(model="1p7k", serial=500006, car=car, old_firmware=True)
    client = await connect(charger)
    car.is_plugged = True
    BenchClock(charger).run(2.0)
    info = (await client.get(INFO)).body
    assert (info["current"], info["voltage"], info["pwm_current"]) == (32.0, 230.0, 32.0)
    assert info["total_charged_energy"] == 0
    assert not {"currents", "voltages", "current_limit_reason"} & set(info)
    assert (await client.get("/rpc/dynamic_current.get")).body == {"dynamic_current": 32}
    flags = (await client.get("/rpc/active_errors.get")).body
    assert "state_machine_e_activated" in flags
    assert "state_e_activated" not in flags


async def test_basic_login(connect: Connect, car: BenchCar) -> None:
    """A.1: the optional user and password guard every method."""
    charger = LektricoCharger(model="1p7k", serial=500006, car=car, credentials=("owner", "secret"))
    client = await connect(charger)
    assert (await client.get(INFO)).status == 401
    assert (await client.get(INFO, login=("owner", "wrong"))).status == 401
    assert (await client.get(INFO, login=("owner", "secret"))).status == 200


async def test_injected_errors(charger: LektricoCharger) -> None:
    """Ten flags can be injected by name; any other name is refused with a sentence."""
    charger.inject({"errors": ["overcurrent"], "schedule_waits": True})
    assert charger.point.errors == {"overcurrent"}
    assert charger.point.schedule_waits
    with pytest.raises(ValueError, match="errors is a list of"):
        charger.inject({"errors": ["bad_mood"]})
    with pytest.raises(ValueError, match="schedule_waits is true or false"):
        charger.inject({"schedule_waits": "yes"})
    with pytest.raises(ValueError, match="update is the version"):
        charger.inject({"update": 2})
    charger.inject({"errors": ["overtemp"], "schedule_waits": False})
    assert charger.point.limit.reason is Reason.OVERTEMPERATURE
