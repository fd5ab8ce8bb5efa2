"""Whatever a charge point tells, it is answered, and what is known of it still makes sense."""

import asyncio
from collections.abc import Mapping
import json
import random
from typing import Any, Final

from custom_components.evse_suite.devices import Place, Station
from custom_components.evse_suite.devices.model import DeviceConnectionError, DeviceProtocolError
from custom_components.evse_suite.devices.ocpp.connection import Connection, Counters
from custom_components.evse_suite.devices.ocpp.incoming import answer
from custom_components.evse_suite.devices.ocpp.reading import charger_reading
from custom_components.evse_suite.devices.ocpp.schema import result_violation
from custom_components.evse_suite.devices.parse import Fields
from tests.devices.servers import ManualClock
from tests.fuzz.mutations import harm_json

TEXTS: Final = 3000
CALLS: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}),
    ("Heartbeat", {}),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}),
    ("StatusNotification", {"connectorId": 0, "errorCode": "GroundFailure", "status": "Faulted"}),
    ("Authorize", {"idTag": "04A1B2"}),
    (
        "StartTransaction",
        {
            "connectorId": 1,
            "idTag": "04A1B2",
            "meterStart": 5,
            "timestamp": "2026-11-20T09:42:55Z",
        },
    ),
    (
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 1234,
            "meterValue": [
                {
                    "timestamp": "2026-11-20T09:42:55Z",
                    "sampledValue": [
                        {"measurand": "Current.Import", "value": "9.5", "phase": "L1"},
                        {"measurand": "Voltage", "value": "230.1", "unit": "V"},
                        {"value": "1.2", "unit": "kWh"},
                    ],
                }
            ],
        },
    ),
    ("StopTransaction", {"transactionId": 1234, "meterStop": 19, "reason": "Local"}),
    ("FirmwareStatusNotification", {"status": "Installing"}),
    ("DiagnosticsStatusNotification", {"status": "Uploaded"}),
    ("DataTransfer", {"vendorId": "x", "data": "y"}),
)


class Recorder:
    """A line that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[list[Any]] = []

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    async def ping(self) -> None:
        """Need no sign of life."""

    async def close(self) -> None:
        """Be closed."""


async def test_nothing_that_is_told_brings_the_station_down() -> None:
    """LEK-14: every text is answered at most once, every answer keeps to the schema."""
    chance = random.Random(1)
    clock = ManualClock()
    station = Station("CP-1", clock, clock, lambda: None)
    station.place = Place(lines=3)
    recorder, counters, actions = Recorder(), Counters(), set[str]()

    def answered(action: str, call: Fields) -> Mapping[str, object]:
        actions.add(action)
        return answer(station, action, call)

    connection = Connection(recorder, answered, counters, clock)
    station.attach(connection)
    for number in range(TEXTS):
        clock.advance(1)
        action, payload = chance.choice(CALLS)
        text = harm_json([2, str(number), action, payload], chance)
        await connection.received(text.decode("utf-8", "replace"))
        try:
            reading = charger_reading(station, 16, forced=None)
        except DeviceProtocolError:
            continue
        assert len(reading.current_a) == 3
        assert all(0 <= current_a < 1e6 for current_a in reading.current_a)
        json.dumps(station.to_json())
    results = [frame for frame in recorder.sent if frame[0] == 3]
    assert counters.malformed > 100
    assert len(results) > 200
    assert counters.refused > 100
    assert len(recorder.sent) <= TEXTS
    assert actions >= {action for action, _ in CALLS}


async def test_answers_keep_to_the_schema() -> None:
    """LEK-14: in a library that we did not write."""
    clock = ManualClock()
    station = Station("CP-1", clock, clock, lambda: None)
    for place in (None, Place()):
        station.place = place
        for action, payload in CALLS:
            if place is None and action != "BootNotification":
                continue
            reply = answer(station, action, Fields(dict(payload), action))
            assert await result_violation(action, reply) is None


async def test_answers_that_nobody_waits_for_or_that_never_come() -> None:
    clock = ManualClock()
    connection = Connection(Recorder(), lambda *_: {}, counters := Counters(), clock)
    await connection.received('[3,"s1",{}]')
    assert counters.malformed == 1
    asked = asyncio.create_task(connection.call("Reset", {"type": "Soft"}))
    await asyncio.sleep(0.2)
    connection.end()
    (error,) = await asyncio.gather(asked, return_exceptions=True)
    assert isinstance(error, DeviceConnectionError)
