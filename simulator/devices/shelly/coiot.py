"""CoIoT, the CoAP dialect of the first Shelly generation: description and values (protocol B.2).

Requests are answered; the periodic multicast message of the real devices is left out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
import itertools
import json
import socket
import struct
from typing import override

from .relay import Relay
from .server import Channel

DEFAULT_PORT = 5683
RELAY_BLOCK, FIRST_METER_BLOCK, DEVICE_BLOCK = 1, 2, 10
OUTPUT_ID, OVERPOWER_ID, CONFIG_CHANGED_ID = 1101, 6102, 9103
FIRST_METER_ID, NEXT_METER = 4105, 100
"""Sensor ids are 4105, 4106, … for the first meter, 4205, … for the second."""

METER_SENSORS = {
    "SHEM": (
        ("P", "power", "W"),
        ("E", "energy", "Wh"),
        ("E", "energyReturned", "Wh"),
        ("V", "voltage", "V"),
    ),
    "SHEM-3": (
        ("P", "power", "W"),
        ("E", "energy", "Wh"),
        ("E", "energyReturned", "Wh"),
        ("V", "voltage", "V"),
        ("I", "current", "A"),
        ("S", "powerFactor", ""),
    ),
}
METERS = {"SHEM": 2, "SHEM-3": 3}

CONTENT_CODE = 69
HEADER = struct.Struct("!BBH")
NON_CONFIRMABLE = 0x50
DEVICE_ID_OPTION = 3332
ONE_BYTE_MORE, TWO_BYTES_MORE = 13, 269
"""Values from 13 on take one more byte in an option's header, from 269 on two."""
END_OF_OPTIONS = b"\xff"
REQUEST = b"\xb3cit\x01"

type Answer = Callable[[str], tuple[str, Mapping[str, object]] | None]


def description(model: str) -> Mapping[str, object]:
    """Return ``cit/d``: the blocks of the device and the sensors in them."""
    blocks: list[Mapping[str, object]] = [{"I": RELAY_BLOCK, "D": "relay_0"}]
    sensors: list[Mapping[str, object]] = [
        {"I": CONFIG_CHANGED_ID, "T": "EVC", "D": "cfgChanged", "R": "U16", "L": DEVICE_BLOCK},
        {"I": OUTPUT_ID, "T": "S", "D": "output", "R": "0/1", "L": RELAY_BLOCK},
        {"I": OVERPOWER_ID, "T": "A", "D": "overpower", "R": ["0/1", "-1"], "L": RELAY_BLOCK},
    ]
    for meter in range(METERS[model]):
        block = FIRST_METER_BLOCK + meter
        blocks.append({"I": block, "D": f"emeter_{meter}"})
        first = FIRST_METER_ID + NEXT_METER * meter
        for offset, (kind, name, unit) in enumerate(METER_SENSORS[model]):
            sensor = {"I": first + offset, "T": kind, "D": name, "U": unit, "L": block}
            sensors.append(sensor)
    blocks.append({"I": DEVICE_BLOCK, "D": "device"})
    return {"blk": blocks, "sen": sensors}


def values(model: str, relay: Relay, channels: Sequence[Channel]) -> Mapping[str, object]:
    """Return ``cit/s``: triples of channel, sensor id and value."""
    triples: list[tuple[int, int, float]] = [
        (0, CONFIG_CHANGED_ID, 0),
        (0, OUTPUT_ID, int(relay.on)),
        (0, OVERPOWER_ID, 0),
    ]
    for meter, channel in enumerate(channels):
        shown = _shown(channel)
        first = FIRST_METER_ID + NEXT_METER * meter
        for offset, (_kind, name, _unit) in enumerate(METER_SENSORS[model]):
            triples.append((0, first + offset, shown[name]))
    return {"G": triples}


def _shown(channel: Channel) -> Mapping[str, float]:
    value, (import_wh, export_wh) = channel.last, channel.energy_wh
    apparent_va = value.current_a * value.voltage_v
    return {
        "power": round(value.power_w, 2),
        "energy": round(import_wh, 1),
        "energyReturned": round(export_wh, 1),
        "voltage": round(value.voltage_v, 2),
        "current": round(value.current_a, 2),
        "powerFactor": round(value.power_w / apparent_va, 2) if apparent_va else 0.0,
    }


class CoiotServer(asyncio.DatagramProtocol):
    """Answers ``cit/d`` and ``cit/s`` on UDP."""

    def __init__(self, answer: Answer) -> None:
        """Ask ``answer`` for device id and payload of the path, ``d`` or ``s``."""
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None
        self._ids = itertools.count(1)

    async def start(self, host: str, port: int) -> None:
        """Listen until ``stop``, also beside somebody who listens on every address."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.settimeout(0.0)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=listener)

    def stop(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        path = data[HEADER.size :].removeprefix(REQUEST)[:1]
        if self._transport is None or path not in (b"d", b"s"):
            return
        answer = self._answer(path.decode())
        if answer is not None:
            self._transport.sendto(message(next(self._ids) & 0xFFFF, *answer), addr)


def message(message_id: int, device_id: str, payload: Mapping[str, object]) -> bytes:
    """Return a CoAP message with the device id as its only option."""
    header = HEADER.pack(NON_CONFIRMABLE, CONTENT_CODE, message_id)
    name = device_id.encode()
    option = struct.pack("!BHB", 0xED, DEVICE_ID_OPTION - TWO_BYTES_MORE, len(name) - ONE_BYTE_MORE)
    return header + option + name + END_OF_OPTIONS + json.dumps(payload).encode()
