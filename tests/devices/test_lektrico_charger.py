"""The charger's driver against a simulated charger, over loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
import pytest

from custom_components.evse_suite.devices import known_identity, open_device, probe
from custom_components.evse_suite.devices.lektrico.charger import Charger, ThreePhaseCharger
from custom_components.evse_suite.devices.model import (
    AutoUpdate,
    ChargerReading,
    ChargerStatus,
    CurrentControl,
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    LedBrightness,
    LimitReason,
    Lock,
    PhaseSwitch,
    PlugAndCharge,
    Push,
    Relay,
    Restart,
    ScheduleOverride,
    StartStop,
    UserCurrent,
)
from simulator.devices.bench import BenchCar
from simulator.devices.lektrico.charger import LektricoCharger
from tests.devices.servers import JsonServer, ManualClock

BOOT_S = 3.0


class Bench:
    """A simulated charger with its car, and the driver's object for it."""

    def __init__(self, charger: LektricoCharger, car: BenchCar) -> None:
        self.charger = charger
        self.car = car
        self.now_s = 0.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.now_s += 0.5
            self.car.step(self.now_s, 0.5)
            self.charger.step(self.now_s, 0.5)

    async def run_until_back(self) -> None:
        self.run(BOOT_S + 1)
        if self.charger._opening is not None:
            await self.charger._opening

    def plug_in(self) -> None:
        self.car.is_plugged = True
        self.run(3)


@asynccontextmanager
async def bench(
    *,
    model: Literal["1p7k", "3p22k"] = "1p7k",
    old_firmware: bool = False,
    credentials: tuple[str, str] | None = None,
    install_current: int = 32,
    user_current: int = 32,
) -> AsyncIterator[Bench]:
    car = BenchCar(lines=3 if model == "3p22k" else 1)
    charger = LektricoCharger(
        model=model,
        serial=500006,
        car=car,
        boot_s=BOOT_S,
        old_firmware=old_firmware,
        credentials=credentials,
        install_current=install_current,
        user_current=user_current,
    )
    await charger.start()
    found = Bench(charger, car)
    found.run(1)
    try:
        yield found
    finally:
        await charger.stop()


def identity(model_id: str = "1p7k", serial: str = "500006") -> DeviceIdentity:
    return known_identity(
        "lektrico",
        kind=DeviceKind.CHARGER,
        serial=serial,
        model=model_id.upper(),
        model_id=model_id,
        lines=3 if model_id == "3p22k" else 1,
    )


def opened(
    session: aiohttp.ClientSession,
    host: str,
    clock: Callable[[], float],
    model_id: str = "1p7k",
) -> Charger:
    device = open_device(identity(model_id), session, host, clock=clock)
    assert isinstance(device, Charger)
    return device


@pytest.mark.parametrize(("model_id", "lines"), [("1p7k", 1), ("3p22k", 3)])
async def test_probing(
    session: aiohttp.ClientSession, model_id: Literal["1p7k", "3p22k"], lines: int
) -> None:
    async with bench(model=model_id) as home:  # LEK-1
        device = await probe(session, home.charger.host_port)
        assert device.identity == DeviceIdentity(
            kind=DeviceKind.CHARGER,
            driver="lektrico",
            serial="500006",
            manufacturer="Lektrico",
            model=model_id.upper(),
            model_id=model_id,
            lines=lines,
            default_name=f"Lektrico {model_id.upper()} 500006",
            hardware="E",
        )
        assert isinstance(await device.read(), ChargerReading)


async def test_a_session_from_plug_to_full(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:  # LEK-2, LEK-3
        device = opened(session, home.charger.host_port, clock)
        idle = await device.read()
        assert (idle.status, idle.raw_status) == (ChargerStatus.AVAILABLE, "A")
        home.plug_in()
        home.run(360)
        reading = await device.read()
        assert reading.status is ChargerStatus.CHARGING
        assert reading.current_a == pytest.approx((32,))
        assert reading.voltage_v == pytest.approx((230,))
        assert reading.power_w == pytest.approx(32 * 230, rel=0.02)
        assert reading.session_energy_wh == pytest.approx(32 * 230 / 10, rel=0.05)
        assert reading.charging_time_s == pytest.approx(360, abs=5)
        # On the wire kWh, here Wh.
        assert reading.lifetime_energy_wh == pytest.approx(32 * 230 / 10, rel=0.05)
        assert reading.temperature_c is not None
        assert (reading.limit_reason, reading.raw_limit_reason) == (LimitReason.NO_LIMIT, 0)
        assert (reading.user_current_a, reading.install_current_a) == (32, 32)
        assert reading.offered_current_a == 32
        assert reading.firmware == device.identity.firmware == "1.51"
        assert reading.force_single_phase is None
        assert (reading.plug_and_charge, reading.locked, reading.auto_update) == (True, False, True)
        assert reading.led_brightness_percent == 10
        assert reading.time_s == clock.now_s


async def test_pause_and_resume_by_the_current(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        home.plug_in()
        await device.set_current(0, urgent=True)
        home.run(2)
        paused = await device.read()
        assert paused.status is ChargerStatus.PAUSED  # LEK-11
        assert paused.current_a == pytest.approx((0,))
        await device.set_current(10)
        home.run(2)
        resumed = await device.read()
        assert resumed.status is ChargerStatus.CHARGING
        assert resumed.current_a == pytest.approx((10,))
        assert resumed.offered_current_a == 10
        assert resumed.limit_reason is LimitReason.DYNAMIC_LIMIT  # LEK-18
        # The persistent limit is not touched by control (LEK-4).
        assert home.charger.settings.amps("user_current") == 32


@pytest.mark.parametrize("current_a", [-1, 1, 5, 33])
async def test_a_current_that_is_never_sent(
    session: aiohttp.ClientSession, clock: ManualClock, current_a: int
) -> None:
    server = JsonServer({"/rpc/charger_config.get": {"serial_number": 500006}})
    async with server.running():
        device = opened(session, server.host, clock)
        with pytest.raises(ValueError, match="0 or 6 to 32"):
            await device.set_current(current_a)
    assert (server.asked, server.frames) == ([], [])


async def test_authorisation_start_and_stop(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:  # LEK-6, LEK-12
        device = opened(session, home.charger.host_port, clock)
        assert (await device.read()).plug_and_charge is True
        await device.set_plug_and_charge(enabled=False)
        assert (await device.read()).plug_and_charge is False
        home.plug_in()
        assert (await device.read()).status is ChargerStatus.NEED_AUTH
        await device.start()
        home.run(2)
        assert (await device.read()).status is ChargerStatus.CHARGING
        assert home.charger.point.session.tag == "EVSE-Suite"
        await device.stop()
        home.run(2)
        assert (await device.read()).status is ChargerStatus.PAUSED


async def test_a_refused_start_names_the_reason(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        with pytest.raises(DeviceCommandError, match="no car") as caught:
            await device.start()
        assert caught.value.code == -7


async def test_schedule_override(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        home.charger.inject({"schedule_waits": True})
        home.plug_in()
        assert (await device.read()).status is ChargerStatus.PAUSED_BY_SCHEDULER
        await device.override_schedule()
        home.run(2)
        assert (await device.read()).status is ChargerStatus.CHARGING


async def test_settings_are_seen_after_writing(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:  # LEK-13
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        await device.set_locked(locked=True)
        await device.set_led_brightness(100)
        await device.set_user_current(13)
        await device.set_auto_update(enabled=False)
        home.run(2)
        reading = await device.read()
        assert reading.status is ChargerStatus.LOCKED
        assert (reading.locked, reading.auto_update) == (True, False)
        assert (reading.led_brightness_percent, reading.user_current_a) == (100, 13)


async def test_settings_have_their_own_rhythm(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        home.charger.settings.set("led_max_brightness", 50)
        clock.advance(29)
        assert (await device.read()).led_brightness_percent == 10
        clock.advance(1)
        assert (await device.read()).led_brightness_percent == 50


@pytest.mark.parametrize("percent", [0, 9, 101])
async def test_a_brightness_out_of_range(
    session: aiohttp.ClientSession, clock: ManualClock, percent: int
) -> None:
    device = opened(session, "127.0.0.1:9", clock)
    with pytest.raises(ValueError, match="10 to 100"):
        await device.set_led_brightness(percent)


async def test_the_installers_limit_bounds_the_users(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(install_current=20, user_current=20) as home:  # LEK-5
        device = opened(session, home.charger.host_port, clock)
        # Also when nothing has been read yet.
        for current_a in (5, 21):
            with pytest.raises(ValueError, match="6 to 20"):
                await device.set_user_current(current_a)
        await device.set_user_current(20)
        assert (await device.read()).install_current_a == 20


async def test_errors_by_name(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with bench() as home:  # LEK-3
        device = opened(session, home.charger.host_port, clock)
        assert (await device.read()).errors == frozenset()
        home.charger.inject({"errors": ["rcd_error", "overtemp"]})
        home.run(2)
        reading = await device.read()
        assert reading.has_errors
        assert reading.errors == {"rcd_error", "overtemp"}
        assert reading.errors <= set(device.error_names)


@pytest.mark.parametrize("model", ["1p7k", "3p22k"])
async def test_old_firmware(
    session: aiohttp.ClientSession, clock: ManualClock, model: Literal["1p7k", "3p22k"]
) -> None:
    async with bench(model=model, old_firmware=True, user_current=16) as home:
        device = opened(session, home.charger.host_port, clock, model)
        home.plug_in()
        await device.set_current(8)
        home.run(2)
        reading = await device.read()
        lines = device.identity.lines
        assert reading.current_a == pytest.approx((8,) * lines)
        assert reading.voltage_v == pytest.approx((230,) * lines)
        assert reading.offered_current_a == 8
        assert (reading.limit_reason, reading.raw_limit_reason) == (None, None)
        assert reading.force_single_phase is None
        assert reading.user_current_a == 16
        home.charger.inject({"errors": ["state_e_activated"]})
        home.run(2)
        assert (await device.read()).errors == {"state_e_activated"}


async def test_a_user_limit_told_elsewhere(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    info = {"charger_state": "A", "instant_power": 0, "currents": [0], "voltages": [230]}
    server = JsonServer(
        {
            "/rpc/charger_config.get": {"serial_number": 500006},
            "/rpc/charger_info.get": {**info, "dynamic_current": 32},
            "/rpc/app_config.get": {"headless": True},
            "/rpc/System_currents.Get": {"user_current": 20},
        }
    )
    async with server.running():
        device = opened(session, server.host, clock)
        assert (await device.read()).user_current_a == 20
        del server.replies["/rpc/System_currents.Get"]
        clock.advance(30)
        assert (await device.read()).user_current_a is None
        server.asked.clear()
        clock.advance(30)
        await device.read()
        # What it does not know is not asked again and again.
        assert server.asked == ["/rpc/charger_info.get", "/rpc/app_config.get"]


async def test_unknown_words_pass_through(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    server = JsonServer(
        {
            "/rpc/charger_config.get": {"serial_number": 500006},
            "/rpc/charger_info.get": {
                "extended_charger_state": "RFID_LEARNING",
                "instant_power": 0,
                "currents": [0.0],
                "voltages": [230.0],
                "current_limit_reason": 99,
                "dynamic_current": 32,
                "has_active_errors": True,
            },
            "/rpc/app_config.get": {"user_current": 32},
        }
    )
    async with server.running():
        reading = await opened(session, server.host, clock).read()
    assert (reading.status, reading.raw_status) == (None, "RFID_LEARNING")
    assert (reading.limit_reason, reading.raw_limit_reason) == (None, 99)
    # This firmware does not tell which error it is.
    assert (reading.has_errors, reading.errors) == (True, frozenset())


async def test_phases_are_switched_with_the_current(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        home.plug_in()
        assert (await device.read()).current_a == pytest.approx((32, 32, 32))
        await device.set_current(10)
        await device.set_force_single_phase(forced=True)
        home.run(20)
        reading = await device.read()
        assert reading.force_single_phase is True
        assert reading.current_a == pytest.approx((10, 0, 0))
        await device.set_force_single_phase(forced=False)
        home.run(20)
        reading = await device.read()
        assert reading.force_single_phase is False
        assert reading.current_a == pytest.approx((10, 10, 10))


async def test_a_forgotten_phase_switch_goes_with_the_next_current(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.set_force_single_phase(forced=True)
        assert (await device.read()).force_single_phase is True
        home.charger.reboot()
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        back = await device.read()
        assert (back.force_single_phase, back.restarts) == (False, 1)
        await device.set_current(8)
        assert (await device.read()).force_single_phase is True
        assert home.charger.point.dynamic_current_a == 8


async def test_a_cut_is_not_undone_by_a_phase_switch(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench(model="3p22k") as home:
        device = opened(session, home.charger.host_port, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.read()
        home.charger.faults.delay_s = 0.1
        switch = asyncio.create_task(device.set_force_single_phase(forced=True))
        await asyncio.sleep(0.05)
        # The present current is being asked for; now the cut overtakes the switch.
        await device.set_current(0, urgent=True)
        await switch
        assert home.charger.point.dynamic_current_a == 0
        assert (await device.read()).force_single_phase is True


async def test_a_refused_relay_mode_does_not_block_the_next_cut(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    server = JsonServer(
        {
            "/rpc/charger_config.get": {"serial_number": 500006},
            "/rpc/dynamic_current.get": {"dynamic_current": 16, "relay_mode": 3},
        }
    )
    async with server.running():
        device = opened(session, server.host, clock, "3p22k")
        assert isinstance(device, ThreePhaseCharger)
        await device.set_force_single_phase(forced=True)
        server.result = lambda frame: {
            "id": frame["id"],
            "error": {"code": -7, "message": "1p charging disabled"},
        }
        with pytest.raises(DeviceCommandError):
            await device.set_current(0)
        server.result = lambda frame: {"id": frame["id"], "result": True}
        await device.set_current(0)
        server.replies["/rpc/dynamic_current.get"] = {"dynamic_current": 3}
        with pytest.raises(DeviceProtocolError, match="3 A"):
            await device.set_force_single_phase(forced=True)
    assert [frame["params"] for frame in server.frames] == [
        {"dynamic_current": 16, "relay_mode": 1},
        {"dynamic_current": 0, "relay_mode": 1},
        {"dynamic_current": 0},
    ]


async def test_a_restart_is_counted(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with bench() as home:  # SITE-5
        device = opened(session, home.charger.host_port, clock)
        home.plug_in()
        await device.set_current(10)
        assert (await device.read()).restarts == 0
        home.charger.reboot()
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        reading = await device.read()
        assert (reading.offered_current_a, reading.restarts) == (32, 1)
        assert (await device.read()).restarts == 1


async def test_an_ordered_restart_waits_and_is_counted(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:  # LEK-13
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        await device.restart()
        home.run(1)
        with pytest.raises(DeviceConnectionError):
            await device.read()
        await home.run_until_back()
        assert (await device.read()).restarts == 1


async def test_an_outage_alone_is_no_restart(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        await device.set_current(10)
        await device.read()
        home.charger.faults.drop = True
        with pytest.raises(DeviceConnectionError):
            await device.read()
        home.charger.faults.clear()
        assert (await device.read()).restarts == 0


async def test_basic_login(session: aiohttp.ClientSession) -> None:
    async with bench(credentials=("user", "secret")) as home:
        host = home.charger.host_port
        with pytest.raises(DeviceAuthError):
            await probe(session, host)
        with pytest.raises(DeviceAuthError):
            await probe(session, host, username="user", password="wrong")
        device = await probe(session, host, username="user", password="secret")
        assert device.identity.serial == "500006"
        await device.read()


async def test_another_charger_at_the_address(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    async with bench() as home:
        stranger = open_device(identity(serial="500007"), session, home.charger.host_port)
        assert isinstance(stranger, Charger)
        with pytest.raises(DeviceMismatchError, match="500006"):
            await stranger.read()
        # Neither is it told anything.
        with pytest.raises(DeviceMismatchError):
            await stranger.set_current(0, urgent=True)
        assert home.charger.point.dynamic_current_a == 32


async def test_the_address_moves_to_another_charger_during_an_outage(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    config: dict[str, object] = {"serial_number": 500006}
    server = JsonServer({"/rpc/charger_config.get": config})
    async with server.running():
        device = opened(session, server.host, clock)
        await device.set_current(10)
        device._rpc._door.lose()
        config["serial_number"] = 500007
        with pytest.raises(DeviceMismatchError):
            await device.set_current(16)
    assert len(server.frames) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("garbage", DeviceProtocolError),
        ("unauthorized", DeviceAuthError),
        ("drop", DeviceConnectionError),
        ("invalid", DeviceProtocolError),
    ],
)
async def test_faults(
    session: aiohttp.ClientSession,
    clock: ManualClock,
    fault: str,
    error: type[DeviceError],
) -> None:
    async with bench() as home:
        device = opened(session, home.charger.host_port, clock)
        await device.read()
        home.charger.faults.set(fault, True)
        home.run(2)
        with pytest.raises(error):
            await device.read()
        home.charger.faults.clear()
        home.run(2)
        assert (await device.read()).status is ChargerStatus.AVAILABLE


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ({"result": True}, DeviceProtocolError),
        ({"id": -1, "result": True}, DeviceProtocolError),
        ({"id": 1, "result": False}, DeviceCommandError),
        ({"id": 1}, DeviceCommandError),
        ({"id": 1, "result": {}}, DeviceProtocolError),
        ({"id": 1, "error": "no"}, DeviceProtocolError),
        ({"id": 1, "error": {"code": -4}}, DeviceCommandError),
    ],
)
async def test_only_a_confirmed_command_counts(
    session: aiohttp.ClientSession,
    clock: ManualClock,
    result: dict[str, object],
    error: type[DeviceError],
) -> None:
    server = JsonServer({"/rpc/charger_config.get": {"serial_number": 500006}})
    server.result = lambda _frame: result
    async with server.running():
        with pytest.raises(error):
            await opened(session, server.host, clock).set_current(6)


async def test_settings_that_could_not_be_read_are_due_at_once(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    server = JsonServer(
        {
            "/rpc/charger_config.get": {"serial_number": 500006},
            "/rpc/charger_info.get": {
                "charger_state": "A",
                "instant_power": 0,
                "currents": [0],
                "voltages": [230],
                "dynamic_current": 32,
            },
        }
    )
    async with server.running():
        device = opened(session, server.host, clock)
        with pytest.raises(DeviceCommandError):
            await device.read()
        server.replies["/rpc/app_config.get"] = {"user_current": 20}
        assert (await device.read()).user_current_a == 20


async def test_capabilities(session: aiohttp.ClientSession) -> None:
    for model_id, has_phases in (("1p7k", False), ("3p22k", True)):
        device = open_device(identity(model_id), session, "evse.local")
        for wanted in (
            CurrentControl,
            StartStop,
            ScheduleOverride,
            Restart,
            PlugAndCharge,
            Lock,
            LedBrightness,
            UserCurrent,
            AutoUpdate,
        ):
            assert device.capability(wanted) is device
        assert (device.capability(PhaseSwitch) is not None) is has_phases
        assert device.capability(Relay) is None
        assert device.capability(Push) is None
        assert len(device.error_names) == 10
