"""What a charger's driver reads and writes, against a simulated charger over loopback."""

from typing import Literal

import aiohttp
import pytest

from custom_components.evse_suite.devices import open_device, probe
from custom_components.evse_suite.devices.model import (
    AutoUpdate,
    ChargerReading,
    ChargerStatus,
    CurrentControl,
    DeviceCommandError,
    DeviceIdentity,
    DeviceKind,
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
from tests.devices.lektricos import bench, identity, opened
from tests.devices.servers import JsonServer, ManualClock


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
        assert paused.status is ChargerStatus.PAUSED_BY_LOAD_BALANCING  # LEK-11
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
