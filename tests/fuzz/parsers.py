"""Every parser that reads what somebody else wrote, with good input and the errors it may raise."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import json
import random
from typing import Any, Final
from zoneinfo import ZoneInfo

from custom_components.evse_suite.billing.keeping import load as load_account
from custom_components.evse_suite.control import learnt
from custom_components.evse_suite.devices.glow.payloads import meter_message, state_message
from custom_components.evse_suite.devices.iec62056.frames import identification
from custom_components.evse_suite.devices.iec62056.obis import read_lines
from custom_components.evse_suite.devices.lektrico.payloads import charger_reading, meter_reading
from custom_components.evse_suite.devices.model import DeviceProtocolError
from custom_components.evse_suite.devices.ocpp.frames import Call, FrameError, Result, read_frame
from custom_components.evse_suite.devices.ocpp.meter_values import read_values
from custom_components.evse_suite.devices.parse import Fields, parse_json
from custom_components.evse_suite.devices.shelly.channels import gen1_channel
from custom_components.evse_suite.devices.shelly.rpc_meter import rpc_channels
from custom_components.evse_suite.planning.prices import read_attributes
from custom_components.evse_suite.plans.records import from_json as read_settings
from custom_components.evse_suite.sessions.codec import (
    BadRecordError,
    page_from_json,
    session_from_json,
)
from tests.fuzz import vectors
from tests.fuzz.mutations import harm_bytes, harm_json, harm_tree

ZONE: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """One way in: how its input is made, what reads it, and which errors are an answer."""

    name: str
    make: Callable[[random.Random], Any]
    read: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = ()


def _bytes(*seeds: bytes) -> Callable[[random.Random], bytes]:
    return lambda chance: harm_bytes(chance.choice(seeds), chance)


def _json(*seeds: object) -> Callable[[random.Random], bytes]:
    return lambda chance: harm_json(chance.choice(seeds), chance)


def _tree(*seeds: object) -> Callable[[random.Random], Any]:
    return lambda chance: harm_tree(chance.choice(seeds), chance)


def _frame(text: bytes) -> object:
    """Read an OCPP frame and, in it, the values of its meter."""
    frame = read_frame(text.decode("utf-8", "replace"))
    match frame:
        case Call(payload=payload) | Result(payload=payload):
            return list(read_values(payload))
    return frame


def _fields(read: Callable[[Fields], object]) -> Callable[[bytes], object]:
    return lambda text: read(Fields(parse_json(text), "reply"))


def _lektrico_meter(fields: Fields) -> object:
    return meter_reading(0.0, 3, fields, fields)


def _gen1(fields: Fields) -> object:
    return [gen1_channel(part) for part in fields.parts("emeters", 1)]


def _prices(attributes: Any) -> object:
    told: Mapping[str, Any] = attributes if isinstance(attributes, dict) else {"data": attributes}
    return read_attributes(told, "EUR/kWh", zone=ZONE, currency="EUR")


PARSERS: Final = (
    Parser(name="IEC 62056 data block", make=_bytes(vectors.READ_OUT), read=read_lines),
    Parser(
        name="IEC 62056 identification",
        make=_bytes(b"/LGZ4ZMF100AC.M26\r\n", b"/ISk5MT174-0001\r\n"),
        read=identification,
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="OCPP frame",
        make=_json(*vectors.OCPP_FRAMES),
        read=_frame,
        errors=(FrameError, DeviceProtocolError),
    ),
    Parser(
        name="Glow meter",
        make=_json(vectors.GLOW),
        read=lambda text: meter_message(text, "electricitymeter"),
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="Glow state",
        make=_json(vectors.GLOW_STATE),
        read=state_message,
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="Lektrico charger",
        make=_json(vectors.LEKTRICO_CHARGER),
        read=_fields(lambda fields: charger_reading(0.0, 3, fields)),
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="Lektrico meter",
        make=_json(vectors.LEKTRICO_METER),
        read=_fields(_lektrico_meter),
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="Shelly, first generation",
        make=_json(vectors.SHELLY_GEN1),
        read=_fields(_gen1),
        errors=(DeviceProtocolError,),
    ),
    Parser(
        name="Shelly, later generations",
        make=_json(vectors.SHELLY_RPC),
        read=_fields(rpc_channels),
        errors=(DeviceProtocolError,),
    ),
    Parser(name="prices", make=_tree(*vectors.PRICES), read=_prices),
    Parser(name="stored plans", make=_tree(vectors.SETTINGS), read=read_settings),
    Parser(
        name="stored session",
        make=_tree(vectors.SESSION),
        read=session_from_json,
        errors=(BadRecordError,),
    ),
    Parser(
        name="session under way",
        make=_tree(vectors.PAGE),
        read=page_from_json,
        errors=(BadRecordError,),
    ),
    Parser(name="what was learnt", make=_tree(vectors.LEARNT), read=learnt.from_json),
    Parser(
        name="exported account",
        make=_tree(vectors.account()),
        read=load_account,
        errors=vectors.ACCOUNT_ERRORS,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An input that brought a parser down; ``made`` is how it can be made again."""

    parser: str
    made: int
    error: str


def attack(parser: Parser, inputs: range, seed: int) -> Iterator[Finding]:
    """Give a parser harmed inputs by number; yield those that it did not answer."""
    for number in inputs:
        data = parser.make(random.Random(f"{seed} {parser.name} {number}"))
        try:
            parser.read(data)
        except parser.errors:
            continue
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
            yield Finding(parser=parser.name, made=number, error=f"{error!r} from {_short(data)}")


def _short(data: object) -> str:
    try:
        text = data if isinstance(data, bytes) else json.dumps(data)
    except RecursionError, ValueError:
        text = type(data).__name__
    return repr(text)[:300]
