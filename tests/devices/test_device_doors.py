"""Finding out what answers at an address, and opening what is known."""

import asyncio
import json

import aiohttp
import pytest

from custom_components.evse_suite.devices import (
    DRIVERS,
    can,
    known_identity,
    open_device,
    probe,
)
from custom_components.evse_suite.devices.model import (
    CurrentControl,
    DeviceAuthError,
    DeviceConnectionError,
    DeviceError,
    DeviceKind,
    DeviceMismatchError,
    DeviceProtocolError,
    PhaseSwitch,
)
from tests.devices.servers import JsonServer, raw_server, reply

MAC = "A4CF12B9F355"


@pytest.mark.parametrize(
    "replies",
    [
        {},
        {"/shelly": {"hello": "world"}},
        {"/shelly": {"mac": MAC}},
        {"/shelly": {"type": "SHSW-25", "mac": MAC, "fw": "1"}},
        {
            "/shelly": {"mac": MAC, "gen": 2, "model": "SNSW-001P16EU"},
            "/rpc/Shelly.GetStatus": {"switch:0": {"apower": 5.0}},
        },
        {"/shelly": {"type": "SHEM", "mac": "no address"}},
        {"/rpc/Device_id.Get": {"device_id": "m3w_99_1"}},
        {"/rpc/Device_id.Get": {"id": 1}},
        {"/rpc/Device_id.Get": "1p7k_500006"},
    ],
)
async def test_what_is_not_supported(
    session: aiohttp.ClientSession, replies: dict[str, object]
) -> None:
    async with JsonServer(replies).running() as server:
        with pytest.raises(DeviceMismatchError):
            await probe(session, server.host)


async def test_a_web_server_of_another_kind(session: aiohttp.ClientSession) -> None:
    async with raw_server(reply(b"<html></html>", kind="text/html")) as host:
        with pytest.raises(DeviceMismatchError):
            await probe(session, host)


async def test_nothing_answers(session: aiohttp.ClientSession) -> None:
    with pytest.raises(DeviceConnectionError):
        await probe(session, "127.0.0.1:9")


async def test_no_address(session: aiohttp.ClientSession) -> None:
    for host in ("http://x", "", "a/b"):
        with pytest.raises(DeviceConnectionError, match="not the address"):
            await probe(session, host)


async def test_a_login_is_wanted(session: aiohttp.ClientSession) -> None:
    async with raw_server(reply(b"", status="401 Unauthorized")) as host:
        with pytest.raises(DeviceAuthError):
            await probe(session, host)


@pytest.mark.parametrize(
    ("model_id", "error"),
    [("S3EM-002CXCEU", DeviceAuthError), ("SNSW-001P16EU", DeviceMismatchError)],
)
async def test_a_protected_shelly(
    session: aiohttp.ClientSession, model_id: str, error: type[DeviceError]
) -> None:
    info = json.dumps({"mac": MAC, "gen": 3, "model": model_id}).encode()
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await (reply(info) if connections == 1 else reply(b"", status="401 No"))(reader, writer)

    async with raw_server(talk) as host:
        # Nobody is asked for the password of something that is no meter anyway.
        with pytest.raises(error) as caught:
            await probe(session, host)
    if isinstance(caught.value, DeviceAuthError):
        assert caught.value.username == "admin"


async def test_a_charger_that_hangs_up_on_what_it_does_not_know(
    session: aiohttp.ClientSession,
) -> None:
    answers = {"Device_id.Get": b'{"device_id":"1p7k_5"}', "config": b'{"serial_number":5}'}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = next((body for part, body in answers.items() if part in head), None)
        if body is not None:
            await reply(body)(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert (await probe(session, host)).identity.serial == "5"


@pytest.mark.parametrize("serial", [True, "5", None, -1, 5.5])
async def test_a_serial_number_of_the_wrong_type(
    session: aiohttp.ClientSession, serial: object
) -> None:
    replies = {
        "/rpc/Device_id.Get": {"device_id": "1p7k_5"},
        "/rpc/charger_config.get": {"serial_number": serial},
    }
    async with JsonServer(replies).running() as server:
        with pytest.raises(DeviceProtocolError):
            await probe(session, server.host)


async def test_opening_needs_no_network(session: aiohttp.ClientSession) -> None:
    identity = known_identity(
        "lektrico", kind=DeviceKind.CHARGER, serial="1", model="1P7K", model_id="1p7k", lines=1
    )
    device = open_device(identity, session, "charger.local")
    assert device.identity == identity
    assert (identity.manufacturer, identity.default_name) == ("Lektrico", "Lektrico 1P7K 1")
    await device.close()


@pytest.mark.parametrize(
    ("driver", "model_id", "lines", "switches"),
    [
        ("lektrico", "1p7k", 1, False),
        ("lektrico", "3p22k", 3, True),
        ("lektrico", "m2w_83", 3, False),
        ("shelly", "SHEM", 2, False),
        ("shelly", "SPEM-003CEBEU", 3, False),
    ],
)
def test_what_a_model_can_do_is_known_without_a_device(
    *, driver: str, model_id: str, lines: int, switches: bool
) -> None:
    # LEK-4
    kind = DeviceKind.CHARGER if model_id in {"1p7k", "3p22k"} else DeviceKind.METER
    identity = known_identity(
        driver, kind=kind, serial="1", model="X", model_id=model_id, lines=lines
    )
    assert can(identity, PhaseSwitch) is switches
    assert can(identity, CurrentControl) is (kind is DeviceKind.CHARGER)


async def test_unknown_drivers_and_models(session: aiohttp.ClientSession) -> None:
    with pytest.raises(DeviceMismatchError, match="driver"):
        known_identity(
            "acme", kind=DeviceKind.CHARGER, serial="1", model="X", model_id="x", lines=1
        )
    unknown = known_identity(
        "lektrico", kind=DeviceKind.CHARGER, serial="1", model="X", model_id="x", lines=1
    )
    with pytest.raises(DeviceMismatchError, match="Lektrico x"):
        open_device(unknown, session, "charger.local")


def test_every_driver_is_found_under_its_name() -> None:
    assert all(driver.name == name for name, driver in DRIVERS.items())
    assert set(DRIVERS) == {"entities", "glow", "iec62056", "lektrico", "ocpp", "shelly"}
