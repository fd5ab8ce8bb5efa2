"""What a charge point tells, and what it is answered (protocol D.2).

Every text is read as far as it makes sense: what is missing is put up with where nothing depends
on it, and refused with the protocol's error where something does.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ..model import DeviceProtocolError
from ..parse import Fields
from .frames import CallRefusedError, ErrorCode
from .meter_values import number_of, read_values
from .schema import ACTIONS
from .station import STARTS, WITHOUT_FLOW, About, Said, Station
from .tags import LONGEST_TAG
from .texts import text_of, time_text

HEARTBEAT_S: Final = 300
"""The line itself is watched by pings; a heartbeat only sets the charger's clock."""
PENDING_RETRY_S: Final = 30
LONGEST_TEXT: Final = 50
RESTARTS: Final = frozenset({"HardReset", "PowerLoss", "Reboot", "SoftReset"})
"""Reasons of an end that nobody wished."""
MOST_CONNECTORS: Final = 20

REMEMBERED: Final = frozenset({"BootNotification", "StartTransaction", "StopTransaction"})
"""They change what has to survive a restart."""

type Reply = Mapping[str, object]


def answer(station: Station, action: str, call: Fields) -> Reply:
    """Answer one call of a charge point.

    Raises CallRefusedError for what is not for us, DeviceProtocolError for what makes no sense.
    One that its owner has not accepted is told to wait, and nothing that it says counts.
    """
    if station.place is None and action != "BootNotification":
        raise CallRefusedError(ErrorCode.SECURITY_ERROR, "not accepted yet")
    handler = _HANDLERS.get(action)
    if handler is None:
        known = action in ACTIONS
        code = ErrorCode.NOT_IMPLEMENTED if known else ErrorCode.NOT_SUPPORTED
        raise CallRefusedError(code, "there is no handler for this action")
    reply = handler(station, call)
    if action in REMEMBERED:
        station.remember()
    else:
        station.changed()
    return reply


def _boot(station: Station, call: Fields) -> Reply:
    station.about = About(
        vendor=text_of(call, "chargePointVendor", LONGEST_TEXT),
        model=text_of(call, "chargePointModel", LONGEST_TEXT),
        serial=text_of(call, "chargePointSerialNumber", LONGEST_TEXT)
        or text_of(call, "chargeBoxSerialNumber", LONGEST_TEXT),
        firmware=text_of(call, "firmwareVersion", LONGEST_TEXT) or None,
    )
    reply = {"currentTime": time_text(station.wall())}
    station.told_to_wait = station.place is None
    if station.told_to_wait:
        return {**reply, "status": "Pending", "interval": PENDING_RETRY_S}
    station.booted.set()
    station.boots += 1
    station.flow.stop()
    return {**reply, "status": "Accepted", "interval": HEARTBEAT_S}


def _heartbeat(station: Station, _call: Fields) -> Reply:
    return {"currentTime": time_text(station.wall())}


def _status(station: Station, call: Fields) -> Reply:
    connector = call.need_int("connectorId", 0, MOST_CONNECTORS)
    before = station.status
    station.said[connector] = Said(
        status=call.need_str("status"),
        error_code=text_of(call, "errorCode", LONGEST_TEXT) or "NoError",
        vendor_error=text_of(call, "vendorErrorCode", LONGEST_TEXT),
    )
    if connector > 1 or station.status == before:
        return {}
    station.said_s = station.clock()
    if station.status in WITHOUT_FLOW:
        station.flow.stop()
    if station.status == "Available":
        station.starts_left = STARTS
        station.ledger.vacant()
    station.remember()
    return {}


def _meter_values(station: Station, call: Fields) -> Reply:
    if call.need_int("connectorId", 0, MOST_CONNECTORS) > 1:
        return {}
    transaction_id = call.raw.get("transactionId")
    if isinstance(transaction_id, int) and not station.ledger.mentioned(transaction_id):
        # Closing values of a session that is over (protocol D.6).
        return {}
    _take_values(station, call)
    return {}


def _take_values(station: Station, call: Fields) -> None:
    now_s, wall_s = station.clock(), station.wall()
    for values in read_values(call):
        live = station.lateness.is_live(values.wall_s, wall_s, now_s)
        idle = station.status in WITHOUT_FLOW
        station.flow.take(values, now_s, live=live and not idle)


def _authorize(station: Station, call: Fields) -> Reply:
    return {"idTagInfo": {"status": _ruling(station, text_of(call, "idTag", LONGEST_TAG))}}


def _ruling(station: Station, tag: str) -> str:
    if station.tags.knows(tag):
        return "Accepted"
    station.tags.tapped(tag, station.wall())
    return "Accepted" if station.plug_and_charge else "Invalid"


def _start(station: Station, call: Fields) -> Reply:
    if call.need_int("connectorId", 0, MOST_CONNECTORS) > 1:
        raise CallRefusedError(ErrorCode.NOT_SUPPORTED, "only the first connector is used")
    tag = text_of(call, "idTag", LONGEST_TAG)
    station.began_s = station.clock()
    transaction = station.ledger.start(
        tag=tag,
        meter_start_wh=number_of(call.raw.get("meterStart")) or 0.0,
        started=text_of(call, "timestamp", LONGEST_TEXT),
        wall_s=station.wall(),
    )
    return {
        "transactionId": transaction.transaction_id,
        "idTagInfo": {"status": _ruling(station, tag)},
    }


def _stop(station: Station, call: Fields) -> Reply:
    number = number_of(call.raw.get("transactionId"))
    if number is None or not number.is_integer():
        raise DeviceProtocolError("StopTransaction.transactionId: a whole number was expected")
    meter_stop_wh = number_of(call.raw.get("meterStop")) or 0.0
    reason = text_of(call, "reason", LONGEST_TEXT) or "Local"
    if station.ledger.stop(int(number), meter_stop_wh=meter_stop_wh, reason=reason):
        station.flow.stop()
        # A person who ended it does not want it to begin again by itself.
        station.starts_left = STARTS if reason in RESTARTS else 0
    return {"idTagInfo": {"status": "Accepted"}} if "idTag" in call else {}


def _data_transfer(_station: Station, _call: Fields) -> Reply:
    return {"status": "UnknownVendorId"}


def _firmware(station: Station, call: Fields) -> Reply:
    station.firmware_status = text_of(call, "status", LONGEST_TEXT) or None
    return {}


def _diagnostics(station: Station, call: Fields) -> Reply:
    station.diagnostics_status = text_of(call, "status", LONGEST_TEXT) or None
    return {}


def _ignore(_station: Station, _call: Fields) -> Reply:
    return {}


_HANDLERS: Final[Mapping[str, Callable[[Station, Fields], Reply]]] = {
    "Authorize": _authorize,
    "BootNotification": _boot,
    "DataTransfer": _data_transfer,
    "DiagnosticsStatusNotification": _diagnostics,
    "FirmwareStatusNotification": _firmware,
    "Heartbeat": _heartbeat,
    "LogStatusNotification": _ignore,
    "MeterValues": _meter_values,
    "SecurityEventNotification": _ignore,
    "StartTransaction": _start,
    "StatusNotification": _status,
    "StopTransaction": _stop,
}
