"""The driver of the newer Shelly meters, polled, against simulated ones over loopback."""

import aiohttp
import pytest

from custom_components.evse_suite.devices import probe
from custom_components.evse_suite.devices.model import (
    DeviceAuthError,
    DeviceCommandError,
    DeviceConnectionError,
    DeviceMismatchError,
    DeviceProtocolError,
    FirmwareUpdate,
    MeterFlaw,
    Push,
    Relay,
    Restart,
)
from custom_components.evse_suite.devices.shelly.rpc_meter import RpcMeter
from simulator.devices.shelly.models import Profile
from tests.devices.servers import JsonServer, ManualClock
from tests.devices.shellies import BOOT_S, MAC, POWERS_W, opened_rpc, rpc, run, until_open


@pytest.mark.parametrize(
    ("model_id", "lines", "model", "range_a", "relay"),
    [
        ("S3EM-002CXCEU", 2, "EM Gen3", 50, False),
        ("S4EM-002CXCEU", 2, "EM Gen4", 50, False),
        ("S4EM-001PXCEU16", 1, "EM Mini Gen4", 16, None),
        ("S4EM-001CXCEU63", 1, "EM-63 Gen4", 63, None),
        ("SPEM-002CEBEU50", 2, "Pro EM-50", 50, False),
        ("SPEM-003CEBEU", 3, "Pro 3EM", 120, None),
        ("S3EM-003CXCEU63", 3, "3EM-63 Gen3", 63, None),
    ],
)
async def test_probing_and_reading(
    *,
    session: aiohttp.ClientSession,
    clock: ManualClock,
    model_id: str,
    lines: int,
    model: str,
    range_a: float,
    relay: bool | None,
) -> None:
    async with rpc(model_id, lines) as meter:
        device = await probe(session, meter.host_port, clock=clock)
        assert isinstance(device, RpcMeter)
        identity = device.identity
        assert (identity.serial, identity.mac, identity.lines) == (MAC, MAC, lines)
        assert (identity.model, identity.model_id, identity.firmware) == (model, model_id, "1.6.1")
        assert identity.default_name == f"Shelly {model} D3E4F5"
        reading = await device.read()
        assert [channel.power_w for channel in reading.channels] == list(POWERS_W[:lines])
        for channel, power_w in zip(reading.channels, POWERS_W, strict=False):
            # Unsigned on the wire; here with the direction of the power.
            assert channel.current_a is not None
            assert (channel.current_a < 0) == (power_w < 0)
            assert abs(channel.current_a) >= abs(power_w) / 231
            assert (channel.frequency_hz, channel.flaws) == (50, frozenset())
        assert (reading.clamp_range_a, reading.relay_on) == (range_a, relay)
        assert (reading.firmware, reading.latest_firmware) == ("1.6.1", "1.6.1")
        assert (device.capability(Relay) is not None) is (relay is not None)
        # The same when it is opened without having been seen.
        unseen = opened_rpc(session, meter.host_port, clock, model_id, lines)
        assert (unseen.capability(Relay) is not None) is (relay is not None)
        assert await unseen.read() == reading


@pytest.mark.parametrize("profile", Profile)
async def test_both_profiles_of_a_three_phase_meter(
    session: aiohttp.ClientSession, clock: ManualClock, profile: Profile
) -> None:
    async with rpc(profile=profile, name="Grid") as meter:
        run(meter, 3600)
        device = await probe(session, meter.host_port, clock=clock)
        assert (device.identity.lines, device.identity.default_name) == (3, "Grid")
        assert isinstance(device, RpcMeter)
        first, second, third = (await device.read()).channels
        assert (first.power_w, second.power_w, third.power_w) == POWERS_W
        # Counters per phase and not netted (protocol B.3).
        assert first.energy_import_wh == pytest.approx(2300, rel=0.05)
        assert second.energy_export_wh == pytest.approx(690, rel=0.05)
        assert (first.energy_export_wh, second.energy_import_wh) == (0, 0)


async def test_nulls_are_no_zeros(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with rpc() as meter:  # SITE-5
        meter.faults.invalid = True
        run(meter, 3)
        reading = await opened_rpc(session, meter.host_port, clock).read()
        for channel in reading.channels:
            assert (channel.power_w, channel.current_a, channel.voltage_v) == (None, None, None)
            assert channel.flaws == {MeterFlaw.NULL}


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(
    ("error", "flaw", "blind"),
    [
        ("power_meter_failure", MeterFlaw.METER_FAILURE, True),
        ("ct_type_not_set", MeterFlaw.CT_NOT_SET, True),
        ("out_of_range:act_power", MeterFlaw.OUT_OF_RANGE, True),
        ("out_of_range:current", MeterFlaw.OUT_OF_RANGE, True),
        ("out_of_range:voltage", MeterFlaw.OUT_OF_RANGE, False),
        ("phase_sequence", MeterFlaw.PHASE_SEQUENCE, False),
    ],
)
async def test_errors_of_the_meter(
    *,
    session: aiohttp.ClientSession,
    clock: ManualClock,
    profile: Profile,
    error: str,
    flaw: MeterFlaw,
    blind: bool,
) -> None:
    async with rpc(profile=profile) as meter:
        meter.faults.meter_errors = (error,)
        reading = await opened_rpc(session, meter.host_port, clock).read()
        for channel in reading.channels:
            assert channel.flaws == {flaw}
            assert channel.usable is not blind


@pytest.mark.parametrize("model_id", ["S3EM-002CXCEU", "SPEM-002CEBEU50"])
async def test_the_contactor_relay(
    session: aiohttp.ClientSession, clock: ManualClock, model_id: str
) -> None:
    async with rpc(model_id, 2) as meter:
        device = opened_rpc(session, meter.host_port, clock, model_id, 2)
        await device.set_relay(on=True)
        assert (await device.read()).relay_on is True
        await device.set_relay(on=False)
        assert (await device.read()).relay_on is False
        meter.faults.refuse_commands = True
        with pytest.raises(DeviceCommandError, match="unavailable") as caught:
            await device.set_relay(on=True)
        assert caught.value.code == -114


async def test_digest_login(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with rpc(password="secret") as meter:
        for password in (None, "wrong"):
            with pytest.raises(DeviceAuthError):
                await probe(session, meter.host_port, password=password)
        device = await probe(session, meter.host_port, password="secret")
        await device.read()
        # A nonce that ran out costs a second request and nothing else.
        meter.login.expire()
        await device.read()
        again = opened_rpc(session, meter.host_port, clock, password="secret")
        await again.restart()


async def test_restart_and_update(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with rpc() as meter:  # LEK-13
        device = opened_rpc(session, meter.host_port, clock)
        run(meter, 100)
        clock.advance(100)
        assert (await device.read()).restarts == 0
        with pytest.raises(DeviceCommandError):
            await device.install_firmware()
        meter.new_firmware = "1.7.0"
        reading = await device.read()
        assert (reading.firmware, reading.latest_firmware) == ("1.6.1", "1.7.0")
        await device.install_firmware()
        # It restarts and is back before anybody asks again.
        run(meter, 200)
        clock.advance(100)
        await until_open(meter)
        reading = await device.read()
        assert reading.restarts == 1
        # The restart has the firmware asked for with the next reading.
        reading = await device.read()
        assert (reading.firmware, reading.latest_firmware) == ("1.7.0", "1.7.0")
        await device.restart()
        run(meter, 201)
        with pytest.raises(DeviceConnectionError):
            await device.read()
        run(meter, 201 + BOOT_S)


def replies(status: dict[str, object]) -> dict[str, object]:
    info = {"id": "x", "mac": MAC, "model": "S9EM-NEW", "gen": 5, "ver": "3.0", "app": "EMG5"}
    return {"/shelly": info, "/rpc/Shelly.GetStatus": status}


CLAMP: dict[str, object] = {"act_power": -10.0, "current": 0.1, "voltage": 230.0}


async def test_a_model_that_is_not_known_yet(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    status: dict[str, object] = {"em1:0": CLAMP, "em1:1": CLAMP, "switch:100": {"output": True}}
    async with JsonServer(replies(status)).running() as server:
        device = await probe(session, server.host, clock=clock)
        assert (device.identity.model, device.identity.lines) == ("EMG5", 2)
        assert isinstance(device, RpcMeter)
        assert device.capability(Relay) is not None
        # That it does not tell its configuration must not cost the measurement.
        reading = await device.read()
        assert reading.channels[0].current_a == -0.1
        assert (reading.relay_on, reading.clamp_range_a, reading.restarts) == (True, None, 0)
        await device.set_relay(on=False)
        assert server.frames[0]["params"] == {"id": 100, "on": False}
        # A meter that has lost a channel is not the one that was set up.
        del status["em1:1"]
        with pytest.raises(DeviceProtocolError, match="1 channels"):
            await device.read()


async def test_a_counter_that_does_not_count(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    data = {"total_act_energy": 5.0, "total_act_ret_energy": 7.0}
    status: dict[str, object] = {"em1:0": CLAMP, "em1data:0": data}
    async with JsonServer(replies(status)).running() as server:
        device = await probe(session, server.host, clock=clock)
        assert isinstance(device, RpcMeter)
        channel = (await device.read()).channels[0]
        assert (channel.energy_import_wh, channel.energy_export_wh) == (5, 7)
        status["em1:0"] = {**CLAMP, "flags": ["count_disabled"]}
        channel = (await device.read()).channels[0]
        assert (channel.energy_import_wh, channel.energy_export_wh) == (None, None)
        assert channel.usable


@pytest.mark.parametrize(
    "change", [{"voltage": 1e9}, {"act_power": "1"}, {"errors": 5}, {"pf": [1]}]
)
async def test_absurd_values(session: aiohttp.ClientSession, change: dict[str, object]) -> None:
    async with JsonServer(replies({"em1:0": {**CLAMP, **change}})).running() as server:
        with pytest.raises(DeviceProtocolError):
            await probe(session, server.host)


async def test_another_meter_at_the_address(
    session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    stranger = replies({"em1:0": CLAMP})
    stranger["/shelly"] = {"mac": "00:00:00:00:00:01", "gen": 2, "model": "x"}
    async with JsonServer(stranger).running() as server:
        device = opened_rpc(session, server.host, clock)
        with pytest.raises(DeviceMismatchError, match="000000000001"):
            await device.read()
        with pytest.raises(DeviceMismatchError):
            await device.listen(lambda _reading: None)


async def test_capabilities(session: aiohttp.ClientSession, clock: ManualClock) -> None:
    device = opened_rpc(session, "em.local", clock)
    for wanted in (Push, Restart, FirmwareUpdate):
        assert device.capability(wanted) is device
    await device.close()
