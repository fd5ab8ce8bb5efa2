"""The optical port: IEC 62056-21 mode C, over a gateway and over a real serial port (MTR-1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import aiohttp
from hypothesis import given, strategies as st
import pytest

from custom_components.evse_suite.devices import known_identity, open_device, probe
from custom_components.evse_suite.devices.iec62056.frames import (
    check_character,
    identification,
    read_out_request,
)
from custom_components.evse_suite.devices.iec62056.obis import read_lines
from custom_components.evse_suite.devices.model import (
    CurrentControl,
    DeviceConnectionError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    MeterReading,
    OwnPace,
)
from simulator.devices.bench import BenchClamp
from simulator.devices.iec62056 import OpticalMeter
from simulator.devices.iec62056.head import Habits

# The read-out of a real meter with its check character 0x01 (protocol notes, F.2).
REAL = (
    b"F.F(00)\r\n0.0(          120858)\r\nC.1.0(13647123)\r\nC.1.1(        )\r\n"
    b"1.8.1(042951.721*kWh)\r\n1.8.2(018609.568*kWh)\r\n2.8.1(000000.302*kWh)\r\n"
    b"2.8.2(000010.188*kWh)\r\n1.8.0(061561.289*kWh)\r\n2.8.0(000010.490*kWh)\r\n"
    b"15.8.0(061571.780*kWh)\r\nC.7.0(0008)\r\n32.7(241*V)\r\n52.7(243*V)\r\n72.7(242*V)\r\n"
    b"31.7(000.35*A)\r\n51.7(000.52*A)\r\n71.7(000.47*A)\r\n82.8.1(0000)\r\n82.8.2(0000)\r\n"
    b"0.2.0(M26)\r\nC.5.0(0401)\r\n!\r\n\x03"
)
SERIAL = "13647123"
QUICK = Habits(reaction_s=0.01, pace=0.0)


@asynccontextmanager
async def running(
    habits: Habits, *, clamps: int = 3, kwh: float = 0.0
) -> AsyncIterator[OpticalMeter]:
    meter = OpticalMeter(
        serial=SERIAL,
        clamps=[BenchClamp(power_w=230.0 * (phase + 1)) for phase in range(clamps)],
        habits=habits,
        kwh_at_start=kwh,
    )
    await meter.start()
    try:
        yield meter
    finally:
        await meter.stop()


def identity(lines: int = 3) -> DeviceIdentity:
    return known_identity(
        "iec62056",
        kind=DeviceKind.METER,
        serial=SERIAL,
        model="Landis+Gyr ZMF100AC.M26",
        model_id="LGZZMF100AC.M26",
        lines=lines,
    )


async def read(session: aiohttp.ClientSession, url: str) -> MeterReading:
    """Read a known meter; the pause between two sign-ons is kept."""
    reading = await open_device(identity(), session, url).read()
    assert isinstance(reading, MeterReading)
    return reading


def test_the_check_character_is_that_of_real_meters() -> None:
    assert check_character(REAL) == 0x01
    assert (
        check_character(b"F.F(00)\r\nC.1.0(05246123)\r\n1.8.0(012345.678*kWh)\r\n!\r\n\x03") == 0x1B
    )
    assert check_character(b"B0\x03") == 0x71
    assert read_out_request("5") == bytes.fromhex("06 30 35 30 0D 0A")


def test_every_line_of_a_real_read_out_becomes_a_register() -> None:
    """MTR-1, MTR-2: rates, total, export, with the places that they roll over at."""
    found = read_lines(REAL)
    assert len(found) == REAL.count(b"(")
    assert found["1.8.1"].value == pytest.approx(42_951_721)
    assert (found["1.8.0"].unit, found["1.8.0"].digits, found["1.8.0"].decimals) == ("Wh", 6, 3)
    assert found["2.8.0"].value == pytest.approx(10_490)
    assert found["32.7.0"].value == 241
    assert found["71.7.0"].value == pytest.approx(0.47)
    assert found["C.5.0"].text == "0401"
    assert found["C.1.1"].text == ""
    assert found["0.2.0"].value is None


@pytest.mark.parametrize(
    ("line", "code", "value"),
    [
        (b"1-0:1.8.0*255(061561.289*kWh)", "1.8.0", 61_561_289),
        (b"1-1:16.7(-1.25*kW)", "16.7.0", -1250),
        (b"1.6.1(12.3*kW)(2611200730)", "1.6.1", 12_300),
        (b"1.8.0(\xb0\xb0\xb1*kWh)", "1.8.0", 1000),
    ],
)
def test_other_ways_to_write_a_line(line: bytes, code: str, value: float) -> None:
    assert read_lines(line)[code].value == pytest.approx(value)


def test_who_a_meter_is() -> None:
    quick = identification(b"/LGz4ZMF100AC.M26\r\n")
    assert quick.is_quick
    assert quick.acknowledged_baud == 4800
    mode_b = identification(b"/ABCD123\r\n")
    assert (mode_b.acknowledged_baud, mode_b.announced_baud) == (None, 4800)
    with pytest.raises(DeviceProtocolError):
        identification(b"HTTP/1.1 400 Bad Request\r\n")


@given(st.binary(max_size=400))
def test_no_read_out_is_too_strange(raw: bytes) -> None:
    for code, register in read_lines(raw).items():
        assert register.code == code
    with suppress(DeviceProtocolError):
        identification(raw)


async def test_a_meter_behind_a_gateway_is_found_and_read(session: aiohttp.ClientSession) -> None:
    """MTR-1: found, read, and never asked for anything but its read-out."""
    async with running(replace(QUICK, echo=True, parity_bit=True), kwh=42_951.721) as meter:
        device = await probe(session, meter.reach)
        assert device.identity.serial == SERIAL
        assert device.identity.lines == 3
        assert device.capability(OwnPace) is not None
        assert device.capability(CurrentControl) is None
        reading = await read(session, meter.reach)
        assert meter.head.programming_attempts == 0
    registers = {it.code: it for it in reading.registers}
    assert registers["1.8.1"].value == pytest.approx(42_951_721)
    assert [it.current_a for it in reading.channels] == pytest.approx([1.0, 2.0, 3.0])
    # It does not tell power, and amperes without a sign cannot say which way they flow.
    assert [it.power_w for it in reading.channels] == [None, None, None]
    assert not any(it.usable for it in reading.channels)


async def test_the_rate_changes_on_a_real_serial_port(session: aiohttp.ClientSession) -> None:
    """The terminal keeps the rates: at a wrong one only noise would come."""
    async with running(QUICK) as meter:
        reading = await read(session, meter.plug_in())
    assert {it.code for it in reading.registers} >= {"1.8.0", "1.8.2", "2.8.0", "0.9.1", "C.5.0"}


async def test_a_meter_that_stays_at_300_baud(session: aiohttp.ClientSession) -> None:
    async with running(replace(QUICK, reaction_s=0.2, stays_slow=True)) as meter:
        device = open_device(identity(), session, meter.plug_in())
        try:
            reading = await device.read()
        except DeviceError:
            # At the rate that the meter offered there was only noise: the next one stays at 300.
            reading = await device.read()
    assert isinstance(reading, MeterReading)
    assert reading.registers


@pytest.mark.parametrize("habits", [replace(QUICK, flip_blocks=2), replace(QUICK, drop_blocks=1)])
async def test_a_wrong_check_character_is_answered_with_a_repeat(
    session: aiohttp.ClientSession, habits: Habits
) -> None:
    async with running(replace(habits), kwh=5.0) as meter:
        reading = await read(session, meter.reach)
    assert next(it.value for it in reading.registers if it.code == "1.8.0") == pytest.approx(5000)


async def test_what_is_wrong_three_times_is_refused(session: aiohttp.ClientSession) -> None:
    async with running(replace(QUICK, flip_blocks=9)) as meter:
        with pytest.raises(DeviceProtocolError):
            await open_device(identity(), session, meter.reach).read()


@pytest.mark.parametrize("habits", [replace(QUICK, stop_halfway=True), replace(QUICK, mute=True)])
async def test_silence_ends_a_read_out(session: aiohttp.ClientSession, habits: Habits) -> None:
    async with running(replace(habits)) as meter:
        meter.faults.hang = meter.habits.mute
        with pytest.raises(DeviceConnectionError):
            async with asyncio.timeout(5):
                await open_device(identity(), session, meter.reach).read()


async def test_another_meter_in_its_place(session: aiohttp.ClientSession) -> None:
    async with running(QUICK) as meter:
        other = replace(identity(), serial="99999999")
        with pytest.raises(DeviceMismatchError):
            await open_device(other, session, meter.reach).read()


async def test_a_register_rolls_over(session: aiohttp.ClientSession) -> None:
    """MTR-2: six places, then zero again."""
    async with running(QUICK, kwh=999_999.5) as meter:
        meter.import_wh[0] += 1000.0
        reading = await read(session, meter.reach)
    register = next(it for it in reading.registers if it.code == "1.8.1")
    assert (register.text, register.digits) == ("000000.500", 6)


@pytest.mark.parametrize("url", ["/dev/does-not-exist", "socket://127.0.0.1:9"])
async def test_a_line_that_is_not_there(session: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(DeviceConnectionError):
        await open_device(identity(), session, url).read()
